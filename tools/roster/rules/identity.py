"""Rules on identity: what makes a model one of its kind."""

from collections.abc import Callable, Hashable, Iterator

from roster.findings import Finding, Replace, Severity
from roster.naming import quote
from roster.roster import API_NAME_PREFIX, Model, Roster
from roster.rules.rule import Context, roster_rule


@roster_rule(
    severity=Severity.ERROR,
    summary="Two models have the same id.",
    reason="Stored choices of customers hold the id: the second model would take the first one's place unnoticed.",
    remedy='Rename one of the models, or pin another id with "id:".',
    bad="- name: Claude 3.7\n- name: Claude 3-7\n",
    good="- name: Claude 3.7\n- name: Claude 3-7\n  id: claude_3_7_preview\n",
    ignorable=False,
)
def duplicate_id(roster: Roster, _: Context) -> Iterator[Finding]:
    for first, model in _repeated(roster, lambda model: model.id):
        if model.name != first.name:  # one name twice is duplicate-name's to tell
            place = roster.at(model, "id" if model.id_is_pinned else "name")
            message = f"the id {quote(model.id)} is already that of {quote(first.name)}"
            yield Finding(
                place,
                message,
                "rename one of the two, or pin another id" if not model.id_is_pinned else "pin another id",
            )


@roster_rule(
    severity=Severity.ERROR,
    summary="Two models have the same name.",
    reason="Admins choose by name and could not tell the two apart.",
    remedy="Give each model a name of its own, or remove the one pasted twice.",
    bad="- name: Claude\n- name: Claude\n",
    good="- name: Claude on Bedrock\n- name: Claude on Vertex\n",
    ignorable=False,
)
def duplicate_name(roster: Roster, _: Context) -> Iterator[Finding]:
    for _first, model in _repeated(roster, lambda model: model.name):
        yield Finding(
            roster.at(model, "name"), f"another model is called {quote(model.name)} already", "rename one of the two"
        )


@roster_rule(
    severity=Severity.WARNING,
    summary="Two models have the same identifier and endpoint.",
    reason="Both names lead to one deployment: one of them probably kept what it was copied from.",
    remedy="Give each model its own identifier or endpoint, or offer the deployment once.",
    bad=(
        "- name: Claude\n  identifier: bedrock/claude-1\n  endpoint: https://example-models.com/v1\n"
        "- name: Gemini\n  identifier: bedrock/claude-1\n  endpoint: https://example-models.com/v1\n"
    ),
    good=(
        "- name: Claude\n  identifier: bedrock/claude-1\n  endpoint: https://example-models.com/v1\n"
        "- name: Gemini\n  identifier: vertex_ai/gemini-1\n  endpoint: https://example-models.com/v1\n"
    ),
)
def duplicate_deployment(roster: Roster, _: Context) -> Iterator[Finding]:
    def deployment(model: Model) -> tuple[str, str] | None:
        return (model.identifier, model.endpoint) if model.identifier and model.endpoint else None

    for first, model in _repeated(roster, deployment):
        if first.id != model.id:  # a model pasted twice has one cause
            message = f"{quote(first.name)} already has this identifier at this endpoint"
            yield Finding(roster.at(model, "identifier"), message, "was it copied from there?")


@roster_rule(
    severity=Severity.ERROR,
    summary="A name leaves no id.",
    reason="An id is made of the name's letters a to z and its digits; without any, nobody could refer to the model.",
    remedy='Pin an id with "id:".',
    bad="- name: 通义千问\n",
    good="- name: 通义千问\n  id: qwen\n",
    ignorable=False,
)
def empty_id(roster: Roster, _: Context) -> Iterator[Finding]:
    for model in roster:
        if not model.id and model.name and not model.id_is_pinned:
            message = f"no id can be made of the name {quote(model.name)}: it has no letter a to z and no digit"
            yield Finding(roster.at(model, "name"), message, 'pin an id with "id:"')


@roster_rule(
    severity=Severity.WARNING,
    summary='A name starts with the "GitLab: " that the API puts before it anyway.',
    reason='Admins would read "GitLab: GitLab: …", and the id would start with gitlab_.',
    remedy="Take the prefix out of the name, or give the whole name in display_name.",
    bad='- name: "GitLab: Claude"\n',
    good="- name: Claude\n",
)
def redundant_name_prefix(roster: Roster, _: Context) -> Iterator[Finding]:
    prefix = API_NAME_PREFIX.strip().lower()
    for model in roster:
        if model.name and not model.display_name and model.name.lower().startswith(prefix):
            shown = f"the API would show {quote(model.api_name)}"
            place, short = roster.at(model, "name"), model.name[len(prefix) :].strip()
            # without a pin, another name makes another id, and customers' stored choices hold the old one
            fix = (Replace(place, short),) if model.id_is_pinned and short else ()
            yield Finding(place, shown, f"remove {quote(model.name[: len(prefix)])} here", "", fix)


def _repeated(roster: Roster, key: Callable[[Model], Hashable]) -> Iterator[tuple[Model, Model]]:
    """Yield each model whose key an earlier model has, after the first of those; empty keys do not count."""
    first_with: dict[Hashable, Model] = {}
    for model in roster:
        first = first_with.setdefault(key(model), model)
        if first is not model and key(model):
            yield first, model
