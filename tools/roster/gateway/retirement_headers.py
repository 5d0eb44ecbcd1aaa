"""HTTP headers that announce the retirement of a model: ``Deprecation``, ``Sunset`` and a link to its successor.

``Deprecation`` (RFC 9745) is the start of the notice, ``Sunset`` (RFC 8594) the end of the last day, both in UTC.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from urllib.parse import quote

from roster import http_headers
from roster.accept.accepted_list import AcceptedList
from roster.accept.announced_ends import AnnouncedEnd
from roster.model import days_after


def retirement_headers(
    accepted: AcceptedList, model_id: str, feature: str | None, on: date, successor_url: str | None
) -> dict[str, str]:
    """Return the headers on a day; none before the notice, or if the retirement does not affect the lookup.

    Args:
        model_id: the id of the model, now or earlier.
        feature: the feature that the model is looked up for. Without it, only the retirement of all features counts.
        successor_url: the URL of a model with ``{id}`` for its id; None for no link.
    """
    current = accepted.aliases.get(model_id, model_id)
    end = _combined(_relevant_ends(accepted, current, feature))
    if end is None or (end.notice and end.notice > on):
        return {}
    headers = {}
    if end.notice:
        headers[http_headers.DEPRECATION] = f"@{int(_midnight(end.notice).timestamp())}"
    if end.last_day:
        headers[http_headers.SUNSET] = format_datetime(_midnight(days_after(end.last_day, 1)), usegmt=True)
    successor = _offered_successor(accepted, end.replacement)
    if successor and successor_url:
        url = successor_url.replace("{id}", quote(successor, safe=""))
        headers[http_headers.LINK] = f'<{url}>; rel="successor-version"'
    return headers


def _relevant_ends(accepted: AcceptedList, id_: str, feature: str | None) -> list[AnnouncedEnd]:
    """Return the ends that together end the lookup; empty if it continues."""
    ends = {**dict(_past_ends(accepted, id_)), **accepted.announced_ends.get(id_, {})}
    if feature in ends:
        return [ends[feature]]
    offered = [model.features for model in accepted.offered_models if model.id == id_]
    affected: Collection[str] = offered[0] if offered else ends
    return [ends[each] for each in affected] if ends.keys() >= set(affected) else []


def _past_ends(accepted: AcceptedList, id_: str) -> Iterator[tuple[str, AnnouncedEnd]]:
    """Yield the ends of a retired model by feature; that of all features has an empty one."""
    for tombstone in accepted.retired:
        if tombstone.id == id_:
            end = AnnouncedEnd(None, tombstone.last_day, tombstone.replacement)
            yield from ((feature, end) for feature in tombstone.features or ("",))


def _combined(ends: Collection[AnnouncedEnd]) -> AnnouncedEnd | None:
    """Return the end that several ends amount to: of the last feature, with a replacement only if it is the same."""
    if not ends:
        return None
    notices, last_days = ([day for end in ends if (day := getattr(end, key))] for key in ("notice", "last_day"))
    replacements = {end.replacement for end in ends}
    return AnnouncedEnd(
        max(notices) if len(notices) == len(ends) else None,
        max(last_days) if len(last_days) == len(ends) else None,
        replacements.pop() if len(replacements) == 1 else None,
    )


def _offered_successor(accepted: AcceptedList, replacement: str | None) -> str | None:
    """Return the first offered model that a replacement leads to."""
    offered = {model.id for model in accepted.offered_models}
    next_ids: Mapping[str, str | None] = {each.id: each.replacement for each in accepted.retired if not each.features}
    passed: set[str] = set()
    while replacement is not None and replacement not in passed:
        passed.add(replacement)
        replacement = accepted.aliases.get(replacement, replacement)
        if replacement in offered:
            return replacement
        replacement = next_ids.get(replacement)
    return None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
