"""Detached signatures of artifacts: Ed25519 (RFC 8032) over a file's bytes, in a file next to it.

``openssl pkeyutl -rawin`` creates and verifies the same signatures, in binary (README, Signatures). A signature file
is one line of JSON::

    {"format": 1, "algorithm": "ed25519", "key": "4f1c…", "signature": "c2ln…"}

``key`` is the id of the key: the first 16 hexadecimal digits of the SHA-256 of the raw public key. It selects the key
if several are trusted, as during a key rotation.

A signature proves that the owner of the key signed these bytes. It does not prove when, or for which environment:
``gateway.json`` contains its environment and sequence, so a gateway can reject files of other environments and older
ones. ``offered_models.json`` contains neither: if a gateway reads it, each environment needs its own key, and a list
that was signed once remains valid.
"""

import base64
import hashlib
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from roster.findings import ConfigurationError
from roster.naming import quote

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

SIGNATURE_SUFFIX = ".sig"
"""Appended to the name of the signed file."""
_CREATE_KEY_COMMAND = "openssl genpkey -algorithm ed25519 -out KEY.pem"
_HEADER = {"format": 1, "algorithm": "ed25519"}
_MAX_BYTES = 4096


class BadSignature(Exception):
    """A signature that is malformed, not from a trusted key, or not of these bytes."""


def sign(private_pem: bytes, data: bytes, passphrase: bytes | None = None) -> bytes:
    """Return the content of the signature file for ``data``. The same key and data give the same bytes.

    Raises:
        ConfigurationError: the key is not an Ed25519 private key in PEM, or the passphrase is wrong. The message
            contains nothing of the key.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = _private_key(private_pem, passphrase)
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigurationError(f"not an Ed25519 key: create one with {_CREATE_KEY_COMMAND}")
    signature = base64.b64encode(key.sign(data)).decode()
    return f"{json.dumps(_HEADER | {'key': _id(key.public_key()), 'signature': signature})}\n".encode()


def verify(public_pems: Iterable[bytes], data: bytes, signature: bytes) -> str:
    """Verify a signature and return the id of the key that signed ``data``.

    Args:
        public_pems: the trusted keys, in PEM; several during a key rotation.
        signature: the content of the signature file.

    Raises:
        BadSignature: none of the keys signed the data.
        ConfigurationError: a key is not an Ed25519 public key in PEM.
    """
    from cryptography.exceptions import InvalidSignature

    trusted = {_id(key): key for key in map(_public_key, public_pems)}
    signer, signed = _parse(signature)
    if signer not in trusted:
        keys = ", ".join(trusted)
        raise BadSignature(f"signed with the key {quote(signer)}, which is not trusted; trusted keys: {keys}")
    try:
        trusted[signer].verify(signed, data)
    except InvalidSignature:
        message = f"not what was signed with the key {signer}: the file or its signature was changed"
        raise BadSignature(message) from None
    return signer


def key_id(public_pem: bytes) -> str:
    """Return the id of a public key: 16 hexadecimal digits.

    Raises:
        ConfigurationError: it is not an Ed25519 public key in PEM.
    """
    return _id(_public_key(public_pem))


def _id(key: "Ed25519PublicKey") -> str:
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def _parse(signature: bytes) -> tuple[str, bytes]:
    """Return the key id and the 64 bytes of the signature in a signature file."""
    try:
        content = json.loads(signature[:_MAX_BYTES])
        header, key = {name: content[name] for name in _HEADER}, content["key"]
        signed = base64.b64decode(content["signature"], validate=True)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BadSignature("the signature was not written by roster render --sign") from None
    if header != _HEADER or not isinstance(key, str):
        raise BadSignature("the signature must have format 1 and algorithm ed25519")
    return key, signed


def _private_key(pem: bytes, passphrase: bytes | None) -> Any:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        return load_pem_private_key(pem, passphrase)
    except TypeError:  # the passphrase is missing or superfluous
        problem = "has no passphrase, but one was given" if passphrase else "needs a passphrase, but none was given"
        raise ConfigurationError(f"this key {problem}") from None
    except (ValueError, UnsupportedAlgorithm):
        wrong_passphrase = ", or the passphrase is wrong" if passphrase else ""
        raise ConfigurationError(
            f"not a private key in PEM{wrong_passphrase}: create one with {_CREATE_KEY_COMMAND}"
        ) from None


def _public_key(pem: bytes) -> "Ed25519PublicKey":
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        raise ConfigurationError(
            "not a public key in PEM: run openssl pkey -in KEY.pem -pubout to get that of a private key"
        ) from None
    if not isinstance(key, Ed25519PublicKey):
        raise ConfigurationError(f"not an Ed25519 key: create one with {_CREATE_KEY_COMMAND}")
    return key
