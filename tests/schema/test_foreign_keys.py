"""Keys of other programs in a roster: the finding names our key, or the command that converts such files."""

import re

from roster.schema.foreign_keys import FORMATS, foreign_key
from roster.schema.model_keys import model_keys
from tests.single_roster import CLEAN, checked, reported

HINTS = {
    "gitlab_identifier: claude": 'did you mean "id"?',
    "gitlabIdentifier: claude": 'did you mean "id"?',
    "model_name: claude": 'remove it, or move its value to "name"',  # the roster has our key, too
    "api_base: https://api.example.com": 'remove it, or move its value to "endpoint"',
    "api-base: https://api.example.com": 'remove it, or move its value to "endpoint"',
    "litellm_params: {model: a/b}": (
        'write its model as "identifier", its api_base as "endpoint", and its api_key as "api-key"'
    ),
    "unit_primitives: [ask_build]": "write it in schemas/features.yaml",
    "max_context_tokens: 200000": 'did you mean "context_window"?',
    "max_input_tokens: 200000": 'did you mean "context_window"?',
    "max_tokens: 4096": 'write the limit of the model as "max_output_tokens", or that of a request below "gateway"',
    "model: claude": 'remove it, or move its value to "identifier"',
    "temperature: 0.0": 'move it below "gateway"',
    "supports_function_calling: true": "write capabilities: [tools]",
    "default_models: [claude]": "write default_for: {duo_chat: 100}",
}


def test_key_of_another_program_has_a_hint_and_its_origin():
    for line, hint in HINTS.items():
        (finding,) = checked(f"{CLEAN}  {line}\n").diagnostics
        assert (finding.rule, finding.hint) == ("unknown-key", hint), line
        assert finding.note.startswith("it is a key of "), line


def test_misspelled_key_of_ours_is_no_key_of_another_program():
    (finding,) = checked(CLEAN.replace("api-key", "api_key")).diagnostics
    assert finding.note.startswith("allowed keys: ")
    assert finding.hint == 'did you mean "api-key"?'


def test_misspelled_key_of_another_program_is_not_replaced_by_ours():
    for line in ("max_contet_tokens: 200000", "max_input_tokenss: 200000", "gitlab_identifer: claude", "api_bases: x"):
        key = line.partition(":")[0]
        (finding,) = checked(f"{CLEAN}  {line}\n").diagnostics
        assert finding.note.startswith("it is a key of "), line
        assert key not in finding.hint, line


def test_misspelled_key_of_ours_is_not_replaced_by_one_of_another_program():
    for name in model_keys():
        middle = len(name) // 2
        for misspelled in (name[:middle] + name[middle + 1 :], f"{name}s", name.upper(), name.replace("_", "-")):
            assert foreign_key(misspelled, model_keys()) is None, misspelled


def test_key_that_another_program_has_in_place_of_ours_is_not_missing():
    for ours, theirs in (
        ("name: Claude", "model_name: Claude"),
        ("identifier: bedrock/claude-1", "model: bedrock/claude-1"),
        ("endpoint: https://example-models.com/v1", "api_base: https://example-models.com/v1"),
        ("identifier: bedrock/claude-1", "litellm_params: {model: bedrock/claude-1}"),
        ("identifier: bedrock/claude-1", "params: {model: bedrock/claude-1}"),
    ):
        rules = [finding.rule for finding in reported(CLEAN.replace(ours, theirs))]
        assert rules.count("missing-key") == 0, theirs
        assert rules.count("unknown-key") == 1, theirs


def test_table_names_only_keys_of_a_model():
    for format_ in FORMATS:
        names = {name for names in format_.renamed.values() for name in names}
        examples = {example.partition(":")[0] for example in format_.written.values()}
        quoted = {name for hint in format_.elsewhere.values() for name in re.findall(r'"([\w-]+)"', hint)}
        unknown = (names | examples | quoted) - {*model_keys(), "setting", "notice", "last_day"}
        assert not unknown, format_.title


def test_keys_are_recognized_where_they_fit():
    assert foreign_key("feature_setting", ["name", "setting"]).hint == 'did you mean "setting"?'  # type: ignore[union-attr]
    assert foreign_key("removal_version", ["notice", "last_day"]).names == ("last_day",)  # type: ignore[union-attr]
    assert foreign_key("params", ["notice", "last_day"]) is None
    assert foreign_key("tags", ["name", "setting", "gateway"]) is None
    assert foreign_key("size", model_keys()) is None
