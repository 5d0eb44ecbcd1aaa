"""Reports of ``roster instance token --list`` as text for a terminal and as JSON. Neither contains a hash."""

import json
from collections.abc import Sequence
from datetime import datetime

from roster.instance.auth.tokens import Token
from roster.naming import printable

FORMAT = 1
"""The version of the JSON report. It is raised when an older reader could misread the rest."""
_HEADINGS = ("name", "access", "created (UTC)", "last used", "revoked")
_NO_TOKENS = "no tokens have a name: create one with roster instance token --name NAME\n"


def write_text(tokens: Sequence[Token]) -> str:
    """Return a table with a row for each token."""
    if not tokens:
        return _NO_TOKENS
    rows = [_HEADINGS, *map(_row, tokens)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)
    return "\n".join(lines) + "\n"


def _row(token: Token) -> tuple[str, ...]:
    return (
        printable(token.name),
        token.access,
        _minute(token.created_at),
        _minute(token.last_used_at) or "never",
        _minute(token.revoked_at),
    )


def _minute(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""


def write_json(tokens: Sequence[Token]) -> str:
    """Return the report that ``schemas/tokens.schema.json`` describes."""
    content = [
        {
            "name": token.name,
            "actor": token.actor,
            "access": token.access,
            "created_at": token.created_at.isoformat(timespec="seconds"),
            "last_used_at": token.last_used_at and token.last_used_at.isoformat(timespec="seconds"),
            "revoked_at": token.revoked_at and token.revoked_at.isoformat(timespec="seconds"),
        }
        for token in tokens
    ]
    return json.dumps({"format": FORMAT, "tokens": content}, indent=2, ensure_ascii=False) + "\n"
