"""Download settings: valid and invalid environment variables."""

import traceback
from collections.abc import Mapping
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given
from hypothesis import strategies as some

from roster.download.download_settings import (
    ACCESS_TOKEN,
    FILE_PATH,
    PREFIX,
    TOKEN_HEADER_FORMS,
    VARIABLES,
    DownloadSettings,
    read_download_settings,
)
from roster.findings import ConfigurationError
from roster.settings.secret import Secret
from tests.conftest import ROOT
from tests.download.download_helpers import CANARY
from tests.settings.variables_table import variables_table

URL = "https://gitlab.example.com/api/v4/projects/1/packages/generic/roster/current/production.json"
ON = {FILE_PATH: URL, ACCESS_TOKEN: CANARY}


def read(**variables: str) -> DownloadSettings:
    result, warnings = read_download_settings(ON | {f"{PREFIX}{name}": value for name, value in variables.items()})
    assert result is not None
    assert warnings == []
    return result


def url_problem(environ: Mapping[str, str], *secrets: str) -> str:
    """Return the error for invalid variables; check that no traceback shows a secret, even with local variables."""
    with pytest.raises(ConfigurationError) as raised:
        read_download_settings(environ)
    error = raised.value
    assert error.__context__ is None
    stack = traceback.StackSummary.extract(traceback.walk_tb(error.__traceback__), capture_locals=True)
    frames_text = "".join(f"{frame.name} {frame.locals}" for frame in stack[1:])  # the first one is this function
    assert "settings" in frames_text
    assert not any(secret in frames_text + str(error) for secret in secrets)
    return str(error)


def test_url_and_token_are_sufficient():
    assert read() == DownloadSettings(
        url=URL,
        token=Secret(CANARY),
        header="PRIVATE-TOKEN",
        environment=None,
        poll_seconds=300,
        deadline_seconds=20,
        max_bytes=16 * 1024 * 1024,
        max_shrink=0.5,
        allow_older=False,
        private_endpoints=False,
        cache_folder=None,
        public_keys=(),
        proxy=None,
    )


@pytest.mark.parametrize(
    ("environ", "warnings"),
    [
        ({}, []),
        ({f"{PREFIX}POLL_SECONDS": "60", "PATH": "/bin"}, []),
        ({FILE_PATH: URL}, [f"{FILE_PATH} is set but {ACCESS_TOKEN} is not: nothing is downloaded"]),
        ({ACCESS_TOKEN: CANARY}, [f"{ACCESS_TOKEN} is set but {FILE_PATH} is not: nothing is downloaded"]),
    ],
)
def test_feature_is_off_without_url_and_token(environ: dict[str, str], warnings: list[str]):
    assert read_download_settings(environ) == (None, warnings)


def test_optional_variables_are_read(tmp_path: Path):
    result = read(
        TOKEN_HEADER="deploy-token",
        ENVIRONMENT="staging-ref",
        POLL_SECONDS="60",
        DEADLINE_SECONDS="2.5",
        MAX_BYTES="2048",
        MAX_SHRINK="0.25",
        ALLOW_OLDER="true",
        PRIVATE_ENDPOINTS="true",
        CACHE_FOLDER=str(tmp_path),
    )
    assert result[2:11] == ("DEPLOY-TOKEN", "staging-ref", 60, 2.5, 2048, 0.25, True, True, tmp_path)


@pytest.mark.parametrize("header", TOKEN_HEADER_FORMS)
def test_header_form_is_case_insensitive(header: str):
    environ = ON | {ACCESS_TOKEN: f"user:{CANARY}"}
    for written in (header, header.upper(), header.lower()):
        result, _ = read_download_settings(environ | {f"{PREFIX}TOKEN_HEADER": written})
        assert result
        assert result.header == header


def test_unknown_variable_is_warned_about():
    result, warnings = read_download_settings(ON | {f"{PREFIX}TOKEN_HEADR": CANARY, f"{PREFIX}OTHER\nX": ""})
    assert result
    assert warnings == [
        f"unknown environment variable {PREFIX}OTHER\\nX",
        f"unknown environment variable {PREFIX}TOKEN_HEADR; did you mean {PREFIX}TOKEN_HEADER?",
    ]


@pytest.mark.parametrize("name", VARIABLES)
@pytest.mark.parametrize("value", ["", " ", "\n"])
def test_empty_variable_is_rejected(name: str, value: str):
    assert url_problem(ON | {name: value}) == f"{name} is empty: set a value, or unset the variable"
    assert name in url_problem({name: value})


@pytest.mark.parametrize(
    "token",
    [f"{CANARY}\n", f"{CANARY}\r\nX: y", f"a {CANARY}", f"{CANARY}\t", f"{CANARY}\0", f"{CANARY}\x7f", f"{CANARY}é"],
)
def test_token_with_invalid_characters_is_rejected(token: str):
    message = url_problem(ON | {ACCESS_TOKEN: token}, CANARY)
    rule = "must not contain spaces, line breaks or other characters that tokens do not have"
    assert message == f"{ACCESS_TOKEN} is invalid: {rule}"


def test_basic_requires_user():
    message = url_problem(ON | {f"{PREFIX}TOKEN_HEADER": "Basic"}, CANARY)
    assert message == f"{ACCESS_TOKEN} is invalid: must be user:token, because {PREFIX}TOKEN_HEADER is Basic"


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        (f"https://user:{CANARY}@gitlab.example.com/a", "a user or password"),
        (f"https://{CANARY}@gitlab.example.com/a", "a user or password"),
        (f"https://gitlab.example.com/{CANARY}#part", "a fragment"),
        ("https://gitlab.example.com/a#", "a fragment"),
        (f"https://gitlab.example.com/a?private_token={CANARY}", "a token in its query"),
        ("https://gitlab.example.com/a?ref=main&job_token=", "a token in its query"),
        (f"http://gitlab.example.com/{CANARY}", "must start with https://"),
        ("http://127.0.0.1.example.com/a", "must start with https://"),
        ("http://localhost.example.com/a", "must start with https://"),
        ("http://10.0.0.1/a", "must start with https://"),
        ("http://2130706433/a", "must start with https://"),
        ("https://gitlab.example.com:0/a", "must not have the port 0"),
        (f"https://gitlab.example.com:{CANARY}/a", "must be https://"),
        ("https://gitlab.example.com:65536/a", "must be https://"),
        (f"ftp://gitlab.example.com/{CANARY}", "must be https://"),
        ("file:///etc/passwd", "must be https://"),
        ("gitlab.example.com/a", "must be https://"),
        ("https:///a", "must be https://"),
        ("https://[::1/a", "must be https://"),
        (f"https://{'a' * 64}.example.com/a", "must be https://"),
        ("https://gitlab..example.com/a", "must be https://"),
        ("https://gitlab.example.com/a b", "must be https://"),
        ("https://gitlab.example.com/a\n", "must be https://"),
        ("https://gitlab.example.com/a\r\nX: y", "must be https://"),
        ("https://gitlab.example.com\\@evil.example/a", "must be https://"),
        ("https://gïtlab.example.com/a", "must be https://"),
    ],
)
def test_invalid_url_is_rejected(url: str, problem: str):
    message = url_problem(ON | {FILE_PATH: url}, CANARY)
    assert message.startswith(f"{FILE_PATH} is invalid: must")
    assert problem in message
    assert not any(part in message for part in ("example.com", "10.0.0.1", "passwd"))


@pytest.mark.parametrize(
    "url",
    [
        "https://gitlab.example.com/api/v4/projects/1/repository/files/env%2Fa.yaml/raw?ref=main",
        "https://gitlab.example.com:8443/",
        "https://[2001:db8::1]/a",
        "http://localhost:8080/a",
        "http://127.0.0.1/a",
        "http://127.8.9.1/a",
        "http://[::1]:80/a",
    ],
)
def test_valid_url_is_accepted(url: str):
    result, _ = read_download_settings(ON | {FILE_PATH: url})
    assert result
    assert result.url == url


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("TOKEN_HEADER", "Authorization", "PRIVATE-TOKEN, DEPLOY-TOKEN, JOB-TOKEN, Bearer or Basic"),
        ("TOKEN_HEADER", "PRIVATE-TOKEN\r\nX", "PRIVATE-TOKEN, DEPLOY-TOKEN, JOB-TOKEN, Bearer or Basic"),
        ("ENVIRONMENT", "Production", "the name of an environment"),
        ("ENVIRONMENT", "../staging", "the name of an environment"),
        ("POLL_SECONDS", "4.9", "a number from 5 to 86400"),
        ("POLL_SECONDS", "five", "a number from 5 to 86400"),
        ("DEADLINE_SECONDS", "0", "a number from 0.1 to 600"),
        ("DEADLINE_SECONDS", "-1", "a number from 0.1 to 600"),
        ("DEADLINE_SECONDS", "inf", "a number from 0.1 to 600"),
        ("DEADLINE_SECONDS", "nan", "a number from 0.1 to 600"),
        ("DEADLINE_SECONDS", "1e1", "a number from 0.1 to 600"),
        ("DEADLINE_SECONDS", "٣", "a number from 0.1 to 600"),
        ("DEADLINE_SECONDS", "9" * 5000, "a number from 0.1 to 600"),
        ("MAX_BYTES", "0", "an integer from 1024 to 1073741824"),
        ("MAX_BYTES", "4096.5", "an integer from 1024 to 1073741824"),
        ("MAX_BYTES", "1_000_000", "an integer from 1024 to 1073741824"),
        ("MAX_BYTES", "9" * 5000, "an integer from 1024 to 1073741824"),
        ("MAX_SHRINK", "1.1", "a number from 0 to 1"),
        ("MAX_SHRINK", "50%", "a number from 0 to 1"),
        ("ALLOW_OLDER", "yes", "true or false"),
        ("USE_PROXY", "http://proxy:3128", "true or false"),
        ("CACHE_FOLDER", "cache", "an absolute path"),
        ("PUBLIC_KEYS", "/does/not/exist.pem", "cannot be read"),
        ("PUBLIC_KEYS", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "public keys in PEM"),
    ],
)
def test_invalid_value_is_rejected(name: str, value: str, allowed: str):
    message = url_problem(ON | {f"{PREFIX}{name}": value})
    assert message.startswith(f"{PREFIX}{name} is invalid: ")
    assert allowed in message
    assert value not in message.removeprefix(f"{PREFIX}{name}") or value == "0"


class TestPublicKeys:
    @pytest.fixture
    def keys(self) -> list[str]:
        generated = (Ed25519PrivateKey.generate().public_key() for _ in range(2))
        pem = (key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo) for key in generated)
        return [text.decode().strip() for text in pem]

    def test_key_in_variable_is_accepted(self, keys: list[str]):
        assert read(PUBLIC_KEYS=keys[0]).public_keys == (keys[0],)

    def test_two_keys_are_accepted(self, keys: list[str]):
        assert read(PUBLIC_KEYS="\n".join(keys)).public_keys == tuple(keys)

    def test_escaped_line_breaks_are_accepted(self, keys: list[str]):
        assert read(PUBLIC_KEYS=keys[0].replace("\n", "\\n")).public_keys == (keys[0],)

    def test_key_files_are_read(self, keys: list[str], tmp_path: Path):
        for number, key in enumerate(keys):
            (tmp_path / f"{number}.pem").write_text(f"{key}\n")
        assert read(PUBLIC_KEYS=f"{tmp_path}/0.pem, {tmp_path}/1.pem").public_keys == tuple(keys)

    def test_private_key_is_rejected_and_not_shown(self, tmp_path: Path):
        key = Ed25519PrivateKey.generate()
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        (tmp_path / "key.pem").write_text(pem)
        for value in (pem, str(tmp_path / "key.pem")):
            assert "a private key" in url_problem(ON | {f"{PREFIX}PUBLIC_KEYS": value}, pem.splitlines()[1])


class TestProxy:
    PROXY = f"http://user:{CANARY}@proxy.example.com:3128"

    def proxy_of(self, **environ: str) -> Secret | None:
        switched_on, _ = read_download_settings(ON | {f"{PREFIX}USE_PROXY": "true"} | environ)
        assert switched_on
        assert CANARY not in repr(switched_on)
        return switched_on.proxy

    def test_proxy_variables_are_ignored_by_default(self):
        proxies = dict.fromkeys(("https_proxy", "HTTPS_PROXY", "http_proxy", "ALL_PROXY"), self.PROXY)
        result, _ = read_download_settings(ON | proxies)
        assert result
        assert result.proxy is None

    @pytest.mark.parametrize("name", ["https_proxy", "HTTPS_PROXY"])
    def test_proxy_variables_are_used_if_enabled(self, name: str):
        assert self.proxy_of(**{name: self.PROXY}) == Secret(self.PROXY)
        assert self.proxy_of(**{name: "proxy.example.com:3128"}) == Secret("http://proxy.example.com:3128")

    def test_no_proxy_hosts_are_excluded(self):
        assert self.proxy_of() is None
        assert self.proxy_of(HTTPS_PROXY=self.PROXY, NO_PROXY="other.example.com,.example.com") is None
        assert self.proxy_of(HTTPS_PROXY=self.PROXY, FILE_PATH=URL, **{FILE_PATH: "http://localhost/a"}) is None

    def test_invalid_proxy_is_rejected(self):
        environ = ON | {f"{PREFIX}USE_PROXY": "true", "HTTPS_PROXY": f"socks5://user:{CANARY}@proxy.example.com"}
        assert url_problem(environ, CANARY).startswith("HTTPS_PROXY is invalid: must be the http:// URL of a proxy")


def test_representation_does_not_show_token():
    result = read()
    assert not any(CANARY in shown for shown in (repr(result), str(result), f"{result}", str(result._asdict())))


ANY_TEXT = some.binary(min_size=8, max_size=20).map(lambda data: data.decode("latin-1"))


@given(
    some.dictionaries(
        some.sampled_from(list(VARIABLES)),
        some.one_of(ANY_TEXT, some.sampled_from(["true", "0.5", "2048", "Basic", "/tmp", "staging", URL, "a:b"])),
    )
)
def test_arbitrary_values_give_settings_or_error(variables: dict[str, str]):
    environ = ON | variables
    problem = ""
    try:
        result, _ = read_download_settings(environ)
    except ConfigurationError as error:
        problem = str(error)
    if problem:
        name = problem.split()[0]
        assert name in environ
        assert problem.isprintable()
        assert len(environ[name]) < 8 or environ[name] not in problem
        return
    assert result
    assert result.token == Secret(environ[ACCESS_TOKEN])
    assert 0.1 <= result.deadline_seconds <= 600
    assert 0 <= result.max_shrink <= 1
    assert result.max_bytes >= 1024


@given(ANY_TEXT)
def test_messages_do_not_contain_token(token: str):
    try:
        message = repr(read_download_settings(ON | {ACCESS_TOKEN: token}))
    except ConfigurationError as error:
        message = str(error)
    assert token not in message


def test_page_lists_every_variable():
    assert variables_table(VARIABLES) in (ROOT / "docs" / "gateway.md").read_text(encoding="utf-8")


def test_defaults_are_valid():
    for name, variable in VARIABLES.items():
        if variable.default:
            environ = ON | {name: variable.default}
            assert read_download_settings(environ) == read_download_settings(ON)
