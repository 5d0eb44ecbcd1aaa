"""``roster docs``: the pages are up to date, and have the same bytes in any environment."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from roster.cli.missing_extra import install_command
from roster.docs import commands_page
from roster.docs.page_template import MARK
from tests.conftest import ROOT, Run, edit
from tests.gateway.gateway_helpers import without

pytestmark = pytest.mark.slow

PAGES = ("docs/rules.md", "docs/changes.md", "docs/commands.md")


def pages(root: Path) -> dict[str, bytes]:
    return {page: (root / page).read_bytes() for page in PAGES}


def test_committed_pages_are_up_to_date(roster: Run):
    done = roster("docs", "--check", cwd=ROOT)
    assert done.returncode == 0, f"{done.stderr}\nrun: roster docs"
    assert (done.stdout, done.stderr) == ("", "".join(f"{page} is up to date\n" for page in PAGES))


@pytest.mark.parametrize(
    "surroundings",
    [
        {"PYTHONHASHSEED": "1", "COLUMNS": "200", "FORCE_COLOR": "1", "FORCE_HYPERLINK": "1", "TERM": "xterm-kitty"},
        {"PYTHONHASHSEED": "2", "TZ": "Pacific/Kiritimati", "COLUMNS": "40", "NO_COLOR": "1"},
        {"LC_ALL": "tr_TR.UTF-8", "LANGUAGE": "de", "PYTHONUTF8": "0"},
        {"PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PYTHONUTF8": "0", "_ROSTER_COMPLETE": ""},
    ],
    ids=lambda variables: ",".join(variables),
)
def test_pages_do_not_depend_on_environment(roster: Run, checkout: Path, surroundings: dict[str, str]):
    done = roster("docs", cwd=checkout / "env", **surroundings)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "".join(f"../{page} written\n" for page in PAGES)
    assert pages(checkout) == pages(ROOT)


def test_pages_do_not_depend_on_rosters(roster: Run, checkout: Path):
    shutil.copytree(ROOT / "docs", checkout / "docs")
    edit(checkout / "schemas/families.yaml", "- gemini", "- gemini\n- gemma")
    edit(checkout / "env/production/offered_models_metadata.yaml", "release_state: BETA", "release_state: beta")
    assert roster("docs", "--check").returncode == 0


def test_outdated_page_is_reported_and_written(roster: Run, checkout: Path):
    shutil.copytree(ROOT / "docs", checkout / "docs")
    edit(checkout / PAGES[0], "### unknown-key", "### unknown-kez")
    before = pages(checkout)
    done = roster("docs", "--check")
    assert (done.returncode, done.stdout) == (1, "")
    fresh = "".join(f"{page} is up to date\n" for page in PAGES[1:])
    assert done.stderr == f"docs/rules.md is out of date: run roster docs\n{fresh}"
    assert pages(checkout) == before
    done = roster("docs")
    assert done.returncode == 0
    assert done.stderr == f"docs/rules.md written\n{fresh}"
    assert pages(checkout) == pages(ROOT)


def test_missing_page_is_out_of_date(roster: Run, checkout: Path):
    assert roster("docs", "--check").returncode == 1
    assert not (checkout / "docs").exists()


@pytest.mark.parametrize("arguments", [("docs",), ("docs", "--check")])
def test_page_that_is_not_generated_is_not_replaced(roster: Run, checkout: Path, arguments: tuple[str, ...]):
    (checkout / "docs").mkdir()
    (checkout / "docs/commands.md").write_text("# Our commands\n")
    done = roster(*arguments)
    assert done.returncode == 2
    assert done.stderr == "roster: docs/commands.md was not written by roster docs; move it away first\n"
    assert (checkout / "docs/commands.md").read_text() == "# Our commands\n"
    assert not (checkout / "docs/rules.md").exists()


@pytest.mark.parametrize(("module", "arguments"), [("sqlalchemy", ("docs",)), ("cryptography", ("docs", "--check"))])
def test_pages_are_not_generated_without_an_extra(
    checkout: Path, roster: Run, tmp_path_factory: pytest.TempPathFactory, module: str, arguments: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
):  # fmt: skip
    shutil.copytree(ROOT / "docs", checkout / "docs")
    before = pages(checkout)
    path = f"{without(module, tmp_path_factory.mktemp('modules'))}:{ROOT / 'tools'}"
    monkeypatch.setattr(commands_page, "_environment", lambda: {"PYTHONPATH": path})
    done = roster(*arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith("roster: docs/commands.md was not generated: `roster ")
    assert f"exited with status 2: {module} is not installed; install the extra " in done.stderr
    assert done.stderr.endswith(f"{install_command('instance' if module == 'sqlalchemy' else 'gateway')}\n")
    assert pages(checkout) == before


def test_folder_instead_of_page_is_reported_in_one_sentence(roster: Run, checkout: Path):
    (checkout / "docs/rules.md").mkdir(parents=True)
    done = roster("docs")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


def test_pages_start_with_marker():
    assert all(page.startswith(MARK.encode()) for page in pages(ROOT).values())


def test_installed_toolkit_writes_same_pages(tmp_path: Path, checkout: Path):
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "wheels")]
    subprocess.run(build, cwd=ROOT, capture_output=True, check=True, timeout=120)
    (wheel,) = (tmp_path / "wheels").glob("*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(tmp_path / "installed")}
    command = [sys.executable, "-m", "roster", "docs"]
    subprocess.run(command, cwd=checkout, env=environment, capture_output=True, check=True, timeout=120)
    assert pages(checkout) == pages(ROOT)
