"""Detached signatures of artifacts: Ed25519 (RFC 8032) over a file's bytes, as they are, in a file beside it.

``openssl pkeyutl -rawin`` makes and verifies the same signatures. One line of JSON holds it::

    {"format": 1, "algorithm": "ed25519", "key": "4f1c…", "signature": "c2ln…"}

``key`` is the first 16 hexadecimal digits of the SHA-256 of the raw public key, so that a reader who trusts two keys,
while one takes over from the other, knows which one is meant.

A signature says that whoever holds the key signed these bytes. It does not say when, nor which of the signed files
belongs where: ``gateway.json`` names its environment and its sequence itself, so that a gateway can refuse another
environment and an older sequence. ``offered_models.json`` names neither: where a gateway reads that, each environment
needs a key of its own, and a list that was signed once stays good.
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

ENDING = ".sig"
"""What the name of a signature's file has after that of the signed one."""
_MAKE_A_KEY = "openssl genpkey -algorithm ed25519 -out KEY.pem"
_FORMAT = 1
_ALGORITHM = "ed25519"
_BYTES_AT_MOST = 4096


class BadSignature(Exception):
    """A signature that is none, or is by no trusted key, or is not of these bytes: one sentence."""


def sign(private_pem: bytes, data: bytes, passphrase: bytes | None = None) -> bytes:
    """Return the signature of ``data`` as its file holds it. The same key and data give the same bytes.

    Raises:
        ConfigurationError: the key is no Ed25519 private key in PEM, or the passphrase does not open it.
            No message holds anything of the key.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = _private_key(private_pem, passphrase)
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigurationError(f"this is not an Ed25519 key: make one with {_MAKE_A_KEY}")
    content = {
        "format": _FORMAT,
        "algorithm": _ALGORITHM,
        "key": _id(key.public_key()),
        "signature": base64.b64encode(key.sign(data)).decode(),
    }
    return f"{json.dumps(content)}\n".encode()


def verify(public_pems: Iterable[bytes], data: bytes, signature: bytes) -> str:
    """Return the id of the key, one of these, that ``data`` was signed with.

    Args:
        public_pems: the trusted keys, in PEM: one, or two while one takes over from the other.
        signature: what the signature's file holds.

    Raises:
        BadSignature: none of them signed it.
        ConfigurationError: one of them is no Ed25519 public key in PEM.
    """
    from cryptography.exceptions import InvalidSignature

    keys = {_id(key): key for key in map(_public_key, public_pems)}
    name, signed = _read(signature)
    if name not in keys:
        raise BadSignature(f"signed with the key {quote(name)}, which is none of these: {', '.join(keys)}")
    try:
        keys[name].verify(signed, data)
    except InvalidSignature:
        raise BadSignature(f"not what was signed with the key {name}: the file or its signature was changed") from None
    return name


def key_id(public_pem: bytes) -> str:
    """Return the id of a public key: 16 hexadecimal digits.

    Raises:
        ConfigurationError: it is no Ed25519 public key in PEM.
    """
    return _id(_public_key(public_pem))


def _id(key: "Ed25519PublicKey") -> str:
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def _read(signature: bytes) -> tuple[str, bytes]:
    """Return the key's id and the 64 bytes of a signature that a file holds."""
    try:
        content = json.loads(signature[:_BYTES_AT_MOST])
        form, algorithm, name, text = (content[key] for key in ("format", "algorithm", "key", "signature"))
        signed = base64.b64decode(text, validate=True)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BadSignature("the signature is not one that roster render --sign writes") from None
    if (form, algorithm) != (_FORMAT, _ALGORITHM) or not isinstance(name, str):
        raise BadSignature(f"the signature is of another kind than format {_FORMAT}, {_ALGORITHM}")
    return name, signed


def _private_key(pem: bytes, passphrase: bytes | None) -> Any:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        return load_pem_private_key(pem, passphrase)
    except TypeError:  # either a passphrase is missing, or there is one too many
        needed = "has no passphrase, and one is given" if passphrase else "needs a passphrase, and none is given"
        raise ConfigurationError(f"this key {needed}") from None
    except (ValueError, UnsupportedAlgorithm):
        doubt = ", or the passphrase is wrong" if passphrase else ""
        raise ConfigurationError(f"this is no private key in PEM{doubt}: make one with {_MAKE_A_KEY}") from None


def _public_key(pem: bytes) -> "Ed25519PublicKey":
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        raise ConfigurationError(
            "this is no public key in PEM: openssl pkey -in KEY.pem -pubout writes that of a private key"
        ) from None
    if not isinstance(key, Ed25519PublicKey):
        raise ConfigurationError(f"this is not an Ed25519 key: make one with {_MAKE_A_KEY}")
    return key
