"""Edits and stop signals of the demo."""

import os
import signal
import time
from functools import partial
from pathlib import Path

import pytest

from roster.demo.watch import StopRequested, pause_until_stopped, watch_edits


def test_edit_is_reported_once_when_complete(checkout: Path):
    edited, roster = watch_edits(checkout), checkout / "env/production/offered_models_metadata.yaml"
    complete = roster.read_bytes() + b"# one more line\n"
    assert not edited()
    roster.write_bytes(b"")
    assert not edited()
    roster.write_bytes(complete)
    assert not edited()
    assert edited()
    assert not edited()


def test_reverted_or_touched_file_is_no_edit(checkout: Path):
    edited, roster = watch_edits(checkout), checkout / "env/production/offered_models_metadata.yaml"
    before = roster.read_bytes()
    roster.write_bytes(b"")
    assert not edited()
    roster.write_bytes(before)
    os.utime(roster, (0, 0))
    assert not edited()
    assert not edited()


@pytest.mark.parametrize(
    ("path", "counts"),
    [
        ("env/environments.yaml", True),
        ("schemas/features.yaml", True),
        ("schemas/gateway.schema.json", True),
        ("env/production/.offered_models_metadata.yaml.swp", False),
        ("README.md", False),
    ],
)
def test_watched_files(checkout: Path, path: str, counts: bool):
    edited = watch_edits(checkout)
    (checkout / path).write_text("something else")
    edited()
    assert edited() is counts


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_ends_next_pause_only(number: int, request: pytest.FixtureRequest):
    before = signal.default_int_handler  # the tests may run where one of the signals is ignored
    request.addfinalizer(partial(signal.signal, number, signal.signal(number, before)))
    with pause_until_stopped() as pause:
        pause(0.01)
        signal.raise_signal(number)
        started = time.monotonic()
        with pytest.raises(StopRequested):
            pause(30)
        assert time.monotonic() - started < 10
        signal.raise_signal(number)  # a repeated request during shutdown
    assert signal.getsignal(number) is before


def test_ignored_signal_remains_ignored(monkeypatch: pytest.MonkeyPatch):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with pause_until_stopped() as pause:
            signal.raise_signal(signal.SIGHUP)
            pause(0.01)
    finally:
        signal.signal(signal.SIGHUP, before)
