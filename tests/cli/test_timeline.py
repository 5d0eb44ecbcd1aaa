"""``roster timeline``: formats, environments, and rosters with errors."""

import json
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from icalendar import Calendar

from roster.check.loading import load_schema
from roster.registries import PROVIDER_FACTS
from roster.report import palette
from roster.repository import Repository
from roster.roster import roster_path
from tests.conftest import ROOT, Run, edit, git
from tests.gateway.gateway_helpers import missing

PRODUCTION, STAGING = roster_path("production"), roster_path("staging")
NAME = "- name: Codestral on Fireworks\n"
RETIREMENT = """\
  retirement:
    notice: 2026-08-05
    last_day: 2026-12-01
    replacement: codestral_on_vertex
"""
TODAY = ("--at", "2026-09-01")
EVENTS = """\
2026-09-01  today
2026-12-01  codestral_on_fireworks ({0}): last day; codestral_on_vertex
            replaces it
2026-12-01  codestral_on_fireworks ({0}): the default for code-completion
            must move to codestral_on_vertex by the end of this day
            {1}:{2}
not shown: 1 past event
"""


@pytest.fixture(autouse=True)
def without_facts(checkout: Path) -> None:
    """Remove what is known about the providers of our own models."""
    (checkout / PROVIDER_FACTS).unlink(missing_ok=True)


@pytest.fixture
def announced(checkout: Path) -> Path:
    """A repository whose default for code-completion retires in production."""
    edit(checkout / PRODUCTION, NAME, NAME + RETIREMENT)
    return checkout


def test_text_shows_events_with_line_numbers(roster: Run, announced: Path):
    done = roster("timeline", *TODAY)
    assert (done.returncode, done.stderr) == (0, "")
    lines = (announced / PRODUCTION).read_text().splitlines()
    number = next(number for number, line in enumerate(lines, start=1) if "default_for: [code-completion]" in line)
    assert done.stdout == EVENTS.format("production", PRODUCTION, number)


def test_named_environments_are_shown(roster: Run, announced: Path):
    assert roster("timeline", "staging", "staging-ref", *TODAY).stdout == "no retirements announced\n"
    edit(announced / STAGING, NAME, NAME + RETIREMENT.replace("08-05", "10-06").replace("codestral_on_v", "v"))
    shown = r"\((.*?)\): "
    assert re.findall(shown, roster("timeline", *TODAY).stdout) == [
        "staging",
        "staging",
        "staging",
        "production",
        "production",
    ]
    assert re.findall(shown, roster("timeline", "staging", *TODAY).stdout) == ["staging"] * 3


def test_unknown_environment_is_usage_error(roster: Run):
    done = roster("timeline", "prodution")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == 'roster: there is no environment "prodution": did you mean "production"?\n'


def test_json_is_valid_against_schema(roster: Run, announced: Path):
    done = roster("timeline", "--format", "json", *TODAY)
    load_schema(Repository(ROOT), "schemas/timeline.schema.json").require_valid(done.stdout.encode(), "timeline")
    report = json.loads(done.stdout)
    assert (report["at"], report["environments"]) == ("2026-09-01", ["staging-ref", "staging", "production"])
    assert [(event["event"], event["past"], event["attention"]) for event in report["events"]] == [
        ("notice", True, "none"),
        ("last-day", False, "visible"),
        ("default", False, "action"),
    ]
    first, _, last = report["events"]
    assert last["default"] == "codestral_on_fireworks"
    assert last["moved"] is False
    assert "moved" not in first
    assert first | {"line": 0} == {
        "day": "2026-08-05",
        "past": True,
        "event": "notice",
        "attention": "none",
        "environment": "production",
        "model": "codestral_on_fireworks",
        "name": "Codestral on Fireworks",
        "features": ["code-completion"],
        "whole": True,
        "replacement": "codestral_on_vertex",
        "path": PRODUCTION,
        "line": 0,
    }


def test_no_retirements(roster: Run):
    done = roster("timeline")
    assert (done.returncode, done.stdout, done.stderr) == (0, "no retirements announced\n", "")
    done = roster("timeline", "--format", "json")
    load_schema(Repository(ROOT), "schemas/timeline.schema.json").require_valid(done.stdout.encode(), "timeline")
    assert json.loads(done.stdout)["events"] == []


def test_svg_to_file_and_text_to_stdout(roster: Run, announced: Path):
    done = roster("timeline", "--format", "text", "--format", "svg=pictures/timeline.svg", *TODAY)
    assert done.returncode == 0
    assert done.stdout.count("codestral_on_fireworks") == 2
    picture = ElementTree.parse(announced / "pictures/timeline.svg").getroot()
    assert picture.tag == "{http://www.w3.org/2000/svg}svg"
    assert {"Codestral on Fireworks", "default 2026-12-01"} <= {text.text for text in picture.iter()}
    second = roster("timeline", "--format", "svg", *TODAY, TZ="Pacific/Kiritimati", LC_ALL="tr_TR.UTF-8")
    assert second.stdout == (announced / "pictures/timeline.svg").read_text()


@pytest.mark.parametrize("file", [PRODUCTION, "env", "env/environments.yaml"])
def test_svg_does_not_overwrite_repository_file(roster: Run, announced: Path, file: str):
    done = roster("timeline", "--format", f"svg={file}")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Invalid value for '--format'" in done.stderr


def test_readable_part_of_invalid_roster_is_shown(roster: Run, announced: Path):
    edit(announced / PRODUCTION, "release_state: BETA", "release_state: beta")
    edit(announced / PRODUCTION, "replacement: codestral_on_vertex", "replacement: nobody")
    done = roster("timeline", *TODAY)
    assert done.returncode == 1
    assert "nobody replaces it" in done.stdout
    assert set(re.findall(r"error: .* \[([a-z-]+)\]$", done.stderr, re.MULTILINE)) == {
        "invalid-value",
        "replacement-not-offered",
    }
    assert roster("timeline", "staging").returncode == 0, "an error elsewhere does not matter"


def test_default_not_moved_is_error_and_overdue(roster: Run, announced: Path):
    done = roster("timeline", "--at", "2026-12-02", FORCE_COLOR="1")
    assert done.returncode == 1
    assert "[retired-model-still-default]" in done.stderr
    overdue, more, *_, today, counted = done.stdout.splitlines()
    assert (
        f"\x1b[38;5;{palette.BAD}m2026-12-01  codestral_on_fireworks (production): overdue: the default for" in overdue
    )
    assert "had to move to codestral_on_vertex by the end of" in more
    assert "today" in today
    assert "not shown: 2 past events" in counted


def test_unreadable_roster_does_not_hide_others(roster: Run, announced: Path):
    (announced / STAGING).write_text("- [")
    (announced / roster_path("staging-ref")).unlink()
    done = roster("timeline", *TODAY)
    assert done.returncode == 1
    assert done.stdout.count("codestral_on_fireworks") == 2
    assert "[yaml-syntax]" in done.stderr
    assert f"staging-ref is not shown: {roster_path('staging-ref')} is missing\n" in done.stderr
    assert f"staging is not shown: {STAGING} cannot be read\n" in done.stderr


def test_end_at_provider_is_shown(roster: Run, announced: Path):
    source = {"name": "litellm", "read": "2026-08-01"}
    facts = [{"identifier": "fireworks_ai/codestral-2501", "ends": "2026-10-14", "sources": [source]}]
    (announced / PROVIDER_FACTS).write_text(json.dumps(facts))
    assert (
        f"""
2026-10-14  codestral_on_fireworks (production): ends at Fireworks; the last day
            in the roster, 2026-12-01, is not before that
            {PRODUCTION}:11
"""
        in roster("timeline", "production", *TODAY).stdout
    )
    report = json.loads(roster("timeline", "staging", "--format", "json", *TODAY).stdout)
    assert [(event["event"], event["environment"]) for event in report["events"]] == [("provider-end", "staging")]


def test_calendar_is_stamped_with_the_commit(roster: Run, announced: Path):
    assert roster("timeline", "--format", "ics=a.ics", "--format", "text", *TODAY).returncode == 0
    assert b"DTSTAMP:20260901T000000Z" in (announced / "a.ics").read_bytes()
    git(announced, "init")
    git(announced, "add", "env", "schemas")
    git(announced, "commit", "--message", "A", "--date", "2026-08-04T12:00:00Z")
    committed = datetime.fromtimestamp(int(git(announced, "show", "--no-patch", "--format=%ct")), UTC)
    calendar: Any = Calendar.from_ical(roster("timeline", "--format", "ics").stdout)
    assert [event["DTSTAMP"].dt for event in calendar.walk("VEVENT")] == [committed] * 2


def test_missing_extra_of_calendar_is_reported(roster: Run, announced: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delitem(sys.modules, "roster.timeline.timeline_ics", raising=False)
    monkeypatch.setitem(sys.modules, "icalendar", None)
    done = roster("timeline", "--format", "text=timeline.txt", "--format", "ics")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"roster: {missing('icalendar', 'calendar')}\n")
    assert not (announced / "timeline.txt").exists()
    assert roster("timeline").returncode == 0


def test_timeline_needs_no_git(roster: Run, announced: Path):
    assert roster("timeline", PATH="").returncode == 0
    git(announced, "init")
    assert roster("timeline").returncode == 0


def test_outside_repository_is_usage_error(roster: Run, tmp_path_factory: pytest.TempPathFactory):
    done = roster("timeline", cwd=tmp_path_factory.mktemp("elsewhere"))
    assert done.returncode == 2
    assert "is not in a roster repository" in done.stderr
