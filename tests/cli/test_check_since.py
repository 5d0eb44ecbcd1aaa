"""``roster check --changed-since``: all formats have new findings only, and a failed comparison is never clean."""

import json
import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest

from roster.check import trial_period
from tests.conftest import Run, edit, git

PRODUCTION = "env/production/offered_models_metadata.yaml"
STAGING = "env/staging/offered_models_metadata.yaml"
OLD, NEW = "release_state: EXPERIMENT", "description: Mistral's coding model, tuned for low latency while typing"
ADVICE = "set GIT_DEPTH to 0"


@pytest.fixture
def repository(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with an error in its first commit, a second commit, and a branch with its tip elsewhere."""
    monkeypatch.setattr(trial_period, "current_date", lambda: date(2026, 12, 1))
    edit(checkout / PRODUCTION, "release_state: BETA", OLD)
    git(checkout, "init")
    for message in ("first", "second", "third"):
        commit(checkout, message)
    git(checkout, "branch", "other", "HEAD~1")
    return checkout


def commit(root: Path, message: str = "a change") -> None:
    git(root, "add", "--all")
    git(root, "commit", "--allow-empty", "--message", message)


def add_typo(root: Path) -> None:
    """Introduce an error."""
    edit(root / PRODUCTION, NEW, "description: ''")


def test_old_findings_do_not_fail_check(roster: Run, repository: Path):
    assert roster("check").returncode == 1
    done = roster("check", "--changed-since", "other")
    assert (done.returncode, done.stdout) == (0, "")
    name = git(repository, "rev-parse", "other")[:12]
    assert done.stderr == f"compared with {name}: 1 older finding left out\n3 rosters checked, no problems found\n"


def test_new_findings_fail_check(roster: Run, repository: Path):
    add_typo(repository)
    done = roster("check", "--changed-since", "other")
    assert done.returncode == 1
    assert "[invalid-value]" in done.stdout
    assert "[release-state-not-allowed]" not in done.stdout
    assert done.stderr.endswith("1 older finding left out\n3 rosters checked: 1 error\n")


def test_fix_applies_to_new_findings_only(roster: Run, repository: Path):
    edit(repository / PRODUCTION, "family: claude", "family: Claude")
    commit(repository)
    edit(repository / PRODUCTION, "family: qwen", "family: Qwen")
    shown = roster("check", "--diff", "--changed-since", "HEAD")
    done = roster("check", "--fix", "--changed-since", "HEAD")
    assert shown.stdout.startswith(f"--- a/{PRODUCTION}\n")
    assert done.returncode == 0
    assert done.stderr.startswith("1 finding fixed in 1 file\n")
    text = (repository / PRODUCTION).read_text()
    assert "family: Claude" in text
    assert "family: qwen" in text


def test_new_warnings_fail_strict_check_only(roster: Run, repository: Path):
    edit(repository / STAGING, "identifier: fireworks_ai/codestral-2501", "identifier: fireworks_ai/codestral-2508")
    assert roster("check", "--changed-since", "HEAD").returncode == 0
    assert roster("check", "--changed-since", "HEAD", "--strict").returncode == 1
    assert roster("check", "--changed-since", "HEAD", "--strict", "env/staging-ref").returncode == 0


class TestRemovedModel:
    ENTRY = re.compile("^- name: Codestral on Vertex\n(?:  .*\n)+\n", re.MULTILINE)
    RETIREMENT = "  retirement: {notice: 2026-01-01, last_day: 2026-06-01, replacement: codestral_on_fireworks}\n"

    def remove(self, root: Path) -> None:
        text, removed = self.ENTRY.subn("", (root / PRODUCTION).read_text())
        assert removed
        (root / PRODUCTION).write_text(text)

    @pytest.mark.parametrize("options", [(), ("--fix",), ("--diff",), (PRODUCTION,)])
    def test_retirement_is_required(self, roster: Run, repository: Path, options: tuple[str, ...]):
        self.remove(repository)
        done = roster("check", "--changed-since", "HEAD", *options)
        assert done.returncode == 1
        assert re.findall(r": error: (.*)$", done.stdout, re.MULTILINE) == [
            '"codestral_on_vertex" was removed, but not retired [model-left-unannounced]'
        ]
        assert roster("check", "--changed-since", "HEAD", "env/staging").returncode == 0

    def test_last_day_must_have_passed(self, roster: Run, repository: Path):
        edit(
            repository / PRODUCTION, "- name: Codestral on Vertex\n", f"- name: Codestral on Vertex\n{self.RETIREMENT}"
        )
        commit(repository)
        self.remove(repository)
        for day, status in (("2026-05-31", 1), ("2026-06-01", 1), ("2026-06-02", 0)):
            assert roster("check", "--changed-since", "HEAD", "--at", day).returncode == status

    def test_later_date_does_not_end_retirement(self, roster: Run, repository: Path, monkeypatch: pytest.MonkeyPatch):
        edit(
            repository / PRODUCTION, "- name: Codestral on Vertex\n", f"- name: Codestral on Vertex\n{self.RETIREMENT}"
        )
        commit(repository)
        self.remove(repository)
        monkeypatch.setattr(trial_period, "current_date", lambda: date(2026, 6, 1))
        assert roster("check", "--changed-since", "HEAD", "--at", "2026-12-01").returncode == 1

    def test_every_format_distinguishes_two_models(self, roster: Run, repository: Path):
        self.remove(repository)
        edit(repository / PRODUCTION, "- name: Qwen 2.5 7B on Fireworks", "- name: Qwen 3")
        edit(repository / PRODUCTION, "fireworks_ai/qwen2p5-coder-7b", "fireworks_ai/qwen3-coder-30b")
        done = roster("check", "--changed-since", "HEAD", "--format=json")
        removed = [item for item in json.loads(done.stdout)["diagnostics"] if item["rule"] == "model-left-unannounced"]
        assert len({item["fingerprint"] for item in removed}) == len({item["message"] for item in removed}) == 2

    def test_changed_id_is_one_finding_at_the_model(self, roster: Run, repository: Path):
        edit(repository / PRODUCTION, "- name: Claude 3.7 Sonnet", "- name: Claude Sonnet 3.7")
        done = roster("check", "--changed-since", "HEAD")
        assert re.findall(r"\[([a-z-]+)\]$", done.stdout, re.MULTILINE) == ["api-key-mismatch"]
        edit(repository / PRODUCTION, "CLAUDE_3_7_SONNET_API_KEY", "CLAUDE_SONNET_3_7_API_KEY")
        done = roster("check", "--changed-since", "HEAD")
        (line,) = re.findall(r"^env.*\]$", done.stdout, re.MULTILINE)
        message = 'the id of this model changed from "claude_3_7_sonnet" to "claude_sonnet_3_7"'
        assert line == f"{PRODUCTION}:40:9: error: {message} [model-left-unannounced]"
        hint = 'add "id: claude_3_7_sonnet" to keep it, or "aliases: [claude_3_7_sonnet]" to let both work'
        assert f"^ {hint}\n" in done.stdout

    def test_removed_roster_is_one_finding(self, roster: Run, repository: Path):
        (repository / PRODUCTION).unlink()
        done = roster("check", "--changed-since", "HEAD")
        assert re.findall(r"\[([a-z-]+)\]$", done.stdout, re.MULTILINE) == ["missing-roster"]

    def test_renamed_environment_is_one_finding(self, roster: Run, repository: Path):
        git(repository, "mv", "env/production", "env/customers")
        edit(repository / "env/environments.yaml", "name: production", "name: customers")
        done = roster("check", "--changed-since", "HEAD", "--format=json")
        rules = [item["rule"] for item in json.loads(done.stdout)["diagnostics"]]
        assert rules.count("model-left-unannounced") == 1

    def test_renamed_environment_keeps_old_findings(self, roster: Run, repository: Path):
        git(repository, "mv", "env/production", "env/customers")
        edit(repository / "env/environments.yaml", "name: production", "name: customers")
        done = roster("check", "--changed-since", "HEAD")
        assert "[release-state-not-allowed]" not in done.stdout, "its message names the environment"
        assert "1 older finding left out" in done.stderr

    def test_replaced_environment_is_no_renamed_one(self, roster: Run, repository: Path):
        git(repository, "mv", "env/production", "env/customers")
        edit(repository / "env/environments.yaml", "name: production", "name: customers")
        path = repository / "env/customers/offered_models_metadata.yaml"
        for name in re.findall("^- name: (.*)$", path.read_text(), re.MULTILINE):
            edit(path, f"- name: {name}\n", f"- name: New {name}\n")
        assert "left out" not in roster("check", "--changed-since", "HEAD").stderr

    @pytest.mark.parametrize("text", ["- [", "[]\n", "- name: 7\n"])
    def test_unreadable_roster_is_only_finding(self, roster: Run, repository: Path, text: str):
        (repository / PRODUCTION).write_text(text)
        done = roster("check", "--changed-since", "HEAD")
        assert done.returncode == 1
        assert "[model-left-unannounced]" not in done.stdout

    def test_earlier_policy_applies(self, roster: Run, repository: Path):
        self.remove(repository)
        edit(repository / "env/environments.yaml", "retirement_notice_days: 90", "retirement_notice_days: 0")
        assert roster("check", "--changed-since", "HEAD").returncode == 1


def test_every_format_has_new_findings_only(roster: Run, repository: Path):
    add_typo(repository)
    reports = {kind: repository / f"report.{kind}" for kind in ("json", "codequality", "junit", "sarif", "github")}
    roster("check", "--changed-since", "HEAD", *(f"--format={kind}={path}" for kind, path in reports.items()))
    assert [item["rule"] for item in json.loads(reports["json"].read_text())["diagnostics"]] == ["invalid-value"]
    assert [item["check_name"] for item in json.loads(reports["codequality"].read_text())] == ["invalid-value"]
    assert [item["ruleId"] for item in json.loads(reports["sarif"].read_text())["runs"][0]["results"]] == [
        "invalid-value"
    ]
    assert [item.get("type") for item in ElementTree.parse(reports["junit"]).iter("failure")] == ["invalid-value"]
    assert reports["github"].read_text().count("\n") == 1


def test_quiet_check_prints_no_comparison(roster: Run, repository: Path):
    done = roster("check", "--quiet", "--changed-since", "HEAD")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_paths_select_new_findings(roster: Run, repository: Path):
    add_typo(repository)
    assert roster("check", "--changed-since", "HEAD", "env/staging").stdout == ""
    done = roster("check", "--changed-since", "HEAD", PRODUCTION)
    assert done.returncode == 1
    assert done.stderr.endswith("1 older finding left out\n1 roster checked: 1 error\n")


def test_standard_input_is_compared(repository: Path):
    text = (repository / PRODUCTION).read_text()
    for unsaved, rules in ((text, []), (text.replace(NEW, "description: 7"), ["wrong-type"])):
        done = subprocess.run(
            [sys.executable, "-m", "roster", "check", "--changed-since", "HEAD", "-", "--stdin-filename", PRODUCTION],
            cwd=repository,
            input=unsaved,
            capture_output=True,
            text=True,
            check=False,
        )
        assert re.findall(r"\[([a-z-]+)\]$", done.stdout, re.MULTILINE) == rules


def test_repository_is_found_from_subfolder(roster: Run, repository: Path):
    assert roster("check", "--changed-since", "other", cwd=repository / "env" / "production").returncode == 0


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        ("nowhere", 'there is no commit "nowhere" in this clone: fetch it or its branch'),
        ("--output=stolen", 'there is no commit "--output=stolen" in this clone: fetch it or its branch'),
        ("-h", 'there is no commit "-h" in this clone: fetch it or its branch'),
        ("0" * 40, f'there is no commit "{"0" * 40}" in this clone: fetch it or its branch'),
        ("main..other", 'there is no commit "main..other" in this clone: fetch it or its branch'),
        ("^main", 'there is no commit "^main" in this clone: fetch it or its branch'),
        ("HEAD:env", 'there is no commit "HEAD:env" in this clone: fetch it or its branch'),
        ("HEAD~9", 'there is no commit "HEAD~9" in this clone: fetch it or its branch'),
        ("line\nbreak", r'there is no commit "line\nbreak" in this clone: fetch it or its branch'),
        ("", "cannot compare: the commit has no name; is its variable empty?"),
        ("orphan", 'HEAD and "orphan" have no commit in common: compare with one of the same history'),
    ],
)
def test_invalid_ref_is_reported_in_one_sentence(roster: Run, repository: Path, ref: str, message: str):
    git(repository, "checkout", "--orphan", "orphan")
    commit(repository)
    git(repository, "checkout", "main")
    done = roster("check", f"--changed-since={ref}")
    assert_usage_error(done.returncode, done.stdout, done.stderr, message)
    assert not (repository / "stolen").exists()


def assert_usage_error(status: int, output: str, error: str, message: str) -> None:
    assert (status, output) == (2, "")
    assert error.startswith(f"roster: {message}"), error
    assert error.count("\n") == 1


def test_folder_outside_git_is_rejected(roster: Run, checkout: Path):
    done = roster("check", "--changed-since", "HEAD")
    assert_usage_error(done.returncode, done.stdout, done.stderr, "cannot compare: not a git repository")


def test_repository_without_commit_is_rejected(roster: Run, checkout: Path):
    git(checkout, "init")
    done = roster("check", "--changed-since", "HEAD")
    assert_usage_error(done.returncode, done.stdout, done.stderr, "cannot compare: this repository has no commit yet")


def test_missing_git_is_reported(roster: Run, repository: Path):
    done = roster("check", "--changed-since", "HEAD", PATH="")
    assert_usage_error(
        done.returncode, done.stdout, done.stderr, "git cannot be run: no such file or directory; install it"
    )


def test_unsafe_repository_shows_advice_of_git(roster: Run, repository: Path):
    done = roster("check", "--changed-since", "HEAD", GIT_TEST_ASSUME_DIFFERENT_OWNER="1")
    assert_usage_error(
        done.returncode, done.stdout, done.stderr, "cannot compare: detected dubious ownership in repository"
    )
    assert f"run git config --global --add safe.directory {repository}" in done.stderr


class TestShallowClone:
    @pytest.fixture
    def clone(self, repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
        """An empty clone for a branch with three commits of its own; the tests set its depth."""
        git(repository, "checkout", "-b", "change")
        for message in ("one", "two"):
            commit(repository, message)
        add_typo(repository)
        commit(repository, "three")
        return tmp_path_factory.mktemp("clone")

    def clone_of(self, repository: Path, clone: Path, *options: str) -> str:
        git(clone, "clone", *options, "--branch", "change", f"file://{repository}", ".")
        return git(repository, "rev-parse", "main")

    def test_enough_history_gives_same_result(self, roster: Run, repository: Path, clone: Path):
        base = self.clone_of(repository, clone, "--depth", "4")
        done = roster("check", "--changed-since", base, cwd=clone)
        assert done.returncode == 1
        assert done.stderr == f"compared with {base[:12]}: 1 older finding left out\n3 rosters checked: 1 error\n"

    def test_missing_commit_is_reported_with_fetch_command(self, roster: Run, repository: Path, clone: Path):
        for ref in (self.clone_of(repository, clone, "--depth", "2"), "origin/main"):
            done = roster("check", "--changed-since", ref, cwd=clone)
            assert_usage_error(
                done.returncode, done.stdout, done.stderr, f'there is no commit "{ref}" in this clone: fetch it'
            )
            assert ADVICE in done.stderr

    @pytest.mark.parametrize("option", ["--no-single-branch", "--no-tags"])
    def test_too_little_history_is_reported_with_fetch_command(
        self, option: str, roster: Run, repository: Path, clone: Path
    ):
        base = self.clone_of(repository, clone, "--depth", "2", option)
        git(clone, "fetch", "--depth", "1", "origin", "main")
        for ref in (base, "FETCH_HEAD"):
            done = roster("check", "--changed-since", ref, cwd=clone)
            message = f'this clone is too shallow for the commit that HEAD and "{ref}" have in common: run git fetch '
            assert_usage_error(done.returncode, done.stdout, done.stderr, message)
            assert ADVICE in done.stderr

    def test_advice_helps(self, roster: Run, repository: Path, clone: Path):
        base = self.clone_of(repository, clone, "--depth", "2")
        git(clone, "fetch", "--unshallow")
        assert roster("check", "--changed-since", base, cwd=clone).returncode == 1
        git(clone, "fetch", "origin", "main:main")
        assert roster("check", "--changed-since", "main", cwd=clone).returncode == 1
