"""``roster check --changed-since`` in git repositories as people have them: it looks at removed models, or fails."""

import os
import re
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from roster.git import git_command
from tests.conftest import Run, edit, git

PRODUCTION = "env/production/offered_models_metadata.yaml"
STAGING = "env/staging/offered_models_metadata.yaml"
ENTRY = re.compile("^- name: Codestral on Vertex\n(?:  .*\n)+\n", re.MULTILINE)
ADVICE = "a partial clone must reach its remote: run git fetch to check it, or clone without --filter"
OUTSIDE_GIT = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)}


def commit(root: Path, message: str = "a change") -> str:
    git(root, "add", "--all")
    git(root, "commit", "--allow-empty", "--message", message)
    return git(root, "rev-parse", "HEAD")


def remove_model(root: Path) -> None:
    """Remove a model from production without retiring it."""
    text, removed = ENTRY.subn("", (root / PRODUCTION).read_text())
    assert removed
    (root / PRODUCTION).write_text(text)


def assert_looked_at_removals(roster: Run, root: Path, ref: str = "main", **environment: str) -> None:
    """Assert that an unchanged repository passes, and that a removed model is reported."""
    done = roster("check", "--changed-since", ref, cwd=root, **environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "compared with" in done.stderr
    remove_model(root)
    done = roster("check", "--changed-since", ref, cwd=root, **environment)
    assert (done.returncode, re.findall(r"error: .*\[([a-z-]+)\]$", done.stdout, re.MULTILINE)) == (
        1,
        ["model-left-unannounced"],
    ), done.stdout + done.stderr


def assert_cannot_look(roster: Run, root: Path, message: str, ref: str = "main", **environment: str) -> None:
    done = roster("check", "--changed-since", ref, cwd=root, **environment)
    assert (done.returncode, done.stdout) == (2, ""), done.stdout + done.stderr
    assert re.search(message, done.stderr), done.stderr
    assert done.stderr.count("\n") == 1


def assert_ended(pid: int) -> None:
    """Assert that a process that was killed ends."""
    status, deadline = Path(f"/proc/{pid}/status"), time.monotonic() + 10
    with suppress(FileNotFoundError, ProcessLookupError):
        while "State:\tZ" not in status.read_text():
            assert time.monotonic() < deadline, "the process is still running"


@pytest.fixture
def repository(checkout: Path) -> Path:
    """A git repository with rosters at its top."""
    git(checkout, "init")
    commit(checkout)
    return checkout


@pytest.fixture
def monorepo(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A git repository with rosters in ``cfg/``, and a file at its top."""
    top = tmp_path_factory.mktemp("monorepo")
    shutil.copytree(checkout, top / "cfg")
    (top / "README").touch()
    git(top, "init")
    commit(top)
    return top


@pytest.fixture
def worktree(monorepo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A linked worktree of the monorepo."""
    folder = tmp_path_factory.mktemp("worktree")
    git(monorepo, "worktree", "add", "--quiet", str(folder), "-b", "change")
    return folder


class TestHook:
    """Git exports variables to hooks, ``rebase --exec`` and aliases, which would make git read another repository."""

    def test_worktree(self, roster: Run, worktree: Path):
        variables = {"GIT_DIR": git(worktree, "rev-parse", "--absolute-git-dir"), "GIT_PREFIX": "cfg/"}
        assert_looked_at_removals(roster, worktree / "cfg", **variables)

    def test_index_and_work_tree_of_commit_hook(self, roster: Run, monorepo: Path):
        variables = {"GIT_INDEX_FILE": ".git/next-index-1.lock", "GIT_WORK_TREE": ".", "GIT_DIR": ".git"}
        assert_looked_at_removals(roster, monorepo / "cfg", **variables)

    def test_other_repository(self, roster: Run, monorepo: Path, tmp_path_factory: pytest.TempPathFactory):
        other = tmp_path_factory.mktemp("other")
        git(other, "init")
        commit(other)
        variables = {"GIT_DIR": str(other / ".git"), "GIT_COMMON_DIR": str(other / ".git")}
        assert_looked_at_removals(roster, monorepo / "cfg", **variables)

    @pytest.mark.slow
    @pytest.mark.parametrize(
        "command", [("commit", "--all", "--message", "remove"), ("rebase", "--exec", "{check}", "HEAD~1")]
    )
    def test_git_runs_check(self, worktree: Path, command: tuple[str, ...]):
        """A real hook, and a real rebase, in a worktree whose rosters are in a subfolder."""
        check = f"{sys.executable} -m roster check --changed-since main cfg"
        remove_model(worktree / "cfg")
        if command[0] == "rebase":
            commit(worktree, "remove")
        else:
            hook = Path(git(worktree, "rev-parse", "--git-path", "hooks/pre-commit"))
            hook.parent.mkdir(exist_ok=True)
            hook.write_text(f"#!/bin/sh\nexec {check}\n")
            hook.chmod(0o755)
        identity = ("-c", "user.name=A", "-c", "user.email=a@example.com")
        arguments = [argument.format(check=check) for argument in command]
        done = subprocess.run(
            ["git", *identity, *arguments], cwd=worktree, env=OUTSIDE_GIT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 1
        assert "[model-left-unannounced]" in done.stdout + done.stderr


class TestMovedFolder:
    @pytest.mark.parametrize("committed", [True, False])
    @pytest.mark.parametrize(("source", "target"), [(".", "cfg"), ("cfg", "."), ("cfg", "platform/models")])
    def test_moved_in_same_change(
        self,
        roster: Run,
        checkout: Path,
        tmp_path_factory: pytest.TempPathFactory,
        source: str,
        target: str,
        committed: bool,
    ):
        top = tmp_path_factory.mktemp("top")
        shutil.copytree(checkout, top / source, dirs_exist_ok=True)
        git(top, "init")
        commit(top)
        git(top, "checkout", "-b", "change")
        (top / target).mkdir(parents=True, exist_ok=True)
        for folder in ("env", "schemas"):
            (top / source / folder).rename(top / target / folder)
        if committed:
            commit(top)
        assert_looked_at_removals(roster, top / target)
        done = roster("check", "--changed-since", "main", cwd=top / target)
        folder = "the top folder" if source == "." else f"{source}/"
        assert done.stderr.startswith(f"compared with {git(top, 'rev-parse', 'main')[:12]} (in {folder})\n")

    def test_untracked_files_remain_in_old_folder(self, roster: Run, monorepo: Path):
        git(monorepo, "checkout", "-b", "change")
        (monorepo / "cfg").rename(monorepo / "models")
        (monorepo / "cfg/env/production").mkdir(parents=True)
        (monorepo / "cfg/env/production/notes.txt").touch()
        assert_looked_at_removals(roster, monorepo / "models")

    def test_additional_repository_is_new(self, roster: Run, monorepo: Path):
        shutil.copytree(monorepo / "cfg", monorepo / "other")
        remove_model(monorepo / "other")
        done = roster("check", "--changed-since", "main", cwd=monorepo / "other")
        assert done.returncode == 0
        assert "everything counts as new" in done.stderr

    def test_several_moved_folders_cannot_be_compared(self, roster: Run, monorepo: Path):
        shutil.copytree(monorepo / "cfg", monorepo / "other")
        commit(monorepo)
        for name in ("cfg", "other"):
            (monorepo / name).rename(monorepo / f"new-{name}")
        assert_cannot_look(roster, monorepo / "new-cfg", "were moved or removed since: cfg/ and other/; move one in")

    def test_diff_compares_with_old_folder(self, roster: Run, monorepo: Path):
        (monorepo / "cfg").rename(monorepo / "models")
        assert roster("diff", "main", cwd=monorepo / "models").stderr == "no change for customers\n"
        remove_model(monorepo / "models")
        done = roster("diff", "main", "--fail-on", "breaking", cwd=monorepo / "models")
        assert done.returncode == 1
        assert "[model-withdrawn]" in done.stdout


class TestBrokenBase:
    """The base has an error, which the same change corrects and uses to remove a model."""

    @pytest.mark.parametrize(
        ("path", "text"),
        [
            (PRODUCTION, "- [\n"),
            (PRODUCTION, "[]\n"),
            (PRODUCTION, None),
            ("env/environments.yaml", "- [\n"),
            ("env/environments.yaml", None),
            ("schemas/features.yaml", "[]\n"),
            ("schemas/offered_models_metadata.schema.json", "{"),
        ],
    )
    def test_repaired_file(self, roster: Run, repository: Path, path: str, text: str | None):
        valid = (repository / path).read_text()
        if text is None:
            (repository / path).unlink()
        else:
            (repository / path).write_text(text)
        commit(repository)
        (repository / path).write_text(valid)
        assert roster("check", "--changed-since", "main").returncode == 0
        remove_model(repository)
        done = roster("check", "--changed-since", "main")
        assert done.returncode == 1
        assert '"codestral_on_vertex" was removed, but not retired' in done.stdout

    def test_model_with_error_is_removed(self, roster: Run, repository: Path):
        """Without a name it has no id, but its last valid version has."""
        edit(repository / PRODUCTION, "name: Codestral on Vertex", "name: 7")
        commit(repository)
        text = (repository / PRODUCTION).read_text().replace("name: 7", "name: Codestral on Vertex")
        (repository / PRODUCTION).write_text(ENTRY.sub("", text))
        done = roster("check", "--changed-since", "main")
        assert done.returncode == 1
        assert '"codestral_on_vertex" was removed, but not retired' in done.stdout

    def test_other_model_with_error_hides_no_removal(self, roster: Run, repository: Path):
        edit(repository / PRODUCTION, "name: Codestral on Fireworks", "name: 7")
        commit(repository)
        assert roster("check", "--changed-since", "main").returncode == 0
        remove_model(repository)
        assert roster("check", "--changed-since", "main").returncode == 1

    def test_removed_environment_with_unknown_policy(self, roster: Run, repository: Path):
        valid = (repository / "env/environments.yaml").read_text()
        (repository / "env/environments.yaml").write_text("- [\n")
        commit(repository)
        (repository / "env/environments.yaml").write_text(valid.replace("name: production", "name: customers"))
        (repository / "env/production").rename(repository / "env/customers")
        assert_cannot_look(roster, repository, f"{PRODUCTION} was removed, and its policy in .* cannot be read")


class TestSubmodule:
    @pytest.fixture
    def superproject(self, repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
        """A repository with the rosters' repository as the submodule ``models``."""
        folder = tmp_path_factory.mktemp("superproject")
        git(folder, "init")
        git(folder, "-c", "protocol.file.allow=always", "submodule", "add", "--quiet", str(repository), "models")
        commit(folder)
        return folder

    def test_submodule_is_a_repository_of_its_own(self, roster: Run, superproject: Path):
        variables = {"GIT_DIR": str(superproject / ".git"), "GIT_WORK_TREE": str(superproject)}
        assert_looked_at_removals(roster, superproject / "models", **variables)

    def test_rosters_below_submodule_cannot_be_compared(self, roster: Run, superproject: Path):
        (superproject / "env").symlink_to("models/env")
        commit(superproject)
        assert_cannot_look(roster, superproject, "^roster: env.* is a symbolic link, which the commit does not contain")
        (superproject / "env").unlink()
        git(superproject, "mv", "models", "env")
        commit(superproject)
        shutil.copy(superproject / "env/env/environments.yaml", superproject / "env/environments.yaml")
        assert_cannot_look(roster, superproject, "env of .* is a submodule, whose files are in its own history")


class TestSparseCheckout:
    @pytest.mark.parametrize("linked", [True, False])
    def test_absent_files_are_unchanged(self, roster: Run, monorepo: Path, worktree: Path, linked: bool):
        top = worktree if linked else monorepo
        git(top, "sparse-checkout", "set", "cfg/env/staging")
        assert not (top / "cfg/env/production").exists()
        assert not (top / "cfg/schemas").exists()
        for arguments in (("check",), ("check", "--strict", "--changed-since", "main")):
            done = roster(*arguments, cwd=top / "cfg")
            assert done.returncode == 0
            assert done.stderr.endswith("3 rosters checked, no problems found\n")
        git(top, "sparse-checkout", "add", "cfg/env/production")
        assert_looked_at_removals(roster, top / "cfg")

    def test_absent_environments_file(self, roster: Run, monorepo: Path):
        git(monorepo, "sparse-checkout", "set", "--no-cone", f"/cfg/{PRODUCTION}")
        assert sorted(path.name for path in (monorepo / "cfg").rglob("*") if path.is_file()) == [Path(PRODUCTION).name]
        assert_looked_at_removals(roster, monorepo / "cfg")

    def test_removed_file_is_a_removal(self, roster: Run, monorepo: Path):
        git(monorepo, "sparse-checkout", "set", "cfg/env", "cfg/schemas")
        (monorepo / "cfg" / PRODUCTION).unlink()
        done = roster("check", "--changed-since", "main", cwd=monorepo / "cfg")
        assert done.returncode == 1
        assert "[missing-roster]" in done.stdout

    def test_absent_folder_was_not_moved(self, roster: Run, monorepo: Path):
        git(monorepo, "sparse-checkout", "set", "--no-cone", "/README")
        assert not (monorepo / "cfg").exists()
        shutil.copytree(Path(__file__).parents[2] / "env", monorepo / "other/env")
        done = roster("check", "--changed-since", "main", cwd=monorepo / "other")
        assert "has no rosters" in done.stderr

    def test_render_is_the_same(self, roster: Run, monorepo: Path):
        roster("render", "--at", "2027-01-01", cwd=monorepo / "cfg")
        git(monorepo, "sparse-checkout", "set", "cfg/dist", "cfg/env/staging")
        done = roster("render", "--check", "--at", "2027-01-01", cwd=monorepo / "cfg")
        assert (done.returncode, done.stderr) == (0, "")


class TestPartialClone:
    @pytest.fixture
    def origin(self, repository: Path) -> Path:
        """A repository whose main has another content of each roster than the branch ``change``."""
        git(repository, "config", "uploadpack.allowFilter", "true")
        git(repository, "config", "uploadpack.allowAnySHA1InWant", "true")
        git(repository, "checkout", "-b", "change")
        for path in (PRODUCTION, STAGING):
            (repository / path).write_text((repository / path).read_text() + "# a comment\n")
        commit(repository)
        return repository

    @pytest.fixture(params=["blob:none", "tree:0"])
    def clone(self, request: pytest.FixtureRequest, origin: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
        folder = tmp_path_factory.mktemp("clone")
        git(folder, "clone", "--quiet", f"--filter={request.param}", "--branch", "change", f"file://{origin}", ".")
        return folder

    def test_missing_objects_are_fetched(self, roster: Run, clone: Path):
        assert_looked_at_removals(roster, clone, "origin/main")

    def test_unreachable_remote_is_reported(self, roster: Run, origin: Path, clone: Path):
        shutil.rmtree(origin / ".git")
        assert_cannot_look(roster, clone, f"does not appear to be a git repository; {ADVICE}", "origin/main")

    def test_fetching_can_be_switched_off(self, roster: Run, clone: Path):
        assert_cannot_look(roster, clone, ADVICE, "origin/main", GIT_NO_LAZY_FETCH="1")

    def test_remote_that_does_not_answer_is_bounded(
        self, roster: Run, clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        git(clone, "remote", "set-url", "origin", "ssh://git@example.invalid/roster.git")
        ssh = tmp_path / "hanging-ssh"
        ssh.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec sleep 600\n")
        ssh.chmod(0o755)
        monkeypatch.setattr(git_command, "TIME_LIMIT", 0.5)
        message = f"was stopped: no answer within .* seconds; {ADVICE}"
        assert_cannot_look(roster, clone, message, "origin/main", GIT_SSH_COMMAND=str(ssh))
        assert_ended(int((tmp_path / "pid").read_text()))

    def test_damaged_clone_is_reported(self, roster: Run, repository: Path):
        name = git(repository, "rev-parse", f"HEAD:{PRODUCTION}")
        (repository / f".git/objects/{name[:2]}/{name[2:]}").unlink()
        assert_cannot_look(roster, repository, f"git cannot read {PRODUCTION} of .*: this clone is incomplete")


def test_worktree_of_bare_repository(roster: Run, monorepo: Path, tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("bare")
    git(folder, "clone", "--quiet", "--bare", str(monorepo), "bare.git")
    git(folder / "bare.git", "worktree", "add", "--quiet", "../worktree", "main")
    assert_looked_at_removals(roster, folder / "worktree/cfg")


def test_repository_with_sha256(roster: Run, checkout: Path):
    git(checkout, "init", "--object-format=sha256")
    commit(checkout)
    assert roster("render").returncode == 0
    assert_looked_at_removals(roster, checkout)


def test_git_folder_elsewhere(roster: Run, checkout: Path, tmp_path_factory: pytest.TempPathFactory):
    git(checkout, "init", "--separate-git-dir", str(tmp_path_factory.mktemp("git") / "roster.git"))
    commit(checkout)
    assert_looked_at_removals(roster, checkout)


@pytest.mark.parametrize(
    ("key", "value"), [("core.worktree", "/"), ("core.bare", "true"), ("core.worktree", "/nowhere")]
)
def test_configured_working_tree_elsewhere_is_reported(roster: Run, repository: Path, key: str, value: str):
    git(repository, "config", key, value)
    done = roster("check", "--changed-since", "main")
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stderr.count("\n") == 1


def test_repository_reached_through_link(roster: Run, monorepo: Path, tmp_path: Path):
    (tmp_path / "link").symlink_to(monorepo / "cfg")
    assert_looked_at_removals(roster, tmp_path / "link")


@pytest.mark.parametrize("name", ["a part", "ünï", "[x]", ":(top)", "-x", "a\\b", 'q"u'])
def test_folder_with_special_characters(roster: Run, monorepo: Path, name: str):
    git(monorepo, "mv", "--", "cfg", f"./{name}")
    commit(monorepo)
    assert_looked_at_removals(roster, monorepo / name)
