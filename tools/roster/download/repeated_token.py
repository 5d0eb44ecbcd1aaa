"""Responses that repeat the token are rejected, so that no log, cache or list contains it; messages do not show it.

A source can repeat the token anywhere: as the name of an environment, in a header, a redirect or a pointer file.
"""

import re
from base64 import b64encode
from collections.abc import Iterator

from roster.download.download_settings import DownloadSettings
from roster.download.rejection import Rejected

_MIN_LENGTH = 8
"""Shorter tokens, such as a placeholder for a source that needs none, could be part of any text. Parts of a token from
this length on are redacted, because messages shorten long values."""

_CHUNK = 64 * 1024


def reject_repeated_token(settings: DownloadSettings, data: bytes) -> None:
    """Reject a part of a response that contains the token, in any case or with escapes.

    Raises:
        Rejected: it contains the token.
    """
    for form in _forms(settings):
        if len(form) >= _MIN_LENGTH and _contains(data.lower(), form.lower()):
            raise Rejected("token-repeated", "the source repeats the token in its response")


def redact_token(settings: DownloadSettings, message: str) -> str:
    """Return a message without the token, or parts of it."""
    for form in _forms(settings):
        message = _redact(form, message)
    return message


def _forms(settings: DownloadSettings) -> Iterator[str]:
    """Yield the token as it is configured and as it is sent."""
    if settings.token:
        token = settings.token.reveal()
        yield from (token, b64encode(token.encode()).decode())
        if settings.header == "Basic":
            yield token.partition(":")[2]


def _contains(data: bytes, text: str) -> bool:
    """Search in chunks, so that other threads can run in between; the chunks overlap by the longest escaped text."""
    pattern, overlap = re.compile(_escaped(text)), 32 * len(text)
    return any(pattern.search(data, start, start + _CHUNK + overlap) for start in range(0, len(data), _CHUNK))


def _escaped(text: str) -> bytes:
    """Return a pattern of a text in lower case, in which any character may be escaped as in JSON, YAML or a URL."""
    line_break = r"(?:\\\r?\n[ \t]{0,16})?"  # YAML continues a text after an escaped line break
    return line_break.join(map(_escaped_character, text)).encode()


def _escaped_character(char: str) -> str:
    code = f"(?:{ord(char):02x}|{ord(char.upper()):02x})"
    return rf"(?:\\?{re.escape(char)}|\\(?:u00|x|u000000){code}|%{code})"


def _redact(secret: str, message: str) -> str:
    lower, size = secret.lower(), min(len(secret), _MIN_LENGTH)
    text = message.lower()
    hidden: set[int] = set()
    for start in range(len(text) - size + 1) if size else ():
        if text[start : start + size] in lower:
            hidden.update(range(start, start + size))
    return re.sub("\0+", "…", "".join("\0" if index in hidden else char for index, char in enumerate(message)))
