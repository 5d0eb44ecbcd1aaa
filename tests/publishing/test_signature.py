"""Signatures: signing, verification, compatibility with openssl, and errors."""

import base64
import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed448, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as some

from roster.findings import ConfigurationError
from roster.publishing.signature import BadSignature, key_id, sign, verify

DATA = b'{"environment": "production"}\n'


def private(key: Any, encryption: KeySerializationEncryption | None = None) -> bytes:
    pem: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())
    return pem


def public(key: Any) -> bytes:
    pem: bytes = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem


# The first test vector of RFC 8032, section 7.1
OF_RFC_8032 = Ed25519PrivateKey.from_private_bytes(
    bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
)
KEY, OTHER = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()


def changed(**keys: Any) -> bytes:
    return json.dumps(json.loads(sign(private(KEY), DATA)) | keys).encode()


def test_the_whole_file():
    raw = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    signed = bytes.fromhex(
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    )
    assert json.loads(sign(private(OF_RFC_8032), b"")) == {
        "format": 1,
        "algorithm": "ed25519",
        "key": hashlib.sha256(raw).hexdigest()[:16],
        "signature": base64.b64encode(signed).decode(),
    }
    assert sign(private(OF_RFC_8032), b"").count(b"\n") == 1


@given(some.binary(), some.integers(0))
def test_flipped_bit_invalidates_signature(data: bytes, bit: int):
    signature = sign(private(KEY), data)
    assert signature == sign(private(KEY), data)
    assert verify([public(KEY)], data, signature) == key_id(public(KEY))
    if data:
        flipped = bytearray(data)
        flipped[bit // 8 % len(data)] ^= 1 << bit % 8
        with pytest.raises(BadSignature, match="the file or its signature was changed"):
            verify([public(KEY)], bytes(flipped), signature)


def test_both_keys_are_accepted_during_rotation():
    both = [public(KEY), public(OTHER)]
    assert verify(both, DATA, sign(private(KEY), DATA)) == key_id(public(KEY))
    assert verify(both, DATA, sign(private(OTHER), DATA)) == key_id(public(OTHER))
    with pytest.raises(
        BadSignature, match=f'signed with the key "{key_id(public(KEY))}", which is not trusted; trusted keys: '
    ):
        verify([public(OTHER)], DATA, sign(private(KEY), DATA))


def test_signature_with_forged_key_id_is_rejected():
    with pytest.raises(BadSignature, match="was changed"):
        verify([public(OTHER)], DATA, changed(key=key_id(public(OTHER))))


@pytest.mark.parametrize(
    "signature",
    [
        b"",
        b"<html>",
        b"\xff",
        b"[]",
        b"[" * 100_000,
        b'{"format": 1}',
        b" " * 5_000 + sign(private(KEY), DATA),
        changed(signature=1),
        changed(signature="not base64!"),
        changed(signature="ä"),
    ],
    ids=["empty", "HTML", "not UTF-8", "list", "deep", "keys missing", "too long", "number", "not Base64", "not ASCII"],
)
def test_malformed_signature_is_rejected(signature: bytes):
    with pytest.raises(BadSignature, match="not written by roster render --sign"):
        verify([public(KEY)], DATA, signature)


@pytest.mark.parametrize("keys", [{"format": 2}, {"algorithm": "none"}, {"key": 1}, {"key": None}])
def test_signature_of_other_format_is_rejected(keys: dict[str, Any]):
    with pytest.raises(BadSignature, match="must have format 1 and algorithm ed25519"):
        verify([public(KEY)], DATA, changed(**keys))


def test_truncated_signature_is_rejected():
    with pytest.raises(BadSignature, match="was changed"):
        verify([public(KEY)], DATA, changed(signature=""))


class TestKeys:
    def test_encrypted_key_needs_passphrase(self):
        encrypted = private(KEY, BestAvailableEncryption(b"open sesame"))
        assert sign(encrypted, DATA, b"open sesame") == sign(private(KEY), DATA)
        with pytest.raises(ConfigurationError, match="needs a passphrase, but none was given"):
            sign(encrypted, DATA)
        with pytest.raises(ConfigurationError, match="not a private key in PEM, or the passphrase is wrong: create"):
            sign(encrypted, DATA, b"open poppy")
        with pytest.raises(ConfigurationError, match="has no passphrase, but one was given"):
            sign(private(KEY), DATA, b"open sesame")

    @pytest.mark.parametrize(
        ("pem", "sentence"),
        [
            (private(rsa.generate_private_key(65537, 2048)), "not an Ed25519 key: create one with openssl"),
            (private(ed448.Ed448PrivateKey.generate()), "not an Ed25519 key"),
            (public(KEY), "not a private key in PEM: create one with openssl"),
            (private(KEY).replace(b"M", b"!"), "not a private key in PEM"),
            (b"", "not a private key in PEM"),
        ],
        ids=["rsa", "ed448", "public", "broken", "empty"],
    )
    def test_invalid_private_key_is_reported_and_not_shown(self, pem: bytes, sentence: str):
        with pytest.raises(ConfigurationError) as message:
            sign(pem, DATA)
        assert str(message.value).startswith(sentence)
        assert not any(line in str(message.value) for line in pem.decode().splitlines())

    @pytest.mark.parametrize(
        ("pem", "sentence"),
        [
            (public(rsa.generate_private_key(65537, 2048)), "not an Ed25519 key"),
            (private(KEY), "not a public key in PEM: run openssl pkey -in KEY.pem -pubout"),
            (b"ssh-ed25519 AAAA", "not a public key in PEM"),
        ],
        ids=["rsa", "private", "ssh"],
    )
    def test_invalid_public_key_is_reported(self, pem: bytes, sentence: str):
        with pytest.raises(ConfigurationError) as message:
            verify([public(KEY), pem], DATA, sign(private(KEY), DATA))
        assert str(message.value).startswith(sentence)
        assert not any(line in str(message.value) for line in pem.decode().splitlines())


@pytest.mark.slow
class TestOpenssl:
    """openssl, which every system has, can sign and verify as well."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        self.openssl(tmp_path, "genpkey", "-algorithm", "ed25519", "-out", "key.pem")
        self.openssl(tmp_path, "pkey", "-in", "key.pem", "-pubout", "-out", "public.pem")
        (tmp_path / "data").write_bytes(DATA)
        return tmp_path

    def openssl(self, folder: Path, *arguments: str) -> bytes:
        return subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, check=True, timeout=60).stdout

    def test_openssl_verifies_signature(self, folder: Path):
        content = json.loads(sign((folder / "key.pem").read_bytes(), DATA))
        (folder / "raw").write_bytes(base64.b64decode(content["signature"]))
        verification = ("pkeyutl", "-verify", "-pubin", "-inkey", "public.pem", "-rawin", "-in", "data")
        assert b"Verified Successfully" in self.openssl(folder, *verification, "-sigfile", "raw")
        der = self.openssl(folder, "pkey", "-pubin", "-in", "public.pem", "-outform", "DER")
        assert content["key"] == hashlib.sha256(der[-32:]).hexdigest()[:16]

    def test_signature_of_openssl_is_verified(self, folder: Path):
        raw = self.openssl(folder, "pkeyutl", "-sign", "-inkey", "key.pem", "-rawin", "-in", "data")
        pem = (folder / "public.pem").read_bytes()
        content = {"format": 1, "algorithm": "ed25519", "key": key_id(pem), "signature": base64.b64encode(raw).decode()}
        assert verify([pem], DATA, json.dumps(content).encode()) == key_id(pem)
        assert json.dumps(content).encode() + b"\n" == sign((folder / "key.pem").read_bytes(), DATA)
