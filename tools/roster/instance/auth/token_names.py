"""Names of tokens: short texts of visible characters, which pages and terminals show in place of a hash."""

import unicodedata

from roster.findings import ConfigurationError
from roster.instance.auth.actor_names import COMMAND_SUFFIX
from roster.naming import printable, quote, space_hint

MAX_NAME_LENGTH = 100
RESERVED_PREFIX = "token:"
"""How pages show the holder of a token without a name."""


class TokenError(ConfigurationError):
    """A token cannot be created, named or revoked: one sentence with what to do. Nothing was changed."""


def normalize(name: str) -> str:
    """Return a name with letters and their accents as one character each (NFC), however they were typed."""
    return unicodedata.normalize("NFC", name)


def parse_name(name: str) -> str:
    """Return a name as it is stored.

    Raises:
        TokenError: the text cannot be the name of a token.
    """
    name = normalize(name)
    if problem := _problem(name):
        raise TokenError(problem)
    return name


def _problem(name: str) -> str:
    if not name:
        return f"the name of a token is empty: it must have 1 to {MAX_NAME_LENGTH} characters"
    if len(name) > MAX_NAME_LENGTH:
        return f"the name {quote(name)} has {len(name):,} characters: a token's name must have 1 to {MAX_NAME_LENGTH}"
    if name != name.strip():
        return f"the name {quote(name)} begins or ends with a space: {space_hint(name)}"
    if printable(name) != name:
        return f"the name {quote(name)} has control or invisible characters: a token's name must not have any"
    if _folded(name).startswith(RESERVED_PREFIX):
        return f"the name {quote(name)} begins with {RESERVED_PREFIX}, which is for tokens without a name"
    if _folded(name).endswith(COMMAND_SUFFIX):
        return f"the name {quote(name)} ends with {COMMAND_SUFFIX}, which is for people who run commands"
    return ""


def is_same_name(one: str, other: str) -> bool:
    """Return whether people may take two names for the same one: they differ in case or the form of letters at most."""
    return _folded(one) == _folded(other)


def _folded(name: str) -> str:
    """Return a name without differences in case and, with NFKC, in the width of letters and the like.

    Case folding may take letters and their accents apart.
    """
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
