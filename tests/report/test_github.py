"""The GitHub report, parsed as the runner of GitHub Actions does."""

import re
from pathlib import Path
from typing import NamedTuple

from hypothesis import example, given
from hypothesis import strategies as st

from roster.findings import Span
from tests.report.conftest import PRODUCTION, STAGING, finding, reported, result_of


class Command(NamedTuple):
    """A parsed workflow command."""

    name: str
    properties: dict[str, str]
    data: str


def read(line: str) -> Command:
    """Parse a line as ``ActionCommand.TryParseV2`` does (actions/runner, src/Runner.Common/ActionCommand.cs)."""
    parsed = re.fullmatch(r"::(\S+) (.*?)::(.*)", line)
    assert parsed, line
    name, properties, data = parsed.groups()
    pairs = (pair.split("=", 1) for pair in properties.split(","))
    return Command(name, {key: unescaped(value, ":,") for key, value in pairs}, unescaped(data, ""))


def unescaped(text: str, further: str) -> str:
    for character in f"\r\n{further}%":
        text = text.replace(f"%{ord(character):02X}", character)
    return text


def commands(root: Path) -> list[Command]:
    return [read(line) for line in reported("github", root).splitlines()]


def test_clean_report_is_empty(checkout: Path):
    assert reported("github", checkout) == ""


def test_command_has_documented_form(broken: Path):
    assert (
        f"::error file={PRODUCTION},line=47,endLine=47,col=14,endColumn=29,title=unknown-feature"
        '::unknown feature "code-generatoin" (did you mean "code-generation"?)\n'
    ) in reported("github", broken)


def test_every_finding_is_one_command(broken: Path):
    parsed = commands(broken)
    assert [(command.name, command.properties["title"], command.properties["file"]) for command in parsed] == [
        ("warning", "environment-drift", PRODUCTION),
        ("error", "unknown-key", PRODUCTION),
        ("error", "unknown-feature", PRODUCTION),
        ("error", "unknown-feature", PRODUCTION),
        ("warning", "environment-drift", STAGING),
    ]


def test_span_over_several_lines_has_no_columns():
    several = finding()._replace(span=Span(3, 5, 4, 2))
    (line,) = reported("github", result_of(several)).splitlines()
    assert read(line).properties == {"file": PRODUCTION, "line": "3", "endLine": "4", "title": "unknown-key"}


@given(
    path=st.text(alphabet="a/%:,=\r\n 🚀", min_size=1),
    message=st.text(alphabet="a%:,250DA\r\n 🚀", min_size=1),
)
@example(path="env/50%, a:b\n/x.yaml", message="100 %0A::error::\r\nnot a line of its own, no: none")
def test_escaping_is_reversible(path: str, message: str):
    report = reported("github", result_of(finding(message, path=path)))
    assert report.count("\n") == 1
    command = read(report.removesuffix("\n"))
    assert command.data == message
    assert command.properties["file"] == path
    assert command.properties["title"] == "unknown-key"
