"""A history of 100 changes of 52 models and 35 features, as unkind as real ones: rows differ, and nothing is hidden."""

from collections.abc import Iterator
from copy import deepcopy
from random import Random
from typing import Any

import pytest

from roster.diff import diff_markdown
from roster.diff.change import Comparison
from roster.diff.feature_changes import visible
from roster.diff.roster_changes import diff_rosters
from roster.diff.rows import Row, group_changes
from roster.publishing.sequence import UNVERSIONED
from roster.registries import Feature, Registries
from roster.render.gateway_json import build_envelope
from tests.diff.test_roster_changes import LATE, POLICY, TODAY, Entry, model, retirement, roster, suspended

FEATURES = [f"feature_{number:02}" for number in range(35)]
NAMES = [f"Claude {number}" for number in range(12)] + [f"Model {number}" for number in range(24)]
PROVIDERS = ("Anthropic", "Bedrock", "Vertex AI")
REGISTRIES = Registries(
    {name: Feature(name, name.title(), "", name, (name,), required=False) for name in FEATURES}, (), {}
)


def start(random: Random) -> list[Entry]:
    """Return 52 models, 28 of which share their name with another one."""
    names = [*NAMES, *NAMES[:16]]
    entries = [
        model(
            name,
            id=f"m{number}",
            identifier=f"bedrock/us.m{number}",
            provider=PROVIDERS[number % 3],
            features=sorted(random.sample(FEATURES, random.randint(1, 20))),
            cost_indicator="$" * random.randint(1, 3),
        )
        for number, name in enumerate(names)
    ]
    for feature in FEATURES:
        serving = [entry for entry in entries if feature in entry["features"]]
        random.choice(serving).setdefault("default_for", []).append(feature)
    return entries


def edit(entries: list[Entry], random: Random) -> None:
    """Make one to three edits, most of them of many models or features."""
    for _ in range(random.randint(1, 3)):
        random.choice(EDITS)(entries, random)
    for entry in entries:
        entry["default_for"] = [each for each in entry.get("default_for", ()) if each in entry["features"]]


def _set(key: str, *values: Any) -> Any:
    def change(entries: list[Entry], random: Random) -> None:
        for entry in random.sample(entries, random.choice((1, 5, len(entries) // 2))):
            value = random.choice(values)
            entry.pop(key, None) if value is None else entry.update({key: value})

    return change


def _drop_features(entries: list[Entry], random: Random) -> None:
    dropped = set(random.sample(FEATURES, random.choice((1, 10, 30))))
    for entry in entries:
        entry["features"] = [each for each in entry["features"] if each not in dropped] or entry["features"][:1]


def _add_features(entries: list[Entry], random: Random) -> None:
    for entry in random.sample(entries, random.choice((1, 10))):
        entry["features"] = sorted({*entry["features"], *random.sample(FEATURES, 5)})


def _switch_defaults(entries: list[Entry], random: Random) -> None:
    target = random.choice(entries)
    for entry in entries:
        entry["default_for"] = [each for each in entry.get("default_for", ()) if each not in target["features"]]
    target["default_for"] = list(target["features"])


def _move_identifiers(entries: list[Entry], random: Random) -> None:
    for entry in random.sample(entries, 10):
        entry["identifier"] = f"bedrock/{random.choice(('us.', 'eu.', ''))}{entry['id']}"


def _withdraw(entries: list[Entry], random: Random) -> None:
    for entry in random.sample(entries, 4 if len(entries) > 30 else 1):
        entries.remove(entry)


def _offer(entries: list[Entry], random: Random) -> None:
    for _ in range(4):
        number = random.randint(100, 100_000)
        features = sorted(random.sample(FEATURES, 6))
        entries.append(model(random.choice(NAMES), id=f"m{number}", identifier=f"bedrock/m{number}", features=features))


def _reorder(entries: list[Entry], random: Random) -> None:
    random.shuffle(entries)


EDITS = [
    _drop_features,
    _add_features,
    _switch_defaults,
    _move_identifiers,
    _withdraw,
    _offer,
    _reorder,
    _set("provider", *PROVIDERS, None),
    _set("cost_indicator", "$", "$$", "$$$", None),
    _set("description", "Quick", "Thorough and slow", None),
    _set("documentation", "https://docs.example.com/a", None),
    _set("release_state", "GA", "BETA", "EXPERIMENT"),
    _set("retirement", retirement(LATE)["retirement"], retirement("2026-07-01")["retirement"], None),
    _set("suspended", suspended("2026-06-15")["suspended"], None),
    _set("context_window", 1000, 2000, None),
    _set("capabilities", ["tools"], ["tools", "vision"], None),
    _set("processed_in", ["us"], ["eu"], ["eu", "us"], None),
    _set("data_retention_days", 0, 30, None),
    _set("display_name", "Shared name", None),
]


def history() -> Iterator[tuple[list[Entry], list[Entry]]]:
    random = Random(15)
    entries = start(random)
    for _ in range(100):
        before = deepcopy(entries)
        edit(entries, random)
        yield before, deepcopy(entries)


def hidden(before: list[Entry], after: list[Entry], rows: list[Row]) -> Iterator[str]:
    """Yield the values of artifacts that differ although no row concerns their model or feature."""
    old, new = (visible(build_envelope(roster(*side), TODAY, UNVERSIONED, REGISTRIES)) for side in (before, after))
    models = {model for row in rows for model in row.models}
    concerned = models | {feature for row in rows for feature in row.features}
    for title, values in _values(old).items():
        name, _, key = title.partition(".")
        if values != _values(new).get(title, values) and name not in concerned and not _moved(key, rows, models):
            yield title
    order = [[each["id"] for each in side["offered_models"]] for side in (old, new)]
    common = [[id_ for id_ in side if id_ in order[0] and id_ in order[1]] for side in order]
    if common[0] != common[1] and not any(row.kind in ("models-reordered", "suspension-ended") for row in rows):
        yield "order"


def _values(envelope: Any) -> dict[str, Any]:
    definitions, values = envelope["definitions"], dict[str, Any]()
    for item in definitions["models"]:
        values |= {f"{item['identifier']}.{key}": value for key, value in item.items()}
    for item in definitions["unit_primitives"]:
        values |= {f"{item['feature']}.{key}": value for key, value in item.items()}
    for id_, item in envelope["routes"].items():
        values |= {f"{id_}.route.{key}": value for key, value in item.items()}
    return values


def _moved(key: str, rows: list[Row], models: set[str]) -> bool:
    """Return whether rows about models explain another list of a feature's models."""
    is_list = key in ("selectable_models", "beta_models", "dev", "deprecated_models", "default_models", "default_model")
    return is_list and bool(models or any(row.kind == "models-reordered" for row in rows))


@pytest.mark.slow
def test_rows_of_history_differ_and_hide_nothing():
    failures = []
    for number, (before, after) in enumerate(history()):
        sides = [{"production": roster(*side)} for side in (before, after)]
        changes = diff_rosters(sides[0], sides[1], {"production": POLICY}, TODAY, (), REGISTRIES, REGISTRIES)
        rows = group_changes(changes)
        words = [(row.summary, row.effect, *row.lists.items()) for row in rows]
        failures += [f"{number}: twice: {text[0]}" for index, text in enumerate(words) if text in words[:index]]
        failures += [f"{number}: no row: {title}" for title in hidden(before, after, rows)]
        assert sorted(map(id, changes)) == sorted(id(change) for row in rows for change in row.changes)
        comment = diff_markdown.write(Comparison({"base": "a", "head": "b"}, tuple(changes), {"base": (), "head": ()}))
        failures += [f"{number}: {len(comment)} characters"] * (len(comment.encode()) > diff_markdown.MAX_BYTES)
    assert not failures, "\n".join(failures[:40])
