"""What makes the command pleasant: its version, quiet, progress."""

import re
import tomllib
from datetime import date
from pathlib import Path

import pytest

from roster.check import check
from roster.repository import Repository
from tests.cli.terminal import on_a_terminal
from tests.conftest import ROOT, Run, edit

PRODUCTION = "env/production/offered_models_metadata.yaml"
AT_ONCE = "import roster.cli.progress\nroster.cli.progress._LONG = 0.0"


@pytest.fixture
def slip(checkout: Path) -> Path:
    """A repository with one finding."""
    edit(checkout / PRODUCTION, "features: [code-generation", "features: [code-generatoin")
    return checkout


def test_the_version_is_that_of_the_package(roster: Run):
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    done = roster("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"roster, version {declared}\n", "")


@pytest.mark.parametrize("quiet", ["--quiet", "-q"])
def test_a_quiet_check_prints_findings_only(roster: Run, slip: Path, quiet: str):
    loud, silent = roster("check"), roster("check", quiet)
    assert loud.stderr != silent.stderr == ""
    assert loud.stdout == silent.stdout != ""
    assert loud.returncode == silent.returncode == 1


def test_a_quiet_check_of_a_clean_repository_prints_nothing(roster: Run):
    done = roster("check", "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


class TestProgress:
    def test_a_long_check_draws_a_bar_on_a_terminal(self, checkout: Path):
        shown = on_a_terminal("check", cwd=checkout, stream="stderr", before=AT_ONCE)
        assert re.findall(r"checking  \[.{36}\] +(\d+)%", shown) == ["0", "16", "33", "50"]
        assert shown.replace("\r", "").endswith("\x1b[?25h\n3 rosters checked: nothing to mend\n")

    def test_so_does_a_long_render(self, checkout: Path):
        assert "checking  [" in on_a_terminal("render", cwd=checkout, stream="stderr", before=AT_ONCE)

    def test_a_short_check_draws_none(self, checkout: Path):
        shown = on_a_terminal("check", cwd=checkout, stream="stderr")
        assert shown == "3 rosters checked: nothing to mend\r\n"

    @pytest.mark.parametrize(("arguments", "term"), [(("check", "--quiet"), "xterm"), (("check",), "dumb")])
    def test_a_quiet_check_and_a_dumb_terminal_have_none(self, checkout: Path, arguments: tuple[str, ...], term: str):
        shown = on_a_terminal(*arguments, cwd=checkout, stream="stderr", before=AT_ONCE, TERM=term)
        assert "checking" not in shown

    def test_nothing_is_drawn_where_nobody_watches(self, checkout: Path):
        assert on_a_terminal("check", cwd=checkout, stream="stdout", before=AT_ONCE) == ""

    def test_a_bar_ends_before_an_error_is_told(self, checkout: Path):
        (checkout / PRODUCTION).unlink()
        (checkout / PRODUCTION).symlink_to("/proc/self/mem")
        shown = on_a_terminal("check", cwd=checkout, stream="stderr", before=AT_ONCE)
        assert re.search(rf"\[\?25h\r\nroster: {PRODUCTION} cannot be read: [^\n]*\r\n$", shown)

    def test_a_check_tells_its_steps(self, slip: Path):
        steps: list[tuple[int, int]] = []
        check(Repository(slip), date(2026, 6, 15), lambda done, total: steps.append((done, total)))
        assert steps == [(1, 6), (2, 6), (3, 6), (4, 6)]
