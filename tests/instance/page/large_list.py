"""The list of a large instance: the models of ``tests/large_roster.py``, and 35 features.

It uses nothing that older versions of the toolkit lack, because a benchmark compares with them.
"""

from collections import Counter
from datetime import date
from functools import cache
from types import MappingProxyType

import yaml

from roster.accept.accepted_list import SuspendedModel
from roster.instance.selection.offered_list import ListedModel, OfferedFeature, OfferedList, OfferedRetirement
from tests.conftest import ROOT
from tests.large_roster import DEFAULTS, FEATURES, LargeModel, models

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


def selected_models_of_namespace(offered: OfferedList, namespace: int) -> list[tuple[OfferedFeature, str]]:
    """Return seven features for which a namespace selected a model, with the model."""
    features = list(offered.features.values())
    some = [features[(namespace + 5 * offset) % len(features)] for offset in range(7)]
    return [
        (feature, list(feature.models)[(namespace * 7 + offset) % len(feature.models)])
        for offset, feature in enumerate(some)
    ]
