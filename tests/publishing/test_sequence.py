"""A property of publishing, for any history: the published sequence never decreases, and never has two contents.

Commits, days and operators are made up; rendering, the sequence and publishing are the real ones.
"""

import json
from datetime import date, timedelta
from typing import Any, NamedTuple, cast

from hypothesis import given
from hypothesis import strategies as some

from pipeline.package_registry import PackageRegistry
from publish import publish
from roster.publishing.release import Release
from roster.publishing.sequence import Publication, compute_sequence
from roster.registries import Registries
from roster.render import gateway_json, offered_models_json
from roster.roster import Roster
from tests.render.test_artifacts import CLAUDE, GEMINI

START = date(2026, 12, 29)
"""Close to the end of a year, so that days lead into the next one."""


class Shelf:
    """A package in the registry that rejects changes of published files."""

    def __init__(self) -> None:
        self.stored: dict[str, bytes] = {}

    def read(self, path: str) -> bytes | None:
        return self.stored.get(path)

    def upload(self, path: str, body: bytes) -> None:
        assert path.startswith("current/") or path not in self.stored
        self.stored[path] = body


class Seen(NamedTuple):
    """What a consumer downloads through the pointer."""

    sequence: int
    revision: str
    content: dict[str, Any]


class World:
    """The default branch of a repository, one commit per entry, with its pipelines and their registry."""

    def __init__(self) -> None:
        self.commits: list[int] = []
        self.number = 0
        self.day = START
        self.shelf = Shelf()
        self.runs: list[Release] = []
        self.in_force = -1
        """The commit whose rosters consumers should have."""

    @property
    def head(self) -> int:
        return len(self.commits) - 1

    def merge(self, lasts: int) -> None:
        """``lasts``: the days after the first one until one of the roster's models ends."""
        self.commits.append(lasts)
        self.number = 0
        self.pipeline()

    def pipeline(self) -> None:
        """Run the pipeline of the newest commit, which does not undo an operator's rollback."""
        if not self.number:
            self.in_force = self.head
        self.run(self.release(self.head, self.head, 0))

    def next_day(self, days: int) -> None:
        self.day += timedelta(days)
        self.pipeline()

    def operator(self, back: int) -> None:
        """Publish an earlier commit instead of the newest; 0 is the newest itself."""
        self.number += 1
        self.in_force = max(self.head - back, 0)
        self.run(self.release(self.head, self.in_force, self.number), insist=True)

    def late(self, back: int) -> None:
        """Run a pipeline of an earlier commit today."""
        commit = self.head - back
        if 0 <= commit < self.head:
            self.run(self.release(commit, commit, 0))

    def republish(self, back: int) -> None:
        """Run an earlier publishing job again, with its artifacts."""
        self.run(self.runs[-1 - back % len(self.runs)])

    def release(self, pipeline: int, commit: int, number: int) -> Release:
        ends = START + timedelta(self.commits[commit])
        retirement = {"notice": "2026-01-01", "last_day": str(ends), "replacement": "gemini_pro"}
        roster = Roster.of("env/production", "production", [CLAUDE | {"retirement": retirement}, GEMINI])
        published = Publication(f"{commit:040x}", compute_sequence(pipeline + 1, number, self.day))
        files = {
            "gateway.json": gateway_json.render(roster, self.day, published, Registries({}, (), {})),
            "offered_models.json": offered_models_json.render(roster, self.day, published),
        }
        return Release("production", published.sequence, published.revision, files)

    def run(self, release: Release, insist: bool = False) -> None:
        self.runs.append(release)
        publish([release], cast(PackageRegistry, self.shelf), insist=insist)

    def consumer(self) -> Seen:
        pointer = json.loads(self.shelf.stored["current/production.json"])
        content = json.loads(self.shelf.stored[pointer["files"]["gateway.json"]["path"]])
        sequence = content.pop("sequence")
        assert (sequence, content["revision"]) == (pointer["sequence"], pointer["revision"])
        return Seen(sequence, content["revision"], content)


few = some.integers(0, 4)
events = some.sampled_from([World.merge, World.next_day, World.operator, World.late, World.republish])


@given(some.lists(some.tuples(events, few), max_size=20))
def test_sequence_increases_with_content(history: list[tuple[Any, int]]):
    world = World()
    world.merge(2)
    before = world.consumer()
    for event, how_many in history:
        event(world, how_many)
        now = world.consumer()
        assert now.sequence > before.sequence or now == before
        assert now.revision == f"{world.in_force:040x}"
        before = now


def test_merge_replaces_rollback():
    world = World()
    for lasts in (1, 2, 3):
        world.merge(lasts)
    world.operator(back=2)
    world.next_day(1)
    assert world.consumer().revision == f"{0:040x}", "a scheduled pipeline does not undo the rollback"
    world.operator(back=1)
    assert world.consumer().revision == f"{1:040x}"
    world.operator(back=0)
    assert world.consumer().revision == f"{2:040x}"
    world.operator(back=1)
    world.merge(4)
    assert world.consumer().revision == f"{3:040x}"
