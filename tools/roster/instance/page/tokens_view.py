"""View model of the page of tokens: who can use the instance, and who did."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from roster.instance.auth.actor_names import actor_of
from roster.instance.auth.token_revocation import writing_digests
from roster.instance.auth.tokens import Access, Token

_PAGE_SIZE = 50
_PAGE_NUMBER = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)


def parse_page_number(text: str | None) -> int:
    """Return the number of a page, given the text in an address; the first one if it is not a number."""
    return int(text) if text and _PAGE_NUMBER.fullmatch(text) else 1


class TokenView(NamedTuple):
    """A named token.

    Attributes:
        is_own: whether the visitor uses it.
        is_last_write: whether nobody could make changes without it.
        is_configured: whether its hash is also in an environment variable.
        unused_for: the time since the last use, if recorded.
        revoked_by: the display name of who revoked it; None if the command did.
    """

    id: int
    name: str
    can_write: bool
    is_own: bool
    is_last_write: bool
    is_configured: bool
    created_at: datetime
    last_used_at: datetime | None
    unused_for: timedelta | None
    revoked_at: datetime | None
    revoked_by: str | None


class UnnamedToken(NamedTuple):
    """A token in an environment variable that has no name, shown by its actor."""

    actor: str
    can_write: bool
    is_own: bool


class TokensView(NamedTuple):
    """A page of the tokens: the valid ones by name, then the revoked ones, the latest first.

    Attributes:
        unnamed: those without a name; only on the first page.
        page: the number of the page, of ``pages``.
    """

    valid: tuple[TokenView, ...]
    unnamed: tuple[UnnamedToken, ...]
    revoked: tuple[TokenView, ...]
    page: int
    pages: int


def build_tokens(
    stored: Sequence[Token], configured: Mapping[str, Access], actor: str, now: datetime, page: int = 1
) -> TokensView:
    """Build the page.

    Args:
        configured: the access of the tokens in environment variables, by their hash.
        actor: the visitor.
        page: the number of the page; the last one is shown instead of a later one.
    """
    names = {token.actor: token.name for token in stored}
    writing = writing_digests(stored, configured)
    views = [
        TokenView(
            id=token.id,
            name=token.name,
            can_write=token.access is Access.WRITE,
            is_own=token.actor == actor,
            is_last_write=writing == {token.digest},
            is_configured=token.digest in configured,
            created_at=token.created_at,
            last_used_at=token.last_used_at,
            unused_for=max(now - token.last_used_at, timedelta()) if token.last_used_at else None,
            revoked_at=token.revoked_at,
            revoked_by=names.get(token.revoked_by, token.revoked_by) if token.revoked_by else None,
        )
        for token in stored
    ]
    unnamed = (
        UnnamedToken(actor_of(digest), access is Access.WRITE, actor_of(digest) == actor)
        for digest, access in configured.items()
        if actor_of(digest) not in names
    )
    pages = max(1, -(-len(views) // _PAGE_SIZE))
    number = min(page, pages)
    shown = views[(number - 1) * _PAGE_SIZE : number * _PAGE_SIZE]
    valid, revoked = (tuple(each for each in shown if bool(each.revoked_at) is over) for over in (False, True))
    return TokensView(valid, tuple(unnamed) if number == 1 else (), revoked, number, pages)
