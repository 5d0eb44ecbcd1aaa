"""Alert rules and dashboard: their metrics exist, their runbooks exist, and promtool accepts and tests the rules."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from fastapi import FastAPI
from fastapi.testclient import TestClient
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.parser import text_string_to_metric_families

from roster.gateway.health import health_router
from roster.http_server.access_log import AccessLogMiddleware
from roster.instance.database.connections import Database
from roster.settings.secret import Secret
from tests.accept.example_downloads import ROSTER, model, rendered, retiring
from tests.conftest import ROOT
from tests.download.scripted_server import ScriptedServer, ok
from tests.gateway.gateway_helpers import updater
from tests.instance.database.databases import Databases
from tests.instance.http.test_monitoring import client, store_everything
from tests.programs import require

FOLDER = ROOT / "deploy" / "prometheus"
ALERTS = yaml.safe_load((FOLDER / "alerts.yaml").read_text())
RULES = [rule for group in ALERTS["groups"] for rule in group["rules"]]
DASHBOARD = json.loads((ROOT / "deploy" / "grafana" / "dashboard.json").read_text())
TARGETS = [target for panel in DASHBOARD["panels"] for target in panel.get("targets", ())]
BY_PROMETHEUS = {"up"}
"""Metrics that the servers do not export."""
METRIC = re.compile(r"\b(?:roster|process)_\w+|\bup\b")
ENDING_DEFAULT = ROSTER.replace(model("gemini"), model("gemini", retiring("2026-12-01", "mistral")))


def names(text: str) -> Iterator[str]:
    """Yield the names of the metrics in a response, also of those without a value."""
    suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}
    for family in text_string_to_metric_families(text):
        yield from (family.name + suffix for suffix in suffixes.get(family.type, ("",)))


def gateway_metrics(folder: Path) -> str:
    with ScriptedServer(ok(rendered("gateway", ENDING_DEFAULT, sequence=7_20260614))) as server:
        source = updater(server.origin, folder)
        source.start()
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    app = FastAPI()
    app.include_router(health_router(source, registry))
    app.add_middleware(AccessLogMiddleware, registry=registry, server="gateway")
    return TestClient(app).get("/metrics").text


def test_metrics_of_alerts_and_dashboard_are_exported(tmp_path: Path, databases: Databases):
    database = Database(Secret(databases.migrated()))
    store_everything(database)
    http = client(database)
    http.get("/-/liveness")
    exported = {*names(gateway_metrics(tmp_path)), *names(http.get("/metrics").text), *BY_PROMETHEUS}
    queries = [rule["expr"] for rule in RULES] + [target["expr"] for target in TARGETS]
    assert len(queries) > 40
    database.close()
    used = {name for query in queries for name in METRIC.findall(query)}
    assert used <= exported, sorted(used - exported)


def test_variables_of_the_dashboard_are_defined():
    defined = {each["name"] for each in DASHBOARD["templating"]["list"]} | {"__rate_interval", "__all"}
    assert set(re.findall(r"\$\{?(\w+)", json.dumps(DASHBOARD))) <= defined
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


def test_each_alert_has_a_runbook_and_tests():
    headings = re.findall(r"^### (\w+)$", (ROOT / "docs" / "operations.md").read_text(), re.MULTILINE)
    alerts = [rule["alert"] for rule in RULES]
    assert [heading for heading in headings if heading.startswith("Roster")] == alerts
    assert [rule["annotations"]["runbook"] for rule in RULES] == [
        f"docs/operations.md#{each.lower()}" for each in alerts
    ]
    tested = [test["name"] for test in yaml.safe_load((FOLDER / "alerts_test.yaml").read_text())["tests"]]
    assert tested == [f"{alert} {outcome}" for alert in alerts for outcome in ("fires", "does not fire")]


@pytest.mark.slow
def test_promtool_accepts_rules_and_queries(tmp_path: Path):
    promtool = require("promtool", "prometheus")
    queries = tmp_path / "queries.yaml"
    variables = (("$__rate_interval", "5m"), ("$gateway", ".*"), ("$instance", ".*"))
    rules = [{"record": f"query:{number}", "expr": target["expr"]} for number, target in enumerate(TARGETS)]
    text = yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]})
    for name, value in variables:
        text = text.replace(name, value)
    queries.write_text(text)
    for arguments in (("check", "rules", FOLDER / "alerts.yaml", queries), ("test", "rules", "alerts_test.yaml")):
        done = subprocess.run([promtool, *arguments], cwd=FOLDER, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
