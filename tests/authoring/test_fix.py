"""What ``roster check --fix`` makes of a roster, before and after."""

from collections.abc import Callable

import pytest

from roster.authoring.fix import CheckedRepository, apply_fixes
from roster.check.result import CheckResult
from roster.findings import Diagnostic, Place, Remove, Severity, Span
from roster.repository import Repository
from tests.authoring.conftest import PATH, fixed, found, told

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
  identifier: bedrock/anthropic.claude-3-7-sonnet-20250219-v1:0
  api-key: AIGW_MODEL_CLAUDE_3_7_SONNET_API_KEY
  endpoint: https://bedrock-runtime.us-east-1.amazonaws.com
  release_state: 'GA'
  family: claude
{DASHES}  default_for: [ 'code-generation', "duo_chat" ]
  description: "Balanced: chat & code"
"""
OTHER = (
    "- name: Other\n  identifier: a/b-1\n  api-key: AIGW_MODEL_OTHER_API_KEY\n  endpoint: https://example-models.com\n"
    "  release_state: GA\n  family: gpt\n  features: [duo_chat]\n"
)
IN_BRACES = (
    "name: Other, identifier: a/b-1, api-key: AIGW_MODEL_OTHER_API_KEY, endpoint: 'https://example-models.com', "
    "family: gpt, features: [duo_chat]"
)
COMPLETION = "features: [code-completion]\n  default_for: [code-completion]\n"

MENDED: dict[str, tuple[str, str] | tuple[str, str, str]] = {
    # what stands in the roster; what stands there instead; what becomes of it, unless it is the first again
    "a slip in a key": ("  family: claude", "  famly: claude"),
    "a key with another hyphen": ("  api-key: AIGW_MODEL_CODESTRAL", "  api_key: AIGW_MODEL_CODESTRAL"),
    "a slip in a key in quotes": ("  provider: Fire", "  'povider' : Fire", "  'provider' : Fire"),
    "a slip in the first key": ("- name: Codestral ", "- nmae: Codestral "),
    "a feature by its alias": (COMPLETION, COMPLETION.replace("code-completion", "completion")),
    "a feature in capitals": ("    - duo_chat\n", "    - Duo_Chat\n"),
    "a feature as GitLab's settings have it": ("- code-generation   #", "- code_generations   #"),
    "a slip in a feature alone": ("features: [code-completion]\n  d", "features: [code-completoin]\n  d"),
    "a slip in a feature and in the default": (COMPLETION, COMPLETION.replace("completion", "completoin")),
    "two slips in one list": ("""[ 'code-generation', "duo_chat" ]""", """[ 'code-genration', "duo_chta" ]"""),
    "a slip beside the right name": ("[code-completion]\n  d", "[code-completion, completion]\n  d"),
    "a slip before the right name": ("[code-completion]\n  d", "[completion, code-completion]\n  d"),
    "a slip with a dash beside the right name": (DASHES, f"{DASHES}    - duo-chat\n"),
    "one slip twice": ("features: [code-completion]\n  d", "features: [completion, completion]\n  d"),
    "a slip in a family": ("family: codestral", "family: codestal"),
    "a family in capitals": ("family: claude", "family: Claude"),
    "a release state in small letters": ("release_state: GA", "release_state: ga"),
    "a release state in quotes": ("release_state: 'GA'", "release_state: 'Ga '"),
    "a slip in a key and in its value": ("release_state: GA", "releas_state: ga"),
    "an indicator with a space": ("cost_indicator: $", 'cost_indicator: "$ "', 'cost_indicator: "$"'),
    "a feature twice, in brackets": ("[code-completion]\n  d", "[code-completion, code-completion]\n  d"),
    "a feature three times": ("[code-completion]\n  d", "[code-completion, code-completion , code-completion]\n  d"),
    "a feature twice, with dashes": (DASHES, f"{DASHES}    - code-generation  # again\n"),
    "a feature twice in another order": (
        "    # and this one\n    - duo_chat\n",
        "    - code-generation\n    # and this one\n    - duo_chat\n",
    ),
    "a default that is not offered": (
        "default_for: [code-completion]",
        "default_for: [code-completion, review_merge_request]",
    ),
    "the first default is not offered": (
        "default_for: [code-completion]",
        "default_for: [review_merge_request, code-completion]",
    ),
    "defaults around one that is offered": (
        "default_for: [code-completion]",
        "default_for: [review_merge_request, code-completion, summarize_mr_review]",
    ),
    "the only default is not offered": (
        "  cost_indicator: $\n",
        f"  cost_indicator: $\n{OTHER}  default_for: [ review_merge_request ]  # some day\n",
        f"  cost_indicator: $\n{OTHER}  default_for: []  # some day\n",
    ),
    "the only default is not offered, with a dash": (
        "  cost_indicator: $\n",
        f"  cost_indicator: $\n{OTHER}  default_for:  # some day\n  - review_merge_request  # not yet\n",
        f"  cost_indicator: $\n{OTHER}  default_for: []  # some day\n",
    ),
    "brackets over several lines": (
        DASHES,
        "  features: [\n    code-generation,  # when\n    duo_chat,  # and this\n    code-generation  # again\n  ]\n",
        "  features: [\n    code-generation,  # when\n    duo_chat  # and this\n  ]\n",
    ),
    "brackets over several lines, with a comma at the end": (
        DASHES,
        "  features: [\n    code-generation,\n    duo_chat,  # and this one\n    code-generation,  # again\n  ]\n",
        "  features: [\n    code-generation,\n    duo_chat,  # and this one\n  ]\n",
    ),
    "brackets that close on the last item's line": (
        DASHES,
        "  features: [code-generation, duo_chat,\n             code-generation]\n",
        "  features: [code-generation, duo_chat]\n",
    ),
    "brackets with a comment before the last item": (
        DASHES,
        "  features: [code-generation, duo_chat,  # and\n             code-generation]\n",
        "  features: [code-generation, duo_chat,  # and\n             ]\n",
    ),
    "a space in quotes": ('"Balanced: chat & code"', '" Balanced:  chat & code "'),
    "a space in single quotes": ("Claude 3.7 Sonnet\n", "'Claude  3.7 Sonnet'\n", "'Claude 3.7 Sonnet'\n"),
    "quotes in quotes": ("Fireworks  #", "'Fire''s  works'  #", "'Fire''s works'  #"),
    "an escape in quotes": ("Fireworks  #", r'"Fire \"x\" \\  works"  #', r'"Fire \"x\" \\ works"  #'),
    "a line break in quotes": ('"Balanced: chat & code"', '"Balanced: chat\n\n    & code"'),
    "a line break at a block's end": (
        "  provider: Fireworks  # shown to people\n",
        "  provider: >  # folded\n    Fireworks\n    in the cloud\n\n",
        "  provider: >-  # folded\n    Fireworks\n    in the cloud\n\n",
    ),
    "a line break in a block": (
        '"Balanced: chat & code"\n',
        "|\n    Balanced: chat\n    & code\n",
        ">-\n    Balanced: chat\n    & code\n",
    ),
    "no schema line": (SCHEMA_LINE, ""),
    "an invisible character": ("- name: Codestral", "- name: Code\u200bstral"),
    "an invisible character in a key": ("  family: claude", "  fam\u200bily: claude"),
    "an invisible character in a comment": ("# when asked", "# when\u2060 asked"),
    "an odd space": ("Claude 3.7 Sonnet\n", "Claude\u00a03.7 Sonnet\n"),
    "an odd space beside another": ("Balanced: chat", "Balanced: \u2003chat"),
    "odd spaces for an indentation": ("  family: claude", "\u00a0\u00a0family: claude"),
    "a prefix before a pinned id": (
        "- name: Claude 3.7 Sonnet\n",
        '- name: "GitLab: Claude 3.7"\n  id: claude_3_7_sonnet\n',
        '- name: "Claude 3.7"\n  id: claude_3_7_sonnet\n',
    ),
    "a value that would be something else without quotes": (
        "- name: Claude 3.7 Sonnet\n",
        "- name: GitLab:3\n  id: claude_3_7_sonnet\n",
        '- name: "3"\n  id: claude_3_7_sonnet\n',
    ),
    "wide characters before it": (
        "  cost_indicator: $\n",
        f"  cost_indicator: $\n- {{provider: 火山引擎👍, {IN_BRACES}, release_state: ga}}\n",
        f"  cost_indicator: $\n- {{provider: 火山引擎👍, {IN_BRACES}, release_state: GA}}\n",
    ),
}
LEFT_ALONE = {  # what stands in the roster; what stands there instead, and stays
    "a key that may mean two": ("  cost_indicator: $", "  cost: $"),
    "a key whose right name is there already": ("  cost_indicator: $", "  cost_indicator: $\n  cost-indicator: $$"),
    "two keys that mean one": ("  cost_indicator: $", "  cost-indicator: $\n  cost_indicators: $$"),
    "a family that may be new": ("family: codestral", "family: codestral2"),
    "a family between two": ("family: codestral", "family: mixstral"),
    "a feature that may be new": ("    - duo_chat\n", "    - duo_chat\n    - duo_chat_write_code\n"),
    "a feature that is somebody else's": ("    - duo_chat\n", "    - duo_chat\n    - image_generation\n"),
    "a default that nobody else would be": (
        f"{COMPLETION}  provider: Fireworks  # shown to people\n  cost_indicator: $\n",
        f"{COMPLETION[:-2]}, review_merge_request]\n{OTHER[:-2]}, review_merge_request]\n",
    ),
    "a prefix that makes the id": (
        "- name: Claude 3.7 Sonnet\n",
        '- name: "GitLab: Claude 3.7 Sonnet"\n',
    ),
    "a release state that is none": ("release_state: GA", "release_state: generally available"),
    "a line break that nobody sees": ("Claude 3.7 Sonnet\n", "Claude\u20283.7 Sonnet\n"),
    "a break of YAML 1.1 in a comment": ("# when asked\n", "# when\x85#asked\n"),
    "a list that an alias repeats": (
        COMPLETION,
        "features: &all [code-completion, completion]\n  default_for: *all\n",
    ),
    "spaces in a text that an alias repeats": (
        "  provider: Fireworks  #",
        '  description: &text "Fire  works"\n  provider: *text  #',
    ),
    "a slip that hides something else": ("  family: claude\n", "  famly: claudius\n"),
    "a list whose dashes stand alone": (
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
"""What a whole file may look like."""


def text_after(production: Repository, text: str) -> str:
    """Return a roster with all that can be mended in it mended."""
    draft = fixed(production._replace(overlay={PATH: text.encode()}))
    return draft.repository.read(PATH).decode()


def test_the_roster_is_clean(production: Repository):
    assert told(found(production._replace(overlay={PATH: ROSTER.encode()}))) == []


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("case", MENDED)
def test_mended(case: str, form: str, production: Repository):
    stands, broken, *rest = MENDED[case]
    assert stands in ROSTER
    before, after = (FORMS[form](ROSTER.replace(stands, text, 1)) for text in (broken, *(rest or [stands])))
    rules = told(found(production._replace(overlay={PATH: after.encode()})))
    assert rules == (["yaml-encoding"] if after.startswith("\ufeff") else [])
    assert told(found(production._replace(overlay={PATH: before.encode()}))) != rules
    assert text_after(production, before) == after


@pytest.mark.parametrize("case", LEFT_ALONE)
def test_left_alone(case: str, production: Repository):
    stands, broken = LEFT_ALONE[case]
    assert stands in ROSTER
    before = ROSTER.replace(stands, broken, 1)
    assert told(found(production._replace(overlay={PATH: before.encode()})))
    assert text_after(production, before) == before


def test_fixes_that_do_not_work_cost_few_checks(production: Repository):
    hiding = "".join(
        OTHER.replace("Other", f"Other {number}").replace("OTHER", f"OTHER_{number}").replace("a/b", f"a/b{number}")
        .replace("family: gpt", "famly: gpt" if number % 3 else "famly: nobody")
        for number in range(90)
    )  # fmt: skip
    repository = production._replace(overlay={PATH: (ROSTER + hiding).encode()})
    checks = []

    def counted(changed: Repository) -> CheckResult:
        checks.append(changed)
        return found(changed)

    after = apply_fixes(
        CheckedRepository(repository, found(repository)), counted, lambda checked: checked.result.diagnostics
    )
    assert after.repository.read(PATH).decode() == ROSTER + hiding.replace("famly: gpt", "family: gpt")
    assert len(checks) < 100


def test_what_a_fix_brings_to_light_is_mended_in_no_other_file(production: Repository):
    """Whoever names a file wants no other one to change."""
    repository = production._replace(overlay={PATH: ROSTER.replace("release_state: GA", "release_state: ga").encode()})
    elsewhere = Diagnostic("elsewhere.yaml", Span(1, 1, 1, 1), Severity.ERROR, "some-rule", "something is wrong")

    def found_elsewhere(changed: Repository) -> CheckResult:
        result = found(changed)
        fixes = {**result.fixes, elsewhere: (Remove(Place("elsewhere.yaml", (0,))),)}
        return result._replace(diagnostics=(*result.diagnostics, elsewhere), fixes=fixes)

    draft = CheckedRepository(repository, found(repository))
    assert apply_fixes(draft, found_elsewhere, lambda checked: checked.result.diagnostics) == draft
