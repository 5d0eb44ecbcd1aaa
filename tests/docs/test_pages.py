"""The generated pages in docs/: complete, current and with valid links."""

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
from roster.rules.base.rule import Rule
from roster.secret_redaction import find_secrets
from tests.conftest import ROOT, Run
from tests.docs.anchors import anchors

RULES_PAGE, CHANGES_PAGE, COMMANDS_PAGE = (
    (ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("rules.md", "changes.md", "commands.md")
)
EVERY_RULE = pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)


def section(page: str, heading: str) -> str:
    """Return the text from a heading to the next one."""
    (text,) = re.findall(rf"^##+ {re.escape(heading)}\n(.*?)(?=^##|\Z)", page, re.DOTALL | re.MULTILINE)
    return str(text)


def lines(line: str, command: click.Command) -> Iterator[str]:
    """Yield the command line of a command and of each of its subcommands."""
    yield line
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            below = command.get_command(click.Context(command), name)
            assert below
            yield from lines(f"{line} {name}", below)


class TestRules:
    @EVERY_RULE
    def test_section_contains_texts_of_rule(self, rule: Rule):
        text = section(RULES_PAGE, rule.name).replace("\\", "")
        for fact in (rule.summary, rule.reason, rule.remedy, rule.severity.value.capitalize()):
            assert fact.replace("\\", "") in text

    @EVERY_RULE
    def test_output_shows_lines_of_example(self, rule: Rule):
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
    def test_output_has_all_findings_of_check(self, rule: Rule):
        reported = examples.check_example(rule, rule.bad).diagnostics
        assert [f"{each.severity}: {each.message} [{each.rule}]" for each in reported] == re.findall(
            r"^\S+:\d+:\d+: (.*)$", rules_page.output_of(rule), re.MULTILINE
        )

    def test_groups_and_rules_are_in_order(self):
        headings = re.findall(r"^### (.+)$", RULES_PAGE, re.MULTILINE)
        assert headings == list(RULES)
        assert len(re.findall("^## Rules ", RULES_PAGE, re.MULTILINE)) == len(RULE_MODULES)

    def test_severity_is_shown(self):
        assert "**Warning.**" in section(RULES_PAGE, "environment-drift")
        assert RULES["environment-drift"].severity is Severity.WARNING

    def test_page_has_no_secrets_or_invisible_characters(self):
        assert not list(find_secrets(RULES_PAGE))
        assert all(line.isprintable() for line in RULES_PAGE.splitlines())

    def test_examples_do_not_depend_on_the_real_registries(self):
        assert "duo_agent_platform" not in RULES_PAGE


class TestChanges:
    def test_every_kind_is_listed_in_order(self):
        rows = re.findall(r"^\| `([a-z-]+)` \| ([a-z]+) \|", CHANGES_PAGE, re.MULTILINE)
        assert rows == [(name, str(kind.impact)) for name, kind in KINDS.items()]

    def test_placeholders_are_in_italics(self):
        assert "| *name*: id changed: *old* → *new* |" in CHANGES_PAGE
        assert not re.search(r"[{}]", CHANGES_PAGE)


class TestCommands:
    COMMANDS = re.findall("^## (roster.*)$", COMMANDS_PAGE, re.MULTILINE)

    def test_every_command_has_examples(self):
        assert list(lines("roster", main.roster)) == self.COMMANDS
        by_command = commands_page.examples_by_command()
        without = {line.removeprefix("roster ") for line in self.COMMANDS[1:]} - by_command.keys()
        # Excluded: the command that writes this page, commands that need a source or a list or print something else
        # each time, and groups.
        gateway = {"gateway", "gateway fetch", "gateway probe", "gateway serve"}
        needing_list = ("explain", "export", "preview", "prune", "serve", "sync", "token")
        instance = {f"instance {command}" for command in needing_list} | {"instance"}
        assert without == {"docs", "providers", "providers update"} | gateway | instance
        for name, command_examples in by_command.items():
            assert all(f"{example.command} ".startswith(f"roster {name} ") for example in command_examples)

    @pytest.mark.parametrize("command", COMMANDS)
    def test_help_is_output_of_command(self, roster: Run, command: str):
        help_ = roster(*command.split()[1:], "--help", COLUMNS="80").stdout
        assert f"```text\n$ {command} --help\n{help_}```" in section(COMMANDS_PAGE, command)

    def test_example_shows_output_and_exit_status(self):
        text = section(COMMANDS_PAGE, "roster check")
        assert "```text\n$ roster check\n2 rosters checked, no problems found\n```\n" in text
        assert re.search(r"\[unknown-feature\]\n(?:.+\n)+\n2 rosters checked: 1 error\n```\n\nExit status 1\.\n", text)

    def test_examples_fail_only_because_of_findings(self):
        assert set(re.findall(r"Exit status (\d+)\.", COMMANDS_PAGE)) == {"1"}
        assert "\nroster: " not in COMMANDS_PAGE

    def test_long_output_is_truncated(self):
        assert "\n…\n```\n" in section(COMMANDS_PAGE, "roster rules")


@pytest.mark.parametrize("page", [RULES_PAGE, CHANGES_PAGE, COMMANDS_PAGE], ids=["rules", "changes", "commands"])
class TestLinks:
    def test_links_have_targets(self, page: str):
        for target in re.findall(r"\]\(([^)]+)\)", page):
            path, _, anchor = target.partition("#")
            assert not path or Path(ROOT / "docs" / path).is_file()
            assert not anchor or anchor in anchors(page), target

    def test_every_fence_is_closed(self, page: str):
        fences = re.findall("^```.*$", page, re.MULTILINE)
        assert fences[1::2] == ["```"] * (len(fences) // 2)
        assert "```" not in fences[::2]
