"""Example downloads: a roster, and the artifacts rendered from it."""

import json
from datetime import date
from typing import Any

from roster.accept.acceptance import AcceptanceCriteria
from roster.check.pipeline import check
from roster.publishing.sequence import Publication
from roster.render.artifacts import ARTIFACTS
from roster.render.unoffered_ids import UNOFFERED_ID_KEYS
from tests.single_roster import repository

DAY = date(2026, 6, 15)
CRITERIA = AcceptanceCriteria(environment=None, max_bytes=8 * 1024 * 1024, max_shrink=0.5, allow_older=False, on=DAY)
REVISION = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
FEATURES = {
    "claude": "code-completion, code-generation",
    "gemini": "duo_chat",
    "mistral": "duo_chat",
    "gpt": "duo_chat",
}
DEFAULTS = {"claude": "code-completion, code-generation", "gemini": "duo_chat"}


def model(name: str, more: str = "") -> str:
    """Return a model of a roster without findings; ``more`` is appended to its keys."""
    default = f"  default_for: [{DEFAULTS[name]}]\n" if name in DEFAULTS else ""
    return (
        f"- name: {name.title()}\n  identifier: bedrock/{name}-1\n  api-key: AIGW_MODEL_{name.upper()}_API_KEY\n"
        f"  endpoint: https://{name}.example-models.com/v1\n  release_state: GA\n  family: {name}\n"
        f"  features: [{FEATURES.get(name, 'duo_chat')}]\n{default}{more}"
    )


def retiring(last_day: str, replacement: str) -> str:
    return f"  retirement:\n    notice: 2026-01-01\n    last_day: {last_day}\n    replacement: {replacement}\n"


ROSTER = (
    model("claude")
    + model("gemini")
    + model("mistral")
    + model("gpt", retiring(last_day="2026-06-14", replacement="gemini"))
)


def rendered(artifact: str, roster: str = ROSTER, *, sequence: int = 42, on: date = DAY) -> bytes:
    """Return an artifact as written by ``roster render``."""
    result = check(repository(roster), on)
    published = Publication(REVISION, sequence)
    return ARTIFACTS[artifact].render(result.rosters["production"], on, published, result.registries)


KINDS: dict[str, bytes] = {
    "roster": ROSTER.encode(),
    "gateway": rendered("gateway"),
    "offered_models": rendered("offered_models"),
}


def envelope(**changes: Any) -> dict[str, Any]:
    """Return the content of ``gateway.json`` with changed keys, also in the definitions if these have them."""
    content: dict[str, Any] = json.loads(KINDS["gateway"])
    content["definitions"] |= {key: changes[key] for key in UNOFFERED_ID_KEYS if key in changes}
    return content | changes


def as_bytes(value: Any) -> bytes:
    return json.dumps(value).encode()
