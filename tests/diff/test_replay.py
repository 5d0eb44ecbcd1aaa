"""The changes in each commit of a history, read from git."""

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
from roster.registries import ENVIRONMENTS
from roster.roster import roster_path
from tests.conftest import git
from tests.diff.apply_changes import apply_changes
from tests.diff.mirror_kinds import MIRROR, PATH_KINDS, REGISTRY_KINDS

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


def entry_of(world: World, id_: str, environment: str = "production") -> Entry:
    """Return the entry with a pinned or derived id."""
    return next(
        entry
        for entry in world[environment]
        if entry.get("id", entry["name"].lower().replace(" ", "_").replace(".", "_")) == id_
    )


def set_keys(id_: str, environment: str = "production", **keys: Any) -> Callable[[World], object]:
    """Set keys of a model: None removes a key, and ``api_key`` stands for api-key."""

    def change(world: World) -> None:
        entry = entry_of(world, id_, environment)
        for key, value in keys.items():
            key = "api-key" if key == "api_key" else key
            entry.pop(key, None) if value is None else entry.update({key: value})

    return change


def add(entry: Entry, environment: str = "production") -> Callable[[World], object]:
    return lambda world: world[environment].append(entry)


def withdraw(id_: str, environment: str = "production") -> Callable[[World], object]:
    return lambda world: world[environment].remove(entry_of(world, id_, environment))


def all_of(*changes: Callable[[World], object]) -> Callable[[World], object]:
    return lambda world: [change(world) for change in changes]


def retirement(last_day: str, *, notice: str = "2026-06-10", replacement: str = "claude", **keys: Any) -> Entry:
    return {"notice": notice, "last_day": last_day, "replacement": replacement, **keys}


def reverse_order(world: World) -> None:
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
    ("Reverse the order", reverse_order, [f"{P}: safe models-reordered"]),
    ("Describe a model", set_keys("gemini", description="A second opinion"), [f"{P}: safe description-changed gemini"]),
    (
        "State what it costs",
        set_keys("gemini", provider="Vertex AI", cost_indicator="$$", documentation="https://docs.example.com"),
        [
            f"{P}: risky provider-changed gemini",
            f"{P}: safe cost-raised gemini",
            f"{P}: safe documentation-changed gemini",
        ],
    ),
    ("Lower its cost", set_keys("gemini", cost_indicator="$"), [f"{P}: safe cost-lowered gemini"]),
    ("Offer Qwen", add(model("Qwen", ["code-completion"])), [f"{P}: safe model-offered qwen"]),
    (
        "Offer chat",
        set_keys("claude", features=[*CODE, "duo_chat"], default_for=[*CODE, "duo_chat"]),
        [f"{P}: safe feature-served duo_chat", f"{P}: safe feature-gained claude duo_chat"],
    ),
    (
        "Offer chat with Gemini",
        set_keys("gemini", features=[*CODE, "duo_chat"]),
        [f"{P}: safe feature-gained gemini duo_chat"],
    ),
    (
        "Switch the default",
        all_of(set_keys("claude", default_for=CODE), set_keys("gemini", default_for=["duo_chat"])),
        [f"{P}: risky default-switched duo_chat"],
    ),
    (
        "Switch it back",
        all_of(set_keys("gemini", default_for=None), set_keys("claude", default_for=[*CODE, "duo_chat"])),
        [f"{P}: risky default-switched duo_chat"],
    ),
    ("Remove a default", set_keys("claude", default_for=CODE), [f"{P}: breaking default-lost duo_chat"]),
    (
        "Restore it",
        set_keys("claude", default_for=[*CODE, "duo_chat"]),
        [f"{P}: safe default-gained duo_chat"],
    ),
    (
        "Offer a beta",
        add(model("Mistral 3", ["duo_chat"], release_state="BETA")),
        [f"{P}: safe model-offered mistral_3"],
    ),
    (
        "Release it",
        set_keys("mistral_3", release_state="GA"),
        [f"{P}: safe release-state-promoted mistral_3"],
    ),
    (
        "Demote it to beta",
        set_keys("mistral_3", release_state="BETA"),
        [f"{P}: breaking release-state-demoted mistral_3"],
    ),
    ("Set a display name", set_keys("mistral_3", display_name="Mistral"), [f"{P}: safe model-renamed mistral_3"]),
    (
        "Rename it despite selections",
        set_keys("mistral_3", name="Mistral Large 3", display_name="Mistral"),
        [f"{P}: breaking id-changed mistral_large_3"],
    ),
    (
        "Pin the selected id",
        set_keys("mistral_large_3", id="mistral_3"),
        [f"{P}: breaking id-changed mistral_3"],
    ),
    (
        "Change the endpoint",
        set_keys("gemini", endpoint="https://other.example-models.com/v1"),
        [f"{P}: risky deployment-moved gemini"],
    ),
    (
        "Change identifier and API key",
        set_keys("gemini", identifier="bedrock/gemini-20250601-v1:0", api_key="AIGW_MODEL_GEMINI_2_API_KEY"),
        [f"{P}: risky deployment-moved gemini"],
    ),
    (
        "Announce a retirement",
        set_keys("qwen", retirement=retirement("2026-12-01")),
        [f"{P}: safe retirement-announced qwen"],
    ),
    ("Postpone it", set_keys("qwen", retirement=retirement("2027-01-01")), [f"{P}: safe retirement-moved qwen"]),
    ("Bring it forward", set_keys("qwen", retirement=retirement("2026-08-01")), [f"{P}: risky retirement-moved qwen"]),
    ("Cancel it", set_keys("qwen", retirement=None), [f"{P}: safe retirement-cancelled qwen"]),
    ("Withdraw it without notice", withdraw("qwen"), [f"{P}: breaking model-withdrawn qwen"]),
    (
        "Offer it again, already retired",
        add(model("Qwen", ["code-completion"], retirement=retirement("2026-06-14", notice="2026-01-01"))),
        [f"{P}: safe model-offered qwen"],
    ),
    ("Withdraw the retired model", withdraw("qwen"), [f"{P}: safe model-withdrawn qwen"]),
    (
        "Announce with little notice",
        set_keys("mistral_3", retirement=retirement("2026-07-01")),
        [f"{P}: risky retirement-announced mistral_3"],
    ),
    (
        "Retire chat with Gemini",
        set_keys("gemini", retirement=retirement("2026-06-14", notice="2026-01-01", features=["duo_chat"])),
        [f"{P}: breaking retirement-announced gemini"],
    ),
    (
        "Remove the retired feature",
        set_keys("gemini", features=CODE, retirement=None),
        [f"{P}: safe feature-lost gemini duo_chat", f"{P}: safe retirement-cancelled gemini"],
    ),
    (
        "Remove a feature by mistake",
        set_keys("gemini", features=["code-completion"]),
        [f"{P}: breaking feature-lost gemini code-generation"],
    ),
    (
        "Remove the last model of a feature",
        all_of(set_keys("claude", features=CODE, default_for=CODE), withdraw("mistral_3")),
        [
            f"{P}: breaking model-withdrawn mistral_3",
            f"{P}: breaking feature-unserved duo_chat",
            f"{P}: breaking feature-lost claude duo_chat",
        ],
    ),
    (
        "Change two environments",
        all_of(
            set_keys("claude", "staging", family="gemini", release_state="BETA"),
            add(model("Sonnet", ["duo_chat"], ["duo_chat"])),
            set_keys("gemini", display_name="Gemini Pro"),
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
        "Suspend a model",
        set_keys("gemini", suspended={"since": "2026-06-15", "reason": "provider incident"}),
        [f"{P}: risky model-suspended gemini"],
    ),
    (
        "Change the reason",
        set_keys("gemini", suspended={"since": "2026-06-15", "reason": "maintenance"}),
        [f"{P}: safe suspension-changed gemini"],
    ),
    ("End the suspension", set_keys("gemini", suspended=None), [f"{P}: safe suspension-ended gemini"]),
    (
        "Describe the model",
        set_keys(
            "gemini",
            aliases=["bard"],
            context_window=1000,
            capabilities=["tools"],
            processed_in=["us"],
            data_retention_days=0,
            gateway={"max_retries": 1},
        ),
        [
            f"{P}: risky gateway-settings-changed gemini",
            f"{P}: safe alias-added gemini",
            f"{P}: safe limit-raised gemini",
            f"{P}: safe capability-added gemini",
            f"{P}: safe regions-changed gemini",
            f"{P}: safe data-retention-shortened gemini",
        ],
    ),
    (
        "Describe it as less capable",
        set_keys("gemini", aliases=None, context_window=500, capabilities=None, data_retention_days=30),
        [
            f"{P}: breaking alias-removed gemini",
            f"{P}: risky limit-lowered gemini",
            f"{P}: risky capability-removed gemini",
            f"{P}: risky data-retention-lengthened gemini",
        ],
    ),
    (
        "Share a default",
        all_of(
            set_keys("claude", default_for={CODE[0]: 90, CODE[1]: 100}), set_keys("gemini", default_for={CODE[0]: 10})
        ),
        [f"{P}: risky default-shares-changed code-completion"],
    ),
    (
        "Share no default",
        all_of(set_keys("claude", default_for=CODE), set_keys("gemini", default_for=None)),
        [f"{P}: risky default-shares-changed code-completion"],
    ),
    (
        "Announce the retirement of a default",
        set_keys("claude", retirement=retirement("2026-12-01", replacement="gemini")),
        [f"{P}: safe retirement-announced claude"],
    ),
    (
        "Move the default to the replacement",
        all_of(
            set_keys("claude", default_for=["code-generation"]), set_keys("gemini", default_for=["code-completion"])
        ),
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
        "Remove staging-ref",
        lambda world: world.pop("staging-ref"),
        ["staging-ref: breaking environment-removed"],
    ),
    (
        "Add it again",
        lambda world: world.update({"staging-ref": [model("Opus", [*CODE, "duo_chat"], [*CODE, "duo_chat"])]}),
        ["staging-ref: safe environment-added"],
    ),
]


@pytest.fixture(scope="module")
def commits(tmp_path_factory: pytest.TempPathFactory) -> list[CheckResult]:
    """The check result of each commit, oldest first."""
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


def labels(before: CheckResult, after: CheckResult) -> list[str]:
    changes = diff_rosters(before.rosters, after.rosters, after.registries.environments, TODAY)
    return [
        f"{each.environment}: " + " ".join(filter(None, (str(each.impact), each.kind, each.model, each.feature)))
        for each in changes
    ]


@pytest.mark.parametrize("number", range(len(STEPS)), ids=[message for message, _, _ in STEPS])
def test_commit_has_expected_changes(number: int, commits: list[CheckResult]):
    assert labels(commits[number], commits[number + 1]) == STEPS[number][2]


@pytest.mark.parametrize("number", range(len(STEPS)), ids=[message for message, _, _ in STEPS])
def test_revert_has_mirror_kinds(number: int, commits: list[CheckResult]):
    before, after = commits[number : number + 2]
    forward, backward = labels(before, after), labels(after, before)
    assert sorted(line.split()[2] for line in backward) == sorted(MIRROR[line.split()[2]] for line in forward)


def test_changes_of_whole_history_give_last_commit(commits: list[CheckResult]):
    first, last = commits[0], commits[-1]
    before, after = ({name: roster_meaning(roster) for name, roster in each.rosters.items()} for each in (first, last))
    assert (
        apply_changes(before, diff_rosters(first.rosters, last.rosters, last.registries.environments, TODAY)) == after
    )


def test_history_covers_every_kind(commits: list[CheckResult]):
    assert len(commits) > 30
    kinds = {line.split()[2] for _, _, lines in STEPS for line in lines}
    assert kinds == set(KINDS) - PATH_KINDS - REGISTRY_KINDS - {"own-key-changed"}, (
        "this repository has no keys of its own"
    )
