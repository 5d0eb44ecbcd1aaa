"""Shapes of rosters that ask for unbounded work: many of one thing, long ones, deep ones, look-alikes, chains.

To add one, add a function of a scale from 0 to 1 to ``SHAPES``. At 1, the roster is about as large as the limits allow.
"""

from collections.abc import Callable

from roster.yaml.parser import MAX_BYTES

Value = str | Callable[[int], str]
SIZE = MAX_BYTES - 2_000


def model(number: int, **values: Value) -> str:
    """Return a valid model with other values; ``_`` stands for the hyphen in a key."""
    entry: dict[str, Value] = {
        "name": f"Model {number}",
        "identifier": f"bedrock/model-{number}-v1",
        "api-key": f"AIGW_MODEL_MODEL_{number}_API_KEY",
        "endpoint": "https://example-models.com/v1",
        "release_state": "GA",
        "family": "claude",
        "features": "[duo_chat]",
        **{key.replace("api_key", "api-key"): value for key, value in values.items()},
    }
    lines = (f"{key}: {value if isinstance(value, str) else value(number)}" for key, value in entry.items())
    return "- " + "\n  ".join(lines) + "\n"


def models(most: int, **values: Value) -> Callable[[float], str]:
    return lambda scale: "".join(model(number, **values) for number in range(int(most * scale)))


def long(key: str, unit: str, start: str = "", end: str = "") -> Callable[[float], str]:
    """Return a model with a value that repeats a unit until the file is as large as allowed."""
    return lambda scale: model(0, **{key: start + unit * int(SIZE * scale / len(unit.encode())) + end})


def lines(item: str, end: str = "") -> Callable[[float], str]:
    """Return a file of numbered lines; the scale is relative to the largest file."""
    size = len(item.format(1_000_000).encode())
    return lambda scale: "".join(map(item.format, range(int(SIZE * scale / size)))) + (end or model(0))


def listed(most: int, item: str) -> Callable[[float], str]:
    return lambda scale: model(0, features=f"[{', '.join(map(item.format, range(int(most * scale))))}]")


def in_flow_style(text: Callable[[float], str]) -> Callable[[float], str]:
    """Return the models of a roster on a single line."""
    return lambda scale: "[" + ", ".join(f"{{{item}}}".replace("\n  ", ", ") for item in items(text(scale))) + "]"


def items(text: str) -> list[str]:
    return text.removeprefix("- ").removesuffix("\n").split("\n- ")


def retirement(last_day: str, replacement: Callable[[int], str], notice: str = "2030-01-01") -> Callable[[int], str]:
    return lambda number: f"\n    notice: {notice}\n    last_day: {last_day}\n    replacement: {replacement(number)}"


def day(number: int) -> str:
    return f"{2031 + number // 28}-01-{number % 28 + 1:02}"


def end_on(last_day: Callable[[int], str]) -> Callable[[int], str]:
    """Return the ends of models without a replacement."""
    return lambda number: f"{{notice: 2030-01-01, last_day: {last_day(number)}}}"


def many_features(number: int) -> str:
    return f"[{', '.join(f'feature_{index}' for index in range(160))}]"


def end_of_each_feature(number: int) -> str:
    ends = (f"{{notice: 2030-01-01, last_day: {day(index)}, features: [feature_{index}]}}" for index in range(160))
    return f"[{', '.join(ends)}]"


SHAPES: dict[str, Callable[[float], str]] = {
    # many of one thing
    "models": models(20_000),
    "too many models": models(30_000),
    "models on one line": in_flow_style(models(20_000)),
    "models with line breaks of CR": lambda scale: models(20_000)(scale).replace("\n", "\r"),
    "models without keys": lines("- name: M{}\n"),
    "features": listed(400_000, "duo_chat"),
    "mappings in features": listed(120_000, "{{a: {}}}"),
    "numbers in features": listed(400_000, "{}"),
    "features in each model": models(2_200, features=f"[{', '.join(['duo_chat'] * 200)}]"),
    "keys": lambda scale: "- {" + ", ".join(f"nam{number}: 1" for number in range(int(230_000 * scale))) + "}\n",
    "keys in each model": models(240, **{f"relese_stat{number}": "1" for number in range(900)}),
    "values of a wrong type": models(20_000, features="duo_chat", family="[]", name="{}"),
    "wrong values": models(20_000, release_state="ga", endpoint="http://user:password@10.0.0.1/x?y"),
    "duplicate keys": models(6_500, family="claude\n  family: gemini"),
    "duplicate names": models(20_000, name="Claude"),
    "duplicate ids": models(20_000, id="claude"),
    "duplicate defaults": models(20_000, default_for="[duo_chat]"),
    "comments": lambda scale: "# x\n" * int(490_000 * scale) + model(0),
    "values cut by comments": models(20_000, name=lambda number: f"Model {number} #{number}"),
    "bare carriage returns": models(20_000, identifier=lambda number: f"bedrock/m-{number} # a\r  # b"),
    "secrets": lines("# glpat-x9Kq2LmN7pRt4V{:07}\n"),
    "keys of secrets": lines("# token: {:07}\n"),
    "users and passwords": lines("# a://b@c{:07}\n"),
    "secrets in values": models(20_000, description=lambda number: f"glpat-x9Kq2LmN7pRt4V{number:07}"),
    "IP addresses": models(20_000, endpoint=lambda number: f"'https://[2001:db8::{number:x}]/v{number}'"),
    "documents": lambda scale: "".join(f"---\n{model(number)}" for number in range(int(20_000 * scale))),
    # long ones
    "long name": long("name", "a"),
    "long name of accents": long("name", "é"),
    "long name of words": long("name", "é1 "),
    "long name of ligatures": long("name", "\ufdfa"),
    "long description": long("description", "é"),
    "long identifier": long("identifier", "/a", "bedrock", "/!"),
    "long key reference": long("api-key", "_API_KEY", "AIGW_MODEL_", "x"),
    "long path": long("endpoint", "%0d%0a", "https://example-models.com/"),
    "long number of a host": long("endpoint", "1", "https://", "/"),
    "long host": long("endpoint", "1.", "https://", "1/"),
    "long id": long("id", "_a", "a", "__"),
    "long feature": long("features", "a", "[", "]"),
    "long family": long("family", "claude"),
    "long date": lambda scale: model(0, retirement=retirement("1" * int(SIZE * scale), str)),
    "long replacement": lambda scale: model(0, retirement=retirement("2031-01-01", lambda _: "x" * int(SIZE * scale))),
    "long key": lambda scale: f"- {'a' * int(SIZE * scale)}: x\n",
    "long comment": lambda scale: f"# {' #x' * int(SIZE * scale / 3)}\n{model(0)}",
    "long names": models(14_000, name=lambda number: "é" * 150 + str(number)),
    # deep ones
    "deep list": lambda scale: "- name: " + "[" * int(SIZE * scale),
    "deep mapping": lambda scale: "{a: " * int(SIZE * scale / 4),
    # unknown names and look-alikes
    "unknown features": listed(400_000, "unknown-{}"),
    "near features": models(20_000, features=lambda number: f"[duo_chat, duo_chat_fix_{number}]"),
    "near families": models(20_000, family=lambda number: f"claud{number}"),
    "near defaults": models(20_000, default_for=lambda number: f"[duo_chat_x{number}]"),
    "near replacements": models(16_000, retirement=retirement("2031-01-01", lambda number: f"modell_{number}x")),
    "confusable names": models(20_000, name="Сlaude {}".format, display_name="Сlaude а{}".format),
    "invisible characters": models(20_000, description="x\u200bx{}".format),
    "escaped characters": models(14_000, description='"\\u200b"', display_name='"\\x41\\u0430"'),
    "stray spaces": models(20_000, name='"a  b{} "'.format, description='" x"', provider='"x\\t"'),
    "placeholders": models(20_000, name="'{{{{ x }}}} <b> ${{A}} {}'".format, provider="“Bedrock”"),
    # chains
    "chain of retirements": models(16_000, retirement=retirement("2031-01-01", lambda number: f"model_{number + 1}")),
    "chain of tombstones": models(
        16_000, retirement=retirement("2021-01-01", lambda number: f"model_{number + 1}", "2020-01-01")
    ),
    "chain of aliases": models(20_000, aliases=lambda number: f"[model_{number + 1}]"),
    "ends of defaults": models(9_000, default_for="[duo_chat]", retirement=end_on(day)),
    "ends of shares": models(7_000, default_for="{duo_chat: 1}", processed_in="[eu]", retirement=end_on(day)),
    "suspensions": models(18_000, suspended="{since: 2026-01-01, reason: x}"),
    "suspensions of defaults": models(
        12_000, default_for="[duo_chat]", suspended=lambda number: f"{{since: {day(number)}, reason: x}}"
    ),
    "ends of many features": models(
        250, features=many_features, default_for=many_features, retirement=end_of_each_feature
    ),
    "impossible dates": models(16_000, retirement=retirement("2029-02-30", lambda number: f"model_{number + 1}")),
    # suppressions
    "useless suppressions": lines("# roster: ignore[unpinned-identifier] x\n"),
    "unknown suppressions": lines("# roster: ignore[rule-{:07}] x\n"),
    "suppression of many rules": lambda scale: (
        f"# roster: ignore[{','.join(f'missing-defaul{number:07}' for number in range(int(330_000 * scale)))}] x\n"
        + model(0)
    ),
    "suppression in each model": models(20_000, identifier="bedrock/latest # roster: ignore[unpinned-identifier] r"),
}
