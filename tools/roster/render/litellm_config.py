"""``litellm.yaml``: a configuration for LiteLLM's proxy (https://docs.litellm.ai/docs/proxy/configs).

A model's id is its ``model_name``. Each feature is an alias of its default; if it has several, they are deployments of
the feature's name, whose weights are their shares. ``aliases`` are aliases, and so is the id of each retired model, of
the offered model that replaces it. Mapping of a roster's other keys:

- ``identifier`` is ``model``, unchanged: rosters use LiteLLM's provider prefixes (``bedrock/``, ``vertex_ai/``,
  ``fireworks_ai/``, and ``openai/`` for every server with OpenAI's API).
- ``endpoint`` is ``api_base``.
- ``api-key`` is ``api_key``, as ``os.environ/NAME``: LiteLLM resolves it at start, and the file contains no key. Models
  with ambient credentials have none: LiteLLM then finds those of AWS or Google Cloud as their clients do.
- Vertex has no API keys. The variable contains a service account's credentials, as JSON or as the path of a file, so it
  becomes ``vertex_credentials``; the project is that of the account. LiteLLM appends the endpoint's ``/v1`` itself, and
  needs ``litellm[google]`` for Vertex.
- The region in the endpoint's host is ``vertex_location`` or ``aws_region_name``, which LiteLLM would otherwise guess.
- ``retirement.last_day`` is ``model_info.deprecation_date``, from the notice on, if the whole model retires. If the
  provider's end is known, fixed and earlier, or the only date, it is that: LiteLLM warns its admins of this date.
- ``gateway.litellm_params`` and ``gateway.model_info``, which an import from LiteLLM has, are there as well, and
  ``gateway.model_group_alias``, names that are no valid ids, such as gpt-4.1, are aliases. A model with the name of
  another one in ``gateway.model_name`` is also a deployment of that name, so that LiteLLM balances the load. A feature
  whose default is that other one has a deployment of its own, because an alias would lead to both.
- ``context_window`` is ``model_info.max_input_tokens``, as in LiteLLM's own price list; ``max_output_tokens`` and some
  ``capabilities`` are there, too. ``max_tokens`` is not, because LiteLLM reads it only if these are missing.

LiteLLM starts only with an API key for its callers: LITELLM_MASTER_KEY in its environment.
"""

from collections.abc import Container, Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from roster.model import Model
from roster.providers import AMBIENT
from roster.publishing.sequence import Publication
from roster.registries import Registries
from roster.render.cloud_regions import aws_region, vertex_region
from roster.render.deprecations import announced_last_day
from roster.render.unoffered_ids import UnofferedIds
from roster.roster import Roster
from roster.yaml.block_writer import BlockFormat, block_lines, double_quoted

REFERENCE_PREFIX = "os.environ/"
"""What LiteLLM's proxy replaces with the value of the variable whose name follows."""
MODEL_GROUP_ALIAS, MODEL_NAME = "model_group_alias", "model_name"
"""The keys of ``gateway`` with names of a model that are no valid ids, and with the name of another that it shares."""
_VERTEX, _AWS = "vertex_ai/", ("bedrock/", "sagemaker/")
CAPABILITY_KEYS = {
    "supports_function_calling": "tools",
    "supports_parallel_function_calling": "parallel_tools",
    "supports_vision": "vision",
    "supports_pdf_input": "pdf",
    "supports_audio_input": "audio",
    "supports_reasoning": "reasoning",
    "supports_native_streaming": "streaming",
    "supports_response_schema": "structured_output",
    "supports_prompt_caching": "prompt_caching",
    "supports_system_messages": "system_messages",
    "supports_assistant_prefill": "assistant_prefill",
    "supports_computer_use": "computer_use",
    "supports_web_search": "web_search",
}
"""LiteLLM's keys for capabilities; it has none for the others."""


def render(roster: Roster, on: date, publication: Publication, registries: Registries | None = None) -> bytes:
    """Render the configuration as YAML, with all values quoted, so that YAML 1.1 and 1.2 read them alike."""
    offered = {model.id: model for model in roster if model.offered_features(on)}
    # A name means the model with this id, or else the feature, or else the model with this earlier id; ambiguous-id
    # reports a name that could mean two of them.
    superseded = _superseded_ids(roster, on, offered)
    names = _imported_names(roster, superseded, offered) | superseded
    groups = _shared_names(offered, names)
    shares = {feature: roster.default_shares(feature, on) for feature in sorted(roster.defaults)}
    # an alias of a default with a shared name would lead to all models that share it
    shares = {name: each for name, each in shares.items() if len(each) > 1 or each.keys() & {*groups.values()}}
    shares = {name: each for name, each in shares.items() if name not in offered}
    aliases = names | roster.default_ids(on)
    aliases = {name: id_ for name, id_ in aliases.items() if name not in offered and name not in shares}
    dates = {id_: _deprecation_date(model, on, registries) for id_, model in offered.items()}
    lines = [
        f"# Rendered from the roster of {roster.environment}: change that instead.",
        f"# Revision {publication.revision}, sequence {publication.sequence}.",
        "model_list:",
        *(line for model in offered.values() for line in _deployment(model, model.id, {}, dates[model.id])),
        *(
            line
            for feature, each in shares.items()
            for id_, share in each.items()
            for line in _deployment(offered[id_], feature, {"weight": share}, dates[id_])
        ),
        *(line for id_, name in groups.items() for line in _deployment(offered[id_], name, {}, dates[id_])),
        *(["router_settings:", "  model_group_alias:"] if aliases else ()),
        *(f"    {double_quoted(name)}: {double_quoted(id_)}" for name, id_ in sorted(aliases.items())),
    ]
    return "".join(f"{line}\n" for line in lines).encode()


def _superseded_ids(roster: Roster, on: date, offered: Container[str]) -> dict[str, str]:
    """Return the offered model for each id that leads to one: earlier ids, and those of retired models."""
    keys = UnofferedIds(roster, on).keys
    successors: dict[str, str] = dict(keys.get("aliases", {}))
    for tombstone in keys["retired"]:
        successors.setdefault(tombstone["id"], tombstone["replacement"])
    current = {id_: _successor(id_, successors, offered) for id_ in successors}
    return {id_: successor for id_, successor in current.items() if successor}


def _imported_names(roster: Roster, superseded: Mapping[str, str], offered: Container[str]) -> dict[str, str]:
    """Return the offered model for each name in ``gateway.model_group_alias``."""
    names: dict[str, str] = {}
    for model in roster:
        id_ = model.id if model.id in offered else superseded.get(model.id)
        values = model.gateway.get(MODEL_GROUP_ALIAS)
        for name in values if isinstance(values, list) else ():
            if id_ and isinstance(name, str) and name:
                names.setdefault(name, id_)
    return names


def _shared_names(offered: Mapping[str, Model], aliases: Mapping[str, str]) -> dict[str, str]:
    """Return the id of the model whose name a model shares, by its own id: requests for that name go to both."""
    names = {name: id_ for name, id_ in aliases.items() if name in _names(offered[id_])} | {id_: id_ for id_ in offered}
    owners = {id_: names.get(str(model.gateway.get(MODEL_NAME)), id_) for id_, model in offered.items()}
    return {id_: owner for id_, owner in owners.items() if owner != id_}


def _names(model: Model) -> Container[str]:
    """Return the names of a model that are no ids, and its earlier ids."""
    names = model.gateway.get(MODEL_GROUP_ALIAS)
    return (*model.aliases, *(names if isinstance(names, list) else ()))


def _successor(id_: str, successors: Mapping[str, str], offered: Container[str]) -> str | None:
    """Return the first offered model that an id leads to, directly or through others."""
    passed, successor = {id_}, successors[id_]
    while successor not in offered and successor in successors and successor not in passed:
        passed.add(successor)
        successor = successors[successor]
    return successor if successor in offered else None


def _deprecation_date(model: Model, on: date, registries: Registries | None) -> date | None:
    """Return the day that LiteLLM warns about: the announced last day or the provider's end, whichever is earlier."""
    facts = registries.facts_of(model) if registries else None
    end = facts.ends if facts and not facts.ends_earliest else None
    return min(filter(None, (announced_last_day(model, on), end)), default=None)


def _deployment(model: Model, name: str, more: Mapping[str, Any], deprecation_date: date | None) -> Iterator[str]:
    """Yield the lines of a model's deployment under a name, with more parameters than the usual ones."""
    yield f"  - model_name: {double_quoted(name)}"
    yield "    litellm_params:"
    yield from _pairs(deployment_parameters(model, more))
    if information := _information(model, deprecation_date):
        yield "    model_info:"
        yield from _pairs(information)


def deployment_parameters(model: Model, more: Mapping[str, Any] = MappingProxyType({})) -> dict[str, Any]:
    """Return what LiteLLM needs to reach a model, with more parameters than the usual ones."""
    return _with_imported({**_parameters(model), **more}, model, "litellm_params")


def _information(model: Model, deprecation_date: date | None) -> dict[str, Any]:
    values = {
        "max_input_tokens": model.context_window,
        "max_output_tokens": model.max_output_tokens,
        "deprecation_date": deprecation_date and str(deprecation_date),
    }
    supported = {key: True for key, capability in CAPABILITY_KEYS.items() if capability in model.capabilities}
    own = {key: value for key, value in values.items() if value} | supported
    return _with_imported(own, model, "model_info")


def _with_imported(own: dict[str, Any], model: Model, key: str) -> dict[str, Any]:
    """Return values with those below a key of ``gateway`` that they lack."""
    values = model.gateway.get(key)
    return own | {name: values[name] for name in values if name not in own} if isinstance(values, dict) else own


def _pairs(values: Mapping[str, Any]) -> Iterator[str]:
    return (f"      {line}" for line in block_lines(dict(values), BlockFormat()))


def _parameters(model: Model) -> dict[str, str]:
    identifier, endpoint = model.identifier or "", model.endpoint or ""  # rosters without errors have both
    reference = "" if model.api_key == AMBIENT else f"{REFERENCE_PREFIX}{model.api_key}"
    parameters = {"model": identifier, "api_base": endpoint}
    if identifier.startswith(_VERTEX):
        parameters["api_base"] = endpoint.removesuffix("/v1")
        parameters |= {"vertex_credentials": reference, "vertex_location": vertex_region(endpoint)}
    else:
        region = aws_region(endpoint) if identifier.startswith(_AWS) else ""
        parameters |= {"api_key": reference, "aws_region_name": region}
    return {key: value for key, value in parameters.items() if value}
