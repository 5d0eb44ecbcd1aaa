"""What a change brought in: told by model and by finding, whatever the lines do."""

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from roster.check.changed_since import MergeBase
from roster.check.pipeline import check
from roster.check.result import CheckResult
from roster.cli.main import run
from roster.repository import ENVIRONMENTS, FEATURES, Repository, roster_path
from tests.conftest import edit, git

TODAY = date(2026, 6, 15)
POLICY = "release_states: [BETA, GA], default_release_states: [BETA, GA], retirement_notice_days: 90"
PRODUCTION, STAGING = roster_path("production"), roster_path("staging")
SECRET, OTHER_SECRET = "glpat-x9Kq2LmN7pRt4VwY8zBc", "glpat-Bz8YwV4tRp7NmL2qK9xc"

Model = dict[str, Any]
Told = Callable[..., list[str]]


def model(name: str, **more: Any) -> Model:
    return {
        "name": name,
        "identifier": f"bedrock/{name.lower()}-1",
        "api-key": f"AIGW_MODEL_{name.upper()}_API_KEY",
        "endpoint": "https://example-models.com/v1",
        "release_state": "GA",
        "family": "claude",
        "features": ["duo_chat"],
    } | more


DEFAULT = model("Claude", default_for=["duo_chat"])
OLD = model("Qwen", release_state="EXPERIMENT")
"""Is in production since the first commit, which allows no experiments."""


def text_of(*models: Model) -> str:
    return "# yaml-language-server: $schema=schema.json\n" + "".join(
        "- " + "".join(f"{key}: {json.dumps(value)}\n  " for key, value in entry.items()) + "\n" for entry in models
    )


@pytest.fixture
def root(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one error, which is in its only commit."""
    shutil.rmtree(checkout / "env")
    (checkout / FEATURES).write_text(
        "".join(
            f"- {{name: {name}, title: A, category: a, setting: {name}, unit_primitives: [a], required: false}}\n"
            for name in ("duo_chat", "review")
        )
    )
    write(checkout, ENVIRONMENTS, f"- {{name: production, {POLICY}}}\n")
    write(checkout, PRODUCTION, text_of(DEFAULT, OLD))
    monkeypatch.chdir(checkout)
    assert run(["schema"]) == 0
    git(checkout, "init")
    commit(checkout)
    return checkout


@pytest.fixture
def told(root: Path) -> Told:
    """Compares with a commit; returns the rule and the model of each finding that is told."""

    def found(ref: str = "HEAD", root: Path = root) -> list[str]:
        result, _ = brought_in(Repository(root), ref)
        return [f"{item.rule} {item.model}".rstrip() for item in result.diagnostics]

    return found


def brought_in(repository: Repository, ref: str) -> tuple[CheckResult, str]:
    return MergeBase(repository, ref, TODAY).only_new(repository, check(repository, TODAY))


def write(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


def commit(root: Path) -> None:
    git(root, "add", "--all")
    git(root, "commit", "--allow-empty", "--message", "a change")


REWRITTEN = {
    "not at all": text_of(DEFAULT, OLD),
    "on other lines": f"# one\n\n{text_of(DEFAULT)}\n\n# two\n{text_of(OLD)}",
    "in another order of models": text_of(OLD, DEFAULT),
    "in another order of keys": text_of(DEFAULT, dict(reversed(OLD.items()))),
    "in braces": text_of() + json.dumps([DEFAULT, OLD]),
    "without quotes": text_of(DEFAULT, OLD).replace('"', ""),
    "with other line breaks": text_of(DEFAULT, OLD).replace("\n", "\r\n"),
    "with comments": text_of(DEFAULT, OLD).replace('EXPERIMENT"', 'EXPERIMENT" # for now'),
    "with another model that changes": text_of(DEFAULT | {"description": "Good at code"}, OLD),
    "with another model before it": text_of(model("Gemini"), DEFAULT, OLD),
}


@pytest.mark.parametrize("how", REWRITTEN)
def test_a_finding_is_old_when_its_model_is_written(how: str, told: Told, root: Path):
    write(root, PRODUCTION, REWRITTEN[how])
    assert told() == []
    commit(root)
    assert told("HEAD~1") == []


def test_of_a_model_that_changes_everything_is_told(told: Told, root: Path):
    write(root, PRODUCTION, text_of(DEFAULT, OLD | {"description": "Good at code"}))
    assert told() == ["release-state-not-allowed qwen"]


def test_a_value_of_another_type_is_a_change(told: Told, root: Path):
    write(root, PRODUCTION, text_of(DEFAULT, OLD | {"description": 1}))
    commit(root)
    for value in (1.0, True):
        write(root, PRODUCTION, text_of(DEFAULT, OLD | {"description": value}))
        assert told() == ["release-state-not-allowed qwen", "wrong-type qwen"]


def test_of_a_new_model_everything_is_told(told: Told, root: Path):
    write(root, PRODUCTION, text_of(DEFAULT, OLD, model("Gemini", release_state="EXPERIMENT")))
    assert told() == ["release-state-not-allowed gemini"]


def test_a_model_with_a_new_id_is_new(told: Told, root: Path):
    write(root, PRODUCTION, text_of(DEFAULT, OLD | {"id": "qwen_2", "api-key": "AIGW_MODEL_QWEN_2_API_KEY"}))
    assert told() == ["release-state-not-allowed qwen_2"]


def test_of_a_model_that_is_pasted_everything_is_told(told: Told, root: Path):
    write(root, PRODUCTION, text_of(DEFAULT, OLD, OLD))
    assert told() == ["release-state-not-allowed qwen", "duplicate-name qwen", "release-state-not-allowed qwen"]


def test_models_without_an_id_are_compared_too(told: Told, root: Path):
    nameless = {key: value for key, value in OLD.items() if key != "name"}
    write(root, PRODUCTION, text_of(DEFAULT, nameless))
    commit(root)
    write(root, PRODUCTION, f"\n{text_of(DEFAULT, nameless)}")
    assert told() == []
    write(root, PRODUCTION, text_of(DEFAULT, nameless | {"family": "gemini"}))
    assert told() == ["missing-key", "release-state-not-allowed"]


def test_what_follows_for_a_model_that_stays_is_told(told: Told, root: Path):
    write(root, PRODUCTION, text_of(OLD))
    assert told() == ["missing-default qwen"]


def test_what_follows_in_another_environment_is_told(told: Told, root: Path):
    write(
        root,
        ENVIRONMENTS,
        f"- {{name: staging, {POLICY.replace('BETA', 'EXPERIMENT')}}}\n- {{name: production, {POLICY}}}\n",
    )
    write(root, STAGING, text_of(DEFAULT, OLD))
    commit(root)
    write(root, STAGING, text_of(DEFAULT | {"identifier": "bedrock/claude-2"}))
    assert told() == ["environment-drift claude", "skipped-environment qwen"]


def test_what_a_policy_newly_forbids_is_told(told: Told, root: Path):
    edit(
        root / ENVIRONMENTS, "[BETA, GA], default_release_states: [BETA, GA]", "[BETA], default_release_states: [BETA]"
    )
    assert told() == ["release-state-not-allowed claude"]


def test_what_a_registry_no_longer_has_is_told(told: Told, root: Path):
    edit(root / "schemas/families.yaml", "- claude\n", "")
    assert told() == ["unknown-family claude", "unknown-family qwen", "schema-out-of-date"]


def test_a_finding_that_says_something_else_is_told(told: Told, root: Path):
    """Rule, model and key stay the same: the one model had no default for one feature, and has none for the other."""
    both = model("Gemini", features=["duo_chat", "review"])
    write(root, PRODUCTION, text_of(DEFAULT | {"features": ["review"], "default_for": ["review"]}, both))
    commit(root)
    write(root, PRODUCTION, text_of(DEFAULT, both))
    assert told() == ["missing-default gemini"]


def test_one_finding_more_of_a_kind_is_told(told: Told, root: Path):
    write(root, PRODUCTION, f"{text_of(DEFAULT, OLD)}# {SECRET}\n")
    commit(root)
    write(root, PRODUCTION, f"# {SECRET}\n{text_of(DEFAULT, OLD)}# {SECRET}\n")
    assert told() == ["secret-in-roster"]


def test_a_secret_in_the_place_of_another_is_told(told: Told, root: Path):
    write(root, PRODUCTION, f"{text_of(DEFAULT, OLD)}# {SECRET}\n")
    commit(root)
    write(root, PRODUCTION, f"#   {SECRET}\n{text_of(DEFAULT, OLD)}")
    assert told() == [], "it is the old one"
    write(root, PRODUCTION, f"{text_of(DEFAULT, OLD)}# {OTHER_SECRET}\n")
    assert told() == ["secret-in-roster"]


def test_a_key_given_twice_stays_old_on_other_lines(told: Told, root: Path):
    write(root, PRODUCTION, f"{text_of(DEFAULT, OLD).rstrip()}\n  family: gemini\n")
    commit(root)
    write(root, PRODUCTION, f"\n\n{text_of(DEFAULT, OLD).rstrip()}\n  family: gemini\n")
    assert told() == []


def test_what_a_whole_file_lacks_is_old_whatever_else_changes_in_it(told: Told, root: Path):
    edit(root / FEATURES, "required: false", "required: true")
    assert told() == ["feature-without-model"]
    commit(root)
    write(root, PRODUCTION, text_of(DEFAULT | {"description": "Good at code"}, OLD))
    assert told() == []


def test_what_is_no_longer_ignored_is_told(told: Told, root: Path):
    comment = "# roster: ignore[release-state-not-allowed] customers asked for it\n"
    write(root, PRODUCTION, f"{text_of(DEFAULT)}{comment}{text_of(OLD)}")
    commit(root)
    assert told() == []
    write(root, PRODUCTION, text_of(DEFAULT, OLD))
    assert told() == ["release-state-not-allowed qwen"]


class TestWhatCannotBeRead:
    BROKEN = text_of(DEFAULT, OLD) + "- [\n"

    def test_it_is_told_when_it_is_new(self, told: Told, root: Path):
        write(root, PRODUCTION, self.BROKEN)
        assert told() == ["yaml-syntax"]

    def test_it_is_told_when_it_changed(self, told: Told, root: Path):
        write(root, PRODUCTION, self.BROKEN)
        commit(root)
        assert told() == []
        write(root, PRODUCTION, f"{self.BROKEN}\n")
        assert told() == ["yaml-syntax"]

    def test_all_is_told_when_it_is_mended(self, told: Told, root: Path):
        for broken in (self.BROKEN.encode(), b"\xff\n\n\xff"):
            (root / PRODUCTION).write_bytes(broken)
            commit(root)
            write(root, PRODUCTION, text_of(DEFAULT, OLD))
            assert told() == ["release-state-not-allowed qwen"]

    def test_one_roster_does_not_hinder_another(self, told: Told, root: Path):
        write(root, "env/elsewhere/offered_models_metadata.yaml", "- [\n")
        assert told() == ["yaml-syntax"]
        commit(root)
        assert told() == []


class TestTheBase:
    def test_it_is_the_last_common_commit_and_not_the_tip(self, told: Told, root: Path):
        """What others mended meanwhile was not broken here."""
        git(root, "checkout", "-b", "change")
        commit(root)
        git(root, "checkout", "main")
        write(root, PRODUCTION, text_of(DEFAULT))
        commit(root)
        git(root, "checkout", "change")
        assert told("main") == []
        git(root, "merge", "main")
        write(root, PRODUCTION, text_of(DEFAULT, OLD))
        assert told("main") == ["release-state-not-allowed qwen"]

    @pytest.mark.parametrize("ref", ["HEAD~1", "HEAD^", "main~1", "a-tag", "refs/tags/a-tag", "@{0}~1"])
    def test_it_can_be_named_as_git_names_commits(self, ref: str, told: Told, root: Path):
        git(root, "tag", "--annotate", "--message", "a tag", "a-tag")
        commit(root)
        write(root, PRODUCTION, text_of(DEFAULT, OLD, model("Gemini", release_state="EXPERIMENT")))
        assert told(ref) == ["release-state-not-allowed gemini"]

    def test_files_that_are_not_committed_are_part_of_the_change(self, told: Told, root: Path):
        write(root, "env/elsewhere/offered_models_metadata.yaml", text_of(DEFAULT))
        assert told() == ["unknown-environment"]

    def test_without_rosters_everything_is_new(self, told: Told, root: Path):
        git(root, "mv", "env", "elsewhere")
        commit(root)
        git(root, "mv", "elsewhere", "env")
        assert told() == ["release-state-not-allowed qwen"]

    @pytest.mark.parametrize(
        ("path", "text"),
        [
            (FEATURES, "- name: [\n"),
            (ENVIRONMENTS, "[]\n"),
            ("schemas/offered_models_metadata.schema.json", "{}"),
            ("schemas/offered_models_metadata.schema.json", "{"),
            ("schemas/features.schema.json", '{"type": "object"}'),
        ],
    )
    def test_with_what_this_toolkit_cannot_check_everything_is_new(self, path: str, text: str, told: Told, root: Path):
        mended = (root / path).read_text()
        write(root, path, text)
        commit(root)
        write(root, path, mended)
        assert told() == ["release-state-not-allowed qwen"]

    def test_with_registries_of_another_time_everything_is_new(self, told: Told, root: Path):
        """They were valid then, and lack what a registry has today."""
        now = {path: (root / path).read_text() for path in (FEATURES, "schemas/features.schema.json")}
        for path, text in zip(now, ("- {name: duo_chat}\n", '{"type": "array"}'), strict=True):
            write(root, path, text)
        commit(root)
        for path, text in now.items():
            write(root, path, text)
        assert told() == ["release-state-not-allowed qwen"]

    def test_without_a_list_of_environments_everything_is_new(self, told: Told, root: Path):
        mended = (root / ENVIRONMENTS).read_text()
        (root / ENVIRONMENTS).unlink()
        commit(root)
        write(root, ENVIRONMENTS, mended)
        assert told() == ["release-state-not-allowed qwen"]

    def test_without_schemas_it_is_checked_with_those_of_the_toolkit(self, told: Told, root: Path):
        shutil.rmtree(root / "schemas")
        commit(root)
        assert told() == []
        write(root, PRODUCTION, text_of(DEFAULT | {"release_state": "ga"}, OLD))
        assert told() == ["invalid-value claude"]

    def test_a_roster_that_was_a_link_is_new(self, told: Told, root: Path):
        write(root, "elsewhere.yaml", text_of(DEFAULT, OLD))
        (root / PRODUCTION).unlink()
        (root / PRODUCTION).symlink_to(root / "elsewhere.yaml")
        commit(root)
        assert told() == ["release-state-not-allowed qwen"]

    def test_it_is_read_as_it_was_committed(self, told: Told, root: Path):
        """Attributes could leave files out of an archive, and change what is in them."""
        write(root, ".gitattributes", "env/** export-ignore eol=crlf\n")
        commit(root)
        assert told() == []

    def test_a_repository_can_be_a_part_of_another(
        self, told: Told, root: Path, tmp_path_factory: pytest.TempPathFactory
    ):
        whole = tmp_path_factory.mktemp("whole")
        part = whole / "a part" / "models"
        shutil.copytree(root, part, ignore=shutil.ignore_patterns(".git"))
        git(whole, "init")
        write(whole, ENVIRONMENTS, "nonsense: [")
        commit(whole)
        assert told("HEAD", part) == []
        write(part, PRODUCTION, text_of(DEFAULT | {"release_state": "EXPERIMENT"}, OLD))
        assert told("HEAD", part) == ["release-state-not-allowed claude"]


def test_what_it_was_compared_with_is_said(root: Path):
    name = git(root, "rev-parse", "HEAD")[:12]
    repository = Repository(root)
    result, said = brought_in(repository, "HEAD")
    assert said == f"compared with {name}: 1 older finding left out"
    assert MergeBase(repository, "HEAD", TODAY).only_new(repository, result)[1] == f"compared with {name}"
    write(root, ENVIRONMENTS, "[]\n")
    commit(root)
    git(root, "checkout", "HEAD~1", "--", ENVIRONMENTS)
    name = git(root, "rev-parse", "HEAD")[:12]
    _, said = brought_in(repository, "HEAD")
    assert said.startswith(f"everything counts as new: {name} cannot be checked: {ENVIRONMENTS}:1:1: ")
