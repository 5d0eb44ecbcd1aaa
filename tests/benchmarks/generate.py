"""Generate a repository; the output is deterministic.

    python tests/benchmarks/generate.py SCHEMAS FOLDER ENVIRONMENTS MODELS [MISSPELLED]

As in real rosters, names, identifiers, endpoints, key variables, descriptions and dates differ from model to model.
Every environment offers the same models. The features are divided among the first models, which are their defaults;
each later model serves some or all features of one of the defaults. Some models retire, years from now. MISSPELLED
models, evenly spaced, have a misspelled family; without them, the repository has no findings.
"""

import shutil
import sys
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import yaml

FEATURES_OF_A_DEFAULT = 4
TIERS = ("Sonnet", "Large", "Instruct", "Flash", "Pro")
REGIONS = ("us-east-1", "us-west-2", "eu-central-1", "eu-west-3", "ap-northeast-1", "ap-southeast-2")
IDENTIFIERS = (
    ("Bedrock", "bedrock/anthropic.{id_with_hyphens}-{day}-v1:0"),
    ("Vertex", "vertex_ai/{id_with_hyphens}@{day}"),
    ("Fireworks", "fireworks_ai/accounts/fireworks/models/{id_with_hyphens}"),
)
ENDPOINTS = (
    "https://{id_with_hyphens}.{region}.example-models.com/v1",
    "https://{region}.models-{index}.example-inference.io",
    "https://inference.example-{index}.net/{region}/deployments/{id_with_hyphens}/v{version}",
)
STATES = ("GA", "BETA", "GA", "EXPERIMENT")

PROMOTION_PATH_ITEM = """\
- name: {name}
  release_states: [GA, BETA, EXPERIMENT]
  default_release_states: [GA]
  retirement_notice_days: 90
"""
ROSTER_START = """\
# yaml-language-server: $schema=../../schemas/offered_models_metadata.schema.json
# The models that {name} offers.
"""
REQUIRED_KEYS = """\
- name: {name}
  identifier: {identifier}
  api-key: AIGW_MODEL_{id_in_upper_case}_API_KEY
  endpoint: {endpoint}
  release_state: {state}
  family: {family}
"""
OPTIONAL_KEYS = """\
  display_name: "GitLab: {name} on {provider}"
  description: The {name} for long and short prompts, edition {index}
  provider: {provider}
  cost_indicator: {cost}
"""
RETIREMENT = """\
  retirement:
    notice: {notice}
    last_day: {last_day}
    replacement: {replacement}
"""


@dataclass(frozen=True, slots=True)
class Registries:
    """The registered features, required ones first, and families."""

    features: list[str]
    families: list[str]


def read_registries(schemas: Path) -> Registries:
    features = yaml.safe_load((schemas / "features.yaml").read_text(encoding="utf-8"))
    families = yaml.safe_load((schemas / "families.yaml").read_text(encoding="utf-8"))
    features.sort(key=lambda feature: not feature["required"])
    return Registries([feature["name"] for feature in features], families)


def model_name(index: int, registries: Registries) -> str:
    family = registries.families[index % len(registries.families)]
    return f"{family.replace('_', ' ').title()} 3.{index} {TIERS[index % len(TIERS)]}"


def model_id(name: str) -> str:
    return name.lower().replace(" ", "_").replace(".", "_")


def features_of_defaults(features: list[str], models: int) -> list[list[str]]:
    """Return the features of each default model; there are at most as many defaults as models."""
    starts = range(0, len(features), FEATURES_OF_A_DEFAULT)
    return [features[start : start + FEATURES_OF_A_DEFAULT] for start in starts][:models]


def list_of(key: str, values: list[str], index: int) -> str:
    """Return a list, in flow style for models with an even index, in block style for others."""
    if index % 2 == 0:
        return f"  {key}: [{', '.join(values)}]\n"
    return f"  {key}:\n" + "".join(f"    - {value}\n" for value in values)


def model_text(index: int, registries: Registries, parts: list[list[str]]) -> str:
    name = model_name(index, registries)
    is_default = index < len(parts)
    announced = date(2030, 1, 1) + timedelta(days=index)
    provider, identifier = IDENTIFIERS[index % len(IDENTIFIERS)]
    values_by_key = {
        "index": index,
        "name": name,
        "family": registries.families[index % len(registries.families)],
        "state": "GA" if is_default else STATES[index % len(STATES)],
        "provider": provider,
        "region": REGIONS[index % len(REGIONS)],
        "version": 1 + index % 3,
        "day": f"{announced:%Y%m%d}",
        "notice": announced,
        "last_day": announced + timedelta(days=200 + index % 100),
        "id_with_hyphens": model_id(name).replace("_", "-"),
        "id_in_upper_case": model_id(name).upper(),
        "cost": "$" * (1 + index % 4),
        "replacement": model_id(model_name(index % len(parts), registries)),
    }
    values_by_key["identifier"] = identifier.format_map(values_by_key)
    # Not index % 3, which selects the provider: each provider has endpoints of each form.
    values_by_key["endpoint"] = ENDPOINTS[index // 3 % len(ENDPOINTS)].format_map(values_by_key)
    text = REQUIRED_KEYS.format_map(values_by_key)
    part = parts[index % len(parts)]
    text += list_of("features", part if is_default else part[: 1 + index % len(part)], index)
    if is_default:
        text += list_of("default_for", part, index)
    if index % 4 == 0:
        text += OPTIONAL_KEYS.format_map(values_by_key)
    if not is_default and index % 9 == 0:
        text += RETIREMENT.format_map(values_by_key)
    return text


def write_repository(schemas: Path, folder: Path, environments: int, models: int, misspelled: int = 0) -> None:
    registries = read_registries(schemas)
    parts = features_of_defaults(registries.features, models)
    texts = [model_text(index, registries, parts) for index in range(models)]
    for number in range(misspelled):
        index = (2 * number + 1) * models // (2 * misspelled)
        texts[index] = texts[index].replace("family: ", "family: x", 1)
    roster = "\n".join(texts)
    names = [f"stage-{number:03}" for number in range(1, environments + 1)]
    shutil.copytree(schemas, folder / "schemas")
    for name in names:
        path = folder / "env" / name / "offered_models_metadata.yaml"
        path.parent.mkdir(parents=True)
        path.write_text(ROSTER_START.format(name=name) + roster, encoding="utf-8")
    promotion_path = "".join(PROMOTION_PATH_ITEM.format(name=name) for name in names)
    (folder / "env" / "environments.yaml").write_text(promotion_path, encoding="utf-8")


if __name__ == "__main__":
    write_repository(Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:]))
