"""The committed schema and its descriptions."""

from pathlib import Path
from typing import Any

import pytest

from roster.instance.graphql import endpoint
from roster.instance.graphql.executable_schema import disabled_schema, schema
from roster.instance.selection.resolution import SelectionLevel, StepOutcome
from tests.instance.graphql.api_client import ApiClient

COMMITTED = Path(endpoint.__file__).with_name("schema.graphql")
DESCRIBED = """{ __schema { types {
  name description fields { name description args { name description } }
  inputFields { name description } enumValues { name description }
} } }"""


def test_committed_schema_is_up_to_date(request: pytest.FixtureRequest):
    if request.config.getoption("--regenerate"):
        COMMITTED.write_text(f"{schema}\n", encoding="utf-8")
    assert COMMITTED.read_text(encoding="utf-8") == f"{schema}\n", "run make fixtures to update it"


def without_description(type_: dict[str, Any]) -> list[str]:
    fields = [*(type_["fields"] or ()), *(type_["inputFields"] or ()), *(type_["enumValues"] or ())]
    arguments = [argument for field in fields for argument in field.get("args", ())]
    return [each["name"] for each in (type_, *fields, *arguments) if not (each["description"] or "").endswith(".")]


@pytest.mark.parametrize("which", [schema, disabled_schema])
def test_every_schema_element_has_a_description(which: Any):
    result = which.execute_sync(DESCRIBED)
    own_types = [type_ for type_ in result.data["__schema"]["types"] if not type_["name"].startswith("__")]
    scalars = {"Boolean", "Date", "DateTime", "ID", "Int", "String"}
    assert {type_["name"] for type_ in own_types if without_description(type_)} <= scalars


def test_enum_values_match_the_code(api: ApiClient):
    query = '{ source: __type(name: "AiModelSelectionSource") { enumValues { name } } '
    query += 'outcome: __type(name: "AiModelSelectionOutcome") { enumValues { name } } }'
    types = api.execute(query)
    assert [each["name"] for each in types["source"]["enumValues"]] == list(SelectionLevel.__members__)
    assert [each["name"] for each in types["outcome"]["enumValues"]] == list(StepOutcome.__members__)


def test_no_argument_or_input_field_has_a_default_of_null():
    assert "= null" not in str(schema)
