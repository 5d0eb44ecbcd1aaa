"""Signatures of the Standard Webhooks specification, version 1: HMAC-SHA256 over id, timestamp and body.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import binascii
import hmac
from base64 import b64decode, b64encode
from hashlib import sha256

from roster.settings.environment_variables import InvalidValue
from roster.settings.secret import Secret

ID_HEADER, TIMESTAMP_HEADER, SIGNATURE_HEADER = "webhook-id", "webhook-timestamp", "webhook-signature"
_PREFIX = "whsec_"
_MIN_BYTES, _MAX_BYTES = 24, 64
"""The specification's bounds of a secret."""


def parse_secret(text: str) -> Secret:
    """Parse a secret: ``whsec_`` and base64, as the specification writes it, or plain text.

    Raises:
        InvalidValue: it is neither, or too short. The message does not show it.
    """
    secret = Secret(text)
    if text.startswith(_PREFIX) and not _MIN_BYTES <= len(_decoded(secret)) <= _MAX_BYTES:
        raise InvalidValue(f"must be {_PREFIX} followed by {_MIN_BYTES} to {_MAX_BYTES} bytes in base64")
    if not text.isascii() or not text.isprintable() or " " in text or len(text) < _MIN_BYTES:
        message = f"{_MIN_BYTES} or more ASCII characters without spaces, or {_PREFIX} and base64"
        raise InvalidValue(f"must be {message}")
    return secret


def signature_headers(secret: Secret, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the headers that identify and sign a message."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.new(_key(secret), signed, sha256).digest()
    return {
        ID_HEADER: message_id,
        TIMESTAMP_HEADER: str(timestamp),
        SIGNATURE_HEADER: f"v1,{b64encode(digest).decode()}",
    }


def _key(secret: Secret) -> bytes:
    return _decoded(secret) if secret.reveal().startswith(_PREFIX) else secret.reveal().encode()


def _decoded(secret: Secret) -> bytes:
    """Return the bytes of a secret in base64; none if it is not base64."""
    try:
        return b64decode(secret.reveal().removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return b""
