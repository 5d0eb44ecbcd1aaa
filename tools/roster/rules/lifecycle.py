"""Rules on the lifecycle: release states and retirements."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache, lru_cache, partial

from roster.findings import FILE_START, Finding, Place, Pointer, Severity
from roster.model import Model, Retirement, days_after
from roster.naming import join_names, quote
from roster.registries import ENVIRONMENTS, Environment
from roster.roster import Roster
from roster.rules.base import examples
from roster.rules.base.lasting_defaults import LastingDefaults
from roster.rules.base.rule import ChangeView, Context, change_rule, roster_rule
from roster.rules.credentials import is_mismatched, named_id, variable_id
from roster.rules.features import first_offer


@roster_rule(
    summary="Release state that the environment does not allow.",
    reason="Customers rely on the environment's policy, for example that production offers no experiments.",
    remedy="Remove the model here until it has an allowed release state, or correct release_state.",
    bad="- name: Claude\n- name: Gemini\n  release_state: EXPERIMENT\n",
    good="- name: Claude\n- name: Gemini\n  release_state: BETA\n",
)
def release_state_not_allowed(roster: Roster, context: Context) -> Iterator[Finding]:
    policy = context.policy(roster)
    for model in roster:
        states: dict[Pointer, str | None] = {("release_state",): model.release_state}
        states |= {("release_state_for", feature): state for feature, state in model.release_state_for.items()}
        for keys, state in states.items():
            if state and state not in policy.release_states:
                message = f"{roster.environment} does not allow {state} models"
                note = f"allowed in {roster.environment}: {join_names(policy.release_states)}"
                yield Finding(roster.at(model, *keys), message, "", note)


@roster_rule(
    summary="Retirement with a shorter notice period than the environment requires.",
    reason="Admins need this time to test and select another model.",
    remedy=(
        "Choose a later last day, or an earlier notice that is still to come. If the provider ends the model before, "
        "the retirement may say forced_by: provider."
    ),
    bad=examples.RETIRING.replace("2031-01-01", "2030-01-15"),
    good=examples.RETIRING,
)
def retirement_notice_too_short(roster: Roster, context: Context) -> Iterator[Finding]:
    required = context.policy(roster).retirement_notice_days
    for model, retirement in roster.retirements():
        if not retirement.notice or not retirement.last_day or retirement.forced_by is not None:
            continue  # unfounded-forced-retirement reports one that the provider does not force
        days = (retirement.last_day - retirement.notice).days
        if 0 <= days < required:
            message = f"the notice is {days} days before the last day; {roster.environment} requires {required}"
            place = roster.retirement_at(model, retirement, "last_day")
            hint = f"choose {days_after(retirement.notice, required)} or later"
            if (facts := context.registries.facts_of(model)) and facts.cut_short(retirement.notice, required):
                later = (
                    f"choose {facts.last_day}, and " if facts.last_day and facts.last_day > retirement.last_day else ""
                )
                hint = f'{later}add "forced_by: provider": the provider ends this model on {facts.ends}'
            yield Finding(place, message, hint, implied_by=(("last-day-after-provider-end", place),))


@roster_rule(
    summary="Retirement whose last day is before its notice.",
    reason="Admins would be notified of the retirement after the model is gone.",
    remedy="Correct one of the two days.",
    bad=examples.RETIRING.replace("2031-01-01", "2029-01-01"),
    good=examples.RETIRING,
    ignorable=False,
)
def last_day_before_notice(roster: Roster, context: Context) -> Iterator[Finding]:
    required = context.policy(roster).retirement_notice_days
    for model, retirement in roster.retirements():
        notice, last_day = retirement.notice, retirement.last_day
        if notice and last_day and last_day < notice:
            earlier = last_day - timedelta(min(required, (last_day - date.min).days))
            hint = f"choose {days_after(notice, required)} or later"
            if earlier >= context.today:
                hint += f", or a notice from {context.today} to {earlier}"
            yield Finding(
                roster.retirement_at(model, retirement, "last_day"), "the last day is before the notice", hint
            )


@roster_rule(
    summary="Retirement without a replacement, of a feature without another default.",
    reason="Users of the model are moved to its replacement, or else to the feature's default; here, there is neither.",
    remedy="Set replacement to the id of another model in this roster, or give the features another default.",
    bad=examples.DEFAULT_CLAUDE + examples.ANNOUNCED.replace("    replacement: gemini\n", "") + examples.GEMINI,
    good=examples.RETIRING,
    ignorable=False,
)
def retirement_without_replacement(roster: Roster, context: Context) -> Iterator[Finding]:
    lasting = LastingDefaults(roster)
    first_offers = cache(lambda feature: first_offer(roster, feature, context))
    for model, retirement in roster.retirements():
        if retirement.replacement is None and roster.complete:
            if features := _without_fallback(lasting, model, retirement, context):
                last_day = f" after {retirement.last_day}" if retirement.last_day else ""
                need = "needs" if len(features) == 1 else "need"
                message = f"without a replacement, {join_names(map(quote, features))} {need} another default{last_day}"
                hint = 'add "replacement:", or make another model the default'
                missing = not any(lasting.has_default(feature, context.today) for feature in features)
                places = filter(None, map(first_offers, features)) if missing else ()
                causes = tuple(("missing-default", place) for place in places)
                yield Finding(roster.retirement_at(model, retirement), message, hint, implied_by=causes)
        elif retirement.replacement == model.id and not is_mismatched(model):
            place = roster.retirement_at(model, retirement, "replacement")
            yield Finding(place, "a model cannot replace itself", "name another model")


@roster_rule(
    summary="Replacement that is not in the roster or does not serve all retiring features.",
    reason="Users would be moved to a model that does not exist or does not serve the feature.",
    remedy="Name a model that serves all retiring features and is offered beyond the last day.",
    bad=examples.RETIRING.replace("replacement: gemini", "replacement: gemnii"),
    good=examples.RETIRING,
    ignorable=False,
)
def replacement_not_offered(roster: Roster, context: Context) -> Iterator[Finding]:
    for model, retirement in roster.retirements():
        if not retirement.replacement or retirement.replacement == model.id:
            continue
        place = roster.retirement_at(model, retirement, "replacement")
        replacement = roster.by_id.get(retirement.replacement)
        if replacement is None and roster.complete and variable_id(retirement.replacement) not in _named_ids(roster):
            can_replace = partial(_can_replace, roster, model, retirement, context)
            hint = roster.id_suggestions.did_you_mean(retirement.replacement, can_replace)
            hint = hint or "name a model that serves the same features beyond the last day"
            if renamed := roster.by_alias.get(retirement.replacement):
                hint = f'{quote(retirement.replacement)} is an earlier id: write "{renamed.id}"'
            yield Finding(place, f"no model of this roster has the id {quote(retirement.replacement)}", hint)
        elif replacement and (unserved := _unserved(model, retirement, replacement, context)):
            ends = {each.last_day for feature in unserved if (each := replacement.retirement_of(feature))}
            end = max(filter(None, ends), default=None)
            message = f"{quote(replacement.name)} does not serve {join_names(map(quote, unserved))}"
            message += f" after {end}, its own last day" if end and set(unserved) <= set(replacement.features) else ""
            yield Finding(place, message, "name a model that does")


@roster_rule(
    severity=Severity.WARNING,
    summary="Replacement that is suspended on the day after the last day.",
    reason="Until the suspension ends, users of the retired model get the feature's default instead.",
    remedy="Name another model, or end the suspension before the last day.",
    bad=f"{examples.DEFAULT_CLAUDE}{examples.ANNOUNCED}{examples.GEMINI}{examples.SUSPENDED}",
    good=f"{examples.DEFAULT_CLAUDE}{examples.ANNOUNCED}{examples.GEMINI}",
)
def suspended_replacement(roster: Roster, context: Context) -> Iterator[Finding]:
    for model, retirement in roster.retirements():
        replacement = roster.by_id.get(retirement.replacement or "")
        since = replacement.suspended.since if replacement and replacement.suspended else None
        if not replacement or not since or replacement.id == model.id or not retirement.last_day:
            continue
        day_after = days_after(retirement.last_day, 1)
        if since <= day_after and not _unserved(model, retirement, replacement, context):
            place = roster.retirement_at(model, retirement, "replacement")
            users = f"users {'were' if day_after <= context.today else 'are'} moved to {quote(replacement.name)}"
            message = f"on {day_after}, {users}, which is suspended from {since}"
            suspension = roster.key(replacement, "suspended")
            implied_by = (("suspended-default", suspension), ("feature-without-model", suspension))
            yield Finding(place, message, "name another model, or end the suspension", implied_by=implied_by)


@roster_rule(
    summary="Roster whose models are all retired or suspended.",
    reason="No model would be offered, and all features of the environment would fail at once.",
    remedy="Add a model that is neither retired nor suspended.",
    bad=examples.CLAUDE + examples.COMPLETED + examples.GEMINI + examples.COMPLETED.replace("gemini", "claude"),
    good=examples.RETIRED,
    ignorable=False,
)
def no_model_left(roster: Roster, context: Context) -> Iterator[Finding]:
    if not roster.models or not roster.complete:
        return  # a model that cannot be read may be offered; an empty roster is another finding
    if not any(model.offered_features(context.today) or not model.features for model in roster):
        place = Place(roster.path, span=FILE_START)
        yield Finding(
            place, f"no model is offered on {context.today}", "add a model that is neither retired nor suspended"
        )


@change_rule(
    summary="Model removed or ended without a completed retirement.",
    reason="Customers got no notice, and gateways do not know the replacement. Only --changed-since reports this.",
    remedy=(
        "Keep the model, with a retirement, until its last day has passed. If that is too late, choose a last day from "
        "today on and suppress retirement-notice-too-short with a reason; users are then still moved to the "
        "replacement."
    ),
    bad={"before: production": examples.CLAUDE + examples.DEFAULT_GEMINI, "production": examples.DEFAULT_GEMINI},
    good={"before: production": examples.RETIRED, "production": examples.DEFAULT_GEMINI},
)
def model_left_unannounced(change: ChangeView, _: Context) -> Iterator[Finding]:
    for environment, before in change.before.items():
        policy, after = change.policies.get(environment), change.after.get(environment)
        if policy is None or not policy.retirement_notice_days:
            continue
        offered = [model for model in before.by_id.values() if model.remaining_features(change.today)]
        promise = f"{environment} requires {policy.retirement_notice_days} days of notice"
        if environment in change.removed and offered:
            message = f"the environment {quote(environment)} was removed, but not all of its models were retired"
            hint = "restore it and retire its models, or first set retirement_notice_days: 0 in its policy"
            yield Finding(Place(ENVIRONMENTS, span=FILE_START), message, hint, promise)
        if after and after.models and after.complete:  # other rules report a roster that cannot be read
            renamed = {_deployment(model): model for model in after if model.id not in before.by_id}
            for model in offered:
                if kept := after.find(model.id):
                    yield from _ended_at_once(kept, after, policy, change.today)
                elif other := renamed.get(_deployment(model)):
                    yield _renamed(model, other, after, promise)
                else:
                    yield _removed(model, after.path, policy, change.today)


def _deployment(model: Model) -> tuple[str | None, ...]:
    return model.identifier, model.endpoint, model.family


def _renamed(model: Model, other: Model, after: Roster, promise: str) -> Finding:
    message = f"the id of this model changed from {quote(model.id)} to {quote(other.id)}"
    return Finding(
        after.at(other, "id" if other.id_is_pinned else "name"),
        message,
        f'add "id: {model.id}" to keep it, or "aliases: [{model.id}]" to let both work',
        f"selections store the id, and {promise}",
        implied_by=(("api-key-mismatch", after.at(other, "api-key")),),
    )


def _removed(model: Model, path: str, policy: Environment, today: date) -> Finding:
    days, removed = policy.retirement_notice_days, f"{quote(model.id)} was removed"
    ends = [end.last_day for feature in model.features if (end := model.retirement_of(feature)) and end.last_day]
    if len(ends) == len(model.features):
        message, hint = f"{removed} before its last day, {max(ends)}", "restore it until that day has passed"
    else:
        message = f"{removed}, but not retired{' for all of its features' if model.retirements else ''}"
        dates = f"notice: {today}, last_day: {days_after(today, days)}"
        hint = f"restore it, with retirement: {{{dates}, replacement: <id of another model>}}"
    note = f'{policy.name} requires {days} days of notice; a renamed model needs "id: {model.id}" or an alias'
    return Finding(Place(path, span=FILE_START), message, hint, note)


def _ended_at_once(model: Model, after: Roster, policy: Environment, today: date) -> Iterator[Finding]:
    """Yield the finding for a model that ends with the change, because its new last day has passed."""
    over = [retirement for retirement in model.retirements if retirement.is_over(today)]
    if over and not model.remaining_features(today) and not any(retirement.forced_by for retirement in over):
        last = max(over, key=lambda retirement: retirement.last_day or today)
        message = f"{quote(model.name)} ends with this change: its last day was {last.last_day}"
        days = policy.retirement_notice_days
        hint = f'choose {days_after(today, days)} or later; to stop the model now, add "suspended:"'
        note = f"{policy.name} requires {days} days of notice"
        yield Finding(after.retirement_at(model, last, "last_day"), message, hint, note)


@lru_cache(maxsize=1)
def _named_ids(roster: Roster) -> frozenset[str]:
    """Return the ids that key variables are named after: api-key-mismatch reports a model that got another id."""
    return frozenset(map(named_id, roster))


def _without_fallback(lasting: LastingDefaults, model: Model, retirement: Retirement, context: Context) -> list[str]:
    """Return the ending features that have no other default on the day after the last day."""
    day_after = days_after(retirement.last_day, 1) if retirement.last_day else context.today
    ending = dict.fromkeys(model.ending_features(retirement))
    registered = [feature for feature in ending if feature in context.registries.features]
    return [feature for feature in registered if not lasting.has_successor(feature, day_after, besides=model)]


def _can_replace(roster: Roster, model: Model, retirement: Retirement, context: Context, id_: str) -> bool:
    return id_ != model.id and not _unserved(model, retirement, roster.by_id[id_], context)


def _unserved(model: Model, retirement: Retirement, replacement: Model, context: Context) -> list[str]:
    """Return the ending features that the replacement does not serve on the day after the last day."""
    last_day = retirement.last_day
    served = replacement.remaining_features(days_after(last_day, 1)) if last_day else replacement.features
    registered = context.registries.features
    if not registered.keys() >= set(replacement.features):
        return []  # a misspelled or unreadable feature may be the missing one
    ending = [feature for feature in model.ending_features(retirement) if feature in model.features]
    return [feature for feature in ending if feature in registered and feature not in served]
