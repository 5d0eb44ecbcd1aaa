"""Signature verification and acceptance of a download, as the settings configure them."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from roster.accept.child_process import LARGE_BYTES
from roster.download.download_result import Download
from roster.download.rejection import Rejected
from roster.gateway.verification import verify_and_accept
from roster.publishing.signature import sign
from tests.accept.example_downloads import DAY, KINDS
from tests.download.download_helpers import settings_for
from tests.gateway.gateway_helpers import LARGE
from tests.publishing.test_signature import private, public

SETTINGS = settings_for("https://gitlab.example.com/a")


class Here(Exception):
    """Raised in this process only."""


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make acceptance fail in this process."""

    def raises(*_: object) -> None:
        raise Here

    monkeypatch.setattr("roster.accept.acceptance._parse", raises)


@pytest.mark.usefixtures("broken")
class TestLarge:
    def test_small_download_is_accepted_in_this_process(self):
        with pytest.raises(Here):
            verify_and_accept(SETTINGS, Download(KINDS["gateway"]), None, DAY)

    def test_large_download_is_accepted_in_child_process(self):
        assert len(LARGE) >= LARGE_BYTES
        accepted = verify_and_accept(SETTINGS, Download(LARGE), None, DAY)
        assert (len(accepted.offered_models), accepted.body) == (4000, LARGE)

    def test_rejection_in_child_process_keeps_reason(self):
        with pytest.raises(Rejected, match="wrong-environment") as rejected:
            verify_and_accept(SETTINGS._replace(environment="staging"), Download(LARGE), None, DAY)
        assert rejected.value.reason == "wrong-environment"
        assert rejected.value.explanation.remedy

    def test_served_list_is_passed_to_child_process(self):
        served = verify_and_accept(SETTINGS, Download(LARGE), None, DAY)
        with pytest.raises(Rejected) as rejected:
            verify_and_accept(
                SETTINGS._replace(max_shrink=0.0), Download(LARGE.replace(b"model_7", b"other_7")), served, DAY
            )
        assert rejected.value.reason == "shrunk"


@pytest.mark.parametrize("body", [KINDS["gateway"], b"[" * 100_000, b"<html>"], ids=["gateway.json", "deep", "HTML"])
def test_signature_is_verified_before_content_is_parsed(body: bytes):
    trusted, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    settings = SETTINGS._replace(public_keys=(public(trusted).decode(),))
    with pytest.raises(Rejected) as rejected:
        verify_and_accept(settings, Download(body, signature=sign(private(other), body)), None, DAY)
    assert rejected.value.reason == "bad-signature"


def test_signed_download_is_accepted():
    key = Ed25519PrivateKey.generate()
    settings = SETTINGS._replace(public_keys=(public(key).decode(),))
    download = Download(KINDS["gateway"], signature=sign(private(key), KINDS["gateway"]))
    assert verify_and_accept(settings, download, None, DAY).body == download.body
