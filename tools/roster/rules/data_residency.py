"""Rules on data residency and retention: where prompts are processed, and for how long they are stored."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from roster.findings import Finding, Place, Severity
from roster.model import UNREADABLE_FEATURE, UNREADABLE_NUMBER, Model
from roster.naming import counted, did_you_mean, join_names, list_names, quote
from roster.providers import covers_region
from roster.registries import ENVIRONMENTS
from roster.roster import Roster
from roster.rules.base import examples
from roster.rules.base.rule import Context, roster_rule

if TYPE_CHECKING:
    from roster.rules.base.user_moves import Move

_POLICY = "- name: production\n  release_states: [GA]\n  default_release_states: [GA]\n  retirement_notice_days: 0\n"
_EU, _US = "  processed_in: [eu]\n", "  processed_in: [us]\n"
_SHORT, _LONG = "  data_retention_days: 0\n", "  data_retention_days: 30\n"
_RETIRING = examples.CLAUDE + examples.ANNOUNCED


@roster_rule(
    summary="Model processed in a region that the environment does not allow.",
    reason="Customers of the environment rely on its policy on where their prompts are processed.",
    remedy="Deploy the model in an allowed region, correct processed_in, or remove the model from this environment.",
    bad={ENVIRONMENTS: f"{_POLICY}  allowed_regions: [eu]\n", "production": f"- name: Claude\n{_US}"},
    good={
        ENVIRONMENTS: f"{_POLICY}  allowed_regions: [eu]\n",
        "production": "- name: Claude\n  processed_in: [eu-west-1]\n",
    },
)
def region_not_allowed(roster: Roster, context: Context) -> Iterator[Finding]:
    allowed = context.policy(roster).allowed_regions
    note = f"allowed in {roster.environment}: {list_names(allowed)}" if allowed else ""
    for model in roster if allowed else ():
        if not model.offered_features(context.today):
            continue
        if not model.processed_in:
            message = f"{roster.environment} restricts regions, but this model states none"
            yield Finding(roster.at(model, "name"), message, 'add "processed_in:"', note)
        for index, region in enumerate(model.processed_in):
            if region != UNREADABLE_FEATURE and not covers_region(allowed, region):
                message = f"{roster.environment} does not allow prompts to be processed in {quote(region)}"
                yield Finding(roster.at(model, "processed_in", index), message, did_you_mean(region, allowed), note)


@roster_rule(
    summary="Longer data retention than the environment allows.",
    reason="Customers of the environment rely on its policy on how long their prompts are stored.",
    remedy="Agree on a shorter retention with the provider, correct data_retention_days, or remove the model here.",
    bad={ENVIRONMENTS: f"{_POLICY}  max_data_retention_days: 0\n", "production": f"- name: Claude\n{_LONG}"},
    good={ENVIRONMENTS: f"{_POLICY}  max_data_retention_days: 0\n", "production": f"- name: Claude\n{_SHORT}"},
)
def retention_too_long(roster: Roster, context: Context) -> Iterator[Finding]:
    limit = context.policy(roster).max_data_retention_days
    for model in roster if limit is not None else ():
        days = model.data_retention_days
        if limit is None or not model.offered_features(context.today):
            continue
        if days is None:
            message = f"{roster.environment} limits the retention of data, but this model states none"
            note = f"allowed in {roster.environment}: at most {counted(limit, 'day')}"
            yield Finding(roster.at(model, "name"), message, 'add "data_retention_days:"', note)
        elif days > limit:
            message = f"{roster.environment} allows data to be stored for at most {counted(limit, 'day')}"
            yield Finding(roster.at(model, "data_retention_days"), message)


@roster_rule(
    severity=Severity.WARNING,
    summary="Users who are moved to a model in another region.",
    reason=(
        "A replacement, or the default that users of a suspended or retired model fall back to, would process prompts "
        "where these users did not choose to have them processed."
    ),
    remedy="Choose a replacement, or a default, that processes prompts in the same regions.",
    bad=f"{_RETIRING}{_EU}{examples.DEFAULT_GEMINI}{_US}",
    good=f"{_RETIRING}{_EU}{examples.DEFAULT_GEMINI}{_EU}",
)
def move_to_other_region(roster: Roster, context: Context) -> Iterator[Finding]:
    def states(model: Model) -> bool:
        return bool(model.processed_in) and UNREADABLE_FEATURE not in model.processed_in

    for place, move in _moves(roster, context, states):
        start, end = move.path[0].processed_in, move.path[-1].processed_in
        if others := [region for region in end if not covers_region(start, region)]:
            message = f"users move from {join_names(start)} to {join_names(others)} ({move})"
            hint = f"choose a model in {join_names(start, word='or')} as {move.role}"
            places = (roster.at(move.path[-1], "processed_in", end.index(region)) for region in others)
            yield Finding(place, message, hint, implied_by=tuple(("region-not-allowed", each) for each in places))


@roster_rule(
    severity=Severity.WARNING,
    summary="Users who are moved to a model with a longer data retention.",
    reason=(
        "A replacement, or the default that users of a suspended or retired model fall back to, would store prompts "
        "for longer than the model that these users chose."
    ),
    remedy="Choose a replacement, or a default, whose provider stores prompts no longer.",
    bad=f"{_RETIRING}{_SHORT}{examples.DEFAULT_GEMINI}{_LONG}",
    good=f"{_RETIRING}{_SHORT}{examples.DEFAULT_GEMINI}{_SHORT}",
)
def move_to_longer_retention(roster: Roster, context: Context) -> Iterator[Finding]:
    def states(model: Model) -> bool:
        return model.data_retention_days is not None and model.data_retention_days != UNREADABLE_NUMBER

    for place, move in _moves(roster, context, states):
        start, end = (each.data_retention_days or 0 for each in (move.path[0], move.path[-1]))
        if end > start:
            message = f"users move from {counted(start, 'day')} of data retention to {end} ({move})"
            hint = f"choose a model with at most {counted(start, 'day')} as {move.role}"
            cause = roster.at(move.path[-1], "data_retention_days")
            yield Finding(place, message, hint, implied_by=(("retention-too-long", cause),))


def _moves(roster: Roster, context: Context, states: Callable[[Model], bool]) -> "Iterator[tuple[Place, Move]]":
    """Yield the moves of users of the models that state a value, to the next models that do, with their places."""
    if any(states(model) for model in roster):
        from roster.rules.base.user_moves import user_moves  # most rosters state neither

        yield from user_moves(roster, states, context.today)
