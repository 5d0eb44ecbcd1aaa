"""What stands on the pages in docs/, and that it is what the toolkit does."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from roster.cli import main
from roster.diff.kinds import KINDS
from roster.docs import commands_page, examples, rules_page
from roster.findings import Severity
from roster.rules.all_rules import RULE_MODULES, RULES
from roster.rules.rule import Rule
from roster.secret_patterns import find_secrets
from tests.conftest import ROOT, Run

RULES_PAGE, CHANGES_PAGE, COMMANDS_PAGE = (
    (ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("rules.md", "changes.md", "commands.md")
)
EVERY_RULE = pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)


def section(page: str, heading: str) -> str:
    """What stands below a heading, up to the next one."""
    (found,) = re.findall(rf"^##+ {re.escape(heading)}\n(.*?)(?=^##|\Z)", page, re.DOTALL | re.MULTILINE)
    return str(found)


def anchors(page: str) -> set[str]:
    """Where links can lead to, as GitLab and GitHub make it of headings."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```$", "", page, flags=re.DOTALL | re.MULTILINE), re.MULTILINE)
    assert len(headings) == len(set(headings))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def lines(line: str, command: click.Command) -> Iterator[str]:
    """How a command is called, and each below it."""
    yield line
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            below = command.get_command(click.Context(command), name)
            assert below
            yield from lines(f"{line} {name}", below)


class TestRules:
    @EVERY_RULE
    def test_a_rule_says_what_it_is(self, rule: Rule):
        said = section(RULES_PAGE, rule.name).replace("\\", "")
        for fact in (rule.summary, rule.reason, rule.remedy, rule.severity.value.capitalize()):
            assert fact.replace("\\", "") in said

    @EVERY_RULE
    def test_the_output_shows_lines_of_the_example(self, rule: Rule):
        output = rules_page.output_of(rule)
        assert f"[{rule.name}]" in output
        assert f"```text\n{output}\n```" in section(RULES_PAGE, rule.name)
        places = re.findall(r"^(\S+?):(\d+):\d+: .*\n.*\n *\d+ \| ?(.*)$", output, re.MULTILINE)
        assert places
        shown = rules_page.printable_texts(rule.bad)
        for path, number, line in places:
            if path in shown:
                assert shown[path].splitlines()[int(number) - 1].replace(r"\ufeff", "") == line

    @EVERY_RULE
    def test_what_a_check_says_is_what_the_page_says(self, rule: Rule):
        """But for the lines, which are those of the example as it is shown."""
        found = examples.check_example(rule, rule.bad).diagnostics
        assert [f"{each.severity}: {each.message} [{each.rule}]" for each in found] == re.findall(
            r"^\S+:\d+:\d+: (.*)$", rules_page.output_of(rule), re.MULTILINE
        )

    def test_families_and_rules_stand_in_their_order(self):
        headings = re.findall(r"^### (.+)$", RULES_PAGE, re.MULTILINE)
        assert headings == list(RULES)
        assert len(re.findall("^## Rules ", RULES_PAGE, re.MULTILINE)) == len(RULE_MODULES)

    def test_severities_are_told_apart(self):
        assert "**Warning.**" in section(RULES_PAGE, "environment-drift")
        assert RULES["environment-drift"].severity is Severity.WARNING

    def test_no_secret_and_nothing_invisible_stands_there(self):
        assert not list(find_secrets(RULES_PAGE))
        assert all(line.isprintable() for line in RULES_PAGE.splitlines())

    def test_examples_do_not_depend_on_the_real_registries(self):
        assert "duo_agent_platform" not in RULES_PAGE


class TestChanges:
    def test_every_kind_stands_there_in_its_order(self):
        rows = re.findall(r"^\| `([a-z-]+)` \| ([a-z]+) \|", CHANGES_PAGE, re.MULTILINE)
        assert rows == [(name, str(kind.impact)) for name, kind in KINDS.items()]

    def test_what_is_filled_in_shows(self):
        assert "| *name*: id changed: *old* → *new* |" in CHANGES_PAGE
        assert not re.search(r"[{}]", CHANGES_PAGE)


class TestCommands:
    COMMANDS = re.findall("^## (roster.*)$", COMMANDS_PAGE, re.MULTILINE)

    def test_every_command_has_an_example_that_was_run(self):
        assert list(lines("roster", main.roster)) == self.COMMANDS
        without = {line.removeprefix("roster ") for line in self.COMMANDS[1:]} - set(commands_page.EXAMPLES)
        # What writes this page cannot be an example on it, nor what asks a source, needs a list, prints something else
        # each time, or only groups others.
        gateway = {"gateway", "gateway fetch", "gateway serve"}
        instance = {"instance", "instance explain", "instance serve", "instance sync", "instance token"}
        assert without == {"docs"} | gateway | instance
        for name, given in commands_page.EXAMPLES.items():
            assert all(f"{example.command} ".startswith(f"roster {name} ") for example in given)

    @pytest.mark.parametrize("command", COMMANDS)
    def test_the_help_is_what_the_command_prints(self, roster: Run, command: str):
        help_ = roster(*command.split()[1:], "--help", COLUMNS="80").stdout
        assert f"```text\n$ {command} --help\n{help_}```" in section(COMMANDS_PAGE, command)

    def test_an_example_shows_output_and_exit_status(self):
        said = section(COMMANDS_PAGE, "roster check")
        assert "```text\n$ roster check\n2 rosters checked, no problems found\n```\n" in said
        assert re.search(r"\[unknown-feature\]\n(?:.+\n)+\n2 rosters checked: 1 error\n```\n\nExit status 1\.\n", said)

    def test_no_example_fails_for_another_reason_than_a_finding(self):
        assert set(re.findall(r"Exit status (\d+)\.", COMMANDS_PAGE)) == {"1"}
        assert "\nroster: " not in COMMANDS_PAGE

    def test_a_long_output_is_cut(self):
        assert "\n…\n```\n" in section(COMMANDS_PAGE, "roster rules")


@pytest.mark.parametrize("page", [RULES_PAGE, CHANGES_PAGE, COMMANDS_PAGE], ids=["rules", "changes", "commands"])
class TestLinks:
    def test_links_lead_somewhere(self, page: str):
        for target in re.findall(r"\]\(([^)]+)\)", page):
            path, _, anchor = target.partition("#")
            assert not path or Path(ROOT / "docs" / path).is_file()
            assert not anchor or anchor in anchors(page), target

    def test_every_fence_is_closed(self, page: str):
        fences = re.findall("^```.*$", page, re.MULTILINE)
        assert fences[1::2] == ["```"] * (len(fences) // 2)
        assert "```" not in fences[::2]
