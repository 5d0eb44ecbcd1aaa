"""Rules on shared defaults: features with several defaults, which share the users without a selected model."""

from collections.abc import Iterator

from roster.findings import Finding
from roster.model import UNREADABLE_FEATURE, Model
from roster.naming import join_names, quote
from roster.roster import Roster
from roster.rules.base import examples
from roster.rules.base.rule import Context, roster_rule
from roster.rules.features import intended_features


@roster_rule(
    summary="Feature with more than one default.",
    reason="It would be undefined which of the models serves users without a selected model.",
    remedy="Keep the feature in default_for of one model only, or give each model a share of it.",
    bad=examples.DEFAULT_CLAUDE + examples.DEFAULT_GEMINI,
    good=examples.DEFAULT_CLAUDE + examples.GEMINI,
)
def duplicate_default(roster: Roster, context: Context) -> Iterator[Finding]:
    for feature, models in roster.defaults.items():
        if any(isinstance(model.entry.get("default_for"), dict) for model in models):
            continue  # default-shares-mismatch reports the others, and the schema a share that cannot be read
        # default-not-offered reports a default that its model does not serve
        first, *others = [model for model in models if _may_serve(model, feature, context)] or models[:1]
        for model in others:
            if model.id != first.id:  # duplicate-id reports a repeated id
                place = roster.default_at(model, feature)
                message = f"{quote(feature)} already has a default: {quote(first.name)}"
                first_place = roster.default_at(first, feature)
                hint = "keep only one of the two, or give both a share"
                yield Finding(place, message, hint, first=first_place)


@roster_rule(
    summary="Shares of a feature's default that do not add up to 100.",
    reason="It would be undefined how the models share the users without a selected model.",
    remedy="Give each default of the feature a share in percent, so that they add up to 100, or keep one default only.",
    bad=f"{examples.CLAUDE}  default_for: {{duo_chat: 80}}\n{examples.GEMINI}  default_for: {{duo_chat: 10}}\n",
    good=f"{examples.CLAUDE}  default_for: {{duo_chat: 80}}\n{examples.GEMINI}  default_for: {{duo_chat: 20}}\n",
)
def default_shares_mismatch(roster: Roster, context: Context) -> Iterator[Finding]:
    misspelled = intended_features(roster.defaults, context)
    for feature, models in roster.defaults.items():
        if feature in misspelled or feature not in context.registries.features:
            continue  # unknown-feature reports it
        shares = [(model, model.default_shares[feature]) for model in models if feature in model.default_shares]
        if not shares or len({model.id for model in models}) < len(models):
            continue  # duplicate-id reports models with the same id
        without = [model for model in models if feature not in model.default_shares]
        if without and _is_readable(without[0], feature):
            yield _without_share(roster, feature, without[0], shares[0][0])
        elif not without and _is_complete(roster) and (total := sum(share for _, share in shares)) != 100:
            yield _wrong_total(roster, feature, shares, total)


def _without_share(roster: Roster, feature: str, model: Model, other: Model) -> Finding:
    message = f"{quote(model.name)} is a default for {quote(feature)} without a share, but {quote(other.name)} has one"
    rest = 100 - other.default_shares[feature]
    hint = f"write {{{feature}: {rest}}}, or keep only one of the two" if rest else "keep only one of the two"
    return Finding(roster.default_at(model, feature), message, hint, first=roster.default_at(other, feature))


def _wrong_total(roster: Roster, feature: str, shares: list[tuple[Model, int]], total: int) -> Finding:
    *others, (last, last_share) = shares
    if others:
        message = f"the shares of {quote(feature)} add up to {total}, not 100"
        note = f"shares: {join_names(f'{quote(model.name)} {share}' for model, share in shares)}"
    else:
        message, note = f"the only default for {quote(feature)} has a share of {total}, not 100", ""
    rest = 100 - total + last_share
    hint = f"write {rest} here, or change the other shares" if 0 < rest <= 100 else "change the shares"
    hint = hint if others else "write 100, or give the rest to another model"
    return Finding(roster.default_at(last, feature), message, hint, note)


def _is_readable(model: Model, feature: str) -> bool:
    """Return whether a model has a feature without a share, and not with a share that cannot be read."""
    shares = model.entry.get("default_for")
    return not isinstance(shares, dict) or shares.get(feature, feature) is not None


def _is_complete(roster: Roster) -> bool:
    """Return whether no other share can be in what cannot be read."""
    return roster.complete and not any(UNREADABLE_FEATURE in model.default_for for model in roster)


def _may_serve(model: Model, feature: str, context: Context) -> bool:
    """Return whether a model serves a feature, or may serve it as far as its features can be read."""
    unknown = not model.features or UNREADABLE_FEATURE in model.features
    return unknown or feature in model.features or feature in intended_features(model.features, context)
