"""Download settings with a canary token, pointers, and downloads without pauses."""

import json
from hashlib import sha256
from typing import Any

import pytest

from roster.download.download_result import Download
from roster.download.download_settings import ACCESS_TOKEN, FILE_PATH, DownloadSettings, read_download_settings
from roster.download.fetch import fetch
from roster.download.rejection import REASONS, Rejected
from roster.download.retry import RetryTiming
from tests.download.scripted_server import Play, ScriptedServer

CANARY = "canary-Zk4vT1xQ9w"


def settings_for(url: str, **changes: Any) -> DownloadSettings:
    """Return settings for a URL: the defaults with changes, and a deadline for tests."""
    result, warnings = read_download_settings({FILE_PATH: url, ACCESS_TOKEN: CANARY})
    assert result is not None
    assert not warnings
    return result._replace(**{"deadline_seconds": 5.0} | changes)


BODY = b"- name: Claude 3.7 Sonnet\n"
HALF = BODY[:12]
PACKAGE = "/api/v4/projects/1/packages/generic/roster/"
FILE = "42-4b825dc642cb-0a1b2c3d/production.gateway.json"


def pointer_to_body(**changes: object) -> bytes:
    """Return a pointer to ``BODY``, with changes to its description of the file."""
    file = {"path": FILE, "sha256": sha256(BODY).hexdigest()} | changes
    return json.dumps({"environment": "production", "version": "42", "files": {"gateway.json": file}}).encode()


class RecordedPauses(list[float]):
    """Records the requested pauses in seconds instead of sleeping; random numbers are 0.5."""

    def timing(self, now: float = 0.0) -> RetryTiming:
        return RetryTiming(self.append, lambda: 0.5, lambda: now)


def downloaded(url: str, etag: str | None = None, **changes: Any) -> Download:
    """Download without pauses."""
    download = fetch(settings_for(url, **changes), etag, RecordedPauses().timing())
    assert download is not None
    return download


def rejection(url: str, etag: str | None = None, **changes: Any) -> Rejected:
    """Return the rejection of a download; it must not contain the token."""
    with pytest.raises(Rejected) as raised:
        fetch(settings_for(url, **changes), etag, RecordedPauses().timing())
    assert CANARY not in str(raised.value)
    return raised.value


def rejection_of(*plays: Play, **changes: Any) -> str:
    """Return reason and message of the rejection of a scripted response."""
    with ScriptedServer(*plays) as server:
        rejected = rejection(f"{server.origin}/a", **changes)
    assert rejected.reason in REASONS
    return f"{rejected.reason}: {rejected.message}"
