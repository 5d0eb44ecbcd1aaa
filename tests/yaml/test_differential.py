"""The quick loader, the careful loader, PyYAML and ruamel.yaml read the same values."""

import datetime
from typing import Any

import pytest
import ruamel.yaml
import yaml
from hypothesis import given
from hypothesis import strategies as some

from roster.yaml import quick_loader
from roster.yaml.careful_loader import CarefulLoader
from roster.yaml.document import parse
from roster.yaml.plain_scalars import AmbiguousScalarError, resolve_scalar
from tests.conftest import ROOT
from tests.yaml.yaml_writer import Writer, values

DATE_KEYS = frozenset({"notice", "last_day"})

# Pieces for every production of the YAML specification, combined at random: most results are not YAML.
PIECES = [
    "a: ", "b:\n", "- ", "  ", "\n", "\n  ", "? ", ": ", "[", "]", "{", "}", ", ", "&x ", "*x", "!!str ", "!t ",
    "<<: ", "---\n", "...\n", "%YAML 1.2\n", "%TAG ! x:\n", "# c\n", " #c", "|\n", "|2-\n", ">+\n", ">\n", "'", "\"",
    "\\n", "\\x41", "no", "012", "1e3", "2026-01-01", "22:22", "~", "null", "true", "x", "plain words", "日本", "\t",
    "\r\n", "\r", "=", ".5", "notice: ", "@", "`", "%", "\u0085", "\u2028", "\ufeff", "\u0007", "0x1F", "0o7", "-",
    ":", "k: v\n", "- i\n", "'q'", "\"q\"",
]  # fmt: skip
documents = some.lists(some.sampled_from(PIECES), max_size=14).map("".join)


def normalized(value: Any) -> Any:
    """Return a parser's value with dates as text, as ours has them."""
    if isinstance(value, dict):
        return {key: normalized(item) for key, item in value.items()}
    if isinstance(value, list):
        return [normalized(item) for item in value]
    return value.isoformat() if isinstance(value, datetime.date) else value


def values_of_other_parsers(text: str) -> list[Any]:
    """Return the values of PyYAML (YAML 1.1) and ruamel.yaml (YAML 1.2)."""
    modern = ruamel.yaml.YAML(typ="safe", pure=True)
    return [normalized(yaml.safe_load(text)), normalized(modern.load(text))]


@given(documents)
def test_quick_loader_agrees_with_careful_loader(text: str):
    complete, value = quick_loader.load(text, DATE_KEYS)
    if complete:
        careful = CarefulLoader("a.yaml", text, DATE_KEYS)
        assert careful.findings == []
        assert careful.value == value


@given(documents)
def test_other_parsers_agree_on_accepted_documents(text: str):
    document = parse("a.yaml", text.encode(), dates=DATE_KEYS)
    if "..." in text or not {"\x85", "\u2028", "\u2029", "\ufeff"}.isdisjoint(text):
        # ruamel.yaml reads "..." as content. A rule rejects the others: some break lines in YAML 1.1 only, and libyaml
        # skips U+FEFF at the start of any line.
        return
    if document.readable and not document.findings:
        assert values_of_other_parsers(text) == [document.value] * 2


@given(some.data(), values)
def test_other_parsers_agree_on_written_values(data: some.DataObject, value: object):
    text = Writer(data.draw).document(value)
    assert values_of_other_parsers(text) == [value, value]


@pytest.mark.parametrize("path", sorted(ROOT.glob("env/**/*.yaml")) + sorted(ROOT.glob("schemas/*.yaml")), ids=str)
def test_other_parsers_agree_on_data_files(path: Any):
    text = path.read_text()
    assert values_of_other_parsers(text) == [parse("a.yaml", text.encode(), dates=DATE_KEYS).value] * 2


UNAMBIGUOUS = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None, "true": True, "False": False,
    "0": 0, "12": 12, "-3": -3, "+1": 1, "-0": 0, "1.5": 1.5, "-0.25": -0.25,
    "text": "text", "1.2.3": "1.2.3", "v1": "v1", "2026-1-1": "2026-1-1", "truely": "truely", "-": "-", "a b": "a b",
}  # fmt: skip
AMBIGUOUS = [
    "y", "N", "yes", "No", "ON", "off", "=", "<<", "012", "0o14", "0b1", "1_000", "22:22", "1:30:00", "1e3", "1.2e+3",
    "2026-01-01", "2025-13-45", "2026-08-05 10:00:00", ".inf", "-.INF", ".nan", "9" * 19, "9" * 5000,
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), UNAMBIGUOUS.items())
def test_unambiguous_scalar(text: str, value: object):
    assert resolve_scalar(text) == value
    assert type(resolve_scalar(text)) is type(value)


@pytest.mark.parametrize("text", AMBIGUOUS, ids=lambda text: text[:20])
def test_ambiguous_scalar_is_rejected(text: str):
    with pytest.raises(AmbiguousScalarError):
        resolve_scalar(text)


def test_expected_date_is_accepted():
    assert resolve_scalar("2026-01-01", date_expected=True) == "2026-01-01"
    with pytest.raises(AmbiguousScalarError):
        resolve_scalar("2026-01-01 10:00:00", date_expected=True)


@given(some.text("0123456789+-._:xobeEaAfFnNyYtTsSuUlLrRiI~=<", max_size=8))
def test_parsers_agree_on_accepted_scalars(text: str):
    try:
        value = resolve_scalar(text)
    except AmbiguousScalarError:
        return
    try:
        root: Any = yaml.compose(f"- {text}\n")
        (node,) = root.value
    except yaml.YAMLError:
        return
    if isinstance(node, yaml.ScalarNode) and node.value == text:  # otherwise it is not a plain scalar
        assert values_of_other_parsers(f"- {text}\n") == [[value], [value]]
