"""``roster diff``: arguments, defaults, exit statuses and errors."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from roster.report import palette
from tests.cli.terminal import on_a_terminal
from tests.conftest import Run, edit, git

PRODUCTION, STAGING = (f"env/{name}/offered_models_metadata.yaml" for name in ("production", "staging"))
ENVIRONMENTS = "env/environments.yaml"
WITHDRAWN = "Codestral on Vertex"
NO_CHANGE = "no change for customers\n"


@pytest.fixture
def repository(checkout: Path) -> Path:
    """A repository with one commit."""
    git(checkout, "init")
    commit(checkout, "first")
    return checkout


def commit(root: Path, message: str = "a change") -> str:
    git(root, "add", "--all")
    git(root, "commit", "--allow-empty", "--message", message)
    return git(root, "rev-parse", "HEAD")


def change_endpoint(root: Path, environment: str = "production", host: str = "elsewhere.example.com") -> None:
    """Change the endpoint of the first model in a roster: one risky change."""
    path = root / f"env/{environment}/offered_models_metadata.yaml"
    before, key, after = path.read_text().partition("  endpoint: ")
    path.write_text(f"{before}{key}https://{host}/v1\n{after.partition(chr(10))[2]}")


def withdraw_model(root: Path, environment: str = "production") -> None:
    """Remove a model from a roster: one breaking change."""
    path = root / f"env/{environment}/offered_models_metadata.yaml"
    before, name, model = path.read_text().partition(f"- name: {WITHDRAWN}\n")
    assert name
    path.write_text(before + model[model.index("- name: ") :])


def parse_report(output: str) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(output)
    return report


def kinds(output: str) -> list[str]:
    return [f"{change['environment']} {change['kind']}" for change in parse_report(output)["changes"]]


# Arguments


def test_no_change(roster: Run, repository: Path):
    done = roster("diff")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", NO_CHANGE)
    assert parse_report(roster("diff", "--format", "json").stdout)["changes"] == []
    assert "No change for customers." in roster("diff", "--format", "markdown").stdout


def test_comments_do_not_matter(roster: Run, repository: Path):
    path = repository / PRODUCTION
    path.write_text("# Again.\n" + path.read_text())
    done = roster("diff")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", NO_CHANGE)


def test_order_of_models_matters_to_admins(roster: Run, repository: Path):
    path = repository / PRODUCTION
    first, *models = path.read_text().split("\n- name: ")
    path.write_text("\n- name: ".join([first, *reversed(models)]))
    assert kinds(roster("diff", "--format", "json").stdout) == ["production models-reordered"]


def test_text_shows_summary_effect_and_line(roster: Run, repository: Path):
    change_endpoint(repository)
    change_endpoint(repository, "staging")
    withdraw_model(repository, "staging")
    done = roster("diff")
    assert done.returncode == 0
    assert done.stderr == "1 breaking and 2 risky changes in 2 environments\n"
    line = (repository / PRODUCTION).read_text().splitlines().index("  endpoint: https://elsewhere.example.com/v1") + 1
    before = git(repository, "show", f"HEAD:{PRODUCTION}").splitlines()[line - 1].strip()
    moved = f"{before} → https://elsewhere.example.com/v1".replace("endpoint: ", "endpoint ")
    assert done.stdout.endswith(
        "\nproduction\n"
        f"  risky     Codestral on Fireworks: deployment changed: {moved} [deployment-moved]\n"
        "            For all users of this model, requests go to https://elsewhere.example.com/v1.\n"
        f"            {PRODUCTION}:{line}\n"
    )
    assert done.stdout.startswith(f"staging\n  breaking  {WITHDRAWN} is no longer offered [model-withdrawn]\n")
    withdrawn = git(repository, "show", f"HEAD:{STAGING}").splitlines().index(f"- name: {WITHDRAWN}") + 1
    assert f"            {STAGING}:{withdrawn} in base\n" in done.stdout


def test_two_revisions_ignore_working_tree(roster: Run, repository: Path):
    change_endpoint(repository)
    commit(repository)
    withdraw_model(repository)
    assert kinds(roster("diff", "HEAD~1", "HEAD", "--format", "json").stdout) == ["production deployment-moved"]
    assert kinds(roster("diff", "HEAD", "--format", "json").stdout) == ["production model-withdrawn"]
    (repository / PRODUCTION).write_text("- [")
    assert roster("diff", "HEAD~1", "HEAD").returncode == 0


def test_diff_runs_in_subfolder(roster: Run, repository: Path):
    change_endpoint(repository)
    folder = repository / "env/production"
    done = roster("diff", "HEAD", "--format", "json", cwd=folder)
    assert done.stdout == roster("diff", "HEAD", "--format", "json").stdout != ""
    assert " offered_models_metadata.yaml:9\n" in roster("diff", "HEAD", cwd=folder).stdout


def test_folders_outside_git(roster: Run, checkout: Path, tmp_path_factory: pytest.TempPathFactory):
    before, elsewhere = (tmp_path_factory.mktemp(name) for name in ("before", "elsewhere"))
    shutil.copytree(checkout, before, dirs_exist_ok=True)
    change_endpoint(checkout)
    done = roster("diff", str(before), str(checkout), "--format", "json", cwd=elsewhere)
    assert kinds(done.stdout) == ["production deployment-moved"]
    assert roster("diff", str(before), "--format", "json").stdout == done.stdout.replace(
        str(checkout), "the working tree"
    )


def test_single_file_is_compared_with_its_environment(roster: Run, repository: Path):
    old = repository / "old.yaml"
    old.write_text((repository / PRODUCTION).read_text())
    commit(repository)
    change_endpoint(repository)
    change_endpoint(repository, "staging")
    done = roster("diff", "HEAD", PRODUCTION, "--format", "json")
    assert kinds(done.stdout) == ["production deployment-moved"]
    assert [change["path"] for change in parse_report(done.stdout)["changes"]] == [PRODUCTION]
    assert kinds(roster("diff", "old.yaml", PRODUCTION, "--format", "json").stdout) == ["production deployment-moved"]
    assert roster("diff", "old.yaml", "HEAD", "--environment", "production").stderr == NO_CHANGE


def test_single_file_needs_environment(roster: Run, repository: Path):
    (repository / "old.yaml").write_text((repository / PRODUCTION).read_text())
    done = roster("diff", "old.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    assert "old.yaml is not in a folder env/<environment>: pass its environment with --environment" in done.stderr
    done = roster("diff", "old.yaml", "--environment", "production", "--environment", "staging")
    assert "a single file belongs to one environment" in done.stderr


def test_two_files_outside_repository(roster: Run, checkout: Path, tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("files")
    (folder / "before.yaml").write_text((checkout / PRODUCTION).read_text())
    change_endpoint(checkout)
    (folder / "after.yaml").write_text((checkout / PRODUCTION).read_text())
    done = roster("diff", str(folder / "before.yaml"), str(folder / "after.yaml"), "--format", "json")
    (change,) = parse_report(done.stdout)["changes"]
    assert (done.returncode, change["environment"], change["path"]) == (0, "after", str(folder / "after.yaml"))
    assert parse_report(done.stdout)["head"]["errors"] == 0, "the environment is a guess"


def test_file_takes_precedence_over_revision(roster: Run, repository: Path):
    change_endpoint(repository)
    commit(repository)
    git(repository, "branch", "old", "HEAD~1")
    assert roster("diff", "old").stderr != NO_CHANGE
    (repository / "old").mkdir()
    done = roster("diff", "old")
    assert (done.returncode, done.stderr) == (2, f"roster: old is not a roster repository: {ENVIRONMENTS} is missing\n")
    assert roster("diff", "refs/heads/old").stderr != NO_CHANGE


def test_selected_environments(roster: Run, repository: Path):
    for environment in ("production", "staging", "staging-ref"):
        change_endpoint(repository, environment)
    done = roster("diff", "--environment", "staging", "--environment", "production", "--format", "json")
    assert kinds(done.stdout) == ["staging deployment-moved", "production deployment-moved"]
    done = roster("diff", "--environment", "prodution")
    message = 'roster: there is no environment "prodution": did you mean "production"?\n'
    assert (done.returncode, done.stdout, done.stderr) == (2, "", message)


def test_added_removed_and_renamed_environment(roster: Run, repository: Path):
    (repository / "env/staging-ref").rename(repository / "env/sandbox")
    edit(repository / ENVIRONMENTS, "- name: staging-ref\n", "- name: sandbox\n")
    done = roster("diff", "--format", "json")
    assert (done.returncode, kinds(done.stdout)) == (
        0,
        ["sandbox environment-added", "staging-ref environment-removed"],
    )
    added, removed = parse_report(done.stdout)["changes"]
    assert (added["side"], removed["side"]) == ("head", "base")
    assert added["new"] == removed["old"]
    assert kinds(roster("diff", "--environment", "staging-ref", "--format", "json").stdout) == [
        "staging-ref environment-removed"
    ]


def test_renamed_roster_file_is_removed_environment(roster: Run, repository: Path):
    (repository / STAGING).rename(repository / "env/staging/models.yaml")
    done = roster("diff", "--format", "json")
    assert kinds(done.stdout) == ["staging environment-removed"]
    assert done.returncode == 1
    assert f"  {ENVIRONMENTS}:" in done.stderr
    assert "missing-roster" in done.stderr


def test_at_decides_what_was_announced(roster: Run, repository: Path):
    retirement = "retirement: {notice: 2026-01-01, last_day: 2026-12-31, replacement: codestral_on_fireworks}"
    edit(repository / STAGING, f"- name: {WITHDRAWN}\n", f"- name: {WITHDRAWN}\n  {retirement}\n")
    commit(repository)
    withdraw_model(repository, "staging")
    impacts = {
        day: parse_report(roster("diff", "--at", day, "--format", "json").stdout)["summary"]
        for day in ("2026-12-31", "2027-01-01")
    }
    assert impacts["2026-12-31"] == {"breaking": 1, "risky": 0, "safe": 0}
    assert impacts["2027-01-01"] == {"breaking": 0, "risky": 0, "safe": 1}


# Default base


class TestDefaultBase:
    @pytest.fixture
    def clone(self, repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
        """A clone whose default branch is called trunk and has advanced since the change was started."""
        git(repository, "branch", "--move", "trunk")
        git(repository, "checkout", "-b", "change")
        change_endpoint(repository)
        commit(repository)
        git(repository, "checkout", "trunk")
        change_endpoint(repository, "staging")
        commit(repository)
        clone = tmp_path_factory.mktemp("clone")
        git(clone, "clone", f"file://{repository}", ".")
        git(clone, "checkout", "change")
        return clone

    def test_base_is_merge_base_with_default_branch_of_remote(self, roster: Run, clone: Path):
        done = roster("diff", "--format", "json", cwd=clone)
        assert kinds(done.stdout) == ["production deployment-moved"]
        assert parse_report(done.stdout)["base"]["name"] == git(clone, "merge-base", "HEAD", "origin/trunk")[:12]
        assert parse_report(done.stdout)["head"]["name"] == "the working tree"

    @pytest.mark.parametrize("branch", ["main", "master"])
    @pytest.mark.parametrize("remote", [True, False])
    def test_base_falls_back_to_main_or_master(self, roster: Run, clone: Path, branch: str, remote: bool):
        git(clone, "remote", "set-head", "origin", "--delete")
        done = roster("diff", cwd=clone)
        message = "roster: this clone has no default branch (origin/HEAD, main or master): name what to compare with\n"
        assert (done.returncode, done.stdout, done.stderr) == (2, "", message)
        git(clone, "update-ref", f"refs/{'remotes/origin' if remote else 'heads'}/{branch}", "origin/trunk")
        assert kinds(roster("diff", "--format", "json", cwd=clone).stdout) == ["production deployment-moved"]

    def test_gitlab_diff_base(self, roster: Run, clone: Path):
        base = git(clone, "merge-base", "HEAD", "origin/trunk")
        git(clone, "remote", "remove", "origin")
        done = roster("diff", "--format", "json", cwd=clone, CI_MERGE_REQUEST_DIFF_BASE_SHA=base)
        assert parse_report(done.stdout)["base"]["name"] == base[:12]

    def test_gitlab_merged_results_are_compared_with_target(self, roster: Run, clone: Path):
        base, target = git(clone, "merge-base", "HEAD", "origin/trunk"), git(clone, "rev-parse", "origin/trunk")
        git(clone, "merge", "--no-ff", "-m", "as GitLab does", "origin/trunk")
        variables = {"CI_MERGE_REQUEST_DIFF_BASE_SHA": base, "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": target}
        done = roster("diff", "--format", "json", cwd=clone, **variables)
        assert kinds(done.stdout) == ["production deployment-moved"]
        done = roster("diff", "--format", "json", cwd=clone, **variables | {"CI_MERGE_REQUEST_TARGET_BRANCH_SHA": ""})
        assert len(kinds(done.stdout)) == 2

    def test_gitlab_default_branch(self, roster: Run, clone: Path):
        git(clone, "remote", "set-head", "origin", "--delete")
        done = roster("diff", "--format", "json", cwd=clone, CI_DEFAULT_BRANCH="trunk")
        assert kinds(done.stdout) == ["production deployment-moved"]
        done = roster("diff", cwd=clone, CI_DEFAULT_BRANCH="gone")
        message = 'roster: this clone has no branch "gone": fetch it, or name what to compare with\n'
        assert (done.returncode, done.stderr) == (2, message)

    def test_shallow_clone_without_merge_base(self, roster: Run, clone: Path, tmp_path_factory: pytest.TempPathFactory):
        shallow = tmp_path_factory.mktemp("shallow")
        git(shallow, "clone", "--depth", "1", "--no-single-branch", "--branch", "change", f"file://{clone}", ".")
        git(shallow, "fetch", "--depth", "1", "origin", "refs/remotes/origin/trunk:refs/remotes/origin/trunk")
        done = roster("diff", cwd=shallow, CI_DEFAULT_BRANCH="trunk")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("roster: this clone is too shallow for the commit that HEAD and ")
        assert "set GIT_DEPTH to 0" in done.stderr
        base = git(clone, "merge-base", "HEAD", "origin/trunk")
        done = roster("diff", cwd=shallow, CI_MERGE_REQUEST_DIFF_BASE_SHA=base)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(f'roster: there is no commit "{base}" in this clone: fetch it')


# Impact


@pytest.mark.parametrize(
    ("fail_on", "safe", "risky", "breaking"),
    [(None, 0, 0, 0), ("breaking", 0, 0, 1), ("risky", 0, 1, 1), ("safe", 1, 1, 1)],
)
def test_exit_status_follows_worst_impact(
    roster: Run, repository: Path, fail_on: str | None, safe: int, risky: int, breaking: int
):
    options = ["--fail-on", fail_on] if fail_on else []
    assert roster("diff", *options).returncode == 0
    edit(repository / STAGING, "display_name: Gemini Pro", "display_name: Gemini for all")
    assert roster("diff", *options).returncode == safe
    change_endpoint(repository)
    assert roster("diff", *options).returncode == risky
    withdraw_model(repository)
    assert roster("diff", *options).returncode == breaking


def test_unknown_impact_is_usage_error(roster: Run, repository: Path):
    assert roster("diff", "--fail-on", "nothing").returncode == 2


def set_impact(root: Path, impact: str) -> None:
    edit(root / ENVIRONMENTS, "  retirement_notice_days: 90\n", f"  retirement_notice_days: 90\n  impact: {impact}\n")


@pytest.mark.parametrize("impact", ["breaking", "safe"])
def test_policy_raises_and_lowers_impact(roster: Run, repository: Path, impact: str):
    set_impact(repository, f"{{deployment-moved: {impact}}}")
    commit(repository)
    change_endpoint(repository)
    change_endpoint(repository, "staging")
    assert [change["impact"] for change in parse_report(roster("diff", "--format", "json").stdout)["changes"]] == [
        "risky",
        impact,
    ]


def test_change_can_raise_but_not_lower_its_own_impact(roster: Run, repository: Path):
    change_endpoint(repository)
    policy = (repository / ENVIRONMENTS).read_text()
    set_impact(repository, "{deployment-moved: safe}")
    assert roster("diff", "--fail-on", "risky").returncode == 1
    (repository / ENVIRONMENTS).write_text(policy)
    set_impact(repository, "{deployment-moved: breaking}")
    assert roster("diff", "--fail-on", "breaking").returncode == 1
    git(repository, "stash", "push", PRODUCTION)
    commit(repository)
    git(repository, "stash", "pop")
    (repository / ENVIRONMENTS).write_text(policy)
    assert roster("diff", "HEAD", "--fail-on", "breaking").returncode == 1, "nor undo a raised impact"


# Errors


def assert_usage_error(done: Any, message: str) -> None:
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"roster: {message}"), done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nowhere", 'there is no commit "nowhere" in this clone: fetch it or its branch'),
        ("origin/nowhere", 'there is no commit "origin/nowhere" in this clone'),
        ("HEAD~9", 'there is no commit "HEAD~9" in this clone'),
        ("HEAD:env", 'there is no commit "HEAD:env" in this clone'),
        ("main..HEAD", 'there is no commit "main..HEAD" in this clone'),
        ("line\nbreak", r'there is no commit "line\nbreak" in this clone'),
        ("0" * 40, f'there is no commit "{"0" * 40}" in this clone'),
        ("", "cannot compare: the commit has no name; is its variable empty?"),
        ("./nowhere", 'there is no file or folder "./nowhere"'),
        ("/nowhere", 'there is no file or folder "/nowhere"'),
        ("nowhere.yaml", 'there is no file or folder "nowhere.yaml"'),
        ("schemas", f"schemas is not a roster repository: {ENVIRONMENTS} is missing"),
        ("empty", "the commit empty ("),
    ],
)
@pytest.mark.parametrize("side", ["base", "head"])
def test_missing_revision_or_file_is_usage_error(roster: Run, repository: Path, name: str, message: str, side: str):
    git(repository, "checkout", "--orphan", "empty")
    git(repository, "rm", "-r", "--cached", "env")
    git(repository, "commit", "--message", "no rosters")
    git(repository, "checkout", "--force", "main")
    assert_usage_error(roster("diff", *([name] if side == "base" else ["HEAD", name])), message)


@pytest.mark.parametrize(
    ("file", "content", "reason"),
    [
        ("schemas/offered_models_metadata.schema.json", None, "the file must be a list, not a mapping"),
        (ENVIRONMENTS, None, "the file must be a list of models; it seems to be env/environments.yaml"),
        ("schemas/features.yaml", None, "the file must be a list of models; it seems to be schemas/features.yaml"),
        ("schemas/families.yaml", None, "the file must be a list of models; it seems to be a list of names"),
        ("README.md", b"# A heading\n\nSome text.\n", "the file must be a list, not text"),
        ("picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "the byte 0x89 here is not UTF-8"),
        ("empty.yaml", b"", "it lists no model"),
        ("broken.yaml", b"- name: [", ""),
        ("large.yaml", b"- name: x\n" * 900_000, "the file is larger than 8 MiB"),
    ],
)
@pytest.mark.parametrize("side", ["base", "head"])
def test_file_that_is_not_a_roster_is_usage_error(
    roster: Run, repository: Path, file: str, content: bytes | None, reason: str, side: str
):
    if content is not None:
        (repository / file).write_bytes(content)
    arguments = [file, PRODUCTION] if side == "base" else ["HEAD", file]
    done = roster("diff", *arguments, "--environment", "production")
    assert_usage_error(done, f"{file} is not a roster: {reason}")


def test_outside_git_and_before_first_commit(roster: Run, checkout: Path):
    assert_usage_error(roster("diff"), "cannot compare: not a git repository")
    assert_usage_error(roster("diff", "HEAD"), "cannot compare: not a git repository")
    git(checkout, "init")
    assert_usage_error(roster("diff"), "cannot compare: this repository has no commit yet")


def test_outside_roster_repository(roster: Run, tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("nothing")
    done = roster("diff", cwd=folder)
    assert_usage_error(done, f"{folder} is not in a roster repository")


def test_change_of_feature_is_one_row_at_its_line(roster: Run, repository: Path):
    path = repository / "schemas/features.yaml"
    path.write_text(path.read_text().replace("title: General Chat", "title: Chat"))
    line = path.read_text().split("\n").index("- name: duo_chat") + 1
    done = roster("diff")
    assert f"schemas/features.yaml:{line}\n" in done.stdout
    assert "environments: staging-ref, staging, production\n" in done.stdout
    assert done.stderr == "1 safe change in 3 environments\n"


@pytest.mark.parametrize("file", ["schemas/features.yaml", ENVIRONMENTS, "schemas/offered_models_metadata.schema.json"])
@pytest.mark.parametrize("side", ["base", "head"])
def test_version_with_invalid_registry_is_not_compared(roster: Run, repository: Path, file: str, side: str):
    before = (repository / file).read_text()
    (repository / file).write_text("[")
    broken = commit(repository)
    (repository / file).write_text(before)
    commit(repository)
    done = roster("diff", broken) if side == "base" else roster("diff", "HEAD", broken)
    assert_usage_error(done, f"{broken} cannot be compared: {file}")


class TestErrors:
    SLIP = ("features: [code-generation, duo_chat]", "features: [code-generatoin, duo_chat]")

    def test_errors_in_base_are_listed_and_rest_is_compared(self, roster: Run, repository: Path):
        edit(repository / PRODUCTION, *self.SLIP)
        commit(repository)
        edit(repository / PRODUCTION, *reversed(self.SLIP))
        change_endpoint(repository)
        done = roster("diff", "HEAD", "--format", "json")
        assert done.returncode == 2
        name = parse_report(done.stdout)["base"]["name"]
        head, *errors, summary = done.stderr.splitlines()
        assert head == f"{name} (base) has 1 error:"
        assert errors[0].startswith(f"  {PRODUCTION}:")
        assert ' unknown-feature unknown feature "code-generatoin"' in "\n".join(errors)
        assert "production deployment-moved" in kinds(done.stdout)
        assert (parse_report(done.stdout)["base"]["errors"], parse_report(done.stdout)["head"]["errors"]) == (1, 0)
        assert summary.endswith("changes in 1 environment")

    def test_errors_in_head_fail(self, roster: Run, repository: Path):
        edit(repository / PRODUCTION, *self.SLIP)
        done = roster("diff")
        assert done.returncode == 1
        assert done.stderr.startswith("the working tree (head) has 1 error:\n  env/production/")
        assert "**Errors**: 0 before this change, 1 after it." in roster("diff", "--format", "markdown").stdout

    def test_error_of_both_versions_is_reported_once(self, roster: Run, repository: Path):
        edit(repository / PRODUCTION, *self.SLIP)
        commit(repository)
        (repository / PRODUCTION).write_text("# Moves the lines.\n" + (repository / PRODUCTION).read_text())
        change_endpoint(repository)
        done = roster("diff", "HEAD", "--format", "json")
        assert done.returncode == 1
        title, error, summary = done.stderr.splitlines()
        assert title == "both versions have 1 error:"
        assert error.startswith(f"  {PRODUCTION}:")
        assert summary == "1 risky change in 1 environment"
        assert kinds(done.stdout) == ["production deployment-moved"]

    def test_errors_of_other_environments_are_ignored(self, roster: Run, repository: Path):
        edit(repository / PRODUCTION, *self.SLIP)
        done = roster("diff", "--environment", "staging")
        assert (done.returncode, done.stderr) == (0, NO_CHANGE)

    def test_many_errors_are_counted(self, roster: Run, repository: Path):
        (repository / PRODUCTION).write_text((repository / PRODUCTION).read_text() + "- name: 1\n  x: 1\n" * 9)
        done = roster("diff", "--environment", "production")
        lines = done.stderr.splitlines()
        number = int(lines[0].split()[-2])
        assert number > 10
        assert lines[11] == f"  and {number - 10} more"
        assert len(lines) == 13

    @pytest.mark.parametrize(("side", "status"), [("base", 2), ("head", 1)])
    def test_unreadable_roster_is_not_compared(self, roster: Run, repository: Path, side: str, status: int):
        before = (repository / STAGING).read_text()
        (repository / STAGING).write_text(f"{before}- name: [\n")
        if side == "base":
            commit(repository)
            (repository / STAGING).write_text(before)
        change_endpoint(repository)
        done = roster("diff", "HEAD", "--format", "json")
        assert done.returncode == status
        assert "staging is not compared: its roster cannot be read\n" in done.stderr
        assert parse_report(done.stdout)["not_compared"] == ["staging"]
        assert kinds(done.stdout) == ["production deployment-moved"]
        markdown = roster("diff", "HEAD", "--format", "markdown", "--environment", "staging").stdout
        assert "No change for customers in what could be compared." in markdown
        assert "Not compared, because the roster cannot be read: staging." in markdown


# How it is parse_report


def test_formats_to_files(roster: Run, repository: Path):
    change_endpoint(repository)
    done = roster("diff", "--format", "text", "--format", "markdown=comment.md", "--format", "json=diff.json")
    assert done.stdout == roster("diff").stdout
    assert (repository / "comment.md").read_text() == roster("diff", "--format", "markdown").stdout
    assert (repository / "diff.json").read_text() == roster("diff", "--format", "json").stdout


def test_comment_of_merge_request_links_to_lines(roster: Run, repository: Path):
    change_endpoint(repository)
    withdraw_model(repository, "staging")
    base, head = git(repository, "rev-parse", "HEAD"), commit(repository)
    variables = {
        "CI_PROJECT_URL": "https://gitlab.example.com/group/rosters",
        "CI_COMMIT_SHA": head,
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": base,
    }
    comment = roster("diff", "--format", "markdown", CI_MERGE_REQUEST_IID="7", **variables).stdout
    address = "https://gitlab.example.com/group/rosters/-/blob"
    assert f"]({address}/{head}/{PRODUCTION}#L" in comment
    assert f"]({address}/{base}/{STAGING}#L" in comment
    assert address not in roster("diff", "--format", "markdown", **variables).stdout, "not the pipeline's commit"
    hostile = variables | {"CI_PROJECT_URL": "javascript:alert(1)"}
    assert "javascript" not in roster("diff", "--format", "markdown", CI_MERGE_REQUEST_IID="7", **hostile).stdout


def test_unknown_format_is_usage_error(roster: Run, repository: Path):
    done = roster("diff", "--format", "junit")
    assert done.returncode == 2
    assert "choose from text, markdown, json" in done.stderr.replace("\n", " ")


def test_terminal_shows_impact_in_color(repository: Path):
    change_endpoint(repository)
    withdraw_model(repository)
    shown = on_a_terminal("diff", cwd=repository)
    assert f"\x1b[38;5;{palette.BAD}m\x1b[1mbreaking\x1b[0m" in shown
    assert f"\x1b[38;5;{palette.WARNING}m\x1b[1mrisky   \x1b[0m" in shown
    assert "\x1b" not in on_a_terminal("diff", cwd=repository, NO_COLOR="1")


def test_text_format_does_not_import_jinja(roster: Run, repository: Path):
    import subprocess
    import sys

    script = "import sys; from roster.cli.main import run; run(['diff']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=repository, capture_output=True, text=True, check=True)
    assert {"jinja2", "jsonschema", "roster.yaml.careful_loader"}.isdisjoint(done.stdout.split())
