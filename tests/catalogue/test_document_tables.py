"""Tables for documents: defaults, retirements, shared names and hostile texts."""

import re
from typing import Any

from roster.catalogue.document_tables import TABLES
from roster.catalogue.source import Source
from roster.catalogue.view_model import Catalogue
from roster.registries import Registries
from roster.roster import Roster, roster_path
from tests.catalogue.test_site import COMMITTED, ENVIRONMENTS, FEATURES, HAIKU, HOSTILE, ON, PUBLISHED, SONNET

FIX = {"name": "fix", "title": "Fix", "unit_primitives": [], "required": False}
RETIREMENT = {"notice": "2026-11-01", "last_day": "2027-03-01"}


def table(name: str, models: list[dict[str, Any]], features: list[dict[str, Any]] | None = None) -> str:
    registries = Registries.of(features or [FEATURES[0], FIX], [], ENVIRONMENTS)
    roster = Roster.of(roster_path("production"), "production", models, registries=registries)
    catalogue = Catalogue(Source(registries, {"production": roster}, {}, ON, PUBLISHED, COMMITTED, {}))
    return TABLES[name](catalogue, catalogue.main)


def test_models_by_feature_has_shares_and_release_states():
    assert table("models-by-feature", [SONNET, HAIKU]) == (
        "| Feature | Default | Other models |\n"
        "| --- | --- | --- |\n"
        "| General Chat | Claude Sonnet 5 (80 %)<br />Claude Haiku 5 (20 %, Beta) |  |\n"
        "| Fix | None | Claude Sonnet 5<br />Claude Haiku 5 (Beta) |\n"
    )


def test_retirements_are_sorted_by_last_day():
    models = [
        SONNET | {"retirement": RETIREMENT | {"replacement": "haiku", "features": ["duo_chat"]}},
        HAIKU | {"retirement": RETIREMENT | {"last_day": "2026-11-20"}},
    ]
    assert table("retirements", models) == (
        "| Model | Features | Last day | Replacement |\n"
        "| --- | --- | --- | --- |\n"
        "| Claude Haiku 5 | All | 2026-11-20 | None: the default of each feature takes over |\n"
        "| Claude Sonnet 5 | General Chat | 2027-03-01 | Claude Haiku 5 |\n"
    )


def test_tables_without_rows_are_sentences():
    assert table("models-by-feature", []) == "No models are offered.\n"
    assert table("retirements", [SONNET]) == "No retirements announced.\n"


def test_shared_names_have_the_provider_or_the_id():
    vertex = SONNET | {"id": "on_vertex", "provider": "Vertex", "default_for": []}
    models = [SONNET, SONNET | {"id": "eu", "default_for": []}, vertex, HAIKU]
    features = [FEATURES[0], FIX | {"title": "General Chat"}]
    _, _, chat, fix = table("models-by-feature", models, features).splitlines()
    others = "Claude Sonnet 5 (`eu`)<br />Claude Sonnet 5 (Vertex)"
    default = "Claude Sonnet 5 (`sonnet`) (80 %)<br />Claude Haiku 5 (20 %, Beta)"
    assert chat == f"| General Chat (`duo_chat`) | {default} | {others} |"
    assert fix.startswith("| General Chat (`fix`) | None | Claude Sonnet 5 (`sonnet`)<br />")


def test_hostile_texts_stay_in_their_cells():
    hostile = f"{HOSTILE}|a|\n<!-- roster: end -->\n`code` [x](javascript:alert(1)) @all #1"
    models = [
        SONNET | {"name": hostile, "provider": hostile, "retirement": RETIREMENT | {"replacement": "haiku"}},
        HAIKU | {"name": hostile, "provider": "Other"},
    ]
    for name in TABLES:
        text = table(name, models, [FEATURES[0], FIX | {"title": hostile}])
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in text.splitlines()}
        assert len(widths) == 1, text
        assert not re.search(r"<(?!br />)|(?<!\\)`code|(?<!\\)\[x|@all|#1|\u202e", text), text


def test_tables_have_no_private_values():
    models = [SONNET | {"retirement": RETIREMENT | {"replacement": "haiku"}}, HAIKU]
    text = "".join(table(name, models) for name in TABLES)
    assert not re.search("amazon|AIGW|secret|us\\.anthropic", text)
