"""The filters of the history's pages: the fields of their form as they were typed, and the addresses of links."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from roster.instance.auth.actor_names import ActorNames
from roster.instance.history.audit_log import EventFilter, Tokens
from roster.instance.history.sync_log import OUTCOMES, SyncFilter
from roster.instance.selection.namespace_selections import parse_namespace_id
from roster.instance.selection.paging import Page, PageRequest, decode_cursor, encode_cursor
from roster.naming import join_names, quote

_PAGE_SIZE = 50
_FIELDS = ("feature", "namespace", "instance", "tokens", "actor", "batch", "outcome", "since", "until")


class HistoryForm(NamedTuple):
    """A form.

    Attributes:
        values: the fields that are not empty, as they were typed.
        since, until: days in UTC, both included.
        errors: sentences for people; with any, nothing is searched for.
    """

    values: Mapping[str, str]
    namespace_id: int | None
    since: date | None
    until: date | None
    request: PageRequest
    errors: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether the form restricts nothing, and shows the first page."""
        return not self.values and self.request.after is None and self.request.before is None

    def events(self, names: ActorNames, *, with_tokens: bool = True) -> EventFilter:
        """Return which audit events to read, those of access tokens only if ``with_tokens``."""
        only = "tokens" in self.values
        actor = self.values.get("actor")
        return EventFilter(
            self.values.get("feature"),
            self.namespace_id,
            "instance" in self.values,
            None if actor is None else tuple(names.actors_named(actor)),
            *self._moments(),
            self.values.get("batch"),
            Tokens.NO if not with_tokens else Tokens.ONLY if only else Tokens.ALSO,
        )

    def syncs(self) -> SyncFilter:
        """Return which syncs to read."""
        return SyncFilter(self.values.get("outcome"), *self._moments())

    def _moments(self) -> tuple[datetime | None, datetime | None]:
        next_day = self.until + timedelta(days=1) if self.until and self.until < date.max else None
        return _start_of(self.since), _start_of(next_day)

    def query(self, **changes: str) -> str:
        """Return the query string of the first page with these filters, some of them changed."""
        return _query({**self.values, **changes})

    @property
    def period_query(self) -> str:
        """The query string with the same days, and no other filter."""
        return _query({name: self.values.get(name, "") for name in ("since", "until")})

    def neighbors(self, page: Page[Any], ids: Sequence[int]) -> tuple[str | None, str | None]:
        """Return the query strings of the pages before and after one, given the ids on it; None if there is none."""
        if not ids:
            return None, None
        newer, older = (encode_cursor((id_,)) for id_ in (ids[0], ids[-1]))
        return (
            self.query(before=newer) if page.has_previous else None,
            self.query(after=older) if page.has_next else None,
        )


def parse_form(parameters: Mapping[str, str]) -> HistoryForm:
    """Parse the query string of a page."""
    errors: list[str] = []
    values = {name: text for name in _FIELDS if (text := parameters.get(name, "").strip())}
    since, until = (_parse_day(values.get(name), name.capitalize(), errors) for name in ("since", "until"))
    if since and until and until < since:
        errors.append(f"Until, {until}, is before Since, {since}: choose a later day, or clear one of them.")
    namespace_id = _parse_namespace(values.get("namespace"), errors)
    if "instance" in values and "namespace" in values:
        errors.append("A namespace and “Instance only” exclude each other: clear one of them.")
    if "tokens" in values and {"feature", "namespace", "instance"} & values.keys():
        errors.append("“Access tokens only” excludes the filters of selections: clear it, or clear them.")
    if (outcome := values.get("outcome")) and outcome not in OUTCOMES:
        errors.append(f"Outcome: {quote(outcome)} is unknown. Choose {join_names(OUTCOMES, word='or')}.")
    return HistoryForm(values, namespace_id, since, until, _parse_page(parameters, errors), tuple(errors))


def _parse_day(text: str | None, label: str, errors: list[str]) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        errors.append(f"{label}: {quote(text)} is not a day. Write it as in 2026-11-30.")
        return None


def _parse_namespace(text: str | None, errors: list[str]) -> int | None:
    number = None if text is None else parse_namespace_id(text)
    if text is not None and number is None:
        errors.append(f"Namespace: {quote(text)} is not the ID of a namespace. Write its number, such as 7.")
    return number


def _parse_page(parameters: Mapping[str, str], errors: list[str]) -> PageRequest:
    cursors = {name: parameters[name] for name in ("after", "before") if parameters.get(name)}
    keys = {name: decode_cursor(cursor, 1) for name, cursor in cursors.items()}
    if None in keys.values():
        errors.append("The address does not lead to a page: its after or before was changed.")
    return PageRequest(_PAGE_SIZE, keys.get("after"), keys.get("before"), from_end="before" in keys)


def _query(values: Mapping[str, str]) -> str:
    values = {name: value for name, value in values.items() if value}
    return f"?{urlencode(values, errors='replace')}" if values else ""


def _start_of(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), UTC) if day else None
