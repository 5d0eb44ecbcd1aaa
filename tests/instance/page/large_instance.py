"""A large instance: the models of ``tests/large_roster.py``, 35 features, and selections at all levels."""

from collections import Counter
from datetime import UTC, date, datetime
from functools import cache
from types import MappingProxyType

import yaml
from sqlalchemy import insert

from roster.accept.accepted_list import SuspendedModel
from roster.instance.database import feature_flag
from roster.instance.database.connections import Database
from roster.instance.database.tables import namespaces, selected_features, selected_models
from roster.instance.selection.offered_list import ListedModel, OfferedFeature, OfferedList, OfferedRetirement
from roster.instance.selection.requested_selection import RequestedSelection
from roster.instance.selection.selections import SelectionMode
from tests.conftest import ROOT
from tests.instance.selection.changes import change
from tests.instance.selection.offered_lists import store_list
from tests.large_roster import DEFAULTS, FEATURES, LargeModel, models

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
NAMESPACES = 500
_ENDS = OfferedRetirement(date(2026, 10, 1), date(2027, 1, 15), "claude_sonnet_4_7")
_REGIONS = {"Vertex": (("eu",), ("us",), ("eu", "us")), "Bedrock": (("us",), ("us-east-1", "us-west-2"))}


@cache
def large_list() -> OfferedList:
    """Return 70 models for 35 features; one more model is suspended."""
    large = models()
    names = Counter(model.name for model in large)
    listed = [_listed_model(number, model, names[model.name]) for number, model in enumerate(large)]
    suspended = ListedModel("mistral_large", "Mistral Large", "GA", "Mistral", "For everything.", "$$", offered=False)
    return OfferedList(
        {setting: _feature(setting, large) for setting in FEATURES},
        {model.id: model for model in [*listed, suspended]},
        {},
        {suspended.id: SuspendedModel(suspended.id, date(2026, 11, 20), "the provider answers with errors")},
    )


def _listed_model(number: int, model: LargeModel, namesakes: int) -> ListedModel:
    regions = _REGIONS.get(model.provider.title, ((),))
    return ListedModel(
        model.id,
        f"{model.name} - {model.provider.title}" if namesakes > 1 else model.name,
        model.state,
        model.provider.title,
        model.description,
        model.cost,
        offered=True,
        context_window=model.window,
        max_output_tokens=model.output,
        capabilities=(("tools", "vision"), ("tools",), ())[0 if model.family == "claude" else number % 3],
        processed_in=regions[number % len(regions)],
        data_retention_days=(0, 30, None)[number % 3],
        documentation=f"https://docs.example.com/models/{model.id}" if number % 4 else None,
    )


def _feature(setting: str, large: list[LargeModel]) -> OfferedFeature:
    serving = {model.id: _ENDS if model.retires else None for model in large if setting in model.features}
    shares = DEFAULTS[setting]
    default = max(shares, key=lambda id_: shares[id_])
    title, category = _registered().get(setting, (setting.replace("_", " ").capitalize(), ""))
    feature = OfferedFeature(setting, title, category, default, "list", True, serving)
    return feature._replace(shares=MappingProxyType(shares)) if len(shares) > 1 else feature


@cache
def _registered() -> dict[str, tuple[str, str]]:
    """Return the title and category of the features in the toolkit's registry, by GitLab's setting."""
    entries = yaml.load((ROOT / "schemas" / "features.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)
    return {entry["setting"]: (entry["title"], entry.get("category", "")) for entry in entries}


def selections(offered: OfferedList) -> list[RequestedSelection]:
    """Return selections of the instance for 12 features, in all modes; two have a default that retires."""
    names = list(offered.features)
    some = [
        (names[0], "claude_opus_4_7_bedrock", [id_ for id_ in offered.features[names[0]].models if "bedrock" in id_]),
        (names[3], "claude_sonnet_4_0_bedrock", ["claude_sonnet_4_0_bedrock", "claude_sonnet_4_7_bedrock"]),
        (names[4], "claude_opus_4_0", ["claude_opus_4_0", "claude_opus_4_7", "claude_haiku_4_7"]),
        *((name, "claude_opus_4_7_vertex", list(offered.features[name].models)[:30]) for name in names[5:9]),
    ]
    own = [(name, "claude_haiku_4_7_bedrock") for name in names[10:15]]
    return [
        *(RequestedSelection(name, tuple(allowed), default) for name, default, allowed in some),
        *(RequestedSelection(name, (), default, mode=SelectionMode.OWN_DEFAULT) for name, default in own),
    ]


def fill_large(database: Database, count: int = NAMESPACES) -> None:
    """Turn the feature flag on; store the list, and selections of the instance and of a number of namespaces."""
    offered = large_list()
    with database.write_transaction() as connection:
        feature_flag.set_enabled(connection, True)
        store_list(connection, offered)
        assert change(connection, offered, *selections(offered)) == []
        if count:
            connection.execute(insert(namespaces), [{"id": number} for number in range(1, count + 1)])
            rows = [row for number in range(1, count + 1) for row in _namespace_rows(offered, number)]
            connection.execute(insert(selected_features), [row for row, _ in rows])
            by_id = [{"instance_ai_feature_id": row["id"], "model": model} for row, model in rows]
            connection.execute(insert(selected_models), by_id)


def _namespace_rows(offered: OfferedList, namespace: int) -> list[tuple[dict[str, object], str]]:
    """Return the selections of a namespace for seven features, each with its model."""
    rows = []
    features = list(offered.features.values())
    for offset in range(7):
        feature = features[(namespace + 5 * offset) % len(features)]
        model = list(feature.models)[(namespace * 7 + offset) % len(feature.models)]
        row = {
            "id": 1_000 + 7 * namespace + offset, "namespace_id": namespace, "feature": feature.name,
            "feature_category": feature.category, "default_model": model, "created_at": NOW, "updated_at": NOW,
        }  # fmt: skip
        rows.append((row, model))
    return rows
