"""Removal of suppression comments whose finding an edit resolves."""

import pytest

from roster.authoring.useless_comments import without_useless_comments
from roster.check.pipeline import check
from roster.repository import Repository
from tests.authoring.conftest import PATH, TODAY
from tests.single_roster import CLEAN

CLAUDE = CLEAN.replace("bedrock/claude-1", "openai/claude-1")
LONG = f"{CLAUDE}  description: {'long ' * 30}text\n"
SCHEMA_LINE = "# yaml-language-server: $schema=../../schemas/offered_models_metadata.schema.json\n"
IGNORE, DEFAULT = "# roster: ignore[default-retiring] later", "  default_for: "
CASES = {
    "line of its own": (f"{IGNORE}\n{CLAUDE}", CLAUDE),
    "indented line": (CLAUDE.replace(DEFAULT, f"  {IGNORE}\n{DEFAULT}"), CLAUDE),
    "end of a line": (CLAUDE.replace("GA\n", f"GA  {IGNORE}\n"), CLAUDE),
    "after another comment": (f"# ours\n{IGNORE}\n{CLAUDE}", f"# ours\n{CLAUDE}"),
    "two comments": (f"{IGNORE}\n{CLAUDE.replace('GA', f'GA {IGNORE}')}", CLAUDE),
    "CRLF": (f"{IGNORE}\n{CLAUDE}".replace("\n", "\r\n"), CLAUDE.replace("\n", "\r\n")),
    "first of two rules": (
        f"# roster: ignore[default-retiring, long-description] x\n{LONG}",
        f"# roster: ignore[long-description] x\n{LONG}",
    ),
    "last of two rules": (
        f"# roster: ignore[long-description,default-retiring] x\n{LONG}",
        f"# roster: ignore[long-description] x\n{LONG}",
    ),
    "comment without a rule": (f"# roster: ignore\n{CLAUDE}", CLAUDE),
    "useful comment": (
        f"{IGNORE.replace('default-retiring', 'long-description')}\n{LONG}",
        f"{IGNORE.replace('default-retiring', 'long-description')}\n{LONG}",
    ),
}


@pytest.mark.parametrize(("before", "after"), CASES.values(), ids=CASES)
def test_useless_comment_is_removed(before: str, after: str, production: Repository):
    data = (before + SCHEMA_LINE).encode()
    findings = check(production._replace(overlay={PATH: data}), TODAY).diagnostics
    assert without_useless_comments(PATH, data, findings).decode() == after + SCHEMA_LINE
