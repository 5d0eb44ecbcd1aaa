"""Rules across environments: the promotion path, and one meaning for one id."""

from collections.abc import Collection, Iterator

from roster.findings import Finding, Place, Severity
from roster.naming import did_you_mean, quote
from roster.repository import ENVIRONMENTS, FAMILIES, ROSTER_SCHEMA, roster_path
from roster.roster import Model, Roster
from roster.rules.rule import Context, RepositoryView, repository_rule, roster_rule


@repository_rule(
    severity=Severity.WARNING,
    summary="A model is offered in an environment, but not in the one before it.",
    reason="Nobody could try it where trying is meant to happen. A model that leaves may be ahead by one environment.",
    remedy="Add the model to the environment before, or finish its removal here.",
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
    summary="One id means different models in two environments.",
    reason="What was tried in one environment is not what customers get in the next.",
    remedy="Promote the newer one, give the other model an id of its own, or list the key in may_differ_in.",
    bad={
        "staging": "- name: Claude\n  identifier: bedrock/claude-2\n",
        "production": "- name: Claude\n  identifier: bedrock/claude-1\n",
    },
    good={
        "staging": "- name: Claude\n  identifier: bedrock/claude-2\n",
        "production": "- name: Claude\n  identifier: bedrock/claude-2\n",
    },
)
def environment_drift(repository: RepositoryView, context: Context) -> Iterator[Finding]:
    for before, roster in repository.steps:
        policy = context.policy(roster)
        intended = policy.may_differ_in if policy else ()
        for model in roster:
            if model.family not in context.registries.families:
                continue  # a slip, and unknown-family's to tell
            if (other := before.by_id.get(model.id)) and (key := _differing(model, other, intended)):
                message = f"{quote(model.id)} has another {key} in {before.environment}: {quote(getattr(other, key))}"
                yield Finding(roster.at(model, key), message, "are the two the same model?")


@roster_rule(
    severity=Severity.ERROR,
    summary="A roster belongs to no environment of the promotion path.",
    reason="Nothing says what may be offered there, and nothing renders it.",
    remedy="Add the environment to env/environments.yaml, or remove the folder.",
    bad={"prodution": "- name: Claude\n"},
    good={"production": "- name: Claude\n"},
    ignorable=False,
)
def unknown_environment(roster: Roster, context: Context) -> Iterator[Finding]:
    known = context.registries.environments
    if roster.environment not in known:
        message = f"the environment {quote(roster.environment)} is not in {ENVIRONMENTS}"
        note = f"known environments: {', '.join(known)}"
        yield Finding(Place(roster.path), message, did_you_mean(roster.environment, known), note)


@repository_rule(
    severity=Severity.ERROR,
    summary="An environment of the promotion path has no roster.",
    reason="Its gateways would find nothing to download.",
    remedy="Add the roster, or take the environment out of env/environments.yaml.",
    bad={"staging": "- name: Claude\n", "production": ""},
    good={"staging": "- name: Claude\n", "production": "- name: Claude\n"},
    ignorable=False,
)
def missing_roster(repository: RepositoryView, _: Context) -> Iterator[Finding]:
    for environment, index in repository.missing.items():
        message = f"the environment {quote(environment)} has no roster"
        yield Finding(Place(ENVIRONMENTS, (index, "name")), message, f"add {roster_path(environment)}")


@repository_rule(
    severity=Severity.ERROR,
    summary="The roster's JSON Schema does not list what the registries list.",
    reason="Editors would offer names that the check refuses, or refuse new ones.",
    remedy="Run roster schema, and commit what it changes.",
    bad={"production": "- name: Claude\n", FAMILIES: "- claude\n- a_new_family\n"},
    good={"production": "- name: Claude\n"},
    ignorable=False,
)
def schema_out_of_date(repository: RepositoryView, _: Context) -> Iterator[Finding]:
    for pointer in repository.stale:
        message = "this list differs from the registries in schemas/"
        yield Finding(Place(ROSTER_SCHEMA, pointer), message, "run: roster schema")


def _differing(model: Model, other: Model, intended: Collection[str]) -> str | None:
    """Return the first key in which two models of one id are not the same model, and are meant to be."""
    for key in ("identifier", "family"):
        mine, theirs = getattr(model, key), getattr(other, key)
        if mine and theirs and mine != theirs and key not in intended:
            return key
    return None
