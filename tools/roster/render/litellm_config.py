"""``litellm.yaml``: a configuration for LiteLLM's proxy (https://docs.litellm.ai/docs/proxy/configs).

A model's id is its ``model_name``. Each feature is an alias of its default, and the id of each retired model one of the
offered model that replaces it. Mapping of a roster's keys:

- ``identifier`` is ``model``, unchanged: rosters use LiteLLM's provider prefixes (``bedrock/``, ``vertex_ai/``,
  ``fireworks_ai/``, and ``openai/`` for every server with OpenAI's API).
- ``endpoint`` is ``api_base``.
- ``api-key`` is ``api_key``, as ``os.environ/NAME``: LiteLLM resolves it at start, and the file contains no key.
- Vertex has no API keys. The variable contains a service account's credentials, as JSON or as the path of a file, so it
  becomes ``vertex_credentials``; the project is that of the account. LiteLLM appends the endpoint's ``/v1`` itself, and
  needs ``litellm[google]`` for Vertex.
- The region in the endpoint's host is ``vertex_location`` or ``aws_region_name``, which LiteLLM would otherwise guess.
- ``retirement.last_day`` is ``model_info.deprecation_date``, from the notice on, if the whole model retires.

LiteLLM starts only with an API key for its callers: LITELLM_MASTER_KEY in its environment.
"""

import json
from collections.abc import Container, Iterator
from datetime import date

from roster.naming import printable
from roster.publishing.sequence import Publication
from roster.render.cloud_regions import aws_region, vertex_region
from roster.render.definitions_json import model_deprecation, tombstones
from roster.roster import Model, Roster

_VERTEX, _AWS = "vertex_ai/", ("bedrock/", "sagemaker/")


def render(roster: Roster, on: date, publication: Publication, *_: object) -> bytes:
    """Render the configuration as YAML, with all values quoted, so that YAML 1.1 and 1.2 read them alike."""
    offered = {model.id: model for model in roster if model.offered_features(on)}
    # A model whose id is the name of a feature takes precedence over the alias.
    aliases = _replacements(roster, on, offered) | roster.default_ids(on)
    aliases = {name: id_ for name, id_ in aliases.items() if name not in offered}
    lines = [
        f"# Rendered from the roster of {roster.environment}: change that instead.",
        f"# Revision {publication.revision}, sequence {publication.sequence}.",
        "model_list:",
        *(line for model in offered.values() for line in _deployment(model, on)),
        *(["router_settings:", "  model_group_alias:"] if aliases else ()),
        *(f"    {_quoted(name)}: {_quoted(id_)}" for name, id_ in sorted(aliases.items())),
    ]
    return "".join(f"{line}\n" for line in lines).encode()


def _replacements(roster: Roster, on: date, offered: Container[str]) -> dict[str, str]:
    """Return the offered model that replaces each retired one, directly or through other retired models."""
    retired: dict[str, str | None] = {each["id"]: each["replacement"] for each in tombstones(roster, on)}
    replacements = {}
    for id_ in retired:
        successor, passed = retired[id_], {id_}
        while successor not in offered and successor in retired and successor not in passed:
            passed.add(successor)
            successor = retired[successor]
        if successor in offered:
            replacements[id_] = str(successor)
    return replacements


def _deployment(model: Model, on: date) -> Iterator[str]:
    yield f"  - model_name: {_quoted(model.id)}"
    yield "    litellm_params:"
    yield from (f"      {key}: {_quoted(value)}" for key, value in _parameters(model).items())
    if (deprecation := model_deprecation(model, on)) and (last_day := deprecation["removal_version"]):
        yield "    model_info:"
        yield f"      deprecation_date: {_quoted(last_day)}"


def _parameters(model: Model) -> dict[str, str]:
    identifier, endpoint = model.identifier or "", model.endpoint or ""  # rosters without errors have both
    reference = f"os.environ/{model.api_key}"
    if identifier.startswith(_VERTEX):
        parameters = {"model": identifier, "api_base": endpoint.removesuffix("/v1"), "vertex_credentials": reference}
        region = {"vertex_location": vertex_region(endpoint)}
    else:
        parameters = {"model": identifier, "api_base": endpoint, "api_key": reference}
        region = {"aws_region_name": aws_region(endpoint) if identifier.startswith(_AWS) else ""}
    return parameters | {key: value for key, value in region.items() if value}


def _quoted(text: str) -> str:
    """Return a string in double quotes: YAML supports JSON's escapes, and Python's for unprintable characters."""
    return printable(json.dumps(text, ensure_ascii=False))
