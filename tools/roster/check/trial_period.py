"""Trial periods: since when a model has been offered, according to the committed versions of a roster."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from roster.check.former_models import find_former_models
from roster.check.result import Base, CheckResult
from roster.git.file_history import FileVersion
from roster.model import DATE_KEYS, entry_id
from roster.rules.base.identity import FormerModel, Identity, Values, identity_values
from roster.rules.base.promotion_path import Entry, TrialPeriod
from roster.yaml.document import parse

History = Callable[[str], Iterable[FileVersion]]
"""Returns the committed versions of the file at a path, newest first.

Raises:
    ConfigurationError: the versions cannot be read.
"""


def base_version(result: CheckResult, history: History, on: date) -> Base:
    """Return the version before a change, to judge the change for a day. Each history is read once."""
    today = never_in_future(on)
    starts: dict[tuple[object, ...], dict[str, Trial]] = {}

    def trial_start(entry: Entry) -> date | None:
        if not entry.may_be_in(result.rosters):
            return None
        path, identity = entry.previous.path, entry.identity
        key = path, identity.keys, entry.trial_days
        if key not in starts:
            starts[key] = find_trials(history(path), identity, today, TrialPeriod.latest_start(entry.trial_days, today))
        trial = starts[key].get(entry.model.id)
        return trial.since if trial and not identity.differing_key(trial.model, identity_values(entry.model)) else None

    def former_models(path: str, ids: Collection[str]) -> Mapping[str, FormerModel]:
        return find_former_models(history(path), ids)

    return Base(result, trial_start, today, former_models)


def never_in_future(day: date) -> date:
    """Return a day, or the actual date if that is earlier: a trial period cannot use days that have not passed."""
    return min(day, current_date())


def current_date() -> date:
    """Return the actual date, in UTC."""
    return datetime.now(UTC).date()


class Trial(NamedTuple):
    """A model as the last version of a roster has it, and the day since which it has been offered."""

    model: Values
    since: date


def find_trials(versions: Iterable[FileVersion], identity: Identity, today: date, sufficient: date) -> dict[str, Trial]:
    """Return the models that a roster offers, by id, with the days since which they have been without interruption.

    An unreadable version was never rendered: consumers kept the one before.

    Args:
        versions: the committed versions of the roster, newest first; read as far as necessary.
        sufficient: the search ends at a version of this day or earlier.
    """
    trials: dict[str, Trial] = {}
    uninterrupted: dict[str, Values] | None = None
    until = today
    for version in versions:
        models = _offered_models(version.content, until)
        if models is None:
            continue
        uninterrupted = {
            id_: model
            for id_, model in (models if uninterrupted is None else uninterrupted).items()
            if id_ in models and not identity.differing_key(model, models[id_])
        }
        until = version.day
        trials |= {id_: Trial(model, until) for id_, model in uninterrupted.items()}
        if not uninterrupted or until <= sufficient:
            break
    return trials


def _offered_models(content: bytes, until: date) -> dict[str, Values] | None:
    """Return a version's models that are not retired before a day, by id; None if it cannot be read."""
    document = parse("", content, dates=DATE_KEYS)
    models = document.value or []
    if not document.readable or not isinstance(models, list):
        return None
    by_id = {entry_id(model): model for model in reversed(models) if isinstance(model, dict)}
    return {id_: model for id_, model in by_id.items() if not _is_retired(model, until)}


def _is_retired(model: Values, until: date) -> bool:
    retirement = model.get("retirement")
    retirements = retirement if isinstance(retirement, list) else [retirement]
    last_day = next((day for each in retirements if (day := _last_day(each))), None)
    return last_day is not None and last_day < until


def _last_day(retirement: Any) -> date | None:
    """Return the last day of a model that retires as a whole."""
    match retirement:
        case {"last_day": str(day), **rest} if not rest.get("features") and re.fullmatch(r"\d{4}-\d\d-\d\d", day):
            with suppress(ValueError):
                return date.fromisoformat(day)
    return None
