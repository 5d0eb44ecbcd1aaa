"""Secrets in rosters: found in every position, and redacted in every output."""

from __future__ import annotations

import json
from pathlib import Path
from time import process_time

import pytest

from roster.check.locate import located
from roster.check.result import CheckResult
from roster.findings import Finding, Place
from roster.naming import printable
from roster.secret_redaction import _FORMATS, find_secrets, redact_message, redact_text
from roster.yaml.document import parse
from tests.conftest import Run
from tests.single_roster import CLEAN, PATH, checked, diagnostics, reported, with_key

LETTERS = "x9Kq2LmN7pRt4VwY8zBcD3fGh5JkL6mNqPsTuVwXyZa1"
"""Samples are built from this at run time, so that no secret scanner reports this file."""
LOWER = LETTERS.lower()
CAPITALS = LETTERS.upper().replace("9", "7").replace("8", "6").replace("1", "5").replace("0", "4")


def sample(start: str, length: int, letters: str = LETTERS) -> str:
    return start + (letters * 3)[:length]


SECRETS = {
    "OpenAI": sample("sk" + "-", 48),
    "OpenAI, project": sample("sk" + "-proj-", 100),
    "Anthropic": sample("sk" + "-ant-api03-", 95),
    "Anthropic, as an id": sample("sk" + "_ant_api03_", 40, LOWER),
    "OpenAI, as an id": sample("sk" + "_proj_", 40, LOWER),
    "Stripe": sample("sk" + "_live_", 24, LOWER),
    "OpenRouter": sample("sk" + "-or-v1-", 64, "3f5a7c9e1b2d4f60"),
    "AWS": sample("AK" + "IA", 16, CAPITALS),
    "AWS, temporary": sample("AS" + "IA", 16, CAPITALS),
    "Bedrock": sample("AB" + "SK", 110),
    "Google": sample("AI" + "za", 35),
    "Google, access": sample("ya" + "29.", 60),
    "GitLab, personal": sample("gl" + "pat-", 20),
    "GitLab, as an id": sample("gl" + "pat_", 20, LOWER),
    "GitLab, routable": sample("gl" + "pat-", 27) + ".01." + LETTERS[:9],
    "GitLab, deploy": sample("gl" + "dt-", 20),
    "GitLab, runner": sample("gl" + "rt-", 20),
    "GitLab, runner registration": sample("gl" + "rtr-", 20),
    "GitLab, job": sample("gl" + "cbt-64_", 20),
    "GitLab, trigger": sample("gl" + "ptt-", 40),
    "GitLab, OAuth": sample("gl" + "oas-", 64),
    "GitLab, service account": sample("gl" + "soat-", 20),
    "GitLab, feed": sample("gl" + "ft-", 20),
    "GitLab, mail": sample("gl" + "imt-", 25),
    "GitLab, agent": sample("gl" + "agent-", 50),
    "GitHub": sample("gh" + "p_", 36),
    "GitHub, OAuth": sample("gh" + "o_", 36),
    "GitHub, user": sample("gh" + "u_", 36),
    "GitHub, server": sample("gh" + "s_", 36),
    "GitHub, refresh": sample("gh" + "r_", 76),
    "GitHub, fine-grained": sample("github" + "_pat_", 82),
    "Slack": "xo" + "xb-123456789012-" + LETTERS[:24],
    "Hugging Face": sample("hf" + "_", 34),
    "Fireworks": sample("fw" + "_", 22),
    "Groq": sample("gs" + "k_", 52),
    "xAI": sample("xa" + "i-", 80),
    "xAI, as an id": sample("xa" + "i_", 80, LOWER),
    "Perplexity": sample("pp" + "lx-", 48),
    "NVIDIA": sample("nv" + "api-", 64),
    "Perplexity, as an id": sample("pp" + "lx_", 48, LOWER),
    "NVIDIA, as an id": sample("nv" + "api_", 64, LOWER),
    "Together": sample("tg" + "p_v1_", 43),
    "Replicate": sample("r8" + "_", 37),
    "JSON Web Token": ".".join((sample("ey" + "J", 30), sample("ey" + "J", 60), LETTERS)),
}
EVERYWHERE = pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
TOKEN = SECRETS["GitLab, personal"]
UNKNOWN = "Zq8-Lm3.Xv7/Kp1+Wd5=Tb9"
"""A secret of no known kind."""


def leaks(secret: str, output: str) -> list[str]:
    """Return the parts of a secret that an output contains."""
    return [part for start in range(len(secret) - 5) if (part := secret[start : start + 6]) in output]


def shown(result: CheckResult) -> str:
    """Return everything that a report may print: all texts of the findings, and all lines of files with findings."""
    texts = [" ".join(map(str, diagnostic)) for diagnostic in result.diagnostics]
    for path, lines in result.lines.items():
        count = max(diagnostic.span.end_line for diagnostic in result.diagnostics if diagnostic.path == path)
        texts += [printable(lines[number]) for number in range(1, count + 1)]
    return "\n".join(texts)


@EVERYWHERE
class TestKnownSecret:
    def test_in_a_value(self, secret: str):
        assert reported(with_key("description", f"use {secret} here")) == [("secret-in-roster", secret)]

    def test_in_quotes(self, secret: str):
        assert reported(with_key("description", f'"{secret}"')) == [("secret-in-roster", secret)]

    def test_as_the_api_key(self, secret: str):
        assert reported(with_key("api-key", secret)) == [("secret-in-roster", secret)]

    def test_in_a_value_with_a_pattern(self, secret: str):
        assert reported(with_key("identifier", f"bedrock/{secret}")) == [("secret-in-roster", secret)]

    def test_in_a_key(self, secret: str):
        assert reported(with_key(secret, "yes it is")) == [("secret-in-roster", secret)]

    def test_in_a_comment(self, secret: str):
        assert reported(f"# the old one was {secret}\n{CLEAN}") == [("secret-in-roster", secret)]

    def test_after_a_value(self, secret: str):
        assert reported(CLEAN.replace("GA\n", f"GA # {secret}\n")) == [("secret-in-roster", secret)]

    def test_in_a_block(self, secret: str):
        assert reported(with_key("description", f">-\n    use\n    {secret}")) == [("secret-in-roster", secret)]

    def test_in_an_unknown_key(self, secret: str):
        roster = with_key("token", secret)
        assert ("secret-in-roster", secret) in reported(roster)
        assert not leaks(secret, shown(checked(roster)))

    def test_in_invalid_yaml(self, secret: str):
        roster = f"{CLEAN}key = '{secret}'\n: [\n"
        assert ("secret-in-roster", secret) in reported(roster)
        assert not leaks(secret, shown(checked(roster)))

    def test_is_redacted(self, secret: str):
        for roster in (with_key("name", secret), with_key("features", f"[{secret}]"), with_key("endpoint", secret)):
            assert not leaks(secret, shown(checked(roster)))

    def test_after_an_escape(self, secret: str):
        for escape in (r"\n", r"\t", r"\x3d", r"\u003d", r"\""):
            roster = with_key("name", f'"one{escape}{secret}"')
            assert ("secret-in-roster", secret) in reported(roster)
            assert not leaks(secret, shown(checked(roster)))

    def test_with_letters_as_escapes(self, secret: str):
        for hidden in (f"\\x{ord(secret[0]):02x}{secret[1:]}", f"{secret[:9]}\\u{ord(secret[9]):04x}{secret[10:]}"):
            roster = with_key("provider", f'"{hidden}"')
            assert [finding.rule for finding in diagnostics(roster)] == ["secret-in-roster"]
            assert not leaks(secret, shown(checked(roster)))

    def test_on_two_lines(self, secret: str):
        roster = with_key("provider", f'"{secret[:12]}\\\n    {secret[12:]}"')
        assert [finding.rule for finding in diagnostics(roster)] == ["secret-in-roster"]
        assert not leaks(secret, shown(checked(roster)))

    def test_in_a_large_file(self, secret: str):
        """Large files are searched in another way."""
        roster = "# filler\n" * 2_000 + with_key("description", secret)
        assert reported(roster) == [("secret-in-roster", secret)]


KINDS = ("", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED ")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cut", [False, True], ids=["whole", "cut"])
def test_private_key_is_one_finding_and_redacted(kind: str, cut: bool):
    start, end = (f"-----{word} {kind}PRIVATE" + " KEY-----" for word in ("BEGIN", "END"))
    lines = [start, *[LETTERS] * 3, *([] if cut else [end])]
    roster = with_key("description", "|\n    " + "\n    ".join(lines))
    result = checked(roster)
    (finding,) = result.diagnostics
    assert (finding.rule, finding.span.line, finding.span.end_line) == ("secret-in-roster", 10, 14)
    assert not leaks(LETTERS, shown(result))


@pytest.mark.parametrize("cut", [False, True], ids=["whole", "cut"])
def test_pgp_private_key_is_one_finding_and_redacted(cut: bool):
    start, end = (f"-----{word} PGP PRIVATE" + " KEY BLOCK-----" for word in ("BEGIN", "END"))
    lines = [start, "", LETTERS, "=aBcD", *([] if cut else [end])]
    result = checked(with_key("description", "|\n    " + "\n    ".join(lines)))
    (finding,) = result.diagnostics
    assert (finding.rule, finding.span.line) == ("secret-in-roster", 10)
    assert finding.message == "this looks like a private key, which must not be in a file"
    assert not leaks(LETTERS, shown(result))


def test_every_format_and_mark_has_a_sample():
    pem = [f"-----BEGIN {kind}PRIVATE" + " KEY-----\nabc" for kind in KINDS]
    slack = ["xo" + f"x{letter}-123456789012-{LETTERS[:24]}" for letter in "abeoprs"]
    samples = [*SECRETS.values(), *pem, *slack]
    for marks, kind, *_ in _FORMATS:
        for mark in marks:
            found = {name for sample in samples if mark in sample for name, *_ in find_secrets(f"x {sample} y")}
            assert found == {kind}, mark
    for sample in samples:
        assert len(find_secrets(sample)) == 1, sample[:8]


NO_SECRETS = """\
max_context_tokens: 200000
max_tokens: 8_192
tokens: 4096
token_limit: 5
max_token: 2026-01-01
tokens: "4096"
input_cost_per_token: 0.000003
input_cost_per_token: 8.900000000000001e-07
cost_per_token: "1e-6"
cost_per_token: 0.0000008900000000000001
token: true
api_key: null
password: false
secret: ~
monkey: bananas
keyboard: us
secretary: Bob
password_reset_url: https://example-models.com
tokenizer: cl100k
""".splitlines()
SECRET_KEYS = """\
token
TOKEN
access_token
accessToken
api_key
apiKey
API_KEY
password
PASSWORD
db_password
passphrase
passwd
secret
SECRET
client_secret
secret_key
aws_secret_access_key
access_key
private_key
""".splitlines()


def test_value_that_is_no_secret_is_shown():
    for line in NO_SECRETS:
        assert redact_text(f"{CLEAN}  {line}\n") == f"{CLEAN}  {line}\n", line


def test_value_at_key_for_secrets_is_redacted():
    for key in SECRET_KEYS:
        for value in (UNKNOWN, f"'{UNKNOWN}'", f"|-\n    {UNKNOWN}", f"\n   {UNKNOWN}", "48213975610482139756"):
            text = f"{CLEAN}  {key}: {value}\n"
            assert not leaks(UNKNOWN, redact_text(text)), text
            assert not leaks("48213975610482139756", redact_text(text)), text
    assert "12345678" not in redact_text("password: 12345678\n")


PASSWORD = "Hunter2Secret"


@pytest.mark.parametrize(
    "name",
    [
        f"Claude admin:{PASSWORD}@host",
        f"Claude password: {PASSWORD}",
        f"password={PASSWORD}",
        f"https://admin:{PASSWORD}@example-models.com",
        f"https://admin:{PASSWORD}{'x' * 60}@example-models.com",
        f"  Claude admin:{PASSWORD}@host",
    ],
)
def test_password_in_name_is_never_shown(name: str):
    for roster in (with_key("name", json.dumps(name)), with_key("display_name", json.dumps(name))):
        result = checked(roster)
        assert result.diagnostics
        assert PASSWORD.lower() not in shown(result).lower()
    twice = checked(with_key("name", json.dumps(name)) * 2)
    assert PASSWORD.lower() not in shown(twice).lower()


def test_all_texts_of_a_finding_are_redacted():
    document = parse(PATH, CLEAN.encode())
    texts = [f"{part} {TOKEN} https://a:{PASSWORD}@host password: {PASSWORD}" for part in ("message", "hint", "note")]
    message, hint, note = texts
    finding = Finding(Place(PATH, (0,)), message, hint, note, rule="missing-key")
    (diagnostic,) = located([finding], lambda _: document, [])
    for text in (diagnostic.message, diagnostic.hint, diagnostic.note):
        assert text.startswith(("message ****", "hint ****", "note ****"))
        assert PASSWORD not in text


def test_finding_says_what_belongs_at_the_place_of_a_secret():
    for key, expected in {"api-key": "the name of an environment variable", "identifier": "provider/model"}.items():
        (finding,) = diagnostics(with_key(key, TOKEN))
        assert finding.note.startswith(f"expected here: {expected}")
    (finding,) = diagnostics(f"# {TOKEN}\n{CLEAN}")
    assert finding.note == ""


def test_tokens_in_private_key_are_part_of_it():
    start, end = (f"-----{word} PRIVATE" + " KEY-----" for word in ("BEGIN", "END"))
    roster = f"# {start}\n# {TOKEN}\n# {TOKEN}\n# {end}\n{CLEAN}"
    assert [finding.rule for finding in diagnostics(roster)] == ["secret-in-roster"]


def test_service_account_is_one_finding():
    key = json.dumps({"private_key": "-----BEGIN PRIVATE" + f" KEY-----\n{LETTERS}\n-----END PRIVATE" + " KEY-----\n"})
    result = checked(with_key("description", f"'{key}'"))
    assert [finding.rule for finding in result.diagnostics] == ["secret-in-roster"]
    assert not leaks(LETTERS, shown(result))


def test_nested_secrets_are_one_finding():
    nested = f"{TOKEN}-{SECRETS['OpenAI']}"
    assert reported(with_key("description", nested)) == [("secret-in-roster", nested)]


def test_two_secrets_are_two_findings():
    roster = with_key("description", f"{TOKEN} {SECRETS['AWS']}")
    assert reported(roster) == [("secret-in-roster", TOKEN), ("secret-in-roster", SECRETS["AWS"])]


def test_findings_of_a_file_are_limited():
    assert len(diagnostics(CLEAN + f"# {TOKEN}\n" * 5_000)) == 1_001


LOOK_ALIKES = [
    "AIGW_MODEL_SK_1234567890_ABCDEFGHIJ_API_KEY",
    "task-1234567890-abcdefghijklmnop",
    "risk-averse-model-1234567890-abcdef",
    "disk-1234567890abcdefghijklmnop",
    "sk-" + "learn-is-a-library-for-machine-learning",
    "sk-" + "short1",
    "commit 4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "9f86d081884c7d659a2feaa0c55ad015",
    "123e4567-e89b-12d3-a456-426614174000",
    "claude-3-7-sonnet-20250219-v1",
    "gl" + "pat-short",
    "the gl" + "pat- prefix",
    "english-language-models-1234567890",
    "gh" + "p_short",
    "half_1234567890123456789012345678901234",
    "AK" + "IA is a prefix",
    "xAK" + "IA" + CAPITALS[:16],
    "ey" + "J is how one starts",
    "BEGIN PRIVATE KEY",
]


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_look_alike_is_accepted(text: str):
    assert diagnostics(with_key("description", f'"{text}"')) == ()
    assert diagnostics(f"# {text}\n{CLEAN}") == ()


def test_variable_of_model_named_sk_is_accepted():
    roster = with_key("name", "SK 4 live").replace("AIGW_MODEL_CLAUDE_API_KEY", "AIGW_MODEL_SK_4_LIVE_API_KEY")
    assert diagnostics(roster) == ()


IN_API_KEY = {
    "plain": with_key("api-key", UNKNOWN),
    "quoted": with_key("api-key", f"'{UNKNOWN}'"),
    "anchored": with_key("api-key", f"&key {UNKNOWN}"),
    "tagged": with_key("api-key", f"!!str {UNKNOWN}"),
    "with a comment": with_key("api-key", f"{UNKNOWN} # mine"),
    "with a hash": with_key("api-key", f"{UNKNOWN}#{UNKNOWN}"),
    "after a reference": with_key("api-key", f"AIGW_MODEL_CLAUDE_API_KEY {UNKNOWN}"),
    "on the next line": with_key("api-key", f"\n    {UNKNOWN}"),
    "on the next line, of a key in quotes": CLEAN + f'- "name": B\n  "api-key":\n   {UNKNOWN}\n',
    "in a block": with_key("api-key", f"|-\n    {UNKNOWN}"),
    "in a block with blank lines": with_key("api-key", f"|-\n\n    a\n\n    {UNKNOWN}"),
    "in a list": with_key("api-key", f"[{UNKNOWN}]"),
    "in a list below": with_key("api-key", f"\n    - {UNKNOWN}"),
    "in a list at its side": with_key("api-key", f"\n  - {UNKNOWN}"),
    "in a mapping": with_key("api-key", f"\n    value: {UNKNOWN}"),
    "unclosed": with_key("api-key", f'"{UNKNOWN}'),
    "with a colon": with_key("api-key", f"{UNKNOWN}: {UNKNOWN}"),
    "as a key of its own": CLEAN.replace("  api-key: AIGW_MODEL_CLAUDE_API_KEY", f"  ? api-key\n  : {UNKNOWN}"),
    "in quotes and flow": CLEAN + f"- {{name: B, 'api-key': {UNKNOWN}, family: x}}\n",
    "in JSON": json.dumps([{"name": "Claude", "api-key": UNKNOWN, "release_state": "ga"}]),
    "in JSON, indented": json.dumps([{"name": "Claude", "api-key": UNKNOWN, "release_state": "ga"}], indent=2),
    "twice": with_key("api-key", f"{UNKNOWN}\n  api-key: {UNKNOWN}"),
    "misspelled": CLEAN.replace("api-key: AIGW_MODEL_CLAUDE_API_KEY", f"api_key: {UNKNOWN}"),
    "in capitals": CLEAN.replace("api-key: AIGW_MODEL_CLAUDE_API_KEY", f"API-KEY: {UNKNOWN}"),
    "as a token": with_key("token", UNKNOWN),
    "as a secret": with_key("secret", UNKNOWN),
    "as a password": with_key("password", UNKNOWN),
    "in a comment next to a finding": with_key("api-key", f"AIGW_MODEL_B_API_KEY # not api-key: {UNKNOWN}"),
    "with another finding on its line": with_key("api-key", f"{UNKNOWN}\u200b"),
    "on a long line": CLEAN + f"- {{name: {'B' * 500}, api-key: {UNKNOWN}, family: {'x' * 500}}}\n",
    "only digits": with_key("api-key", "48213975610482139756"),
    "digits and a letter": with_key("api-key", "48213975610e48213975"),
    "digits with a zero before": with_key("api-key", "048213975610"),
}


@pytest.mark.parametrize("roster", IN_API_KEY.values(), ids=IN_API_KEY)
def test_api_key_of_unknown_kind_is_redacted(roster: str):
    result = checked(roster)
    assert result.diagnostics
    assert not leaks(UNKNOWN, shown(result))
    for digits in ("48213975610482139756", "48213975610e48213975", "048213975610"):
        assert not leaks(digits, shown(result))


def test_rest_of_file_is_shown():
    """Redacting everything would pass all other tests."""
    for roster in IN_API_KEY.values():
        for line in CLEAN.splitlines()[3:]:
            assert (line in redact_text(roster)) == (line in roster)
    assert redact_text(CLEAN) == CLEAN
    assert redact_message('add "api-key:"') == 'add "api-key:"'
    assert redact_message("api-key: The name of a variable") == "api-key: The name of a variable"


USER_INFO = [
    f"https://someone:{UNKNOWN}@example.com/v1",
    f"https://{UNKNOWN.replace('/', '')}@example.com",
    f"http://someone:{UNKNOWN}@example.com",
    f"https://someone:{UNKNOWN}@{UNKNOWN}@example.com",
    f"https://someone:p {UNKNOWN}@example.com",
    f"https://someone:p {UNKNOWN.replace('/', '')}@example.com",
    f"https://someone:p?{UNKNOWN}@example.com",
    f"https://someone:p?{UNKNOWN.replace('/', '')}@example.com",
    f"https://someone:p#{UNKNOWN}@example.com",
    f"https://someone:p\\\\{UNKNOWN}@example.com",
    f"https://someone:{UNKNOWN}@exam_ple.com",
    f"https://someone:{UNKNOWN}@10.0.0.1",
    f"https://someone:{UNKNOWN}@example.com:port",
    f"https://someone:{UNKNOWN}@",
    f"https:///someone:{UNKNOWN}@example.com",
    f"https:/someone:{UNKNOWN}@example.com",
    f"https:someone:{UNKNOWN}@example.com",
    f"//someone:{UNKNOWN}@example.com",
    f"someone:{UNKNOWN}@example.com",
    f"https://someone:{UNKNOWN * 20}@example.com",
    f"https://{'someone' * 20}:{UNKNOWN}@example.com/v1\u200b",
]


@pytest.mark.parametrize("endpoint", USER_INFO)
def test_user_info_is_redacted(endpoint: str):
    result = checked(with_key("endpoint", f'"{endpoint}"'))
    assert result.diagnostics
    assert not leaks(UNKNOWN, shown(result))


def test_user_info_next_to_another_address_is_redacted():
    address = f"https://someone:{UNKNOWN}@example.com"
    for roster in (f"# https://example.com/a {address}\u200b\n{CLEAN}", with_key(f'"{address}"', "me")):
        result = checked(roster)
        assert result.diagnostics
        assert not leaks(UNKNOWN, shown(result))


@pytest.mark.parametrize(
    "text",
    [
        "endpoint: http://example.com/v1/models/claude@2025",
        "endpoint: https://exam_ple.com:8443/v1/models/claude@2025",
        "endpoint: https://[fe80::1]/v1/claude@2025",
        "identifier: vertex_ai/claude@2025",
        "# see https://example.com or ask me@example.com",
    ],
)
def test_at_sign_elsewhere_redacts_nothing(text: str):
    assert redact_text(text) == text


def test_secret_truncated_in_message_is_redacted():
    for secret in SECRETS.values():
        for length in range(30, 60, 6):
            model = CLEAN.replace("Claude", f"{'A' * length} {secret}")
            assert not leaks(secret, shown(checked(model + model)))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "latin-1", "cp1252"])
def test_other_encodings_are_redacted(encoding: str):
    result = checked(f"# é {TOKEN}\n{CLEAN}".encode(encoding))
    assert result.diagnostics
    assert not leaks(TOKEN, shown(result).replace(r"\x00", ""))


def test_secret_with_control_characters_is_redacted():
    for char in ("\0", "\x07", "\u200b", "\u00ad"):
        result = checked(f"# {char}{TOKEN}{char}\n{CLEAN}")
        assert result.diagnostics
        assert not leaks(TOKEN, shown(result))


def test_redaction_keeps_positions():
    texts = [*IN_API_KEY.values(), *USER_INFO, *SECRETS.values(), f"a\r\n# {TOKEN}\r\nb\rc", f"\\x67{TOKEN[1:]}\r\n"]
    texts += [with_key("api-key", f"{TOKEN} and more"), "-----BEGIN PRIVATE" + f" KEY-----\r\n{LETTERS}\r\n"]
    for text in texts:
        redacted = redact_text(text)
        assert len(redacted) == len(text)
        assert all(new in (old, "*") for old, new in zip(text, redacted, strict=True))
        assert [offset for offset, char in enumerate(text) if char in "\r\n"] == [
            offset for offset, char in enumerate(redacted) if char in "\r\n"
        ]


@pytest.mark.parametrize(
    "piece",
    ["sk" + "-", "-ey" + "J", "-eyJ" + "a" * 12 + ".", "token:", "token:\n ", "//a:b@", "://a:b", "@", "-----BEGIN ",
     "\\x41", "\\", '"\\', f"{TOKEN} ", "api-key: AIGW_MODEL_", "endpoint: ", "a\0", "/"],
)  # fmt: skip
def test_long_file_is_searched_in_linear_time(piece: str):
    """A pattern that backtracks at each piece would take minutes."""
    text = piece * (200_000 // len(piece))
    start = process_time()
    find_secrets(text)
    assert len(redact_text(text)) == len(text)
    assert process_time() - start < 2


PROCESSES = {
    "in a value, next to another finding": with_key("name", f'" {TOKEN}  x"'),
    "in a key": with_key(TOKEN, "me"),
    "in a comment": f"# {TOKEN}\n{CLEAN}",
    "in invalid YAML": f"{CLEAN}{TOKEN}: [\n",
    "on a long line": f"# {'x' * 500} {TOKEN} {'x' * 500}\u200b\n{CLEAN}",
    "as an unknown kind": IN_API_KEY["in a list below"],
    "as user info": with_key("endpoint", USER_INFO[0]),
    "in escapes": with_key("name", f'"\\x67{TOKEN[1:]} "'),
}


@pytest.mark.parametrize("content", PROCESSES.values(), ids=PROCESSES)
def test_check_prints_no_secret(content: str, roster: Run, checkout: Path):
    (checkout / PATH).write_text(content, encoding="utf-8")
    done = roster("check", FORCE_COLOR="1")
    assert done.returncode == 1
    assert not leaks(TOKEN, done.stdout + done.stderr)
    assert not leaks(UNKNOWN, done.stdout + done.stderr)


def test_other_commands_print_no_secret(roster: Run, checkout: Path):
    (checkout / PATH).write_text(PROCESSES["in a value, next to another finding"], encoding="utf-8")
    for command in ("render", "schema"):
        done = roster(command)
        assert not leaks(TOKEN, done.stdout + done.stderr)


def test_text_with_very_many_secrets_is_redacted_as_a_whole():
    for line in (f"# {TOKEN}\n", "# token: x\n", "# https://a:b@c.com\n"):
        text = "name: Claude\n" + line * 60_000
        redacted = redact_text(text)
        assert len(redacted) == len(text)
        assert set(redacted) == {"*", "\n"}, line
