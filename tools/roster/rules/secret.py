"""What keys and tokens look like.

The formats are those that their issuers document: GitLab (https://docs.gitlab.com/security/tokens/#token-prefixes),
GitHub (https://github.blog/engineering/behind-githubs-new-authentication-token-formats/), AWS access key ids
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html), RFC 7468 for PEM, RFC 7519 for JWT, and
the key formats of the inference providers.
"""

import re
from collections.abc import Iterator
from functools import cache

_FORMATS: tuple[tuple[str, str, str], ...] = (  # what every one contains, what it is, how it looks
    ("sk-", "an API key of a model provider", r"sk-(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{20,}"),
    ("AKIA", "an AWS access key id", r"AKIA[A-Z2-7]{16}(?![A-Z0-9])"),
    ("ASIA", "an AWS access key id", r"ASIA[A-Z2-7]{16}(?![A-Z0-9])"),
    ("AIza", "a Google API key", r"AIza[A-Za-z0-9_-]{35}"),
    ("ya29.", "a Google access token", r"ya29\.[A-Za-z0-9_-]{20,}"),
    ("glpat-", "a GitLab token", r"glpat-[A-Za-z0-9_-]{20,}(?:\.[A-Za-z0-9_.-]+)?"),
    ("gldt-", "a GitLab token", r"gldt-[A-Za-z0-9_-]{20,}"),
    ("glrt-", "a GitLab token", r"glrt-[A-Za-z0-9_-]{20,}(?:\.[A-Za-z0-9_.-]+)?"),
    ("glcbt-", "a GitLab token", r"glcbt-[A-Za-z0-9_-]{20,}"),
    ("glptt-", "a GitLab token", r"glptt-[A-Za-z0-9_-]{20,}"),
    ("gloas-", "a GitLab token", r"gloas-[A-Za-z0-9_-]{20,}"),
    ("ghp_", "a GitHub token", r"ghp_[A-Za-z0-9]{36,}"),
    ("gho_", "a GitHub token", r"gho_[A-Za-z0-9]{36,}"),
    ("ghs_", "a GitHub token", r"ghs_[A-Za-z0-9]{36,}"),
    ("github_pat_", "a GitHub token", r"github_pat_[A-Za-z0-9_]{40,}"),
    ("xox", "a Slack token", r"xox[abeoprs]-[A-Za-z0-9-]{10,}"),
    ("hf_", "a Hugging Face token", r"hf_[A-Za-z0-9]{30,}"),
    ("fw_", "a Fireworks API key", r"fw_[A-Za-z0-9]{20,}"),
    ("gsk_", "a Groq API key", r"gsk_[A-Za-z0-9]{40,}"),
    ("xai-", "an xAI API key", r"xai-[A-Za-z0-9]{40,}"),
    ("pplx-", "a Perplexity API key", r"pplx-[A-Za-z0-9]{40,}"),
    ("nvapi-", "an NVIDIA API key", r"nvapi-[A-Za-z0-9_-]{40,}"),
    ("r8_", "a Replicate token", r"r8_[A-Za-z0-9]{37,}"),
    ("eyJ", "a JSON Web Token", r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"),
    (
        "PRIVATE KEY",
        "a private key",
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?s:.*?)(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
    ),
)
_KEY_VALUE = r"""(api-key["']?[^\S\r\n]*:[^\S\r\n]*)(?!["']?AIGW_MODEL_[A-Z0-9_]+_API_KEY["']?\s)([^\s#][^\r\n#]*)"""
_USER_INFO = r"(://)([^/\s@]+)(?=@)"
_INK = r"[^\r\n]"


def find_secrets(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield what each secret in a text is, with the offsets of its start and its end, format by format."""
    for mark, kind, pattern in _FORMATS:
        if mark in text:  # a plain search: most files hold none of these, and a pattern is slow to find that out
            for found in _compiled(pattern).finditer(text):
                yield kind, found.start(), found.end()


def masked(text: str) -> str:
    """Return a text of the same length in which nobody can read a secret, nor what may be one in its usual place."""
    for _, start, end in find_secrets(text):
        text = text[:start] + _blotted(text[start:end]) + text[end:]
    for place in (_KEY_VALUE, _USER_INFO):
        text = re.sub(place, lambda found: found[1] + _blotted(found[2]), text)
    return text


def _blotted(text: str) -> str:
    return re.sub(_INK, "*", text)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(r"(?<![A-Za-z0-9_])" + pattern if pattern[0] != "-" else pattern)
