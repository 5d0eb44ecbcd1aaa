"""The values of models in models.yml: their types, and the identifier of a model."""

from collections.abc import Mapping
from typing import Any

from roster.importing.providers import prefix_of_name, prefix_of_title, require_known_provider
from roster.importing.source import Source, SourceError
from roster.naming import quote
from roster.registries import Registries
from roster.render.gitlab_models import foreign_prefix, full_identifier

_TEXTS = (
    *(("name",), ("description",), ("cost_indicator",), ("provider",), ("model_class_provider",)),
    *(("params", "model"), ("params", "custom_llm_provider"), ("params", "model_class_provider")),
)


def require_types(source: Source, position: int) -> None:
    """Reject a model without a name, or with a value of another type than the gateway requires."""
    model = source.value["models"][position]
    if not model.get("name"):
        raise source.error("a model needs a name", "models", position)
    for key in ("params", "prompt_params"):
        if not isinstance(model.get(key) or {}, dict):
            raise source.error(f"{key} must be a mapping", "models", position, key)
    for keys in _TEXTS:
        value = (model.get("params") or {}).get(keys[-1]) if keys[:-1] else model.get(*keys)
        if value is not None and not isinstance(value, str):
            raise source.error(f"{'.'.join(keys)} must be text: put it in quotes", "models", position, *keys)
    families = model.get("family") or []
    if not isinstance(families, list) or not all(isinstance(family, str) and family for family in families):
        message = "family must be a list of names, such as [claude]"
        raise source.error(message, "models", position, "family")


def identifier_of(source: Source, position: int, registries: Registries) -> str:
    """Return the identifier of a model in models.yml, with the prefix of its provider.

    Raises:
        SourceError: the model has none, or its provider is unknown.
    """
    model = source.value["models"][position]
    params, id_ = model.get("params") or {}, model["gitlab_identifier"]
    name = params.get("model")
    if not name:
        message = f"the model {quote(id_)} has no identifier: a model that is offered needs params.model"
        raise source.error(message, "models", position)
    prefix = foreign_prefix(params, model.get("model_class_provider") or params.get("model_class_provider"))
    if not prefix and registries.provider_of(name) is None:
        prefix = prefix_of_title(_shown_provider(model), registries) or prefix_of_name(name)
        if not prefix:
            message = f"the provider of the model {quote(id_)} is unknown: add params.custom_llm_provider"
            raise source.error(message, "models", position)
    identifier = full_identifier(prefix, name)
    try:
        require_known_provider(identifier, registries)
    except SourceError as error:
        raise source.error(str(error), "models", position, "params") from None
    return identifier


def _shown_provider(model: Mapping[str, Any]) -> str:
    """Return the provider that people see: in copies until November 2025, it is the end of the name."""
    return model.get("provider") or str(model["name"]).rpartition(" - ")[2]
