"""Settings as an operator would set them, with a token that must turn up nowhere."""

import json
from hashlib import sha256
from typing import Any

import pytest

from roster.download.download_settings import Settings, settings
from roster.download.download_variables import ACCESS_TOKEN, FILE_PATH
from roster.download.fetch import Fetched, Waits, fetch
from roster.download.refusal import REASONS, Refused
from tests.download.scripted_server import Play, Scripted

CANARY = "canary-Zk4vT1xQ9w"


def given(url: str, **changes: Any) -> Settings:
    """Return settings for an address: the defaults, but for what is changed, and a deadline for tests."""
    found, warnings = settings({FILE_PATH: url, ACCESS_TOKEN: CANARY})
    assert found is not None
    assert not warnings
    return found._replace(**{"deadline_seconds": 5.0} | changes)


BODY = b"- name: Claude 3.7 Sonnet\n"
HALF = BODY[:12]
PACKAGE = "/api/v4/projects/1/packages/generic/roster/"
FILE = "42-4b825dc642cb-0a1b2c3d/production.gateway.json"


def pointing(**changes: object) -> bytes:
    """Return a pointer to ``BODY``, with changes to what it says of the file."""
    file = {"path": FILE, "sha256": sha256(BODY).hexdigest()} | changes
    return json.dumps({"environment": "production", "version": "42", "files": {"gateway.json": file}}).encode()


class Waited(list[float]):
    """The pauses that a download asked for, in seconds, none of which was made; chance is in the middle."""

    def waits(self, now: float = 0.0) -> Waits:
        return Waits(self.append, lambda: 0.5, lambda: now)


def fetched(url: str, etag: str | None = None, **changes: Any) -> Fetched:
    """Download without pauses."""
    return fetch(given(url, **changes), etag, Waited().waits())


def refusal(url: str, etag: str | None = None, **changes: Any) -> Refused:
    """Return why nothing came of a download."""
    with pytest.raises(Refused) as raised:
        fetched(url, etag, **changes)
    assert CANARY not in str(raised.value)
    return raised.value


def outcome(*plays: Play, **changes: Any) -> str:
    """Return the reason why nothing comes of a script."""
    with Scripted(*plays) as server:
        refused = refusal(f"{server.origin}/a", **changes)
    assert refused.name in REASONS
    return f"{refused.name}: {refused.message}"
