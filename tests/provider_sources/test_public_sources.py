"""What LiteLLM and models.dev say about a model, and how a changed format is recognized."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from roster.findings import Pointer
from roster.provider_sources import json_source, litellm, models_dev
from roster.provider_sources.interface import Listing, SourceError, Statement
from roster.provider_sources.json_source import JsonSource
from tests.provider_sources.source_files import (
    CAPABILITIES,
    litellm_file,
    litellm_listing,
    models_dev_file,
    models_dev_listing,
)


def of_litellm(**entry: Any) -> Statement:
    return litellm_listing(x=entry).read("x")


def of_models_dev(**entry: Any) -> Statement:
    return models_dev_listing(**{"p/x": entry}).read("p/x")


def problem(listing: Callable[..., Listing], **entries: Any) -> str:
    with pytest.raises(SourceError) as raised:
        listing(**entries)
    return str(raised.value)


def rejection(module: Any, data: bytes) -> str:
    return problem(lambda: module.listing(JsonSource("source.json", data), CAPABILITIES))


def test_litellm_entry():
    statement = of_litellm(
        deprecation_date="2026-10-14",
        max_input_tokens=200000,
        max_output_tokens=64000.0,
        input_cost_per_token=2e-07,
        output_cost_per_token=1.5e-05,
        supports_function_calling=True,
        supports_vision=False,
        supports_pdf_input=True,
        supports_native_streaming=True,
        supports_something_new=True,
    )
    assert statement == Statement(
        ends=date(2026, 10, 14),
        context_window=200000,
        max_output_tokens=64000,
        capabilities=frozenset({"tools", "pdf", "streaming"}),
        input_price=0.2,
        output_price=15.0,
    )
    assert of_litellm(mode="embedding", max_output_tokens=0).capabilities == frozenset({"embeddings"})
    assert of_litellm(max_output_tokens=0, deprecation_date=None) == Statement()


def test_models_dev_entry():
    entry = {
        "limit": {"context": 400000, "output": 128000},
        "cost": {"input": 1.25, "output": 10},
        "modalities": {"input": ["text", "image", "pdf", "video"], "output": ["text"]},
        "attachment": True,
        "reasoning": True,
        "status": "deprecated",
    }
    assert of_models_dev(**entry) == Statement(
        context_window=400000,
        max_output_tokens=128000,
        capabilities=frozenset({"tools", "reasoning", "vision", "pdf"}),
        input_price=1.25,
        output_price=10.0,
        is_deprecated=True,
    )
    assert of_models_dev(attachment=True, tool_call=False).capabilities == frozenset({"vision"})
    assert of_models_dev(limit={"context": 1000, "output": 2000}).max_output_tokens is None


def test_invalid_values_are_rejected_with_the_place():
    in_litellm: dict[str, Any] = {
        "deprecation_date": ["2026-02-31", "soon", "2026-1-1", "1970-01-01", "2206-01-01", 20261014, True, ""],
        "max_input_tokens": [-1, "200000", 1.5, True, 10**12, 10**30],
        "output_cost_per_token": [-1e-6, "0.1", 3.0, [1]],
        "supports_vision": ["yes", 1],
    }
    in_models_dev: dict[str, Any] = {
        "limit": [5, {"context": -1}, {"output": "8k"}],
        "cost": [{"input": -1}, {"output": "$3"}],
        "modalities": [{"input": "text"}, []],
        "tool_call": ["yes"],
    }
    accepted = []
    for key, values in in_litellm.items():
        for value in values:
            message = problem(litellm_listing, x={key: value})
            if not (message.startswith("litellm.json:") and f'"x" is invalid: "{key}" must be' in message):
                accepted.append((key, value, message))
    for key, values in in_models_dev.items():
        for value in values:
            message = problem(models_dev_listing, **{"p/x": {key: value}})
            if not message.startswith("api.json:"):
                accepted.append((key, value, message))
    assert accepted == []


def test_message_names_line_and_column_of_the_value():
    message = problem(litellm_listing, **{"a/b": {}, "mistral/x": {"max_input_tokens": "128k"}})
    assert message == (
        'litellm.json:14:25: "mistral/x" is invalid: "max_input_tokens" must be a number of tokens up to '
        '1,000,000,000, not "128k"; correct it in a copy of the file, and use that'
    )
    assert "up to 1,000,000,000, not true; " in problem(litellm_listing, x={"max_input_tokens": True})
    message = problem(models_dev_listing, **{"p/x": {"limit": {"context": 1, "output": -8}}})
    assert message.startswith('api.json:10:21: "p/x" is invalid: "output" must be a number of tokens')


def test_changed_formats_are_rejected():
    entries: dict[str, Any] = {f"mistral/{number}": {"max_input_tokens": "8k"} for number in range(10)}
    assert "10 of 10 entries are invalid, so the format of litellm may have changed" in rejection(
        litellm, litellm_file(**entries)
    )
    renamed = {f"mistral/{number}": {"input_limit": 8000, "max_output_tokens": 1} for number in range(100)}
    assert 'only 0 of 100 entries have the key "max_input_tokens"' in rejection(litellm, litellm_file(**renamed))
    without_provider = {"a": {"litellm_provider": "x"}, "b": {}, "c": {}, "d": []}
    assert "3 of 4 entries are invalid" in rejection(litellm, json.dumps(without_provider).encode())
    assert "lists no models" in rejection(models_dev, b'{"a": {"models": {}}}')


def test_only_one_of_many_invalid_entries_is_located(monkeypatch: pytest.MonkeyPatch):
    located: list[Pointer] = []

    def locate(_text: str, pointer: Pointer) -> int:
        located.append(pointer)
        return 0

    monkeypatch.setattr(json_source, "_locate", locate)
    data = litellm_file(**{f"mistral/{number}": {"input_cost_per_token": 3} for number in range(10)})
    assert "10 of 10 entries are invalid" in rejection(litellm, data)
    assert located == [("mistral/0", "input_cost_per_token")]


def test_provider_without_models_is_rejected_if_rosters_may_use_it():
    providers = json.loads(models_dev_file(**{"groq/x": {}}))
    data = json.dumps(providers | {"mistral": {"id": "mistral", "models": []}}).encode()
    message = 'source.json:1:86: the provider "mistral" must have an object "models"'
    assert rejection(models_dev, data) == message
    data = json.dumps(providers | {"other": {"models": []}, "another": 5}).encode()
    assert models_dev.listing(JsonSource("source.json", data), CAPABILITIES).names == {"groq": {"x": "groq/x"}}


def test_entry_without_a_provider_is_rejected():
    data = litellm_file(**{"mistral/1": {}, "mistral/x": {"litellm_provider": 5}})
    assert 'it needs the key "litellm_provider" with a text' in rejection(litellm, data)


def test_sample_and_rules_of_litellm_are_no_models():
    data = litellm_file(**{"mistral/x": {}}).replace(b"{\n", b'{"fallback_generalizations": {"rules": []},\n', 1)
    listing = litellm.listing(JsonSource("litellm.json", data), CAPABILITIES)
    assert listing.names == {"mistral": {"x": "mistral/x"}}
