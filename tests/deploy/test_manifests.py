"""Compose file, Kubernetes manifests and systemd units: valid, hardened, and consistent with the servers."""

import json
import re
import subprocess
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from roster import http_paths
from roster.cli.operate.gateway import serve as gateway_serve
from roster.cli.operate.instance import serve as instance_serve
from tests.conftest import ROOT
from tests.locked_environment import python_of
from tests.programs import require

DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
PORTS = {
    name: next(parameter.default for parameter in command.params if parameter.name == "port")
    for name, command in (("gateway", gateway_serve.command), ("instance", instance_serve.command))
}
KUBERNETES_VERSIONS = ("1.27.0", "1.37.0")
"""The oldest version that the manifests support, and the newest one that the schemas cover."""
MAX_EXPOSURE = 20
"""In tenths, as systemd-analyze takes it: 2.0 of 10."""


def manifests(kind: str) -> Iterator[dict[str, Any]]:
    for file in MANIFESTS:
        yield from (each for each in yaml.safe_load_all(file.read_text()) if each["kind"] == kind)


def test_compose_file_is_valid():
    schema = files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    errors = jsonschema_rs.validator_for(json.loads(schema.read_text())).iter_errors(COMPOSE)
    assert [error.message for error in errors] == []


def test_compose_services_are_hardened():
    for name, service in COMPOSE["services"].items():
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert re.search(r":(local|v?\d+\.\d+[\w.-]*)$", service["image"]), f"{name} is not pinned"
        assert all(each.startswith("127.0.0.1:") for each in service.get("ports", ())), name


def test_compose_relay_is_restarted_with_the_instance_whose_network_it_shares():
    """After a crash of the instance, by its health check, since compose restarts nothing by itself then."""
    relay = COMPOSE["services"]["relay"]
    instance = relay["network_mode"].removeprefix("service:")
    assert relay["depends_on"][instance]["restart"]
    assert relay["healthcheck"]["test"][1].endswith(":8080/-/relay || kill 1")
    assert relay["restart"] == "unless-stopped"


def test_settings_with_secrets_are_examples_only():
    referenced = {service["env_file"] for service in COMPOSE["services"].values() if "env_file" in service}
    examples = {file.name.removesuffix(".example"): file.read_text() for file in DEPLOY.glob("*.env.example")}
    assert referenced == examples.keys()
    secrets = "\n".join([*examples.values(), (DEPLOY / "kubernetes" / "secrets.example.yaml").read_text()])
    for line in secrets.splitlines():
        if re.match(r"\s*\w*(PASSWORD|TOKEN|HASHES|DATABASE_URL)[=:]", line):
            assert "replace-me" in line, line


def test_deployments_use_ports_and_probes_of_the_servers():
    deployments = {each["metadata"]["labels"]["app.kubernetes.io/component"]: each for each in manifests("Deployment")}
    assert deployments.keys() == PORTS.keys()
    for name, deployment in deployments.items():
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        assert container["args"] == [name, "serve", "--host", "0.0.0.0", "--port", str(PORTS[name])]
        assert container["ports"] == [{"name": "http", "containerPort": PORTS[name]}]
        assert container["livenessProbe"]["httpGet"]["path"] == http_paths.LIVENESS
        assert container["readinessProbe"]["httpGet"]["path"] == http_paths.READINESS


def test_pods_are_restricted():
    templates = [each["spec"]["template"] for each in manifests("Deployment")]
    templates += [each["spec"]["jobTemplate"]["spec"]["template"] for each in manifests("CronJob")]
    for template in templates:
        pod = template["spec"]
        assert pod["securityContext"]["runAsNonRoot"]
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not pod["automountServiceAccountToken"]
        for container in pod["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert container["resources"].keys() == {"requests", "limits"}


def test_kustomization_lists_all_manifests():
    kustomization = yaml.safe_load((DEPLOY / "kubernetes" / "kustomization.yaml").read_text())
    assert {*kustomization["resources"], "kustomization.yaml", "secrets.example.yaml"} == {
        file.name for file in MANIFESTS
    }


@pytest.mark.slow
def test_manifests_are_valid_for_the_schemas_of_kubernetes():
    program = (python_of("kubernetes"), "-c", "from kubernetes_validate.__main__ import main; raise SystemExit(main())")
    checked = [file for file in MANIFESTS if file.name != "kustomization.yaml"]
    for version in KUBERNETES_VERSIONS:
        done = subprocess.run(
            [*program, "--strict", "-k", version, *checked], capture_output=True, text=True, timeout=120
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.count(" passed ") + done.stderr.count(" passed ") >= 16


def test_systemd_restarts_an_instance_whose_database_starts_later():
    """It ends with the status of an invalid setting, after which the gateway is not restarted."""
    (instance,) = (unit.read_text().splitlines() for unit in UNITS if unit.stem == "roster-instance")
    assert "Restart=on-failure" in instance
    assert [line for line in instance if line.startswith("RestartPreventExitStatus")] == []


@pytest.mark.slow
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_systemd_accepts_units(unit: Path, tmp_path: Path):
    program = require("systemd-analyze", "systemd")
    copy = tmp_path / unit.name
    copy.write_text(unit.read_text().replace("/opt/roster/bin/roster", "/bin/true"))  # it must exist
    for arguments in (["verify", "--man=no"], ["security", "--offline=true", f"--threshold={MAX_EXPOSURE}"]):
        done = subprocess.run([program, *arguments, copy], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        assert unit.name not in done.stderr, done.stderr  # warnings about unknown or invalid lines
