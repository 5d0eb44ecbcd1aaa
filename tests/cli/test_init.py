"""``roster init``: the files of a new repository, and what it refuses to write."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

from roster.authoring.new_repository import ONLY_AT_THE_TOP, OPTIONAL_FILES, REF, NewRepository
from roster.cli.write import init_answers
from tests.cli.prompt_session import PromptSession
from tests.command import Completed, run_command
from tests.conftest import Run, git
from tests.pipelines.definitions import inputs

URL = "https://gitlab.example.com/platform/roster.git"
PATHS = NewRepository(("staging-ref", "staging", "production"), (), URL).paths()


def init(folder: Path, *arguments: str) -> Completed:
    return run_command(("init", *arguments), folder, {})


def files(folder: Path) -> dict[str, str]:
    """Return the content of every file below a folder, outside .git, by path."""
    paths = (path for path in folder.rglob("*") if path.is_file() or path.is_symlink())
    named = {path.relative_to(folder).as_posix(): path for path in paths}
    return {name: path.read_text() if path.exists() else "" for name, path in named.items() if ".git/" not in name}


@pytest.mark.parametrize("environments", [(), ("production",), ("eu", "production"), ("no", "1", "on", "1e3")])
def test_new_repository_is_clean_under_strict(tmp_path: Path, environments: tuple[str, ...]):
    options = [word for name in environments for word in ("--environment", name)]
    done = init(tmp_path, "models", "--yes", *options)
    assert (done.returncode, done.stdout) == (0, "")
    done = run_command(("check", "--strict"), tmp_path / "models", {})
    assert (done.returncode, done.stdout) == (0, "")
    assert run_command(("render",), tmp_path / "models", {}).returncode == 0
    assert run_command(("drift", "--strict"), tmp_path / "models", {}).returncode == 0


def test_new_repository_has_no_json_schema_until_it_is_written_for_editors(tmp_path: Path):
    init(tmp_path, "--yes")
    assert sorted(files(tmp_path)) == sorted(PATHS)
    assert not [text for text in files(tmp_path).values() if "yaml-language-server: $schema" in text]
    assert run_command(("schema",), tmp_path, {}).returncode == 0
    assert run_command(("check", "--fix", "--strict"), tmp_path, {}).returncode == 0
    rosters = [text for path, text in files(tmp_path).items() if path.startswith("env/") and path.count("/") == 2]
    assert {text.partition("\n")[0] for text in rosters} == {
        "# yaml-language-server: $schema=../../schemas/offered_models_metadata.schema.json"
    }
    assert run_command(("check", "--strict"), tmp_path, {}).returncode == 0


def test_pipeline_and_hooks_use_version_of_toolkit(tmp_path: Path):
    init(tmp_path, "--yes", "--toolkit", "https://git.example.org:8443/a/b/tool.git", "--owner=@a/b", "--owner=@c")
    texts = files(tmp_path)
    assert f"component: $CI_SERVER_FQDN/a/b/tool/roster-check@{REF}\n" in texts[".gitlab-ci.yml"]
    assert f"ref: {REF}\n" in texts[".gitlab-ci.yml"]
    assert f"repo: https://git.example.org:8443/a/b/tool.git\n    rev: {REF}\n" in texts[".pre-commit-config.yaml"]
    assert "[Rosters] @a/b @c\n/env/\n" in texts[".gitlab/CODEOWNERS"]
    assert init_answers._URL.pattern == inputs()["url"]["regex"].strip("^$")


def test_existing_files_are_named_and_nothing_is_written(tmp_path: Path):
    wrong = []
    for number, path in enumerate([*PATHS, ".gitlab", "env/staging"]):
        folder = tmp_path / str(number)
        (folder / path).parent.mkdir(parents=True)
        (folder / path).symlink_to("/nowhere") if number % 2 else (folder / path).write_text("theirs")
        before = files(folder)
        done = init(folder, ".", "--yes")
        is_named = done.stderr.startswith(f"roster: {path} already exists: ") and done.stderr.count("\n") == 1
        if done.returncode != 2 or not is_named or files(folder) != before:
            wrong.append((path, done.stderr))
        if path in OPTIONAL_FILES and init(folder, "--yes", "--without", path).returncode:
            wrong.append((path, "cannot be left out"))
    assert not wrong


def test_several_existing_files_are_named_together(tmp_path: Path):
    for name in ("README.md", ".gitignore"):
        (tmp_path / name).write_text("theirs")
    done = init(tmp_path, "--yes")
    assert done.stderr == (
        "roster: .gitignore and README.md already exist: to keep them, add --without .gitignore --without README.md; "
        "nothing was written\n"
    )


def test_second_run_adds_nothing(tmp_path: Path):
    init(tmp_path, "--yes")
    before = files(tmp_path)
    done = init(tmp_path, "--yes", "--environment", "other")
    assert done.returncode == 2
    assert done.stderr == (
        "roster: env/environments.yaml already exists: add models with roster new or roster import\n"
    )
    assert files(tmp_path) == before


def test_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    numbers, replace = count(1), Path.replace

    def full_disk(path: Path, target: Path) -> Path:
        if next(numbers) == 5:
            raise OSError(28, "No space left on device", str(target))
        return replace(path, target)

    (tmp_path / "unrelated").touch()
    monkeypatch.setattr(Path, "replace", full_disk)
    for arguments in (("a/b", "--yes"), ("--yes",)):
        done = init(tmp_path, *arguments)
        assert (done.returncode, "no space left on device" in done.stderr) == (2, True)
        assert [path.name for path in tmp_path.rglob("*")] == ["unrelated"]
        numbers = count(1)


def test_folder_of_git_repository_gets_no_files_for_its_top(tmp_path: Path):
    git(tmp_path, "init", "--quiet")
    done = init(tmp_path, "cfg/models", "--yes")
    assert done.returncode == 0
    assert sorted(files(tmp_path / "cfg/models")) == sorted({*PATHS} - {*ONLY_AT_THE_TOP})
    assert f"{ONLY_AT_THE_TOP[0]}, {ONLY_AT_THE_TOP[1]} and {ONLY_AT_THE_TOP[2]}" in done.stderr
    assert init(tmp_path, "--yes").returncode == 0, "its top is fine"


def test_without_terminal_nothing_is_written(tmp_path: Path):
    done = init(tmp_path, "models")
    assert done.returncode == 2
    assert "Error: missing --environment, --owner, --toolkit: add --yes to use defaults" in done.stderr
    assert list(tmp_path.iterdir()) == []
    answers = ("--environment=production", "--toolkit", URL, "--without", ".gitlab/CODEOWNERS")
    assert init(tmp_path, "models", *answers).returncode == 0


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--environment=a_b", '"a_b" is not the name of a folder under env/: lower-case letters and digits'),
        ("--environment=../x", '"../x" is not the name of a folder under env/'),
        ("--environment=a\n", '"a\\n" is not the name'),
        ("--owner=a b", '"a b" is no owner: use a group or user, such as @group/team'),
        ("--owner=@a\n[X] @b", '"@a\\n[X] @b" is no owner'),
        ("--toolkit=", f'"" is no Git URL of the toolkit: use https:// without user and password, such as {URL}'),
        ("--toolkit=https://x/$(id)", '"https://x/$(id)" is no Git URL'),
        ("--without=x", "'x' is not one of '.gitlab-ci.yml'"),
    ],
)
def test_invalid_answer_is_usage_error(tmp_path: Path, option: str, message: str):
    done = init(tmp_path, "--yes", option)
    assert (done.returncode, list(tmp_path.iterdir())) == (2, [])
    assert message in done.stderr


def test_too_many_environments_are_usage_error(tmp_path: Path):
    done = init(tmp_path, "--yes", *(f"--environment=e{number}" for number in range(101)))
    assert (done.returncode, list(tmp_path.iterdir())) == (2, [])
    assert "Error: 101 environments are too many: name at most 100\n" in done.stderr


def test_password_in_url_is_not_shown(tmp_path: Path):
    done = init(tmp_path, "--yes", "--toolkit=https://me:glpat-x9Kq2LmN7pRt4VwY8zBc@gitlab.example.com/roster.git")
    assert done.returncode == 2
    assert "x9Kq2LmN7pRt4VwY8zBc" not in done.stderr


def test_file_instead_of_folder_is_usage_error(roster: Run, checkout: Path):
    done = roster("init", "env/environments.yaml", "--yes")
    assert (done.returncode, "is a file" in done.stderr) == (2, True)


@pytest.mark.slow
def test_prompts_repeat_after_invalid_answer(tmp_path: Path):
    environments = "Environments, in promotion order [staging-ref, staging, production]"
    owners, url = "Owners of the rosters, optional (such as @group/team)", f"Git URL of the toolkit [{URL}]"
    session = PromptSession(tmp_path, "models", command="init")
    session.answer((environments, ",\n"), (environments, "Test, prod\n"), (environments, "test, prod\n"))
    done = session.answer((owners, "@a/b, @c\n"), (url, "\n")).end()
    assert done.returncode == 0, done.stderr
    assert "Error: enter at least one\n" in done.stderr
    assert 'Error: "Test" is not the name of a folder' in done.stderr
    texts = files(tmp_path / "models")
    assert "[Rosters] @a/b @c\n" in texts[".gitlab/CODEOWNERS"]
    assert {path for path in texts if path.startswith("env/")} == {
        "env/environments.yaml", "env/test/offered_models_metadata.yaml", "env/prod/offered_models_metadata.yaml"
    }  # fmt: skip
    assert run_command(("check", "--strict"), tmp_path / "models", {}).returncode == 0


@pytest.mark.slow
def test_interrupted_prompts_leave_nothing(tmp_path: Path):
    done = PromptSession(tmp_path, "models", command="init").answer(
        ("Environments, in promotion order [staging-ref, staging, production]", "\x03")
    )
    assert done.end().returncode == 130
    assert list(tmp_path.iterdir()) == []
