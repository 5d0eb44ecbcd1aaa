"""``docs/commands.md``: what each command says of itself, and what it prints when it is run."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from roster.docs import examples
from roster.docs.page_template import filled
from roster.repository import roster_path

_LINES_AT_MOST = 20
"""How much of an example's output is shown."""
_PRODUCTION = roster_path("production")
_PUBLIC_KEY = Path(__file__).parent / "data" / "public.pem"
"""The one of the first test vector in RFC 8032, section 7.1."""


class Example(NamedTuple):
    """A command line with what is said of it, and what is replaced by what in production's roster before it runs."""

    about: str
    line: str
    old: str = ""
    new: str = ""


class Run(NamedTuple):
    """An example with what it printed, standard output and standard error as in a terminal, and its exit status."""

    example: Example
    output: str
    status: int


EXAMPLES: dict[str, tuple[Example, ...]] = {
    "check": (
        Example("Nothing is wrong:", "roster check"),
        Example("A slip in the name of a feature:", "roster check", "[code-generation,", "[code-generatoin,"),
        Example(
            "What follows from a date:",
            "roster check --at 2027-02-01 --quiet",
            "  features: [code-completion]",
            "  retirement:\n    notice: 2026-08-05\n    last_day: 2027-01-31\n    replacement: claude_3_7_sonnet\n"
            "  features: [code-completion]",
        ),
    ),
    "demo": (
        Example("A roster with an error starts nothing:", "roster demo", "release_state: GA", "release_state: ga"),
    ),
    "drift": (
        Example("Nothing differs but what is meant to:", "roster drift"),
        Example("A family that differs:", "roster drift", "family: claude", "family: qwen"),
    ),
    "diff": (
        Example("Nothing has changed:", "roster diff ../main"),
        Example(
            "Another default, and nobody was told:",
            "roster diff ../main --fail-on risky",
            "  default_for: [code-generation, duo_chat]",
            "  default_for: [code-generation]\n\n"
            "- name: Gemini Flash\n  identifier: vertex_ai/gemini-2.5-flash\n"
            "  api-key: AIGW_MODEL_GEMINI_FLASH_API_KEY\n  endpoint: https://gemini.example-models.com/v1\n"
            "  release_state: GA\n  family: gemini\n  features: [duo_chat]\n  default_for: [duo_chat]",
        ),
        Example(
            "What a comment on a merge request can say:",
            "roster diff ../main --format markdown",
            "https://codestral.example-models.com",
            "https://codestral-2.example-models.com",
        ),
    ),
    "explain": (
        Example("A rule:", "roster explain default-not-offered"),
        Example("A feature:", "roster explain code-generation"),
    ),
    "gateway preflight": (
        Example("The keys that models need, none of which is set here:", "roster gateway preflight production"),
    ),
    "instance flag": (Example("Which it is, in a database that is new:", "roster instance flag"),),
    "instance migrate": (Example("", "roster instance migrate"),),
    "new": (
        Example(
            "",
            "roster new --name Claude_4 --identifier bedrock/claude-4-20260101-v1:0 "
            "--endpoint https://example-models.com/v1 --release-state GA --family claude --feature code-generation "
            "--environment production --dry-run",
        ),
    ),
    "promote": (
        Example(
            "What changed in a model:",
            "roster promote claude_3_7_sonnet --from staging --to production",
            "family: claude",
            "family: qwen",
        ),
        Example(
            "A model that is new there:",
            "roster promote gemini_pro --from staging --to production --release-state GA "
            "--default-for summarize_mr_review --dry-run",
        ),
    ),
    "render": (
        Example("", "roster render production"),
        Example("For another gateway:", "roster render production --target litellm"),
        Example("A roster with an error is not rendered:", "roster render", "release_state: GA", "release_state: ga"),
    ),
    "rules": (Example("", "roster rules"),),
    "schema": (Example("", "roster schema --check"),),
    "timeline": (
        Example(
            "A default must move:",
            "roster timeline --at 2026-09-01",
            "  default_for: [code-generation, duo_chat]",
            "  default_for: [code-generation, duo_chat]\n"
            "  retirement: {notice: 2026-08-05, last_day: 2027-01-31, replacement: claude_4, features: [duo_chat]}\n"
            "- name: Claude 4\n  identifier: bedrock/claude-4-20260101-v1:0\n"
            "  api-key: AIGW_MODEL_CLAUDE_4_API_KEY\n  endpoint: https://claude.example-models.com/v1\n"
            "  release_state: GA\n  family: claude\n  features: [code-generation, duo_chat]",
        ),
        Example("Nothing is announced:", "roster timeline staging"),
    ),
    "verify": (Example("Nobody signed it:", f"roster verify {_PRODUCTION} --key public.pem"),),
}
"""Every command's examples. They run on the small repository of ``data/``, so that no roster changes a page.

Beside it lies the folder ``main``, in which nothing is replaced.
"""


def page(helps: Mapping[str, str]) -> str:
    """Return the page; ``helps`` holds what each command prints for --help, the whole ``roster`` first."""
    runs = {name: [_run(example) for example in EXAMPLES.get(name.removeprefix("roster "), ())] for name in helps}
    return filled("commands.md.j2", helps=helps, runs=runs)


def _run(example: Example) -> Run:
    with TemporaryDirectory() as folder:
        files = examples.repository() | {"public.pem": _PUBLIC_KEY.read_bytes()}
        text = files[_PRODUCTION].decode()
        changed = text.replace(example.old, example.new, 1) if example.old else text
        _write(Path(folder, "main"), files)
        _write(Path(folder, "change"), files | {_PRODUCTION: changed.encode()})
        done = subprocess.run(
            [sys.executable, "-m", *example.line.split()],
            cwd=Path(folder, "change"),
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
    return Run(example, _shortened(done.stdout.decode()), done.returncode)


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)


def _environment() -> dict[str, str]:
    """Return what makes the output the same wherever it is made."""
    package = Path(__file__).parents[2]
    fixed = {"PYTHONPATH": str(package), "PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "80"}
    return {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ} | fixed


def _shortened(output: str) -> str:
    lines = output.rstrip().splitlines()
    return "\n".join(lines if len(lines) <= _LINES_AT_MOST else [*lines[:_LINES_AT_MOST], "…"])
