"""``roster render --sign`` and ``roster verify``: every signature matches its artifact."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption

from roster.publishing.signature import key_id
from tests.cli.test_render import PRODUCTION, artifacts
from tests.conftest import Run, edit
from tests.gateway.gateway_helpers import missing, without
from tests.publishing.test_signature import private, public

GATEWAY, LIST = "dist/production/gateway.json", "dist/production/offered_models.json"


@pytest.fixture(autouse=True)
def keys(checkout: Path) -> None:
    for name in ("key", "other"):
        key = Ed25519PrivateKey.generate()
        write(checkout / f"{name}.pem", private(key))
        write(checkout / f"{name}.pub.pem", public(key))


def write(path: Path, data: bytes, mode: int = 0o600) -> None:
    path.write_bytes(data)
    path.chmod(mode)


def change(checkout: Path) -> None:
    edit(checkout / PRODUCTION, "name: Codestral on Vertex", "id: codestral_on_vertex\n  name: Codestral by Google")


def test_artifacts_are_signed_and_verified(roster: Run, checkout: Path):
    done = roster("render", "production", "--sign", "key.pem")
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines() == [
        f"wrote dist/production/{name}"
        for name in ("gateway.json", "gateway.json.sig", "offered_models.json", "offered_models.json.sig")
    ]
    id_ = key_id((checkout / "key.pub.pem").read_bytes())
    done = roster("verify", GATEWAY, LIST, "--key", "other.pub.pem", "--key", "key.pub.pem")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "".join(f"{path}: signed with the key {id_} (key.pub.pem)\n" for path in (GATEWAY, LIST))


def test_other_targets_are_signed_too(roster: Run, checkout: Path):
    assert roster("render", "production", "--target", "litellm", "--sign", "key.pem").returncode == 0
    assert list(artifacts(checkout / "dist")) == ["production/litellm.yaml", "production/litellm.yaml.sig"]


def test_second_run_changes_no_file(roster: Run):
    roster("render", "--sign", "key.pem")
    assert "wrote" not in roster("render", "--sign", "key.pem").stderr


def test_verify_reports_missing_changed_or_untrusted(roster: Run, checkout: Path):
    roster("render", "production", "--sign", "key.pem")
    done = roster("verify", GATEWAY, LIST, "--key", "other.pub.pem")
    assert done.returncode == 1
    assert done.stdout.count("which is not trusted; trusted keys: ") == 2
    (checkout / f"{LIST}.sig").unlink()
    edit(checkout / GATEWAY, '"production"', '"prodaction"')
    done = roster("verify", GATEWAY, LIST, "--key", "key.pub.pem")
    assert done.returncode == 1
    assert f"{GATEWAY}: not what was signed with the key " in done.stdout
    assert f"{LIST}: not signed: there is no offered_models.json.sig next to it\n" in done.stdout


def test_render_without_key_removes_outdated_signatures_only(roster: Run, checkout: Path):
    roster("render", "--sign", "key.pem")
    staging = (checkout / "dist/staging/gateway.json.sig").read_bytes()
    change(checkout)
    done = roster("render")
    assert done.returncode == 0
    assert f"removed {GATEWAY}.sig, the signature of the previous version\n" in done.stderr
    assert not (checkout / f"{GATEWAY}.sig").exists()
    assert not (checkout / f"{LIST}.sig").exists()
    assert (checkout / "dist/staging/gateway.json.sig").read_bytes() == staging


def test_check_reports_missing_or_invalid_signature(roster: Run, checkout: Path):
    check = ("render", "production", "--check", "--sign", "key.pem")
    roster("render", "production", "--sign", "key.pem")
    assert roster(*check).returncode == 0
    (checkout / f"{LIST}.sig").unlink()
    roster("render", "production", "--sign", "other.pem", "--output", str(checkout / "other"))
    write(checkout / f"{GATEWAY}.sig", (checkout / "other/production/gateway.json.sig").read_bytes())
    before = artifacts(checkout / "dist")
    done = roster(*check)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "dist/production/gateway.json.sig is wrong: run roster render --sign",
        "dist/production/offered_models.json.sig is missing: run roster render --sign",
    ]
    assert artifacts(checkout / "dist") == before
    assert roster("render", "production", "--check").returncode == 0


def test_key_readable_by_others_is_warned_about(roster: Run, checkout: Path):
    (checkout / "key.pem").chmod(0o640)
    done = roster("render", "production", "--sign", "key.pem")
    assert done.returncode == 0
    assert done.stderr.startswith("warning: key.pem can be read by other users: run chmod 600 key.pem\n")


def test_passphrase_is_read_from_variable(roster: Run, checkout: Path):
    encrypted = private(Ed25519PrivateKey.generate(), BestAvailableEncryption(b"open sesame"))
    write(checkout / "key.pem", encrypted)
    arguments = ("render", "production", "--sign", "key.pem", "--passphrase-variable", "PASSPHRASE")
    assert roster(*arguments, PASSPHRASE="open sesame").returncode == 0
    for value, message in [
        ("open poppy", "key.pem: not a private key in PEM, or the passphrase is wrong"),
        ("", "the environment variable PASSPHRASE is empty or not set"),
    ]:
        done = roster(*arguments, PASSPHRASE=value)
        assert done.returncode == 2
        assert done.stderr.startswith(f"roster: {message}")
        assert "poppy" not in done.stderr
    done = roster("render", "--passphrase-variable", "PASSPHRASE", PASSPHRASE="open sesame")
    assert done.returncode == 2
    assert "--passphrase-variable needs --sign" in done.stderr


def test_invalid_key_writes_nothing(roster: Run, checkout: Path):
    write(checkout / "key.pem", private(rsa.generate_private_key(65537, 2048)))
    for name, message in [
        ("key.pem", "key.pem: not an Ed25519 key"),
        ("key.pub.pem", "key.pub.pem: not a private key in PEM"),
        ("none.pem", "none.pem: no such file or directory"),
    ]:
        done = roster("render", "--sign", name)
        assert done.returncode == 2
        assert f"roster: {message}" in done.stderr
        assert not (checkout / "dist").exists()


def test_wrong_usage_of_verify_is_reported(roster: Run):
    roster("render", "--sign", "key.pem")
    for arguments, message in [
        ((GATEWAY,), "Missing option '--key'"),
        (("--key", "key.pub.pem"), "Missing argument 'FILE...'"),
        ((GATEWAY, "--key", "key.pem"), "roster: key.pem: not a public key in PEM"),
        (("none.json", "--key", "key.pub.pem"), "roster: none.json: no such file or directory"),
    ]:
        done = roster("verify", *arguments)
        assert done.returncode == 2
        assert message in done.stderr
        assert "PRIVATE" not in done.stderr + done.stdout


@pytest.mark.parametrize(
    "arguments", [("render", "production", "--sign", "key.pem"), ("verify", PRODUCTION, "--key", "key.pub.pem")]
)
def test_missing_cryptography_is_reported_with_install_command(
    roster: Run, tmp_path_factory: pytest.TempPathFactory, arguments: tuple[str, ...]
):
    done = roster(*arguments, PYTHONPATH=without("cryptography", tmp_path_factory.mktemp("without")))
    assert (done.returncode, done.stderr) == (2, f"roster: {missing('cryptography', 'gateway')}\n")
