"""Provider facts from the file that LiteLLM ships, and its own lookup of identifiers in it."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from time import process_time

import pytest

from roster.provider_sources import litellm
from roster.provider_sources.json_source import JsonSource
from roster.provider_sources.matching import Matcher
from roster.registries import KNOWN_PROVIDER_FACTS, PROVIDER_FACTS
from tests.conftest import ROOT, Run
from tests.litellm import python
from tests.provider_sources.source_files import CAPABILITIES, REGISTRIES

pytestmark = pytest.mark.slow

FILE = "model_prices_and_context_window_backup.json"
LOOKUP = """
import json, sys, litellm
def key(identifier):
    try:
        return litellm.get_model_info(identifier)["key"]
    except Exception:
        return None
print(json.dumps({identifier: key(identifier) for identifier in json.load(sys.stdin)}))
"""
SONNET = "anthropic.claude-3-7-sonnet-20250219-v1:0"
WRITTEN_OTHERWISE = [
    f"bedrock/{name}{SONNET}"
    for name in ("converse/", "invoke/", "us-east-1/", "converse/us-west-2/", "us.", "converse/us.", "global.", "apac.")
] + ["fireworks_ai/qwen2p5-coder-7b", "fireworks_ai/models/qwen2p5-coder-7b", "bedrock_mantle/us-east-1/openai.gpt-5.4"]
NOT_FOUND_BY_LITELLM = ("ai21/", "azure/", "fireworks_ai/models/")
"""Starts of identifiers that LiteLLM lists under another provider, and so does not find."""


@pytest.fixture(scope="module")
def file() -> Path:
    return next(python().parents[1].glob(f"lib/*/site-packages/litellm/{FILE}"))


def test_shipped_rosters_are_updated_within_two_seconds(file: Path, checkout: Path, roster: Run):
    (checkout / PROVIDER_FACTS).unlink(missing_ok=True)
    shutil.copy(ROOT / KNOWN_PROVIDER_FACTS, checkout / KNOWN_PROVIDER_FACTS)
    started = process_time()
    done = roster("providers", "update", "--from", str(file), "--from", KNOWN_PROVIDER_FACTS)
    assert done.returncode == 0, done.stderr
    assert process_time() - started < 2
    assert f"Claude 3.7 Sonnet (bedrock/us.{SONNET}): new: end 2026-04-28; context window 200,000 tokens" in done.stdout
    assert "vertex_ai/gemini-2.5-pro): new: end 20" in done.stdout
    assert "warning" not in done.stderr


def test_identifiers_are_found_as_litellm_finds_them(file: Path):
    listing = litellm.listing(JsonSource(FILE, file.read_bytes()), CAPABILITIES)
    prefixes = {prefix for provider in REGISTRIES.providers.values() for prefix in provider.prefixes}
    listed = [f"{group}/{name}" for group, names in listing.names.items() if group in prefixes for name in names]
    expected = _litellm_keys([*listed, *WRITTEN_OTHERWISE])
    matcher = Matcher(listing)
    different = {
        identifier: (match and match.key, key)
        for identifier, key in expected.items()
        if ((match := matcher.find(identifier)) and match.key) != key
        and not (key is None and identifier.startswith(NOT_FOUND_BY_LITELLM))
    }
    assert len(listed) > 3000
    assert different == {}


def _litellm_keys(identifiers: list[str]) -> dict[str, str | None]:
    """Return the key of the entry that LiteLLM uses for each identifier."""
    environment = {"PATH": os.environ["PATH"], "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    command = [str(python()), "-c", LOOKUP]
    options = {"input": json.dumps(identifiers), "env": environment, "timeout": 120}
    done = subprocess.run(command, capture_output=True, text=True, check=True, **options)  # type: ignore[call-overload]
    keys: dict[str, str | None] = json.loads(done.stdout.splitlines()[-1])
    return keys
