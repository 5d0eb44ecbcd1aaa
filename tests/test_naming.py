"""Corrections of misspelled names, and when they are certain."""

import pytest

from roster.naming import Suggestions, closest_name, join_names, list_names, printable, unambiguous_name

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


def test_long_word_has_no_correction():
    word = "duo_chat_fix_code" * 1_000
    assert unambiguous_name(word, {word + "s": "long"}) is None
    assert closest_name(word, [word + "s"]) is None


def test_suggestions_are_those_of_single_searches():
    suggestions = Suggestions(FEATURES)
    for word in ("completion", "code-generatoin", "duo_chat_fix_cod", "duo_chat_code", "gemini"):
        closest = FEATURES.get(word) or FEATURES.get(closest_name(word, FEATURES) or "")
        assert suggestions.closest(word) == closest
        assert suggestions.did_you_mean(word) == (f'did you mean "{closest}"?' if closest else "")
        assert suggestions.unambiguous(word) == unambiguous_name(word, FEATURES)


def test_suggestions_end_after_many_words():
    suggestions = Suggestions(FEATURES)
    found = [suggestions.closest(f"code-generation-{number}") for number in range(10_000)]
    assert found[:100] == ["code-generation"] * 100
    assert found[-100:] == [None] * 100
    assert suggestions.closest("code-generation-1") == "code-generation"


def test_printable_escapes_control_and_blank_characters():
    assert printable("日本\u3164語 e\u0301 \u2800\ue000\n") == "日本\\u3164語 e\u0301 \\u2800\\ue000\\n"


def test_many_names_are_counted():
    names = [f"f{number}" for number in range(1_234)]
    assert list_names(names) == f"{', '.join(names[:50])}, 1,184 more"
    assert join_names(names) == f"{', '.join(names[:50])} and 1,184 more"
    assert list_names(names[:51]) == ", ".join(names[:51])
    assert join_names(names[:5], limit=2) == f"{', '.join(names[:2])} and 3 more"
