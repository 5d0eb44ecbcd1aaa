"""Rules on text: invisible characters, look-alikes and stray white space, by Unicode class."""

from __future__ import annotations

import json
import unicodedata

import pytest

from roster.findings import Replace
from roster.rules.base.unicode_text import confusable_word
from tests.single_roster import CLEAN, checked, diagnostics, reported, with_key

INVISIBLE = {
    "soft hyphen": "\u00ad",
    "zero-width space": "\u200b",
    "zero-width non-joiner": "\u200c",
    "zero-width joiner": "\u200d",
    "zero-width no-break space": "\ufeff",
    "word joiner": "\u2060",
    "combining grapheme joiner": "\u034f",
    "left-to-right mark": "\u200e",
    "Arabic letter mark": "\u061c",
    "bidi embedding": "\u202a",
    "bidi override": "\u202e",
    "end of a bidi override": "\u202c",
    "bidi isolate": "\u2066",
    "end of a bidi isolate": "\u2069",
    "invisible times": "\u2062",
    "deprecated format": "\u206a",
    "no-break space": "\u00a0",
    "narrow no-break space": "\u202f",
    "em space": "\u2003",
    "hair space": "\u200a",
    "ideographic space": "\u3000",
    "Ogham space": "\u1680",
    "Mongolian vowel separator": "\u180e",
    "Mongolian variation selector": "\u180b",
    "later Mongolian variation selector": "\u180f",
    "language tag": "\U000e0001",
    "tag letter": "\U000e0041",
    "variation selector": "\ufe0f",
    "supplementary variation selector": "\U000e0100",
    "Hangul filler": "\u3164",
    "half-width Hangul filler": "\uffa0",
    "Hangul choseong filler": "\u115f",
    "Hangul jungseong filler": "\u1160",
    "Khmer inherent vowel": "\u17b4",
    "Braille blank": "\u2800",
    "private use": "\ue000",
    "private use in a far plane": "\U0010fffd",
    "unassigned": "\u0378",
    "noncharacter": "\ufdd0",
    "noncharacter at the end of a plane": "\U0001ffff",
    "annotation": "\ufff9",
    "musical format": "\U0001d173",
}
LINE_BREAKS = {"next line": "\x85", "line separator": "\u2028", "paragraph separator": "\u2029"}
"""YAML 1.1 starts a new line at these and YAML 1.2 does not, so one of them reads the rest of a comment as YAML."""
REJECTED_BY_YAML = {
    "NUL": "\0",
    "bell": "\x07",
    "vertical tab": "\x0b",
    "form feed": "\x0c",
    "escape": "\x1b",
    "unit separator": "\x1f",
    "delete": "\x7f",
    "C1 controls": "\x9b",
    "noncharacter": "\uffff",
}
"""The loader rejects these as literals; an escape sequence can still produce them."""
VISIBLE = {
    "accents": "Modèle équilibré à coût réduit",
    "accents as marks of their own": unicodedata.normalize("NFD", "Modèle équilibré à coût réduit"),
    "Vietnamese": "Mô hình cân bằng, tiếng Việt",
    "Chinese": "通义千问 代码模型",
    "Japanese": "バランスの取れたコード生成モデル、人々のために",
    "Korean": "균형 잡힌 코드 모델",
    "Han and Latin": "東京Tower模型",
    "half-width kana": "ｺｰﾄﾞ生成",
    "Arabic": "نموذج متوازن للبرمجة",
    "Hebrew": "מודל מאוזן",
    "Hindi": "संतुलित मॉडल",
    "Thai": "โมเดลที่สมดุล",
    "Russian": "Модель с окном в 200 тысяч токенов",
    "Greek": "Ισορροπημένο μοντέλο για κώδικα",
    "emoji": "Fast 🚀 and cheap 💸",
    "emoji with a skin tone": "Good 👍🏽",
    "flag": "From France 🇫🇷",
    "punctuation": "“Fast” – and ‘cheap’… 50 % off, 3 × as quick • €5 → £4",
    "Hawaiian": "Hawaiʻi, Oʻahu",
    "units": "10 µs, 5 m², 20 °C, ½, № 3, 1ª, Nº 2, Mª, Ⅳ",
    "math": "α ≤ β, ∞, ∑",
    "dotted and dotless": "İstanbul, ılık",
    "an escape sequence without quotes": r"C:\u200b is no escape here",
    "backslashes": r"a\b\\c",
}
CONFUSABLE = {
    "Cyrillic in a Latin word": "Сlaude",
    "Cyrillic at the end": "Claudе",
    "Latin in a Cyrillic word": "Mодель",
    "Greek in a Latin word": "Νote",
    "a Latin word in Cyrillic": "СОРЕ",
    "a Latin word in Greek": "ΝΟΤΕ",
    "one letter": "А",
    "with digits": "С3",
    "full width": "Ｃｌａｕｄｅ",
    "one full-width letter": "Cｌaude",
    "full-width digits": "３.7",
    "mathematical": "𝐂𝐥𝐚𝐮𝐝𝐞",
    "mathematical digits": "𝟑.7",
    "script letters": "ℂlaude",
    "Roman numeral as a letter": "Cⅼaude",
    "Kelvin sign": "8\u212a",
    "Armenian in a Latin word": "clauԁe".replace("ԁ", "ժ"),
    "Cherokee in a Latin word": "Ꮯlaude",
    "digits of another script": "v৪",
}


def rules(roster: str) -> list[str]:
    return [finding.rule for finding in diagnostics(roster)]


@pytest.mark.parametrize("char", INVISIBLE.values(), ids=INVISIBLE)
class TestInvisibleCharacter:
    def test_in_a_value(self, char: str):
        assert reported(with_key("description", f'"Quick{char}model"')) == [("invisible-character", char)]

    def test_in_a_comment(self, char: str):
        assert reported(f"# quick{char}model\n{CLEAN}") == [("invisible-character", char)]

    def test_in_a_key(self, char: str):
        roster = CLEAN.replace("release_state", f'"release{char}_state"')
        assert reported(roster) == [("invisible-character", char)]

    def test_in_an_unknown_key(self, char: str):
        assert reported(with_key(f'"ow{char}ner"', "me")) == [("invisible-character", char)]

    def test_in_a_feature(self, char: str):
        roster = CLEAN.replace("features: [code-completion", f'features: ["code{char}-completion"')
        assert reported(roster) == [("invisible-character", char)]

    @pytest.mark.parametrize("key", ["name", "identifier", "api-key", "release_state", "family", "id", "provider"])
    def test_in_any_value_is_one_finding(self, char: str, key: str):
        assert reported(with_key(key, f'"a{char}b"')) == [("invisible-character", char)]

    def test_as_an_escape(self, char: str):
        escape = f"\\u{ord(char):04X}" if ord(char) < 0x10000 else f"\\U{ord(char):08X}"
        (finding,) = reported(with_key("description", f'"Quick{escape}model"'))
        assert finding == ("invisible-character", f'"Quick{escape}model"')

    def test_escape_sequence_outside_double_quotes_is_text(self, char: str):
        escape = f"\\u{ord(char):04X}"
        assert rules(f"# {escape}\n" + with_key("description", f"'Quick{escape}model'")) == []

    def test_message_names_code_point(self, char: str):
        (finding,) = diagnostics(with_key("description", f'"Quick{char}model"'))
        assert f"U+{ord(char):04X} " in finding.message
        assert finding.message.isprintable()


@pytest.mark.parametrize("char", LINE_BREAKS.values(), ids=LINE_BREAKS)
class TestUnicodeLineBreak:
    def test_in_a_value(self, char: str):
        assert reported(with_key("description", f'"Quick{char}model"')) == [("invisible-character", char)]

    def test_in_a_comment(self, char: str):
        assert ("invisible-character", char) in reported(f"# quick{char}model\n{CLEAN}")

    def test_in_a_key(self, char: str):
        assert ("invisible-character", char) in reported(with_key(f'"ow{char}ner"', "me"))

    def test_as_an_escape(self, char: str):
        written = f'"Quick\\u{ord(char):04X}model"'
        assert reported(with_key("description", written)) == [("invisible-character", written)]


@pytest.mark.parametrize("char", REJECTED_BY_YAML.values(), ids=REJECTED_BY_YAML)
class TestCharacterRejectedByYaml:
    @pytest.mark.parametrize(
        "roster", [with_key("description", "Quick?model"), f"# quick?model\n{CLEAN}", with_key("ow?ner", "me")]
    )
    def test_literal_is_one_loader_finding(self, char: str, roster: str):
        (finding,) = diagnostics(roster.replace("?", char))
        line = next(number for number, line in enumerate(roster.splitlines(), 1) if "?" in line)
        assert (finding.rule, finding.span.line) == ("yaml-encoding", line)

    def test_escape_is_one_finding(self, char: str):
        written = json.dumps(f"Quick{char}model").replace("\x7f", r"\x7f")
        assert reported(with_key("description", written)) == [("invisible-character", written)]

    def test_escape_in_a_key_is_one_finding(self, char: str):
        written = json.dumps(f"ow{char}ner").replace("\x7f", r"\x7f")
        assert reported(with_key(written, "me")) == [("invisible-character", written)]


@pytest.mark.parametrize("written", [r'"a\u200bb"', r'"a\x07b"', r'"a\U000E0041b"', r'"a\_b"', r'"a\Nb"', r'"a\Lb"'])
def test_every_escape_form_is_reported(written: str):
    assert reported(with_key("provider", written)) == [("invisible-character", written)]


@pytest.mark.parametrize("text", VISIBLE.values(), ids=VISIBLE)
def test_visible_text_is_accepted(text: str):
    assert rules(with_key("description", f"'{text.replace(chr(39), chr(39) * 2)}'")) == []
    assert rules(f"# {text}\n{CLEAN}") == []


def test_adjacent_invisible_characters_are_one_finding():
    flag = "".join(chr(0xE0000 + ord(letter)) for letter in "gbeng")
    (finding,) = diagnostics(with_key("description", f'"Quick{flag}model"'))
    assert (finding.span.column, finding.span.end_column) == (22, 27)
    letters = ", ".join(f"U+{0xE0000 + ord(letter):04X} tag latin small letter {letter}" for letter in "gbe")
    assert finding.message == f"invisible characters: {letters}, …"


def test_separate_invisible_characters_are_separate_findings():
    assert reported(with_key("description", '"Quick\u200b model\u200d"')) == [
        ("invisible-character", "\u200b"),
        ("invisible-character", "\u200d"),
    ]


def test_literal_does_not_hide_escape_in_another_value():
    roster = with_key("description", '"Quick\u200bmodel"') + '  provider: "Bed\\u200brock"\n'
    assert reported(roster) == [("invisible-character", "\u200b"), ("invisible-character", '"Bed\\u200brock"')]


def test_alias_does_not_repeat_finding():
    for anchored in ('&text "Quick\u200bmodel"', '&text "Quick\\u200bmodel"'):
        assert rules(with_key("description", anchored) + "  provider: *text\n") == ["invisible-character"]


def test_windows_line_endings_are_accepted():
    assert rules(with_key("description", "équilibré").replace("\n", "\r\n")) == []


def test_block_scalar_is_checked():
    assert reported(with_key("description", ">-\n    Quick\u200bmodel")) == [("invisible-character", "\u200b")]


def test_invalid_yaml_is_checked():
    assert ("invisible-character", "\u200b") in reported(f"# quick\u200bmodel\n{CLEAN}  : [\n")


def test_number_of_findings_is_limited():
    assert len(diagnostics(CLEAN + "# \u200b" * 5_000)) == 1_001


@pytest.mark.parametrize("key", ["name", "display_name", "description", "provider"])
@pytest.mark.parametrize("word", CONFUSABLE.values(), ids=CONFUSABLE)
def test_look_alike_is_one_finding(word: str, key: str):
    (finding,) = diagnostics(with_key(key, f"GitLab {word} model"))
    assert finding.rule == "confusable-character"
    assert f"U+{ord(next(char for char in word if not char.isascii())):04X} " in finding.note


def test_look_alike_escape_is_one_finding():
    assert reported(with_key("provider", r'"\u0421laude"')) == [("confusable-character", r'"\u0421laude"')]


@pytest.mark.parametrize("text", ["λόγος", "Модель", "Модель3", "мир", "δοκιμή GPT"])
def test_word_in_another_script_is_accepted(text: str):
    assert confusable_word(text) is None


def test_latin_looking_word_is_accepted_only_among_its_script():
    assert confusable_word("с нуля") is None
    assert confusable_word("с scratch") == "с"
    assert confusable_word("с λόγος") == "с"


STRAY_WHITESPACE = {
    '" Claude"': "a leading space",
    '"Claude "': "a trailing space",
    '"Claude  3"': "two spaces in a row",
    "Claude  3": "two spaces in a row",
    r'"Claude\t3"': "a tab",
    '"Claude\t3"': "a tab",
    r'"Claude\n3"': "a line break",
    r'"Claude\n"': 'a trailing line break (write ">-" for ">", or "|-" for "|")',
    ">\n    Claude": 'a trailing line break (write ">-" for ">", or "|-" for "|")',
    "|\n    Claude": 'a trailing line break (write ">-" for ">", or "|-" for "|")',
    "|-\n    Claude\n    3": "a line break",
    '"Claude\n\n    3"': "a line break",
    '" Claude  3 "': "a leading space",
}


@pytest.mark.parametrize("key", ["display_name", "description", "provider"])
@pytest.mark.parametrize("value", STRAY_WHITESPACE)
def test_stray_whitespace_is_one_finding(value: str, key: str):
    (finding,) = diagnostics(with_key(key, value))
    assert finding.rule == "stray-whitespace"
    assert finding.message == f'"{key}" has {STRAY_WHITESPACE[value]}'


def test_stray_whitespace_in_name_is_reported_at_name():
    assert reported(with_key("name", '"Claude "')) == [("stray-whitespace", '"Claude "')]


@pytest.mark.parametrize("value", ["Claude", '"Claude 3"', ">-\n    Claude\n    3", '"Claude\n    3"', "   Claude   "])
def test_single_spaces_are_accepted(value: str):
    assert rules(with_key("description", value)) == []


@pytest.mark.parametrize(
    ("broken", "line", "column"),
    [
        (CLEAN.replace("- name: Claude\n", "- name: Claude # by Anthropic\r  provider: Bedrock\n"), 1, 30),
        (CLEAN.replace("Claude\n", "'Claude\r  3'\n  id: claude\n"), 1, 16),
        (f"# a\r\r\n{CLEAN}", 1, 4),
        (f"\r{CLEAN}", 1, 1),
        (f"{CLEAN}\r", 9, 1),
        (CLEAN.replace("\n", "\r\n").replace("GA\r\n", "GA # a\r"), 5, 24),
    ],
)
def test_bare_carriage_return_is_one_finding(broken: str, line: int, column: int):
    (finding,) = diagnostics(broken)
    assert (finding.rule, finding.span.line, finding.span.column) == ("bare-carriage-return", line, column)


def test_file_with_carriage_returns_only_is_one_finding():
    assert rules(CLEAN.replace("\n", "\r")) == ["bare-carriage-return"]


def test_line_breaks_of_several_systems_are_accepted():
    assert rules(CLEAN.replace("\n", "\r\n", 3)) == []


def test_fix_replaces_bare_carriage_return():
    broken = CLEAN.replace("\n", "\r\n").replace("GA\r\n", "GA # generally available\r")
    (edits,) = checked(broken).fixes.values()
    assert [edit.value for edit in edits if isinstance(edit, Replace)] == ["\n"]


def test_derived_id_that_is_too_long_is_reported():
    broken = with_key("name", "㏂" * 31).replace("CLAUDE", "_".join("AM" * 31))
    assert rules(broken) == ["empty-id"]
