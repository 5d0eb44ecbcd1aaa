"""Export of selections: CSV and JSON have the same content, which no spreadsheet takes for formulas."""

import csv
import json
import tracemalloc
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from roster.instance.database.connections import Database
from roster.instance.selection.export import ExportedSelection, ExportFormat, cell, export, file_name
from roster.instance.selection.state import StateReader
from tests.instance.database.statements import count_statements
from tests.instance.selection.namespace_rows import many, store_namespaces
from tests.instance.selection.offered_lists import large_list, list_serving, offered_model, store_list, store_selection

NOW = datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC)
HOSTILE = '=HYPERLINK("https://evil.example";A1)'
LISTED = list_serving({"chat": ["claude", "gemini"], "code": ["claude"]}, gone=["lost"])
OFFERED = LISTED._replace(
    models={**LISTED.models, "gemini": offered_model("gemini")._replace(name=HOSTILE)}, aliases={"claude_3": "claude"}
)


def text_of(database: Database, format: ExportFormat) -> str:
    with database.read_transaction() as connection:
        return "".join(export(connection, StateReader().state(connection), format, NOW))


@pytest.fixture
def filled(database: Database) -> Database:
    with database.write_transaction() as connection:
        store_list(connection, OFFERED, version=3)
        store_selection(connection, "code", "lost", "claude")
        store_selection(connection, "chat", "gemini")
        store_namespaces(connection, [(7, "chat", "claude_3"), (8, "code", "claude"), (8, "chat", "gemini")])
    return database


def test_json_has_each_selection_with_what_serves_it(filled: Database):
    exported = json.loads(text_of(filled, ExportFormat.JSON))
    selections = exported.pop("selections")
    assert exported == {"exported_at": "2026-11-30T23:59:59+00:00", "list_version": 3}
    assert [(each["level"], each["namespace_id"], each["feature"]) for each in selections] == [
        ("instance", None, "chat"),
        ("instance", None, "code"),
        ("namespace", 7, "chat"),
        ("namespace", 8, "code"),
        ("namespace", 8, "chat"),
    ]
    assert selections[2] == {
        "level": "namespace",
        "namespace_id": 7,
        "feature": "chat",
        "feature_title": "Title of chat",
        "mode": "chosen_models",
        "models": ["claude"],
        "default_model": "claude",
        "default_model_name": "GitLab: claude",
        "served_by": "gemini",
        "served_by_name": HOSTILE,
        "decided_by": "instance",
        "explanation": 'the namespace selected "claude_3", an earlier id of "claude", which the instance does not '
        'allow; the instance selected "gemini"',
        "changed_at": "2026-08-05T12:00:30+00:00",
        "changed_by": "somebody",
    }
    assert [selections[1][name] for name in ("models", "served_by", "decided_by")] == [
        ["lost", "claude"], "claude", "roster",
    ]  # fmt: skip


def test_csv_has_the_content_of_the_json_export(filled: Database):
    text = text_of(filled, ExportFormat.CSV)
    rows = list(csv.DictReader(StringIO(text, newline="")))
    expected: list[dict[str, Any]] = json.loads(text_of(filled, ExportFormat.JSON))["selections"]
    assert [list(row) for row in rows] == [list(ExportedSelection._fields)] * len(expected)
    for row, selection in zip(rows, expected, strict=True):
        values = selection | {"models": " ".join(selection["models"])}
        assert row == {name: cell(value) for name, value in values.items()}
    assert rows[0]["served_by_name"] == '\'=HYPERLINK("https://evil.example";A1)'
    lines = text.split("\r\n")
    assert (lines[-1], len(lines)) == ("", len(rows) + 2)


@given(some.text(alphabet=some.sampled_from("=+-@\uff1d,;|\t\r\n\"' 1Ax")))
@example("x;=1+1")
@example(' \t"@SUM(1)')
def test_no_cell_contains_a_formula_for_any_separator(text: str):
    for separator in ",;|\t":
        line = StringIO(newline="")
        csv.writer(line).writerow(["7", cell(text)])
        for part in line.getvalue().replace("\r", separator).replace("\n", separator).split(separator):
            assert not part.strip(' "').startswith(("=", "+", "-", "@", "\uff1d"))


def test_cell_without_formula_is_unchanged():
    for text in ("claude-3", "GitLab: Claude 3.7 Sonnet", "a@example.com", "1 + 1 = 2", "é𝒳", "2026-11-30T23:59:59"):
        assert cell(text) == text
    assert (cell(None), cell(7), cell(("a", "b"))) == ("", "7", "a b")


def test_export_of_nothing(database: Database):
    assert text_of(database, ExportFormat.CSV) == ",".join(ExportedSelection._fields) + "\r\n"
    assert json.loads(text_of(database, ExportFormat.JSON)) == {
        "exported_at": "2026-11-30T23:59:59+00:00",
        "list_version": None,
        "selections": [],
    }


def test_file_name_has_the_day():
    assert file_name(ExportFormat.CSV, NOW) == "model-selections-2026-11-30.csv"


@pytest.mark.slow
def test_large_export_takes_one_statement_and_little_memory(database: Database):
    with database.write_transaction() as connection:
        store_list(connection, large_list(35, 70))
        store_namespaces(connection, many(500, 35, 70))
    with database.read_transaction() as connection, count_statements(database) as statements:
        state = StateReader().state(connection)
        del statements[:]
        tracemalloc.start()
        try:
            size = sum(len(text) for text in export(connection, state, ExportFormat.JSON, NOW))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert len(statements) == 1
    assert size > 5_000_000
    assert peak < 3_000_000
