"""Laws of ``roster check --fix``, on the rosters of this repository after slips have got into them."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from roster.findings import Diagnostic
from roster.repository import Repository, roster_path
from roster.roster import DATE_KEYS
from roster.yaml.document import parse
from tests.authoring.conftest import fixed, found
from tests.conftest import ROOT

PATHS = tuple(map(roster_path, ("staging-ref", "staging", "production")))
UNSEEN = "\u200b\u00a0\u2003\u2060\u00ad\ufe0f\u2028\x85"
SCHEMA_LINE = "#yaml-language-server:$schema=../../schemas/offered_models_metadata.schema.json"
LISTS = {"features", "default_for"}
"""A slip that stands in both of a model's lists is told of once, and nothing of either where one's key is a slip."""

Mutation = Callable[[str, int, int], str]
"""Puts a slip into a line, or writes it in another style; two numbers choose how and where."""


def slip(word: str, how: int, where: int) -> str:
    """Return a word with one slip in it."""
    where %= max(len(word) - 1, 1)
    left_out = word[:where] + word[where + 1 :]
    doubled = word[:where] + word[where] + word[where:]
    swapped = word[:where] + word[where : where + 2][::-1] + word[where + 2 :]
    slips = (left_out, doubled, swapped, word.replace("_", "-"), word.replace("-", "_"), word.upper(), f"{word}s")
    return slips[how % len(slips)]


def in_key(line: str, how: int, where: int) -> str:
    return re.sub(r"^(- |  +)([\w-]+)(?=:)", lambda found: found[1] + slip(found[2], how, where), line)


def in_feature(line: str, how: int, where: int) -> str:
    names = list(re.finditer(r"[\w-]+(?=[],])", line))
    if not names:
        return line
    name = names[where % len(names)]
    aliases = ("completion", "code_generations", "chat")
    new = aliases[where % 3] if how > 8 else slip(name[0], how, where)
    return line[: name.start()] + new + line[name.end() :]


def in_value(line: str, how: int, where: int) -> str:
    return re.sub(r"^(  (?:release_state|family): )(\w+)", lambda found: found[1] + slip(found[2], how, where), line)


def in_spaces(line: str, how: int, where: int) -> str:
    def spaced(found: "re.Match[str]") -> str:
        text = found[2].replace(" ", ("  ", "\t", " ")[where % 3])
        return found[1] + (f'" {text}"', f"'{text} '", text, f'"{text}\\t"')[how % 4]

    return re.sub(r"""^((?:- name|  description|  provider|  cost_indicator): )([^"'#]+)""", spaced, line)


def unseen(line: str, how: int, where: int) -> str:
    where %= len(line) + 1
    return line[:where] + UNSEEN[how % len(UNSEEN)] + line[where:]


def named_again(line: str, _: int, where: int) -> str:
    names = re.findall(r"[\w-]+(?=[],])", line)
    return line.replace("]", f", {names[where % len(names)]}]", 1) if names else line


def named_besides(line: str, how: int, _: int) -> str:
    name = ("duo_chat", "code-completion", "review_merge_request", "completion")[how % 4]
    return re.sub(r"^(  (?:features|default_for): \[)", rf"\1{name}, ", line)


def without_schema(line: str, _: int, __: int) -> str:
    return "# a comment" if line.startswith("# yaml-language-server") else line


def with_comment(line: str, _: int, where: int) -> str:
    """Comment on a key: a comment on a list's item goes with the item."""
    return f"{line}  # note {where}" if re.match(r"(- |  )\w[^#]*$", line) else line


def with_dashes(line: str, how: int, _: int) -> str:
    found = re.fullmatch(r"(  [\w-]+:) \[(.*)\](.*)", line)
    if not found:
        return line
    dash = f"\n{' ' * (2 + how % 3)}- "
    return found[1] + found[3] + dash + found[2].replace(", ", dash)


def on_lines(line: str, how: int, _: int) -> str:
    found = re.fullmatch(r"(  [\w-]+:) \[(.*)\](.*)", line)
    if not found:
        return line
    return f"{found[1]} [\n    " + found[2].replace(", ", ",\n    ") + ("\n  ]", ",\n  ]")[how % 2] + found[3]


def mutations(*of: Mutation) -> st.SearchStrategy[tuple[Mutation, int, int, int]]:
    return st.tuples(st.sampled_from(of), st.integers(0, 1000), st.integers(0, 12), st.integers(0, 1000))


SLIPS = mutations(
    in_key, in_feature, in_value, in_spaces, unseen, named_again, named_besides, without_schema, with_comment
)
STYLES = mutations(with_dashes, on_lines, with_comment)


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
        text = mutated((ROOT / path).read_text(encoding="utf-8"), draw(st.lists(SLIPS, min_size=1, max_size=5)))
        text = mutated(text, draw(st.lists(STYLES, max_size=4)))
        files[path] = text.replace("\n", draw(st.sampled_from(["\n", "\r\n"]))).encode()
    return files


@settings(max_examples=60, deadline=None)
@given(rosters())
def test_a_fix_mends_and_breaks_nothing(files: dict[str, bytes]):
    before = Repository(ROOT, files)
    first, after = found(before), fixed(before)
    assert counted(after.result.diagnostics) <= counted(first.diagnostics)
    assert found(after.repository).diagnostics == after.result.diagnostics
    assert fixed(after.repository).repository == after.repository
    for path in PATHS:
        old, new = before.read(path), after.repository.read(path)
        told = [finding for finding in first.diagnostics if finding.path == path]
        assert comments(new) in (comments(old), [SCHEMA_LINE, *comments(old)])
        assert new.count(b"\r\n") in (0, new.count(b"\n"))
        assert_the_rest_is_kept(path, old, new, told)


def counted(found: Iterable[Diagnostic]) -> Counter[tuple[str, str]]:
    return Counter((finding.path, finding.rule) for finding in found)


def comments(data: bytes) -> list[str]:
    return [seen(comment) for comment in re.findall("#[^\r\n]*", data.decode())]


def seen(value: Any) -> Any:
    """Return a value without what nobody sees in it."""
    if isinstance(value, dict):
        return {seen(key): seen(item) for key, item in value.items()}
    if isinstance(value, list):
        return [seen(item) for item in value]
    if value is None:
        return None
    return "".join(char for char in value if char not in UNSEEN and not char.isspace())


def assert_the_rest_is_kept(path: str, old: bytes, new: bytes, told: list[Diagnostic]) -> None:
    """Hold each value of a roster of which nothing was told against what it is now."""
    if not told:
        assert new == old
    before, after = parse(path, old, dates=DATE_KEYS), parse(path, new, dates=DATE_KEYS)
    if not before.readable:
        return
    lines = enumerate(re.split("\r?\n", before.text), start=1)
    starts = [number for number, line in lines if line.startswith("- ")]
    assert len(starts) == len(before.value) == len(after.value)
    for start, end, model, mended in zip(starts, [*starts[1:], 10_000], before.value, after.value, strict=True):
        here = [finding for finding in told if start <= finding.span.line < end]
        keys = {seen(finding.key) for finding in here}
        if keys & LISTS or any(finding.rule == "unknown-key" for finding in here):
            keys |= LISTS
        for key, value in seen(model).items():
            if key not in keys:
                assert seen(mended)[key] == value
