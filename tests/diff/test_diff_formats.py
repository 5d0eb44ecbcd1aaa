"""The output formats of a comparison: complete, limited in size, valid, and with escaped text."""

import html
import json
import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as some
from jsonschema import Draft202012Validator

from roster.diff import diff_markdown, diff_report
from roster.diff.change import Change, Comparison
from roster.diff.diff_markdown import MAX_BYTES
from roster.diff.kinds import Impact
from roster.findings import Diagnostic, Place, Severity, Span
from roster.markdown_text import code, escaped
from roster.naming import printable
from tests.conftest import ROOT
from tests.diff.test_roster_changes import CLAUDE, changes, model

SCHEMA = json.loads((ROOT / "schemas/diff.schema.json").read_text())
ERROR = Diagnostic("env/a.yaml", Span(1, 1, 1, 2), Severity.ERROR, "yaml-syntax", "it is wrong")
JOINER = "\N{WORD JOINER}"
HOSTILE = (
    "@root #12 !34 ~bug %1 $5 &6 ^alert#7 :smile: *iteration:8 [vulnerability:9] GL-10 gpt-4 deadbeef12 "
    "https://evil.example www.evil.example me@evil.example mailto:me@evil.example <script> <!-- --> &#64;root "
    "[x](y) ![x](y) `code` **bold** __bold__ ~~gone~~ {+ more +} [- less -] $`x`$ | cell | [[wiki]] [^1] [ ] \\@root"
)
TEXTS = (
    some.text(max_size=80)
    | some.text("@#!~%$&^:*_`[](){}<>|\\/+-=. \n\r\t09afAZ", max_size=40)
    | some.sampled_from(
        [HOSTILE, "/close", "\n/close\n", "\n# Heading", "- item", "1. item", "> quote", "```\n", "---"]
    )
)


def change(summary: str = "Claude is offered", **more: Any) -> Change:
    path = more.pop("path", "env/production/offered_models_metadata.yaml")
    values: dict[str, Any] = {
        "kind": "model-offered",
        "impact": Impact.SAFE,
        "environment": "production",
        "model": "claude",
        "feature": "",
        "old": None,
        "new": {"name": "GitLab: Claude"},
        "summary": summary,
        "effect": "Admins can select it for duo_chat.",
        "place": Place(path),
        "side": "head",
        "line": 3,
    }
    return Change(**values | more)


def comparison(*changes: Change, base: int = 0, head: int = 0, not_compared: tuple[str, ...] = ()) -> Comparison:
    names = {"base": "main (4b825dc642cb)", "head": "the working tree"}
    return Comparison(names, changes, {"base": (ERROR,) * base, "head": (ERROR,) * head}, not_compared)


def markdown(*changes: Change, **more: Any) -> str:
    return diff_markdown.write(comparison(*changes, **more))


class TestText:
    def test_environments_are_separated(self):
        shown = diff_report.write_text(
            comparison(change(), change(environment="staging", side="base", impact=Impact.BREAKING))
        )
        assert shown == (
            "production\n"
            "  safe      Claude is offered [model-offered]\n"
            "            Admins can select it for duo_chat.\n"
            "            env/production/offered_models_metadata.yaml:3\n"
            "\n"
            "staging\n"
            "  breaking  Claude is offered [model-offered]\n"
            "            Admins can select it for duo_chat.\n"
            "            env/production/offered_models_metadata.yaml:3 in base\n"
        )

    @pytest.mark.parametrize(
        ("compared", "expected"),
        [
            (comparison(), "no change for customers"),
            (comparison(head=1), "no change for customers in what could be compared"),
            (comparison(not_compared=("staging",)), "no change for customers in what could be compared"),
            (comparison(change()), "1 safe change in 1 environment"),
            (
                comparison(change(), change(environment="b", impact=Impact.RISKY), change()),
                "1 risky and 2 safe changes in 2 environments",
            ),
        ],
    )
    def test_summary_counts_changes(self, compared: Comparison, expected: str):
        assert diff_report.summary(compared) == expected

    @given(TEXTS)
    def test_control_characters_are_escaped(self, text: str):
        lines = diff_report.write_text(comparison(change(text, effect=text, environment=text, path=text))).split("\n")
        assert len(lines) == 5
        assert all(line.isprintable() for line in lines)


class TestJson:
    def read(self, compared: Comparison) -> dict[str, Any]:
        report: dict[str, Any] = json.loads(diff_report.write_json(compared))
        Draft202012Validator(SCHEMA).validate(report)
        return report

    def test_schema_examples_are_valid(self):
        for each in SCHEMA["examples"]:
            Draft202012Validator(SCHEMA).validate(each)

    def test_report_without_changes(self):
        report = self.read(comparison())
        assert (report["format"], report["changes"]) == (1, [])
        assert report["summary"] == {"breaking": 0, "risky": 0, "safe": 0}

    def test_report_has_all_fields_of_change(self):
        report = self.read(comparison(change(), base=2, head=1, not_compared=("staging",)))
        expected = change()._asdict() | {"impact": "safe", "path": "env/production/offered_models_metadata.yaml"}
        fields = {key: value for key, value in expected.items() if key not in ("place", "wording")}
        assert report["changes"] == [fields | {"row": 0}]
        assert report["rows"] == [
            {key: fields[key] for key in fields if key not in ("model", "feature", "old", "new")}
            | {"models": ["claude"], "features": []}
        ]
        assert report["base"] == {"name": "main (4b825dc642cb)", "errors": 2}
        assert (report["head"]["errors"], report["not_compared"]) == (1, ["staging"])

    @given(TEXTS.filter(bool))
    def test_special_characters_are_preserved(self, text: str):
        (change_,) = self.read(comparison(change(text, new={text: text})))["changes"]
        assert (change_["summary"], change_["new"]) == (text, {text: text})

    @pytest.mark.parametrize(
        "wrong", [{"line": 0}, {"side": "left"}, {"impact": "fatal"}, {"summary": ""}, {"more": 1}]
    )
    def test_schema_rejects_invalid_change(self, wrong: dict[str, Any]):
        report = self.read(comparison(change()))
        report["changes"][0] |= wrong
        assert not Draft202012Validator(SCHEMA).is_valid(report)


class TestMarkdown:
    def test_report_with_changes_of_each_impact(self):
        report = markdown(
            change(),
            change("Gemini: release state lowered: GA → BETA", kind="release-state-demoted", impact=Impact.RISKY),
            change("Mistral is no longer offered", kind="model-withdrawn", impact=Impact.BREAKING, side="base"),
        )
        where = "env/production/offered_models_metadata.yaml:3"
        effect = r"Admins can select it for duo\_chat."
        assert report == (
            "### Impact on customers\n\n"
            "| Environment | Breaking | Risky | Safe |\n| --- | ---: | ---: | ---: |\n| production | 1 | 1 | 1 |\n\n"
            "#### Breaking\n\n"
            "- **production**: Mistral is no longer offered (`model-withdrawn`)"
            f"<br>{effect}<br>`{where} in base`\n\n"
            "<details open><summary>1 risky change</summary>\n\n"
            r"- **production**: Gemini\: release state lowered\: GA → BETA (`release-state-demoted`)"
            f"<br>{effect}<br>`{where}`\n\n</details>\n\n"
            "<details><summary>1 safe change</summary>\n\n"
            f"- **production**: Claude is offered (`model-offered`)<br>{effect}<br>`{where}`\n\n</details>\n\n"
            "Compared with `main (4b825dc642cb)`.\n"
        )

    def test_report_without_changes(self):
        assert markdown() == (
            "### Impact on customers\n\nNo change for customers.\n\nCompared with `main (4b825dc642cb)`.\n"
        )

    def test_values_are_code_spans_without_invisible_characters(self):
        moved = change(
            "gpt: default of duo_chat changed: gpt-4 → claude_3-7 and old@1 → https://a.example/v1",
            model="gpt-4",
            feature="duo_chat",
            old={"gpt-4": 80, "old@1": 20},
            new={"claude_3-7": 80, "https://a.example/v1": 20},
            effect="Users of gpt-4-turbo and gpt-4.",
        )
        (line,) = re.findall("^- .*", markdown(moved), re.MULTILINE)
        assert line.startswith(
            r"- **production**: gpt\: default of `duo_chat` changed\: `gpt-4` → `claude_3-7` and `old@1` → "
            f"`https://a.example/v1` (`model-offered`)<br>Users of gpt{JOINER}-4-turbo and `gpt-4`.<br>"
        )
        assert JOINER not in "".join(re.findall("`[^`]*`", line))

    def test_prose_is_no_code_span_and_ids_and_costs_are(self):
        before = [CLAUDE | {"cost_indicator": "$", "provider": "Vertex"}, model("Claude", id="claude_2")]
        after = [CLAUDE | {"cost_indicator": "$$", "provider": "Vertex AI", "features": ["fix"]}, before[1]]
        lines = re.findall("^- (.*)", markdown(*changes(before, after)), re.MULTILINE)
        assert [line.partition("<br>")[0].replace("\\", "").removeprefix("**production**: ") for line in lines] == [
            "Claude (`claude`) no longer serves `duo_chat` (`feature-lost`)",
            "Claude (`claude`): provider changed: Vertex → Vertex AI (`provider-changed`)",
            "Claude (`claude`): cost raised: `$` → `$$` (`cost-raised`)",
            "`fix` now has a model (`feature-served`)",
        ]

    def test_places_are_links_in_merge_requests(self):
        compared = comparison(change(path="env/a b/x(1).yaml"), change(side="base", environment="staging"))
        addresses = {"head": "https://gitlab.example.com/a/b/-/blob/4b825dc/"}
        report = diff_markdown.write(compared._replace(addresses=addresses))
        url = "https://gitlab.example.com/a/b/-/blob/4b825dc/env/a%20b/x%281%29.yaml#L3"
        assert f"<br>[`env/a b/x(1).yaml:3`]({url})\n" in report
        assert "<br>`env/production/offered_models_metadata.yaml:3 in base`\n" in report

    def test_errors_and_unreadable_rosters_are_reported(self):
        names = tuple(f"stage{number}" for number in range(12))
        report = markdown(base=1, head=2, not_compared=names)
        assert "No change for customers in what could be compared.\n" in report
        assert "\n\n**Errors**: 1 before this change, 2 after it, 1 of them in both. " in report
        assert f"\n\nNot compared, because the roster cannot be read: {', '.join(names[:10])} and 2 more.\n" in report

    @pytest.mark.parametrize("length", [1, 3_000, pytest.param(70_000, marks=pytest.mark.slow)])
    def test_least_important_changes_are_omitted_and_counted(self, length: int):
        changes = [
            change(f"{number} {impact.value} " + "é" * length, impact=impact, environment=f"env{number % 3}")
            for impact in reversed(Impact)
            for number in range(300)
        ]
        report = markdown(*changes)
        assert len(report.encode()) <= MAX_BYTES
        listed = re.findall(r"^- \*\*env\d\*\*: (\d+) ([a-z]+) ", report, re.MULTILINE)
        ((omitted, numbers),) = re.findall(r"^(\d+) more changes omitted: (.*)\. Run", report, re.MULTILINE)
        assert sum(map(int, re.findall(r"\d+", numbers))) == int(omitted)
        assert len(listed) + int(omitted) == 900
        order = [(str(number), impact.value) for impact in Impact for number in range(300)]
        assert listed == order[: len(listed)]
        assert "| env1 | 100 | 100 | 100 |" in report, "the table counts all"
        if length < 70_000:
            longest = max(len(line.encode()) for line in report.splitlines())
            assert len(report.encode()) > MAX_BYTES - 2 * longest, "no more than necessary"

    def test_breaking_changes_are_shortened_before_any_is_omitted(self):
        breaking = [change(f"{number} " + "é" * 80, impact=Impact.BREAKING, effect="é" * 80) for number in range(250)]
        report = markdown(*breaking, *(change(f"{number}", effect="é" * 80) for number in range(100)))
        assert (
            "#### Breaking\n\nShortened; run `roster diff` to see effects and places.\n\n- **production**: 0 é"
            in report
        )
        assert len(re.findall(r"^- .*é \(`model-offered`\)$", report, re.MULTILINE)) == 250, "all, without effects"
        (number,) = re.findall(r"<summary>100 safe changes, (\d+) of them omitted</summary>", report)
        assert f"\n\n{number} more changes omitted: {number} safe. Run `roster diff` to see all" in report

    def test_excess_environments_are_counted(self):
        names = ["<" * 200 + str(number) for number in range(2_000)]
        report = markdown(*(change(environment=name) for name in names), not_compared=tuple(names))
        assert len(report.encode()) <= MAX_BYTES
        assert "| 1950 more environments | | | |\n" in report

    @given(some.lists(some.builds(change, TEXTS, effect=TEXTS, environment=TEXTS, path=TEXTS), min_size=1, max_size=4))
    def test_roster_text_starts_no_line_or_block(self, changes: list[Change]):
        lines = markdown(*changes).split("\n")
        assert sum(line.startswith("- **") for line in lines) == len(changes)
        allowed = r"- \*\*|\| |###+ (Impact|Breaking)|</?details|Compared with |$"
        assert all(re.match(allowed, line) for line in lines), lines
        escapes, spans = r"\\[!-/:-@\[-`{-~]", r"(`+).*?\1(?!`)"
        tags = re.findall(r"<[^>]*>", "\n".join(re.sub(spans, "", re.sub(escapes, "", line)) for line in lines))
        assert set(tags) <= {"<br>", "<details>", "<summary>", "</summary>", "</details>", "<details open>"}


REFERENCES = re.compile(
    r"""
      [@\#!~%$&^][\w"'{(\[]                     # mentions, issues, merge requests, labels, milestones, snippets, epics
    | (?<![A-Za-z0-9])[A-Za-z]\w*-\d            # external issues
    | (?<![A-Za-z0-9])[0-9A-Fa-f]{7,}(?![A-Za-z0-9])  # commits
    | \w+://\S | (?<![A-Za-z0-9])www\.          # addresses
    | \w:\w                                     # emoji, iterations, vulnerabilities, addresses
    | [\[{][+-]                                 # inline diffs
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""What GitLab and GitHub recognize in text after parsing Markdown and HTML."""


class TestEscaping:
    @given(TEXTS)
    @example(HOSTILE)
    @example("deadbeef" * 8)
    @example("a\u2028b\u202e\x1b[31m")
    def test_escaped_text_reads_same_without_references(self, text: str):
        result = escaped(text)
        assert "\n" not in result
        assert not re.search(r"(?<!\\)(?:\\\\)*[`*_{}\[\]()#+!|~$^=:@%<>]", re.sub(r"&\w+;", "", result))
        shown = html.unescape(re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", result))
        assert shown.replace(JOINER, "") == printable(text)
        assert not REFERENCES.search(shown), shown

    @given(TEXTS)
    def test_code_span_ends_after_text(self, text: str):
        result = code(text)
        fence = re.match("`+", result)
        assert fence
        assert re.findall(rf"(?<!`){fence[0]}(?!`)", result) == [fence[0]] * 2
        assert result[len(fence[0]) : -len(fence[0])].strip(" ") == printable(text).strip(" ")
        assert "\n" not in result
