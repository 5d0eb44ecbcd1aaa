"""The JSON copies of the toolkit's registries, which save their parsing in every check."""

import json

import pytest

from roster.check.loading import PARSED_COPIES, parsed_copy
from roster.registries import CAPABILITIES, FAMILIES, FEATURES, PROVIDERS
from roster.yaml.document import parse
from tests.conftest import ROOT


@pytest.mark.parametrize("path", [FEATURES, FAMILIES, PROVIDERS, CAPABILITIES])
def test_copy_has_the_value_of_the_registry(path: str, request: pytest.FixtureRequest):
    data = (ROOT / path).read_bytes()
    file, value = PARSED_COPIES / (ROOT / path).with_suffix(".json").name, parse(path, data).value
    if request.config.getoption("regenerate"):
        file.write_text(json.dumps([data.decode(), value], ensure_ascii=False) + "\n", encoding="utf-8")
    assert parsed_copy(path, data) == value, "run: make fixtures"
    assert parsed_copy(path, data + b"\n") == []
