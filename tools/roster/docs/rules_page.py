"""``docs/rules.md``: every rule with its examples and the output for the bad one."""

import re
from collections.abc import Mapping
from types import ModuleType
from typing import NamedTuple

from roster.docs import examples
from roster.docs.examples import complete, path_of, texts
from roster.docs.page_template import fill_template
from roster.findings import Diagnostic
from roster.naming import printable
from roster.report import check_text
from roster.rules.all_rules import RULE_MODULES, rules_of
from roster.rules.base.rule import Example, Rule
from roster.secret_redaction import redact_text
from roster.yaml.line_index import LineIndex


class RuleGroup(NamedTuple):
    """The rules of one module, with the heading and the introduction from its docstring."""

    heading: str
    introduction: str
    rules: list[Rule]


def page() -> str:
    """Render the page."""
    groups = [_group(module) for module in RULE_MODULES]
    return fill_template(
        "rules.md.j2", groups=groups, today=examples.TODAY, printable_texts=printable_texts, output_of=output_of
    )


def printable_texts(example: Example) -> Mapping[str, str]:
    """Return the texts of an example by path, with invisible characters escaped and secrets redacted."""
    return {
        path_of(name): "\n".join(map(printable, redact_text(text).splitlines()))
        for name, text in texts(example).items()
    }


def output_of(rule: Rule) -> str:
    """Return the output of a check of a rule's bad example, with the line numbers of the example on the page."""
    result = examples.check_example(rule, rule.bad)
    numbers = {
        path_of(name): _line_numbers(text, complete(rule, name, text)) for name, text in texts(rule.bad).items() if text
    }
    lines = {path: _example_lines(result.lines[path], numbers[path]) for path in numbers if path in result.lines}
    diagnostics = tuple(_renumbered(diagnostic, numbers.get(diagnostic.path)) for diagnostic in result.diagnostics)
    return check_text.write(result._replace(diagnostics=diagnostics, lines={**result.lines, **lines})).rstrip("\n")


def _line_numbers(text: str, completed: str) -> list[int]:
    """Return an example's line number for each line of its completed text; for an added line, that of the one above."""
    lines, numbers = text.splitlines(), [0]
    for line in completed.splitlines():
        is_own = lines[numbers[-1] : numbers[-1] + 1] == [line]
        numbers.append(numbers[-1] + is_own)
    return numbers[1:]


def _example_lines(completed: LineIndex, numbers: list[int]) -> LineIndex:
    return LineIndex("\n".join(completed[numbers.index(number) + 1] for number in sorted(set(numbers))))


def _renumbered(diagnostic: Diagnostic, numbers: list[int] | None) -> Diagnostic:
    if numbers is None:
        return diagnostic
    span = diagnostic.span
    line = numbers[span.line - 1]
    return diagnostic._replace(span=span._replace(line=line, end_line=span.end_line - span.line + line))


def _group(module: ModuleType) -> RuleGroup:
    heading, introduction = re.split("[:.] ", (module.__doc__ or "").splitlines()[0], maxsplit=1)
    return RuleGroup(heading, introduction[0].upper() + introduction[1:], rules_of(module))
