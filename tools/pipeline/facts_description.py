"""The description of a merge request that updates provider facts.

Facts come from the network: their texts are escaped, so that none is Markdown, a mention or a quick action.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any

from roster.markdown_text import code, escaped, without_quick_actions
from roster.naming import counted

MAX_SECTION = 30_000  # characters; GitLab's limit for the description is 1,048,576
MAX_TEXT = 1_000  # characters of one text, before it is escaped
SEVERITIES = ("error", "warning")

_INTRODUCTION = """\
A scheduled pipeline updated the public facts about the models in the rosters (`roster providers update`), and keeps
this merge request up to date. It never overwrites commits by others: after you push to the branch, the job fails
when there are newer changes, until the branch is merged or deleted."""
_NEXT_STEP = """\
### Next step

To announce the retirement of every model that its provider ends within the notice of an environment, run this on the
branch, review the change and push it:

    roster retire --due"""
_ANNOUNCED = """\
### Retirements

This branch has the retirements that `roster retire --due` announces."""
_NOT_ANNOUNCED = "These models end at their provider soon, and are not retired:"


def new_findings(before: Iterable[Any], after: Iterable[Any]) -> list[Any]:
    """Return the diagnostics of `roster check --format json` that were not reported before, errors first."""
    known = Counter(map(_identity, before))
    findings = []
    for finding in after:
        known[_identity(finding)] -= 1
        if known[_identity(finding)] < 0:
            findings.append(finding)
    return sorted(findings, key=lambda finding: SEVERITIES.index(finding["severity"]))


def title(findings: Sequence[Any]) -> str:
    """Return the title of the merge request."""
    counts = Counter(finding["severity"] for finding in findings)
    parts = [counted(counts[name], f"new {name}") for name in SEVERITIES if counts[name]]
    return f"Update provider facts ({', '.join(parts)})" if parts else "Update provider facts"


def describe(facts: str, findings: Sequence[Any], messages: str | None, impact: str | None) -> str:
    """Return the description.

    Args:
        facts: the changes of the facts, as Markdown of `roster providers update`.
        findings: the new findings of `roster check`.
        messages: of `roster retire --due`, if it ran.
        impact: the Markdown of `roster diff`, if the branch changes rosters as well.
    """
    parts = [_INTRODUCTION, _shortened(facts.strip()), "### New findings of `roster check`", _findings(findings)]
    if messages is not None:
        parts += _retirements(messages, impact)
    elif findings:
        parts += [_NEXT_STEP]
    return without_quick_actions("\n\n".join(filter(None, parts)))


def _retirements(messages: str, impact: str | None) -> list[str]:
    parts = [_ANNOUNCED, impact.strip()] if impact else []
    if undecided := [line for line in messages.splitlines() if line.startswith("not retired in ")]:
        parts += [_NOT_ANNOUNCED, _list([code(line[:MAX_TEXT]) for line in undecided])]
    return parts


def _identity(finding: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(finding[name] for name in ("rule", "path", "model", "key", "message"))


def _findings(findings: Sequence[Any]) -> str:
    return _list([_finding(finding) for finding in findings]) if findings else "None."


def _finding(finding: Mapping[str, Any]) -> str:
    place = f"{finding['path']}:{finding['start']['line']}:{finding['start']['column']}"
    texts = [f"**{finding['severity']}**: {_text(finding['message'])} ({code(finding['rule'])})"]
    texts += [_text(finding[name]) for name in ("note", "hint") if finding[name]]
    return "<br>".join([*texts, code(place)])


def _text(text: str) -> str:
    return escaped(text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…")


def _list(items: Iterable[str]) -> str:
    """Return a list. Each item is one line that starts with a dash, so that no text starts a line or a block."""
    return _shortened("\n".join(f"- {item}" for item in items))


def _shortened(section: str) -> str:
    """Return as many lines as fit, and the number of the others."""
    lines = section.splitlines()
    fitting = bisect_right(list(accumulate(len(line) + 1 for line in lines)), MAX_SECTION)
    omitted = len(lines) - fitting
    return "\n".join(lines[:fitting] + ([f"- {counted(omitted, 'more line')}"] if omitted else []))
