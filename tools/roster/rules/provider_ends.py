"""Rules on ends at providers: models that their providers ended or will end, according to the provider facts.

A provider's end is the first day on which it no longer answers, so our last day must be before it. Of some models, only
the earliest possible end is known: they may answer for longer. Until the provider names the day, nothing about them is
an error, but a retirement should be announced in time.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from roster.findings import Finding, Severity
from roster.model import Model, Retirement, days_after
from roster.naming import MAX_IN_PASSING, counted, join_names, quote
from roster.registries import PROVIDER_FACTS, Environment
from roster.roster import Roster
from roster.rules.base import examples
from roster.rules.base.models_with_facts import ModelWithFacts, models_with_facts
from roster.rules.base.rule import Context, roster_rule

if TYPE_CHECKING:  # not every repository has facts
    from roster.provider_facts import ProviderFacts

_FACTS = """\
- identifier: anthropic/claude-1
  ends: {}
  sources: [{{name: litellm, read: 2026-06-01}}]
"""
_ENDED, _ENDING, _LATER = (_FACTS.format(day) for day in ("2026-04-28", "2026-08-01", "2031-01-01"))
_CLAUDE = "- name: Claude\n  identifier: anthropic/claude-1\n  endpoint: https://api.anthropic.com\n"
_RETIREMENT = "  retirement: {notice: 2026-04-01, last_day: 2026-07-31, replacement: gemini}\n"
_LATE = _RETIREMENT.replace("2026-07-31", "2026-08-01")
_FORCED = _RETIREMENT.replace("04-01", "06-15").replace("}", ", forced_by: provider}")
_RETIRING = f"{_CLAUDE}  features: [duo_chat]\n{{}}{examples.DEFAULT_GEMINI}"
_MIN_WINDOW = 30
"""In days, for environments that require less notice: maintainers need some time, too."""


def is_due(ends: date, policy: Environment, today: date) -> bool:
    """Return whether a provider's end is so close that the retirement must be announced."""
    return (ends - today).days - 1 <= max(policy.retirement_notice_days, _MIN_WINDOW)


@roster_rule(
    summary="Model that is offered after its provider ended it.",
    reason="The provider rejects every request, so all features of the model fail.",
    remedy="Retire the model, and move its defaults. If it still answers, suppress the rule with that reason.",
    bad={PROVIDER_FACTS: _ENDED, "production": _CLAUDE},
    good={PROVIDER_FACTS: _LATER, "production": _CLAUDE},
)
def offered_after_provider_end(roster: Roster, context: Context) -> Iterator[Finding]:
    for each in models_with_facts(roster, context.registries):
        model, facts, provider = each
        # A last day today is fine: none could be earlier.
        if facts.has_ended(context.today) and (features := model.offered_features(days_after(context.today, 1))):
            place, offer = roster.at(model, "identifier"), _offer(model, features)
            message = f"{provider} ended this model on {facts.ends}, but it is {offer}"
            yield Finding(place, message, _ended_hint(roster, each, features, context), each.attribution)


@roster_rule(
    summary="Last day that is not before the provider's end.",
    reason="From the provider's end until the last day, the model is offered, and all requests fail.",
    remedy="Choose a last day before the provider's end.",
    bad={PROVIDER_FACTS: _ENDING, "production": _RETIRING.format(_LATE)},
    good={PROVIDER_FACTS: _ENDING, "production": _RETIRING.format(_RETIREMENT)},
)
def last_day_after_provider_end(roster: Roster, context: Context) -> Iterator[Finding]:
    for each in models_with_facts(roster, context.registries):
        model, facts, provider = each
        if facts.last_day is None or facts.has_ended(context.today):
            continue  # offered-after-provider-end reports one that has passed
        remaining = model.remaining_features(context.today)
        for retirement in model.retirements:
            ending = set(model.ending_features(retirement))
            if retirement.last_day and retirement.last_day > facts.last_day and ending.intersection(remaining):
                message = f"the last day must be before {facts.ends}, when {provider} ends this model"
                place = roster.retirement_at(model, retirement, "last_day")
                yield Finding(place, message, f"choose {facts.last_day} or earlier", each.attribution)


@roster_rule(
    severity=Severity.WARNING,
    summary="Provider's end within the notice period, without an announced retirement.",
    reason=(
        "Admins need the environment's notice period to test and select another model. Where that is shorter than 30 "
        "days, the rule warns 30 days before the end."
    ),
    remedy=(
        "Announce a retirement now. If only the earliest possible end is known and you want to wait for the "
        "provider's decision, suppress the rule with that reason."
    ),
    bad={PROVIDER_FACTS: _ENDING, "production": _RETIRING.format("")},
    good={PROVIDER_FACTS: _ENDING, "production": _RETIRING.format(_RETIREMENT)},
)
def unannounced_provider_end(roster: Roster, context: Context) -> Iterator[Finding]:
    required = context.policy(roster).retirement_notice_days
    for each in models_with_facts(roster, context.registries):
        model, facts, provider = each
        if facts.ends is None or facts.has_ended(context.today):
            continue
        offered = model.offered_features(context.today)
        features = [feature for feature in offered if model.retirement_of(feature) is None]
        if features and is_due(facts.ends, context.policy(roster), context.today):
            ends = (
                f"may end this model from {facts.ends} on"
                if facts.ends_earliest
                else f"ends this model on {facts.ends}"
            )
            part = "" if len(features) == len(offered) else f" for {join_names(map(quote, features))}"
            message = f"{provider} {ends}, but no retirement is announced{part}"
            last_day = facts.last_day or max(facts.ends, days_after(context.today, required))
            hint = _command(roster, model, features, context, last_day)
            yield Finding(roster.at(model, "identifier"), message, hint, _with_notice(each, roster, required))


@roster_rule(
    summary="Retirement that claims to be forced by a provider that does not force it.",
    reason=(
        "With forced_by, the notice may be shorter than the environment requires. Only an end at the provider before "
        "the required day justifies that."
    ),
    remedy="Remove forced_by, or correct the last day. If the provider ends the model, add the source that says so.",
    bad={PROVIDER_FACTS: _LATER, "production": _RETIRING.format(_FORCED)},
    good={PROVIDER_FACTS: _ENDING, "production": _RETIRING.format(_FORCED)},
)
def unfounded_forced_retirement(roster: Roster, context: Context) -> Iterator[Finding]:
    required = context.policy(roster).retirement_notice_days
    if not context.registries.providers:
        return  # a gateway has no facts
    for model, retirement in roster.retirements():
        if not retirement.forced_by:
            continue
        facts, provider = context.registries.facts_of(model), context.registries.provider_title(model)
        if retirement.is_over(context.today) and (facts is None or facts.ends is None):
            continue  # sources may forget a model that has ended
        if problem := _unfounded(retirement, facts, provider, required):
            place = roster.retirement_at(model, retirement, "forced_by")
            late = roster.retirement_at(model, retirement, "last_day")
            implied_by = (("last-day-after-provider-end", late), ("last-day-before-notice", late))
            yield Finding(place, *problem, implied_by=implied_by)


def _offer(model: Model, features: Sequence[str]) -> str:
    """Return how a model is offered, for a message: its release states, until when, and what it is the default for."""
    states = dict.fromkeys(state for feature in features if (state := model.state_for(feature)))
    last_days = [end.last_day for feature in features if (end := model.retirement_of(feature)) and end.last_day]
    defaults = [quote(feature) for feature in features if feature in model.default_for]
    offer = f"offered as {join_names(states)}" if states else "offered"
    until = f" until {max(last_days)}" if len(last_days) == len(features) else ""
    return f"{offer}{until}{f' and the default for {join_names(defaults, limit=MAX_IN_PASSING)}' if defaults else ''}"


def _ended_hint(roster: Roster, subject: ModelWithFacts, features: Sequence[str], context: Context) -> str:
    announced = {feature: end for feature in features if (end := subject.model.retirement_of(feature))}
    if len(announced) < len(features):
        return _command(roster, subject.model, [feature for feature in features if feature not in announced], context)
    days = [_latest_last_day(subject.facts, retirement) for retirement in announced.values()]
    return f"choose {min(days)} or earlier as its last day"


def _latest_last_day(facts: "ProviderFacts", retirement: Retirement) -> date:
    """Return the latest last day that the provider's end allows; one that has passed allows that of the notice."""
    return max(filter(None, (facts.last_day, retirement.notice)))


def _command(
    roster: Roster, model: Model, features: Sequence[str], context: Context, last_day: date | None = None
) -> str:
    """Return the hint with the command that retires some features of a model: now, without a last day."""
    first, options = "", f" --environment {roster.environment}"
    is_later = last_day is not None and last_day > context.today
    if len(features) < len(model.features):
        options += "".join(f" --features {feature}" for feature in features)
    if last_day:
        options += f" --last-day {last_day}"
    if not set(features).isdisjoint(model.default_for):
        ids = _replacements(roster, model, features, context, days_after(last_day or context.today, 1))
        first = "" if ids else f"add a model that serves {join_names(map(quote, features))} with roster new, then "
        options += f" --replacement {ids[0] if len(ids) == 1 else 'ID'}{'' if is_later else ' --move-default'}"
    return f"{first}run: roster retire {model.id}{options}" if model.id else ""


def _replacements(roster: Roster, model: Model, features: Sequence[str], context: Context, on: date) -> list[str]:
    """Return the ids of the other models that serve some features on a day, without those that providers end."""
    ended = {each.model.id for each in models_with_facts(roster, context.registries) if each.facts.has_ended(on)}
    others = (other for other in roster if other.id and other.id not in {model.id, *ended})
    return [other.id for other in others if set(features) <= set(other.offered_features(on))]


def _with_notice(subject: ModelWithFacts, roster: Roster, required: int) -> str:
    notice = f"{roster.environment} requires {counted(required, 'day')} of notice; " if required else ""
    return f"{notice}{subject.attribution}"


def _unfounded(
    retirement: Retirement, facts: "ProviderFacts | None", provider: str, required: int
) -> tuple[str, str] | None:
    """Return why a provider does not force a retirement, and what to do; None if it does."""
    if facts is None or facts.last_day is None:
        earliest = f" only says that it does not end this model before {facts.ends}" if facts and facts.ends else ""
        message = f"{provider}{earliest}" if earliest else f"no source says that {provider} ends this model"
        return message, "remove forced_by, or run: roster providers update"
    notice, last_day = retirement.notice, retirement.last_day
    if notice is None or last_day is None:
        return None
    if last_day > (latest := _latest_last_day(facts, retirement)):
        return f"{provider} ends this model on {facts.ends}, before the last day", f"choose {latest} or earlier"
    if (last_day - notice).days < required and not facts.cut_short(notice, required):
        message = f"{provider} ends this model only on {facts.ends}, which leaves {counted(required, 'day')} of notice"
        return message, f"remove forced_by, and choose {days_after(notice, required)} or later as last day"
    return None
