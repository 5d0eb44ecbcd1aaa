"""What the check reads is what every other reader reads."""

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
from roster.yaml.plain_scalars import AmbiguousScalarError, resolve
from tests.conftest import ROOT
from tests.yaml.writing import Writer, values

DATE_KEYS = frozenset({"notice", "last_day"})

# Shapes of every production of the YAML specification, put together at random: most are no YAML at all.
PIECES = [
    "a: ", "b:\n", "- ", "  ", "\n", "\n  ", "? ", ": ", "[", "]", "{", "}", ", ", "&x ", "*x", "!!str ", "!t ",
    "<<: ", "---\n", "...\n", "%YAML 1.2\n", "%TAG ! x:\n", "# c\n", " #c", "|\n", "|2-\n", ">+\n", ">\n", "'", "\"",
    "\\n", "\\x41", "no", "012", "1e3", "2026-01-01", "22:22", "~", "null", "true", "x", "plain words", "日本", "\t",
    "\r\n", "\r", "=", ".5", "notice: ", "@", "`", "%", "\u0085", "\u2028", "\ufeff", "\u0007", "0x1F", "0o7", "-",
    ":", "k: v\n", "- i\n", "'q'", "\"q\"",
]  # fmt: skip
documents = some.lists(some.sampled_from(PIECES), max_size=14).map("".join)


def normalised(value: Any) -> Any:
    """A reader's value as ours would be: a date as its text."""
    if isinstance(value, dict):
        return {key: normalised(item) for key, item in value.items()}
    if isinstance(value, list):
        return [normalised(item) for item in value]
    return value.isoformat() if isinstance(value, datetime.date) else value


def others(text: str) -> list[Any]:
    """What PyYAML (YAML 1.1) and ruamel.yaml (YAML 1.2) read."""
    modern = ruamel.yaml.YAML(typ="safe", pure=True)
    return [normalised(yaml.safe_load(text)), normalised(modern.load(text))]


@given(documents)
def test_the_quick_way_reads_what_the_careful_way_reads(text: str):
    complete, value = quick_loader.load(text, DATE_KEYS)
    if complete:
        careful = CarefulLoader("a.yaml", text, DATE_KEYS)
        assert careful.findings == []
        assert careful.value == value


@given(documents)
def test_other_readers_read_what_we_accept(text: str):
    document = parse("a.yaml", text.encode(), dates=DATE_KEYS)
    if "..." in text or not {"\x85", "\u2028", "\u2029"}.isdisjoint(text):
        return  # ruamel.yaml takes "..." for content; the others end a line for YAML 1.1 only, and a rule refuses them
    if document.readable and not document.findings:
        assert others(text) == [document.value] * 2


@given(some.data(), values)
def test_other_readers_read_what_was_written(data: some.DataObject, value: object):
    text = Writer(data.draw).document(value)
    assert others(text) == [value, value]


@pytest.mark.parametrize("path", sorted(ROOT.glob("env/**/*.yaml")) + sorted(ROOT.glob("schemas/*.yaml")), ids=str)
def test_other_readers_read_the_data_of_this_repository(path: Any):
    text = path.read_text()
    assert others(text) == [parse("a.yaml", text.encode(), dates=DATE_KEYS).value] * 2


SAME_EVERYWHERE = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None, "true": True, "False": False,
    "0": 0, "12": 12, "-3": -3, "+1": 1, "-0": 0, "1.5": 1.5, "-0.25": -0.25,
    "text": "text", "1.2.3": "1.2.3", "v1": "v1", "2026-1-1": "2026-1-1", "truely": "truely", "-": "-", "a b": "a b",
}  # fmt: skip
AMBIGUOUS = [
    "y", "N", "yes", "No", "ON", "off", "=", "<<", "012", "0o14", "0b1", "1_000", "22:22", "1:30:00", "1e3", "1.2e+3",
    "2026-01-01", "2025-13-45", "2026-08-05 10:00:00", ".inf", "-.INF", ".nan", "9" * 19, "9" * 5000,
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), SAME_EVERYWHERE.items())
def test_scalars_that_mean_one_thing(text: str, value: object):
    assert resolve(text) == value
    assert type(resolve(text)) is type(value)


@pytest.mark.parametrize("text", AMBIGUOUS, ids=lambda text: text[:20])
def test_scalars_that_readers_differ_on(text: str):
    with pytest.raises(AmbiguousScalarError):
        resolve(text)


def test_a_date_is_welcome_where_one_is_expected():
    assert resolve("2026-01-01", date_expected=True) == "2026-01-01"
    with pytest.raises(AmbiguousScalarError):
        resolve("2026-01-01 10:00:00", date_expected=True)


@given(some.text("0123456789+-._:xobeEaAfFnNyYtTsSuUlLrRiI~=<", max_size=8))
def test_whatever_is_accepted_is_read_alike(text: str):
    try:
        value = resolve(text)
    except AmbiguousScalarError:
        return
    try:
        root: Any = yaml.compose(f"- {text}\n")
        (node,) = root.value
    except yaml.YAMLError:
        return
    if isinstance(node, yaml.ScalarNode) and node.value == text:  # else it is no plain scalar
        assert others(f"- {text}\n") == [[value], [value]]
