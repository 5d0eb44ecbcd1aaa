"""Sources in JSON: what is rejected, with the place."""

import sys

import pytest

from roster.provider_sources.interface import SourceError
from roster.provider_sources.json_source import JsonSource


def error(data: bytes, *pointer: str | int) -> str:
    """Return the message about a file, or about a value in it."""
    source = JsonSource("x.json", data)
    with pytest.raises(SourceError) as raised:
        raise source.error("this is odd", *pointer) if source.value is not None else AssertionError
    return str(raised.value)


def test_what_is_not_strict_json_is_rejected_with_the_place():
    files = {
        b'{"a": 1,\n "b" 2}': "x.json:2:6: this is not JSON: expecting ':' delimiter",
        b"": "x.json:1:1: this is not JSON: expecting value",
        b'{"a": 1} 2': "x.json:1:10: this is not JSON: extra data",
        b'{"a": {"b": 1,\n  "c": 2, "b": 3}}': 'x.json:2:11: the key "b" is duplicated',
        b'{"a": 1, "a": 2}': 'x.json:1:10: the key "a" is duplicated',
        b'{"x": [1, {"y": "}"}],\n "a": {"b": NaN}}': "x.json:2:13: NaN is not a JSON number",
        b'{"a": ' * 30 + b'{"b": 1, "b": 2}' + b"}" * 30: "x.json:1:49: it has a duplicate key, deep inside this",
        b'{"a": ' * 30 + b"NaN" + b"}" * 30: "x.json:1:49: NaN is not a JSON number",
        b"[-Infinity]": "x.json:1:2: -Infinity is not a JSON number",
        b'\xef\xbb\xbf{"a": 1}': "x.json:1:1: it starts with a byte order mark",
        b'{"a": "\xff"}': "x.json is not UTF-8: byte 8 is 0xFF",
        '{"a": 1}'.encode("utf-16"): "x.json is not UTF-8",
        b'{"a": ' * 100_000: "x.json is nested too deeply",
    }
    wrong = {data[:30]: error(data) for data, message in files.items() if not error(data).startswith(message)}
    assert not wrong
    assert error(b'"a') == "x.json:1:1: this is not JSON: unterminated string"
    assert error(b'"\t"') == "x.json:1:2: this is not JSON: invalid control character"


def test_nesting_that_is_almost_too_deep_is_no_defect():
    for depth in range(sys.getrecursionlimit() - 200, sys.getrecursionlimit(), 2):
        for value in (b"1", b'"a": 1, "a"'):
            data = b'{"x": ' + b"[" * depth + b"]" * depth + b', "y": {"z": ' + value + b"}}"
            assert error(data, "y").startswith("x.json"), depth


def test_error_names_the_position_of_a_value():
    data = b'{\n  "a/b": {"x": "\\"},{", "y": [1, {"z": 5}]},\n  "c": 7\n}'
    positions = {("c",): "3:8", ("a/b", "y", 1, "z"): "2:40", ("a/b", "missing"): "2:10", (): "1:1"}
    assert {pointer: error(data, *pointer).split(": ")[0] for pointer in positions} == {
        pointer: f"x.json:{position}" for pointer, position in positions.items()
    }


def test_numbers_with_very_many_digits_are_read():
    assert JsonSource("x.json", b'{"a": ' + b"9" * 5000 + b', "b": 1e999, "c": 12}').value == {
        "a": float("inf"), "b": float("inf"), "c": 12,
    }  # fmt: skip
