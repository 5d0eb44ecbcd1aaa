"""Announcements of retirements in definitions, from their notice on."""

from collections.abc import Iterable, Iterator
from datetime import date

from roster.model import Model, Retirement
from roster.render.unoffered_ids import UnofferedIds


def model_deprecation(model: Model, unoffered: UnofferedIds) -> dict[str, str | None] | None:
    """Return the announcement that a whole model retires; None before its notice, or if some features remain."""
    return _announcement(model.retirements[0], unoffered) if retires_completely(model) else None


def deprecated_models(
    feature: str, serving: Iterable[Model], unoffered: UnofferedIds
) -> Iterator[dict[str, str | None]]:
    """Yield the announcements for one feature, of models that do not retire for all features at once."""
    for model in serving:
        retirement = model.retirement_of(feature)
        if retirement and not retires_completely(model) and (announcement := _announcement(retirement, unoffered)):
            yield {"identifier": model.id, **announcement}


def announced_last_day(model: Model, on: date) -> date | None:
    """Return the last day of a whole model; None before its notice, or if some features remain."""
    return (
        model.retirements[0].last_day if retires_completely(model) and _is_announced(model.retirements[0], on) else None
    )


def retires_completely(model: Model) -> bool:
    """Return whether one retirement ends all features of a model."""
    return len(model.retirements) == 1 and set(model.features) <= set(model.retiring_features())


def _announcement(retirement: Retirement, unoffered: UnofferedIds) -> dict[str, str | None] | None:
    if not _is_announced(retirement, unoffered.on):
        return None
    return {
        "deprecation_date": str(retirement.notice),
        "removal_version": str(retirement.last_day),
        "replacement": unoffered.available_id(retirement.replacement),
    }


def _is_announced(retirement: Retirement, on: date) -> bool:
    return retirement.last_day is not None and retirement.notice is not None and retirement.notice <= on
