"""Format ``gitlab-gateway``: models.yml and unit_primitives.yml of GitLab's AI gateway.

The mapping is that of ``render/gitlab_models.py`` and ``render/gitlab_unit_primitives.py``, in the other direction.
What has no key in a roster, and what rendering would not restore, goes to ``gateway`` of the model, or of the feature
in ``schemas/features.yaml``. Models that no feature lists are not offered: they go to ``schemas/gateway_models.yaml``.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from roster.importing.features import FeatureNames
from roster.importing.gitlab.features import feature_entries
from roster.importing.gitlab.models import model_entry
from roster.importing.gitlab.offers import Offers
from roster.importing.gitlab.source import require_types
from roster.importing.ids import Ids
from roster.importing.interface import Context, Imported
from roster.importing.model_values import new_families
from roster.importing.report import Report
from roster.importing.source import Source
from roster.naming import quote
from roster.registries import FAMILIES, FEATURES, GATEWAY_MODELS
from roster.schema.foreign_keys import MODELS_YML

_NOT_LISTED = "no feature lists them, so they are not offered; roster render writes them again"


def convert(sources: Sequence[Source], context: Context) -> Imported:
    """Return the roster, the registry entries and the report of an import.

    Raises:
        SourceError: a file is no such file, or models, features and providers do not fit together.
    """
    models, unit_primitives = sources
    report = Report()
    definitions = _models_by_id(models)
    ids = Ids("gitlab_identifier", report)
    names = FeatureNames("feature_setting", context.registries, report)
    offers = Offers.of(unit_primitives, list(definitions), names, report)
    public_ids = {identifier: ids.assign(identifier) for identifier in definitions if identifier in offers.listed}
    for identifier in definitions:
        if identifier not in offers.listed:
            report.changed("models", GATEWAY_MODELS, _NOT_LISTED, identifier)
    entries = [
        model_entry(models, position, public_ids[identifier], offers, context, report)
        for identifier, (position, _) in definitions.items()
        if identifier in public_ids
    ]
    registries: dict[str, Sequence[Any]] = {
        FEATURES: list(feature_entries(offers, entries, public_ids, context, report)),
        FAMILIES: new_families(entries, context.registries, report),
        GATEWAY_MODELS: _not_offered(definitions, public_ids, context),
    }
    return Imported(entries, report, registries)


def _models_by_id(source: Source) -> dict[str, tuple[int, Mapping[str, Any]]]:
    """Return the position and the value of each model, by ``gitlab_identifier``."""
    models: dict[str, tuple[int, Mapping[str, Any]]] = {}
    for position, model in enumerate(source.require_mapping("models", MODELS_YML.title)["models"]):
        identifier = model.get("gitlab_identifier") if isinstance(model, dict) else None
        if not isinstance(identifier, str) or not identifier:
            raise source.error("a model needs a gitlab_identifier, as text", "models", position)
        if identifier in models:
            place = source.line("models", models[identifier][0])
            message = f"two models have the gitlab_identifier {quote(identifier)}: the other one is on line {place}"
            raise source.error(message, "models", position, "gitlab_identifier")
        require_types(source, position)
        models[identifier] = position, model
    return models


def _not_offered(
    definitions: Mapping[str, tuple[int, Mapping[str, Any]]], public_ids: Collection[str], context: Context
) -> list[dict[str, Any]]:
    """Return the entries of the models that no feature lists, unless they are registered already."""
    entries = {
        identifier: {key: value for key, value in model.items() if key != "gitlab_identifier"}
        for identifier, (_, model) in definitions.items()
        if identifier not in public_ids
    }
    registered = context.registries.gateway_models
    return [{"name": name, "gateway": entry} for name, entry in entries.items() if registered.get(name) != entry]
