"""The tables in ``docs/gateway.md`` match the code."""

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from roster import http_paths
from roster.download.rejection import REASONS
from roster.findings import ConfigurationError
from roster.gateway.app import create_app
from roster.gateway.jwt_authentication import ALGORITHMS
from roster.gateway.jwt_settings import PREFIX, VARIABLES, read_jwt_settings
from roster.gateway.response_models import OpenAIModel
from roster.http_server.log_settings import log_variables
from tests.accept.example_downloads import KINDS, ROSTER, model, rendered, retiring
from tests.conftest import ROOT
from tests.docs.anchors import anchors
from tests.download.scripted_server import ScriptedServer, ok
from tests.gateway.gateway_helpers import client, updater, variables
from tests.settings.variables_table import variables_table

PAGE = (ROOT / "docs" / "gateway.md").read_text(encoding="utf-8")


def rows(heading: str) -> list[list[str]]:
    """Return the rows of the table below a heading, as lists of cells."""
    (section,) = re.findall(rf"^##+ {re.escape(heading)}\n(.*?)(?=^##|\Z)", PAGE, re.DOTALL | re.MULTILINE)
    _, *result = re.findall(r"^\| (.*) \|$", section, re.MULTILINE)
    return [row.split(" | ") for row in result]


def names(heading: str) -> list[str]:
    return [first.strip("`") for first, *_ in rows(heading)]


def test_page_lists_every_rejection_reason():
    assert [tuple(row) for row in rows("Rejection reasons")] == [
        (f"`{name}`", reason.meaning, reason.remedy) for name, reason in REASONS.items()
    ]


def test_page_lists_every_path():
    assert names("HTTP interface") == list(create_app({}).openapi()["paths"])
    assert {*names("HTTP interface")} == {*http_paths.GATEWAY_PATHS, *http_paths.OPENAI_PATHS}


def test_page_lists_every_readiness_field(tmp_path: Path):
    with ScriptedServer(ok(KINDS["gateway"]), ok(b"[]")) as server:
        source = updater(server.origin, tmp_path / "kept")
        source.start()
        source.poll()
    report = client(source).get("/-/readiness").json()
    assert names("Readiness") == list(report)
    texts = {field.strip("`"): text for field, text in rows("Readiness")}
    assert [name for name in re.findall("`([a-z_]+)`", texts["active"]) if name not in ("download", "cache")] == list(
        report["active"]
    )
    assert re.findall("`([a-z_]+)`", texts["last_error"]) == list(report["last_error"])


def test_page_lists_every_metric(tmp_path: Path):
    retiring_default = ROSTER.replace(model("gemini"), model("gemini", retiring("2100-01-01", "mistral")))
    body = rendered("gateway", retiring_default, sequence=100_20260615)
    with ScriptedServer(ok(body)) as server, TestClient(create_app(variables(server.origin, tmp_path))) as asking:
        asking.get("/-/liveness")
        shown = asking.get("/metrics").text
    metrics = {name for name in re.findall(r"^# TYPE (\S+) ", shown, re.MULTILINE) if not name.endswith("_created")}
    assert sorted(names("Metrics")) == sorted(name for name in metrics if not name.startswith("process_"))
    assert set(re.findall(r"`(process_\w+)`", PAGE)) == {name for name in metrics if name.startswith("process_")}


def test_page_has_tables_of_variables():
    assert variables_table(VARIABLES) in PAGE
    assert variables_table(log_variables(PREFIX)) in PAGE


@pytest.mark.parametrize("name", VARIABLES)
def test_every_authentication_variable_is_required(name: str):
    environ = dict.fromkeys(VARIABLES, "/x")
    assert read_jwt_settings(environ)
    with pytest.raises(ConfigurationError, match=f"{name} not set"):
        read_jwt_settings(environ | {name: ""})


def test_page_lists_every_algorithm():
    assert re.findall(r"\b(?:[RPE]S[0-9]{3}|EdDSA)\b", PAGE) == list(ALGORITHMS)


def test_links_of_page_exist():
    for target in re.findall(r"\]\((?!https:)([^)]+)\)", PAGE):
        path, _, anchor = target.partition("#")
        path = path or "gateway.md"
        assert (ROOT / "docs" / path).is_file(), target
        assert not anchor or anchor in anchors((ROOT / "docs" / path).read_text()), target


def test_page_lists_every_key_for_clients_of_openai():
    keys = [key.strip("`") for name in names("Clients of OpenAI's API") for key in name.split("`, `")]
    assert keys == list(OpenAIModel.model_fields)
