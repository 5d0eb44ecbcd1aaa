"""What an audit event changed, with titles and names instead of ids, and as a sentence.

Ids are compared as their current ones, because a model that was only renamed is the same model.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from roster.instance.auth.token_events import TokenChange
from roster.instance.history.audit_log import AuditEvent, AuditValue
from roster.instance.selection.offered_list import OfferedList
from roster.instance.selection.selections import SelectionMode
from roster.naming import join_names, printable, quote

_MAX_MODELS = 10
"""How many models a sentence names before it counts them."""


class NamedValue(NamedTuple):
    """A selection with the names of its models; ``default_model`` is None if it follows the roster."""

    mode: SelectionMode
    models: tuple[str, ...]
    default_model: str | None


class EventDifference(NamedTuple):
    """What an event changed, in names.

    Attributes:
        title: the feature's title, or its name in the API if no list contained it.
        allowed, disallowed: the models that were added to and removed from the allowed ones, if both selections allow
            only some.
    """

    title: str
    namespace_id: int | None
    old: NamedValue
    new: NamedValue
    allowed: tuple[str, ...]
    disallowed: tuple[str, ...]

    @property
    def has_new_default(self) -> bool:
        """Whether the default differs, and both selections have one."""
        old, new = self.old.default_model, self.new.default_model
        return None not in (old, new) and old != new


def compare(event: AuditEvent, offered: OfferedList) -> EventDifference:
    """Return what an event changed, named as in the current list."""
    feature = offered.features.get(event.feature)
    title = feature.title if feature else event.feature
    old, new = (_with_current_ids(value, offered) for value in (event.old, event.new))
    both_choose = old.mode is new.mode is SelectionMode.CHOSEN_MODELS
    allowed, disallowed = (
        tuple(offered.display_name(id_) for id_ in ids if both_choose and id_ not in others)
        for ids, others in ((new.models, old.models), (old.models, new.models))
    )
    return EventDifference(title, event.namespace_id, _named(old, offered), _named(new, offered), allowed, disallowed)


def summarize(actor: str, difference: EventDifference) -> str:
    """Return a sentence about an event."""
    title, namespace = printable(difference.title), difference.namespace_id
    subject = title if namespace is None else f"{title} in namespace {namespace}"
    return f"{printable(actor)} {_predicate(difference, subject)}."


def summarize_token(actor: str, change: TokenChange) -> str:
    """Return a sentence about an event of an access token."""
    return f"{printable(actor)} {_token_predicate(change)}."


def _token_predicate(change: TokenChange) -> str:
    old, new = change
    if old is None:
        return f"added the access token {quote(new.name)} with {new.access} access" if new else "changed nothing"
    if new is None:
        return f"revoked the access token {quote(old.name)}, which had {old.access} access"
    return f"renamed the access token {quote(old.name)} to {quote(new.name)}"


def _predicate(difference: EventDifference, subject: str) -> str:
    old, new = difference.old, difference.new
    default = printable(new.default_model or "")
    if new.mode is SelectionMode.ROSTER:
        level = "roster's" if difference.namespace_id is None else "instance's"
        return f"reset {subject} to the {level} default"
    if difference.namespace_id is not None:
        instead = f" instead of {printable(old.default_model)}" if old.default_model else ""
        return f"selected {default}{instead} for {subject}"
    if old.mode is SelectionMode.ROSTER:
        rest = (
            "with all models allowed"
            if new.mode is SelectionMode.OWN_DEFAULT
            else f"and allowed only {_list(new.models)}"
        )
        return f"made {default} the default of {subject} {rest}"
    clauses = list(_clauses(difference))
    return f"changed {subject}: {'; '.join(clauses)}" if clauses else f"saved {subject} without a change"


def _clauses(difference: EventDifference) -> Iterator[str]:
    old, new = difference.old, difference.new
    if difference.has_new_default:
        yield f"the default went from {printable(old.default_model or '')} to {printable(new.default_model or '')}"
    if old.mode is not new.mode:
        verb = "is" if len(new.models) == 1 else "are"
        all_allowed = new.mode is SelectionMode.OWN_DEFAULT
        yield "all models are allowed" if all_allowed else f"only {_list(new.models)} {verb} allowed"
    if difference.allowed:
        yield f"also allowed: {_list(difference.allowed)}"
    if difference.disallowed:
        yield f"no longer allowed: {_list(difference.disallowed)}"


def _with_current_ids(value: AuditValue, offered: OfferedList) -> AuditValue:
    models = tuple(dict.fromkeys(map(offered.current_id, value.models)))
    default = value.default_model
    return AuditValue(value.mode, models, None if default is None else offered.current_id(default))


def _named(value: AuditValue, offered: OfferedList) -> NamedValue:
    default = value.default_model
    models = tuple(map(offered.display_name, value.models))
    return NamedValue(value.mode, models, None if default is None else offered.display_name(default))


def _list(names: Iterable[str]) -> str:
    return join_names(map(printable, names), limit=_MAX_MODELS)
