"""``roster demo``: edits reach the relay and the page, and all processes and files are removed at the end."""

import json
import os
import re
import shutil
import signal
import socket
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import ROOT, Run, edit, git
from tests.demo.demo_process import SMALL_RELAY, demo, get
from tests.end_to_end.processes import until
from tests.gateway.gateway_helpers import missing, without
from tests.instance.page.admin_actions import choosing, default, feature, save, sign_in
from tests.instance.page.page_server import PAGE
from tests.programs import require
from tests.started_programs import Screenshot

pytestmark = pytest.mark.slow

PRODUCTION = "env/production/offered_models_metadata.yaml"
ONLY_MODEL = """\
# yaml-language-server: $schema=../../schemas/offered_models_metadata.schema.json
- name: Claude 3.7 Sonnet
  identifier: bedrock/anthropic.claude-3-7-sonnet-20250219-v1:0
  api-key: AIGW_MODEL_CLAUDE_3_7_SONNET_API_KEY
  endpoint: https://example-models.com/v1
  release_state: GA
  family: claude
  features: [code-completion, code-generation, duo_chat]
  default_for: [code-completion, code-generation, duo_chat]
"""


def rendered(roster: Run, checkout: Path) -> bytes:
    """Render the list of production."""
    assert roster("render", "production").returncode == 0
    return (checkout / "dist/production/offered_models.json").read_bytes()


@pytest.mark.parametrize("first", ["", SMALL_RELAY], ids=["nginx", "small relay"])
def test_valid_edit_reaches_relay_and_invalid_one_does_not(checkout: Path, roster: Run, first: str):
    if not first:
        require("nginx")
    before = rendered(roster, checkout)
    # The demo must ignore the settings of other gateways.
    foreign = {"MODEL_SWITCHING_METADATA_FILE_PATH": "https://example.com", "ROSTER_GATEWAY_JWKS": "/keys"}
    with demo(checkout, first=first, **foreign) as chain_:
        chain_.starts()
        assert ("relay, by nginx" in chain_.printed) is (not first)
        relay = chain_.address("relay")
        assert get(relay) == before
        assert b"swagger" in get(chain_.address("gateway"))
        assert len(chain_.servers()) == 3

        edit(checkout / PRODUCTION, "name: Codestral on Vertex", "id: codestral_on_vertex\n  name: Codestral by Google")
        chain_.wait_for("published 1-unversioned-")
        chain_.wait_for("the gateway serves it")
        after = rendered(roster, checkout)
        assert b"GitLab: Codestral by Google" in after
        assert get(relay) == after

        edit(checkout / PRODUCTION, "name: Codestral by Google", "nmae: Codestral by Google")
        chain_.wait_for("[unknown-key]")
        chain_.wait_for(f"production is not rendered: {PRODUCTION} has an error")
        edit(checkout / "schemas/families.yaml", "- gemini", "- mixtral")
        chain_.wait_for('not published: schemas/families.yaml:10:3: "mixtral" is in this registry twice')
        assert get(relay) == after
        shutil.copy(ROOT / "schemas/families.yaml", checkout / "schemas/families.yaml")

        good = (checkout / PRODUCTION).read_text()
        (checkout / PRODUCTION).write_text(ONLY_MODEL)
        chain_.wait_for("the gateway rejected it and serves the previous list: ")
        assert get(relay) == after
        (checkout / PRODUCTION).write_text(good.replace("nmae:", "name:").replace("Google", "Vertex AI"))
        chain_.wait_for("the gateway serves it", times=2)
        assert json.loads(get(relay))[1]["name"] == "GitLab: Codestral by Vertex AI"

        assert chain_.ends() == 0
        assert "Traceback" not in chain_.errors
        assert (chain_.servers(), list(chain_.temporary.iterdir())) == ([], [])


def test_edit_reaches_page_and_keeps_selection(checkout: Path, page: Page, screenshot: Screenshot):
    foreign = {"ROSTER_INSTANCE_DATABASE_URL": "sqlite:////no/such/folder/instance.db"}
    with demo(checkout, **foreign) as chain_:
        chain_.starts()
        sign_in(page, chain_.address("instance").removesuffix(PAGE), chain_.value("token for its page"))
        chat, completion = feature(page, "duo_chat"), choosing(page, "code-completion")
        expect(chat.locator("summary")).to_contain_text("GitLab: Claude 3.7 Sonnet")
        default(completion, "Codestral on Vertex").check()
        expect(save(completion)).to_have_text("Saved.")
        screenshot(page, "chosen")

        edit(checkout / PRODUCTION, "- name: Claude 3.7 Sonnet", "- name: Claude Sonnet\n  id: claude_3_7_sonnet")
        chain_.wait_for("the instance has the gateway's list", times=2)
        page.reload()
        expect(chat.locator("summary")).to_contain_text("GitLab: Claude Sonnet")
        expect(feature(page, "code-completion").locator("summary")).to_contain_text("GitLab: Codestral on Vertex")

        edit(checkout / PRODUCTION, "name: Claude Sonnet", "nmae: Claude Sonnet")
        chain_.wait_for("production is not rendered")
        assert chain_.errors.count("the instance") == 2

        assert chain_.ends() == 0
        assert (chain_.servers(), list(chain_.temporary.iterdir())) == ([], [])


def test_sequence_increases_with_each_edit(checkout: Path):
    git(checkout, "init")
    (checkout / ".gitignore").write_text("temporary*\n")
    git(checkout, "add", "--all")
    git(checkout, "commit", "--message", "Offer models")
    with demo(checkout, "staging") as chain_:
        chain_.starts()
        assert "/current/staging.json" in chain_.address("package API")
        readiness = chain_.address("gateway").replace("/docs", "/-/readiness")
        first = json.loads(get(readiness))["active"]
        assert first["revision"] == git(checkout, "rev-parse", "HEAD")
        edit(checkout / "env/staging/offered_models_metadata.yaml", "release_state: GA", "release_state: BETA")
        chain_.wait_for("the gateway serves it")
        second = json.loads(get(readiness))["active"]
        assert second["revision"] == f"{first['revision']}-dirty"
        assert second["sequence"] == first["sequence"] + 1


def test_stop_during_start(checkout: Path):
    with demo(checkout) as chain_:
        until(chain_.servers)
        assert chain_.ends(signal.SIGTERM) == 0
        assert (chain_.servers(), list(chain_.temporary.iterdir())) == ([], [])
        assert (chain_.printed, chain_.errors) == ("", "")


def test_failed_service_stops_demo(checkout: Path):
    with demo(checkout) as chain_:
        chain_.starts()
        os.kill(chain_.server(b"gateway\0serve"), signal.SIGKILL)
        assert chain_.process.wait(30) == 3
        assert "roster: the gateway ended by signal 9; the end of its log:\n  " in chain_.errors
        assert "serving on http://" in chain_.errors
        assert (chain_.servers(), list(chain_.temporary.iterdir())) == ([], [])


def test_services_end_when_demo_is_killed(checkout: Path):
    require("setpriv", "util-linux")
    with demo(checkout) as chain_:
        chain_.starts()
        assert chain_.servers()
        chain_.ends(signal.SIGKILL)
        until(lambda: not chain_.servers())


def test_unavailable_port_is_reported(checkout: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with demo(checkout, "--port", str(port - 1)) as chain_:
            assert chain_.process.wait(30) == 2
            # Another test may use the port before it.
            message = rf"roster: port ({port - 1}|{port}) of 127\.0\.0\.1 is not available: address already in use\n"
            assert re.fullmatch(message, chain_.errors)
            assert (chain_.printed, list(chain_.temporary.iterdir())) == ("", [])


def test_invalid_roster_prevents_start(checkout: Path, roster: Run):
    edit(checkout / PRODUCTION, "features: [code-generation, duo_chat]", "features: [code-generatoin, duo_chat]")
    checked = roster("check", PRODUCTION)
    done = roster("demo")
    assert (done.returncode, done.stdout) == (1, checked.stdout)
    assert done.stderr == f"production is not rendered: {PRODUCTION} has an error\n"


def test_unknown_environment_is_reported(roster: Run):
    done = roster("demo", "prodution")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == 'roster: there is no environment "prodution": did you mean "production"?\n'


@pytest.mark.parametrize(("module", "command"), [("fastapi", "gateway"), ("sqlalchemy", "instance")])
def test_missing_extra_is_reported(
    checkout: Path, roster: Run, tmp_path_factory: pytest.TempPathFactory, module: str, command: str
):
    done = roster("demo", PYTHONPATH=without(module, tmp_path_factory.mktemp("without")))
    assert (done.returncode, done.stdout) == (2, "")
    # A gateway may have activated its list by then, and logged that. The log of a server has JSON objects.
    assert done.stderr.startswith(f"roster: the {command} ended with status 2; the end of its log:\n")
    assert missing(module, command) in done.stderr.splitlines()[-1]
