"""Retirements in generated rosters: no new findings, and no changes but the requested ones."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from roster.authoring.retirement import Request, RetiringModel
from roster.cli.write.retirement_proposal import Proposal
from roster.model import DATE_KEYS
from roster.repository import Repository
from roster.yaml.document import parse
from tests.authoring.conftest import PATH, TODAY
from tests.properties import examples

FEATURES = ["code-completion", "code-generation"]
DEFAULTS = st.sampled_from(
    [
        (FEATURES, [], []),
        (FEATURES[:1], FEATURES[1:], []),
        ([], [], FEATURES),
        ({FEATURES[0]: 70, FEATURES[1]: 100}, {FEATURES[0]: 30}, []),
        ({FEATURES[0]: 70, FEATURES[1]: 50}, [], {FEATURES[0]: 30, FEATURES[1]: 50}),
    ]
)
SOON = {"notice": "2026-06-10", "last_day": "2026-12-01", "replacement": "gemini"}
RETIREMENTS = st.sampled_from(
    [
        None,
        SOON,
        SOON | {"features": FEATURES[:1]},
        [SOON | {"features": FEATURES[:1]}],
        [SOON | {"features": FEATURES[:1]}, SOON | {"last_day": "2027-01-01", "features": FEATURES[1:]}],
        {"notice": "2026-01-01", "last_day": "2026-06-01", "replacement": "gemini", "features": FEATURES[1:]},
    ]
)
OTHERS = st.sampled_from([{}, {"release_state_for": {FEATURES[1]: "BETA"}}, {"aliases": ["old"]}])
REQUESTS = st.tuples(st.sampled_from([(), tuple(FEATURES[:1]), tuple(FEATURES[1:])]), st.booleans()).map(
    lambda drawn: Request(drawn[0], replacement="gemini", moves_default=drawn[1])
)
STYLES = st.sampled_from(["block", "flow", "JSON", "CRLF"])


def model(name: str, default_for: Any, **keys: Any) -> dict[str, Any]:
    return {
        "name": name,
        "identifier": f"openai/{name.lower()}-1",
        "api-key": f"AIGW_MODEL_{name.upper()}_API_KEY",
        "endpoint": "https://example-models.com/v1",
        "release_state": "GA",
        "family": "claude",
        "features": FEATURES,
        **({"default_for": default_for} if default_for else {}),
        **keys,
    }


def block(value: Any, indent: str) -> str:
    """Write a value in block style, in brackets if it is a list of texts."""
    if isinstance(value, dict):
        return "".join(f"\n{indent}{key}:{block(item, indent + '  ')}" for key, item in value.items())
    if isinstance(value, list) and isinstance(value[0], dict):
        return "".join(f"\n{indent}-" + block(item, indent + "  ").replace(f"\n{indent} ", "", 1) for item in value)
    return f" {flow(value)}"


def flow(value: Any) -> str:
    return json.dumps(value).replace('"', "")


def write(models: list[dict[str, Any]], style: str) -> str:
    if style == "JSON":
        return json.dumps(models, indent=2)
    if style == "flow":
        return "".join(f"- {flow(entry)} # {entry['name']}\n" for entry in models)
    text = "".join(f"- # {entry['name']}{block(entry, '  ')}\n\n" for entry in models)
    return text.replace("\n", "\r\n") if style == "CRLF" else text


@examples(60)  # each checks a repository twice
@given(DEFAULTS, RETIREMENTS, OTHERS, REQUESTS, STYLES)
def test_retirement_adds_no_finding_and_changes_nothing_else(
    production: Repository, defaults: Any, retirement: Any, others: dict[str, Any], request: Request, style: str
):
    keys = others | ({"retirement": retirement} if retirement else {})
    names = ("Claude", "Gemini", "Qwen")
    entries = [model(*each, **(keys if each[0] == "Claude" else {})) for each in zip(names, defaults, strict=True)]
    (production.root / PATH).write_text(write(entries, style), newline="")
    before = Proposal.unchanged(production, TODAY)
    roster = before.before.rosters["production"]
    policy = before.before.registries.environments["production"]
    target = RetiringModel(roster, roster.by_id["claude"], policy, None, policy.retirement_notice_days, TODAY)
    after = before.retire([target], request)
    assert not after.introduced(before.before).diagnostics

    text = after.changed_repository.read(PATH).decode()
    claude, gemini, qwen = parse(PATH, text.encode(), dates=DATE_KEYS).value
    features = target.features(request)
    assert [claude, gemini] == [
        entry | {key: changed[key] for key in ("retirement", "default_for") if key in changed}
        for entry, changed in zip(entries, (claude, gemini), strict=False)
    ] or request.moves_default
    assert qwen == entries[2]
    assert ("\r\n" in text) == (style == "CRLF")
    assert text.count("#") == production.read(PATH).decode().count("#")
    retired = after.after.rosters["production"].by_id["claude"]
    assert all((end := retired.retirement_of(feature)) and end.replacement == "gemini" for feature in features)
    if request.moves_default:
        assert not set(retired.default_for) & set(features)
        assert set(after.after.rosters["production"].default_shares(FEATURES[0])) >= ({"gemini"} & set(features))
    assert after.retire([target], request).files == after.files or request.moves_default
