"""Rules on a model's life: what state it may be in where, and how it ends."""

from collections.abc import Iterator
from datetime import timedelta

from roster.findings import Finding, Place, Severity
from roster.naming import did_you_mean, join_names, quote
from roster.repository import ENVIRONMENTS
from roster.roster import Model, Retirement, Roster
from roster.rules.rule import ChangeView, Context, change_rule, roster_rule

_HEAD = "- name: Claude\n  features: [duo_chat]\n"
_TAIL = "- name: Gemini\n  features: [duo_chat]\n  default_for: [duo_chat]\n"


@roster_rule(
    severity=Severity.ERROR,
    summary="An environment does not allow the release state of a model.",
    reason="Customers rely on an environment's policy: nobody should meet an experiment in production.",
    remedy="Keep the model in an earlier environment, or release it.",
    bad="- name: Claude\n  release_state: EXPERIMENT\n",
    good="- name: Claude\n  release_state: GA\n",
)
def release_state_not_allowed(roster: Roster, context: Context) -> Iterator[Finding]:
    policy = context.policy(roster)
    for model in roster if policy else ():
        if policy and model.release_state and model.release_state not in policy.release_states:
            message = f"{roster.environment} does not offer {model.release_state} models"
            allowed = f"allowed here: {join_names(policy.release_states)}"
            yield Finding(roster.at(model, "release_state"), message, "", allowed)


@roster_rule(
    severity=Severity.ERROR,
    summary="A retirement gives less notice than the environment promises.",
    reason="Admins need that time to try another model and to choose it.",
    remedy="Move the last day back, or announce earlier.",
    bad=f"{_HEAD}  retirement:\n    notice: 2030-01-01\n    last_day: 2030-01-15\n    replacement: gemini\n{_TAIL}",
    good=f"{_HEAD}  retirement:\n    notice: 2030-01-01\n    last_day: 2030-06-01\n    replacement: gemini\n{_TAIL}",
)
def retirement_notice_too_short(roster: Roster, context: Context) -> Iterator[Finding]:
    policy = context.policy(roster)
    for model, retirement in _retirements(roster):
        if retirement.notice and retirement.last_day:
            days = (retirement.last_day - retirement.notice).days
            needed = max(policy.retirement_notice_days if policy else 0, 0)
            if days < needed:
                message = f"the notice is {days} days before the last day; {roster.environment} needs {needed}"
                if days < 0:
                    message = "the last day is before the notice"
                earliest = retirement.notice + timedelta(days=needed)
                yield Finding(roster.at(model, "retirement", "last_day"), message, f"choose {earliest} or later")


@roster_rule(
    severity=Severity.ERROR,
    summary="A retirement names no other model to take over.",
    reason="Customers who chose the model are moved to its replacement; without one they end with nothing.",
    remedy="Name the id of another model of this roster.",
    bad=f"{_HEAD}  retirement:\n    notice: 2030-01-01\n    last_day: 2031-01-01\n{_TAIL}",
    good=f"{_HEAD}  retirement:\n    notice: 2030-01-01\n    last_day: 2031-01-01\n    replacement: gemini\n{_TAIL}",
    ignorable=False,
)
def retirement_without_replacement(roster: Roster, _: Context) -> Iterator[Finding]:
    for model, retirement in _retirements(roster):
        if retirement.replacement is None:
            yield Finding(roster.key(model, "retirement"), "this retirement names no replacement", 'add "replacement:"')
        elif retirement.replacement == model.id:
            place = roster.at(model, "retirement", "replacement")
            yield Finding(place, "a model cannot replace itself", "name another model")


@roster_rule(
    severity=Severity.ERROR,
    summary="A replacement is not offered for what it takes over.",
    reason="Customers would be moved to a model that cannot serve the feature, or is not there.",
    remedy="Name a model that serves every feature that ends, and that stays longer.",
    bad=(f"{_HEAD}  retirement:\n    notice: 2030-01-01\n    last_day: 2031-01-01\n    replacement: gemnii\n{_TAIL}"),
    good=(f"{_HEAD}  retirement:\n    notice: 2030-01-01\n    last_day: 2031-01-01\n    replacement: gemini\n{_TAIL}"),
    ignorable=False,
)
def replacement_not_offered(roster: Roster, context: Context) -> Iterator[Finding]:
    for model, retirement in _retirements(roster):
        if not retirement.replacement or retirement.replacement == model.id:
            continue
        place = roster.at(model, "retirement", "replacement")
        heir = roster.by_id.get(retirement.replacement)
        if heir is None and roster.complete:
            hint = did_you_mean(retirement.replacement, roster.by_id)
            yield Finding(place, f"no model of this roster has the id {quote(retirement.replacement)}", hint)
        elif heir and (lost := _not_taken_over(model, heir, context)):
            end = heir.retirement.last_day if heir.retirement else None
            message = f"{quote(heir.name)} does not serve {join_names(map(quote, lost))}"
            message += f" after {end}, its own last day" if end and set(lost) <= set(heir.features) else ""
            yield Finding(place, message, "name a model that does")


@roster_rule(
    severity=Severity.ERROR,
    summary="A model is still a default after its last day.",
    reason="It is no longer offered, so whoever chose nothing gets nothing.",
    remedy="Move the default to another model.",
    bad=(
        "- name: Claude\n  features: [duo_chat]\n  default_for: [duo_chat]\n  retirement:\n    notice: 2025-01-01\n"
        "    last_day: 2025-12-31\n    replacement: gemini\n- name: Gemini\n  features: [duo_chat]\n"
    ),
    good=(f"{_HEAD}  retirement:\n    notice: 2025-01-01\n    last_day: 2025-12-31\n    replacement: gemini\n{_TAIL}"),
)
def retired_model_still_default(roster: Roster, context: Context) -> Iterator[Finding]:
    for model, retirement in _retirements(roster):
        if retirement.is_over(context.today):
            for index, feature in enumerate(model.default_for):
                if feature in model.retiring_features():
                    message = f"the last day for {quote(feature)} was {retirement.last_day}"
                    hint = f"make {quote(retirement.replacement)} the default" if retirement.replacement else ""
                    yield Finding(roster.at(model, "default_for", index), message, hint)


@roster_rule(
    severity=Severity.ERROR,
    summary="The last day of every model has passed.",
    reason="Nothing would be offered: every feature of the environment would fail at once.",
    remedy="Add a model that stays.",
    bad=(
        f"{_HEAD}  retirement:\n    notice: 2025-01-01\n    last_day: 2025-12-31\n    replacement: gemini\n"
        "- name: Gemini\n  features: [duo_chat]\n"
        "  retirement:\n    notice: 2025-01-01\n    last_day: 2025-12-31\n    replacement: claude\n"
    ),
    good=f"{_HEAD}  retirement:\n    notice: 2025-01-01\n    last_day: 2025-12-31\n    replacement: gemini\n{_TAIL}",
    ignorable=False,
)
def no_model_left(roster: Roster, context: Context) -> Iterator[Finding]:
    if roster.models and not any(model.offered_features(context.today) or not model.features for model in roster):
        yield Finding(Place(roster.path), f"no model is offered on {context.today}", "add one that stays")


@change_rule(
    severity=Severity.ERROR,
    summary="A change removes a model that was not retired.",
    reason=(
        "Customers who chose it got no notice, and no gateway can tell them what took over. Only a check with "
        "--changed-since can find it."
    ),
    remedy=(
        "Keep it, with a retirement, until its last day has passed. Where that cannot wait, choose an earlier last day "
        "and ignore retirement-notice-too-short with the reason: it has a replacement all the same."
    ),
    bad={"before: production": _HEAD + _TAIL, "production": _TAIL},
    good={
        "before: production": (
            f"{_HEAD}  retirement:\n    notice: 2025-01-01\n    last_day: 2025-12-31\n    replacement: gemini\n{_TAIL}"
        ),
        "production": _TAIL,
    },
)
def model_left_unannounced(change: ChangeView, context: Context) -> Iterator[Finding]:
    for environment, before in change.before.items():
        policy, after = change.policies.get(environment), change.after.get(environment)
        if policy is None or not policy.retirement_notice_days:
            continue
        offered = [model for model in before.by_id.values() if model.offered_features(context.today)]
        promise = f"{environment} promises {policy.retirement_notice_days} days of notice"
        if environment in change.removed and offered:
            message = f"the environment {quote(environment)} was removed, but not all of its models were retired"
            hint = "first let its policy ask for no notice: retirement_notice_days: 0"
            yield Finding(Place(ENVIRONMENTS), message, hint, promise)
        if after and after.models and after.complete:  # else what is wrong with the roster as a whole is told
            for model in offered:
                if model.id not in after.by_id:
                    message, hint = _left(model, context)
                    note = f"{promise}; a model with a new name keeps its id with id: {model.id}"
                    yield Finding(Place(after.path), message, hint, note)


def _left(model: Model, context: Context) -> tuple[str, str]:
    """Return what is missing of a retirement whose model was removed, and what to do."""
    retirement, removed = model.retirement, f"{quote(model.id)} was removed"
    if retirement and retirement.last_day and not retirement.is_over(context.today):
        return f"{removed} before its last day, {retirement.last_day}", "keep it until that day has passed"
    scope = " for all of its features" if retirement else ""
    return f"{removed}, but not retired{scope}", 'keep it, with "retirement:"'


def _retirements(roster: Roster) -> Iterator[tuple[Model, Retirement]]:
    return ((model, model.retirement) for model in roster if model.retirement)


def _not_taken_over(model: Model, heir: Model, context: Context) -> list[str]:
    """Return the ending features that the heir does not serve on the day after the model's last day."""
    last_day = model.retirement.last_day if model.retirement else None
    offered = heir.offered_features(last_day + timedelta(days=1)) if last_day else heir.features
    if not set(heir.features) <= context.registries.features.keys():
        return []  # a feature that is misspelt or cannot be read may be the one
    ending = [feature for feature in model.retiring_features() if feature in model.features]
    return [feature for feature in ending if feature in context.registries.features and feature not in offered]
