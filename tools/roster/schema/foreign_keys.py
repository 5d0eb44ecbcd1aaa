"""Keys of other programs' files: which program they are from, and what a roster has instead.

Sources: the classes of ``ai_gateway/model_selection/`` in the AI gateway, LiteLLM's documentation of the proxy
configuration (docs.litellm.ai/docs/proxy/configs) and of its price file, and the README of models.dev.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache, lru_cache
from typing import NamedTuple

from roster.naming import closest_name

_SEPARATORS = re.compile("[-_ ]")


class ForeignFormat(NamedTuple):
    """A format of another program.

    Attributes:
        title: the name of such files in a message.
        importer: the name of the format in roster import; empty if it reads no such files.
        files: the arguments after it.
        renamed: our names of its keys; of several, the first one that fits the place.
        written: what to write instead of a key, with an example.
        gateway: keys that belong below ``gateway``, which passes them through.
        elsewhere: keys for which a model has none, and what to do.
        contains: the keys of a model whose values are below a key.
    """

    title: str
    importer: str = ""
    files: str = "FILE"
    renamed: Mapping[str, tuple[str, ...]] = {}
    written: Mapping[str, str] = {}
    gateway: frozenset[str] = frozenset()
    elsewhere: Mapping[str, str] = {}
    contains: Mapping[str, tuple[str, ...]] = {}

    @property
    def import_hint(self) -> str:
        """How to convert a file, for a hint; empty if no command does."""
        return f"run roster import {self.importer} {self.files}, which converts it" if self.importer else ""


_FEATURES_HINT = "list the features of each model in its features"
_DEFAULT_HINT = 'write the feature in "default_for" of the model'
_RETIREMENT = "retirement: {notice: 2026-08-05, last_day: 2026-12-01}"
_REGISTRY_HINT = "write it in schemas/features.yaml"
_IDENTIFIER_HINT = 'write it as the prefix of "identifier", such as vertex_ai/'
_ENDPOINT_HINT = 'write the region in "endpoint", as the provider does'
_MODELS_YML_SETTINGS = frozenset((
    "prompt_params", "model_class_provider", "proxy_provider", "supports_assistant_prefill", "strip_reasoning",
    "requires_single_system_message", "use_model_max_tokens", "restricted_to_flows", "requires_paid_credits", "tags",
    "temperature", "top_p", "top_k", "max_retries", "thinking_level", "streaming", "completion_type", "fim_format",
    "extra_headers", "default_headers", "reasoning_effort", "verbosity",
))  # fmt: skip
_LITELLM_SETTINGS = frozenset((
    "api_version", "rpm", "tpm", "timeout", "stream_timeout", "max_parallel_requests", "drop_params",
    "additional_drop_params", "tpm_limit", "rpm_limit", "litellm_credential_name", "vertex_project", "order",
))  # fmt: skip

MODELS_YML = ForeignFormat(
    "the AI gateway's models.yml",
    "gitlab-gateway",
    "MODELS UNIT_PRIMITIVES",
    renamed={
        "gitlab_identifier": ("id",),
        "max_context_tokens": ("context_window",),
        "model": ("identifier",),
        "provider_identifier": ("identifier",),
        "deprecation": ("retirement",),
        "deprecation_date": ("notice", "retirement"),
        "removal_version": ("last_day", "retirement"),
    },
    gateway=_MODELS_YML_SETTINGS,
    written={"supports_vision": "capabilities: [vision]"},
    elsewhere={
        "params": 'write its model as "identifier", and its other keys below "gateway"',
        "max_tokens": 'write the limit of the model as "max_output_tokens", or that of a request below "gateway"',
        "custom_llm_provider": _IDENTIFIER_HINT,
        "vertex_location": _ENDPOINT_HINT,
    },
    contains={"params": ("identifier", "endpoint", "api-key")},
)
UNIT_PRIMITIVES_YML = ForeignFormat(
    "the AI gateway's unit_primitives.yml",
    MODELS_YML.importer,
    MODELS_YML.files,
    renamed={"feature_setting": ("setting", "features")},
    written={
        "default_model": "default_for: [duo_chat]",
        "default_models": "default_for: {duo_chat: 100}",
        "deprecated_models": _RETIREMENT,
        "beta_models": "release_state: BETA",
        "dev": "release_state: EXPERIMENT",
    },
    elsewhere={
        "unit_primitives": _REGISTRY_HINT,
        "configurable_unit_primitives": _REGISTRY_HINT,
        "selectable_models": _FEATURES_HINT,
        "models_for_tags": _DEFAULT_HINT,
        "models_for_size_preference": _DEFAULT_HINT,
    },
)
LITELLM = ForeignFormat(
    "a LiteLLM proxy configuration",
    "litellm",
    renamed={
        "model_name": ("name",),
        "api_base": ("endpoint",),
        "base_url": ("endpoint",),
        "api_key": ("api-key",),
        "model_group_alias": ("aliases",),
    },
    written={"weight": "default_for: {duo_chat: 80}"},
    gateway=_LITELLM_SETTINGS,
    elsewhere={
        "litellm_params": 'write its model as "identifier", its api_base as "endpoint", and its api_key as "api-key"',
        "model_info": 'write its limits as "context_window" and "max_output_tokens"',
        "model_list": "write its models as the items of the list",
        "litellm_settings": "keep it in LiteLLM's configuration",
        "general_settings": "keep it in LiteLLM's configuration",
        "router_settings": "keep it in LiteLLM's configuration",
        "environment_variables": "keep it in LiteLLM's configuration",
        "vertex_credentials": "keep credentials out of the roster: the gateway reads them from its environment",
        "aws_access_key_id": "keep credentials out of the roster: the gateway reads them from its environment",
        "aws_secret_access_key": "keep credentials out of the roster: the gateway reads them from its environment",
        "aws_region_name": _ENDPOINT_HINT,
    },
    contains={"litellm_params": ("identifier", "endpoint", "api-key")},
)
LITELLM_PRICES = ForeignFormat(
    "LiteLLM's model_prices_and_context_window.json",
    renamed={"max_input_tokens": ("context_window",)},
    written={
        "input_cost_per_token": "cost_indicator: $$",
        "output_cost_per_token": "cost_indicator: $$",
        "supports_function_calling": "capabilities: [tools]",
        "supports_reasoning": "capabilities: [reasoning]",
    },
    elsewhere={"litellm_provider": _IDENTIFIER_HINT, "mode": _FEATURES_HINT},
)
MODELS_DEV = ForeignFormat(
    "the api.json of models.dev",
    written={
        "limit": "context_window: 200000",
        "cost": "cost_indicator: $$",
        "modalities": "capabilities: [vision]",
        "attachment": "capabilities: [vision]",
        "tool_call": "capabilities: [tools]",
        "reasoning": "capabilities: [reasoning]",
        "status": "release_state: BETA",
    },
    elsewhere=dict.fromkeys(
        ("release_date", "last_updated", "knowledge", "open_weights"), 'link to a page that has it in "documentation"'
    ),
)
DEFINITIONS = ForeignFormat("an answer of /v1/models/definitions", "definitions")
FORMATS = (MODELS_YML, UNIT_PRIMITIVES_YML, LITELLM, LITELLM_PRICES, MODELS_DEV, DEFINITIONS)


class ForeignKey(NamedTuple):
    """A key of another program: what to do with it, and the keys of a model that have its value."""

    hint: str
    format: ForeignFormat
    names: tuple[str, ...] = ()

    @property
    def note(self) -> str:
        """Where the key is from, and which command converts such files."""
        converts = f"; roster import {self.format.importer} converts such a file" if self.format.importer else ""
        return f"it is a key of {self.format.title}{converts}"


def foreign_key(key: str, names: Collection[str]) -> ForeignKey | None:
    """Return what replaces a key of another program where ``names`` are allowed; None if nothing does.

    The key may be misspelled, but is not closer to one of the names.
    """
    for format_, canonical in _candidates(key, tuple(names)):
        for name in format_.renamed.get(canonical, ()):
            if name in names:
                return ForeignKey(f'did you mean "{name}"?', format_, (name,))
        example = format_.written.get(canonical, "")
        if example and example.partition(":")[0] in names:
            return ForeignKey(f"write {example}", format_)
        if "identifier" not in names:
            continue  # the hints below are about models
        if canonical in format_.gateway and "gateway" in names:
            return ForeignKey('move it below "gateway"', format_)
        if canonical in format_.elsewhere:
            return ForeignKey(format_.elsewhere[canonical], format_, format_.contains.get(canonical, ()))
    return None


@lru_cache(maxsize=1_000)
def _candidates(key: str, names: tuple[str, ...]) -> list[tuple[ForeignFormat, str]]:
    """Return the formats that have a key or the one that it is a misspelling of, with the spelling there."""
    table, folded = _table(), _fold(key)
    own = {_fold(name) for name in names}
    if folded not in own and folded not in table:
        folded = closest_name(folded, [*own, *table]) or ""
    return [] if folded in own else table.get(folded, [])


@cache
def _table() -> dict[str, list[tuple[ForeignFormat, str]]]:
    """Return the formats that have a key, by its folded spelling, with the spelling there."""
    table: dict[str, list[tuple[ForeignFormat, str]]] = {}
    for format_ in FORMATS:
        for key in _keys(format_):
            table.setdefault(_fold(key), []).append((format_, key))
    return table


def _keys(format_: ForeignFormat) -> Iterator[str]:
    yield from (*format_.renamed, *format_.written, *sorted(format_.gateway), *format_.elsewhere)


def _fold(key: str) -> str:
    """Return what spellings of a key have in common: ``api_base``, ``apiBase`` and ``api-base``."""
    return _SEPARATORS.sub("", key).lower()
