"""The Markdown of large comparisons as a Markdown parser reads it: table, folded rows, code spans and links."""

import re
from html.parser import HTMLParser
from itertools import islice
from typing import NamedTuple

import pytest
from markdown_it import MarkdownIt

from roster.diff import diff_markdown
from roster.diff.change import SIDES, Comparison
from roster.diff.kinds import Impact
from roster.diff.roster_changes import diff_rosters
from roster.diff.rows import Row, group_changes
from tests.diff.test_history import REGISTRIES, history
from tests.diff.test_roster_changes import POLICY, TODAY, roster

ADDRESSES = {side: f"https://gitlab.example.com/a/b/-/blob/{side}/" for side in SIDES}
VALUE = re.compile(r"\b(?:feature_\d\d|m\d+|bedrock/\S+)")
"""The features, ids and identifiers of the history."""


class Item(NamedTuple):
    """A row: whether it is folded, its texts outside of code spans, its code spans and its links."""

    folded: bool
    texts: list[str]
    spans: list[str]
    links: list[str]


class Page(HTMLParser):
    """The parts of a rendered comment.

    Attributes:
        cells: the texts of the table.
        items: the rows.
        summaries: the texts of folded parts.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.cells: list[str] = []
        self.items: list[Item] = []
        self.summaries: list[str] = []
        self.feed(html)
        assert self.open == [], "every element is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "li":
            self.items.append(Item("details" in self.open, [], [], []))
        if tag == "a":
            self.items[-1].links.append(dict(attrs)["href"] or "")
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if {"td", "th"} & {*self.open}:
            self.cells.append(data)
        elif "summary" in self.open:
            self.summaries.append(data)
        elif "li" in self.open and data.strip():
            (self.items[-1].spans if "code" in self.open else self.items[-1].texts).append(data)


def page_of(comparison: Comparison) -> Page:
    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    return Page(parser.render(diff_markdown.write(comparison)))


def problems(page: Page, rows: list[Row]) -> list[str]:
    """Return what is wrong with a rendered comment about some rows, the worst first."""
    counts = [sum(row.impact is impact for row in rows) for impact in Impact]
    expected = ["Environment", "Breaking", "Risky", "Safe", "production", *map(str, counts)]
    found = [f"table: {page.cells}"] * (page.cells != expected)
    folded = [row.impact is not Impact.BREAKING for row in rows]
    found += ["folded rows"] * ([item.folded for item in page.items] != folded)
    for _, texts, spans, links in page.items:
        found += [f"no code span: {text}" for text in texts if VALUE.search(text)]
        found += [f"invisible character: {span}" for span in spans if not span.isprintable()]
        found += [f"links: {links}"] * (len(links) != 1 or not re.search(r"/env/production/\w+\.yaml#L\d+$", links[0]))
    return found


@pytest.mark.slow
def test_comments_are_read_as_intended():
    failures = []
    for number, sides in enumerate(islice(history(), 0, 100, 3)):
        base, head = ({"production": roster(*side)} for side in sides)
        changes = diff_rosters(base, head, {"production": POLICY}, TODAY, (), REGISTRIES, REGISTRIES)
        rows = sorted(group_changes(changes), key=lambda row: row.impact.rank)
        names, errors = {"base": "main", "head": "the working tree"}, {"base": (), "head": ()}
        page = page_of(Comparison(names, tuple(changes), errors, addresses=ADDRESSES))
        failures += [f"{number}: {problem}" for problem in problems(page, rows)] if rows else []
    assert not failures, "\n".join(failures[:40])
