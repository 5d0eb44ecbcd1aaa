"""A key added to the JSON Schema of rosters reaches every command, or a test names the code that lacks it.

``tests/diff/test_drift.py`` does the same for ``roster drift``.
"""

import re
from collections.abc import Callable

from roster.authoring.promotion import ENVIRONMENT_KEYS, Promotion
from roster.cli.write import new, prompts
from roster.diff.meaning import roster_meaning
from roster.docs.examples import required_values
from roster.edit.editor import Editor
from roster.edit.verbatim import Verbatim
from roster.model import DATE_KEYS, Model, ReleaseState, Retirement
from roster.registries import Environment
from roster.roster import Roster
from roster.schema.model_keys import field_name, model_keys, required_keys
from tests.conftest import ROOT
from tests.schema.sample_model import FULL_MODEL, MODEL, OTHER_VALUES, SCHEMA, definition
from tests.single_roster import CLEAN

DEFINITIONS = SCHEMA["$defs"]
ENVIRONMENTS = {name: Environment(name, (*ReleaseState,), (*ReleaseState,), 0) for name in ("staging", "production")}


def rosters(key: str) -> tuple[Roster, Roster]:
    """Return two rosters with a model that differs in one key."""
    model = MODEL | {"id": FULL_MODEL["id"], key: FULL_MODEL[key]}
    changed = model | {key: OTHER_VALUES.get(key, "other")}
    return Roster.of("", "staging", [model]), Roster.of("", "production", [changed])


def keys_where(lacks: Callable[[str], bool]) -> list[str]:
    return [key for key in model_keys() if lacks(key)]


def test_typed_model_has_a_field_for_every_key():
    missing = keys_where(lambda key: not hasattr(Model, field_name(key)))
    assert not missing, f"roster/model.py: add {missing} to Model"
    model = next(iter(Roster.of("", "production", [FULL_MODEL])))
    unread = keys_where(lambda key: not getattr(model, field_name(key)))
    assert not unread, f"roster/model.py: read {unread} in parse_model()"


def test_typed_retirement_has_a_field_for_every_key():
    assert {*DEFINITIONS["retirement"]["properties"]} == {*Retirement._fields}


def test_date_keys_are_those_with_a_date_format():
    properties = {**DEFINITIONS["retirement"]["properties"], **DEFINITIONS["suspension"]["properties"]}
    assert {key for key, value in properties.items() if value.get("format") == "date"} == DATE_KEYS


def test_release_states_are_those_of_the_schema():
    assert definition("release_state")["enum"] == [*ReleaseState]
    for path in (ROOT / "schemas").glob("*.schema.json"):
        for states in re.findall(r'"enum": \[("[^]]*"GA"[^]]*|"GA"[^]]*)\]', path.read_text()):
            assert {*re.findall(r"\w+", states)} == {*ReleaseState}, path.name


def test_schema_of_policies_lists_every_key():
    """A key may differ between environments unless it identifies the model."""
    schema = (ROOT / "schemas/environments.schema.json").read_text()
    (enum,) = re.findall(r'"enum": \[("name", "identifier", [^]]*)\]', schema)
    assert re.findall(r"[\w-]+", enum) == [key for key in model_keys() if key != "id"]


def test_own_values_are_those_of_unknown_keys():
    retirement = FULL_MODEL["retirement"] | {"reason": "cost"}
    model = next(
        iter(Roster.of("", "production", [FULL_MODEL | {"team": "a", "position": 1, "retirement": retirement}]))
    )
    assert model.own_values == {"team": "a", "position": 1, "retirement.reason": "cost"}


def test_diff_compares_every_key():
    ignored = keys_where(lambda key: roster_meaning(rosters(key)[0]) == roster_meaning(rosters(key)[1]))
    no_effect_on_customers = {"owner"}
    assert {*ignored} == no_effect_on_customers, "roster/diff/meaning.py: compare the key, or list it here"


def test_promotion_copies_every_key_that_is_not_the_environments():
    written = {key: Verbatim(value) for key, value in FULL_MODEL.items() if not isinstance(value, str | list)}
    promotion = Promotion("claude_3_7_sonnet", "staging", ENVIRONMENTS["production"], FULL_MODEL, None, {}, written)
    missing = keys_where(lambda key: key not in ENVIRONMENT_KEYS and key not in promotion.new_model())
    assert not missing, f"roster/authoring/promotion.py does not copy {missing}"


def test_new_has_an_option_and_a_prompt_for_every_key():
    options = {parameter.name for parameter in new.command.params}
    missing = keys_where(lambda key: key not in prompts.WITHOUT_OPTION and field_name(key) not in options)
    assert not missing, f"roster/cli/write/new.py: add options for {missing}, or add them to WITHOUT_OPTION"
    superfluous = keys_where(lambda key: key in prompts.WITHOUT_OPTION and field_name(key) in options)
    assert not superfluous, f"roster/cli/write/prompts.py: {superfluous} have options"
    assert {*prompts.prompt_keys()} | prompts.WITHOUT_PROMPT == {*model_keys()}


def test_editor_adds_every_key_in_the_schemas_order():
    data = CLEAN.encode()
    for key in reversed(keys_where(lambda key: key not in prompts.WITHOUT_OPTION)):
        value = FULL_MODEL[key]
        changes = {key: tuple(value) if isinstance(value, list) else value}
        data = Editor("", data).update_model(0, changes)
    written = [line[2:].partition(":")[0] for line in data.decode().splitlines()]
    assert written == keys_where(lambda key: key in written)
    assert {*written} == {*model_keys()} - (prompts.WITHOUT_OPTION - {"api-key"})


def test_examples_in_the_docs_fill_in_every_required_key():
    assert {*required_values("claude"), "name"} == {*required_keys()}


def test_editors_explain_every_key():
    unexplained = keys_where(lambda key: not {"title", "description"} <= definition(key).keys())
    assert not unexplained, f"schemas/offered_models_metadata.schema.json: explain {unexplained}"
