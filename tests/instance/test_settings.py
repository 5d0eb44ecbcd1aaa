"""Settings of an instance: valid values, and errors that show no secret."""

import traceback
from collections.abc import Mapping
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import make_url

from roster.findings import ConfigurationError
from roster.http_server.log_settings import LogSettings
from roster.instance.database.connections import Database
from roster.instance.instance_settings import (
    DATABASE_URL,
    GATEWAY_TOKEN,
    GATEWAY_URL,
    PREFIX,
    VARIABLES,
    InstanceSettings,
    WebhookSettings,
    load_settings,
)
from roster.settings.secret import Secret
from tests.conftest import ROOT
from tests.download.download_helpers import CANARY
from tests.settings.variables_table import variables_table

URL = "https://cloud.gitlab.com/ai"
HASHES = tuple(sha256(token).hexdigest() for token in (b"old", b"new"))


def read(**variables: str) -> InstanceSettings:
    settings, warnings = load_settings({f"{PREFIX}{name}": value for name, value in variables.items()})
    assert warnings == []
    return settings


def settings_error(environ: Mapping[str, str]) -> str:
    """Return the error for invalid variables; assert that no traceback shows a secret, even with local variables."""
    with pytest.raises(ConfigurationError) as raised:
        load_settings(environ)
    error = raised.value
    assert error.__context__ is None
    stack = traceback.StackSummary.extract(traceback.walk_tb(error.__traceback__), capture_locals=True)
    frames_text = "".join(f"{frame.name} {frame.locals}" for frame in stack[1:])  # the first frame is this function
    assert "settings" in frames_text
    assert CANARY not in frames_text + str(error)
    return str(error)


def test_all_variables_are_optional():
    assert read() == InstanceSettings(
        database=Secret("sqlite:///roster-instance.db"),
        gateway=None,
        token=None,
        id=None,
        cors_origins=(),
        sync_seconds=1800,
        deadline_seconds=20,
        max_bytes=16 * 1024 * 1024,
        max_shrink=0.5,
        proxy=None,
        read_token_hashes=(),
        write_token_hashes=(),
    )


def test_all_variables_are_read():
    settings = read(
        DATABASE_URL="sqlite:////var/lib/roster/instance.db",
        GATEWAY_URL=URL,
        GATEWAY_TOKEN=CANARY,
        ID="gitlab.example.com",
        CORS_ORIGINS="https://a.example.com:443, http://localhost:3000",
        SYNC_SECONDS="60",
        DEADLINE_SECONDS="2.5",
        MAX_BYTES="2048",
        MAX_SHRINK="0.25",
        USE_PROXY="true",
        READ_TOKEN_HASHES=f" {HASHES[0].upper()} , {HASHES[1]}\n",
        WRITE_TOKEN_HASHES=HASHES[1],
        WEBHOOK_URL="https://hooks.example.com/x",
        WEBHOOK_SECRET=f"{CANARY}-of-the-webhook-24",
    )
    assert settings == InstanceSettings(
        Secret("sqlite:////var/lib/roster/instance.db"),
        URL,
        Secret(CANARY),
        "gitlab.example.com",
        ("https://a.example.com", "http://localhost:3000"),
        60,
        2.5,
        2048,
        0.25,
        None,
        HASHES,
        HASHES[1:],
        Secret("https://hooks.example.com/x"),
        Secret(f"{CANARY}-of-the-webhook-24"),
    )


def test_proxy_settings_are_read():
    settings = read(ROOT_PATH="/ai/models/", TRUSTED_PROXIES="10.0.0.0/8, ::1")
    assert (settings.root_path, settings.trusted_proxies) == ("/ai/models", ("10.0.0.0/8", "::1"))
    settings = read(ROOT_PATH="/", TRUSTED_PROXIES="none")
    assert (settings.root_path, settings.trusted_proxies) == ("", ())


def test_log_settings_are_read():
    assert read(LOG_LEVEL="warning", LOG_PROBES="false").log == LogSettings("WARNING", probes=False)


class TestWebhook:
    URL, SECRET = "https://hooks.example.com/x", "whsec_" + "QUJD" * 8

    def test_secret_is_required(self):
        assert read().webhook is None
        settings = read(WEBHOOK_URL=self.URL, WEBHOOK_SECRET=self.SECRET)
        assert settings.webhook == WebhookSettings(Secret(self.URL), Secret(self.SECRET))
        assert settings_error({f"{PREFIX}WEBHOOK_URL": self.URL}) == (
            f"{PREFIX}WEBHOOK_URL is set, but {PREFIX}WEBHOOK_SECRET is not: "
            "set it, so that the receiver can verify messages"
        )

    def test_secret_without_url_is_unused(self):
        _, (warning,) = load_settings({f"{PREFIX}WEBHOOK_SECRET": self.SECRET})
        assert warning == f"{PREFIX}WEBHOOK_SECRET is set, but {PREFIX}WEBHOOK_URL is not: nothing is sent"

    def test_url_uses_the_proxy(self):
        environ = {f"{PREFIX}WEBHOOK_URL": self.URL, f"{PREFIX}WEBHOOK_SECRET": self.SECRET}
        proxy = {f"{PREFIX}USE_PROXY": "true", "HTTPS_PROXY": "http://proxy.example.com:3128"}
        settings, _ = load_settings(environ | proxy)
        assert settings.webhook_proxy == Secret("http://proxy.example.com:3128")


class TestDatabase:
    @pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
    def test_postgresql_url_uses_installed_driver(self, scheme: str):
        settings = read(DATABASE_URL=f"{scheme}://roster:{CANARY}@db.example.com:5433/instance?sslmode=require")
        assert settings.database.reveal() == (
            f"postgresql+psycopg://roster:{CANARY}@db.example.com:5433/instance?sslmode=require"
        )
        assert CANARY not in repr(settings)

    def test_password_is_percent_decoded(self):
        url = make_url(read(DATABASE_URL="postgresql://roster:a%40b%2F@db/instance").database.reveal())
        assert (url.host, url.password, url.database) == ("db", "a@b/", "instance")

    def test_socket_url_has_no_host(self):
        url = make_url(read(DATABASE_URL="postgresql:///instance?host=/run/postgresql").database.reveal())
        assert (url.host, url.database, url.query) == (None, "instance", {"host": "/run/postgresql"})

    @pytest.mark.parametrize("path", ["instance.db", "/var/lib/roster/instance.db", "with a blank/ä.db"])
    def test_sqlite_file(self, path: str):
        url = make_url(read(DATABASE_URL=f"sqlite:///{path}").database.reveal())
        assert (url.get_backend_name(), url.database) == ("sqlite", path)

    @pytest.mark.parametrize("url", ["sqlite:///:memory:", "sqlite:////", "sqlite:///."])
    def test_sqlite_without_file_is_rejected(self, url: str):
        assert settings_error({DATABASE_URL: url}) == (
            f"{DATABASE_URL} is invalid: must name a file, so that data survives a restart"
        )

    @pytest.mark.parametrize(
        "url",
        [
            f"mysql://roster:{CANARY}@db/instance",
            f"sqlite:////var/{CANARY}%00.db",
            f"postgresql+asyncpg://roster:{CANARY}@db/instance",
            f"postgresql+psycopg2://roster:{CANARY}@db/instance",
            f"postgresql://roster:{CANARY}@:5432/instance",
            f"postgresql://roster:{CANARY}@b@db/instance",
            f"postgresql://roster:{CANARY}/b@db/instance",
            f"postgresql://roster:{CANARY}#b@db/instance",
            f"postgresql://roster:{CANARY} b@db/instance",
            f"postgresql://roster:{CANARY}@[::1/instance",
            f"postgresql://roster:{CANARY}@db/instance\n",
            f"sqlite://{CANARY}",
            "sqlite://",
            "sqlite:///",
            "sqlite+aiosqlite:///instance.db",
            "sqlite:///instance\n.db",
            f"postgresql://roster:{CANARY}%00@db:5433/instance",  # libpq would ignore the rest of the URL
            f"/var/lib/{CANARY}.db",
        ],
    )
    def test_other_urls_are_rejected_and_not_shown(self, url: str):
        error = settings_error({DATABASE_URL: url})
        assert error.startswith(f"{DATABASE_URL} is invalid: must be sqlite:///<path> or postgresql://<user>")

    @pytest.mark.parametrize(
        ("rest", "problem"),
        [
            ("db", "must name a database: postgresql://<user>:<password>@<host>:<port>/<database>"),
            ("db/", "must name a database: postgresql://<user>:<password>@<host>:<port>/<database>"),
            ("db?sslmode=require", "must name a database: postgresql://<user>:<password>@<host>:<port>/<database>"),
            ("db:port/instance", "the port must be a number from 1 to 65535"),
            ("db:/instance", "the port must be a number from 1 to 65535"),
            ("db:0/instance", "the port must be a number from 1 to 65535"),
            ("db:65536/instance", "the port must be a number from 1 to 65535"),
            (
                f"db/instance?foo={CANARY}",
                'unknown option "foo": PostgreSQL\'s connection options are allowed, such as sslmode',
            ),
            (f"db/instance?foo&sslmode={CANARY}", 'unknown option "foo": PostgreSQL\'s'),
            ("db/instance?sslmod=require", 'unknown option "sslmod": did you mean sslmode?'),
            ("db/instance?sslmode=require&sslmode=disable", 'the option "sslmode" is given more than once'),
        ],
    )
    def test_invalid_part_of_postgresql_url_is_named(self, rest: str, problem: str):
        error = settings_error({DATABASE_URL: f"postgresql://roster:{CANARY}@{rest}"})
        assert error.startswith(f"{DATABASE_URL} is invalid: {problem}")

    @pytest.mark.parametrize("option", ["autocommit", "prepare_threshold", "row_factory", "context", "replication"])
    def test_option_of_the_driver_is_rejected(self, option: str):
        error = settings_error({DATABASE_URL: f"postgresql://roster:{CANARY}@db/instance?{option}=1"})
        assert f'unknown option "{option}"' in error

    def test_option_of_sqlite_url_is_named(self):
        for query in (f"mode={CANARY}", "mode", f"mode&x={CANARY}"):
            error = settings_error({DATABASE_URL: f"sqlite:///instance.db?{query}"})
            assert error == f"{DATABASE_URL} is invalid: a sqlite URL has no options: remove ?mode"

    def test_encoding_is_always_utf8(self):
        """With another one, PostgreSQL rejects texts, and psycopg returns bytes."""
        url = read(DATABASE_URL="postgresql://roster@/instance?client_encoding=SQL_ASCII").database
        assert Database(url).engine.url.query["client_encoding"] == "utf8"

    def test_several_hosts(self):
        url = read(
            DATABASE_URL="postgresql://roster@/instance?host=one&host=two&target_session_attrs=read-write"
        ).database
        assert make_url(url.reveal()).query["host"] == ("one", "two")

    @given(some.text("a1:/@?[]%&=+-", max_size=12).map("{}/a".format))
    def test_valid_url_is_accepted_by_sqlalchemy(self, rest: str):
        try:
            settings = read(DATABASE_URL=f"postgres://{rest}")
        except ConfigurationError:
            return
        url = make_url(settings.database.reveal())
        assert url.drivername == "postgresql+psycopg"
        assert url.database


class TestGateway:
    @pytest.mark.parametrize("written", [URL, f"{URL}/", f"{URL}//"])
    def test_trailing_slashes_are_removed(self, written: str):
        assert read(GATEWAY_URL=written).gateway == "https://cloud.gitlab.com/ai"

    def test_http_is_allowed_on_loopback(self):
        assert read(GATEWAY_URL="http://127.0.0.1:5052").gateway == "http://127.0.0.1:5052"

    def test_sync_is_disabled_without_gateway(self):
        assert read().gateway is None
        settings, warnings = load_settings({GATEWAY_TOKEN: CANARY, f"{PREFIX}GATEWAY_URI": URL})
        assert settings.gateway is None
        assert warnings == [
            f"{GATEWAY_TOKEN} is set, but {GATEWAY_URL} is not: the sync is disabled",
            f"unknown environment variable {PREFIX}GATEWAY_URI; did you mean {GATEWAY_URL}?",
        ]

    @pytest.mark.parametrize(
        ("url", "problem"),
        [
            (f"{URL}?key={CANARY}", "must not have a query"),
            (f"{URL}?", "must not have a query"),
            (f"{URL}#{CANARY}", "a fragment"),
            (f"https://user:{CANARY}@cloud.gitlab.com/ai", "a user or password"),
            (f"http://cloud.gitlab.com/{CANARY}", "must start with https://"),
            ("cloud.gitlab.com/ai", "must be https://"),
        ],
    )
    def test_invalid_url_is_rejected(self, url: str, problem: str):
        error = settings_error({GATEWAY_URL: url})
        assert error.startswith(f"{GATEWAY_URL} is invalid: ")
        assert problem in error
        assert "gitlab" not in error

    @pytest.mark.parametrize("token", [f"{CANARY}\n", f"{CANARY} b", f"{CANARY}é"])
    def test_token_with_invalid_characters_is_rejected(self, token: str):
        assert settings_error({GATEWAY_URL: URL, GATEWAY_TOKEN: token}).startswith(
            f"{GATEWAY_TOKEN} is invalid: must not contain"
        )

    def test_download_settings(self):
        settings = read(GATEWAY_URL=URL, GATEWAY_TOKEN=CANARY, SYNC_SECONDS="60", MAX_BYTES="2048", MAX_SHRINK="0.25")
        source = settings.download_settings(f"{URL}/v1/models/offered")
        assert (source.url, source.token, source.header) == (f"{URL}/v1/models/offered", Secret(CANARY), "Bearer")
        assert (source.poll_seconds, source.deadline_seconds, source.max_bytes, source.max_shrink) == (
            60,
            20,
            2048,
            0.25,
        )
        assert not any((source.environment, source.cache_folder, source.public_keys, source.proxy))
        assert not source.allow_older
        assert not source.private_endpoints
        assert CANARY not in repr(source)

    def test_download_without_token(self):
        assert read(GATEWAY_URL=URL).download_settings(URL).token is None


class TestProxy:
    PROXY = f"http://user:{CANARY}@proxy.example.com:3128"

    def settings(self, **environ: str) -> InstanceSettings:
        return load_settings({f"{PREFIX}USE_PROXY": "true", "HTTPS_PROXY": self.PROXY} | environ)[0]

    def test_proxy_is_used_if_enabled(self):
        settings = self.settings(**{GATEWAY_URL: URL})
        assert settings.proxy == Secret(self.PROXY)
        assert settings.download_settings(URL).proxy == settings.proxy
        assert CANARY not in repr(settings)

    def test_proxy_is_bypassed(self):
        assert self.settings(**{GATEWAY_URL: URL, f"{PREFIX}USE_PROXY": "false"}).proxy is None
        assert self.settings(**{GATEWAY_URL: URL, "NO_PROXY": ".gitlab.com"}).proxy is None
        assert self.settings(**{GATEWAY_URL: "http://localhost:1"}).proxy is None
        assert self.settings().proxy is None

    def test_invalid_proxy_is_rejected(self):
        environ = {GATEWAY_URL: URL, f"{PREFIX}USE_PROXY": "true", "HTTPS_PROXY": f"socks5://user:{CANARY}@proxy"}
        error = settings_error(environ)
        assert error.startswith("HTTPS_PROXY is invalid: must be the http:// URL of a proxy")
        assert error.endswith(f"{PREFIX}USE_PROXY is true")


@pytest.mark.parametrize("name", VARIABLES)
@pytest.mark.parametrize("value", ["", " ", "\n"])
def test_empty_variable_is_rejected(name: str, value: str):
    assert settings_error({name: value}) == f"{name} is empty: set a value, or unset the variable"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("ID", "my host", "must be at most 200 ASCII characters without spaces"),
        ("ID", "a" * 201, "must be at most 200 ASCII characters without spaces"),
        ("CORS_ORIGINS", "*", "must be an origin such as https://console.example.com"),
        ("CORS_ORIGINS", "https://a.example.com/path", "must be an origin such as https://console.example.com"),
        ("SYNC_SECONDS", "9.9", "must be a number from 10 to 86400"),
        ("SYNC_SECONDS", "86401", "must be a number from 10 to 86400"),
        ("DEADLINE_SECONDS", "nan", "must be a number from 0.1 to 600"),
        ("MAX_BYTES", "1023", "must be an integer from 1024 to 1073741824"),
        ("MAX_SHRINK", "50%", "must be a number from 0 to 1"),
        ("USE_PROXY", "yes", "must be true or false"),
        *(
            ("ROOT_PATH", value, "must be a path such as /ai, of letters, digits and - . _ ~")
            for value in (
                "roster",
                "//ai",
                "/a/../b",
                "/ai//x",
                "/ai?x=1",
                "/ä",
                "/a b",
                "https://example.com/ai",
                "/.",
            )
        ),
        *(
            ("ROOT_PATH", value, "must not begin with a path of the instance itself (/-, /admin, /api, /metrics)")
            for value in ("/admin/x", "/api/x", "/-/liveness", "/metrics/")
        ),
        *(
            ("TRUSTED_PROXIES", value, "must be IP addresses, or networks such as 10.0.0.0/8")
            for value in ("*", "proxy.example.com", "10.0.0.1/8", "127.0.0.1,", "127.0.0.1 ::1", "10.0.0.0/33")
        ),
        ("LOG_LEVEL", "verbose", "must be one of DEBUG, INFO, WARNING, ERROR"),
        ("LOG_PROBES", "no", "must be true or false"),
        ("WEBHOOK_URL", "http://hooks.example.com/x", "must be https://, or http:// to this machine"),
        ("WEBHOOK_URL", "https://user:secret@hooks.example.com/x", "must be https://, or http:// to this machine"),
        ("WEBHOOK_SECRET", "too-short", "must be 24 or more ASCII characters without spaces, or whsec_ and base64"),
        ("WEBHOOK_SECRET", "whsec_not-base64-at-all-not-at-all", "must be whsec_ followed by 24 to 64 bytes in base64"),
        *(
            (f"{kind}_TOKEN_HASHES", value, "must be the SHA-256 of a token in 64 hexadecimal digits")
            for kind in ("READ", "WRITE")
            for value in (CANARY, HASHES[0][1:], f"{HASHES[0]}0", f"{HASHES[0]},", f"{HASHES[0]} {HASHES[1]}", "g" * 64)
        ),
    ],
)
def test_invalid_value_is_rejected(name: str, value: str, expected: str):
    error = settings_error({f"{PREFIX}{name}": value})
    assert error.startswith(f"{PREFIX}{name} is invalid: {expected}")
    assert value not in error


def test_documentation_lists_all_variables():
    assert variables_table(VARIABLES) in (ROOT / "docs" / "instance.md").read_text(encoding="utf-8")


def test_defaults_are_valid():
    assert load_settings({name: variable.default for name, variable in VARIABLES.items() if variable.default}) == (
        read(),
        [],
    )
