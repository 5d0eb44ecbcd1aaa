"""Rules on earlier ids: aliases of models, and ids that belonged to other models."""

from collections.abc import Iterable, Iterator

from roster.findings import Finding
from roster.model import Model
from roster.naming import quote
from roster.roster import Roster
from roster.rules.base import examples
from roster.rules.base.identity import IDENTITY_KEYS, FormerModel, Identity, identity_values
from roster.rules.base.rule import ChangeView, Context, change_rule, roster_rule

_GEMINI = "- name: Gemini\n  identifier: bedrock/gemini-1\n  features: [duo_chat]\n"
_GEMINI_PRO = _GEMINI.replace("Gemini", "Gemini Pro")


@roster_rule(
    summary="Alias that is also the id or an alias of another model.",
    reason="It would be undefined which of the models serves the selections and requests with this id.",
    remedy="Remove the alias from the model that never had this id.",
    bad=f"{examples.DEFAULT_CLAUDE}{examples.GEMINI}  aliases: [claude]\n",
    good=f"{examples.DEFAULT_CLAUDE}{examples.GEMINI}  aliases: [gemini_pro]\n",
    ignorable=False,
)
def conflicting_alias(roster: Roster, _: Context) -> Iterator[Finding]:
    for model in roster:
        for index, alias in enumerate(model.aliases):
            place, owner = roster.at(model, "aliases", index), roster.by_id.get(alias)
            if owner is model:
                yield Finding(place, f"{quote(alias)} is the id of this model", "list only earlier ids")
            elif owner:
                message = f"{quote(alias)} is the id of another model, {quote(owner.name)}"
                yield Finding(place, message, "remove the alias, or change the id of the other model if that is new")
            elif alias and (other := roster.by_alias[alias]) is not model:
                first = roster.at(other, "aliases", other.aliases.index(alias))
                message = f"{quote(alias)} is already an alias of {quote(other.name)}"
                yield Finding(place, message, "keep only one of the two", first=first)


@change_rule(
    summary="Id that belonged to another model.",
    reason=(
        "Selections and configurations that store the id would silently get a different model. Only --changed-since "
        "reports this, from the history of the roster."
    ),
    remedy='Choose an id that no model has had: rename the model, or pin another id with "id:".',
    bad={
        "before: production": examples.DEFAULT_CLAUDE + _GEMINI,
        "production": f"{examples.DEFAULT_CLAUDE}  aliases: [gemini]\n",
    },
    good={
        "before: production": examples.DEFAULT_CLAUDE + _GEMINI,
        "production": f"{examples.DEFAULT_CLAUDE}{_GEMINI_PRO}  aliases: [gemini]\n",
    },
)
def reused_id(change: ChangeView, context: Context) -> Iterator[Finding]:
    identity = Identity(IDENTITY_KEYS, context.registries.families)
    for environment, roster in change.after.items():
        before, policy = change.before.get(environment), change.policies.get(environment)
        if before is None or policy is None or not policy.retirement_notice_days:
            continue  # customers cannot rely on ids there
        uses = [use for use in _uses(roster) if not _has_id(before, *use)]
        former = _current_models(before, uses)
        if missing := {id_ for _, id_ in uses if id_ not in former}:
            former |= change.former_models(before.path, missing)
        for model, id_ in uses:
            other = former.get(id_)
            if other and not _is_same(other, model, id_, before, identity):
                yield _reused(roster, model, id_, other)


def _uses(roster: Roster) -> Iterator[tuple[Model, str]]:
    """Yield every id and alias of a roster, with its model."""
    return ((model, id_) for model in roster for id_ in (model.id, *model.aliases) if id_)


def _has_id(before: Roster, model: Model, id_: str) -> bool:
    """Return whether a model had an id, or an alias, before the change."""
    owner = before.find(id_)
    return owner is not None and owner.id == model.id


def _current_models(before: Roster, uses: Iterable[tuple[Model, str]]) -> dict[str, FormerModel]:
    """Return the models that had ids until the change."""
    owners = {id_: owner for _, id_ in uses if (owner := before.find(id_))}
    return {id_: FormerModel(identity_values(owner), None, before.by_id.keys()) for id_, owner in owners.items()}


def _is_same(former: FormerModel, model: Model, id_: str, before: Roster, identity: Identity) -> bool:
    """Return whether the model that had an id is a model that has it now, perhaps as an alias.

    A renamed model may have got another deployment since, but it did not have both ids at once.
    """
    if id_ != model.id and model.id in former.ids:
        return False
    has_moved = id_ != model.id and model.id in before.by_id
    return has_moved or identity.differing_key(former.values, identity_values(model)) is None


def _reused(roster: Roster, model: Model, id_: str, former: FormerModel) -> Finding:
    until = f"until {former.day}" if former.day else "before this change"
    message = f"{quote(id_)} was the id of another model {until}: {quote(str(former.values.get('identifier')))}"
    if id_ in model.aliases:
        return Finding(roster.at(model, "aliases", model.aliases.index(id_)), message, "remove the alias")
    if model.id_is_pinned:
        return Finding(roster.at(model, "id"), message, "pin another id")
    return Finding(roster.at(model, "name"), message, 'choose another name, or pin another id with "id:"')
