"""``docs/commands.md``: the help of every command, with examples and their output."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from roster.docs import examples
from roster.docs.page_template import fill_template
from roster.repository import roster_path

_MAX_LINES = 20
"""The number of lines of output that the page shows."""
_PRODUCTION = roster_path("production")
_PUBLIC_KEY = Path(__file__).parent / "data" / "public.pem"
"""The key of the first test vector in RFC 8032, section 7.1."""


class CommandExample(NamedTuple):
    """A command line, and an edit of production's roster before it runs.

    Attributes:
        introduction: the sentence above the example.
        old: the text that ``new`` replaces in the roster.
    """

    introduction: str
    command: str
    old: str = ""
    new: str = ""


class ExampleRun(NamedTuple):
    """The result of an example; ``output`` combines standard output and standard error as a terminal does."""

    example: CommandExample
    output: str
    status: int


EXAMPLES: dict[str, tuple[CommandExample, ...]] = {
    "check": (
        CommandExample("Without findings:", "roster check"),
        CommandExample("With a misspelled feature:", "roster check", "[code-generation,", "[code-generatoin,"),
        CommandExample(
            "With a date in the future:",
            "roster check --at 2027-02-01 --quiet",
            "  features: [code-completion]",
            "  retirement:\n    notice: 2026-08-05\n    last_day: 2027-01-31\n    replacement: claude_3_7_sonnet\n"
            "  features: [code-completion]",
        ),
    ),
    "demo": (
        CommandExample(
            "The demo does not start with an invalid roster:", "roster demo", "release_state: GA", "release_state: ga"
        ),
    ),
    "drift": (
        CommandExample("Without unintended differences:", "roster drift"),
        CommandExample("With a different family:", "roster drift", "family: claude", "family: qwen"),
    ),
    "diff": (
        CommandExample("Without changes:", "roster diff ../main"),
        CommandExample(
            "With a switched default and no notice:",
            "roster diff ../main --fail-on risky",
            "  default_for: [code-generation, duo_chat]",
            "  default_for: [code-generation]\n\n"
            "- name: Gemini Flash\n  identifier: vertex_ai/gemini-2.5-flash\n"
            "  api-key: AIGW_MODEL_GEMINI_FLASH_API_KEY\n  endpoint: https://gemini.example-models.com/v1\n"
            "  release_state: GA\n  family: gemini\n  features: [duo_chat]\n  default_for: [duo_chat]",
        ),
        CommandExample(
            "As a comment on a merge request:",
            "roster diff ../main --format markdown",
            "https://codestral.example-models.com",
            "https://codestral-2.example-models.com",
        ),
    ),
    "explain": (
        CommandExample("Explain a rule:", "roster explain default-not-offered"),
        CommandExample("Explain a feature:", "roster explain code-generation"),
    ),
    "gateway preflight": (CommandExample("With no API key set:", "roster gateway preflight production"),),
    "instance flag": (CommandExample("In a new database:", "roster instance flag"),),
    "instance migrate": (CommandExample("", "roster instance migrate"),),
    "new": (
        CommandExample(
            "",
            "roster new --name Claude_4 --identifier bedrock/claude-4-20260101-v1:0 "
            "--endpoint https://example-models.com/v1 --release-state GA --family claude --feature code-generation "
            "--environment production --dry-run",
        ),
    ),
    "promote": (
        CommandExample(
            "Promote the changes to a model:",
            "roster promote claude_3_7_sonnet --from staging --to production",
            "family: claude",
            "family: qwen",
        ),
        CommandExample(
            "Promote a model that the environment does not offer yet:",
            "roster promote gemini_pro --from staging --to production --release-state GA "
            "--default-for summarize_mr_review --dry-run",
        ),
    ),
    "render": (
        CommandExample("", "roster render production"),
        CommandExample("For a LiteLLM proxy:", "roster render production --target litellm"),
        CommandExample("An invalid roster is not rendered:", "roster render", "release_state: GA", "release_state: ga"),
    ),
    "rules": (CommandExample("", "roster rules"),),
    "schema": (CommandExample("", "roster schema --check"),),
    "timeline": (
        CommandExample(
            "A default must move:",
            "roster timeline --at 2026-09-01",
            "  default_for: [code-generation, duo_chat]",
            "  default_for: [code-generation, duo_chat]\n"
            "  retirement: {notice: 2026-08-05, last_day: 2027-01-31, replacement: claude_4, features: [duo_chat]}\n"
            "- name: Claude 4\n  identifier: bedrock/claude-4-20260101-v1:0\n"
            "  api-key: AIGW_MODEL_CLAUDE_4_API_KEY\n  endpoint: https://claude.example-models.com/v1\n"
            "  release_state: GA\n  family: claude\n  features: [code-generation, duo_chat]",
        ),
        CommandExample("Without announcements:", "roster timeline staging"),
    ),
    "verify": (CommandExample("Without a signature:", f"roster verify {_PRODUCTION} --key public.pem"),),
}
"""The examples of every command. They run in the small repository of ``data/``, so that real rosters do not change the
page. The folder ``../main`` contains the same repository without the edit."""


def page(helps: Mapping[str, str]) -> str:
    """Render the page; ``helps`` is the output of ``--help`` by command, ``roster`` first."""
    runs = {name: [_run(example) for example in EXAMPLES.get(name.removeprefix("roster "), ())] for name in helps}
    return fill_template("commands.md.j2", helps=helps, runs=runs)


def _run(example: CommandExample) -> ExampleRun:
    with TemporaryDirectory() as folder:
        files = examples.repository() | {"public.pem": _PUBLIC_KEY.read_bytes()}
        text = files[_PRODUCTION].decode()
        changed = text.replace(example.old, example.new, 1) if example.old else text
        _write(Path(folder, "main"), files)
        _write(Path(folder, "change"), files | {_PRODUCTION: changed.encode()})
        done = subprocess.run(
            [sys.executable, "-m", *example.command.split()],
            cwd=Path(folder, "change"),
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
    return ExampleRun(example, _shortened(done.stdout.decode()), done.returncode)


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)


def _environment() -> dict[str, str]:
    """Return an environment in which the output is the same on every machine."""
    package = Path(__file__).parents[2]
    fixed = {"PYTHONPATH": str(package), "PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "80"}
    return {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ} | fixed


def _shortened(output: str) -> str:
    lines = output.rstrip().splitlines()
    return "\n".join(lines if len(lines) <= _MAX_LINES else [*lines[:_MAX_LINES], "…"])
