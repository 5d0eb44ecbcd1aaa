"""Loading of provider facts: the lock file in JSON, and facts that people wrote in block style."""

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from roster.check.facts_loading import load_provider_facts
from roster.check.loading import load_registries
from roster.findings import ConfigurationError
from roster.provider_facts import FactSource, ProviderFacts
from roster.registries import FACT_FILES, FEATURES, KNOWN_PROVIDER_FACTS, PROVIDER_FACTS
from roster.repository import Repository
from roster.roster import Roster
from tests.conftest import ROOT, Run
from tests.single_roster import CLEAN, repository

SONNET: dict[str, Any] = {
    "identifier": "anthropic/claude-3-7-sonnet-20250219",
    "ends": "2026-02-19",
    "ends_earliest": True,
    "context_window": 200000,
    "max_output_tokens": 64000,
    "capabilities": ["tools", "vision"],
    "input_price": 3.0,
    "output_price": 15.0,
    "sources": [{"name": "litellm", "read": "2026-11-30", "ends": "2026-02-19"}],
}
GPT = {
    "identifier": "openai/gpt-5-mini-2025-08-07",
    "unknown_to": ["models.dev"],
    "similar": "openai/gpt-5-mini",
    "sources": [{"name": "models.dev", "read": "2026-11-30"}],
}
HEADER = "# yaml-language-server: $schema=provider_facts.schema.json\n#\n# Facts.\n"


def loaded(text: str, path: str = PROVIDER_FACTS) -> Any:
    """Return the facts in a file, or the error."""
    with_facts = repository(CLEAN)
    with_facts.files[path] = text.encode()
    try:
        return load_provider_facts(with_facts, path)
    except ConfigurationError as error:
        return str(error)


def test_lock_file_and_block_style_have_the_same_meaning():
    entries = [SONNET, GPT]
    as_json = loaded(HEADER + json.dumps(entries, indent=2))
    block = yaml.safe_dump(entries, sort_keys=False).replace("'", "")
    assert "ends: 2026-02-19\n" in block
    assert loaded(HEADER + block) == as_json == loaded(block, KNOWN_PROVIDER_FACTS)
    assert as_json["anthropic/claude-3-7-sonnet-20250219"] == ProviderFacts(
        identifier="anthropic/claude-3-7-sonnet-20250219",
        ends=date(2026, 2, 19),
        ends_earliest=True,
        context_window=200000,
        max_output_tokens=64000,
        capabilities=("tools", "vision"),
        input_price=3.0,
        output_price=15.0,
        unknown_to=(),
        similar=None,
        sources=(FactSource("litellm", date(2026, 11, 30), date(2026, 2, 19)),),
    )
    assert as_json["openai/gpt-5-mini-2025-08-07"].ends is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (json.dumps([SONNET, SONNET]), ':1:329: "anthropic/claude-3-7-sonnet-20250219" is in this registry twice'),
        (json.dumps([SONNET | {"ends": "2026-02-30"}]), ':1:65: "ends" cannot be "2026-02-30"; February'),
        (
            json.dumps([SONNET | {"context_window": -1}]),
            '"context_window" cannot be "-1"; expected: a number of tokens, such as 200000',
        ),
        (json.dumps([SONNET | {"end": "2026-02-19"}]), 'unknown key "end"'),
        ('[{"identifier": "a/b", "identifier": "a/c", "sources": []}]', 'the key "identifier" is duplicated'),
        ("[{", ":1:2: "),
        ("", "the file is empty; restore it, or write [] for no facts"),
        (HEADER, "the file is empty; restore it, or write [] for no facts"),
        ("[" * 2000, "nested"),
    ],
)
def test_invalid_facts_are_rejected_with_the_place(text: str, expected: str):
    error = loaded(text)
    assert isinstance(error, str)
    assert error.startswith(f"{PROVIDER_FACTS}:")
    assert expected in error


def test_facts_apply_at_the_providers_own_endpoint_only():
    registries = load_registries(Repository(ROOT))
    registries.provider_facts = loaded(json.dumps([GPT]))
    base = {"name": "GPT", "identifier": GPT["identifier"]}
    endpoints = ["https://api.openai.com/v1", "https://models.example.com/v1", None]
    models = [base | ({"endpoint": endpoint} if endpoint else {}) for endpoint in endpoints]
    own, other, supplied = Roster.of("", "production", models, registries=registries)
    assert registries.facts_of(own) is registries.facts_of(supplied) is not None
    assert registries.facts_of(other) is None


def test_folder_with_nothing_but_facts_keeps_the_toolkits_registries(checkout: Path, roster: Run):
    shutil.rmtree(checkout / "schemas")
    (checkout / "schemas").mkdir()
    for path in FACT_FILES:
        (checkout / path).write_text(json.dumps([SONNET]), encoding="utf-8")
    assert roster("check").returncode == 0
    (checkout / "schemas" / "families.yaml").write_text("- claude\n", encoding="utf-8")
    assert f"{FEATURES} is missing" in roster("check").stderr


def test_half_of_a_surrogate_pair_is_reported():
    text = json.dumps([GPT]).replace("gpt-5", "gpt-\\ud800")
    assert loaded(HEADER + text).endswith(":4:29: this escape is not a valid character; write the character itself")


def test_every_value_of_another_type_is_reported():
    failures = []
    values: tuple[Any, ...] = (None, True, -1, 1.5, "", "x", [], ["a"], {}, {"a": 1}, [[{}]])
    for value in values:
        for key in [*SONNET, *(f"sources.{key}" for key in SONNET["sources"][0])]:
            entry = json.loads(json.dumps(SONNET))
            part = entry["sources"][0] if "." in key else entry
            part[key.rpartition(".")[2]] = value
            message = loaded(json.dumps([entry]))
            if not isinstance(message, str) and type(value) is not type(SONNET.get(key)) and not key.endswith("price"):
                failures.append((key, value))
    assert not failures
