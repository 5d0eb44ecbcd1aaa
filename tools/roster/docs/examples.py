"""The rules' examples as complete repositories.

Rules leave required keys out of their examples; this module adds them. The registries in ``data/`` are small and their
own, so that a new feature or family does not change an example.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from roster.authoring.draft import SCHEMA_COMMENT
from roster.check.loading import load_registries
from roster.check.pipeline import check
from roster.check.result import Base, CheckResult
from roster.check.trial_period import base_version
from roster.git.file_history import FileVersion
from roster.model import ReleaseState, entry_id
from roster.registries import ENVIRONMENTS, FAMILIES, FEATURES, PROVIDERS
from roster.repository import Repository, toolkit_file
from roster.roster import ROSTER_SCHEMA, roster_path
from roster.rules.base.rule import BEFORE, Example, Rule
from roster.rules.credentials import reference
from roster.schema.list_rewriting import rewrite_lists
from roster.schema.validator import registered_names
from roster.yaml.document import parse

_DATA = Path(__file__).parent / "data"
_REGISTRIES = (FEATURES, FAMILIES, PROVIDERS, ENVIRONMENTS)
_ENVIRONMENTS = ("staging", "production")
TODAY = date(2026, 6, 15)
"""The date of the examples' checks."""
COMMIT_DAY = TODAY - timedelta(days=7)
"""The date of the commit before an example's change."""
_ITEM = re.compile(r"^(?=\ufeff?- )", re.MULTILINE)
"""The start of a list item."""


def registries(environments: Collection[str]) -> dict[str, bytes]:
    """Return the examples' registries by path, with a promotion path of these environments."""
    contents = {path: (_DATA / Path(path).name).read_bytes() for path in _REGISTRIES}
    policies = _ITEM.split(contents[ENVIRONMENTS].decode())
    promotion_path = "".join(policy for policy in policies if _value(policy, "name") in environments)
    return contents | {ENVIRONMENTS: promotion_path.encode()}


def files(rule: Rule, example: Example) -> dict[str, bytes]:
    """Return the files of an example's repository by path."""
    contents = registries({name.removeprefix(BEFORE) for name in (*texts(rule.bad), *texts(rule.good))})
    if rule.name == "feature-without-model":  # no other rule needs a required feature
        contents[FEATURES] = contents[FEATURES].replace(b"required: false", b"required: true", 2)
    if rule.name == "missing-capability":  # nor a feature that requires a capability
        contents[FEATURES] = contents[FEATURES].replace(b"required: false", b"required: false\n  requires: [fim]", 1)
    for name, text in texts(example).items():
        if text:
            contents[path_of(name)] = complete(rule, name, text).encode()
    return contents


def texts(example: Example) -> dict[str, str]:
    """Return the texts of an example by environment or path."""
    return {"production": example} if isinstance(example, str) else dict(example)


def check_example(rule: Rule, example: Example) -> CheckResult:
    """Check an example's repository."""
    before, after = split_versions(files(rule, example))
    with TemporaryDirectory() as folder:
        (Path(folder) / "env").mkdir()
        base = _base(Path(folder), before) if before else None
        return check(Repository(Path(folder), {ROSTER_SCHEMA: schema()} | after), TODAY, base=base)


def _base(folder: Path, contents: Mapping[str, bytes]) -> Base:
    result = check(Repository(folder, {ROSTER_SCHEMA: schema(), **contents}), TODAY)
    return base_version(result, lambda path: [FileVersion(COMMIT_DAY, contents[path])], TODAY)


def split_versions(contents: Mapping[str, bytes]) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Return an example's files before and after its change; an example without a change has none before it."""
    after = {path: data for path, data in contents.items() if not path.startswith(BEFORE)}
    before = {path.removeprefix(BEFORE): data for path, data in contents.items() if path.startswith(BEFORE)}
    unchanged = {path: data for path, data in after.items() if path in _REGISTRIES} if before else {}
    return unchanged | before, after


def repository() -> dict[str, bytes]:
    """Return the files of a small repository without findings, for the commands' examples."""
    rosters = {roster_path(name): (_DATA / f"{name}.yaml").read_bytes() for name in _ENVIRONMENTS}
    folder = toolkit_file("features.schema.json").parent
    schemas = {f"schemas/{path.name}": path.read_bytes() for path in folder.glob("*.schema.json")}
    return registries(_ENVIRONMENTS) | rosters | schemas | {ROSTER_SCHEMA: schema()}


@cache
def schema() -> bytes:
    """Return the JSON Schema of rosters with the names of the examples' registries."""
    text = toolkit_file(Path(ROSTER_SCHEMA).name).read_text(encoding="utf-8")
    names = registered_names(load_registries(Repository(_DATA, registries(_ENVIRONMENTS))))
    return rewrite_lists(ROSTER_SCHEMA, text, names).encode()


def complete(rule: Rule, name: str, text: str) -> str:
    """Add the missing required keys below each model of an example's roster; leave other files unchanged."""
    if "/" in name:
        return text
    models = _ITEM.split(text)
    without_features = [model for model in models if _keys(model) and "features" not in _keys(model)]
    if rule.name != "missing-key":
        models = [model + "".join(_missing_keys(model, is_default=model in without_features[:1])) for model in models]
    # at the end, where it does not shift line numbers
    return "".join(models) + ("" if rule.name == "missing-schema-line" else SCHEMA_COMMENT)


def _missing_keys(model: str, *, is_default: bool) -> Iterator[str]:
    """Yield a line for each required key that a model lacks, and for ``default_for`` if it is the default."""
    present = _keys(model)
    if not present:
        return
    id_ = entry_id({key: _value(model, key) for key in ("id", "name")}) or "example"
    values = required_values(id_) | ({"default_for": "[summarize_mr_review]"} if is_default else {})
    yield from (f"  {key}: {value}\n" for key, value in values.items() if key not in present)


def required_values(id_: str) -> dict[str, str]:
    """Return a YAML value for each required key except the name."""
    return {
        "identifier": f"bedrock/{id_}-1",
        "api-key": reference(id_),
        "endpoint": "https://example-models.com/v1",
        "release_state": ReleaseState.GA,
        "family": "claude",
        "features": "[summarize_mr_review]",
    }


def _keys(item: str) -> set[str]:
    return set(re.findall(r"^(?:\ufeff?- |  )([\w-]+):", item, re.MULTILINE))


def _value(item: str, key: str) -> object:
    """Return the value of a key that fits on one line, even if the rest of the item is invalid."""
    match = re.search(rf"^(?:\ufeff?- |  )({key}:.*)$", item, re.MULTILINE)
    return parse("", match[1].encode()).value[key] if match else None


def path_of(name: str) -> str:
    """Return the path for a name in an example, which is an environment or a path."""
    if name.startswith(BEFORE):
        return f"{BEFORE}{path_of(name.removeprefix(BEFORE))}"
    return name if "/" in name else roster_path(name)
