"""Fixes of findings: rosters before and after."""

from collections.abc import Callable

import pytest

from roster.authoring import fix
from roster.authoring.fix import CheckedRepository, apply_fixes
from roster.check.result import CheckResult
from roster.findings import Diagnostic, Place, Remove, Severity, Span
from roster.repository import Repository
from tests.authoring.conftest import PATH, check_all, fix_all, rule_names

SCHEMA_LINE = "# yaml-language-server: $schema=../../schemas/offered_models_metadata.schema.json\n"
DASHES = "  features:\n    - code-generation   # when asked\n    # and this one\n    - duo_chat\n"
ROSTER = f"""\
{SCHEMA_LINE}# What production offers.

- name: Codestral   # the first
  identifier: fireworks_ai/codestral-2501
  api-key: AIGW_MODEL_CODESTRAL_API_KEY
  endpoint: https://api.fireworks.ai/inference/v1
  release_state: GA
  family: codestral
  features: [code-completion]
  default_for: [code-completion]
  provider: Fireworks  # shown to people
  cost_indicator: $

- name: Claude 3.7 Sonnet
  identifier: bedrock/us.anthropic.claude-3-7-sonnet-20250219-v1:0
  api-key: AIGW_MODEL_CLAUDE_3_7_SONNET_API_KEY
  endpoint: https://bedrock-runtime.us-east-1.amazonaws.com
  release_state: 'GA'
  family: claude
{DASHES}  default_for: [ 'code-generation', "duo_chat" ]
  description: "Balanced: chat & code"
"""
OTHER = (
    "- name: Other\n  identifier: openai/b-1\n  api-key: AIGW_MODEL_OTHER_API_KEY\n  endpoint: https://example-models.com\n"
    "  release_state: GA\n  family: gpt\n  features: [duo_chat]\n"
)
SAME = OTHER.replace("[duo_chat]", "[code-generation, duo_chat]")
IN_BRACES = (
    "name: Other, identifier: openai/b-1, api-key: AIGW_MODEL_OTHER_API_KEY, endpoint: 'https://example-models.com', "
    "family: gpt, features: [duo_chat]"
)
TWO_RETIREMENTS = """\
  retirement:
    - {notice: 2026-06-01, last_day: 2040-01-01, replacement: other, features: [code-generation]}
    - notice: 2026-06-01
      last_day: 2040-02-01
      replacement: other
      features:
        - duo_chat # later
"""
COMPLETION = "features: [code-completion]\n  default_for: [code-completion]\n"

FIXED: dict[str, tuple[str, str] | tuple[str, str, str]] = {
    # text of the roster; replacement to fix; expected fix, unless it restores the text of the roster
    "typo in a key": ("  family: claude", "  famly: claude"),
    "underscore instead of a hyphen in a key": ("  api-key: AIGW_MODEL_CODESTRAL", "  api_key: AIGW_MODEL_CODESTRAL"),
    "typo in a quoted key": ("  provider: Fire", "  'povider' : Fire", "  'provider' : Fire"),
    "typo in the first key": ("- name: Codestral ", "- nmae: Codestral "),
    "alias of a feature": (COMPLETION, COMPLETION.replace("code-completion", "completion")),
    "feature in capitals": ("    - duo_chat\n", "    - Duo_Chat\n"),
    "spelling of a feature in GitLab's settings": ("- code-generation   #", "- code_generations   #"),
    "typo in a feature": ("features: [code-completion]\n  d", "features: [code-completoin]\n  d"),
    "typo in a feature and in the default": (COMPLETION, COMPLETION.replace("completion", "completoin")),
    "typo in a feature of a mapping": (
        COMPLETION,
        """\
features: [code-completoin]
  default_for:
    code-completoin: 100 # all
  release_state_for: {code-completoin: GA}
""",
        """\
features: [code-completion]
  default_for:
    code-completion: 100 # all
  release_state_for: {code-completion: GA}
""",
    ),
    "typo and duplicate in a list of retirements": (
        '"Balanced: chat & code"\n',
        f"Chat\n{TWO_RETIREMENTS.replace('duo_chat', 'duo_caht').replace('ation]', 'ation, code-generation]')}{SAME}",
        f"Chat\n{TWO_RETIREMENTS}{SAME}",
    ),
    "two typos in one list": ("""[ 'code-generation', "duo_chat" ]""", """[ 'code-genration', "duo_chta" ]"""),
    "typo after the correct name": ("[code-completion]\n  d", "[code-completion, completion]\n  d"),
    "alias before the correct name": ("[code-completion]\n  d", "[completion, code-completion]\n  d"),
    "typo after the correct name, in a block list": (DASHES, f"{DASHES}    - duo-chat\n"),
    "the same alias twice": ("features: [code-completion]\n  d", "features: [completion, completion]\n  d"),
    "alias of a capability": (
        "family: codestral",
        "family: codestral\n  capabilities: [streaming, infilling]",
        "family: codestral\n  capabilities: [streaming, fim]",
    ),
    "typo in a family": ("family: codestral", "family: codestal"),
    "family in capitals": ("family: claude", "family: Claude"),
    "lowercase release state": ("release_state: GA", "release_state: ga"),
    "quoted release state": ("release_state: 'GA'", "release_state: 'Ga '"),
    "typo in a key, and a wrong value": ("release_state: GA", "releas_state: ga"),
    "cost indicator with a space": ("cost_indicator: $", 'cost_indicator: "$ "', 'cost_indicator: "$"'),
    "duplicate feature in a flow list": ("[code-completion]\n  d", "[code-completion, code-completion]\n  d"),
    "feature three times": ("[code-completion]\n  d", "[code-completion, code-completion , code-completion]\n  d"),
    "duplicate feature in a block list": (DASHES, f"{DASHES}    - code-generation\n"),
    "duplicate feature with a comment": (
        DASHES,
        f"{DASHES}    - code-generation  # again\n",
        f"{DASHES}    # again\n",
    ),
    "duplicate feature with a comment above it": (
        DASHES,
        f"{DASHES}    # again, because\n    - code-generation\n",
        f"{DASHES}    # again, because\n",
    ),
    "duplicate feature with a comment, before another": (
        "    # and this one\n    - duo_chat\n",
        "    - code-generation # twice\n    # and this one\n    - duo_chat\n",
        "    # twice\n    # and this one\n    - duo_chat\n",
    ),
    "typo after the correct name, with a comment": (
        DASHES,
        f"{DASHES}    - duo-chat  # the old spelling\n",
        f"{DASHES}    # the old spelling\n",
    ),
    "duplicate feature before another": (
        "    # and this one\n    - duo_chat\n",
        "    - code-generation\n    # and this one\n    - duo_chat\n",
    ),
    "list as text": ("features: [code-completion]\n  d", "features: code-completion\n  d"),
    "list as quoted text": ("features: [code-completion]\n  d", 'features: "[code-completion]"\n  d'),
    "list with commas only": (
        DASHES,
        "  features: code-generation, duo_chat  # both\n",
        "  features: [code-generation, duo_chat]  # both\n",
    ),
    "list in braces": (
        DASHES,
        "  features: {code-generation, duo_chat}\n",
        "  features: [code-generation, duo_chat]\n",
    ),
    "list as text, with an alias": ("features: [code-completion]\n  d", "features: completion\n  d"),
    "default as text": ("default_for: [code-completion]\n", "default_for: code-completion\n"),
    "text as a list": ("  family: claude\n", "  family: [claude]\n"),
    "multi-line flow list": (
        DASHES,
        "  features: [\n    code-generation,  # when\n    duo_chat,  # and this\n    code-generation  # again\n  ]\n",
        "  features: [\n    code-generation,  # when\n    duo_chat  # and this\n    # again\n  ]\n",
    ),
    "multi-line flow list with a trailing comma": (
        DASHES,
        "  features: [\n    code-generation,\n    duo_chat,  # and this one\n    code-generation,  # again\n  ]\n",
        "  features: [\n    code-generation,\n    duo_chat,  # and this one\n    # again\n  ]\n",
    ),
    "flow list that ends on the last item's line": (
        DASHES,
        "  features: [code-generation, duo_chat,\n             code-generation]\n",
        "  features: [code-generation, duo_chat]\n",
    ),
    "flow list with a comment before the last item": (
        DASHES,
        "  features: [code-generation, duo_chat,  # and\n             code-generation]\n",
        "  features: [code-generation, duo_chat,  # and\n             ]\n",
    ),
    "superfluous space in double quotes": ('"Balanced: chat & code"', '" Balanced:  chat & code "'),
    "superfluous space in single quotes": ("Claude 3.7 Sonnet\n", "'Claude  3.7 Sonnet'\n", "'Claude 3.7 Sonnet'\n"),
    "escaped single quotes": ("Fireworks  #", "'Fire''s  works'  #", "'Fire''s works'  #"),
    "escapes in double quotes": ("Fireworks  #", r'"Fire \"x\" \\  works"  #', r'"Fire \"x\" \\ works"  #'),
    "line break in double quotes": ('"Balanced: chat & code"', '"Balanced: chat\n\n    & code"'),
    "line break at the end of a block scalar": (
        "  provider: Fireworks  # shown to people\n",
        "  provider: >  # folded\n    Fireworks\n    in the cloud\n\n",
        "  provider: >-  # folded\n    Fireworks\n    in the cloud\n\n",
    ),
    "line break in a block scalar": (
        '"Balanced: chat & code"\n',
        "|\n    Balanced: chat\n    & code\n",
        ">-\n    Balanced: chat\n    & code\n",
    ),
    "missing schema comment": (SCHEMA_LINE, ""),
    "invisible character": ("- name: Codestral", "- name: Code\u200bstral"),
    "invisible character in a key": ("  family: claude", "  fam\u200bily: claude"),
    "invisible character in a comment": ("# when asked", "# when\u2060 asked"),
    "unusual space": ("Claude 3.7 Sonnet\n", "Claude\u00a03.7 Sonnet\n"),
    "unusual space next to another": ("Balanced: chat", "Balanced: \u2003chat"),
    "unusual spaces as indentation": ("  family: claude", "\u00a0\u00a0family: claude"),
    "API prefix in a name with a pinned id": (
        "- name: Claude 3.7 Sonnet\n",
        '- name: "GitLab: Claude 3.7"\n  id: claude_3_7_sonnet\n',
        '- name: "Claude 3.7"\n  id: claude_3_7_sonnet\n',
    ),
    "value that needs quotes": (
        "- name: Claude 3.7 Sonnet\n",
        "- name: GitLab:3\n  id: claude_3_7_sonnet\n",
        '- name: "3"\n  id: claude_3_7_sonnet\n',
    ),
    "wide characters on the same line": (
        "  cost_indicator: $\n",
        f"  cost_indicator: $\n- {{provider: 火山引擎👍, {IN_BRACES}, release_state: ga}}\n",
        f"  cost_indicator: $\n- {{provider: 火山引擎👍, {IN_BRACES}, release_state: GA}}\n",
    ),
}
NOT_FIXED = {  # text of the roster; replacement that remains
    "ambiguous key": ("  cost_indicator: $", "  cost: $"),
    "key whose correct name is already used": ("  cost_indicator: $", "  cost_indicator: $\n  cost-indicator: $$"),
    "two typos of one key": ("  cost_indicator: $", "  cost-indicator: $\n  cost_indicators: $$"),
    "possibly new family": ("family: codestral", "family: codestral2"),
    "ambiguous family": ("family: codestral", "family: mixstral"),
    "list as a mapping with values": (DASHES, "  features: {code-generation: 80, duo_chat: 20}\n"),
    "text as a list of several": ("  family: claude\n", "  family: [claude, gemini]\n"),
    "key of a list": ("  api-key: AIGW_MODEL_CODESTRAL_API_KEY\n", "  api-key: [AIGW_MODEL_CODESTRAL_API_KEY]\n"),
    "possibly new feature": ("    - duo_chat\n", "    - duo_chat\n    - duo_chat_write_code\n"),
    "unknown feature": ("    - duo_chat\n", "    - duo_chat\n    - image_generation\n"),
    "default without its feature, which may be missing in features": (
        "default_for: [code-completion]",
        "default_for: [code-completion, review_merge_request]",
    ),
    "only default without its feature": (
        "  cost_indicator: $\n",
        f"  cost_indicator: $\n{OTHER}  default_for: [review_merge_request]\n",
    ),
    "default without its feature that leaves none": (
        f"{COMPLETION}  provider: Fireworks  # shown to people\n  cost_indicator: $\n",
        f"{COMPLETION[:-2]}, review_merge_request]\n{OTHER[:-2]}, review_merge_request]\n",
    ),
    "API prefix in a name that determines the id": (
        "- name: Claude 3.7 Sonnet\n",
        '- name: "GitLab: Claude 3.7 Sonnet"\n',
    ),
    "unknown release state": ("release_state: GA", "release_state: generally available"),
    "invisible line break": ("Claude 3.7 Sonnet\n", "Claude\u20283.7 Sonnet\n"),
    "YAML 1.1 line break in a comment": ("# when asked\n", "# when\x85#asked\n"),
    "list with a YAML alias": (
        COMPLETION,
        "features: &all [code-completion, completion]\n  default_for: *all\n",
    ),
    "superfluous space in a text with a YAML alias": (
        "  provider: Fireworks  #",
        '  description: &text "Fire  works"\n  provider: *text  #',
    ),
    "typo in a key that hides an unknown family": ("  family: claude\n", "  famly: claudius\n"),
    "block list with a dash on a line of its own": (
        DASHES,
        "  features:\n    - code-generation\n    - duo_chat\n    -\n      duo_chat\n",
    ),
}
FORMS: dict[str, Callable[[str], str]] = {
    "LF": lambda text: text,
    "CR LF": lambda text: text.replace("\n", "\r\n"),
    "CR": lambda text: text.replace("\n", "\r"),
    "no line break at the end": lambda text: text.removesuffix("\n"),
    "byte order mark": lambda text: f"\ufeff{text}",
}
"""Variants of a whole file."""


def text_after(production: Repository, text: str) -> str:
    """Return a roster after all fixes."""
    draft = fix_all(production._replace(overlay={PATH: text.encode()}))
    return draft.repository.read(PATH).decode()


def test_sample_roster_has_no_findings(production: Repository):
    assert rule_names(check_all(production._replace(overlay={PATH: ROSTER.encode()}))) == []


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("case", FIXED)
def test_fix_corrects_finding(case: str, form: str, production: Repository):
    original, broken, *rest = FIXED[case]
    assert original in ROSTER
    before, after = (FORMS[form](ROSTER.replace(original, text, 1)) for text in (broken, *(rest or [original])))
    rules = rule_names(check_all(production._replace(overlay={PATH: after.encode()})))
    assert rules == {"byte order mark": ["yaml-encoding"], "CR": ["bare-carriage-return"]}.get(form, [])
    assert rule_names(check_all(production._replace(overlay={PATH: before.encode()}))) != rules
    assert text_after(production, before) == after


@pytest.mark.parametrize("case", NOT_FIXED)
def test_ambiguous_finding_is_not_fixed(case: str, production: Repository):
    original, broken = NOT_FIXED[case]
    assert original in ROSTER
    before = ROSTER.replace(original, broken, 1)
    assert rule_names(check_all(production._replace(overlay={PATH: before.encode()})))
    assert text_after(production, before) == before


@pytest.mark.slow
def test_failing_fixes_cost_few_checks(production: Repository):
    hiding = "".join(
        OTHER.replace("Other", f"Other {number}").replace("OTHER", f"OTHER_{number}").replace("/b-", f"/b{number}-")
        .replace("family: gpt", "famly: gpt" if number % 3 else "famly: nobody")
        for number in range(90)
    )  # fmt: skip
    repository = production._replace(overlay={PATH: (ROSTER + hiding).encode()})
    checks = []

    def counted(changed: Repository) -> CheckResult:
        checks.append(changed)
        return check_all(changed)

    after = apply_fixes(
        CheckedRepository(repository, check_all(repository)), counted, lambda checked: checked.result.diagnostics
    )
    assert after.repository.read(PATH).decode() == ROSTER + hiding.replace("famly: gpt", "family: gpt")
    assert len(checks) < 100


def test_group_with_a_failing_fix_is_halved(production: Repository):
    """The new finding is far from all fixes, so that nothing tells which of them causes it."""
    models = [
        OTHER.replace("Other", f"Other {number}").replace("OTHER", f"OTHER_{number}").replace("/b-", f"/b{number}-")
        for number in range(16)
    ]
    broken = [model.replace("release_state: GA", "release_state: ga") for model in models]
    repository = production._replace(overlay={PATH: (ROSTER + "".join(broken)).encode()})
    checks = []

    def check_rejecting_one_fix(changed: Repository) -> CheckResult:
        checks.append(changed)
        result = check_all(changed)
        if models[5] not in changed.read(PATH).decode():
            return result
        far = Diagnostic(PATH, Span(1, 1, 1, 1), Severity.ERROR, "some-rule", "one of the fixes is wrong")
        return result._replace(diagnostics=(far, *result.diagnostics))

    draft = CheckedRepository(repository, check_all(repository))
    after = apply_fixes(draft, check_rejecting_one_fix, lambda checked: checked.result.diagnostics)
    expected = ROSTER + "".join([*models[:5], broken[5], *models[6:]])
    assert after.repository.read(PATH).decode() == expected
    assert len(checks) < 20


def test_failing_fixes_of_a_roster_with_many_findings_cost_fewer_checks(
    production: Repository, monkeypatch: pytest.MonkeyPatch
):
    """A check of such a roster takes long."""
    monkeypatch.setattr(fix, "_ORDINARY_SIZE", 20_000)
    other = OTHER.replace("release_state: GA", "release_state: ga")
    models = [
        other.replace("Other", f"Other {number}").replace("OTHER", f"OTHER_{number}").replace("/b-", f"/b{number}-")
        for number in range(16)
    ]
    repository = production._replace(overlay={PATH: (ROSTER + "".join(models)).encode()})
    far = Diagnostic(PATH, Span(1, 1, 1, 1), Severity.ERROR, "some-rule", "one of the fixes is wrong")
    others = tuple(far._replace(message=f"something else is wrong: {number}") for number in range(400))
    result = check_all(repository)
    draft = CheckedRepository(repository, result._replace(diagnostics=(*result.diagnostics, *others)))
    failing = draft.result._replace(diagnostics=(far, *others), fixes={})
    checks = []

    def check_rejecting_all_fixes(changed: Repository) -> CheckResult:
        checks.append(changed)
        return failing

    assert apply_fixes(draft, check_rejecting_all_fixes, lambda checked: checked.result.diagnostics) == draft
    assert 1 < len(checks) < 10


def test_follow_up_fixes_are_limited_to_the_fixed_files(production: Repository):
    """``check --fix FILE`` must not change another file."""
    repository = production._replace(overlay={PATH: ROSTER.replace("release_state: GA", "release_state: ga").encode()})
    elsewhere = Diagnostic("elsewhere.yaml", Span(1, 1, 1, 1), Severity.ERROR, "some-rule", "something is wrong")

    def check_with_finding_elsewhere(changed: Repository) -> CheckResult:
        result = check_all(changed)
        fixes = {**result.fixes, elsewhere: (Remove(Place("elsewhere.yaml", (0,))),)}
        return result._replace(diagnostics=(*result.diagnostics, elsewhere), fixes=fixes)

    draft = CheckedRepository(repository, check_all(repository))
    assert apply_fixes(draft, check_with_finding_elsewhere, lambda checked: checked.result.diagnostics) == draft
