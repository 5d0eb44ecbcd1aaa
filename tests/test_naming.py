"""Corrections of misspelled names, and when they are certain."""

import pytest

from roster.naming import unambiguous_name

FAMILIES = (
    "claude", "codestral", "mistral", "mixtral", "gemini", "gpt", "qwen", "llama3", "codegemma", "deepseekcoder",
)  # fmt: skip
FEATURES = {
    "code-completion": "code-completion",
    "completion": "code-completion",
    "code-generation": "code-generation",
    "duo_chat": "duo_chat",
    "duo_chat_fix_code": "duo_chat_fix_code",
    "duo_chat_refactor_code": "duo_chat_refactor_code",
    "duo_chat_explain_code": "duo_chat_explain_code",
}


@pytest.mark.parametrize(
    ("word", "correction"),
    [
        ("claude", "claude"),
        ("Claude", "claude"),
        ("cluade", "claude"),
        ("gtp", "gpt"),
        ("gemni", "gemini"),
        ("mistrall", "mistral"),
        ("mixstral", None),  # mistral or mixtral
        ("llama", None),
        ("llama4", None),
        ("qwen2", None),
        ("gpt-oss", None),
        ("deepseek", None),
        ("gemma", None),
        ("opus", None),
        ("", None),
    ],
)
def test_correction_of_family(word: str, correction: str | None):
    assert unambiguous_name(word, {name: name for name in FAMILIES}) == correction


@pytest.mark.parametrize(
    ("word", "correction"),
    [
        ("completion", "code-completion"),
        ("completoin", "code-completion"),
        ("code_completion", "code-completion"),
        ("code-generatoin", "code-generation"),
        ("code generations", "code-generation"),
        ("duo-chat", "duo_chat"),
        ("duo_chat_fix_cod", "duo_chat_fix_code"),
        ("duo_chat_refactor_cdoe", "duo_chat_refactor_code"),
        ("duo_chat_code", None),
        ("duo_chat_write_code", None),
        ("duo_chat_2", None),
        ("code", None),
    ],
)
def test_correction_of_feature(word: str, correction: str | None):
    assert unambiguous_name(word, FEATURES) == correction


def test_names_that_differ_only_in_hyphens_have_no_correction():
    assert unambiguous_name("A B", {"a-b": "a-b", "a_b": "a_b"}) is None
