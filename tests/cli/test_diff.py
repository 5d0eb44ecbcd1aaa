"""``roster diff`` as people run it: what it compares, how it ends, and what it says of what cannot be compared."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.terminal import on_a_terminal
from tests.conftest import ROOT, Run, edit, git

PRODUCTION, STAGING = (f"env/{name}/offered_models_metadata.yaml" for name in ("production", "staging"))
ENVIRONMENTS = "env/environments.yaml"
WITHDRAWN = "Codestral on Vertex"
NOTHING = "no change for customers\n"


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


def endpoint(root: Path, environment: str = "production", host: str = "elsewhere.example.com") -> None:
    """Let the first model of a roster answer at another host: one risky change."""
    path = root / f"env/{environment}/offered_models_metadata.yaml"
    before, key, after = path.read_text().partition("  endpoint: ")
    path.write_text(f"{before}{key}https://{host}/v1\n{after.partition(chr(10))[2]}")


def withdraw(root: Path, environment: str = "production") -> None:
    """Take a model out of a roster: one breaking change."""
    path = root / f"env/{environment}/offered_models_metadata.yaml"
    before, name, model = path.read_text().partition(f"- name: {WITHDRAWN}\n")
    assert name
    path.write_text(before + model[model.index("- name: ") :])


def told(output: str) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(output)
    return report


def kinds(output: str) -> list[str]:
    return [f"{change['environment']} {change['kind']}" for change in told(output)["changes"]]


# What is compared


def test_nothing_changed(roster: Run, repository: Path):
    done = roster("diff")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", NOTHING)
    assert told(roster("diff", "--format", "json").stdout)["changes"] == []
    assert "No change for customers." in roster("diff", "--format", "markdown").stdout


def test_order_and_comments_are_no_change(roster: Run, repository: Path):
    path = repository / PRODUCTION
    first, *models = path.read_text().split("\n- name: ")
    path.write_text("# Again.\n" + "\n- name: ".join([first, *reversed(models)]))
    done = roster("diff")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", NOTHING)


def test_a_change_is_told_in_customers_words_with_its_line(roster: Run, repository: Path):
    endpoint(repository)
    endpoint(repository, "staging")
    withdraw(repository, "staging")
    done = roster("diff")
    assert done.returncode == 0
    assert done.stderr == "1 breaking and 2 risky changes in 2 environments\n"
    line = (repository / PRODUCTION).read_text().splitlines().index("  endpoint: https://elsewhere.example.com/v1") + 1
    assert done.stdout.endswith(
        "\nproduction\n"
        "  risky     Codestral on Fireworks: endpoint changed [deployment-moved]\n"
        "            For all users of this model, requests go to https://elsewhere.example.com/v1.\n"
        f"            {PRODUCTION}:{line}\n"
    )
    assert done.stdout.startswith(f"staging\n  breaking  {WITHDRAWN} is no longer offered [model-withdrawn]\n")
    before = git(repository, "show", f"HEAD:{STAGING}").splitlines().index(f"- name: {WITHDRAWN}") + 1
    assert f"            {STAGING}:{before} in base\n" in done.stdout


def test_two_revisions_leave_the_files_out_of_it(roster: Run, repository: Path):
    endpoint(repository)
    commit(repository)
    withdraw(repository)
    assert kinds(roster("diff", "HEAD~1", "HEAD", "--format", "json").stdout) == ["production deployment-moved"]
    assert kinds(roster("diff", "HEAD", "--format", "json").stdout) == ["production model-withdrawn"]
    (repository / PRODUCTION).write_text("- [")
    assert roster("diff", "HEAD~1", "HEAD").returncode == 0


def test_it_works_from_a_folder_within(roster: Run, repository: Path):
    endpoint(repository)
    assert roster("diff", "HEAD", cwd=repository / "env/production").stdout == roster("diff", "HEAD").stdout != ""


def test_folders_are_compared_outside_git_too(roster: Run, checkout: Path, tmp_path_factory: pytest.TempPathFactory):
    endpoint(checkout)
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    done = roster("diff", str(ROOT), str(checkout), "--format", "json", cwd=elsewhere)
    assert kinds(done.stdout) == ["production deployment-moved"]
    assert roster("diff", str(ROOT), "--format", "json").stdout == done.stdout.replace(
        str(checkout), "the working tree"
    )


def test_a_file_is_compared_with_its_environment(roster: Run, repository: Path):
    old = repository / "old.yaml"
    old.write_text((repository / PRODUCTION).read_text())
    commit(repository)
    endpoint(repository)
    endpoint(repository, "staging")
    done = roster("diff", "HEAD", PRODUCTION, "--format", "json")
    assert kinds(done.stdout) == ["production deployment-moved"]
    assert [change["path"] for change in told(done.stdout)["changes"]] == [PRODUCTION]
    assert kinds(roster("diff", "old.yaml", PRODUCTION, "--format", "json").stdout) == ["production deployment-moved"]
    assert roster("diff", "old.yaml", "HEAD", "--environment", "production").stderr == NOTHING


def test_a_file_alone_has_to_say_its_environment(roster: Run, repository: Path):
    (repository / "old.yaml").write_text((repository / PRODUCTION).read_text())
    done = roster("diff", "old.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    assert "old.yaml is not in a folder env/<environment>: pass its environment with --environment" in done.stderr
    done = roster("diff", "old.yaml", "--environment", "production", "--environment", "staging")
    assert "a single file belongs to one environment" in done.stderr


def test_two_files_anywhere_are_one_environment(roster: Run, checkout: Path, tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("files")
    (folder / "before.yaml").write_text((checkout / PRODUCTION).read_text())
    endpoint(checkout)
    (folder / "after.yaml").write_text((checkout / PRODUCTION).read_text())
    done = roster("diff", str(folder / "before.yaml"), str(folder / "after.yaml"), "--format", "json")
    (change,) = told(done.stdout)["changes"]
    assert (done.returncode, change["environment"], change["path"]) == (0, "after", str(folder / "after.yaml"))
    assert told(done.stdout)["head"]["errors"] == 0, "nobody said which environment it is of"


def test_where_a_name_is_both_the_file_wins(roster: Run, repository: Path):
    endpoint(repository)
    commit(repository)
    git(repository, "branch", "old", "HEAD~1")
    assert roster("diff", "old").stderr != NOTHING
    (repository / "old").mkdir()
    done = roster("diff", "old")
    assert (done.returncode, done.stderr) == (2, f"roster: old is not a roster repository: {ENVIRONMENTS} is missing\n")
    assert roster("diff", "refs/heads/old").stderr != NOTHING


def test_environments_can_be_chosen(roster: Run, repository: Path):
    for environment in ("production", "staging", "staging-ref"):
        endpoint(repository, environment)
    done = roster("diff", "--environment", "staging", "--environment", "production", "--format", "json")
    assert kinds(done.stdout) == ["staging deployment-moved", "production deployment-moved"]
    done = roster("diff", "--environment", "prodution")
    said = 'roster: there is no environment "prodution": did you mean "production"?\n'
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)


def test_an_environment_that_comes_goes_or_is_renamed(roster: Run, repository: Path):
    (repository / "env/staging-ref").rename(repository / "env/sandbox")
    edit(repository / ENVIRONMENTS, "- name: staging-ref\n", "- name: sandbox\n")
    done = roster("diff", "--format", "json")
    assert (done.returncode, kinds(done.stdout)) == (
        0,
        ["sandbox environment-added", "staging-ref environment-removed"],
    )
    added, removed = told(done.stdout)["changes"]
    assert (added["side"], removed["side"]) == ("head", "base")
    assert added["new"] == removed["old"]
    assert kinds(roster("diff", "--environment", "staging-ref", "--format", "json").stdout) == [
        "staging-ref environment-removed"
    ]


def test_a_roster_file_with_another_name_is_none(roster: Run, repository: Path):
    (repository / STAGING).rename(repository / "env/staging/models.yaml")
    done = roster("diff", "--format", "json")
    assert kinds(done.stdout) == ["staging environment-removed"]
    assert done.returncode == 1
    assert f"  {ENVIRONMENTS}:" in done.stderr
    assert "missing-roster" in done.stderr


def test_the_day_decides_what_was_announced(roster: Run, repository: Path):
    retirement = "retirement: {notice: 2026-01-01, last_day: 2026-12-31, replacement: codestral_on_fireworks}"
    edit(repository / STAGING, f"- name: {WITHDRAWN}\n", f"- name: {WITHDRAWN}\n  {retirement}\n")
    commit(repository)
    withdraw(repository, "staging")
    impacts = {
        day: told(roster("diff", "--at", day, "--format", "json").stdout)["summary"]
        for day in ("2026-12-31", "2027-01-01")
    }
    assert impacts["2026-12-31"] == {"breaking": 1, "risky": 0, "safe": 0}
    assert impacts["2027-01-01"] == {"breaking": 0, "risky": 0, "safe": 1}


# What it is compared with where nobody says


class TestTheDefaultBase:
    @pytest.fixture
    def clone(self, repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
        """A clone of a repository whose default branch has another name and went on after a change started."""
        git(repository, "branch", "--move", "trunk")
        git(repository, "checkout", "-b", "change")
        endpoint(repository)
        commit(repository)
        git(repository, "checkout", "trunk")
        endpoint(repository, "staging")
        commit(repository)
        clone = tmp_path_factory.mktemp("clone")
        git(clone, "clone", f"file://{repository}", ".")
        git(clone, "checkout", "change")
        return clone

    def test_is_where_a_change_left_the_remotes_default_branch(self, roster: Run, clone: Path):
        done = roster("diff", "--format", "json", cwd=clone)
        assert kinds(done.stdout) == ["production deployment-moved"]
        assert told(done.stdout)["base"]["name"] == git(clone, "merge-base", "HEAD", "origin/trunk")[:12]
        assert told(done.stdout)["head"]["name"] == "the working tree"

    @pytest.mark.parametrize("branch", ["main", "master"])
    @pytest.mark.parametrize("remote", [True, False])
    def test_or_a_branch_that_is_called_like_one(self, roster: Run, clone: Path, branch: str, remote: bool):
        git(clone, "remote", "set-head", "origin", "--delete")
        done = roster("diff", cwd=clone)
        said = "roster: this clone has no default branch (origin/HEAD, main or master): name what to compare with\n"
        assert (done.returncode, done.stdout, done.stderr) == (2, "", said)
        git(clone, "update-ref", f"refs/{'remotes/origin' if remote else 'heads'}/{branch}", "origin/trunk")
        assert kinds(roster("diff", "--format", "json", cwd=clone).stdout) == ["production deployment-moved"]

    def test_in_gitlab_it_is_that_of_the_merge_request(self, roster: Run, clone: Path):
        base = git(clone, "merge-base", "HEAD", "origin/trunk")
        git(clone, "remote", "remove", "origin")
        done = roster("diff", "--format", "json", cwd=clone, CI_MERGE_REQUEST_DIFF_BASE_SHA=base)
        assert told(done.stdout)["base"]["name"] == base[:12]

    def test_in_gitlab_what_merging_would_give_is_compared_with_the_target(self, roster: Run, clone: Path):
        base, target = git(clone, "merge-base", "HEAD", "origin/trunk"), git(clone, "rev-parse", "origin/trunk")
        git(clone, "merge", "--no-ff", "-m", "as GitLab does", "origin/trunk")
        variables = {"CI_MERGE_REQUEST_DIFF_BASE_SHA": base, "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": target}
        done = roster("diff", "--format", "json", cwd=clone, **variables)
        assert kinds(done.stdout) == ["production deployment-moved"]
        done = roster("diff", "--format", "json", cwd=clone, **variables | {"CI_MERGE_REQUEST_TARGET_BRANCH_SHA": ""})
        assert len(kinds(done.stdout)) == 2

    def test_in_gitlab_the_default_branch_is_known_by_name(self, roster: Run, clone: Path):
        git(clone, "remote", "set-head", "origin", "--delete")
        done = roster("diff", "--format", "json", cwd=clone, CI_DEFAULT_BRANCH="trunk")
        assert kinds(done.stdout) == ["production deployment-moved"]
        done = roster("diff", cwd=clone, CI_DEFAULT_BRANCH="gone")
        said = 'roster: this clone has no branch "gone": fetch it, or name what to compare with\n'
        assert (done.returncode, done.stderr) == (2, said)

    def test_a_clone_without_the_merge_base_says_what_to_fetch(
        self, roster: Run, clone: Path, tmp_path_factory: pytest.TempPathFactory
    ):
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


# What a change weighs


@pytest.mark.parametrize(
    ("fail_on", "safe", "risky", "breaking"),
    [(None, 0, 0, 0), ("breaking", 0, 0, 1), ("risky", 0, 1, 1), ("safe", 1, 1, 1)],
)
def test_the_exit_status_follows_the_gravest(
    roster: Run, repository: Path, fail_on: str | None, safe: int, risky: int, breaking: int
):
    options = ["--fail-on", fail_on] if fail_on else []
    assert roster("diff", *options).returncode == 0
    edit(repository / STAGING, "display_name: Gemini Pro", "display_name: Gemini for all")
    assert roster("diff", *options).returncode == safe
    endpoint(repository)
    assert roster("diff", *options).returncode == risky
    withdraw(repository)
    assert roster("diff", *options).returncode == breaking


def test_a_weight_that_there_is_not_is_wrong_usage(roster: Run, repository: Path):
    assert roster("diff", "--fail-on", "nothing").returncode == 2


def weigh(root: Path, impact: str) -> None:
    edit(root / ENVIRONMENTS, "  retirement_notice_days: 90\n", f"  retirement_notice_days: 90\n  impact: {impact}\n")


@pytest.mark.parametrize("impact", ["breaking", "safe"])
def test_a_policy_raises_and_lowers_a_weight(roster: Run, repository: Path, impact: str):
    weigh(repository, f"{{deployment-moved: {impact}}}")
    commit(repository)
    endpoint(repository)
    endpoint(repository, "staging")
    assert [change["impact"] for change in told(roster("diff", "--format", "json").stdout)["changes"]] == [
        "risky",
        impact,
    ]


def test_a_change_can_raise_its_own_weight_and_not_lower_it(roster: Run, repository: Path):
    endpoint(repository)
    policy = (repository / ENVIRONMENTS).read_text()
    weigh(repository, "{deployment-moved: safe}")
    assert roster("diff", "--fail-on", "risky").returncode == 1
    (repository / ENVIRONMENTS).write_text(policy)
    weigh(repository, "{deployment-moved: breaking}")
    assert roster("diff", "--fail-on", "breaking").returncode == 1
    git(repository, "stash", "push", PRODUCTION)
    commit(repository)
    git(repository, "stash", "pop")
    (repository / ENVIRONMENTS).write_text(policy)
    assert roster("diff", "HEAD", "--fail-on", "breaking").returncode == 1, "nor take back what it was raised to"


# What cannot be compared


def is_refused(done: Any, said: str) -> None:
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"roster: {said}"), done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nowhere", 'there is no commit "nowhere" in this clone: fetch it or its branch'),
        ("origin/nowhere", 'there is no commit "origin/nowhere" in this clone'),
        ("HEAD~9", 'there is no commit "HEAD~9" in this clone'),
        ("HEAD:env", 'there is no commit "HEAD:env" in this clone'),
        ("main..HEAD", 'there is no commit "main..HEAD" in this clone'),
        ("line\nbreak", r'there is no commit "line\nbreak" in this clone'),
        ("0" * 40, f'there is no commit "{"0" * 40}" in this clone'),
        ("", "nothing can be compared: the commit has no name; is its variable empty?"),
        ("./nowhere", 'there is no file or folder "./nowhere"'),
        ("/nowhere", 'there is no file or folder "/nowhere"'),
        ("nowhere.yaml", 'there is no file or folder "nowhere.yaml"'),
        ("schemas", f"schemas is not a roster repository: {ENVIRONMENTS} is missing"),
        ("empty", "the commit empty ("),
    ],
)
@pytest.mark.parametrize("place", ["base", "head"])
def test_what_is_not_there_is_told_in_one_sentence(roster: Run, repository: Path, name: str, said: str, place: str):
    git(repository, "checkout", "--orphan", "empty")
    git(repository, "rm", "-r", "--cached", "env")
    git(repository, "commit", "--message", "no rosters")
    git(repository, "checkout", "--force", "main")
    is_refused(roster("diff", *([name] if place == "base" else ["HEAD", name])), said)


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("schemas/offered_models_metadata.schema.json", None, "it lists no model"),
        (ENVIRONMENTS, None, "it lists no model"),
        ("schemas/features.yaml", None, "it lists no model"),
        ("schemas/families.yaml", None, "it lists no model"),
        ("README.md", b"# A heading\n\nSome text.\n", "it lists no model"),
        ("picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "the byte 0x89 here is not UTF-8"),
        ("empty.yaml", b"", "it lists no model"),
        ("broken.yaml", b"- name: [", ""),
        ("large.yaml", b"- name: x\n" * 900_000, "the file is larger than 8 MiB"),
    ],
)
@pytest.mark.parametrize("place", ["base", "head"])
def test_a_file_that_is_not_a_roster_is_told_in_one_sentence(
    roster: Run, repository: Path, file: str, content: bytes | None, said: str, place: str
):
    if content is not None:
        (repository / file).write_bytes(content)
    arguments = [file, PRODUCTION] if place == "base" else ["HEAD", file]
    done = roster("diff", *arguments, "--environment", "production")
    is_refused(done, f"{file} is not a roster: {said}")


def test_outside_git_and_before_the_first_commit(roster: Run, checkout: Path):
    is_refused(roster("diff"), "nothing can be compared: not a git repository")
    is_refused(roster("diff", "HEAD"), "nothing can be compared: not a git repository")
    git(checkout, "init")
    is_refused(roster("diff"), "nothing can be compared: this repository has no commit yet")


def test_outside_a_repository_of_rosters(roster: Run, tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("nothing")
    done = roster("diff", cwd=folder)
    is_refused(done, f"{folder} is not in a roster repository")


@pytest.mark.parametrize("file", ["schemas/features.yaml", ENVIRONMENTS, "schemas/offered_models_metadata.schema.json"])
@pytest.mark.parametrize("place", ["base", "head"])
def test_a_side_with_a_broken_registry_cannot_be_compared(roster: Run, repository: Path, file: str, place: str):
    before = (repository / file).read_text()
    (repository / file).write_text("[")
    broken = commit(repository)
    (repository / file).write_text(before)
    commit(repository)
    done = roster("diff", broken) if place == "base" else roster("diff", "HEAD", broken)
    is_refused(done, f"{broken} cannot be compared: {file}")


class TestErrors:
    SLIP = ("features: [code-generation, duo_chat]", "features: [code-generatoin, duo_chat]")

    def test_in_base_are_named_and_the_rest_is_compared(self, roster: Run, repository: Path):
        edit(repository / PRODUCTION, *self.SLIP)
        commit(repository)
        edit(repository / PRODUCTION, *reversed(self.SLIP))
        endpoint(repository)
        done = roster("diff", "HEAD", "--format", "json")
        assert done.returncode == 2
        name = told(done.stdout)["base"]["name"]
        head, *errors, summary = done.stderr.splitlines()
        assert head == f"{name} (base) has 1 error:"
        assert errors[0].startswith(f"  {PRODUCTION}:")
        assert ' unknown-feature unknown feature "code-generatoin"' in "\n".join(errors)
        assert "production deployment-moved" in kinds(done.stdout)
        assert (told(done.stdout)["base"]["errors"], told(done.stdout)["head"]["errors"]) == (1, 0)
        assert summary.endswith("changes in 1 environment")

    def test_in_head_fail_it(self, roster: Run, repository: Path):
        edit(repository / PRODUCTION, *self.SLIP)
        done = roster("diff")
        assert done.returncode == 1
        assert done.stderr.startswith("the working tree (head) has 1 error:\n  env/production/")
        assert "**Errors**: 0 before this change, 1 after it." in roster("diff", "--format", "markdown").stdout

    def test_of_other_environments_do_not_matter(self, roster: Run, repository: Path):
        edit(repository / PRODUCTION, *self.SLIP)
        done = roster("diff", "--environment", "staging")
        assert (done.returncode, done.stderr) == (0, NOTHING)

    def test_of_which_there_are_many_are_counted(self, roster: Run, repository: Path):
        (repository / PRODUCTION).write_text((repository / PRODUCTION).read_text() + "- name: 1\n  x: 1\n" * 9)
        done = roster("diff", "--environment", "production")
        lines = done.stderr.splitlines()
        number = int(lines[0].split()[-2])
        assert number > 10
        assert lines[11] == f"  and {number - 10} more"
        assert len(lines) == 13

    @pytest.mark.parametrize(("place", "status"), [("base", 2), ("head", 1)])
    def test_a_roster_that_cannot_be_read_is_compared_with_nothing(
        self, roster: Run, repository: Path, place: str, status: int
    ):
        before = (repository / STAGING).read_text()
        (repository / STAGING).write_text(f"{before}- name: [\n")
        if place == "base":
            commit(repository)
            (repository / STAGING).write_text(before)
        endpoint(repository)
        done = roster("diff", "HEAD", "--format", "json")
        assert done.returncode == status
        assert "staging is not compared: its roster cannot be read\n" in done.stderr
        assert told(done.stdout)["not_compared"] == ["staging"]
        assert kinds(done.stdout) == ["production deployment-moved"]
        markdown = roster("diff", "HEAD", "--format", "markdown", "--environment", "staging").stdout
        assert "No change for customers in what could be compared." in markdown
        assert "Not compared, because the roster cannot be read: staging." in markdown


# How it is told


def test_several_formats_go_to_files(roster: Run, repository: Path):
    endpoint(repository)
    done = roster("diff", "--format", "text", "--format", "markdown=comment.md", "--format", "json=diff.json")
    assert done.stdout == roster("diff").stdout
    assert (repository / "comment.md").read_text() == roster("diff", "--format", "markdown").stdout
    assert (repository / "diff.json").read_text() == roster("diff", "--format", "json").stdout


def test_a_format_that_there_is_not_is_wrong_usage(roster: Run, repository: Path):
    done = roster("diff", "--format", "junit")
    assert done.returncode == 2
    assert "choose from text, markdown, json" in done.stderr.replace("\n", " ")


def test_a_terminal_shows_weights_in_colour(repository: Path):
    endpoint(repository)
    withdraw(repository)
    shown = on_a_terminal("diff", cwd=repository)
    assert "\x1b[31m\x1b[1mbreaking\x1b[0m" in shown
    assert "\x1b[33m\x1b[1mrisky   \x1b[0m" in shown
    assert "\x1b" not in on_a_terminal("diff", cwd=repository, NO_COLOR="1")


def test_text_needs_no_template(roster: Run, repository: Path):
    import subprocess
    import sys

    script = "import sys; from roster.cli.main import run; run(['diff']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=repository, capture_output=True, text=True, check=True)
    assert {"jinja2", "jsonschema", "roster.yaml.careful_loader"}.isdisjoint(done.stdout.split())
