"""Rules across environments: the promotion path, and one model per id."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from roster.findings import FILE_START, Finding, Place, Severity
from roster.naming import counted, did_you_mean, list_names, quote
from roster.registries import ENVIRONMENTS, FAMILIES
from roster.roster import ROSTER_SCHEMA, Roster, roster_path
from roster.rules.base.identity import Identity, identity_values
from roster.rules.base.rule import ChangeView, Context, RepositoryView, change_rule, repository_rule, roster_rule
from roster.rules.credentials import is_mismatched, models_by_variable, named_id

if TYPE_CHECKING:
    from roster.rules.base.promotion_path import Entry

_CLAUDE = "- name: Claude\n"
_BOTH = f"{_CLAUDE}- name: Gemini\n"
_POLICY = "  release_states: [GA]\n  default_release_states: [GA]\n  retirement_notice_days: 0\n"
_PRODUCTION = f"- name: production\n{_POLICY}"
_SEVEN_DAYS = f"- name: staging\n{_POLICY}{_PRODUCTION}  trial_days: 7\n"
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
        deployed = {model.identifier: model for model in before if model.id not in roster.by_id}
        for model in roster:
            if not model.id or not before.complete or model.id in before.by_id:
                continue
            if named_id(model) not in models_by_variable(before):  # api-key-mismatch reports a renamed model
                message = f"{quote(model.name)} is offered in {roster.environment}, but not in {before.environment}"
                hint = f"add it to {before.path} first"
                causes: tuple[tuple[str, Place], ...] = ()
                if model.identifier and (renamed := deployed.get(model.identifier)):
                    message = f"{quote(model.name)} has another id in {before.environment}: {quote(renamed.id)}"
                    here, there = quote(f"id: {renamed.id}"), quote(f"id: {model.id}")
                    hint = f"write {here} if it was renamed here, or in {before.environment} {there} if it was there"
                    causes = (("api-key-mismatch", before.at(renamed, "api-key")),)
                place = roster.at(model, "name")
                changed_id = roster.at(model, "id" if model.id_is_pinned else "name")
                implied_by = (("model-skips-environment", place), ("model-left-unannounced", changed_id), *causes)
                yield Finding(place, message, hint, implied_by=implied_by)


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
        identity = Identity.of(context.policy(roster), context.registries)
        for model in roster:
            other = before.by_id.get(model.id)
            if other is None or is_mismatched(model):
                continue  # api-key-mismatch reports a wrong name or key
            if key := identity.differing_key(identity_values(model), identity_values(other)):
                value = quote(getattr(other, key))
                message = f"{quote(model.id)} has a different {key} in {before.environment}: {value}"
                hint = f"promote the newer one; a different model needs another id in {before.environment}"
                place = roster.at(model, key)
                first = before.at(other, key)
                implied_by = (("trial-period-too-short", place), ("unknown-prefix", place), ("unknown-prefix", first))
                yield Finding(place, message, hint, first=first, implied_by=implied_by)


@change_rule(
    summary="New model that the previous environment on the promotion path does not offer.",
    reason="Customers would get a model that was not tested in the previous environment.",
    remedy=(
        "Add the model to the previous environment, and promote it with roster promote. In an emergency, suppress the "
        "rule with a reason, and remove the comment after the merge."
    ),
    bad={"before: staging": _CLAUDE, "before: production": _CLAUDE, "staging": _CLAUDE, "production": _BOTH},
    good={"before: staging": _BOTH, "before: production": _CLAUDE, "staging": _BOTH, "production": _BOTH},
    ignorable=True,
)
def model_skips_environment(change: ChangeView, context: Context) -> Iterator[Finding]:
    for entry in _entries(change, context):
        if entry.is_skipping:
            roster, previous, source = entry.roster, entry.previous, entry.previous.environment
            new = f"has a new {entry.key}" if entry.key else "is new"
            message = f"{quote(entry.model.name)} {new} in {roster.environment}, but {source} does not offer it"
            note = f"a model must be in {source} first; {entry.requirement}" if entry.trial_days else ""
            yield Finding(roster.at(entry.model, "name"), message, f"add it to {previous.path} first", note)


@change_rule(
    summary="New model whose trial period in the previous environment is not over.",
    reason="Problems that the trial period would show reach customers.",
    remedy=(
        "Wait until the day in the message. The trial period starts when the model is merged into the previous "
        "environment, and starts again if the model is removed or gets another identifier or family. In an emergency, "
        "suppress the rule with a reason, and remove the comment after the merge."
    ),
    bad={
        ENVIRONMENTS: _SEVEN_DAYS,
        "before: staging": _CLAUDE,
        "before: production": _CLAUDE,
        "staging": _BOTH,
        "production": _BOTH,
    },
    good={
        ENVIRONMENTS: _SEVEN_DAYS,
        "before: staging": _BOTH,
        "before: production": _CLAUDE,
        "staging": _BOTH,
        "production": _BOTH,
    },
    ignorable=True,
)
def trial_period_too_short(change: ChangeView, context: Context) -> Iterator[Finding]:
    for entry in _entries(change, context):
        trial = entry.trial(change.trial_start)
        if not trial.is_over(change.today):
            key, previous = entry.differing_key or entry.key, entry.previous.environment
            subject = f"{f'this {key} of ' if key else ''}{quote(entry.model.name)}"
            later = f"merge it into {previous} first, and add it here {counted(trial.days, 'day')} later"
            message = f"{subject} {entry.state(trial)}; {entry.requirement}"
            hint = f"allowed from {trial.end}" if trial.end else later
            yield Finding(entry.roster.at(entry.model, key or "name"), message, hint)


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
        note = f"known environments: {list_names(declared)}"
        yield Finding(Place(roster.path, span=FILE_START), message, did_you_mean(roster.environment, declared), note)


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
    severity=Severity.WARNING,
    summary="Policy that allows a release state for defaults, but not for models.",
    reason="No model can have this release state here, so the policy says something else than was intended.",
    remedy="Add the release state to release_states, or remove it from default_release_states.",
    bad={
        "production": _CLAUDE,
        ENVIRONMENTS: _PRODUCTION.replace("[GA]\n  ret", "[BETA, GA]\n  ret"),
    },
    good={"production": _CLAUDE, ENVIRONMENTS: _PRODUCTION.replace("[", "[BETA, ")},
    ignorable=False,
)
def contradictory_policy(_: RepositoryView, context: Context) -> Iterator[Finding]:
    for index, policy in enumerate(context.registries.environments.values()):
        for position, state in enumerate(policy.default_release_states):
            if state not in policy.release_states:
                message = f"{policy.name} allows {state} for defaults, but not for models"
                hint = "add it to release_states, or remove it here"
                yield Finding(Place(ENVIRONMENTS, (index, "default_release_states", position)), message, hint)


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


def _entries(change: ChangeView, context: Context) -> "Iterator[Entry]":
    from roster.rules.base.promotion_path import enforced_policies, entries  # only changes need it

    path = enforced_policies(change.policies, context.registries.environments)
    return entries(change.before, change.after, path, context.registries, change.today)
