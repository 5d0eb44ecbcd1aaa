"""Names: what a slip was meant to be, and when that is certain."""

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
    ("word", "meant"),
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
def test_a_family(word: str, meant: str | None):
    assert unambiguous_name(word, {name: name for name in FAMILIES}) == meant


@pytest.mark.parametrize(
    ("word", "meant"),
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
def test_a_feature(word: str, meant: str | None):
    assert unambiguous_name(word, FEATURES) == meant


def test_two_names_that_differ_only_in_a_hyphen_are_never_taken_for_each_other():
    assert unambiguous_name("A B", {"a-b": "a-b", "a_b": "a_b"}) is None
