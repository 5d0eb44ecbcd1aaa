"""The kinds of change in an environment's policy."""

import json

import pytest

from roster.check.loading import load_registries
from roster.diff.kinds import KINDS, Impact
from roster.findings import ConfigurationError
from roster.registries import ENVIRONMENTS
from roster.repository import Repository
from tests.conftest import ROOT
from tests.single_roster import PROMOTION_PATH

SCHEMA = json.loads((ROOT / "schemas/environments.schema.json").read_text())
IMPACT = SCHEMA["$defs"]["environment"]["properties"]["impact"]


def with_impact(impact: str) -> Repository:
    return Repository(ROOT, {ENVIRONMENTS: PROMOTION_PATH + f"  impact: {impact}\n".encode()})


def test_policy_schema_lists_every_kind():
    assert IMPACT["propertyNames"]["enum"] == list(KINDS)
    assert SCHEMA["$defs"]["impact"]["enum"] == [impact.value for impact in Impact]
    impact = dict.fromkeys(KINDS, "risky")
    assert load_registries(with_impact(json.dumps(impact))).environments["production"].impact == impact


@pytest.mark.parametrize(
    ("impact", "message"),
    [
        ("{defualt-switched: risky}", r'"impact" cannot be "defualt-switched"; did you mean "default-switched"\?'),
        ("{nothing-like-it: risky}", r'"impact" cannot be "nothing-like-it"; expected: a kind of change: docs/changes'),
        ("{default-switched: fatal}", r'"default-switched" cannot be "fatal"; expected: breaking, risky or safe'),
    ],
)
def test_unknown_kind_or_impact_is_rejected(impact: str, message: str):
    with pytest.raises(ConfigurationError, match=message):
        load_registries(with_impact(impact))


def test_staging_ref_policy_makes_withdrawals_safe():
    impact = load_registries(Repository(ROOT)).environments["staging-ref"].impact
    breaking_kinds = {
        name for name in KINDS if name.endswith(("-withdrawn", "-lost", "-unserved", "id-changed", "alias-removed"))
    }
    assert {name for name in breaking_kinds if impact.get(name) == "safe"} == breaking_kinds
    assert "deployment-moved" not in impact, "gateways may need another API key"
