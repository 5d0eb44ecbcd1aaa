"""The deployments of a LiteLLM proxy configuration: the items of ``model_list``."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from roster.importing.report import SETTING, Report
from roster.importing.source import Source
from roster.naming import quote
from roster.render.litellm_config import REFERENCE_PREFIX
from roster.schema.foreign_keys import LITELLM

CREDENTIAL_KEYS = frozenset((
    "api_key", "vertex_credentials", "aws_access_key_id", "aws_secret_access_key", "aws_session_token",
    "aws_web_identity_token", "azure_ad_token", "azure_password", "client_secret", "watsonx_api_key", "hf_token",
    "litellm_credential_name",
))  # fmt: skip
"""Keys whose values are credentials, as a reference or as they are."""
KEY_KEYS = ("api_key", "vertex_credentials")
"""Keys whose values a gateway needs; it finds others in its environment."""
_NO_KEYS = frozenset({"", "none", "null", "empty", "dummy", "fake-key", "not-needed"})
_PATTERN = "a roster has no patterns: list each model"
_INCLUDED = "included files are not read: import one file with all models"
_PROXY_SETTING = "a roster has no settings of the proxy"


class Deployment(NamedTuple):
    """An item of ``model_list``: requests for ``name`` go to the model that ``params`` describe.

    Attributes:
        pointer: where it is in the file.
    """

    pointer: tuple[str | int, ...]
    name: str
    model: str
    params: Mapping[str, Any]
    info: Mapping[str, Any]

    @property
    def weight(self) -> float | None:
        """Its weight among the deployments of the same name; None without one."""
        weight = self.params.get("weight")
        return weight if isinstance(weight, int | float) and not isinstance(weight, bool) else None

    def is_same_model(self, other: "Deployment") -> bool:
        """Return whether both reach the same model in the same way."""
        return _without_weight(self.params) == _without_weight(other.params)


def read_deployments(source: Source, report: Report) -> list[Deployment]:
    """Return the deployments, apart from patterns such as ``openai/*``.

    Raises:
        SourceError: the file is no such file, or contains an incomplete deployment or a credential.
    """
    config = source.require_mapping("model_list", LITELLM.title)
    deployments = [_deployment(source, position) for position in range(len(config["model_list"]))]
    for key in config:
        if key not in ("model_list", "router_settings"):
            report.not_carried("", _INCLUDED if key == "include" else _PROXY_SETTING, key, SETTING)
    if not deployments:
        raise source.error("model_list is empty", "model_list")
    if all(map(_is_pattern, deployments)):
        raise source.error(f"model_list has only patterns, and {_PATTERN}", "model_list")
    for each in deployments:
        _reject_credentials(source, each)
        if _is_pattern(each):
            report.not_carried("model_name", _PATTERN, each.name)
    return [each for each in deployments if not _is_pattern(each)]


def model_group_aliases(source: Source, report: Report) -> Iterator[tuple[str, str]]:
    """Yield each alias of ``router_settings.model_group_alias`` with the name that it stands for."""
    settings = source.value.get("router_settings")
    if not isinstance(settings, dict):
        return
    for key in settings:
        if key != "model_group_alias":
            report.not_carried("", _PROXY_SETTING, f"router_settings.{key}", SETTING)
    aliases = settings.get("model_group_alias")
    for alias, target in aliases.items() if isinstance(aliases, dict) else ():
        target = target.get("model") if isinstance(target, dict) else target  # {model: …, hidden: true}
        if not isinstance(target, str):
            raise source.error("an alias must name a model", "router_settings", "model_group_alias", alias)
        yield alias, target


def _deployment(source: Source, position: int) -> Deployment:
    pointer = ("model_list", position)
    entry = source.value["model_list"][position]
    if not isinstance(entry, dict) or not isinstance(entry.get("model_name"), str) or not entry["model_name"]:
        raise source.error("a model needs a model_name, as text", *pointer)
    name, params, info = entry["model_name"], entry.get("litellm_params"), entry.get("model_info")
    model = params.get("model") if isinstance(params, dict) else None
    if not isinstance(params, dict) or not isinstance(model, str) or not model:
        message = f"the model {quote(name)} has no identifier: it needs litellm_params.model, as text"
        raise source.error(message, *pointer)
    return Deployment(pointer, name, model, params, info if isinstance(info, dict) else {})


def _reject_credentials(source: Source, deployment: Deployment) -> None:
    for key in CREDENTIAL_KEYS.intersection(deployment.params):
        value = deployment.params[key]
        is_path = key == "vertex_credentials" and isinstance(value, str) and "{" not in value
        if not is_path and key != "litellm_credential_name" and not _is_reference(value):
            message = (
                f"{key} must be a reference such as {REFERENCE_PREFIX}NAME, because a roster contains no credentials "
                "(the value is not shown); if the server needs no key, write none"
            )
            raise source.error(message, *deployment.pointer, "litellm_params", key)


def _is_reference(value: Any) -> bool:
    return value is None or (isinstance(value, str) and (value.startswith(REFERENCE_PREFIX) or is_no_key(value)))


def is_no_key(value: Any) -> bool:
    """Return whether a value stands for no key, as in LiteLLM's examples of servers without one."""
    return isinstance(value, str) and value.lower() in _NO_KEYS


def _is_pattern(deployment: Deployment) -> bool:
    return "*" in deployment.name or "*" in deployment.model


def _without_weight(params: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in params.items() if key != "weight"}
