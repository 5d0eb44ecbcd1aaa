"""Version, ``--quiet``, progress bars and links in terminals."""

import io
import re
import shutil
import tomllib
from datetime import date
from pathlib import Path

import pytest

from roster.check.pipeline import check
from roster.cli.terminal import color, hyperlink
from roster.repository import Repository
from roster.rules.all_rules import RULES
from tests.cli.terminal import on_a_terminal
from tests.conftest import ROOT, Run, edit

PRODUCTION = "env/production/offered_models_metadata.yaml"
WITHOUT_DELAY = "import roster.cli.terminal.progress\nroster.cli.terminal.progress._DELAY_SECONDS = 0.0"


@pytest.fixture
def with_finding(checkout: Path) -> Path:
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
def test_quiet_check_prints_findings_only(roster: Run, with_finding: Path, quiet: str):
    normal, quietly = roster("check"), roster("check", quiet)
    assert normal.stderr != quietly.stderr == ""
    assert normal.stdout == quietly.stdout != ""
    assert normal.returncode == quietly.returncode == 1


def test_quiet_check_of_clean_repository_prints_nothing(roster: Run):
    done = roster("check", "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("variables", "colors"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "3", "TERM": "dumb"}, True),
        ({"FORCE_COLOR": "0"}, False),
        ({"FORCE_COLOR": "false"}, False),
        ({"FORCE_COLOR": ""}, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "0"}, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": ""}, True),
        ({"FORCE_COLOR": "0", "CLICOLOR_FORCE": "1"}, False),
        ({"CLICOLOR_FORCE": "1"}, True),
        ({"CLICOLOR_FORCE": "1", "CLICOLOR": "0"}, True),
        ({"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, False),
        ({"CLICOLOR_FORCE": "0"}, False),
        ({"CLICOLOR": "1"}, False),
    ],
)
def test_variables_decide_about_color(roster: Run, with_finding: Path, variables: dict[str, str], colors: bool):
    edit(with_finding / PRODUCTION, "release_state: GA\n", "release_state: ga\n")
    assert ("\x1b[" in roster("check", **variables).stdout) is colors


@pytest.mark.parametrize(("variables", "colors"), [({}, False), ({"FORCE_COLOR": "1"}, True)])
def test_variables_apply_to_every_command(roster: Run, with_finding: Path, variables: dict[str, str], colors: bool):
    edit(with_finding / PRODUCTION, "release_state: GA\n", "release_state: ga\n")
    for command in (["render"], ["check", "--diff"], ["diff", str(ROOT)]):
        assert ("\x1b[" in roster(*command, **variables).stdout) is colors, command


@pytest.mark.parametrize(
    ("variables", "colors"),
    [
        ({}, True),
        ({"FORCE_COLOR": "0"}, False),
        ({"FORCE_COLOR": ""}, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ({"CLICOLOR": "0"}, False),
        ({"CLICOLOR": "1"}, True),
        ({"TERM": "dumb"}, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True),
    ],
)
def test_variables_decide_about_color_on_terminal(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], colors: bool
):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert color.is_wanted(Terminal()) is colors


class TestProgress:
    def test_long_check_draws_bar_on_terminal(self, checkout: Path):
        shown = on_a_terminal("check", cwd=checkout, stream="stderr", before=WITHOUT_DELAY)
        assert re.findall(r"checking  \[.{36}\] +(\d+)%", shown) == ["0", "16", "33", "50"]
        assert shown.replace("\r", "").endswith("\x1b[?25h\n3 rosters checked, no problems found\n")

    def test_long_render_draws_bar_on_terminal(self, checkout: Path):
        assert "checking  [" in on_a_terminal("render", cwd=checkout, stream="stderr", before=WITHOUT_DELAY)

    def test_short_check_draws_no_bar(self, checkout: Path):
        shown = on_a_terminal("check", cwd=checkout, stream="stderr")
        assert shown == "3 rosters checked, no problems found\r\n"

    @pytest.mark.parametrize(("arguments", "term"), [(("check", "--quiet"), "xterm"), (("check",), "dumb")])
    def test_quiet_check_and_dumb_terminal_have_no_bar(self, checkout: Path, arguments: tuple[str, ...], term: str):
        shown = on_a_terminal(*arguments, cwd=checkout, stream="stderr", before=WITHOUT_DELAY, TERM=term)
        assert "checking" not in shown

    def test_no_bar_without_terminal(self, checkout: Path):
        assert on_a_terminal("check", cwd=checkout, stream="stdout", before=WITHOUT_DELAY) == ""

    def test_bar_ends_before_error_message(self, checkout: Path):
        (checkout / PRODUCTION).unlink()
        (checkout / PRODUCTION).symlink_to("/proc/self/mem")
        shown = on_a_terminal("check", cwd=checkout, stream="stderr", before=WITHOUT_DELAY)
        assert re.search(rf"\[\?25h\r\nroster: {PRODUCTION} cannot be read: [^\n]*\r\n$", shown)

    def test_check_reports_two_steps_per_roster(self, with_finding: Path):
        steps: list[tuple[int, int]] = []
        check(Repository(with_finding), date(2026, 6, 15), lambda done, total: steps.append((done, total)))
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
            ({"FORCE_HYPERLINK": "false", "TERM": "xterm-kitty"}, False),
            ({"FORCE_HYPERLINK": "", "TERM": "xterm-kitty"}, True),
        ],
    )
    def test_links_are_supported_by_known_terminals(self, environment: dict[str, str], draws: bool):
        assert bool(hyperlink.rules_page(environment)) is draws

    def test_every_rule_has_anchor_on_page(self):
        page = (ROOT / "docs/rules.md").read_text(encoding="utf-8")
        assert set(RULES) <= set(re.findall("^### (.+)$", page, re.MULTILINE))

    def test_rule_name_links_to_its_page(self, with_finding: Path):
        host = hyperlink._host()
        assert self.LINK.format(host=host) in on_a_terminal("check", cwd=with_finding, TERM="xterm-kitty")
        assert self.LINK.format(host="") in on_a_terminal("check", cwd=with_finding, TERM_PROGRAM="vscode")

    def test_rule_name_in_render_error_links_to_its_page(self, with_finding: Path):
        assert self.LINK.format(host=hyperlink._host()) in on_a_terminal("render", cwd=with_finding, TERM="xterm-kitty")

    @pytest.mark.parametrize("environment", [{"TERM": "xterm"}, {"TERM": "xterm-kitty", "NO_COLOR": "1"}])
    def test_other_terminals_and_no_color_have_no_links(self, with_finding: Path, environment: dict[str, str]):
        shown = on_a_terminal("check", cwd=with_finding, **environment)
        assert "[unknown-feature]" in shown
        assert "\x1b]8" not in shown

    def test_no_links_without_terminal_unless_forced(self, roster: Run, with_finding: Path):
        assert "\x1b]8" not in roster("check", FORCE_COLOR="1", TERM="xterm-kitty").stdout
        assert "\x1b]8" in roster("check", FORCE_COLOR="1", FORCE_HYPERLINK="1").stdout
        assert "\x1b]8" not in roster("check", FORCE_HYPERLINK="1").stdout
        assert "\x1b" not in roster("check", FORCE_COLOR="1", FORCE_HYPERLINK="1", NO_COLOR="1").stdout
        assert "\x1b]8" not in roster("check", FORCE_COLOR="1", FORCE_HYPERLINK="0", TERM="xterm-kitty").stdout

    def test_installed_toolkit_has_no_links(self, roster: Run, with_finding: Path):
        installed = with_finding / "site-packages"
        shutil.copytree(ROOT / "tools" / "roster", installed / "roster")
        (with_finding / "docs").mkdir()
        (with_finding / "docs" / "rules.md").touch()  # another project's
        done = roster("check", FORCE_COLOR="1", FORCE_HYPERLINK="1", PYTHONPATH=str(installed))
        assert "unknown-feature" in done.stdout
        assert "\x1b]8" not in done.stdout

    def test_links_do_not_change_visible_text(self, with_finding: Path):
        with_links = on_a_terminal("check", cwd=with_finding, TERM="xterm-kitty")
        assert re.sub(r"\x1b\]8;;.*?\x1b\\", "", with_links) == on_a_terminal("check", cwd=with_finding, TERM="xterm")
