"""Properties of ``roster check --fix``, on the rosters of this repository with random typos."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from roster.findings import Diagnostic
from roster.model import DATE_KEYS
from roster.repository import Repository
from roster.roster import roster_path
from roster.yaml.document import parse
from tests.authoring.conftest import check_all, fix_all
from tests.conftest import ROOT
from tests.properties import examples

PATHS = tuple(map(roster_path, ("staging-ref", "staging", "production")))
INVISIBLE = "\u200b\u00a0\u2003\u2060\u00ad\ufe0f\u2028\x85"
SCHEMA_LINE = "#yaml-language-server:$schema=../../schemas/offered_models_metadata.schema.json"
LISTS = {"features", "default_for"}
"""The lists of a model: a typo in both is reported once, and none is if the key of either has a typo."""

Mutation = Callable[[str, int, int], str]
"""Puts a typo into a line, or writes it in another style; two numbers choose which one and where."""


def typo(word: str, how: int, where: int) -> str:
    """Return a word with one typo."""
    where %= max(len(word) - 1, 1)
    left_out = word[:where] + word[where + 1 :]
    doubled = word[:where] + word[where] + word[where:]
    swapped = word[:where] + word[where : where + 2][::-1] + word[where + 2 :]
    typos = (left_out, doubled, swapped, word.replace("_", "-"), word.replace("-", "_"), word.upper(), f"{word}s")
    return typos[how % len(typos)]


def with_typo_in_key(line: str, how: int, where: int) -> str:
    return re.sub(r"^(- |  +)([\w-]+)(?=:)", lambda match: match[1] + typo(match[2], how, where), line)


def with_typo_in_feature(line: str, how: int, where: int) -> str:
    names = list(re.finditer(r"[\w-]+(?=[],])", line))
    if not names:
        return line
    name = names[where % len(names)]
    aliases = ("completion", "code_generations", "chat")
    new = aliases[where % 3] if how > 8 else typo(name[0], how, where)
    return line[: name.start()] + new + line[name.end() :]


def with_typo_in_value(line: str, how: int, where: int) -> str:
    return re.sub(r"^(  (?:release_state|family): )(\w+)", lambda match: match[1] + typo(match[2], how, where), line)


def with_spaces(line: str, how: int, where: int) -> str:
    def spaced(match: "re.Match[str]") -> str:
        text = match[2].replace(" ", ("  ", "\t", " ")[where % 3])
        return match[1] + (f'" {text}"', f"'{text} '", text, f'"{text}\\t"')[how % 4]

    return re.sub(r"""^((?:- name|  description|  provider|  cost_indicator): )([^"'#]+)""", spaced, line)


def with_invisible_character(line: str, how: int, where: int) -> str:
    where %= len(line) + 1
    return line[:where] + INVISIBLE[how % len(INVISIBLE)] + line[where:]


def with_duplicate_feature(line: str, _: int, where: int) -> str:
    names = re.findall(r"[\w-]+(?=[],])", line)
    return line.replace("]", f", {names[where % len(names)]}]", 1) if names else line


def with_additional_feature(line: str, how: int, _: int) -> str:
    name = ("duo_chat", "code-completion", "review_merge_request", "completion")[how % 4]
    return re.sub(r"^(  (?:features|default_for): \[)", rf"\1{name}, ", line)


def without_schema_comment(line: str, _: int, __: int) -> str:
    return "# a comment" if line.startswith("# yaml-language-server") else line


def with_comment(line: str, _: int, where: int) -> str:
    """Add a comment to a key; one on a list item would be removed with the item."""
    return f"{line}  # note {where}" if re.match(r"(- |  )\w[^#]*$", line) else line


def with_dashes(line: str, how: int, _: int) -> str:
    match = re.fullmatch(r"(  [\w-]+:) \[(.*)\](.*)", line)
    if not match:
        return line
    dash = f"\n{' ' * (2 + how % 3)}- "
    return match[1] + match[3] + dash + match[2].replace(", ", dash)


def on_several_lines(line: str, how: int, _: int) -> str:
    match = re.fullmatch(r"(  [\w-]+:) \[(.*)\](.*)", line)
    if not match:
        return line
    return f"{match[1]} [\n    " + match[2].replace(", ", ",\n    ") + ("\n  ]", ",\n  ]")[how % 2] + match[3]


def mutations(*of: Mutation) -> st.SearchStrategy[tuple[Mutation, int, int, int]]:
    return st.tuples(st.sampled_from(of), st.integers(0, 1000), st.integers(0, 12), st.integers(0, 1000))


TYPOS = mutations(
    with_typo_in_key,
    with_typo_in_feature,
    with_typo_in_value,
    with_spaces,
    with_invisible_character,
    with_duplicate_feature,
    with_additional_feature,
    without_schema_comment,
    with_comment,
)
STYLES = mutations(with_dashes, on_several_lines, with_comment)


def mutated(text: str, how: Iterable[tuple[Mutation, int, int, int]]) -> str:
    for mutate, line, *numbers in how:
        lines = text.split("\n")
        touched = [index for index, old in enumerate(lines) if mutate(old, *numbers) != old]
        if touched:
            index = touched[line % len(touched)]
            lines[index] = mutate(lines[index], *numbers)
            text = "\n".join(lines)
    return text


@st.composite
def rosters(draw: st.DrawFn) -> dict[str, bytes]:
    files = {}
    for path in draw(st.sets(st.sampled_from(PATHS), min_size=1)):
        text = mutated((ROOT / path).read_text(encoding="utf-8"), draw(st.lists(TYPOS, min_size=1, max_size=5)))
        text = mutated(text, draw(st.lists(STYLES, max_size=4)))
        files[path] = text.replace("\n", draw(st.sampled_from(["\n", "\r\n"]))).encode()
    return files


@examples(60)
@given(rosters())
def test_fixes_add_no_finding_and_change_nothing_else(files: dict[str, bytes]):
    before = Repository(ROOT, files)
    first, after = check_all(before), fix_all(before)
    assert count_by_rule(after.result.diagnostics) <= count_by_rule(first.diagnostics)
    assert check_all(after.repository).diagnostics == after.result.diagnostics
    assert fix_all(after.repository).repository == after.repository
    for path in PATHS:
        old, new = before.read(path), after.repository.read(path)
        reported = [finding for finding in first.diagnostics if finding.path == path]
        assert comments(new) in (comments(old), [SCHEMA_LINE, *comments(old)])
        assert new.count(b"\r\n") in (0, new.count(b"\n"))
        assert_rest_is_unchanged(path, old, new, reported)


def count_by_rule(findings: Iterable[Diagnostic]) -> Counter[tuple[str, str]]:
    return Counter((finding.path, finding.rule) for finding in findings)


def comments(data: bytes) -> list[str]:
    return [visible(comment) for comment in re.findall("#[^\r\n]*", data.decode())]


def visible(value: Any) -> Any:
    """Return a value without its invisible characters and spaces."""
    if isinstance(value, dict):
        return {visible(key): visible(item) for key, item in value.items()}
    if isinstance(value, list):
        return [visible(item) for item in value]
    if value is None:
        return None
    return "".join(char for char in value if char not in INVISIBLE and not char.isspace())


def assert_rest_is_unchanged(path: str, old: bytes, new: bytes, reported: list[Diagnostic]) -> None:
    """Compare each value of a roster without a finding with the value after the fixes."""
    if not reported:
        assert new == old
    before, after = parse(path, old, dates=DATE_KEYS), parse(path, new, dates=DATE_KEYS)
    if not before.readable:
        return
    lines = enumerate(re.split("\r?\n", before.text), start=1)
    starts = [number for number, line in lines if line.startswith("- ")]
    assert len(starts) == len(before.value) == len(after.value)
    for start, end, model, fixed in zip(starts, [*starts[1:], 10_000], before.value, after.value, strict=True):
        findings = [finding for finding in reported if start <= finding.span.line < end]
        keys = {visible(finding.key) for finding in findings}
        if keys & LISTS or any(finding.rule == "unknown-key" for finding in findings):
            keys |= LISTS
        for key, value in visible(model).items():
            if key not in keys:
                assert visible(fixed)[key] == value
