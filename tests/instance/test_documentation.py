"""docs/api.md and docs/instance.md: examples are executed, and tables are compared with the code."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from roster.accept.accepted_list import SuspendedModel
from roster.instance.database import feature_flag
from roster.instance.database.connections import Database
from roster.instance.graphql.http_request import MAX_DOCUMENT_CHARACTERS, MAX_REQUEST_BYTES
from roster.instance.graphql.query_limits import MAX_SIZE, MAX_TOKENS
from roster.instance.selection.export import ExportedSelection
from roster.instance.selection.offered_list import OfferedList, OfferedRetirement
from roster.instance.selection.resolution import SelectionLevel, resolve
from roster.settings.secret import Secret
from tests.conftest import ROOT
from tests.instance.http import test_monitoring
from tests.instance.selection.offered_lists import LAST_DAY, NOW, list_serving, store_list
from tests.instance.selection.test_resolution import selection
from tests.instance.test_serve import query_api, running_server

API_PAGE, INSTANCE_PAGE = ROOT / "docs" / "api.md", ROOT / "docs" / "instance.md"
NAMES = {
    "claude_3_7_sonnet": "GitLab: Claude 3.7 Sonnet",
    "gemini_2_5_flash": "GitLab: Gemini 2.5 Flash",
    "mistral_medium": "GitLab: Mistral Medium",
    "codestral": "GitLab: Codestral",
}
LISTED = list_serving(
    {
        "duo_chat": ["claude_3_7_sonnet", "gemini_2_5_flash", "mistral_medium"],
        "code-generation": ["claude_3_7_sonnet", "codestral"],
    },
    ends={("claude_3_7_sonnet", "duo_chat"): OfferedRetirement(NOW.date(), LAST_DAY, "gemini_2_5_flash")},
)
CODESTRAL: dict[str, Any] = {
    "context_window": 256_000,
    "max_output_tokens": 32_000,
    "capabilities": ("fim",),
    "processed_in": ("eu",),
    "data_retention_days": 0,
    "documentation": "https://docs.example.com/codestral",
}
SHARES = {"code-generation": {"claude_3_7_sonnet": 80, "codestral": 20}}
TITLES = {"duo_chat": ("Duo Chat", "duo_chat"), "code-generation": ("Code Generation", "code_suggestions")}
OFFERED = OfferedList(
    {
        name: feature._replace(title=TITLES[name][0], category=TITLES[name][1], shares=SHARES.get(name, {}))
        for name, feature in LISTED.features.items()
    },
    {
        id_: model._replace(
            name=NAMES[id_],
            description=None,
            release_state="BETA" if id_ == "mistral_medium" else "GA",
            **(CODESTRAL if id_ == "codestral" else {}),
        )
        for id_, model in LISTED.models.items()
    },
    {},
    aliases={"codestral_2501": "codestral"},
)

BATCH = re.compile('"batch": "([0-9a-f]{16})"')


def examples() -> Iterator[tuple[str, str]]:
    """Yield each query of docs/api.md with the response below it."""
    blocks = re.findall(
        r"^```(graphql|json)\n(.*?)^```$", API_PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    kinds = [kind for kind, _ in blocks]
    assert kinds == ["graphql", "json"] * (len(kinds) // 2), "each query is followed by its response"
    for (_, query), (_, response) in zip(blocks[::2], blocks[1::2], strict=True):
        yield query, response


def pretty(response: object) -> str:
    """Format a response as in docs/api.md: values that fit on one line are not wrapped."""

    def lines(value: object, indent: str, taken: int) -> str:
        short = json.dumps(value, ensure_ascii=False)
        if taken + len(short) <= 119 or not isinstance(value, (dict, list)):
            return short
        deeper = indent + "  "
        if isinstance(value, dict):
            items = {json.dumps(key): each for key, each in value.items()}
            parts = [f"{key}: {lines(each, deeper, len(deeper + key) + 2)}" for key, each in items.items()]
        else:
            parts = [lines(each, deeper, len(deeper)) for each in value]
        begin, end = "{}" if isinstance(value, dict) else "[]"
        return f"{begin}\n" + ",\n".join(deeper + part for part in parts) + f"\n{indent}{end}"

    return lines(response, "", 0) + "\n"


def replace_all(text: str, replacements: Mapping[str, str]) -> str:
    for old, new in replacements.items():
        text = text.replace(old, new)
    return text


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table in a section of docs/instance.md."""
    section = re.split(r"^##+ (.*)$", INSTANCE_PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    text = section[section.index(heading) + 1]
    lines = re.findall(r"^\|(.*)\|$", text, re.MULTILINE)
    return [[cell.strip() for cell in line.split("|")] for line in lines[2:]]


@pytest.fixture
def url(migrated_url: str) -> str:
    database = Database(Secret(migrated_url))
    with database.write_transaction() as connection:
        feature_flag.set_enabled(connection, True)
        store_list(connection, OFFERED)
    database.close()
    return migrated_url


def test_api_examples_return_the_documented_responses(url: str):
    results = []
    with running_server(url) as server:
        batches: dict[str, str] = {}  # batches are random: the documented one for each actual one
        for query, documented in examples():
            actual = pretty(query_api(server, replace_all(query, {shown: batch for batch, shown in batches.items()})))
            batches |= dict(zip(BATCH.findall(actual), BATCH.findall(documented), strict=False))
            results.append((query, documented, replace_all(actual, batches)))
    assert len(results) > 10
    for query, documented, actual in results:
        assert actual == documented, query


def test_documented_query_limits():
    limits = (
        f"a body of {MAX_REQUEST_BYTES // 1024} KiB, {MAX_DOCUMENT_CHARACTERS:,} characters in the document, "
        f"{MAX_TOKENS:,} tokens, {MAX_SIZE.depth} nested fields, "
        f"{MAX_SIZE.root_fields} root fields and {MAX_SIZE.aliases} aliases"
    )
    assert limits in " ".join(API_PAGE.read_text(encoding="utf-8").split())


def test_documented_example_of_model_resolution():
    first = list_serving({"duo_chat": ["mistral", "claude", "gemini", "opus"]})
    without = ["mistral", "gemini", "opus"]
    ended = list_serving({"duo_chat": without}, retired={("claude", ""): "opus"}, gone=["claude"])
    gone = list_serving({"duo_chat": without}, gone=["claude"])
    suspension = {"gemini": SuspendedModel("gemini", LAST_DAY, "provider incident")}
    suspended = list_serving({"duo_chat": ["mistral", "opus"]}, gone=["claude", "gemini"])._replace(
        suspended=suspension
    )
    steps = [
        (first, selection("claude", "gemini")),
        (first, selection("claude")),
        (ended, selection("claude")),
        (gone, selection("claude")),
        (gone, selection("claude", "gemini")),
        (suspended, selection("claude", "gemini")),
        (gone, selection("claude", "gemini")),
    ]
    own = selection("gemini", namespace_id=7)
    models = [
        resolve(offered, "duo_chat", instance, own, SelectionLevel.NAMESPACE).model for offered, instance in steps
    ]
    assert [f"`{model}`" for model in models] == [model for _, model, _ in rows("Model resolution")]


def test_documented_columns_of_exports():
    assert [name.strip("`") for name, _ in rows("Export of selections")] == list(ExportedSelection._fields)


class TestMonitoring:
    @pytest.fixture
    def database(self, migrated_url: str) -> Iterator[Database]:
        opened = Database(Secret(migrated_url))
        test_monitoring.store_everything(opened)
        test_monitoring.record_failure(opened)
        yield opened
        opened.close()

    def test_documented_readiness_fields(self, database: Database):
        readiness = test_monitoring.readiness(test_monitoring.client(database))
        table = dict(rows("Readiness"))
        assert [name.strip("`") for name in table] == list(readiness)
        assert set(readiness["list"]) <= set(re.findall("`([a-z_]+)`", table["`list`"]))
        assert set(readiness["last_error"]) == set(re.findall("`([a-z_]+)`", table["`last_error`"]))

    def test_documented_metrics(self, database: Database):
        client = test_monitoring.client(database)
        client.get("/-/liveness")
        metrics = {
            family.name + "_total" * (family.type == "counter"): {
                label for sample in family.samples for label in sample.labels if label != "le"
            }
            for family in text_string_to_metric_families(client.get("/metrics").text)
            if not family.name.endswith("_created")
        }
        table = {name.strip("`"): description for name, description in rows("Metrics")}
        assert table.keys() == metrics.keys()
        for name, labels in metrics.items():
            assert all(f"`{label}`" in table[name] for label in labels), name
