"""Secrets: the formats of API keys and tokens, and redaction of texts that contain them.

The formats are as documented by their issuers: GitLab (https://docs.gitlab.com/security/tokens/#token-prefixes),
GitHub (https://github.blog/engineering/behind-githubs-new-authentication-token-formats/), AWS access key ids
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html), RFC 7468 for PEM, RFC 7519 for JWT, and
the key formats of the inference providers.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from itertools import chain, islice

from roster.findings import Finding
from roster.yaml.line_index import Range, line_end, line_start

_FORMATS: tuple[tuple[tuple[str, ...], str, str, str], ...] = (  # marks that it contains, name, start, rest
    (("sk-",), "an API key of a model provider", "sk-", r"[A-Za-z0-9_-]{20,}"),
    (("sk_ant_", "sk_proj_", "sk_live_"), "an API key", "sk_", r"(?:ant|proj|live)_[A-Za-z0-9_]{16,}"),
    (("AKIA", "ASIA"), "an AWS access key id", "A", r"[KS]IA[A-Z2-7]{16}(?![A-Z0-9])"),
    (("ABSK",), "an Amazon Bedrock API key", "ABSK", r"[A-Za-z0-9+/]{40,}=*"),
    (("AIza",), "a Google API key", "AIza", r"[A-Za-z0-9_-]{35}"),
    (("ya29.",), "a Google access token", "ya29", r"\.[A-Za-z0-9_-]{20,}"),
    (
        ("glpat", "gldt", "glrt", "glcbt", "glptt", "gloas", "glsoat", "glft", "glimt", "glagent"),
        "a GitLab token",
        "gl",  # with underscores where its characters had to be those of an id
        r"(?:pat|dt|rtr?|cbt|ptt|oas|soat|ft|imt|agent)[-_][A-Za-z0-9_-]{20,}(?:\.[A-Za-z0-9_.-]+)?",
    ),
    (("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), "a GitHub token", "gh", r"[pousr]_[A-Za-z0-9]{36,}"),
    (("github_pat_",), "a GitHub token", "github_pat_", r"[A-Za-z0-9_]{40,}"),
    (("xox",), "a Slack token", "xox", r"[abeoprs]-[A-Za-z0-9-]{10,}"),
    (("hf_",), "a Hugging Face token", "hf_", r"[A-Za-z0-9]{30,}"),
    (("fw_",), "a Fireworks API key", "fw_", r"[A-Za-z0-9]{20,}"),
    (("gsk_",), "a Groq API key", "gsk_", r"[A-Za-z0-9]{40,}"),
    (("xai-", "xai_"), "an xAI API key", "xai", r"[-_][A-Za-z0-9]{40,}"),
    (("pplx-", "pplx_"), "a Perplexity API key", "pplx", r"[-_][A-Za-z0-9]{40,}"),
    (("nvapi-", "nvapi_"), "an NVIDIA API key", "nvapi", r"[-_][A-Za-z0-9_-]{40,}"),
    (("tgp_v1_",), "a Together AI API key", "tgp_v1_", r"[A-Za-z0-9_-]{40,}"),
    (("r8_",), "a Replicate token", "r8_", r"[A-Za-z0-9]{37,}"),
    (("eyJ",), "a JSON Web Token", "eyJ", r"(?<!-eyJ)[A-Za-z0-9_-]{8,}+\.eyJ[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]*"),
    (
        ("PRIVATE KEY",),
        "a private key",
        "-----BEGIN ",
        r"[A-Z ]*PRIVATE KEY(?: BLOCK)?-----(?s:.*?)(?:-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----|\Z)",
    ),
)
_MARKS = tuple(mark for marks, *_ in _FORMATS for mark in marks)
_SHORT = 10_000
"""Below this length, searching for the marks is faster than compiling the patterns."""
_MAX_RANGES = 50_000
"""A text with more secrets, or places where secrets usually are, is redacted as a whole."""
_LONG = 10_000
"""Longer lines are redacted as a whole instead of searched for addresses."""
_NOT_WITHIN_A_WORD = (
    r"(?:(?<![A-Za-z0-9_]START)|(?<=\\[abefnrtv0]START)|(?<=\\x[0-9A-Fa-f]{2}START)|(?<=\\u[0-9A-Fa-f]{4}START))"
)
"""No token starts within a word; the end of an escape is not part of one."""

_KEYS = (
    *("api[-_ ]?[Kk]ey", "A(?:PI|pi)[-_ ]?K(?:EY|ey)", "ccess[-_ ]?[Kk]ey", "rivate[-_ ]?[Kk]ey"),
    *("oken", "ecret(?:[-_ ]?[Kk]ey)?", "assw(?:or)?d", "assphrase", "TOKEN", "SECRET", "PASSW(?:OR)?D"),
    *("uthorization", "UTHORIZATION"),
)
"""The end of names of keys that contain a secret, or that people might use for one; without the first letter, whose
case differs. Each begins with letters, as in _compiled."""
_COUNTABLE = ("oken", "TOKEN")
"""Of these names, those of keys that may have a number: token_limit, max_tokens."""
_NO_SECRET = re.compile(r"(?i)(true|false|null|~|yes|no)[ \t]*(?:[#,}\]\r\n]|\Z)")
_DECIMAL = r"[0-9]{1,12}(?:\.[0-9]{1,30})?(?:[eE][-+]?[0-9]{1,3})?"
"""A number such as a price, which may have more digits than a number of tokens: input_cost_per_token: 1.5e-06."""
_NUMBER_OR_DATE = re.compile(
    rf"""["']?[-+]?(?:[0-9][0-9_,.-]{{0,11}}[kKmM]?|{_DECIMAL})["']?[ \t]*(?:[#,}}\]\r\n]|\Z)"""
)
_PASSWORDS = tuple(
    rf"""{name}\b["']?\s*[:=]\s*["']?(?!(?:true|false|null)\b)([^\s"']+)"""
    for name in ("ass(?:word|wd|phrase)", "ASS(?:WORD|WD)")
)
"""Passwords in a text, without the first letter of their name, as in _KEYS."""
_BEARER = r"(?:[Bb]earer|BEARER)[ \t]+([\w.~+/-]{6,}=*)"
"""The token in the value of an Authorization header (RFC 6750, section 2.1)."""
_USER_AND_PASSWORD = r"""(?<![^\s/"'<>])([^\s/:@"'<>]++:[^\s/@"'<>]++)@[A-Za-z0-9]"""
"""A user name and a password without the address's scheme."""
_WITHOUT_REFERENCE = (
    r"""s?["']?\s*+:[ \t]*+(?!["']?AIGW_(?:MODEL|PROVIDER)_[A-Z0-9_]+_API_KEY["']?[ \t]*+(?:[#,}\]\r\n]|\Z))"""
)
_LETTER = r"(?:x[2-7]|u00[2-7]|U000000[2-7]|\r?\n[ \t]*)"
_ESCAPED_WORD = rf"""(?<![^\s"'])(?:[^\s"'\\]++|\\(?!{_LETTER}))*+\\{_LETTER}[^\s"']*"""
"""A word with an escape for a letter, a digit or nothing, which has hardly any purpose but to hide a secret."""
_ENDPOINT = r"""endpoint["']?[ \t]*:[ \t]*["']?"""
_LINE_WITH_NUL = r"(?m)^[^\r\n\0]*+\0[^\r\n]*"
"""A line of UTF-16 that was read as UTF-8: NULs separate its letters."""


def find_secrets(text: str) -> list[tuple[str, int, int]]:
    """Return the kind, the start and the end of each secret in a text, in order."""
    return _find_in_file(text) if len(text) > _SHORT else _find(text)


def _find(text: str) -> list[tuple[str, int, int]]:
    secrets: list[tuple[str, int, int]] = []
    last = 0
    for kind, start, end in sorted(_matches(text), key=lambda match: match[1]):
        if start < last:  # nested formats
            kind, start, _ = secrets.pop()
        last = max(last, end)
        secrets.append((kind, start, last))
    return secrets


_find_in_file = lru_cache(maxsize=1)(_find)
"""A file's text is searched twice: by the rule, and to redact what a report shows."""


def secret_ranges(text: str) -> list[Range]:
    """Return the ranges of the secrets in a text."""
    return [(start, end) for _, start, end in find_secrets(text)]


def redact_text(text: str) -> str:
    """Redact a file's text: its secrets, and the values in places where secrets usually are. The length stays."""
    patterns = (_ESCAPED_WORD if "\\" in text else "", _LINE_WITH_NUL if "\0" in text else "")
    matches = (match.span() for pattern in patterns if pattern for match in re.finditer(pattern, text))
    found = chain(secret_ranges(text), _values_of_keys(text), _user_info(text), _passwords(text), matches)
    ranges = list(islice(found, _MAX_RANGES))
    return _mask(text, ranges if len(ranges) < _MAX_RANGES else [(0, len(text))])


def redact_message(text: str) -> str:
    """Redact the secrets that a message quotes."""
    return _mask(text, [*secret_ranges(text), *_user_info(text), *_passwords(text)])


def redact_value(finding: Finding) -> Finding:
    """Remove the quoted value from a loader's finding if it is at a key for secrets."""
    *_, key = ("", *finding.place.pointer)
    words = [word for word in _KEYS if re.search(f"{word}s?\\Z", str(key))]
    if not words or (words[0] in _COUNTABLE and re.search('"[-+0-9_,.:Tt Zz]{1,30}"', finding.message)):
        return finding
    return finding._replace(message=re.sub('"[^"]*"', "this value", finding.message))


def _matches(text: str) -> Iterator[tuple[str, int, int]]:
    if len(text) <= _SHORT and not any(map(text.__contains__, _MARKS)):  # as most messages
        return
    for marks, kind, start, rest in _FORMATS:
        if len(text) > _SHORT or any(mark in text for mark in marks):
            for match in _compiled(start, rest).finditer(text):
                # words, as in sk-something-else, have no digit
                if start != "sk-" or any(map(str.isdigit, match.group())):
                    yield kind, match.start(), match.end()


@cache
def _compiled(start: str, rest: str) -> re.Pattern[str]:
    if start.startswith("-"):
        return re.compile(start + rest)
    # the start comes first: searching a pattern that begins with letters is ten times as fast
    return re.compile(start + _NOT_WITHIN_A_WORD.replace("START", start) + rest)


def _values_of_keys(text: str) -> Iterator[Range]:
    """Yield the values at keys for secrets, except references."""
    end = 0
    matches = (
        match.span()
        for word in _KEYS
        for match in re.finditer(word + _WITHOUT_REFERENCE, text)
        if not _NO_SECRET.match(text, match.end())
        and not (word in _COUNTABLE and _NUMBER_OR_DATE.match(text, match.end()))
    )
    keys = list(islice(matches, _MAX_RANGES))
    if len(keys) == _MAX_RANGES:
        yield 0, len(text)
        return
    for key, value in sorted(keys):
        if key < end:
            continue
        first = text.rfind("\n", 0, key) + 1
        column = len(re.sub(r"""[\w."'-]*\Z""", "", text[first:key]))
        end = _end_of_line(text, value)
        while end < len(text) and _continues(text, end + 1, column):
            end = _end_of_line(text, end + 1)
        yield value, end


def _continues(text: str, start: int, column: int) -> bool:
    """Return whether a line belongs to the value of a key above it at a column (from 0)."""
    line = text[start : _end_of_line(text, start)]
    indent = len(line) - len(line.lstrip(" \t"))
    return not line.strip() or indent > column or (indent == column and line[indent] == "-")


def _passwords(text: str) -> Iterator[Range]:
    """Yield the passwords and bearer tokens that a text names as such."""
    return (match.span(1) for pattern in (*_PASSWORDS, _BEARER) for match in re.finditer(pattern, text))


def _user_info(text: str) -> Iterator[Range]:
    """Yield user names and passwords in the addresses of a text."""
    at = text.find("@")
    while at >= 0:
        start, end = line_start(text, at), line_end(text, at)
        if end - start > _LONG:
            yield start, end
        else:
            yield from _user_info_in(text, start, end)
        at = text.find("@", end)


def _user_info_in(text: str, start: int, end: int) -> Iterator[Range]:
    yield from (match.span(1) for match in re.compile(_USER_AND_PASSWORD).finditer(text, start, end))
    last = text.rfind("@", start, end)
    position = text.find("//", start, last)
    if position < 0 and (key := re.search(_ENDPOINT, text[start:last])):  # an address without its scheme
        yield start + key.end(), last
    while position >= 0:
        position += len(text[position:end]) - len(text[position:end].lstrip("/"))
        slash = text.find("/", position, end)
        authority = text[position : slash if slash >= 0 else end]
        user, at, _ = authority.rpartition("@")
        name, colon, password = authority.partition(":")
        if at and (colon or not re.search(r"[\s?#]", user)):
            yield position, position + len(user)
        elif colon and slash >= 0 and not re.match(r"\d*(?:\s|\Z)", password) and "[" not in name:
            yield position, last  # a password with a slash in it
            return
        position = text.find("//", position + len(authority), last)


def _end_of_line(text: str, start: int) -> int:
    end = text.find("\n", start)
    return end if end >= 0 else len(text)


def _mask(text: str, ranges: Iterable[Range]) -> str:
    """Replace each character in some ranges, except line breaks, by an asterisk."""
    parts: list[str] = []
    masked_to = 0
    for start, end in sorted(ranges):
        if end > masked_to:
            start = max(start, masked_to)
            parts += text[masked_to:start], re.sub(r"[^\r\n]+", lambda match: "*" * len(match[0]), text[start:end])
            masked_to = end
    return "".join(parts) + text[masked_to:]
