"""Findings of the YAML loader: each error once, at its position, and no tag is ever executed."""

import pytest

from roster.findings import Span
from roster.yaml import quick_loader
from roster.yaml.document import parse
from roster.yaml.parser import MAX_BYTES, MAX_DEPTH, MAX_NODES


def reported(data: bytes) -> list[tuple[str, str, int, int]]:
    """Return the rule, message, line and column of each finding."""
    document = parse("a.yaml", data)
    spans = document.spans([finding.place for finding in document.findings])
    return [
        (finding.rule, finding.message, spans[finding.place].line, spans[finding.place].column)
        for finding in document.findings
    ]


def rules(data: bytes) -> list[str]:
    return [rule for rule, *_ in reported(data)]


@pytest.mark.parametrize(
    ("data", "rule", "line", "column"),
    [
        (b"a: b: c\n", "yaml-syntax", 1, 5),
        (b"a: 1\n\tb: 2\n", "yaml-syntax", 2, 1),
        (b"a: 'b\n", "yaml-syntax", 1, 4),
        (b"a: @b\n", "yaml-syntax", 1, 4),
        (b"a: *nowhere\n", "yaml-syntax", 1, 4),
        (b'a: "\\q"\n', "yaml-syntax", 1, 5),
        (b"a: \xc3(\n", "yaml-encoding", 1, 4),
        ("日本\né: ".encode() + b"\xff", "yaml-encoding", 2, 4),
        (b"\xff\xfea\x00", "yaml-encoding", 1, 1),
        (b"\xef\xbb\xbfa: 1\n", "yaml-encoding", 1, 1),
        (b"a: b\x07c\n", "yaml-encoding", 1, 5),
        (b"a: no\n", "yaml-ambiguous-scalar", 1, 4),
        (b"on: 1\n", "yaml-ambiguous-scalar", 1, 1),
        (b"a: 1\nb: 2\na: 3\n", "yaml-duplicate-key", 3, 1),
        (b"a: !!str b\n", "yaml-forbidden-construct", 1, 4),
        (b"a: !local b\n", "yaml-forbidden-construct", 1, 4),
        (b"a: {<<: {b: 1}}\n", "yaml-forbidden-construct", 1, 5),
        (b"a: 1\n---\nb: 2\n", "yaml-forbidden-construct", 2, 1),
        (b"%YAML 1.1\n---\na: 1\n", "yaml-forbidden-construct", 1, 1),
        (b"? [a]\n: b\n", "yaml-forbidden-construct", 1, 3),
        (b"a: &x [*x]\n", "yaml-forbidden-construct", 1, 8),
        (
            b"a: " + b"[" * (MAX_DEPTH + 5) + b"]" * (MAX_DEPTH + 5),
            "yaml-forbidden-construct",
            1,
            MAX_DEPTH + 3,
        ),
    ],
)
def test_error_is_reported_once_at_its_position(data: bytes, rule: str, line: int, column: int):
    findings = reported(data)
    assert [(rule_, line_, column_) for rule_, _, line_, column_ in findings] == [(rule, line, column)]


def test_control_characters_are_reported():
    codes = [*range(9), 11, 12, *range(14, 32), 127]
    accepted = [code for code in codes if rules(b"a: b" + bytes([code]) + b"c\n") != ["yaml-encoding"]]
    assert accepted == []


@pytest.mark.parametrize(
    "tag",
    [
        "!!python/object/apply:os.system",
        "!!python/name:os.system",
        "!!bool",
        "!!timestamp",
        "!!binary",
        "!!float",
        "!!set",
    ],
)
def test_tag_is_rejected_and_not_executed(tag: str):
    document = parse("a.yaml", f"a: {tag} x\n".encode())
    assert [finding.rule for finding in document.findings] == ["yaml-forbidden-construct"]
    assert document.value == {"a": "x"}


def test_missing_dash_is_one_finding():
    text = b"- name: A\n  family: x\n\n  name: B\n  family: z\n"
    assert reported(text) == [("yaml-duplicate-key", 'the key "name" is duplicated: first defined on line 1', 4, 3)]


def test_each_missing_dash_is_one_finding():
    models = (b"name: a\n  k: 1\n  m: 1\n", b"name: b\n  m: 1\n  z: 1\n  k: 1\n", b"name: c\n  z: 1\n  k: 1\n")
    findings = parse("F", b"- " + b"  ".join(models)).findings
    assert [(finding.place.span and finding.place.span.line, finding.hint) for finding in findings] == [
        (4, 'start a new entry with "- ", or remove one of the two'),
        (8, 'start a new entry with "- ", or remove one of the two'),
    ]


def test_new_entry_is_suggested_only_where_a_dash_starts_one():
    texts = ("a: {x: 1, x: 2}", "a:\n  x: 1\n  x: 2", "- {x: 1, x: 2}", "- x: 1\n  x: 2", "a:\n  - x: 1\n    x: 2")
    hints = [parse("features.yaml", text.encode()).findings[0].hint for text in texts]
    remove = "remove one of the two"
    new_entry = f'start a new entry with "- ", or {remove}'
    assert hints == [remove, remove, remove, new_entry, new_entry]


def test_alias_repeats_its_anchor():
    document = parse("a.yaml", b"a: &x [1, 2]\nb: *x\n")
    assert (document.findings, document.value) == ((), {"a": [1, 2], "b": [1, 2]})


def test_alias_bomb_is_rejected_unexpanded():
    levels = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 12))
    document = parse("a.yaml", f"l0: &l0 [x]\n{levels}".encode())
    assert not document.readable
    assert [finding.rule for finding in document.findings] == ["yaml-forbidden-construct"]


@pytest.mark.parametrize("data", [b"", b"\n", b"# nothing here\n", b"---\n"])
def test_empty_file_has_no_value(data: bytes):
    document = parse("a.yaml", data)
    assert (document.readable, document.value, document.findings) == (True, None, ())


def test_too_large_file_is_rejected():
    assert rules(b"#" * (MAX_BYTES + 1)) == ["yaml-forbidden-construct"]


def test_file_with_too_many_values_is_rejected():
    assert rules(b"[" + b"1," * MAX_NODES + b"1]") == ["yaml-forbidden-construct"]


def test_span_covers_the_error():
    document = parse("a.yaml", b"a: no\n")
    (finding,) = document.findings
    assert document.spans([finding.place])[finding.place] == Span(1, 4, 1, 6)


def test_only_nodes_count_towards_the_limit_of_the_quick_loader(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(quick_loader, "MAX_NODES", 9)  # the list, and two for each item
    assert quick_loader.load("- [a]\n" * 4, frozenset()) == (True, [["a"]] * 4)
    with pytest.raises(quick_loader.TooManyNodesError):
        quick_loader.load("- [a]\n" * 5, frozenset())


def test_mapping_with_too_many_keys_is_rejected():
    keys = [f"k{number}: 1\n" for number in range(1_001)]
    assert parse("a.yaml", "".join(keys[:1_000]).encode()).findings == ()
    (finding,) = parse("a.yaml", "".join(keys).encode()).findings
    assert (finding.rule, finding.message) == ("yaml-forbidden-construct", "a mapping has more than 1,000 keys")
    assert finding.place.span == Span(1_001, 1, 1_001, 6)
