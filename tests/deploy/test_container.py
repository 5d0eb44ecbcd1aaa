"""The image: the steps of the Containerfile run without a container engine, in an empty folder.

Only what the Containerfile copies is in the folder, and the virtual environment is new. Then both servers run from it,
as the image starts them, with nginx's configuration of the compose file in front.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import urllib3

from tests.conftest import ROOT
from tests.download.download_helpers import CANARY
from tests.download.scripted_server import ScriptedServer, ok
from tests.end_to_end.processes import Process, free_port
from tests.end_to_end.processes import until as wait_until
from tests.gateway.gateway_helpers import LARGE, variables
from tests.locked_environment import NO_REGISTRY
from tests.programs import require, unavailable

DEPLOY = ROOT / "deploy"
LINES = re.sub(r"\\\n\s*", "", (DEPLOY / "Containerfile").read_text()).splitlines()
STEPS = [(step, rest) for step, _, rest in (line.partition(" ") for line in LINES) if step.isupper()]
STAGES = [number for number, (step, _) in enumerate(STEPS) if step == "FROM"]
BUILD, FINAL = STEPS[STAGES[0] : STAGES[1]], dict(STEPS[STAGES[1] :])
USER = FINAL["USER"].split(":")[0]
TOKEN = f"write-{CANARY}"
until = partial(wait_until, seconds=60)


class Image(NamedTuple):
    """What the build made: the environment, and a folder in place of ``/var/lib/roster``."""

    environment: Path
    state: Path

    def located(self, text: str) -> str:
        """Return a value of the Containerfile with the folders of this machine."""
        return text.replace("/opt/roster", str(self.environment)).replace("/var/lib/roster", str(self.state))

    def variables(self) -> dict[str, str]:
        """Return the environment variables of the image."""
        return dict(part.split("=", 1) for part in self.located(FINAL["ENV"]).split())

    def command(self, step: str) -> list[str]:
        """Return the program and arguments of a step such as ENTRYPOINT."""
        arguments: list[str] = json.loads(self.located(FINAL[step][FINAL[step].index("[") :]))
        return arguments

    def run(self, arguments: list[str], **environment: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*read_only(self.state), *arguments], env=self.variables() | environment, cwd=self.state,
            capture_output=True, text=True, timeout=60,
        )  # fmt: skip

    def serve(self, arguments: list[str], **environment: str) -> Process:
        port = free_port()
        command = [*read_only(self.state), *self.command("ENTRYPOINT"), *arguments, "--port", str(port)]
        process = Process(command, port, self.state, self.variables() | environment | {"PORT": str(port)})
        until(process.listens)
        return process


def read_only(state: Path) -> list[str]:
    """Return the prefix of a command that may write to one folder only.

    bubblewrap needs user namespaces, which containers of CI may lack. There, an unprivileged user is used: the only
    other folders that it can write to are temporary ones.
    """
    bubblewrap = [require("bwrap", "bubblewrap"), "--die-with-parent", "--unshare-user", "--uid", USER, "--gid", USER]
    bubblewrap += ["--ro-bind", "/", "/", "--dev", "/dev", "--bind", str(state), str(state)]
    if subprocess.run([*bubblewrap, "true"], capture_output=True, timeout=30).returncode == 0:
        return bubblewrap
    if os.geteuid() == 0:
        return ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--"]
    return unavailable("needs user namespaces for bubblewrap, or root")


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    """The result of the build. It is not in pytest's folder, which other users cannot read."""
    with tempfile.TemporaryDirectory(prefix="roster-image-", dir="/tmp") as folder:
        root = Path(folder)
        root.chmod(0o755)
        built = Image(root / "roster", root / "state")
        copy_context(root / "src")
        build(root / "src", built.environment)
        shutil.copy(DEPLOY / "healthcheck.py", built.environment)
        built.state.mkdir()
        built.state.chmod(0o1777)
        yield built


def copy_context(folder: Path) -> None:
    """Copy what the build stage copies."""
    for *sources, target in (rest.split() for step, rest in BUILD if step == "COPY"):
        for each in sources:
            source, into = ROOT / each, folder / target
            if source.is_dir():
                shutil.copytree(source, into, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                into.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, into)


def build(context: Path, environment: Path) -> None:
    (step,) = (rest for name, rest in BUILD if name == "RUN")
    downloads = {"PYTHON": os.path.realpath(sys.executable), "PIP_CACHE_DIR": str(ROOT / ".cache" / "pip")}
    done = subprocess.run(
        step.replace("/opt/roster", str(environment)).split(),
        cwd=context, env=dict(os.environ) | downloads, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    if unreachable := done.returncode and NO_REGISTRY.search(done.stderr):
        unavailable(f"needs servers.lock from PyPI, but pip cannot reach a registry: {unreachable[0]}")
    assert done.returncode == 0, done.stderr


def get(port: int, path: str, **headers: str) -> Any:
    url = f"http://127.0.0.1:{port}{path}"
    return urllib3.request("GET", url, headers=headers, retries=False, timeout=10, redirect=False)


def relay(folder: Path, gateway: int, instance_port: int) -> tuple[Process, int]:
    """Start nginx with the configuration of the compose file; return it and the port for the instance."""
    inner, outer = free_port(), free_port()
    text = (DEPLOY / "nginx" / "nginx.conf").read_text()
    for old, new in (
        ("127.0.0.1:8080", f"127.0.0.1:{inner}"), ("listen 8081", f"listen 127.0.0.1:{outer}"),
        ("http://gateway:5052", f"http://127.0.0.1:{gateway}"), ("127.0.0.1:5053", f"127.0.0.1:{instance_port}"),
        ("/tmp", str(folder)), ("/dev/stderr", "stderr"),
    ):  # fmt: skip
        assert old in text, old
        text = text.replace(old, new)
    configuration = folder / "nginx.conf"
    configuration.write_text(text)
    command = [require("nginx"), "-p", str(folder), "-e", "stderr", "-c", str(configuration)]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True, timeout=30)
    assert (checked.returncode, "[warn]" in checked.stderr) == (0, False), checked.stderr
    return Process([*command, "-g", "daemon off; master_process off;"], inner, folder, {}), outer


def test_build_context_has_what_the_containerfile_copies():
    ignored = (DEPLOY / "Containerfile.dockerignore").read_text()
    allowed = {line[1:] for line in ignored.splitlines() if line.startswith("!")}
    copied = {source for step, rest in STEPS if step == "COPY" and "--from" not in rest for source in rest.split()[:-1]}
    assert allowed == copied


def test_image_runs_unprivileged_from_pinned_versions():
    assert int(USER) > 0
    assert FINAL["STOPSIGNAL"] == "SIGTERM"
    (base,) = {rest.partition("=")[2] for step, rest in STEPS if step == "ARG" and rest.startswith("PYTHON_IMAGE")}
    assert re.search(r":\d+\.\d+\.\d+-slim-\w+(@sha256:[0-9a-f]{64})?$", base)


@pytest.mark.slow
def test_servers_run_from_the_image_with_a_read_only_root(image: Image, tmp_path: Path):
    with ExitStack() as stack:
        source = stack.enter_context(ScriptedServer(ok(LARGE)))
        settings = variables(source.origin, image.state / "cache")
        gateway = image.serve(image.command("CMD"), **settings)
        stack.callback(gateway.end)
        until(lambda: get(gateway.port, "/-/readiness").json()["status"] == "ready")
        until(lambda: any((image.state / "cache").glob("*")))

        port = free_port()
        nginx, outer = relay(tmp_path, gateway.port, port)
        stack.callback(nginx.end)
        until(nginx.listens)
        assert get(nginx.port, "/v1/models/offered").json()
        assert get(nginx.port, "/-/relay").status == 502  # the health check fails without the instance

        database = {"ROSTER_INSTANCE_DATABASE_URL": f"sqlite:///{image.state}/roster.db"}
        flag = image.run(["roster", "instance", "flag", "on"], **database)
        assert flag.returncode == 0, flag.stderr
        hashes = {"ROSTER_INSTANCE_WRITE_TOKEN_HASHES": sha256(TOKEN.encode()).hexdigest()}
        upstream = {"ROSTER_INSTANCE_GATEWAY_URL": f"http://127.0.0.1:{nginx.port}"}
        command = [*read_only(image.state), *image.command("ENTRYPOINT"), "instance", "serve", "--host", "0.0.0.0"]
        environment = image.variables() | database | hashes | upstream
        instance = Process([*command, "--port", str(port)], port, image.state, environment)
        stack.callback(instance.end)
        until(instance.listens)
        until(lambda: get(port, "/-/readiness").json()["list"])
        assert get(outer, "/admin/model_selection").status in (200, 303)
        assert [get(outer, path).status for path in ("/-/readiness", "/metrics")] == [404, 404]
        assert get(nginx.port, "/-/relay").status == 200

        for each in (gateway.port, port):
            healthy = image.run(image.command("HEALTHCHECK"), PORT=str(each))
            assert (healthy.returncode, healthy.stderr) == (0, "")
    unhealthy = image.run(image.command("HEALTHCHECK"), PORT=str(port))
    assert unhealthy.returncode == 1
    assert "Traceback" not in unhealthy.stderr


@pytest.mark.slow
def test_relay_forwards_the_request_id_and_the_scheme_of_the_browser(tmp_path: Path):
    with ScriptedServer(ok(b"{}")) as upstream:
        nginx, outer = relay(tmp_path, upstream.port, upstream.port)
        try:
            until(nginx.listens)
            for headers, forwarded in (
                ({"X-Request-Id": "caller-1"}, {"x-request-id": "caller-1", "x-forwarded-proto": "http"}),
                ({"X-Forwarded-Proto": "https"}, {"x-forwarded-proto": "https"}),
                ({"X-Forwarded-Proto": "gopher"}, {"x-forwarded-proto": "http"}),
            ):
                assert get(outer, "/api/graphql", **headers).status == 200
                received = upstream.requests[-1].headers
                names = ("x-request-id", "x-forwarded-proto")
                assert {name: received[name] for name in names if name in received} == forwarded
        finally:
            nginx.end()


@pytest.mark.slow
def test_install_script_refuses_an_existing_folder(tmp_path: Path):
    for arguments in ([], [str(tmp_path)]):
        done = subprocess.run([DEPLOY / "install.sh", *arguments], capture_output=True, text=True, timeout=30)
        assert done.returncode == 2
        assert done.stderr.startswith(("usage:", "deploy/install.sh:"))
