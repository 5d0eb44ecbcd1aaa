"""Rules across environments: the promotion path, and one model per id."""

from collections.abc import Collection, Iterator

from roster.findings import Finding, Place, Severity
from roster.naming import did_you_mean, quote
from roster.registries import ENVIRONMENTS, FAMILIES
from roster.roster import ROSTER_SCHEMA, Model, Roster, roster_path
from roster.rules.base.rule import Context, RepositoryView, repository_rule, roster_rule

_CLAUDE_1 = "- name: Claude\n  identifier: bedrock/claude-1\n"
_CLAUDE_2 = "- name: Claude\n  identifier: bedrock/claude-2\n"


@repository_rule(
    severity=Severity.WARNING,
    summary="Model that the previous environment on the promotion path does not offer.",
    reason="The model was not tested in the previous environment. Expected while a model is being removed.",
    remedy="Add the model to the previous environment, or finish its removal here.",
    bad={"staging": "- name: Gemini\n", "production": "- name: Claude\n- name: Gemini\n"},
    good={"staging": "- name: Claude\n- name: Gemini\n", "production": "- name: Claude\n- name: Gemini\n"},
)
def skipped_environment(repository: RepositoryView, _: Context) -> Iterator[Finding]:
    for before, roster in repository.steps:
        for model in roster:
            if model.id and before.complete and model.id not in before.by_id:
                message = f"{quote(model.name)} is offered in {roster.environment}, but not in {before.environment}"
                yield Finding(roster.at(model, "name"), message, f"add it to {before.path} first")


@repository_rule(
    severity=Severity.WARNING,
    summary="Same id for different models in two environments.",
    reason="Customers get a different model from the one that was tested in the previous environment.",
    remedy="Promote the newer version, give one model a different id, or list the key in the policy's may_differ_in.",
    bad={"staging": _CLAUDE_2, "production": _CLAUDE_1},
    good={"staging": _CLAUDE_2, "production": _CLAUDE_2},
)
def environment_drift(repository: RepositoryView, context: Context) -> Iterator[Finding]:
    for before, roster in repository.steps:
        allowed = context.policy(roster).may_differ_in
        for model in roster:
            if model.family not in context.registries.families:
                continue  # unknown-family reports it
            if (other := before.by_id.get(model.id)) and (key := _differing_key(model, other, allowed)):
                value = quote(getattr(other, key))
                message = f"{quote(model.id)} has a different {key} in {before.environment}: {value}"
                hint = "promote the newer one; if they are different models, change one id"
                yield Finding(roster.at(model, key), message, hint)


@roster_rule(
    summary="Roster of an undeclared environment.",
    reason="The environment has no policy, and its roster is never rendered.",
    remedy="Add the environment to env/environments.yaml, or remove the folder.",
    bad={"prodution": "- name: Claude\n"},
    good={"production": "- name: Claude\n"},
    ignorable=False,
)
def unknown_environment(roster: Roster, context: Context) -> Iterator[Finding]:
    declared = context.registries.environments
    if roster.environment not in declared:
        message = f"the environment {quote(roster.environment)} is not in {ENVIRONMENTS}"
        note = f"known environments: {', '.join(declared)}"
        yield Finding(Place(roster.path), message, did_you_mean(roster.environment, declared), note)


@repository_rule(
    summary="Environment without a roster.",
    reason="Its gateways would have nothing to download.",
    remedy="Add the roster, or remove the environment from env/environments.yaml.",
    bad={"staging": "- name: Claude\n", "production": ""},
    good={"staging": "- name: Claude\n", "production": "- name: Claude\n"},
    ignorable=False,
)
def missing_roster(repository: RepositoryView, _: Context) -> Iterator[Finding]:
    for environment, index in repository.missing.items():
        message = f"the environment {quote(environment)} has no roster"
        yield Finding(Place(ENVIRONMENTS, (index, "name")), message, f"add {roster_path(environment)}")


@repository_rule(
    summary="JSON Schema of rosters that differs from the registries.",
    reason="Editors would suggest names that the check rejects, or mark new names as invalid.",
    remedy="Run roster schema and commit the result.",
    bad={"production": "- name: Claude\n", FAMILIES: "- claude\n- a_new_family\n"},
    good={"production": "- name: Claude\n"},
    ignorable=False,
)
def schema_out_of_date(repository: RepositoryView, _: Context) -> Iterator[Finding]:
    for pointer in repository.stale:
        message = "this list differs from the registries in schemas/"
        yield Finding(Place(ROSTER_SCHEMA, pointer), message, "run: roster schema")


def _differing_key(model: Model, other: Model, allowed: Collection[str]) -> str | None:
    """Return the first key that shows that two models with one id are different, unless it is allowed to differ."""
    for key in ("identifier", "family"):
        model_value, other_value = getattr(model, key), getattr(other, key)
        if model_value and other_value and model_value != other_value and key not in allowed:
            return key
    return None
