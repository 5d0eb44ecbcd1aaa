"""``litellm.yaml``: a configuration for LiteLLM's proxy (https://docs.litellm.ai/docs/proxy/configs).

A model's id is its ``model_name``, and each feature is an alias of its default. Mapping of a roster's keys:

- ``identifier`` is ``model``, unchanged: rosters use LiteLLM's provider prefixes (``bedrock/``, ``vertex_ai/``,
  ``fireworks_ai/``, and ``openai/`` for every server with OpenAI's API).
- ``endpoint`` is ``api_base``.
- ``api-key`` is ``api_key``, as ``os.environ/NAME``: LiteLLM resolves it at start, and the file contains no key.
- Vertex has no API keys. The variable contains a service account's credentials, as JSON or as the path of a file, so it
  becomes ``vertex_credentials``; the project is that of the account, and the region is in the endpoint's host. LiteLLM
  appends the endpoint's ``/v1`` itself, and needs ``litellm[google]`` for Vertex.

LiteLLM starts only with an API key for its callers: LITELLM_MASTER_KEY in its environment.
"""

import json
import re
from collections.abc import Iterator
from datetime import date

from roster.naming import printable
from roster.publishing.sequence import Publication
from roster.roster import Model, Roster

_VERTEX = "vertex_ai/"
_VERTEX_REGION = re.compile(r"https://([a-z0-9-]+)-aiplatform\.googleapis\.com(?=/|$)")


def render(roster: Roster, on: date, publication: Publication, *_: object) -> bytes:
    """Render the configuration as YAML, with all values quoted, so that YAML 1.1 and 1.2 read them alike."""
    offered = {model.id: model for model in roster if model.offered_features(on)}
    # A model whose id is the name of a feature takes precedence over the alias.
    aliases = {feature: id_ for feature, id_ in roster.default_ids(on).items() if feature not in offered}
    lines = [
        f"# Rendered from the roster of {roster.environment}: change that instead.",
        f"# Revision {publication.revision}, sequence {publication.sequence}.",
        "model_list:",
        *(line for model in offered.values() for line in _deployment(model)),
        *(["router_settings:", "  model_group_alias:"] if aliases else ()),
        *(f"    {_quoted(feature)}: {_quoted(id_)}" for feature, id_ in aliases.items()),
    ]
    return "".join(f"{line}\n" for line in lines).encode()


def _deployment(model: Model) -> Iterator[str]:
    yield f"  - model_name: {_quoted(model.id)}"
    yield "    litellm_params:"
    yield from (f"      {key}: {_quoted(value)}" for key, value in _parameters(model).items())


def _parameters(model: Model) -> dict[str, str]:
    identifier, endpoint = model.identifier or "", model.endpoint or ""  # rosters without errors have both
    reference = f"os.environ/{model.api_key}"
    if not identifier.startswith(_VERTEX):
        return {"model": identifier, "api_base": endpoint, "api_key": reference}
    region = _VERTEX_REGION.match(endpoint)
    parameters = {"model": identifier, "api_base": endpoint.removesuffix("/v1"), "vertex_credentials": reference}
    return parameters | ({"vertex_location": region[1]} if region else {})


def _quoted(text: str) -> str:
    """Return a string in double quotes: YAML supports JSON's escapes, and Python's for unprintable characters."""
    return printable(json.dumps(text, ensure_ascii=False))
