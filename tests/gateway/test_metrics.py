"""Metrics about the served list: its age, and the next end of a default."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from roster.accept.acceptance import accept
from roster.gateway.metrics import DefaultEnd, next_default_end
from roster.publishing.sequence import compute_sequence, publication_day
from tests.accept.example_downloads import CRITERIA, ROSTER, model, rendered, retiring
from tests.download.scripted_server import ScriptedServer, ok
from tests.gateway.gateway_helpers import client, updater

GEMINI = retiring("2026-12-01", "mistral")
SHARES = ROSTER.replace("default_for: [duo_chat]", "default_for: {duo_chat: 90}")
SHARED = SHARES.replace(
    model("mistral"), model("mistral", "  default_for: {duo_chat: 10}\n" + retiring("2026-11-01", "gemini"))
)


@pytest.mark.parametrize(
    ("roster", "expected"),
    [
        (ROSTER, None),
        (ROSTER.replace(model("mistral"), model("mistral", GEMINI.replace("mistral", "gemini"))), None),
        (ROSTER.replace(model("gemini"), model("gemini", GEMINI)), DefaultEnd(date(2026, 12, 1), "duo_chat", "gemini")),
        (SHARED, DefaultEnd(date(2026, 11, 1), "duo_chat", "mistral")),
    ],
    ids=["no end", "no default ends", "default ends", "one of several defaults ends"],
)
def test_next_default_end(roster: str, expected: DefaultEnd | None):
    accepted = accept(rendered("gateway", roster), CRITERIA, None)
    assert next_default_end(accepted) == expected


def test_list_metrics(tmp_path: Path):
    body = rendered("gateway", ROSTER.replace(model("gemini"), model("gemini", GEMINI)), sequence=7_20260614)
    with ScriptedServer(ok(body)) as server:
        source = updater(server.origin, tmp_path / "kept")
        source.start()
    text = client(source).get("/metrics").text
    days = (date(2026, 12, 1) - datetime.now(UTC).date()).days
    assert f'roster_gateway_next_default_end_days{{feature="duo_chat",model="gemini"}} {float(days)}' in text
    assert "roster_gateway_list_age_seconds" in text


@pytest.mark.parametrize(
    ("sequence", "day"),
    [
        (compute_sequence(812, 3, date(2026, 6, 15)), date(2026, 6, 15)),
        (42, None),
        (0, None),
        (99999999, None),
    ],
)
def test_publication_day_of_sequence(sequence: int, day: date | None):
    assert publication_day(sequence) == day
