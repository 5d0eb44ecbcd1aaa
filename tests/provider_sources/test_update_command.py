"""``roster providers update``: what it writes, prints and refuses."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from roster.check.facts_loading import load_provider_facts
from roster.findings import ConfigurationError
from roster.provider_sources.download import VARIABLES, download_with
from roster.provider_sources.interface import SourceError
from roster.provider_sources.lock_file import lock_bytes
from roster.provider_sources.merging import merge
from roster.provider_sources.reading import read_sources
from roster.registries import KNOWN_PROVIDER_FACTS, PROVIDER_FACTS
from tests.command import Completed
from tests.conftest import ROOT, Run, edit
from tests.download.download_helpers import RecordedPauses
from tests.download.scripted_server import ScriptedServer, answer, ok
from tests.provider_sources.source_files import DAY, REGISTRIES, REPOSITORY, litellm_file, models_dev_file

CLAUDE = "us.anthropic.claude-3-7-sonnet-20250219-v1:0"
GEMINI: dict[str, Any] = {"litellm_provider": "vertex_ai-language-models", "deprecation_date": "2026-10-20",
                          "max_input_tokens": 1048576}  # fmt: skip
ENTRIES: dict[str, dict[str, Any]] = {CLAUDE: {"max_output_tokens": 8192}, "gemini-2.5-pro": GEMINI}
STILL_TRUE = f"facts that are still true to {KNOWN_PROVIDER_FACTS}; or accept this with --allow-loss"
ROSTER = "env/staging/offered_models_metadata.yaml"
Update = Callable[..., Completed]


@pytest.fixture
def update(checkout: Path, roster: Run) -> Update:
    """Updates the facts from files that are written first, by name, and from known facts."""
    (checkout / PROVIDER_FACTS).unlink(missing_ok=True)
    (checkout / KNOWN_PROVIDER_FACTS).unlink(missing_ok=True)

    def run(*options: str, own: str = "", models_dev: bytes = b"", **entries: dict[str, Any]) -> Completed:
        files = {"litellm.json": litellm_file(**entries or ENTRIES), "api.json": models_dev, "own.yaml": own.encode()}
        for name, data in files.items():
            (checkout / name).write_bytes(data)
        sources = (argument for name, data in files.items() if data for argument in ("--from", name))
        return roster("providers", "update", *sources, "--at", "2026-11-30", *options)

    return run


def facts(checkout: Path) -> dict[str, Any]:
    text = (checkout / PROVIDER_FACTS).read_text()
    return {entry["identifier"]: entry for entry in json.loads(text[text.index("\n[") :])}


def test_facts_of_all_rosters_are_written(checkout: Path, update: Update):
    done = update()
    assert (done.returncode, done.stderr) == (0, f"{PROVIDER_FACTS} written: 3 changes\n")
    assert done.stdout.splitlines() == [
        f"Claude 3.7 Sonnet (bedrock/{CLAUDE}): new: output limit 8,192 tokens",
        "Codestral on Vertex (vertex_ai/codestral-2501): litellm does not list this identifier",
        "Gemini Pro (vertex_ai/gemini-2.5-pro): new: end 2026-10-20; context window 1,048,576 tokens",
    ]
    assert facts(checkout)["vertex_ai/gemini-2.5-pro"] == {
        "identifier": "vertex_ai/gemini-2.5-pro",
        "ends": "2026-10-20",
        "ends_earliest": False,
        "context_window": 1048576,
        "sources": [{"name": "litellm", "read": "2026-11-30", "ends": "2026-10-20"}],
    }


def test_update_without_news_changes_no_byte(checkout: Path, update: Update):
    update()
    before = (checkout / PROVIDER_FACTS).read_bytes()
    for options in (("--at", "2026-12-24"), ("--at", "2026-12-24", "--check")):
        done = update(*options)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", f"{PROVIDER_FACTS} is up to date\n")
    assert (checkout / PROVIDER_FACTS).read_bytes() == before


def test_changes_are_printed_in_words(checkout: Path, update: Update):
    update()
    changed = GEMINI | {"deprecation_date": "2026-09-01", "supports_vision": True}
    done = update("--at", "2026-12-24", "--check", **ENTRIES | {"gemini-2.5-pro": changed})
    assert done.returncode == 1
    assert done.stderr == f"{PROVIDER_FACTS} is out of date: run roster providers update\n"
    assert done.stdout.splitlines() == [
        "Gemini Pro (vertex_ai/gemini-2.5-pro): end 2026-10-20 → 2026-09-01",
        "Gemini Pro (vertex_ai/gemini-2.5-pro): capabilities unknown → vision",
    ]
    before = facts(checkout)
    done = update("--at", "2026-12-24", "--format", "markdown", **ENTRIES | {"gemini-2.5-pro": changed})
    assert done.stdout.startswith("**Changed provider facts**\n\n- Gemini Pro (`vertex_ai/gemini-2.5-pro`): end ")
    after = facts(checkout)
    assert after["vertex_ai/gemini-2.5-pro"]["sources"][0]["read"] == "2026-12-24"
    assert after[f"bedrock/{CLAUDE}"] == before[f"bedrock/{CLAUDE}"]


def test_sources_that_disagree_are_reported(checkout: Path, update: Update):
    page = "https://example.com/retirements"
    own = "- identifier: vertex_ai/gemini-2.5-pro\n  ends: 2026-10-16\n"
    own += f"  sources: [{{name: '{page}', read: 2026-11-01}}]\n"
    models_dev = models_dev_file(**{"google-vertex/gemini-2.5-pro": {"limit": {"context": 1048576, "output": 65536}}})
    done = update(own=own, models_dev=models_dev)
    assert f"its end: 2026-10-16 according to {page} and 2026-10-20 according to litellm; the earliest" in done.stdout
    entry = facts(checkout)["vertex_ai/gemini-2.5-pro"]
    assert entry["ends"] == "2026-10-16"
    assert [source.get("ends") for source in entry["sources"]] == ["2026-10-16", "2026-10-20", None]


def test_lost_facts_are_refused_unless_allowed(checkout: Path, update: Update):
    update()
    before = (checkout / PROVIDER_FACTS).read_bytes()
    gemini = GEMINI | {"deprecation_date": "2027-01-28"}
    for options in ((), ("--check",)):
        done = update(*options, **{"gemini-2.5-pro": gemini})
        assert done.returncode == 1
        assert done.stderr.splitlines() == [
            f"refused: Claude 3.7 Sonnet (bedrock/{CLAUDE}): no source has its output limit any longer (8,192 tokens)",
            "refused: Gemini Pro (vertex_ai/gemini-2.5-pro): its end moves from 2026-10-20 to 2027-01-28",
            f"{PROVIDER_FACTS} was not changed: check the sources, and add {STILL_TRUE}",
        ]
        assert (checkout / PROVIDER_FACTS).read_bytes() == before
    assert update("--allow-loss", **{"gemini-2.5-pro": gemini}).returncode == 0
    assert facts(checkout)["vertex_ai/gemini-2.5-pro"]["ends"] == "2027-01-28"


def test_refusal_names_our_known_facts_if_they_are_no_source(checkout: Path, update: Update):
    own = f"- identifier: bedrock/{CLAUDE}\n  ends: 2026-04-28\n"
    own += "  sources: [{name: 'https://example.com/x', read: 2026-11-01}]\n"
    (checkout / KNOWN_PROVIDER_FACTS).write_text(own)
    update(own=own)
    assert f"was not changed: add --from {KNOWN_PROVIDER_FACTS}, or check" in update().stderr


def test_identifiers_that_no_roster_uses_leave_the_file(checkout: Path, update: Update):
    update()
    for environment in ("staging-ref", "staging"):
        edit(checkout / ROSTER.replace("staging", environment), "vertex_ai/gemini-2.5-pro", "vertex_ai/gemini-3-pro")
    done = update()
    assert done.returncode == 0
    assert "vertex_ai/gemini-2.5-pro: removed: no roster uses it any longer" in done.stdout
    assert "vertex_ai/gemini-2.5-pro" not in facts(checkout)


def test_source_that_lists_an_identifier_again_is_reported(update: Update):
    update()
    listed = {"litellm_provider": "vertex_ai-mistral_models"}
    done = update(**ENTRIES | {"vertex_ai/codestral-2501": listed})
    assert done.stdout == "Codestral on Vertex (vertex_ai/codestral-2501): litellm lists this identifier now\n"
    done = update("--allow-loss", **{"mistral/codestral-2508": {}})
    assert "Gemini Pro (vertex_ai/gemini-2.5-pro): removed: no source has facts about it any longer" in done.stdout


def test_facts_about_identifiers_that_no_roster_uses_are_noted(update: Update):
    own = "- identifier: vertex_ai/gemini-2.5-pru\n  ends: 2026-10-16\n"
    done = update(own=own + "  sources: [{name: 'https://example.com/x', read: 2026-11-01}]\n")
    message = 'warning: own.yaml: no roster uses "vertex_ai/gemini-2.5-pru"; did you mean "vertex_ai/gemini-2.5-pro"?'
    assert message in done.stderr


def test_models_at_other_servers_have_no_facts(checkout: Path, update: Update):
    for path in checkout.glob("env/*/offered_models_metadata.yaml"):
        edit(path, "https://bedrock-runtime.us-east-1.amazonaws.com", "https://models.example.com")
    update()
    assert f"bedrock/{CLAUDE}" not in facts(checkout)


def test_link_stays_a_link_and_a_file_in_block_style_is_rewritten(checkout: Path, update: Update):
    update()
    written = (checkout / PROVIDER_FACTS).read_bytes()
    block = "".join(f"- {json.dumps(entry)}\n" for entry in facts(checkout).values())
    (checkout / "elsewhere.yaml").write_text(block)
    (checkout / PROVIDER_FACTS).unlink()
    (checkout / PROVIDER_FACTS).symlink_to("../elsewhere.yaml")
    done = update()
    assert done.stdout == "only the form of the file changes, no fact\n"
    assert (checkout / PROVIDER_FACTS).is_symlink()
    assert (checkout / "elsewhere.yaml").read_bytes() == written


def test_repository_without_schemas_gets_the_file(checkout: Path, update: Update, roster: Run):
    shutil.rmtree(checkout / "schemas")
    assert update().returncode == 0
    assert (checkout / PROVIDER_FACTS).read_text().startswith("# Public facts about")
    assert roster("check").returncode < 2
    assert (update().stdout, update().returncode) == ("", 0)


def test_unreadable_roster_is_reported_and_nothing_is_written(checkout: Path, update: Update):
    edit(checkout / ROSTER, "- name: Gemini Pro\n", "- name: Gemini Pro\n  name: Gemini\n")
    done = update()
    assert done.returncode == 1
    assert f"{ROSTER}:" in done.stderr
    assert f"{PROVIDER_FACTS} was not changed: correct the rosters above first" in done.stderr
    assert not (checkout / PROVIDER_FACTS).exists()


def test_malformed_identifier_does_not_get_into_the_file(checkout: Path, update: Update):
    edit(checkout / ROSTER, "identifier: vertex_ai/gemini-2.5-pro", 'identifier: "vertex_ai/gemini 2.5 pro"')
    done = update()
    assert (done.returncode, "[malformed-identifier]" in done.stderr) == (1, True)
    assert not (checkout / PROVIDER_FACTS).exists()


def test_facts_that_no_command_could_read_are_not_written(checkout: Path, update: Update):
    pages = [{"name": f"https://example.com/{number}", "read": "2026-11-30"} for number in range(20)]
    entry = {"identifier": "vertex_ai/codestral-2501", "sources": pages}
    done = update(own=json.dumps([entry]))
    assert (done.returncode, "the sources lead to an invalid file: " in done.stderr) == (1, True)
    assert not (checkout / PROVIDER_FACTS).exists()


def test_invalid_sources_are_refused_with_the_place(tmp_path: Path):
    files = {
        "broken.json": (b'{"a": ', "broken.json:1:7: this is not JSON"),
        "bom.json": (b'\xef\xbb\xbf{"a": {}}', "bom.json:1:1: it starts with a byte order mark"),
        "keys.json": (b'{"a": {}, "a": {}}', 'keys.json:1:11: the key "a" is duplicated'),
        "used.json": (
            litellm_file(**{"gemini-2.5-pro": GEMINI | {"deprecation_date": "October"}}),
            'used.json:10:25: "gemini-2.5-pro" is invalid: "deprecation_date" must be a day',
        ),
        "other.json": (b'{"object": "list", "data": []}', "other.json must be LiteLLM's"),
        "page.html": (b"<!doctype html><p>Sign in", "it seems to be an HTML page"),
        "empty.yaml": (b"", "it seems to be empty"),
        "own.yaml": (b"- identifier: a/b\n  ends: 2026-02-30\n  sources: []\n", "own.yaml:2:9: "),
        "keyed.yaml": (b"- identifier: a/b\n  limit: 5\n  sources: []\n", 'keyed.yaml:2:3: unknown key "limit"'),
        "name.yaml": (
            b"- identifier: a/b\n  sources: [{name: litellm, read: 2026-11-01}]\n",
            '"litellm" cannot be a source of "a/b", which people wrote',
        ),
        "capability.yaml": (
            b"- identifier: a/b\n  capabilities: [tool]\n  sources: [{name: 'https://a.b/c', read: 2026-11-01}]\n",
            '"a/b" has the unknown capability "tool"; did you mean "tools"?',
        ),
        "folder": (None, "folder cannot be read: not a regular file"),
        "missing.json": (None, "missing.json cannot be read: no such file"),
    }
    (tmp_path / "folder").mkdir()
    wrong = []
    for name, (data, message) in files.items():
        if data is not None:
            (tmp_path / name).write_bytes(data)
        with pytest.raises(SourceError) as raised:
            _merge_file(tmp_path / name)
        if message not in str(raised.value):
            wrong.append((name, str(raised.value)))
    assert wrong == []


def _merge_file(file: Path) -> None:
    listings = read_sources([str(file)], REPOSITORY, REGISTRIES, lambda _url: b"")
    merge(["vertex_ai/gemini-2.5-pro"], listings, DAY)


def test_invalid_source_leaves_the_file_as_it_is(checkout: Path, update: Update):
    update()
    before = (checkout / PROVIDER_FACTS).read_bytes()
    done = update("--allow-loss", **ENTRIES | {"gemini-2.5-pro": GEMINI | {"max_output_tokens": -1}})
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith(f"; {PROVIDER_FACTS} was not changed\n")
    assert (checkout / PROVIDER_FACTS).read_bytes() == before


def test_two_files_of_one_public_source_are_refused(checkout: Path, roster: Run):
    for name in ("a.json", "b.json"):
        (checkout / name).write_bytes(litellm_file(**ENTRIES))
    done = roster("providers", "update", "--from", "a.json", "--from", "b.json")
    assert done.stderr.startswith("roster: a.json, b.json are both litellm: name one of them; ")


def test_source_is_downloaded_without_a_token(checkout: Path, update: Update, roster: Run):
    update()
    with ScriptedServer(ok(litellm_file(**ENTRIES))) as server:
        done = roster("providers", "update", "--from", f"{server.origin}/prices.json", "--at", "2026-12-24")
    assert (done.returncode, done.stderr) == (0, f"{PROVIDER_FACTS} is up to date\n")
    assert "authorization" not in server.requests[0].headers


def test_failed_download_is_one_sentence(checkout: Path):
    with ScriptedServer(answer("404 Not Found")) as server, pytest.raises(SourceError) as raised:
        download_with(f"{server.origin}/api.json?x=1", {}, RecordedPauses().timing())
    assert str(raised.value).startswith(f"{server.origin}/api.json cannot be downloaded: the source answered 404; ")
    with pytest.raises(ConfigurationError, match="the URL is invalid: must start with https://"):
        download_with("http://example.com/api.json", {})


def test_shipped_facts_are_what_the_command_writes():
    shipped = load_provider_facts(REPOSITORY, PROVIDER_FACTS)
    assert lock_bytes(shipped, has_schema=True) == (ROOT / PROVIDER_FACTS).read_bytes()
    for identifier, known in load_provider_facts(REPOSITORY, KNOWN_PROVIDER_FACTS).items():
        assert shipped[identifier].ends == known.ends
        assert {source.name for source in known.sources} <= {source.name for source in shipped[identifier].sources}


def test_variables_are_documented():
    documentation = (ROOT / "docs/provider-facts.md").read_text()
    for name, variable in VARIABLES.items():
        assert f"| `{name}` | `{variable.default}` | {variable.description} |\n" in documentation


def test_known_facts_in_the_documentation_are_valid(checkout: Path, update: Update):
    page = (ROOT / "docs/provider-facts.md").read_text()
    update(own=page.partition("```yaml\n")[2].partition("```")[0])
    assert facts(checkout)[f"bedrock/{CLAUDE}"]["ends"] == "2026-04-28"
