"""Trial periods: since when a model has been offered, according to the committed versions of a roster."""

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from roster.check.result import Base, CheckResult
from roster.git.file_history import FileVersion
from roster.roster import DATE_KEYS, entry_id
from roster.rules.base.identity import Identity, Values, identity_values
from roster.rules.base.promotion_path import Entry, TrialPeriod
from roster.yaml.document import parse

History = Callable[[str], Iterable[FileVersion]]
"""Returns the committed versions of the file at a path, newest first.

Raises:
    ConfigurationError: the versions cannot be read.
"""


def base_version(result: CheckResult, history: History, on: date) -> Base:
    """Return the version before a change, to judge the change for a day."""
    today = never_in_future(on)

    def trial_start(entry: Entry) -> date | None:
        if not entry.may_be_in(result.rosters):
            return None
        sufficient = TrialPeriod.latest_start(entry.trial_days, today)
        model = CommittedModel(entry.model.id, identity_values(entry.model), entry.identity)
        return offered_since(history(entry.previous.path), model, today, sufficient)

    return Base(result, trial_start, today)


def never_in_future(day: date) -> date:
    """Return a day, or the actual date if that is earlier: a trial period cannot use days that have not passed."""
    return min(day, current_date())


def current_date() -> date:
    """Return the actual date, in UTC."""
    return datetime.now(UTC).date()


class CommittedModel(NamedTuple):
    """A model to look up in the versions of a roster.

    Attributes:
        values: the values that show which model it is.
        identity: compares them.
    """

    id: str
    values: Values
    identity: Identity


def offered_since(versions: Iterable[FileVersion], model: CommittedModel, today: date, sufficient: date) -> date | None:
    """Return the day since which a model has been offered without interruption; None if it is not offered.

    An unreadable version was never rendered: consumers kept the one before.

    Args:
        versions: the committed versions of the roster, newest first; read as far as necessary.
        sufficient: the search ends at a version of this day or earlier.
    """
    since, until = None, today
    for version in versions:
        document = parse("", version.content, dates=DATE_KEYS)
        models = document.value or []
        if not document.readable or not isinstance(models, list):
            continue
        if not _offers(models, model, until):
            break
        since = until = version.day
        if since <= sufficient:
            break
    return since


def _offers(models: list[Any], wanted: CommittedModel, until: date) -> bool:
    """Return whether a roster has a model that is not retired before a day."""
    for model in models:
        if isinstance(model, dict) and entry_id(model) == wanted.id:
            last_day = _last_day(model.get("retirement"))
            is_same = wanted.identity.differing_key(wanted.values, model) is None
            return is_same and (last_day is None or last_day >= until)
    return False


def _last_day(retirement: Any) -> date | None:
    """Return the last day of a model that retires as a whole."""
    match retirement:
        case {"last_day": str(day), **rest} if not rest.get("features") and re.fullmatch(r"\d{4}-\d\d-\d\d", day):
            with suppress(ValueError):
                return date.fromisoformat(day)
    return None
