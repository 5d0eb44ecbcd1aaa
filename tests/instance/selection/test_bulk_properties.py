"""Laws of bulk rules and effects, for any list, selections and rule."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from roster.instance.selection.bulk_proposals import propose_changes
from roster.instance.selection.bulk_rules import AllowRule, BulkRule, DefaultRule, ModelConditions, validate_rule
from roster.instance.selection.effect import MoveReason, as_stored, effect_of
from roster.instance.selection.offered_list import OfferedList
from roster.instance.selection.request_errors import find_errors
from roster.instance.selection.requested_selection import RequestedSelection
from roster.instance.selection.resolution import SelectionLevel, resolve
from roster.instance.selection.selections import Selection, SelectionMode
from tests.instance.selection.offered_lists import NOW, list_serving
from tests.properties import examples

IDS = ("claude", "gemini", "haiku", "mistral")
FEATURES = ("chat", "code", "review")
FACTS: dict[str, Any] = {
    "claude": {"provider": "Bedrock", "processed_in": ("eu-west-1",), "capabilities": ("tools",)},
    "gemini": {"provider": "Vertex", "processed_in": ("eu", "us")},
    "haiku": {"provider": "Bedrock", "release_state": "BETA"},
    "mistral": {"release_state": "EXPERIMENT"},
}
subsets = some.lists(some.sampled_from(IDS), unique=True)


@some.composite
def lists(draw: some.DrawFn) -> OfferedList:
    """Draw a list, in which a model may be retired with a replacement, and a feature may have no default."""
    serving = {feature: draw(subsets) for feature in FEATURES}
    defaults = {feature: draw(some.sampled_from([*ids, None])) for feature, ids in serving.items()}
    replaced = draw(some.sampled_from(IDS))
    retired = {} if any(replaced in ids for ids in serving.values()) else {(replaced, ""): draw(some.sampled_from(IDS))}
    offered = list_serving(serving, defaults, retired=retired, gone=[])
    models = {id_: model._replace(**FACTS[id_]) for id_, model in offered.models.items()}
    return offered._replace(models=models)


@some.composite
def selections(draw: some.DrawFn) -> dict[str, Selection]:
    """Draw selections of the instance, also of models that are not available."""
    drawn: dict[str, Selection] = {}
    for feature in draw(some.lists(some.sampled_from(FEATURES), unique=True)):
        models = draw(subsets.filter(bool))
        mode = draw(some.sampled_from([SelectionMode.OWN_DEFAULT, SelectionMode.CHOSEN_MODELS]))
        kept = tuple(models[:1] if mode is SelectionMode.OWN_DEFAULT else models)
        drawn[feature] = Selection(1, None, feature, "", kept, kept[0], NOW, NOW, mode=mode)
    return drawn


conditions = some.builds(
    ModelConditions,
    providers=some.sampled_from([(), ("Bedrock",), ("Bedrock", "Vertex")]),
    release_states=some.sampled_from([(), ("GA",), ("GA", "BETA")]),
    regions=some.sampled_from([(), ("eu",)]),
    models=subsets.map(tuple),
)


@some.composite
def rules(draw: some.DrawFn) -> BulkRule:
    """Draw a rule, which is valid unless it changes nothing or names what no list has."""
    allow, default = draw(some.sampled_from(AllowRule)), draw(some.sampled_from(DefaultRule))
    features = draw(some.none() | some.lists(some.sampled_from(FEATURES), min_size=1, unique=True).map(tuple))
    rule = BulkRule(allow, default, features)
    if allow is AllowRule.MATCHING:
        rule = rule._replace(conditions=draw(conditions.filter(any)))
    return rule._replace(default_model=draw(some.sampled_from(IDS))) if default is DefaultRule.MODEL else rule


def saved(instance: dict[str, Selection], *requested: RequestedSelection) -> dict[str, Selection]:
    """Return the selections after changes."""
    after = {**instance, **{each.feature: as_stored(each) for each in requested}}
    return {feature: selection for feature, selection in after.items() if selection}


@examples(300)
@given(offered=lists(), instance=selections(), rule=rules())
def test_proposals_are_valid_and_lead_to_compliance(
    offered: OfferedList, instance: dict[str, Selection], rule: BulkRule
):
    if list(validate_rule(offered, rule)):
        return
    proposal = propose_changes(offered, instance, {}, rule)
    requested = [each.requested for each in proposal.changes]
    for each in requested:
        before = instance.get(each.feature)
        assert not each.equals(before)
        assert list(find_errors(offered, each, before, before)) == []
    again = propose_changes(offered, saved(instance, *requested), {}, rule)
    assert again.changes == ()
    assert again.refusals == proposal.refusals
    assert again.complying == proposal.complying + len(requested)


@examples(200)
@given(
    offered=lists(),
    before=selections(),
    after=selections(),
    models=subsets,
)
def test_effect_is_what_changes_for_each_namespace(
    offered: OfferedList, before: dict[str, Selection], after: dict[str, Selection], models: list[str]
):
    requested = [
        RequestedSelection(
            name, each.models if each.mode is SelectionMode.CHOSEN_MODELS else (), each.default_model, mode=each.mode
        )
        for name, each in after.items()
    ]
    effects = effect_of(offered, before, dict.fromkeys(FEATURES, dict.fromkeys(models, 1)), requested)
    for effect in effects:
        name, moved = effect.feature, 0
        was, will_be = before.get(name), after[name]
        assert effect.served_before == resolve(offered, name, was).model
        assert effect.served_after == resolve(offered, name, will_be).model
        for model in models:
            own = Selection(2, 7, name, "", (model,), model, NOW, NOW)
            levels = [resolve(offered, name, each, own, SelectionLevel.NAMESPACE) for each in (was, will_be)]
            moved += levels[0].model != levels[1].model
        assert effect.moved_namespaces == moved
        assert all(
            move.before == effect.served_before for move in effect.moves if move.reason is MoveReason.FOLLOWS_INSTANCE
        )
