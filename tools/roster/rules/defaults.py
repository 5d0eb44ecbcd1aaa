"""Rules on defaults: the models that serve users without a selected model."""

from collections.abc import Iterator
from datetime import date, timedelta

from roster.findings import Finding, Severity
from roster.model import UNREADABLE_FEATURE, Model, Retirement
from roster.naming import join_names, quote, with_article
from roster.roster import Roster
from roster.rules.base import examples
from roster.rules.base.lasting_defaults import LastingDefaults
from roster.rules.base.rule import Context, roster_rule
from roster.rules.features import first_offer, intended_features, is_unserved, unserved_features


@roster_rule(
    summary="Feature without a default.",
    reason="Without a default, the feature fails for users without a selected model.",
    remedy="Add the feature to default_for of one of the models that serve it.",
    bad=examples.CLAUDE,
    good=examples.DEFAULT_CLAUDE,
)
def missing_default(roster: Roster, context: Context) -> Iterator[Finding]:
    if not roster.complete:
        return  # a model that cannot be read may be the default
    intended = intended_features(roster.defaults, context)
    for feature, serving in roster.serving.items():
        defaults = roster.defaults.get(feature, [])
        if feature in intended or feature not in context.registries.features:
            continue
        if not all(is_unserved(model, feature, context) for model in defaults):
            continue
        models = [model for model in serving if feature in model.offered_features(context.today)]
        place = first_offer(roster, feature, context)
        if place and not any(UNREADABLE_FEATURE in model.default_for for model in models):
            hint = f"add it to default_for of {_names(models)}"
            yield Finding(
                place,
                f"no model is the default for {quote(feature)}",
                hint,
                implied_by=tuple(("default-not-offered", roster.default_at(model, feature)) for model in defaults),
            )


@roster_rule(
    summary="Default for a feature that the model does not serve.",
    reason="The gateway would send the feature's requests to a model that is not offered for it.",
    remedy="Add the feature to the model's features, or remove it from default_for.",
    bad="- name: Claude\n  features: [duo_chat]\n  default_for: [duo_chat, duo_chat_fix_code]\n",
    good="- name: Claude\n  features: [duo_chat, duo_chat_fix_code]\n  default_for: [duo_chat, duo_chat_fix_code]\n",
)
def default_not_offered(roster: Roster, context: Context) -> Iterator[Finding]:
    for model in roster:
        unserved = [feature for feature in model.default_for if feature not in model.features]
        places = {feature: roster.default_at(model, feature) for feature in unserved}
        yield from unserved_features(model, places, context)


@roster_rule(
    summary="Suspended model that is the only default of a feature.",
    reason="While the model is suspended, the feature fails for users without a selected model.",
    remedy="Make another model the default for the time of the suspension.",
    bad=f"{examples.DEFAULT_CLAUDE}{examples.SUSPENDED}{examples.GEMINI}",
    good=f"{examples.CLAUDE}{examples.SUSPENDED}{examples.DEFAULT_GEMINI}",
)
def suspended_default(roster: Roster, context: Context) -> Iterator[Finding]:
    reported, lasting = set[str](), LastingDefaults(roster)
    for since, model in _suspensions(roster, context):
        day = max(context.today, since)
        remaining = set(model.remaining_features(day)) - reported
        features = [
            feature
            for feature in dict.fromkeys(model.default_for)
            if feature in remaining and not lasting.has_default(feature, day)
        ]
        if features:
            have = "has" if len(features) == 1 else "have"
            message = f"from {since}, {join_names(map(quote, features))} {have} no default"
            reported.update(features)
            yield Finding(roster.key(model, "suspended"), message, "make another model the default for that time")


@roster_rule(
    summary="Default whose release state the environment does not allow for defaults.",
    reason="A default serves all users without a selected model, who should not get an unfinished model.",
    remedy="Make another model the default, or wait until this one has an allowed release state.",
    bad="- name: Claude\n  release_state: BETA\n  features: [duo_chat]\n  default_for: [duo_chat]\n",
    good="- name: Claude\n  release_state: GA\n  features: [duo_chat]\n  default_for: [duo_chat]\n",
)
def default_release_state(roster: Roster, context: Context) -> Iterator[Finding]:
    policy = context.policy(roster)
    for model in roster:
        states = {state: feature for feature in reversed(model.default_for) if (state := model.state_for(feature))}
        for state, feature in states.items():
            if state in policy.default_release_states:
                continue
            own_state = feature in model.release_state_for
            message = f"{with_article(state)} model cannot be a default in {roster.environment}"
            hint = f"make {with_article(join_names(policy.default_release_states, word='or'))} model the default"
            cause = roster.at(model, *(("release_state_for", feature) if own_state else ("release_state",)))
            place = roster.default_at(model, feature) if own_state else roster.key(model, "default_for")
            yield Finding(place, message, hint, implied_by=(("release-state-not-allowed", cause),))


@roster_rule(
    severity=Severity.WARNING,
    summary="Default on a model that retires soon.",
    reason=(
        "After the last day, the feature has no default. It moves after the notice, because users without a selected "
        "model are moved with it. This is reported in the second half of the time from the notice to the last day."
    ),
    remedy="Move the default to the replacement before the last day.",
    bad=examples.DEFAULT_CLAUDE + examples.SOON + examples.GEMINI,
    good=examples.CLAUDE + examples.SOON + examples.DEFAULT_GEMINI,
)
def default_retiring(roster: Roster, context: Context) -> Iterator[Finding]:
    for model, feature, retirement in _ending_defaults(roster):
        # other rules report a replacement that cannot become the default
        if _ends_soon(retirement, context.today) and _takes_over(roster, retirement, feature):
            message = f"the default for {quote(feature)} retires after {retirement.last_day}"
            hint = f"make {quote(retirement.replacement)} the default before then"
            yield Finding(roster.default_at(model, feature), message, hint)


@roster_rule(
    summary="Default on a model whose last day has passed.",
    reason="The model is no longer offered, so the feature fails for users without a selected model.",
    remedy="Move the default to another model.",
    bad=examples.DEFAULT_CLAUDE + examples.COMPLETED + examples.GEMINI,
    good=examples.RETIRED,
)
def retired_model_still_default(roster: Roster, context: Context) -> Iterator[Finding]:
    for model, feature, retirement in _ending_defaults(roster):
        if retirement.is_over(context.today):
            message = f"the last day for {quote(feature)} was {retirement.last_day}"
            takes_over = _takes_over(roster, retirement, feature)
            hint = f"make {quote(retirement.replacement) if takes_over else 'another model'} the default"
            yield Finding(roster.default_at(model, feature), message, hint)


def _suspensions(roster: Roster, context: Context) -> Iterator[tuple[date, Model]]:
    """Yield the first day of each suspension with its model, except those that other rules report.

    no-model-left and feature-without-model report that nothing else serves a required feature.
    """
    suspensions = [(model.suspended.since, model) for model in roster if model.suspended and model.suspended.since]
    if not suspensions:
        return
    offered = set[str]().union(*(model.offered_features(context.today) for model in roster))
    required = {feature.name for feature in context.registries.features.values() if feature.required} - offered
    for since, model in suspensions:
        if since > context.today or (offered and required.isdisjoint(model.features)):
            yield since, model


def _ends_soon(retirement: Retirement, today: date) -> bool:
    """Return whether most of the time from the notice to the last day has passed, but not the last day."""
    if retirement.last_day is None or retirement.is_over(today):
        return False
    return retirement.notice is None or today - retirement.notice >= retirement.last_day - today


def _takes_over(roster: Roster, retirement: Retirement, feature: str) -> bool:
    """Return whether the replacement serves a feature on the day after the last day."""
    replacement = roster.by_id.get(retirement.replacement or "")
    day_after = retirement.last_day + timedelta(days=1) if retirement.last_day else None
    return bool(replacement and day_after and feature in replacement.offered_features(day_after))


def _ending_defaults(roster: Roster) -> Iterator[tuple[Model, str, Retirement]]:
    """Yield each default that a retirement ends: the model, the feature and the retirement."""
    for model in roster:
        ends = {feature: each for each in reversed(model.retirements) for feature in model.ending_features(each)}
        for feature in dict.fromkeys(model.default_for) if ends else ():
            if feature in ends:
                yield model, feature, ends[feature]


def _names(models: list[Model]) -> str:
    if len(models) > 3:
        return f"one of the {len(models)} models that serve it"
    return join_names((quote(model.name) for model in models), word="or")
