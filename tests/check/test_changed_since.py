"""Which findings ``--changed-since`` reports, by model and by finding, independent of lines."""

import json
import os
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
from roster.findings import ConfigurationError
from roster.registries import ENVIRONMENTS, FEATURES
from roster.repository import Repository
from roster.roster import roster_path
from tests.conftest import edit, git

TODAY = date(2026, 6, 15)
POLICY = "release_states: [BETA, GA], default_release_states: [BETA, GA], retirement_notice_days: 90"
PRODUCTION, STAGING = roster_path("production"), roster_path("staging")
SECRET, OTHER_SECRET = "glpat-x9Kq2LmN7pRt4VwY8zBc", "glpat-Bz8YwV4tRp7NmL2qK9xc"

Model = dict[str, Any]
NewFindings = Callable[..., list[str]]


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
"""In production since the first commit; the policy allows no experiments."""


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
def new_findings(root: Path) -> NewFindings:
    """Return a function that compares with a commit and returns rule and model of each new finding."""

    def findings(ref: str = "HEAD", root: Path = root) -> list[str]:
        result, _ = compared(Repository(root), ref)
        return [f"{item.rule} {item.model}".rstrip() for item in result.diagnostics]

    return findings


def compared(repository: Repository, ref: str) -> tuple[CheckResult, str]:
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


@pytest.mark.parametrize("form", REWRITTEN)
def test_finding_is_old_if_model_is_only_rewritten(form: str, new_findings: NewFindings, root: Path):
    write(root, PRODUCTION, REWRITTEN[form])
    assert new_findings() == []
    commit(root)
    assert new_findings("HEAD~1") == []


def test_all_findings_of_changed_model_are_new(new_findings: NewFindings, root: Path):
    write(root, PRODUCTION, text_of(DEFAULT, OLD | {"description": "Good at code"}))
    assert new_findings() == ["release-state-not-allowed qwen"]


def test_value_of_another_type_is_a_change(new_findings: NewFindings, root: Path):
    write(root, PRODUCTION, text_of(DEFAULT, OLD | {"description": 1}))
    commit(root)
    for value in (1.0, True):
        write(root, PRODUCTION, text_of(DEFAULT, OLD | {"description": value}))
        assert new_findings() == ["release-state-not-allowed qwen", "wrong-type qwen"]


def test_all_findings_of_new_model_are_new(new_findings: NewFindings, root: Path):
    write(root, PRODUCTION, text_of(DEFAULT, OLD, model("Gemini", release_state="EXPERIMENT")))
    assert new_findings() == ["release-state-not-allowed gemini"]


def test_model_with_new_id_is_new(new_findings: NewFindings, root: Path):
    write(root, PRODUCTION, text_of(DEFAULT, OLD | {"id": "qwen_2", "api-key": "AIGW_MODEL_QWEN_2_API_KEY"}))
    assert new_findings() == ["release-state-not-allowed qwen_2"]


def test_all_findings_of_duplicated_model_are_new(new_findings: NewFindings, root: Path):
    write(root, PRODUCTION, text_of(DEFAULT, OLD, OLD))
    assert new_findings() == ["release-state-not-allowed qwen", "duplicate-name qwen", "release-state-not-allowed qwen"]


def test_models_without_id_are_compared(new_findings: NewFindings, root: Path):
    nameless = {key: value for key, value in OLD.items() if key != "name"}
    write(root, PRODUCTION, text_of(DEFAULT, nameless))
    commit(root)
    write(root, PRODUCTION, f"\n{text_of(DEFAULT, nameless)}")
    assert new_findings() == []
    write(root, PRODUCTION, text_of(DEFAULT, nameless | {"family": "gemini"}))
    assert new_findings() == ["missing-key", "release-state-not-allowed"]


def test_consequence_for_unchanged_model_is_new(new_findings: NewFindings, root: Path):
    write(root, PRODUCTION, text_of(OLD))
    assert new_findings() == ["missing-default qwen"]


def test_consequence_in_another_environment_is_new(new_findings: NewFindings, root: Path):
    write(
        root,
        ENVIRONMENTS,
        f"- {{name: staging, {POLICY.replace('BETA', 'EXPERIMENT')}}}\n- {{name: production, {POLICY}}}\n",
    )
    write(root, STAGING, text_of(DEFAULT, OLD))
    commit(root)
    write(root, STAGING, text_of(DEFAULT | {"identifier": "bedrock/claude-2"}))
    assert new_findings() == ["environment-drift claude", "skipped-environment qwen"]


def test_finding_from_stricter_policy_is_new(new_findings: NewFindings, root: Path):
    edit(
        root / ENVIRONMENTS, "[BETA, GA], default_release_states: [BETA, GA]", "[BETA], default_release_states: [BETA]"
    )
    assert new_findings() == ["release-state-not-allowed claude"]


def test_finding_from_removed_registry_entry_is_new(new_findings: NewFindings, root: Path):
    edit(root / "schemas/families.yaml", "- claude\n", "")
    assert new_findings() == ["unknown-family claude", "unknown-family qwen", "schema-out-of-date"]


def test_finding_with_another_message_is_new(new_findings: NewFindings, root: Path):
    """Rule, model and key are the same: the model had no default for one feature, and has none for the other."""
    both = model("Gemini", features=["duo_chat", "review"])
    write(root, PRODUCTION, text_of(DEFAULT | {"features": ["review"], "default_for": ["review"]}, both))
    commit(root)
    write(root, PRODUCTION, text_of(DEFAULT, both))
    assert new_findings() == ["missing-default gemini"]


def test_additional_equal_finding_is_new(new_findings: NewFindings, root: Path):
    write(root, PRODUCTION, f"{text_of(DEFAULT, OLD)}# {SECRET}\n")
    commit(root)
    write(root, PRODUCTION, f"# {SECRET}\n{text_of(DEFAULT, OLD)}# {SECRET}\n")
    assert new_findings() == ["secret-in-roster"]


def test_another_secret_at_same_place_is_new(new_findings: NewFindings, root: Path):
    write(root, PRODUCTION, f"{text_of(DEFAULT, OLD)}# {SECRET}\n")
    commit(root)
    write(root, PRODUCTION, f"#   {SECRET}\n{text_of(DEFAULT, OLD)}")
    assert new_findings() == [], "it is the old one"
    write(root, PRODUCTION, f"{text_of(DEFAULT, OLD)}# {OTHER_SECRET}\n")
    assert new_findings() == ["secret-in-roster"]


def test_duplicate_key_on_other_lines_is_old(new_findings: NewFindings, root: Path):
    write(root, PRODUCTION, f"{text_of(DEFAULT, OLD).rstrip()}\n  family: gemini\n")
    commit(root)
    write(root, PRODUCTION, f"\n\n{text_of(DEFAULT, OLD).rstrip()}\n  family: gemini\n")
    assert new_findings() == []


def test_finding_on_whole_file_is_old_if_file_changes(new_findings: NewFindings, root: Path):
    edit(root / FEATURES, "required: false", "required: true")
    assert new_findings() == ["feature-without-model"]
    commit(root)
    write(root, PRODUCTION, text_of(DEFAULT | {"description": "Good at code"}, OLD))
    assert new_findings() == []


def test_finding_is_new_if_suppression_was_removed(new_findings: NewFindings, root: Path):
    comment = "# roster: ignore[release-state-not-allowed] customers asked for it\n"
    write(root, PRODUCTION, f"{text_of(DEFAULT)}{comment}{text_of(OLD)}")
    commit(root)
    assert new_findings() == []
    write(root, PRODUCTION, text_of(DEFAULT, OLD))
    assert new_findings() == ["release-state-not-allowed qwen"]


class TestUnreadableRoster:
    BROKEN = text_of(DEFAULT, OLD) + "- [\n"

    def test_new_file_is_reported(self, new_findings: NewFindings, root: Path):
        write(root, PRODUCTION, self.BROKEN)
        assert new_findings() == ["yaml-syntax"]

    def test_changed_file_is_reported(self, new_findings: NewFindings, root: Path):
        write(root, PRODUCTION, self.BROKEN)
        commit(root)
        assert new_findings() == []
        write(root, PRODUCTION, f"{self.BROKEN}\n")
        assert new_findings() == ["yaml-syntax"]

    def test_all_findings_are_new_after_repair(self, new_findings: NewFindings, root: Path):
        for broken in (self.BROKEN.encode(), b"\xff\n\n\xff"):
            (root / PRODUCTION).write_bytes(broken)
            commit(root)
            write(root, PRODUCTION, text_of(DEFAULT, OLD))
            assert new_findings() == ["release-state-not-allowed qwen"]

    def test_other_rosters_are_compared(self, new_findings: NewFindings, root: Path):
        write(root, "env/elsewhere/offered_models_metadata.yaml", "- [\n")
        assert new_findings() == ["yaml-syntax"]
        commit(root)
        assert new_findings() == []


class TestMergeBase:
    def test_last_common_commit_rather_than_tip(self, new_findings: NewFindings, root: Path):
        """An error that others fixed in the meantime is not new here."""
        git(root, "checkout", "-b", "change")
        commit(root)
        git(root, "checkout", "main")
        write(root, PRODUCTION, text_of(DEFAULT))
        commit(root)
        git(root, "checkout", "change")
        assert new_findings("main") == []
        git(root, "merge", "main")
        write(root, PRODUCTION, text_of(DEFAULT, OLD))
        assert new_findings("main") == ["release-state-not-allowed qwen"]

    @pytest.mark.parametrize("ref", ["HEAD~1", "HEAD^", "main~1", "a-tag", "refs/tags/a-tag", "@{0}~1"])
    def test_ref_syntax_of_git(self, ref: str, new_findings: NewFindings, root: Path):
        git(root, "tag", "--annotate", "--message", "a tag", "a-tag")
        commit(root)
        write(root, PRODUCTION, text_of(DEFAULT, OLD, model("Gemini", release_state="EXPERIMENT")))
        assert new_findings(ref) == ["release-state-not-allowed gemini"]

    def test_uncommitted_files_belong_to_change(self, new_findings: NewFindings, root: Path):
        write(root, "env/elsewhere/offered_models_metadata.yaml", text_of(DEFAULT))
        assert new_findings() == ["unknown-environment"]

    def test_all_is_new_without_rosters(self, new_findings: NewFindings, root: Path):
        git(root, "mv", "env", "elsewhere")
        commit(root)
        git(root, "mv", "elsewhere", "env")
        assert new_findings() == ["release-state-not-allowed qwen"]

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
    def test_all_is_new_if_base_has_broken_files(self, path: str, text: str, new_findings: NewFindings, root: Path):
        original = (root / path).read_text()
        write(root, path, text)
        commit(root)
        write(root, path, original)
        assert new_findings() == ["release-state-not-allowed qwen"]

    def test_all_is_new_if_base_has_incompatible_registries(self, new_findings: NewFindings, root: Path):
        """They were valid then, but lack keys that registries have today."""
        now = {path: (root / path).read_text() for path in (FEATURES, "schemas/features.schema.json")}
        for path, text in zip(now, ("- {name: duo_chat}\n", '{"type": "array"}'), strict=True):
            write(root, path, text)
        commit(root)
        for path, text in now.items():
            write(root, path, text)
        assert new_findings() == ["release-state-not-allowed qwen"]

    def test_all_is_new_without_environments_file(self, new_findings: NewFindings, root: Path):
        original = (root / ENVIRONMENTS).read_text()
        (root / ENVIRONMENTS).unlink()
        commit(root)
        write(root, ENVIRONMENTS, original)
        assert new_findings() == ["release-state-not-allowed qwen"]

    def test_base_without_schemas_uses_those_of_toolkit(self, new_findings: NewFindings, root: Path):
        shutil.rmtree(root / "schemas")
        commit(root)
        assert new_findings() == []
        write(root, PRODUCTION, text_of(DEFAULT | {"release_state": "ga"}, OLD))
        assert new_findings() == ["invalid-value claude"]

    @pytest.mark.parametrize("path", [PRODUCTION, "env/production", "env"])
    def test_link_within_commit_is_followed(self, path: str, new_findings: NewFindings, root: Path):
        target = root / "elsewhere" / Path(path).name
        target.parent.mkdir()
        (root / path).rename(target)
        (root / path).symlink_to(os.path.relpath(target, (root / path).parent))
        commit(root)
        assert new_findings() == []
        (root / path).unlink()
        target.rename(root / path)
        assert new_findings() == []

    @pytest.mark.parametrize("path", [PRODUCTION, "env/production", "env"])
    def test_link_out_of_commit_cannot_be_compared(
        self, path: str, new_findings: NewFindings, root: Path, tmp_path_factory: pytest.TempPathFactory
    ):
        target = tmp_path_factory.mktemp("outside") / "target"
        (root / path).rename(target)
        (root / path).symlink_to(target)
        commit(root)
        (root / path).unlink()
        target.rename(root / path)
        with pytest.raises(ConfigurationError, match=f'^{path}.* is a symbolic link to "{target}'):
            new_findings()

    def test_link_that_is_no_environment_does_not_matter(self, new_findings: NewFindings, root: Path):
        for path in ("env/notes", "env/.#lock", "schemas/notes.md"):
            (root / path).symlink_to("/nowhere/notes")
        commit(root)
        assert new_findings() == []

    def test_base_is_read_without_git_attributes(self, new_findings: NewFindings, root: Path):
        """Attributes could exclude files from an archive, and change their content."""
        write(root, ".gitattributes", "env/** export-ignore eol=crlf\n")
        commit(root)
        assert new_findings() == []

    def test_repository_in_subfolder_of_another(
        self, new_findings: NewFindings, root: Path, tmp_path_factory: pytest.TempPathFactory
    ):
        folder = tmp_path_factory.mktemp("whole")
        part = folder / "a part" / "models"
        shutil.copytree(root, part, ignore=shutil.ignore_patterns(".git"))
        git(folder, "init")
        write(folder, ENVIRONMENTS, "nonsense: [")
        commit(folder)
        assert new_findings("HEAD", part) == []
        write(part, PRODUCTION, text_of(DEFAULT | {"release_state": "EXPERIMENT"}, OLD))
        assert new_findings("HEAD", part) == ["release-state-not-allowed claude"]


def test_message_names_merge_base(root: Path):
    name = git(root, "rev-parse", "HEAD")[:12]
    repository = Repository(root)
    result, message = compared(repository, "HEAD")
    assert message == f"compared with {name}: 1 older finding left out"
    assert MergeBase(repository, "HEAD", TODAY).only_new(repository, result)[1] == f"compared with {name}"
    write(root, ENVIRONMENTS, "[]\n")
    commit(root)
    git(root, "checkout", "HEAD~1", "--", ENVIRONMENTS)
    name = git(root, "rev-parse", "HEAD")[:12]
    _, message = compared(repository, "HEAD")
    assert message.startswith(f"everything counts as new: {name} cannot be checked: {ENVIRONMENTS}:1:1: ")
