"""Any bytes give findings or a clean exit within two seconds and 256 MiB, never a traceback."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from roster.yaml.document import parse
from tests.conftest import ROOT
from tests.resource_limits import run_within_limits

ROSTER = (ROOT / "env/staging/offered_models_metadata.yaml").read_bytes()
MEBIBYTE = 1024 * 1024


@given(some.binary(max_size=200))
@example(b"2025-13-45")
@example(b"9" * 5000)
@example(b"!!bool x")
@example(b"!!timestamp x")
@example(b'"\\ud800"')
def test_any_bytes_are_parsed(data: bytes):
    document = parse("a.yaml", data)
    document.spans([finding.place for finding in document.findings])
    assert document.readable or document.findings


@given(some.integers(0, len(ROSTER)), some.integers(0, 40), some.binary(max_size=12))
def test_any_mutation_of_a_roster_is_parsed(at: int, removed: int, added: bytes):
    document = parse("a.yaml", ROSTER[:at] + added + ROSTER[at + removed :])
    document.spans([finding.place for finding in document.findings])
    assert document.readable or document.findings


def alias_bomb() -> bytes:
    levels = "".join(f"  - &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 40))
    return f"- a:\n  - &l0 [x]\n{levels}".encode()


def nested_merge_keys() -> bytes:
    levels = "".join(f"- &m{n}\n  <<: [{', '.join([f'*m{n - 1}'] * 9)}]\n" for n in range(1, 60))
    return f"- &m0 {{a: 1}}\n{levels}".encode()


HOSTILE: dict[str, Callable[[], bytes]] = {
    "flow nesting": lambda: b"[" * MEBIBYTE,
    "block nesting": lambda: b"".join(b" " * n + b"- \n" for n in range(3000)),
    "mapping nesting": lambda: b"{a: " * 200_000,
    "dashes": lambda: b"- \n" * 5_000_000,
    "dashes on one line": lambda: b"- " * MEBIBYTE,
    "quotes": lambda: b'"' * 16 * MEBIBYTE,
    "an open quote": lambda: b'a: "' + b"x\n" * 4_000_000,
    "one scalar": lambda: b"- name: " + b"x" * 15 * MEBIBYTE,
    "one key": lambda: b"x" * 15 * MEBIBYTE + b": 1",
    "anchors": lambda: b"".join(b"- &a%d x\n" % n for n in range(400_000)),
    "aliases": lambda: b"- &a x\n" + b"- *a\n" * 1_000_000,
    "an alias bomb": alias_bomb,
    "nested merge keys": nested_merge_keys,
    "documents": lambda: b"---\n- a\n" * 1_000_000,
    "short lines": lambda: b"a\n" * 4_000_000,
    "NUL bytes": lambda: b"\0" * 8 * MEBIBYTE,
    "repeated keys": lambda: b"- a: 1\n" + b"  a: 2\n" * 400_000,
    "ambiguous scalars": lambda: b"- no\n" * 400_000,
    "tags": lambda: b"- !!str x\n" * 400_000,
    "directives": lambda: b"%YAML 1.2\n" * 400_000,
    "comments": lambda: b"# x #y\n" * 2_000_000,
    "carriage returns": lambda: b"\r" * 8 * MEBIBYTE,
    "colons": lambda: b":" * 8 * MEBIBYTE,
    "question marks": lambda: b"? " * 500_000,
    "escapes": lambda: b'- "' + b"\\u200b" * 1_000_000 + b'"',
    "wide characters": lambda: b"- name: " + "日\u200b".encode() * 1_000_000,
    "empty models": lambda: b"- {}\n" * 100_000,
    "unknown keys": lambda: b"- {" + b", ".join(b"k%d: 1" % n for n in range(100_000)) + b"}\n",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file_stays_within_time_and_memory(name: str, tmp_path: Path):
    folder = tmp_path / "env" / "production"
    folder.mkdir(parents=True)
    (tmp_path / "env" / "environments.yaml").write_bytes((ROOT / "tests/yaml/environments.yaml").read_bytes())
    (folder / "offered_models_metadata.yaml").write_bytes(HOSTILE[name]())
    status = run_within_limits(tmp_path, "-m", "roster", "check")
    assert status == 1, (tmp_path / "err").read_text()[-500:]
    assert (tmp_path / "out").stat().st_size > 0
    assert "Traceback" not in (tmp_path / "err").read_text()
