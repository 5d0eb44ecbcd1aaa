"""``roster docs --into``: markers, line ends, errors, and what is not changed."""

import os
from pathlib import Path

from roster.roster import roster_path
from tests.conftest import Run, edit

TODAY = ("--at", "2026-09-01")
START, END = "<!-- roster: models-by-feature production -->", "<!-- roster: end -->"
TABLE = """\

| Feature | Default | Other models |
| --- | --- | --- |
| Code Completion | Codestral on Fireworks | Codestral on Vertex<br />Qwen 2.5 7B on Fireworks (Beta) |
| Code Generation | Claude 3.7 Sonnet |  |
| General Chat | Claude 3.7 Sonnet |  |

"""
EXAMPLE = f"````text\n{START}\n```\n````\n    {START}\nSee `{END}`.\n~~~\n{END}\n~~~\n"
"""Markers that are examples: in fenced and indented code, and in a sentence."""
MISPLACED = "a marker needs a line of its own outside code and quotes, indented by at most three spaces"


def test_only_text_between_markers_is_replaced(roster: Run, checkout: Path):
    document = checkout / "models.md"
    before = f"\ufeff# Größe \n\n{EXAMPLE}\n{START}\nold\n{END}\ntext\n<!--roster:retirements staging-->\n{END}"
    document.write_text(before, "utf-8")
    done = roster("docs", "--into", "models.md", "--check", *TODAY)
    assert (done.returncode, done.stderr) == (1, "models.md is out of date: run roster docs --into models.md\n")
    assert document.read_text("utf-8") == before
    done = roster("docs", "--into", "models.md", *TODAY)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "models.md written\n")
    expected = before.replace("old\n", TABLE).replace("staging-->\n", "staging-->\n\nNo retirements announced.\n\n")
    assert document.read_text("utf-8") == expected
    done = roster("docs", "--into", "models.md", "--check", *TODAY)
    assert (done.returncode, done.stderr) == (0, "models.md is up to date\n")
    assert not (checkout / "docs").exists()


def test_line_ends_indentation_and_links_are_kept(roster: Run, checkout: Path):
    (checkout / "target.md").write_bytes(f"- item\r\n\r\n  {START}\r\n  {END}\r\n- other\n".encode())
    (checkout / "models.md").symlink_to("target.md")
    assert roster("docs", "--into", "models.md", *TODAY).returncode == 0
    lines = [f"  {line}\r\n" if line else "\r\n" for line in TABLE.splitlines()]
    expected = f"- item\r\n\r\n  {START}\r\n{''.join(lines)}  {END}\r\n- other\n"
    assert (checkout / "target.md").read_bytes() == expected.encode()
    assert (checkout / "models.md").is_symlink()


def test_every_error_is_reported_with_its_place_and_nothing_is_written(roster: Run, checkout: Path):
    documents = {
        "good.md": (f"{START}\n{END}\n", ""),
        "none.md": ("# Text\n", f"1:1: no marker of a table: add the lines {START} and {END}\n"),
        "quote.md": (f"text\n> {START}\n> {END}\n", f"2:3: {MISPLACED}\n"),
        "indented.md": (f"1. item\n\n    {START}\n    {END}\n", f"3:5: {MISPLACED}\n"),
        "fenced.md": (f"```\n{START}\n{END}\n", f"2:1: {MISPLACED}\n"),
        "open.md": (f"text\n{START}\n", f"2:13: the table has no end: add the line {END}\n"),
        "two.md": (f"{START}\n{START}\n{END}\n", f"1:13: the table has no end: add the line {END}\n"),
        "end.md": (f"{END}\n", "1:13: no marker starts a table before this end\n"),
        "arrow.md": (f"{START} text\n{END}\n", "1:13: a marker ends with --> on its line, and nothing follows\n"),
        "table.md": (
            f"<!-- roster: models-by-featur production -->\n{END}\n",
            '1:14: there is no table "models-by-featur": did you mean "models-by-feature"?\n',
        ),
        "environment.md": (
            f"<!-- roster: retirements prodution x -->\n{END}\n",
            (
                '1:26: there is no environment "prodution": did you mean "production"?\n'
                '1:36: unexpected "x": the marker ends after the environment\n'
            ),
        ),
        "missing.md": (
            f"<!-- roster: retirements -->\n{END}\n",
            "1:25: the marker names no environment: choose staging-ref, staging or production\n",
        ),
        "latin.md": (f"{START}\n{END}\nü\n", "3:1: the document is not UTF-8: convert it\n"),
    }
    for name, (text, _) in documents.items():
        (checkout / name).write_bytes(text.encode("latin-1"))
    done = roster("docs", *(word for name in documents for word in ("--into", name)), *TODAY)
    expected = [f"{name}:{line}" for name, (_, report) in documents.items() for line in report.splitlines(True)]
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "".join(expected))
    assert (checkout / "good.md").read_text() == f"{START}\n{END}\n"


def test_error_counts_only_in_rosters_that_documents_need(roster: Run, checkout: Path):
    (checkout / "models.md").write_text(f"{START}\n{END}\n")
    edit(checkout / roster_path("staging"), "release_state: GA", "release_state: GAA")
    assert roster("docs", "--into", "models.md", *TODAY).returncode == 0
    edit(checkout / roster_path("production"), "release_state: GA", "release_state: GAA")
    done = roster("docs", "--into", "models.md", *TODAY)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"production is not rendered: {roster_path('production')} has an error\n" in done.stderr
    assert (checkout / "models.md").read_text() == f"{START}\n{TABLE}{END}\n"


def test_missing_document_is_usage_error(roster: Run):
    done = roster("docs", "--into", "models.md")
    assert done.returncode == 2
    assert "'models.md' does not exist" in done.stderr


def test_pipe_instead_of_document_is_usage_error(roster: Run, checkout: Path):
    os.mkfifo(checkout / "pipe.md")
    done = roster("docs", "--into", "pipe.md", *TODAY)
    assert done.returncode == 2
    assert done.stderr.endswith("Error: Invalid value for '--into': pipe.md is not a regular file\n")


def test_date_without_documents_is_usage_error(roster: Run, checkout: Path):
    done = roster("docs", *TODAY)
    assert done.returncode == 2
    assert done.stderr.endswith("Error: --at needs --into: the generated pages do not depend on the date\n")
    assert not (checkout / "docs").exists()
