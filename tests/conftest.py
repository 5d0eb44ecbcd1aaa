"""Fixtures and helpers of all tests: a copy of the repository's data, the ``roster`` command, git."""

import gc
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from roster.registries import FACT_FILES
from roster.roster import ROSTER_FILE
from roster.rules.all_rules import RULES

pytest_plugins = ["tests.started_programs"]
ROOT = Path(__file__).parents[1]
Run = Callable[..., "subprocess.CompletedProcess[str]"]
IDENTITY = ("user.name=A", "user.email=a@example.com", "init.defaultBranch=main")
QUICK = ("init.templateDir=", "maintenance.auto=false", "gc.auto=0", "core.fsync=none")
GIT_OPTIONS = [part for option in (*IDENTITY, *QUICK) for part in ("-c", option)]


def pytest_configure() -> None:
    """Register the Hypothesis profiles before ``--hypothesis-profile`` chooses one."""
    from tests.properties import register_profiles

    register_profiles()


def pytest_collection_finish() -> None:
    """Exclude all tests from garbage collection, which would visit thousands of them again and again; make it rare."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that ``make fixtures`` uses."""
    parser.addoption("--regenerate", action="store_true", help="regenerate the rules' expected outputs")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that use a browser or PostgreSQL as slow."""
    for item in items:
        if isinstance(item, pytest.Function) and _starts_a_program(item):
            item.add_marker("slow")


def _starts_a_program(item: pytest.Function) -> bool:
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    return not {"browser", "postgresql"}.isdisjoint(item.fixturenames) or parameters.get("databases") == "postgresql"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of this repository's data, outside git."""
    copy_data(tmp_path, "env", "schemas")
    return tmp_path


@pytest.fixture
def roster(checkout: Path) -> Run:
    """Runs the command in the checkout; keyword arguments are environment variables."""
    from tests.command import Completed, run_command

    def run(*arguments: str, cwd: Path = checkout, **environment: str) -> Completed:
        return run_command(arguments, cwd, environment)

    return run


def copy_data(folder: Path, *names: str) -> None:
    """Copy folders with this repository's data, without facts about providers and findings that depend on these.

    Otherwise, tests would depend on what providers do, and on the comments that suppress it.
    """
    facts = shutil.ignore_patterns(*(Path(path).name for path in FACT_FILES))
    for name in names:
        shutil.copytree(ROOT / name, folder / name, ignore=facts)
    for roster in folder.glob(f"env/*/{ROSTER_FILE}"):
        roster.write_bytes(copied_roster(str(roster.relative_to(folder))))


def copied_roster(path: str) -> bytes:
    """Return a roster of this repository as in its copies."""
    text = re.sub("^# roster: ignore.*\n", "", (ROOT / path).read_text(encoding="utf-8"), flags=re.MULTILINE)
    return text.replace("bedrock/anthropic.", "bedrock/us.anthropic.").encode()


def edit(path: Path, old: str, new: str) -> None:
    """Replace a text in a file, which must contain it."""
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path} does not contain {old!r}"
    path.write_text(text.replace(old, new), encoding="utf-8")


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder; return its output."""
    command = ["git", "-C", str(folder), *GIT_OPTIONS, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def disable_rule(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a rule report no findings, but keep it registered."""
    monkeypatch.setitem(RULES, rule, RULES[rule]._replace(check=lambda *_: ()))
