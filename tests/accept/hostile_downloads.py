"""Hostile downloads of about a given size: many of one thing, long texts, deep nesting, long chains.

Each is valid as far as possible, so that no early check rejects it.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

from tests.accept.example_downloads import KINDS, ROSTER, as_bytes, envelope, model, rendered

VALUES = 490_000
"""Just below the largest number of values in a download."""


def tombstones(size: int, replacement: Callable[[int, int], str]) -> bytes:
    count = min(size // 150, VALUES // 8)
    retired = [
        {"id": f"r{number}", "last_day": "2026-01-01", "replacement": replacement(number, count)}
        for number in range(count)
    ]
    return as_bytes(envelope(retired=retired))


def models(size: int, features: Callable[[int], list[str]] = lambda _: ["duo_chat"]) -> list[dict[str, Any]]:
    return [
        {"name": f"Model {number}", "id": f"m{number}", "release_state": "GA", "features": features(number)}
        for number in range(min(size // (70 + 15 * len(features(0))), VALUES // (7 + len(features(0)))))
    ]


def gateway_models(size: int) -> bytes:
    offered = models(size // 5)
    content = envelope(offered_models=offered, defaults={}, retired=[])
    content["routes"] = {
        each["id"]: content["routes"]["claude"] | {"api_key": f"AIGW_MODEL_{each['id'].upper()}_API_KEY"}
        for each in offered
    }
    del content["definitions"]
    return as_bytes(content)


def one_model(**changes: Any) -> bytes:
    return json.dumps([models(1000)[0] | changes], ensure_ascii=False).encode()


def definitions(size: int, settings: int = 1) -> dict[str, Any]:
    """Return definitions like those of GitLab's gateway, with every model selectable in every setting."""
    content: dict[str, Any] = json.loads(rendered("definitions"))
    count = min(size // (200 + 10 * settings), VALUES // (16 + settings))
    base = {key: content["models"][0][key] for key in ("provider", "deprecation", "description", "cost_indicator")}
    listed = [base | {"identifier": f"m{number}", "name": f"Model {number}"} for number in range(count)]
    feature = {
        "default_model": "m0",
        "default_models": ["m0"],
        "selectable_models": [each["identifier"] for each in listed],
    }
    empty: dict[str, Any] = {"beta_models": [], "deprecated_models": [], "dev": None, "unit_primitives": []}
    units = [{"feature_setting": f"f{number}"} | feature | empty for number in range(settings)]
    return {"models": listed, "unit_primitives": units}


def replaced_definitions(size: int) -> bytes:
    content = definitions(size)
    for number, each in enumerate(content["models"]):
        following = f"m{(number + 1) % len(content['models'])}"
        each["deprecation"] = {"deprecation_date": "2026-01-01", "removal_version": None, "replacement": following}
    return as_bytes(content)


def words(size: int) -> Iterator[str]:
    """Yield different words that mix Latin and Cyrillic letters."""
    return (f"с{number}a" for number in range(size // 12))


GATEWAY: dict[str, Callable[[int], bytes]] = {
    "chain of tombstones": lambda size: tombstones(
        size, lambda number, count: f"r{number + 1}" if number + 1 < count else "claude"
    ),
    "cycle of tombstones": lambda size: tombstones(size, lambda number, count: f"r{(number + 1) % count}"),
    "tombstones of one model": lambda size: tombstones(size, lambda *_: "claude").replace(b'"r1', b'"r'),
    "features of an offered model and its tombstones": lambda size: as_bytes(
        envelope(
            offered_models=[
                envelope()["offered_models"][0] | {"features": [f"f{each}" for each in range(size // 130)]}
            ],
            retired=[
                {"id": "claude", "last_day": "2026-01-01", "replacement": "gemini"}
                | {"features": [f"g{each}" for each in range(size // 130)]}
            ],
        )
    ),
    "models": gateway_models,
    "models of a plain list": lambda size: as_bytes(models(size)),
    "models with the same id": lambda size: as_bytes([each | {"id": "m"} for each in models(size)]),
    "models with 30 features": lambda size: as_bytes(models(size, lambda _: [f"f{each}" for each in range(30)])),
    "a new feature per model": lambda size: as_bytes(models(size, lambda number: [f"f{number}"])),
    "features of one model": lambda size: one_model(features=[f"f{each}" for each in range(min(size // 12, VALUES))]),
    "long name": lambda size: one_model(name="a" * size),
    "long name of other letters": lambda size: one_model(name="é" * (size // 2)),
    "long name of look-alike letters": lambda size: one_model(name="с" * (size // 2)),
    "long name of escapes": lambda size: as_bytes([models(1000)[0] | {"name": "é" * (size // 6)}]),
    "long name of words": lambda size: one_model(name=" ".join(words(size))),
    "long id": lambda size: one_model(id="a" * size),
    "long feature": lambda size: one_model(features=["a_" * (size // 2)]),
    "long environment": lambda size: as_bytes(envelope(environment="a-" * (size // 2))),
    "long endpoint": lambda size: KINDS["gateway"].replace(b"claude.example", b"a." * (size // 2) + b"example"),
    "long path": lambda size: KINDS["gateway"].replace(b".com/v1", b".com/" + b"a%" * (size // 2), 1),
    "long identifier": lambda size: KINDS["gateway"].replace(b"bedrock/", b"bedrock/" + b"a" * size, 1),
    "long family": lambda size: KINDS["gateway"].replace(b'"family": "', b'"family": "' + b"a_" * (size // 2), 1),
    "long unknown key": lambda size: as_bytes(envelope(**{"a" * size: 1})),
    "long unknown text": lambda size: as_bytes(envelope(new="glpat-" * (size // 6))),
    "unknown texts of look-alike letters": lambda size: json.dumps(
        envelope(new=[*words(size)]), ensure_ascii=False
    ).encode(),
    "unknown texts that resemble secrets": lambda size: as_bytes(envelope(new=["eyJ" + "A" * 9000] * (size // 9100))),
    "deep nesting": lambda size: b'{"format":' + b"[" * (size // 2) + b"]" * (size // 2) + b"}",
    "values": lambda size: as_bytes(envelope(new=[1] * min(size // 3, VALUES))),
    "texts": lambda size: as_bytes(envelope(new=["a"] * min(size // 5, VALUES))),
    "too many values": lambda size: b"[" + b"1," * (size // 2) + b"1]",
    "duplicate keys": lambda size: b"{" + b",".join([b'"k":1'] * min(size // 6, VALUES)) + b"}",
    "keys and a duplicate": lambda size: as_bytes(
        {f"k{each}": 1 for each in range(min(size // 14, VALUES))} | {"format": 1}
    ).replace(b'"format"', b'"k0"'),
    "huge integer": lambda size: b'{"format":1' + b"0" * size + b"}",
    "huge fraction": lambda size: b'{"format":1.' + b"1" * size + b"}",
    "huge exponent": lambda size: b'{"format":1e' + b"1" * size + b"}",
    "white space": lambda size: b" " * size + KINDS["gateway"],
    "blank lines and no JSON": lambda size: b"\n" * size + b"[",
    "brackets": lambda size: b"[" * size,
    "braces": lambda size: b'{"a":' * (size // 5),
    "a long comment in a roster": lambda size: ROSTER.encode() + b"#" + b"a" * min(size, 8_000_000),
    "colons": lambda size: b"a: " * (size // 3),
    "models in a roster": lambda size: "".join(
        model("mistral").replace("Mistral", f"M {number}").replace("_MISTRAL_", f"_M_{number}_")
        for number in range(min(size // 230, 20_000))
    ).encode(),
}
"""Downloads for gateways."""
INSTANCE: dict[str, Callable[[int], bytes]] = {
    "definitions": lambda size: as_bytes(definitions(size)),
    "definitions with 400 settings": lambda size: as_bytes(definitions(size, settings=400)),
    "definitions with many settings": lambda size: as_bytes(definitions(size, settings=size // 10_000)),
    "definitions with a cycle of replacements": replaced_definitions,
    "definitions with long texts": lambda size: as_bytes(
        {
            key: [each | {"description": "é " * (size // 20), "title": "é" * (size // 20)} for each in entries]
            for key, entries in definitions(1000).items()
        }
    ),
    "invalid models": lambda size: as_bytes(
        {
            key: [each | {"identifier": f"{each.get('identifier')}-b"} for each in entries]
            for key, entries in definitions(size).items()
        }
    ),
}
"""Downloads for instances."""
