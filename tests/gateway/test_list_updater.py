"""The list updater: replacing, caching and reevaluating the served list."""

import logging
import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from roster.accept.accepted_list import AcceptedList
from roster.cache.cache_file import pack
from roster.cache.download_cache import DownloadCache
from roster.download.download_result import Download
from roster.download.download_settings import DownloadSettings
from roster.download.polling import Poller
from roster.download.rejection import Rejected
from roster.gateway.list_updater import ListUpdater
from roster.gateway.verification import verify_and_accept
from tests.accept.example_downloads import KINDS, ROSTER, model, rendered, retiring
from tests.download.scripted_server import Play, ScriptedServer, answer, ok
from tests.gateway.gateway_helpers import DEFINITIONS, LIST, Clock, client, until, updater

NOT_MODIFIED = answer("304 Not Modified")
GATEWAY, NEWER = KINDS["gateway"], rendered("gateway", ROSTER + model("llama"), sequence=43)


def started(server: ScriptedServer, folder: Path, clock: Clock | None = None, **changes: object) -> ListUpdater:
    source = updater(server.origin, folder / "kept", clock, **changes)
    source.start()
    return source


def ids(source: ListUpdater) -> list[str]:
    return [each["id"] for each in client(source).get(LIST).json()]


def request_etags(server: ScriptedServer) -> list[str | None]:
    """Return the ETags of the requests to the source."""
    return [request.headers.get("if-none-match") for request in server.requests]


class TestReplacement:
    def test_newer_list_replaces_older(self, tmp_path: Path):
        with ScriptedServer(ok(GATEWAY), ok(NEWER)) as server:
            source = started(server, tmp_path)
            before = client(source).get(LIST)
            assert source.poll()
        assert ids(source) == ["claude", "gemini", "mistral", "llama"]
        assert client(source).get(LIST).headers["etag"] != before.headers["etag"]
        assert source.polls == {"accepted": 2, "unchanged": 0}

    def test_identical_list_keeps_version(self, tmp_path: Path):
        clock = Clock()
        with ScriptedServer(ok(GATEWAY)) as server:
            source = started(server, tmp_path, clock)
            first = source.active
            clock.pass_days(1)
            assert source.poll()
        assert source.active is first
        assert source.last_check == clock()

    def test_etag_is_sent_after_acceptance(self, tmp_path: Path):
        with ScriptedServer(ok(GATEWAY, 'ETag: "a"'), NOT_MODIFIED, ok(NEWER, 'ETag: "b"'), NOT_MODIFIED) as server:
            source = started(server, tmp_path)
            assert [source.poll() for _ in range(3)] == [True] * 3
        assert request_etags(server) == [None, '"a"', '"a"', '"b"']
        assert source.polls == {"accepted": 2, "unchanged": 2}

    @pytest.mark.parametrize("body", [b"", b"[]", b"{}", GATEWAY[:-9], rendered("gateway", sequence=41)])
    def test_etag_of_rejected_body_is_not_sent(self, tmp_path: Path, body: bytes):
        """Sending the ETag of a rejected body would let 304 responses hide later changes."""

        with ScriptedServer(ok(GATEWAY, 'ETag: "good"'), ok(body, 'ETag: "bad"'), NOT_MODIFIED) as server:
            source = started(server, tmp_path)
            served = client(source).get(LIST).content
            assert not source.poll()
            assert source.poll()
        assert request_etags(server) == [None, '"good"', '"good"']
        assert client(source).get(LIST).content == served

    def test_restart_does_not_undo_allowed_rollback(self, tmp_path: Path):
        older = rendered("gateway", sequence=41)
        with ScriptedServer(ok(NEWER), ok(older)) as server:
            source = started(server, tmp_path, allow_older=True)
            assert source.poll()
            assert ids(source) == ["claude", "gemini", "mistral"]
            server.plays = [answer("500 Internal Server Error")]
            repeated = started(server, tmp_path, allow_older=True)
        assert ids(repeated) == ["claude", "gemini", "mistral"]


class TestDefect:
    def test_defect_is_reported_and_changes_nothing(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ):
        with ScriptedServer(ok(GATEWAY)) as server:
            source = started(server, tmp_path)
        before = source.active

        def broken(*_: object) -> None:
            raise ZeroDivisionError("a defect")

        monkeypatch.setattr("roster.gateway.list_updater.verify_and_accept", broken)
        with ScriptedServer(ok(NEWER)) as server:
            source._settings = updater(server.origin, tmp_path / "other")._settings
            assert not source.poll()
        assert source.active is before
        http_client = client(source)
        assert (
            http_client.get("/-/readiness").json()["last_error"]["message"]
            == "the gateway failed with ZeroDivisionError"
        )
        assert 'roster_polls_total{outcome="defect"} 1.0' in http_client.get("/metrics").text
        assert "a defect" in caplog.text

    def test_defect_does_not_prevent_start(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        def broken(*_: object) -> None:
            raise ZeroDivisionError

        with ScriptedServer(ok(GATEWAY)) as server:
            source = updater(server.origin, tmp_path / "kept")
            monkeypatch.setattr("roster.gateway.list_updater.verify_and_accept", broken)
            source.start()
        assert client(source).get("/-/readiness").json()["last_error"]["name"] == "defect"


class TestStart:
    @pytest.mark.parametrize("kind", KINDS)
    def test_cached_list_is_served_if_source_is_down(self, tmp_path: Path, kind: str):
        with ScriptedServer(ok(KINDS[kind])) as server:
            before = client(started(server, tmp_path)).get(LIST)
            server.plays = [answer("503 Service Unavailable")]
            source = started(server, tmp_path)
        after = client(source).get(LIST)
        assert (after.content, after.headers["etag"]) == (before.content, before.headers["etag"])
        readiness = client(source).get("/-/readiness").json()
        assert readiness["status"] == "ready"
        assert readiness["active"]["source"] == "cache"
        assert readiness["last_error"]["name"] == "bad-status"
        assert readiness["last_check"] is None

    def test_etag_of_cached_list_is_sent(self, tmp_path: Path):
        with ScriptedServer(ok(GATEWAY, 'ETag: "a"'), NOT_MODIFIED) as server:
            started(server, tmp_path)
            source = started(server, tmp_path)
        assert request_etags(server) == [None, '"a"']
        assert source.polls == {"accepted": 0, "unchanged": 1}
        assert source.active
        assert source.active.source == "cache"

    def test_cached_list_that_is_now_invalid_is_not_served(self, tmp_path: Path, caplog: pytest.LogCaptureFixture):
        with ScriptedServer(ok(GATEWAY, 'ETag: "a"')) as server:
            started(server, tmp_path)
            server.plays = [answer("503 Service Unavailable")]
            source = started(server, tmp_path, max_bytes=100)
        assert source.active is None
        assert client(source).get(LIST).status_code == 503
        assert request_etags(server)[1] is None, "with the ETag, the source would respond 304"
        assert source.last_rejected
        assert source.last_rejected.reason == "too-large"
        assert "too-large" in caplog.text

    def test_cached_list_is_loaded_without_the_source(self, tmp_path: Path):
        with ScriptedServer(ok(GATEWAY)) as server:
            started(server, tmp_path)
            source = updater(server.origin, tmp_path / "kept")
            source.load_cache()
            assert len(server.requests) == 1
        assert ids(source) == ["claude", "gemini", "mistral"]

    def test_cached_list_from_the_future_locks_nothing_out(self, tmp_path: Path, caplog: pytest.LogCaptureFixture):
        """Neither a newer list nor its place in the cache, across restarts."""
        poisoned, sequence = rendered("gateway", sequence=2**63 - 1), 120_020_260_615
        for _ in range(2):
            with ScriptedServer(ok(rendered("gateway", sequence=sequence))) as server:
                cache = DownloadCache(tmp_path / "kept", server.origin)
                assert cache.save(Download(poisoned), 2**63 - 1)
                source = started(server, tmp_path)
                server.plays = [answer("503 Service Unavailable")]
                restarted = started(server, tmp_path)
            assert [each.active and each.active.accepted.sequence for each in (source, restarted)] == [sequence] * 2
            sequence += 1
        assert "the cached list is not used: future-sequence: its sequence" in caplog.text

    def test_rejected_cached_list_is_not_replaced_by_one_that_another_gateway_would_reject(self, tmp_path: Path):
        """Another gateway with a higher sequence wrote the cache meanwhile."""
        with ScriptedServer(ok(GATEWAY)) as server:
            source = updater(server.origin, tmp_path / "kept", max_bytes=100)
            source._cache.save(Download(GATEWAY), 42)
            source.load_cache()
            source._cache.save(Download(NEWER), 43)
            assert not source._cache.save(Download(GATEWAY), 42)

    def test_cached_list_of_other_environment_is_not_served(self, tmp_path: Path):
        with ScriptedServer(ok(GATEWAY)) as server:
            started(server, tmp_path)
            server.plays = [answer("503 Service Unavailable")]
            assert started(server, tmp_path, environment="staging").active is None

    @pytest.mark.parametrize("data", [b"", b"x", pack(Download(GATEWAY), 42)[:-9], pack(Download(b"\xff" * 99), None)])
    def test_corrupt_cache_does_not_prevent_start(self, tmp_path: Path, data: bytes):
        with ScriptedServer(ok(GATEWAY)) as server:
            started(server, tmp_path)
            (file,) = (tmp_path / "kept").iterdir()
            file.write_bytes(data)
            source = started(server, tmp_path)
        assert ids(source) == ["claude", "gemini", "mistral"]
        assert source.cache_problem == ""


class TestUnusableCache:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        """A cache folder that is not a folder."""
        (tmp_path / "kept").write_text("")
        return tmp_path

    def test_unusable_cache_is_reported(self, folder: Path):
        with ScriptedServer(ok(GATEWAY)) as server:
            source = started(server, folder)
        http_client = client(source)
        assert http_client.get(LIST).content == KINDS["offered_models"]
        readiness = http_client.get("/-/readiness").json()
        assert readiness["status"] == "ready"
        assert readiness["not_kept"] == f"{folder / 'kept'} is not used: not a directory"
        assert "roster_kept_on_disk 0.0" in http_client.get("/metrics").text

    @pytest.mark.parametrize("later", [NOT_MODIFIED, ok(NEWER), answer("401 Unauthorized")])
    def test_unusable_cache_is_logged_once(self, folder: Path, later: Play, caplog: pytest.LogCaptureFixture):
        with ScriptedServer(ok(GATEWAY, 'ETag: "a"'), later) as server:
            source = started(server, folder)
            for _ in range(3):
                source.poll()
        messages = [record.getMessage() for record in caplog.records if "cache" in record.getMessage()]
        assert messages == [f"the list is not cached on disk: {folder / 'kept'} is not used: not a directory"]

    def test_new_cache_problem_is_logged(self, tmp_path: Path, caplog: pytest.LogCaptureFixture):
        with ScriptedServer(ok(GATEWAY, 'ETag: "a"'), ok(NEWER), answer("401 Unauthorized")) as server:
            source = started(server, tmp_path)
            assert "cache" not in caplog.text
            shutil.rmtree(tmp_path / "kept")
            (tmp_path / "kept").touch()
            for _ in range(3):
                source.poll()
        assert caplog.text.count("the list is not cached on disk") == 1

    def test_list_is_cached_when_folder_becomes_usable(self, folder: Path):
        with ScriptedServer(ok(GATEWAY, 'ETag: "a"'), NOT_MODIFIED) as server:
            source = started(server, folder)
            (folder / "kept").unlink()
            assert source.poll()
            assert source.cache_problem == ""
            server.plays = [answer("500 Internal Server Error")]
            assert ids(started(server, folder)) == ["claude", "gemini", "mistral"]


ENDING = model("claude") + model("gemini") + model("gpt", retiring(last_day="2026-06-15", replacement="gemini"))
"""``gpt`` is offered on the day of the tests for the last time."""


class TestDailyReevaluation:
    """The dates of a roster take effect even if the source has nothing new."""

    @pytest.mark.parametrize("later", [NOT_MODIFIED, ok(ENDING.encode(), 'ETag: "a"'), answer("401 Unauthorized")])
    def test_model_is_removed_after_last_day(self, tmp_path: Path, later: Play):
        clock = Clock()
        with ScriptedServer(ok(ENDING.encode(), 'ETag: "a"'), later) as server:
            source = started(server, tmp_path, clock)
            before = client(source).get(LIST)
            source.poll()
            assert ids(source) == ["claude", "gemini", "gpt"]
            clock.pass_days(1)
            source.poll()
        after = client(source).get(LIST)
        assert ids(source) == ["claude", "gemini"]
        assert after.headers["etag"] != before.headers["etag"]
        definitions = client(source).get(DEFINITIONS).json()
        assert [tombstone["id"] for tombstone in definitions.pop("retired")] == ["gpt"]
        assert "gpt" not in str(definitions)
        assert source.active
        assert "gpt" not in source.active.accepted.deployments
        assert len(server.requests) == 3, "the current list is not downloaded again"

    @pytest.mark.parametrize("kind", KINDS)
    def test_only_roster_is_reevaluated_once_a_day(self, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch):
        clock, days = Clock(), []
        with ScriptedServer(ok(KINDS[kind], 'ETag: "a"'), NOT_MODIFIED) as server:
            source = started(server, tmp_path, clock)

            def counting(
                settings: DownloadSettings, download: Download, current: AcceptedList | None, on: date
            ) -> AcceptedList:
                days.append(on)
                return verify_and_accept(settings, download, current, on)

            monkeypatch.setattr("roster.gateway.list_updater.verify_and_accept", counting)
            for _ in range(3):
                source.poll()
                source.poll()
                clock.pass_days(1)
        assert days == ([date(2026, 6, 16), date(2026, 6, 17)] if kind == "roster" else [])

    def test_list_that_would_become_empty_remains(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        clock = Clock()
        with ScriptedServer(ok(ENDING.encode(), 'ETag: "a"'), NOT_MODIFIED) as server:
            source = started(server, tmp_path, clock)
            served = client(source).get(LIST).content

            def refusing(*_: object) -> None:
                raise Rejected("no-models", "no model is left")

            monkeypatch.setattr("roster.gateway.list_updater.verify_and_accept", refusing)
            clock.pass_days(1)
            assert not source.poll()
        assert client(source).get(LIST).content == served
        assert source.last_error
        assert source.last_error.reason == "no-models"
        assert source.polls["no-models"] == 1


def test_ages_are_not_negative_after_clock_is_set_back(tmp_path: Path):
    clock = Clock()
    clock.pass_days(40_000)
    with ScriptedServer(ok(KINDS["offered_models"])) as server:
        http_client = client(started(server, tmp_path, clock))
    assert http_client.get("/-/readiness").json()["active"]["age_seconds"] == 0
    metrics = http_client.get("/metrics").text
    assert re.findall(r"^roster_(\w+_age_seconds) (\S+)$", metrics, re.MULTILINE) == [
        ("last_check_age_seconds", "0.0"),
        ("active_age_seconds", "0.0"),
    ]


def test_failed_polls_change_nothing(tmp_path: Path):
    with ScriptedServer(ok(GATEWAY)) as server:
        source = started(server, tmp_path)
    active = source.active
    with Poller(source.poll, 0.01, "a"):
        until(lambda: source.polls["unreachable"] >= 2)
    assert source.active is active


def test_activation_and_rejection_are_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO)
    with ScriptedServer(ok(GATEWAY), ok(b"[]")) as server:
        started(server, tmp_path).poll()
    assert [record.getMessage() for record in caplog.records if record.name == "roster.gateway"] == [
        "activated version 42-4b825dc642cb from the download: 3 models",
        "the list is not replaced: no-models: its list of models is empty",
    ]
