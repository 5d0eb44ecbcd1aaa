"""What makes the command pleasant: its version, quiet, progress, links."""

import re
import shutil
import tomllib
from datetime import date
from pathlib import Path

import pytest

from roster.check.pipeline import check
from roster.cli.terminal import hyperlink
from roster.repository import Repository
from roster.rules.all_rules import RULES
from tests.cli.terminal import on_a_terminal
from tests.conftest import ROOT, Run, edit

PRODUCTION = "env/production/offered_models_metadata.yaml"
AT_ONCE = "import roster.cli.terminal.progress\nroster.cli.terminal.progress._DELAY_SECONDS = 0.0"


@pytest.fixture
def slip(checkout: Path) -> Path:
    """A repository with one finding."""
    edit(checkout / PRODUCTION, "features: [code-generation", "features: [code-generatoin")
    return checkout


def test_version_comes_from_one_place(roster: Run):
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert configuration["project"]["dynamic"] == ["version"]
    source = (ROOT / configuration["tool"]["hatch"]["version"]["path"]).read_text()
    done = roster("--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert f'__version__ = "{done.stdout.removeprefix("roster, version ").rstrip()}"\n' in source


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
        assert shown.replace("\r", "").endswith("\x1b[?25h\n3 rosters checked, no problems found\n")

    def test_so_does_a_long_render(self, checkout: Path):
        assert "checking  [" in on_a_terminal("render", cwd=checkout, stream="stderr", before=AT_ONCE)

    def test_a_short_check_draws_none(self, checkout: Path):
        shown = on_a_terminal("check", cwd=checkout, stream="stderr")
        assert shown == "3 rosters checked, no problems found\r\n"

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


class TestLinks:
    LINK = f"\x1b]8;;file://{{host}}{ROOT}/docs/rules.md#unknown-feature\x1b\\unknown-feature\x1b]8;;\x1b\\"

    @pytest.mark.parametrize(
        ("environment", "draws"),
        [
            ({}, False),
            ({"TERM": "xterm-256color"}, False),
            ({"TERM": "xterm-kitty"}, True),
            ({"TERM_PROGRAM": "iTerm.app"}, True),
            ({"TERM_PROGRAM": "Apple_Terminal"}, False),
            ({"WT_SESSION": "f0c5"}, True),
            ({"VTE_VERSION": "7006"}, True),
            ({"VTE_VERSION": "4803"}, False),
            ({"VTE_VERSION": "new"}, False),
            ({"KONSOLE_VERSION": "220401"}, True),
            ({"TERM": "tmux-256color", "VTE_VERSION": "7006"}, False),
            ({"FORCE_HYPERLINK": "1"}, True),
            ({"FORCE_HYPERLINK": "0", "TERM": "xterm-kitty"}, False),
            ({"FORCE_HYPERLINK": "", "TERM": "xterm-kitty"}, True),
        ],
    )
    def test_terminals_that_are_known_to_draw_links_get_some(self, environment: dict[str, str], draws: bool):
        assert bool(hyperlink.rules_page(environment)) is draws

    def test_every_rule_has_the_place_that_links_lead_to(self):
        page = (ROOT / "docs/rules.md").read_text(encoding="utf-8")
        assert set(RULES) <= set(re.findall("^### (.+)$", page, re.MULTILINE))

    def test_the_name_of_a_rule_leads_to_its_page(self, slip: Path):
        host = hyperlink._host()
        assert self.LINK.format(host=host) in on_a_terminal("check", cwd=slip, TERM="xterm-kitty")
        assert self.LINK.format(host="") in on_a_terminal("check", cwd=slip, TERM_PROGRAM="vscode")

    def test_so_does_that_of_an_error_that_stops_a_rendering(self, slip: Path):
        assert self.LINK.format(host=hyperlink._host()) in on_a_terminal("render", cwd=slip, TERM="xterm-kitty")

    @pytest.mark.parametrize("environment", [{"TERM": "xterm"}, {"TERM": "xterm-kitty", "NO_COLOR": "1"}])
    def test_other_terminals_and_those_without_colour_get_none(self, slip: Path, environment: dict[str, str]):
        shown = on_a_terminal("check", cwd=slip, **environment)
        assert "[unknown-feature]" in shown
        assert "\x1b]8" not in shown

    def test_what_is_not_a_terminal_gets_none_unless_it_is_told_to(self, roster: Run, slip: Path):
        assert "\x1b]8" not in roster("check", FORCE_COLOR="1", TERM="xterm-kitty").stdout
        assert "\x1b]8" in roster("check", FORCE_COLOR="1", FORCE_HYPERLINK="1").stdout
        assert "\x1b]8" not in roster("check", FORCE_HYPERLINK="1").stdout

    def test_an_installed_toolkit_has_no_page_to_lead_to(self, roster: Run, slip: Path):
        installed = slip / "site-packages"
        shutil.copytree(ROOT / "tools" / "roster", installed / "roster")
        (slip / "docs").mkdir()
        (slip / "docs" / "rules.md").touch()  # somebody else's
        done = roster("check", FORCE_COLOR="1", FORCE_HYPERLINK="1", PYTHONPATH=str(installed))
        assert "unknown-feature" in done.stdout
        assert "\x1b]8" not in done.stdout

    def test_a_link_changes_nothing_that_is_seen(self, slip: Path):
        with_links = on_a_terminal("check", cwd=slip, TERM="xterm-kitty")
        assert re.sub(r"\x1b\]8;;.*?\x1b\\", "", with_links) == on_a_terminal("check", cwd=slip, TERM="xterm")
