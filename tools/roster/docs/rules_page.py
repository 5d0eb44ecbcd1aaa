"""``docs/rules.md``: every rule with its examples, and with what a check says of the bad one."""

import re
from collections.abc import Mapping
from types import ModuleType
from typing import NamedTuple

from roster.docs import examples
from roster.docs.examples import completed, path_of, texts
from roster.docs.page_template import filled
from roster.findings import Diagnostic
from roster.naming import printable
from roster.report import check_text as text_report
from roster.rules.all_rules import RULE_MODULES
from roster.rules.rule import Example, Rule
from roster.secret_patterns import redact_text
from roster.yaml.line_index import LineIndex


class Family(NamedTuple):
    """A module of rules: its heading, what its rules have in common, and the rules."""

    title: str
    about: str
    rules: list[Rule]


def page() -> str:
    """Return the page."""
    families = [_family(module) for module in RULE_MODULES]
    return filled("rules.md.j2", families=families, today=examples.TODAY, shown=shown, output=output)


def shown(example: Example) -> Mapping[str, str]:
    """Return the texts of an example as a page can hold them: by path, in visible characters, without any secret."""
    return {path_of(name): _visible(redact_text(text)) for name, text in texts(example).items()}


def output(rule: Rule) -> str:
    """Return what a check says of a rule's bad example, at the lines that the example has on the page."""
    result = examples.result(rule, rule.bad)
    lines = {path_of(name): completed(rule, name, text).lines for name, text in texts(rule.bad).items() if text}
    there = {path: _lines_of_the_example(result.lines[path], lines[path]) for path in lines if path in result.lines}
    found = tuple(_moved(diagnostic, lines.get(diagnostic.path)) for diagnostic in result.diagnostics)
    return text_report.write(result._replace(diagnostics=found, lines={**result.lines, **there})).rstrip("\n")


def _lines_of_the_example(completed_text: LineIndex, numbers: tuple[int, ...]) -> LineIndex:
    first = {number: line for line, number in reversed(list(enumerate(numbers, start=1)))}
    return LineIndex("\n".join(completed_text[first[number]] for number in sorted(first)))


def _moved(found: Diagnostic, numbers: tuple[int, ...] | None) -> Diagnostic:
    if numbers is None:
        return found
    line, end_line = numbers[found.span.line - 1], found.span.end_line
    return found._replace(span=found.span._replace(line=line, end_line=end_line - found.span.line + line))


def _visible(text: str) -> str:
    return "\n".join(printable(line) for line in text.splitlines())


def _family(module: ModuleType) -> Family:
    title, about = re.split("[:.] ", (module.__doc__ or "").splitlines()[0], maxsplit=1)
    rules = [rule for rule in vars(module).values() if isinstance(rule, Rule)]
    return Family(title, about[0].upper() + about[1:], rules)
