"""The words for events and models that all reports of a timeline share."""

from collections.abc import Collection
from datetime import date

from roster.naming import join_names, printable
from roster.timeline.events import (
    EndAtProvider,
    Event,
    EventKind,
    EventSubject,
    ModelRetirement,
    ModelSuspension,
    Timeline,
)

_MAX_FEATURES = 8
"""How many features a line names."""
NO_RETIREMENTS = "no retirements announced"


def description(event: Event, timeline: Timeline, features: Collection[str]) -> str:
    """Return what happens to some features, without the day, the environment and the model."""
    retirement = event.subject
    if isinstance(retirement, ModelSuspension):
        return f"suspended from this day on: {printable(retirement.reason)}"
    if isinstance(retirement, EndAtProvider):
        return provider_end_text(retirement, timeline.on)
    replacement = "another model" if event.move else "the default" if retirement.replacement is None else "no model"
    replacement = printable(retirement.replacement or replacement)
    if event.move:
        default = f"the default for {join_names(map(printable, features), limit=_MAX_FEATURES)}"
        if event.move.moved:
            return f"{default} is already {printable(event.move.default)}"
        if event.is_overdue(timeline.on):
            return f"overdue: {default} had to move to {replacement} by the end of this day"
        return f"{default} must move to {replacement} by the end of this day"
    scope = "" if retirement.all_features else f" {feature_scope(retirement)}"
    if event.kind is EventKind.LAST_DAY:
        return f"last day{scope}; {replacement} replaces it{_missing_replacement(retirement)}"
    after = f": {replacement} replaces it after {retirement.last_day}" if retirement.last_day else ""
    return f"notice begins{scope}{after}"


def _missing_replacement(retirement: ModelRetirement) -> str:
    features = join_names(map(printable, retirement.unreplaced), limit=_MAX_FEATURES) if retirement.unreplaced else ""
    if not features or retirement.replacement is not None:
        return ": name a replacement" if features else ""
    return f", but {features} {'has' if len(retirement.unreplaced) == 1 else 'have'} none: name a replacement"


def provider_end_text(end: EndAtProvider, on: date) -> str:
    """Return the end of a model at its provider in words, without its day."""
    provider = printable(end.provider)
    if end.earliest:
        happens = f"does not end at {provider} before this day"
    else:
        happens = f"{'ended' if end.day <= on else 'ends'} at {provider}"
    if end.last_day is None:
        return f"{happens}; the roster announces no last day"
    return f"{happens}; the last day in the roster, {end.last_day}, is {'' if end.is_met else 'not '}before that"


def feature_scope(retirement: ModelRetirement) -> str:
    """Return the features of a retirement that does not end all of a model."""
    return f"for {join_names(map(printable, retirement.features)) if retirement.features else 'some features'}"


def model_label(subject: EventSubject) -> str:
    """Return the id of a model, or its name where it has none."""
    return printable(subject.model or subject.name or "a model without a name")
