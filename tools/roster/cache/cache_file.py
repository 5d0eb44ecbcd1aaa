"""The store's file: what was accepted, and what a start needs beside it.

Three parts, one after the other: a line with the version, a line with the SHA-256 of all that follows, and that: a line
of JSON, then the body as it was downloaded.
"""

import json
from base64 import b64decode, b64encode
from hashlib import sha256
from typing import NamedTuple

_NAME, _VERSION = b"roster-store", b"1"


class Kept(NamedTuple):
    """One accepted download.

    Attributes:
        etag: what the source called this body, for a conditional request.
        signature: what proved who published it, to be held to the keys of the next start.
        sequence: that of ``gateway.json``, by which older and newer are told apart.
    """

    body: bytes
    etag: str | None = None
    signature: bytes | None = None
    sequence: int | None = None


class Unusable(Exception):
    """Why something on the disk is not used, in a few words."""


class Damaged(Unusable):
    """The store's file is not as it was written, or not written by this version: a new one may take its place."""


def pack(kept: Kept) -> bytes:
    """Return the bytes of the store's file."""
    signature = None if kept.signature is None else b64encode(kept.signature).decode()
    head = json.dumps({"etag": kept.etag, "signature": signature, "sequence": kept.sequence}).encode()
    rest = head + b"\n" + kept.body
    return b"\n".join([_NAME + b" " + _VERSION, sha256(rest).hexdigest().encode(), rest])


def unpack(data: bytes) -> Kept:
    """Return what the bytes of the store's file hold.

    Raises:
        Damaged: they are not what ``pack`` made.
    """
    if not data:
        raise Damaged("what is kept there is empty")
    first, _, after = data.partition(b"\n")
    name, _, version = first.partition(b" ")
    if name != _NAME:
        raise Damaged("what is kept there does not start as it should")
    if version != _VERSION:
        raise Damaged("another version of the gateway wrote what is kept there")
    digest, _, rest = after.partition(b"\n")
    if digest != sha256(rest).hexdigest().encode():
        raise Damaged("the checksum of what is kept there does not fit")
    head, _, body = rest.partition(b"\n")
    try:
        known = json.loads(head)
        signature = known["signature"]
        return Kept(body, known["etag"], None if signature is None else b64decode(signature), known["sequence"])
    except (ValueError, TypeError, KeyError):
        raise Damaged("what is kept there does not say what it is") from None
