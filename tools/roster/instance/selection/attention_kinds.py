"""What needs attention about a feature: one function for each cause, which yields its entry."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import chain

from roster.instance.selection.attention_actions import (
    KEEP,
    Subject,
    allow,
    follow_roster,
    make_default,
    remove_unavailable,
)
from roster.instance.selection.attention_entry import AttentionAction, AttentionEntry, AttentionKind, entry_key
from roster.instance.selection.offered_list import OfferedRetirement
from roster.instance.selection.resolution import SelectionLevel, StepOutcome
from roster.instance.selection.selections import SelectionMode
from roster.instance.selection.words import Name, Words, join_words, model_name, retirement_words

RECENTLY = timedelta(days=30)
"""How long a moved roster default is listed for features that follow the roster."""
_INEFFECTIVE = {StepOutcome.NOT_ALLOWED: "not allowed", StepOutcome.UNAVAILABLE: "unavailable"}


def entries_of(subject: Subject) -> Iterator[AttentionEntry]:
    """Yield the entries about a feature."""
    return chain.from_iterable(check(subject) for check in _CHECKS)


def new_models(subject: Subject) -> tuple[str, ...]:
    """Return the models that arrived after the selection and that it does not allow."""
    selection, feature = subject.selection, subject.feature
    if selection is None or selection.mode is not SelectionMode.CHOSEN_MODELS:
        return ()
    return tuple(
        model
        for model in feature.models
        if feature.arrived_after(model, selection.updated_at) and model not in selection.models
    )


def announced_retirement(subject: Subject, model: str | None) -> OfferedRetirement | None:
    """Return the retirement of a model that serves the feature, from the day of its notice on."""
    end = subject.feature.models.get(model) if model else None
    return end if end and end.is_announced(subject.today) else None


def _unavailable_default(subject: Subject) -> Iterator[AttentionEntry]:
    """The default of the selection does not serve the feature."""
    selection, serving = subject.selection, subject.resolution.model
    if selection is None or subject.serves(selection.default_model):
        return
    default = selection.default_model
    kind = AttentionKind.DEFAULT_UNAVAILABLE if serving else AttentionKind.NOTHING_SERVES
    since = _withdrawn_since(subject, default)
    actions = [*make_default(subject, serving or _first_choice(subject)), *follow_roster(subject)]
    if serving:
        actions.append(KEEP)
    yield _entry(subject, kind, since, _default_words(subject, default), actions, default, serving, since)


def _nothing_serves(subject: Subject) -> Iterator[AttentionEntry]:
    """Nothing is selected, and the roster has no default."""
    if subject.resolution.model is None and subject.selection is None:
        words = ("No model serves this feature: the roster has no default for it.",)
        since, actions = subject.feature.default_since, [*make_default(subject, _first_choice(subject))]
        yield _entry(subject, AttentionKind.NOTHING_SERVES, since, words, actions, since)


def _unavailable_models(subject: Subject) -> Iterator[AttentionEntry]:
    """Other models of the selection do not serve the feature."""
    models = subject.unavailable
    if models and subject.feature.offered:
        words = (*_names(subject, models), f" {_are(models)} allowed but currently unavailable.")
        actions = [*remove_unavailable(subject), KEEP]
        since = _earliest(_withdrawn_since(subject, model) for model in models)
        yield _entry(subject, AttentionKind.MODELS_UNAVAILABLE, since, words, actions, models)


def _ineffective_namespaces(subject: Subject) -> Iterator[AttentionEntry]:
    """Namespaces selected models that do not serve them."""
    allowed = subject.selection.allowed if subject.selection else None
    # Most are effective, which takes no resolution: there may be one for each model.
    others = [each for each in subject.namespaces if not subject.serves(each) or (allowed and each not in allowed)]
    outcomes = {model: subject.resolver.outcome(subject.feature.name, model) for model in others}
    reasons = {model: outcome for model, outcome in outcomes.items() if outcome in _INEFFECTIVE}
    if not reasons:
        return
    total = sum(subject.namespaces[model] for model in reasons)
    models = [
        (model_name(subject.offered, model), f" ({subject.namespaces[model]:,}, {_INEFFECTIVE[reason]})")
        for model, reason in reasons.items()
    ]
    subjects = "The selection of 1 namespace is" if total == 1 else f"The selections of {total:,} namespaces are"
    words = (f"{subjects} not effective: ", *join_words(models), ".")
    refused = tuple(
        model for model, reason in reasons.items() if reason is StepOutcome.NOT_ALLOWED and subject.serves(model)
    )
    since = _earliest(_ineffective_since(subject, model, reason) for model, reason in reasons.items())
    facts = [f"{model}: {reason}" for model, reason in reasons.items()]
    yield _entry(subject, AttentionKind.NAMESPACES_INEFFECTIVE, since, words, [*allow(subject, refused), KEEP], facts)


def _retiring_default(subject: Subject) -> Iterator[AttentionEntry]:
    """The retirement of the selected default is announced."""
    default = subject.selection.default_model if subject.selection else None
    if default and (end := announced_retirement(subject, default)):
        name = model_name(subject.offered, default)
        words = ("Your default model, ", name, ", ", *retirement_words(subject.offered, end, subject.today))
        actions = [*make_default(subject, _successor(subject, end)), *follow_roster(subject), KEEP]
        yield _entry(subject, AttentionKind.DEFAULT_RETIRING, _midnight(end.notice), words, actions, default, *end)


def _retiring_roster_default(subject: Subject) -> Iterator[AttentionEntry]:
    """The feature follows the roster, whose default will move because its retirement is announced."""
    default = subject.feature.default
    if subject.selection or not default or not (end := announced_retirement(subject, default)):
        return
    name = model_name(subject.offered, default)
    words = ("The roster default, ", name, ", ", *retirement_words(subject.offered, end, subject.today))
    actions = [*make_default(subject, _successor(subject, end)), KEEP]
    yield _entry(subject, AttentionKind.ROSTER_DEFAULT_RETIRING, _midnight(end.notice), words, actions, default, *end)


def _moved_roster_default(subject: Subject) -> Iterator[AttentionEntry]:
    """The roster default moved: recently, if the feature follows the roster; otherwise, after the selection."""
    feature, selection, since = subject.feature, subject.selection, subject.feature.default_since
    previous = feature.previous_default and subject.offered.current_id(feature.previous_default)
    if since is None or not feature.offered or not feature.default or not previous or previous == feature.default:
        return
    names = [model_name(subject.offered, each) for each in (previous, feature.default)]
    words: Words = ("The roster default moved from ", names[0], " to ", names[1])
    if selection is None:
        if subject.today - since.date() > RECENTLY:
            return
        words = (*words, ".")
        actions = [*make_default(subject, previous), KEEP]
    else:
        if since <= selection.updated_at or selection.default_model == feature.default:
            return
        words = (*words, " after your selection of ", model_name(subject.offered, selection.default_model), ".")
        actions = [*make_default(subject, feature.default), *follow_roster(subject), KEEP]
    yield _entry(subject, AttentionKind.ROSTER_DEFAULT_MOVED, since, words, actions, previous, feature.default, since)


def _new_models(subject: Subject) -> Iterator[AttentionEntry]:
    """Models arrived after the selection, which allows only the chosen ones."""
    if models := new_models(subject):
        words = (*_names(subject, models), f" {_are(models)} new since your selection, and not allowed.")
        since = _earliest(subject.feature.offered_since[model] for model in models)
        yield _entry(subject, AttentionKind.NEW_MODELS, since, words, [*allow(subject, models), KEEP], models, since)


_CHECKS: tuple[Callable[[Subject], Iterator[AttentionEntry]], ...] = (
    _nothing_serves,
    _unavailable_default,
    _unavailable_models,
    _ineffective_namespaces,
    _retiring_default,
    _retiring_roster_default,
    _moved_roster_default,
    _new_models,
)


def _entry(
    subject: Subject,
    kind: AttentionKind,
    since: datetime | None,
    words: Words,
    actions: Iterable[AttentionAction],
    *facts: object,
) -> AttentionEntry:
    feature = subject.feature
    key = entry_key(kind, feature.name, *facts)
    return AttentionEntry(key, kind, feature.name, feature.title, since, words, tuple(actions))


def _default_words(subject: Subject, default: str) -> Words:
    offered, feature = subject.offered, subject.feature
    name, serving = model_name(offered, default), subject.resolution.model
    kept = "is kept and applies again when"
    if not feature.offered:
        return (
            "No model serves this feature anymore. Your selection, ",
            name,
            f", {kept} a model serves the feature.",
        )
    instead: Words = ("no other model serves the feature.",)
    if serving:
        is_replaced = subject.resolution.level is SelectionLevel.INSTANCE
        role = "its replacement, " if is_replaced else "the roster default, "
        instead = (role, model_name(offered, serving), ", serves the feature instead.")
    return (
        name,
        " ",
        *_why_unavailable(subject, default),
        "; ",
        *instead,
        f" Your selection {kept} the model returns.",
    )


def _why_unavailable(subject: Subject, model: str) -> Words:
    if suspension := subject.offered.suspension(model, subject.feature.name):
        return ("has been suspended since ", suspension.since, ": ", Name(suspension.reason))
    tombstone = subject.offered.tombstone(model, subject.feature.name)
    return ("was retired on ", tombstone.last_day) if tombstone else ("is unavailable",)


def _withdrawn_since(subject: Subject, model: str) -> datetime | None:
    """Return since when a model no longer serves the feature, as far as known."""
    name = subject.feature.name
    if noted := subject.offered.withdrawn.get((model, name)):
        return noted
    if suspension := subject.offered.suspension(model, name):
        return _midnight(suspension.since)
    tombstone = subject.offered.tombstone(model, name)
    return tombstone and _midnight(tombstone.last_day + timedelta(days=1))


def _ineffective_since(subject: Subject, model: str, reason: StepOutcome) -> datetime | None:
    if reason is StepOutcome.NOT_ALLOWED:
        return subject.selection and subject.selection.updated_at
    return _withdrawn_since(subject, model)


def _successor(subject: Subject, end: OfferedRetirement) -> str | None:
    """Return the announced replacement by its current id."""
    return end.replacement and subject.offered.current_id(end.replacement)


def _first_choice(subject: Subject) -> str | None:
    """Return the model to suggest where nothing serves: an allowed one, or the first of the list."""
    allowed = subject.selection.models if subject.selection else ()
    return next((model for model in (*allowed, *subject.feature.models) if subject.serves(model)), None)


def _names(subject: Subject, models: Iterable[str]) -> Words:
    return join_words([(model_name(subject.offered, model),) for model in models])


def _are(models: tuple[str, ...]) -> str:
    return "is" if len(models) == 1 else "are"


def _earliest(moments: Iterable[datetime | None]) -> datetime | None:
    """Return the earliest moment; None if one of them is unknown, because it was long ago."""
    known = list(moments)
    return None if None in known else min((each for each in known if each), default=None)


def _midnight(day: date | None) -> datetime | None:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) if day else None
