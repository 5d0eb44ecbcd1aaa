"""A history replayed: what each of its commits did to customers, read from git as reviewers would have asked."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from roster.check.pipeline import check
from roster.check.result import CheckResult
from roster.diff.kinds import KINDS
from roster.diff.meaning import roster_meaning
from roster.diff.roster_changes import diff_rosters
from roster.git.commit_tree import CommitTree
from roster.repository import ENVIRONMENTS, roster_path
from tests.conftest import git
from tests.diff.applying import applied

TODAY = date(2026, 6, 15)
Entry = dict[str, Any]
World = dict[str, list[Entry]]
Step = tuple[str, Callable[[World], object], list[str]]


def model(name: str, features: list[str], default_for: list[str] | None = None, **keys: Any) -> Entry:
    id_ = name.lower().replace(" ", "_").replace(".", "_")
    return {
        "name": name,
        "identifier": f"bedrock/{id_}-20250219-v1:0",
        "api-key": f"AIGW_MODEL_{id_.upper()}_API_KEY",
        "endpoint": "https://example-models.com/v1",
        "release_state": "GA",
        "family": "claude",
        "features": features,
        **({"default_for": default_for} if default_for else {}),
        **keys,
    }


def named(world: World, id_: str, environment: str = "production") -> Entry:
    """Return the entry with an id, or with a name that gives it."""
    return next(
        entry
        for entry in world[environment]
        if entry.get("id", entry["name"].lower().replace(" ", "_").replace(".", "_")) == id_
    )


def put(id_: str, environment: str = "production", **keys: Any) -> Callable[[World], object]:
    """Set keys of a model; None takes one away, and an underscore stands for a hyphen in api-key only."""

    def change(world: World) -> None:
        entry = named(world, id_, environment)
        for key, value in keys.items():
            key = "api-key" if key == "api_key" else key
            entry.pop(key, None) if value is None else entry.update({key: value})

    return change


def add(entry: Entry, environment: str = "production") -> Callable[[World], object]:
    return lambda world: world[environment].append(entry)


def drop(id_: str, environment: str = "production") -> Callable[[World], object]:
    return lambda world: world[environment].remove(named(world, id_, environment))


def all_of(*changes: Callable[[World], object]) -> Callable[[World], object]:
    return lambda world: [change(world) for change in changes]


def ends(last_day: str, *, notice: str = "2026-06-10", replacement: str = "claude", **keys: Any) -> Entry:
    return {"notice": notice, "last_day": last_day, "replacement": replacement, **keys}


def reversed_(world: World) -> None:
    for entries in world.values():
        entries.reverse()
        for entry in entries:
            entry["features"] = entry["features"][::-1]


CODE = ["code-completion", "code-generation"]
START: World = {
    "staging-ref": [model("Claude", [*CODE, "duo_chat"], [*CODE, "duo_chat"])],
    "staging": [model("Claude", [*CODE, "duo_chat"], [*CODE, "duo_chat"])],
    "production": [model("Claude", CODE, CODE), model("Gemini", CODE)],
}
P = "production"
STEPS: list[Step] = [
    ("Turn the order around", reversed_, []),
    ("Describe a model", put("gemini", description="A second opinion"), []),
    ("Offer Qwen", add(model("Qwen", ["code-completion"])), [f"{P}: safe model-offered qwen"]),
    (
        "Offer chat",
        put("claude", features=[*CODE, "duo_chat"], default_for=[*CODE, "duo_chat"]),
        [f"{P}: safe feature-served duo_chat", f"{P}: safe feature-gained claude duo_chat"],
    ),
    (
        "Let Gemini chat",
        put("gemini", features=[*CODE, "duo_chat"]),
        [f"{P}: safe feature-gained gemini duo_chat"],
    ),
    (
        "Switch the default",
        all_of(put("claude", default_for=CODE), put("gemini", default_for=["duo_chat"])),
        [f"{P}: risky default-switched duo_chat"],
    ),
    (
        "Switch it back",
        all_of(put("gemini", default_for=None), put("claude", default_for=[*CODE, "duo_chat"])),
        [f"{P}: risky default-switched duo_chat"],
    ),
    ("Forget a default", put("claude", default_for=CODE), [f"{P}: breaking default-lost duo_chat"]),
    (
        "Remember it",
        put("claude", default_for=[*CODE, "duo_chat"]),
        [f"{P}: safe default-gained duo_chat"],
    ),
    (
        "Try a beta",
        add(model("Mistral 3", ["duo_chat"], release_state="BETA")),
        [f"{P}: safe model-offered mistral_3"],
    ),
    (
        "Release it",
        put("mistral_3", release_state="GA"),
        [f"{P}: safe release-state-promoted mistral_3"],
    ),
    (
        "Doubt it",
        put("mistral_3", release_state="BETA"),
        [f"{P}: risky release-state-demoted mistral_3"],
    ),
    ("Show another name", put("mistral_3", display_name="Mistral"), [f"{P}: safe model-renamed mistral_3"]),
    (
        "Rename it under stored choices",
        put("mistral_3", name="Mistral Large 3", display_name="Mistral"),
        [f"{P}: breaking id-changed mistral_large_3"],
    ),
    (
        "Pin the id that was stored",
        put("mistral_large_3", id="mistral_3"),
        [f"{P}: breaking id-changed mistral_3"],
    ),
    (
        "Move to another host",
        put("gemini", endpoint="https://other.example-models.com/v1"),
        [f"{P}: risky deployment-moved gemini"],
    ),
    (
        "Take another version and another key",
        put("gemini", identifier="bedrock/gemini-20250601-v1:0", api_key="AIGW_MODEL_GEMINI_2_API_KEY"),
        [f"{P}: risky deployment-moved gemini"],
    ),
    (
        "Announce an end",
        put("qwen", retirement=ends("2026-12-01")),
        [f"{P}: safe retirement-announced qwen"],
    ),
    ("Put it off", put("qwen", retirement=ends("2027-01-01")), [f"{P}: safe retirement-moved qwen"]),
    ("Hurry", put("qwen", retirement=ends("2026-08-01")), [f"{P}: risky retirement-moved qwen"]),
    ("Cancel it", put("qwen", retirement=None), [f"{P}: safe retirement-cancelled qwen"]),
    ("Drop it without a word", drop("qwen"), [f"{P}: breaking model-withdrawn qwen"]),
    (
        "Bring it back, about to end",
        add(model("Qwen", ["code-completion"], retirement=ends("2026-06-14", notice="2026-01-01"))),
        [f"{P}: safe model-offered qwen"],
    ),
    ("Drop what has ended", drop("qwen"), [f"{P}: safe model-withdrawn qwen"]),
    (
        "Announce with little notice",
        put("mistral_3", retirement=ends("2026-07-01")),
        [f"{P}: risky retirement-announced mistral_3"],
    ),
    (
        "End chat with Gemini",
        put("gemini", retirement=ends("2026-06-14", notice="2026-01-01", features=["duo_chat"])),
        [f"{P}: breaking retirement-announced gemini"],
    ),
    (
        "Take out what has ended",
        put("gemini", features=CODE, retirement=None),
        [f"{P}: safe feature-lost gemini duo_chat", f"{P}: safe retirement-cancelled gemini"],
    ),
    (
        "Lose a feature in a refactoring",
        put("gemini", features=["code-completion"]),
        [f"{P}: breaking feature-lost gemini code-generation"],
    ),
    (
        "Lose a feature altogether",
        all_of(put("claude", features=CODE, default_for=CODE), drop("mistral_3")),
        [
            f"{P}: breaking model-withdrawn mistral_3",
            f"{P}: breaking feature-unserved duo_chat",
            f"{P}: breaking feature-lost claude duo_chat",
        ],
    ),
    (
        "Do several things in two environments",
        all_of(
            put("claude", "staging", family="gemini", release_state="BETA"),
            add(model("Sonnet", ["duo_chat"], ["duo_chat"])),
            put("gemini", display_name="Gemini Pro"),
        ),
        [
            "staging: risky release-state-demoted claude",
            "staging: risky deployment-moved claude",
            f"{P}: safe model-offered sonnet",
            f"{P}: safe model-renamed gemini",
            f"{P}: safe feature-served duo_chat",
        ],
    ),
    (
        "Switch a default as announced",
        put("claude", retirement=ends("2026-12-01", replacement="gemini")),
        [f"{P}: safe retirement-announced claude"],
    ),
    (
        "Let the successor take over",
        all_of(put("claude", default_for=["code-generation"]), put("gemini", default_for=["code-completion"])),
        [f"{P}: safe default-switched code-completion"],
    ),
    (
        "Replace everything",
        lambda world: world.update(production=[model("Opus", [*CODE, "duo_chat"], [*CODE, "duo_chat"])]),
        [
            f"{P}: breaking model-withdrawn claude",
            f"{P}: breaking model-withdrawn gemini",
            f"{P}: breaking model-withdrawn sonnet",
            f"{P}: risky default-switched code-completion",
            f"{P}: risky default-switched code-generation",
            f"{P}: risky default-switched duo_chat",
            f"{P}: safe model-offered opus",
        ],
    ),
    (
        "Take staging-ref away",
        lambda world: world.pop("staging-ref"),
        ["staging-ref: breaking environment-removed"],
    ),
    (
        "Set it up anew",
        lambda world: world.update({"staging-ref": [model("Opus", [*CODE, "duo_chat"], [*CODE, "duo_chat"])]}),
        ["staging-ref: safe environment-added"],
    ),
]


@pytest.fixture(scope="module")
def commits(tmp_path_factory: pytest.TempPathFactory) -> list[CheckResult]:
    """What a check finds in each commit, the first one first."""
    root = tmp_path_factory.mktemp("history")
    git(root, "init")
    (root / "env").mkdir()
    for environment in START:
        (root / "env" / environment).mkdir()
    (root / ENVIRONMENTS).write_text(
        "".join(
            f"- {{name: {name}, release_states: [BETA, GA], default_release_states: [BETA, GA], "
            f"retirement_notice_days: {days}}}\n"
            for name, days in (("staging-ref", 0), ("staging", 30), ("production", 90))
        )
    )
    return [check(CommitTree(root, name), TODAY) for name in list(_history(root))]


def _history(root: Path) -> Iterator[str]:
    world = deepcopy(START)
    for message, change, _ in [("Start", lambda _: None, []), *STEPS]:
        change(world)
        for environment in START:
            path = root / roster_path(environment)
            if environment in world:
                path.write_text(yaml.safe_dump(world[environment], sort_keys=False))
            else:
                path.unlink(missing_ok=True)
        git(root, "add", "--all")
        git(root, "commit", "--message", message, "--allow-empty")
        yield git(root, "rev-parse", "HEAD")


def told(before: CheckResult, after: CheckResult) -> list[str]:
    changes = diff_rosters(before.rosters, after.rosters, after.registries.environments, TODAY)
    return [
        f"{each.environment}: " + " ".join(filter(None, (str(each.impact), each.kind, each.model, each.feature)))
        for each in changes
    ]


@pytest.mark.parametrize("number", range(len(STEPS)), ids=[message for message, _, _ in STEPS])
def test_a_commit_does_to_customers_what_its_author_meant(number: int, commits: list[CheckResult]):
    assert told(commits[number], commits[number + 1]) == STEPS[number][2]


@pytest.mark.parametrize("number", range(len(STEPS)), ids=[message for message, _, _ in STEPS])
def test_a_revert_does_the_opposite(number: int, commits: list[CheckResult]):
    before, after = commits[number : number + 2]
    there, back = told(before, after), told(after, before)
    assert sorted(line.split()[2] for line in back) == sorted(KINDS[line.split()[2]].mirror for line in there)


def test_a_long_way_is_the_same_as_one_commit(commits: list[CheckResult]):
    first, last = commits[0], commits[-1]
    before, after = ({name: roster_meaning(roster) for name, roster in each.rosters.items()} for each in (first, last))
    assert applied(before, diff_rosters(first.rosters, last.rosters, last.registries.environments, TODAY)) == after


def test_the_history_is_long_and_has_every_kind(commits: list[CheckResult]):
    assert len(commits) > 30
    assert {line.split()[2] for _, _, lines in STEPS for line in lines} == set(KINDS)
