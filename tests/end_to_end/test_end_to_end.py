"""From the edit of a roster to an instance behind the relay, each step as in production."""

import json
import time
from hashlib import sha256
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from tests.conftest import edit
from tests.end_to_end.conftest import Start
from tests.end_to_end.gitlab import READER, GitLab
from tests.end_to_end.processes import Gateway, Instance, Relay, until
from tests.end_to_end.project import Project, roster_of

pytestmark = pytest.mark.slow

POINTER = "current/production.json"


def test_valid_edit_reaches_instance_and_invalid_one_does_not(
    project: Project, gitlab: GitLab, gateway: Start, instance: Instance
):
    project.release(gitlab)
    first = project.artifact
    server = gateway(ENVIRONMENT="production")
    assert instance.sync() == 200
    assert instance.models == first["offered_models"]
    assert instance.headers["content-encoding"] == "gzip"
    assert instance.sync() == 304

    project.offer("Claude Sonnet 4")
    project.release(gitlab)
    second = project.artifact
    state = server.serves(second["sequence"])
    assert (state["active"]["source"], state["active"]["revision"]) == ("download", second["revision"])
    assert instance.sync() == 200
    assert instance.models == second["offered_models"]
    assert instance.ids[-1] == "claude_sonnet_4"

    project.offer("Claude Opus 4")
    project.render()
    project.damage(defaults=project.artifact["defaults"] | {"duo_chat": "claude_3_opus"})
    assert "published current/production.json" in project.publish(gitlab)
    state = server.refuses("rule-broken")
    assert (state["http"], state["status"], state["active"]["sequence"]) == (200, "ready", second["sequence"])
    assert state["last_refused"]["message"] == 'the default of "duo_chat" is "claude_3_opus", which is not offered'
    assert state["last_refused"]["version"] == digest(project)[:12]
    assert instance.sync() == 304

    project.offer("Claude Haiku 4")
    project.release(gitlab)
    server.serves(project.artifact["sequence"])
    assert instance.sync() == 200
    assert instance.ids[-3:] == ["claude_sonnet_4", "claude_opus_4", "claude_haiku_4"]


def digest(project: Project) -> str:
    """Return the digest of the last rendered gateway.json."""
    return sha256((project.folder / "dist/production/gateway.json").read_bytes()).hexdigest()


def test_rollback_is_accepted_and_older_pipeline_is_not(
    project: Project, gitlab: GitLab, gateway: Start, instance: Instance
):
    project.release(gitlab)
    old = dict(gitlab.stored)
    before = project.artifact
    project.offer("Claude Sonnet 4")
    project.release(gitlab)
    server = gateway()
    assert instance.sync() == 200
    assert "claude_sonnet_4" in instance.ids

    newest = gitlab.stored[POINTER]
    gitlab.stored[POINTER] = old[POINTER]  # as after a restored backup; publish.py never decreases the sequence
    state = server.refuses("older")
    assert state["last_error"]["message"] == (
        f"its sequence {before['sequence']} is lower than {project.artifact['sequence']}, that of the served list"
    )
    assert instance.sync() == 304
    gitlab.stored[POINTER] = newest

    project.release(gitlab, "--revision", "HEAD~1")
    rollback = project.artifact
    assert (rollback["revision"], rollback["offered_models"]) == (before["revision"], before["offered_models"])
    assert server.serves(rollback["sequence"])["active"]["revision"] == before["revision"]
    assert instance.sync() == 200
    assert "claude_sonnet_4" not in instance.ids


def test_roster_can_be_source(project: Project, gitlab: GitLab, gateway: Start, instance: Instance):
    server = gateway(FILE_PATH=gitlab.raw(roster_of("production")), TOKEN_HEADER="DEPLOY-TOKEN")
    first = server.readiness()["active"]
    assert instance.sync() == 200
    assert instance.ids == [
        "codestral_on_fireworks",
        "codestral_on_vertex",
        "qwen_2_5_7b_on_fireworks",
        "claude_3_7_sonnet",
    ]

    project.offer("Claude Sonnet 4")
    server.reload()
    assert until(lambda: instance.sync() == 200)
    assert instance.ids[-1] == "claude_sonnet_4"
    second = server.readiness()["active"]
    assert (first["models"], second["models"], second["digest"] == first["digest"]) == (4, 5, False)

    edit(project.folder / roster_of("production"), "features: [duo_chat]", "features: duo_chat")
    project.commit("Offer it wrongly")
    state = server.refuses("rule-broken")
    assert state["active"] == second | {"age_seconds": state["active"]["age_seconds"]}
    assert state["last_error"]["message"].endswith(': "features" must be a list, not text [wrong-type]')
    assert instance.sync() == 304


def test_wrong_token_is_reported_until_corrected(project: Project, gitlab: GitLab, gateway: Start, instance: Instance):
    project.release(gitlab)
    server = gateway(ACCESS_TOKEN="not-the-token")
    state = server.readiness()
    assert (state["http"], state["status"], state["active"]) == (503, "not ready", None)
    assert state["last_error"]["name"] == "unauthorized"
    assert instance.sync() == 503
    assert "not-the-token" not in server.log.read_text() + json.dumps(state)
    server.end()

    server = gateway()
    assert server.readiness()["status"] == "ready"
    assert instance.sync() == 200
    assert READER not in server.log.read_text()


def test_restarted_gateway_serves_cached_list(project: Project, gitlab: GitLab, gateway: Start, instance: Instance):
    project.release(gitlab)
    gateway().end()
    with gitlab:  # leaving it ends it
        pass

    server = gateway(DEADLINE_SECONDS="1")
    state = server.readiness()
    assert (state["status"], state["active"]["source"]) == ("ready", "cache")
    server.refuses("unreachable")
    assert instance.sync() == 200
    assert instance.models == project.artifact["offered_models"]

    with GitLab(project.folder, gitlab.server_port) as restarted:
        restarted.stored |= gitlab.stored
        project.offer("Claude Sonnet 4")
        project.release(restarted)
        assert server.serves(project.artifact["sequence"])["active"]["source"] == "download"
        assert instance.sync() == 200


def test_signed_list_is_accepted_and_tampered_one_is_not(
    project: Project, gitlab: GitLab, gateway: Start, instance: Instance, tmp_path: Path
):
    private, public = keys(tmp_path)
    project.release(gitlab, "--sign", str(private))
    server = gateway(PUBLIC_KEYS=public)
    assert instance.sync() == 200

    project.offer("Claude Sonnet 4")
    project.release(gitlab, "--sign", str(private))
    second = project.artifact["sequence"]
    server.serves(second)

    project.offer("Claude Opus 4")
    project.render("--sign", str(private))
    project.damage(routes=project.artifact["routes"] | {"claude_opus_4": project.artifact["routes"]["claude_sonnet_4"]})
    assert "published current/production.json" in project.publish(gitlab)
    state = server.refuses("bad-signature")
    assert state["active"]["sequence"] == second

    pointer = json.loads(gitlab.stored[POINTER])
    file = pointer["files"]["gateway.json"]
    del gitlab.stored[f"{file['path']}.sig"]
    assert server.refuses("not-signed")["active"]["sequence"] == second
    assert instance.sync() == 200
    assert "claude_opus_4" not in instance.ids


def keys(folder: Path) -> tuple[Path, str]:
    """Return the file of a private key, and the public key in PEM."""
    key = Ed25519PrivateKey.generate()
    path = folder / "KEY.pem"
    path.touch(mode=0o600)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path, key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def test_relay_forwards_authorization(project: Project, gitlab: GitLab, gateway: Start, relay: Relay, tmp_path: Path):
    project.release(gitlab)
    key = Ed25519PrivateKey.generate()
    jwk = json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(key.public_key()))
    (tmp_path / "jwks.json").write_text(json.dumps({"keys": [jwk | {"kid": "relay"}]}))
    callers = {
        "ROSTER_GATEWAY_JWKS": str(tmp_path / "jwks.json"),
        "ROSTER_GATEWAY_AUDIENCE": "gateway",
        "ROSTER_GATEWAY_ISSUER": "relay",
    }
    server: Gateway = gateway(callers)
    claims = {"aud": "gateway", "iss": "relay", "exp": int(time.time()) + 60}

    assert Instance(relay).sync() == 401
    assert Instance(relay, jwt.encode(claims | {"aud": "else"}, key, "EdDSA", {"kid": "relay"})).sync() == 401
    authenticated = Instance(relay, jwt.encode(claims, key, "EdDSA", {"kid": "relay"}))
    assert (authenticated.sync(), authenticated.sync()) == (200, 304)
    assert server.readiness()["status"] == "ready"
