"""Retries: which failures, how often, with which delays, and never past the deadline."""

from itertools import repeat

import pytest

from roster.download.fetch import fetch
from roster.download.rejection import Rejected
from tests.download.download_helpers import (
    BODY,
    HALF,
    RecordedPauses,
    downloaded,
    pointer_to_body,
    rejection,
    settings_for,
)
from tests.download.scripted_server import Ending, Play, ScriptedServer, answer, ok


def pauses_before(*plays: Play, now: float = 0.0) -> list[float]:
    """Return the pauses of a download that succeeds after some failed responses."""
    waited = RecordedPauses()
    with ScriptedServer(*plays, ok(BODY)) as server:
        download = fetch(settings_for(server.origin), None, waited.timing(now))
    assert download is not None
    assert (download.body, download.requests) == (BODY, len(plays) + 1)
    return waited


@pytest.mark.parametrize(
    "play",
    [
        [Ending.RESET],
        [Ending.CLOSE],
        [answer("200 OK", body=HALF, length=len(BODY))[0], Ending.CLOSE],
        *(answer(f"{status} Later") for status in (429, 500, 502, 503, 504)),
    ],
)
def test_retryable_failure_is_retried(play: Play):
    assert pauses_before(play) == [0.375]


def test_backoff_doubles():
    assert pauses_before(*repeat(answer("503 Later"), 4)) == [0.375, 0.75, 1.5, 3.0]


def test_retries_stop_after_five_attempts():
    waited = RecordedPauses()
    with ScriptedServer(answer("503 Later")) as server, pytest.raises(Rejected, match="the source answered 503"):
        fetch(settings_for(server.origin, deadline_seconds=60.0), None, waited.timing())
    assert (len(server.requests), len(waited)) == (5, 4)


@pytest.mark.parametrize(
    "play", [answer("404 Not Found"), answer("401 No"), answer("501 No"), ok(b""), ok(b"x" * 3000)]
)
def test_permanent_failure_is_not_retried(play: Play):
    with ScriptedServer(play) as server:
        rejection(server.origin, max_bytes=2048)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("after", "pause"),
    [
        ("2", 2.375),
        ("0", 0.375),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 3.375),
        ("Wed, 21 Oct 2015 07:27:00 GMT", 0.375),
        ("soon", 0.375),
        ("-1", 0.375),
        ("", 0.375),
        ("Wed, 99 Oct 99999 07:28:00 GMT", 0.375),
    ],
)
@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
def test_retry_after_is_minimum_delay(status: str, after: str, pause: float):
    just_before = 1445412477.0  # 07:27:57
    assert pauses_before(answer(status, f"Retry-After: {after}"), now=just_before) == [pause]


@pytest.mark.parametrize("after", ["5", "3600", "9" * 5000, "Wed, 21 Oct 2099 07:28:00 GMT"])
def test_delay_past_deadline_fails_immediately(after: str):
    waited = RecordedPauses()
    play = answer("429 Later", f"Retry-After: {after}")
    with ScriptedServer(play) as server, pytest.raises(Rejected, match="rate-limited: the source answered 429"):
        fetch(settings_for(server.origin), None, waited.timing())
    assert (len(server.requests), waited) == (1, [])


def test_file_and_pointer_are_retried_separately():
    later = answer("503 Later")
    with ScriptedServer(later, ok(pointer_to_body()), later, ok(BODY)) as server:
        assert downloaded(f"{server.origin}/current/production.json").requests == 4
