"""Rules on identity: unique ids, names and deployments."""

from collections.abc import Callable, Hashable, Iterator

from roster.findings import Finding, Replace, Severity
from roster.model import API_NAME_PREFIX, Model
from roster.naming import quote
from roster.roster import Roster
from roster.rules.base.rule import Context, roster_rule
from roster.rules.credentials import is_mismatched, reference, variable_id

_MAX_ID = 120
"""In characters, as in the JSON Schemas of rosters and artifacts."""
_DEPLOYMENT = "  identifier: bedrock/claude-1\n  endpoint: https://example-models.com/v1\n"


@roster_rule(
    summary="Duplicate model id.",
    reason="Selections store the id, so the second model would silently replace the first.",
    remedy='Rename one of the models, or pin a different id with "id:".',
    bad="- name: Claude 3.7\n- name: Claude 3-7\n",
    good="- name: Claude 3.7\n- name: Claude 3-7\n  id: claude_3_7_preview\n",
    ignorable=False,
)
def duplicate_id(roster: Roster, _: Context) -> Iterator[Finding]:
    for first, model in _repeated(roster, lambda model: model.id):
        if _names(model) != _names(first):  # duplicate-name reports a repeated name
            first, model = _older_first(first, model)
            place = roster.at(model, "id" if model.id_is_pinned else "name")
            message = f"the id {quote(model.id)} is already used by {quote(first.name)}"
            hint = "pin another id" if model.id_is_pinned else "rename the newer of the two, or pin another id for it"
            yield Finding(place, message, hint, first=roster.at(first, "id" if first.id_is_pinned else "name"))


@roster_rule(
    summary="Ids that differ only in hyphens and underscores.",
    reason="Both models would have the same API key variable, and people confuse the two.",
    remedy='Rename one of the models, or pin a different id with "id:".',
    bad="- name: Claude 3\n  id: claude-3\n- name: Claude III\n  id: claude_3\n",
    good="- name: Claude 3\n  id: claude-3\n- name: Claude III\n  id: claude_iii\n",
)
def confusable_id(roster: Roster, _: Context) -> Iterator[Finding]:
    if not any("-" in model.id for model in roster):
        return
    for first, model in _repeated(roster, lambda model: variable_id(model.id)):
        if model.id != first.id:  # duplicate-id reports a repeated id
            place = roster.at(model, "id" if model.id_is_pinned else "name")
            message = f"the id {quote(model.id)} differs only in hyphens from that of {quote(first.name)}"
            hint = f"pin another id: both would have the key variable {reference(model.id)}"
            yield Finding(place, message, hint, first=roster.at(first, "id" if first.id_is_pinned else "name"))


@roster_rule(
    severity=Severity.WARNING,
    summary="Id or alias that is also the name of a feature.",
    reason="In a LiteLLM configuration, the name would mean either the model or the default of the feature, not both.",
    remedy="Pin another id before customers use this one, or remove the alias once nobody uses it.",
    bad="- name: Duo Chat\n  features: [duo_chat]\n  default_for: [duo_chat]\n",
    good="- name: Claude for Chat\n  features: [duo_chat]\n  default_for: [duo_chat]\n",
)
def ambiguous_id(roster: Roster, context: Context) -> Iterator[Finding]:
    registered = context.registries.features
    for model in roster:
        if model.id in registered:
            place = roster.at(model, "id" if model.id_is_pinned else "name")
            hint = "pin another id, unless customers already use this one"
            yield Finding(place, f"the id {quote(model.id)} is also the name of a feature", hint)
        for index, alias in enumerate(model.aliases):
            if alias in registered:
                place, hint = roster.at(model, "aliases", index), "remove it, unless customers still use it"
                yield Finding(place, f"the alias {quote(alias)} is also the name of a feature", hint)


@roster_rule(
    summary="Duplicate model name.",
    reason="Admins select models by name and provider, and could not tell the two apart.",
    remedy="Give each model its own name or its own provider, or remove the duplicate.",
    bad="- name: Claude\n- name: Claude\n",
    good="- name: Claude on Bedrock\n- name: Claude on Vertex\n",
    ignorable=False,
)
def duplicate_name(roster: Roster, _: Context) -> Iterator[Finding]:
    for pair in _repeated(roster, _names):
        first, model = _older_first(*pair)
        message = f"another model is already named {quote(model.name)}"
        hint = "rename the newer of the two" + (", or correct its provider" if model.provider else "")
        yield Finding(roster.at(model, "name"), message, hint, first=roster.at(first, "name"))


@roster_rule(
    severity=Severity.WARNING,
    summary="Duplicate name as shown to admins.",
    reason="Admins select models by display name and provider, and could not tell the two apart.",
    remedy="Give each model its own display name, or its own provider.",
    bad="- name: Claude 3\n  display_name: Claude\n- name: Claude 4\n  display_name: Claude\n",
    good="- name: Claude 3\n  display_name: Claude 3\n- name: Claude 4\n  display_name: Claude 4\n",
)
def duplicate_display_name(roster: Roster, _: Context) -> Iterator[Finding]:
    for first, model in _repeated(roster, lambda model: model.name and model.complete_name):
        if model.name != first.name and model.id != first.id:  # duplicate-name or duplicate-id reports it
            place = roster.at(model, _shown_key(model))
            message = f"admins see {quote(model.complete_name)}, as for {quote(first.name)}"
            hint = "change the display name of one of the two"
            yield Finding(place, message, hint, first=roster.at(first, _shown_key(first)))


@roster_rule(
    severity=Severity.WARNING,
    summary="Duplicate identifier and endpoint.",
    reason="Both models use the same deployment. Probably, one is an incomplete edit of a copy of the other.",
    remedy="Give each model its own identifier or endpoint, or offer the deployment only once.",
    bad=f"- name: Claude\n{_DEPLOYMENT}- name: Gemini\n{_DEPLOYMENT}",
    good=f"- name: Claude\n{_DEPLOYMENT}- name: Gemini\n{_DEPLOYMENT.replace('bedrock/claude', 'vertex_ai/gemini')}",
)
def duplicate_deployment(roster: Roster, _: Context) -> Iterator[Finding]:
    for first, model in _repeated(roster, lambda model: (model.identifier, model.endpoint)):
        # duplicate-id reports a model that was pasted twice
        if model.identifier and model.endpoint and first.id != model.id:
            message = f"{quote(first.name)} already has this identifier and endpoint"
            hint, place = "change one of them, if it was copied by mistake", roster.at(model, "identifier")
            yield Finding(place, message, hint, first=roster.at(first, "identifier"))


@roster_rule(
    summary="Name that yields no id.",
    reason="The id is derived from the letters a to z and the digits of the name; this name has none.",
    remedy='Pin an id with "id:".',
    bad="- name: 通义千问\n",
    good="- name: 通义千问\n  id: qwen\n",
    ignorable=False,
)
def empty_id(roster: Roster, _: Context) -> Iterator[Finding]:
    for model in roster:
        if not model.id and model.name and not model.id_is_pinned:
            message = f"no id can be derived from {quote(model.name)}: it has no letter a to z and no digit"
            yield Finding(roster.at(model, "name"), message, 'pin an id with "id:"')
        elif len(model.id) > _MAX_ID:  # compatibility characters can become several letters
            message = f"the derived id is {len(model.id)} characters long; at most {_MAX_ID} are allowed"
            yield Finding(roster.at(model, "name"), message, 'pin an id with "id:"')


@roster_rule(
    severity=Severity.WARNING,
    summary='Name that starts with "GitLab: ", which the API adds anyway.',
    reason='Admins would read "GitLab: GitLab: …", and the id would start with gitlab_.',
    remedy="Remove the prefix from the name. If customers already use the model, pin its id first.",
    bad='- name: "GitLab: Claude"\n',
    good="- name: Claude\n",
)
def redundant_name_prefix(roster: Roster, _: Context) -> Iterator[Finding]:
    prefix = API_NAME_PREFIX.strip().lower()
    for model in roster:
        if model.name and not model.display_name and model.name.lower().startswith(prefix):
            message = f"the API would show {quote(model.api_name)}"
            place, short = roster.at(model, "name"), model.name[len(prefix) :].strip()
            # without a pinned id, the new name changes the id that customers' selections store
            fix = (Replace(place, short),) if model.id_is_pinned and short else ()
            hint = f"remove {quote(model.name[: len(prefix)])} here"
            if not model.id_is_pinned:
                hint += f"; if the model is already offered, keep its id with {quote(f'id: {model.id}')}"
            yield Finding(place, message, hint, "", fix)


def _names(model: Model) -> tuple[str, str] | None:
    """Return a model's name, and the one that admins see; None without a name."""
    return (model.name, model.complete_name) if model.name else None


def _shown_key(model: Model) -> str:
    return "display_name" if model.display_name else "name"


def _older_first(first: Model, second: Model) -> tuple[Model, Model]:
    """Return two models with the same id so that the second is the one that probably got a wrong name."""
    return (second, first) if is_mismatched(first) and not is_mismatched(second) else (first, second)


def _repeated(roster: Roster, key: Callable[[Model], Hashable]) -> Iterator[tuple[Model, Model]]:
    """Yield the first model with a key and each later one that repeats it; ignore empty keys."""
    first_with: dict[Hashable, Model] = {}
    for model in roster:
        value = key(model)
        first = first_with.setdefault(value, model)
        if first is not model and value:
            yield first, model
