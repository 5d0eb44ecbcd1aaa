"""The rules' examples as repositories that can be checked.

An example shows what matters and leaves out the rest; here the rest is added. The registries that examples name things
of are small ones in ``data/``, so that a new feature or a new model changes no example.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from roster.check.loading import load_registries
from roster.check.pipeline import check
from roster.check.result import CheckResult
from roster.naming import derive_id
from roster.repository import (
    ENVIRONMENTS,
    FAMILIES,
    FEATURES,
    ROSTER_SCHEMA,
    Repository,
    roster_path,
    toolkit_file,
)
from roster.roster import ReleaseState
from roster.rules.rule import BEFORE, Example, Rule
from roster.schema.registered_names import registered_names, rewrite_lists
from roster.yaml.document import parse

_DATA = Path(__file__).parent / "data"
_REGISTRIES = (FEATURES, FAMILIES, ENVIRONMENTS)
_ENVIRONMENTS = ("staging", "production")
TODAY = date(2026, 6, 15)
"""The day that examples are checked on."""
_SCHEMA_LINE = f"# yaml-language-server: $schema=../../{ROSTER_SCHEMA}\n"
_ITEM = re.compile(r"^(?=\ufeff?- )", re.MULTILINE)
"""Where an item of a file's list starts."""


class Completed(NamedTuple):
    """An example's text with the required keys that its models leave out.

    Attributes:
        lines: for each line of ``text`` the line of the example that it is, or that it was added after.
    """

    text: str
    lines: tuple[int, ...]


def registries(environments: Collection[str]) -> dict[str, bytes]:
    """Return the registries of examples by path, with these environments on the promotion path."""
    found = {path: (_DATA / Path(path).name).read_bytes() for path in _REGISTRIES}
    declared = _ITEM.split(found[ENVIRONMENTS].decode())
    return found | {ENVIRONMENTS: "".join(item for item in declared if _value(item, "name") in environments).encode()}


def files(rule: Rule, example: Example) -> dict[str, bytes]:
    """Return the files of an example's repository by path; where it says that a roster is missing, there is none."""
    found = registries({name.removeprefix(BEFORE) for name in (*texts(rule.bad), *texts(rule.good))})
    if rule.name == "feature-without-model":  # no other rule needs a feature that some model has to serve
        found[FEATURES] = found[FEATURES].replace(b"required: false", b"required: true", 2)
    for name, text in texts(example).items():
        if text:
            found[path_of(name)] = completed(rule, name, text).text.encode()
    return found


def texts(example: Example) -> dict[str, str]:
    """Return the texts of an example by environment, or by path."""
    return {"production": example} if isinstance(example, str) else dict(example)


def result(rule: Rule, example: Example) -> CheckResult:
    """Check an example."""
    before, after = versions(files(rule, example))
    with TemporaryDirectory() as folder:
        (Path(folder) / "env").mkdir()
        base = check(Repository(Path(folder), {ROSTER_SCHEMA: schema()} | before), TODAY) if before else None
        return check(Repository(Path(folder), {ROSTER_SCHEMA: schema()} | after), TODAY, base=base)


def versions(found: Mapping[str, bytes]) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Return the files of an example before its change, none where it shows no change, and those after it."""
    after = {path: data for path, data in found.items() if not path.startswith(BEFORE)}
    before = {path.removeprefix(BEFORE): data for path, data in found.items() if path.startswith(BEFORE)}
    unchanged = {path: data for path, data in after.items() if path in _REGISTRIES} if before else {}
    return unchanged | before, after


def repository() -> dict[str, bytes]:
    """Return the files of a small repository that is clean, for the commands' examples."""
    rosters = {roster_path(name): (_DATA / f"{name}.yaml").read_bytes() for name in _ENVIRONMENTS}
    folder = toolkit_file("features.schema.json").parent
    schemas = {f"schemas/{path.name}": path.read_bytes() for path in folder.glob("*.schema.json")}
    return registries(_ENVIRONMENTS) | rosters | schemas | {ROSTER_SCHEMA: schema()}


@cache
def schema() -> bytes:
    """Return the roster's schema with the names that examples may use."""
    text = toolkit_file(Path(ROSTER_SCHEMA).name).read_text(encoding="utf-8")
    return rewrite_lists(
        ROSTER_SCHEMA, text, registered_names(load_registries(Repository(_DATA, registries(_ENVIRONMENTS))))
    ).encode()


def completed(rule: Rule, name: str, text: str) -> Completed:
    """Complete a text of an example. Files of other kinds, and the example of missing-key, are complete as they stand.

    What stands in the text stays, mistakes and all; the missing keys are added below each model.
    """
    whole = rule.name == "missing-key" or "/" in name
    models = _ITEM.split(text)
    unserving = [model for model in models if _keys(model) and "features" not in _keys(model)]
    lines: list[tuple[int, str]] = []
    number = 0
    for model in models:
        for line in model.splitlines(keepends=True):
            number += 1
            lines.append((number, line))
        if not whole:
            lines += [(number, line) for line in _missing_keys(model, is_default=model in unserving[:1])]
    if rule.name != "missing-schema-line" and "/" not in name:
        lines.append((number, _SCHEMA_LINE))  # at the end, where it moves nothing
    return Completed("".join(line for _, line in lines), tuple(number for number, _ in lines))


def _missing_keys(model: str, *, is_default: bool) -> Iterator[str]:
    """Yield a line for each required key that a model lacks; ``is_default`` says whether its features need one."""
    present = _keys(model)
    if not present:
        return
    id_ = str(_value(model, "id") or derive_id(str(_value(model, "name"))) or "example")
    values = required_values(id_) | ({"default_for": "[summarize_mr_review]"} if is_default else {})
    yield from (f"  {key}: {value}\n" for key, value in values.items() if key not in present)


def required_values(id_: str) -> dict[str, str]:
    """Return a value, as YAML, for each required key but the name."""
    return {
        "identifier": f"bedrock/{id_}-1",
        "api-key": f"AIGW_MODEL_{id_.upper()}_API_KEY",
        "endpoint": "https://example-models.com/v1",
        "release_state": ReleaseState.GA,
        "family": "claude",
        "features": "[summarize_mr_review]",
    }


def _keys(item: str) -> set[str]:
    return set(re.findall(r"^(?:\ufeff?- |  )([\w-]+):", item, re.MULTILINE))


def _value(item: str, key: str) -> object:
    """Return the value of one of an item's keys, of which it is enough that this line can be read."""
    found = re.search(rf"^(?:\ufeff?- |  )({key}:.*)$", item, re.MULTILINE)
    return parse("", found[1].encode()).value[key] if found else None


def path_of(name: str) -> str:
    """Return the path of the file that an example names: an environment, or a path."""
    if name.startswith(BEFORE):
        return f"{BEFORE}{path_of(name.removeprefix(BEFORE))}"
    return name if "/" in name else roster_path(name)
