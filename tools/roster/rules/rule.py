"""What a rule is: a name, a severity, the reason for it, two examples, and the function that finds."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from enum import Enum
from typing import Any, NamedTuple, NotRequired, TypedDict, Unpack

from roster.findings import Finding, Pointer, Severity
from roster.registries import Environment, Registries
from roster.roster import Roster
from roster.yaml.document import Document

Example = str | Mapping[str, str]
"""A roster, or one roster for each environment by its name.

Required keys that do not matter are left out of each model, except in the example of missing-key; a name with a slash
is the path of a file. ``before: production`` is what production's roster was before the change that is checked.
"""
BEFORE = "before: "
"""Stands before the name of what an example's change started from."""


class Context(NamedTuple):
    """What a rule may know besides what it checks.

    Attributes:
        today: the day that counts as today.
        schema: the path from a roster to its JSON Schema, where the repository has one of its own.
    """

    registries: Registries
    today: date
    schema: str = ""

    def policy(self, roster: Roster) -> Environment | None:
        """Return the policy of a roster's environment; None for an environment that nobody declared."""
        return self.registries.environments.get(roster.environment)


class Repository(NamedTuple):
    """What rules across files see.

    Attributes:
        steps: the rosters of each two neighbours on the promotion path, where both can be read.
        missing: environments of the promotion path without a roster, with their index in it.
        stale: lists of the roster's schema that differ from the registries, by the pointer of each.
    """

    steps: tuple[tuple[Roster, Roster], ...]
    missing: Mapping[str, int]
    stale: tuple[Pointer, ...]


class Change(NamedTuple):
    """What rules on a change see: the rosters that can be read before and after it, by environment.

    Attributes:
        policies: the environments' policies before it, on which customers rely.
        removed: environments that had a roster before it, and have neither roster nor policy after it.
    """

    before: Mapping[str, Roster]
    policies: Mapping[str, Environment]
    after: Mapping[str, Roster]
    removed: Collection[str]


class Subject(Enum):
    """What a rule searches."""

    LOADER = "the loader, the schema or the check itself finds it"
    DOCUMENT = "one file's text and values"
    ROSTER = "one roster"
    REPOSITORY = "all rosters together"
    CHANGE = "all rosters together, before a change and after it"


class Rule(NamedTuple):
    """One rule.

    Attributes:
        name: kebab case; explains itself.
        subject: what ``check`` searches.
        summary: one line that says what is wrong.
        reason: why it matters to customers, gateways or reviewers.
        remedy: what to do about it.
        bad: an example that the rule finds something in; good: the same, mended.
        schema_decides: no roster that is valid under the schema has this finding, so a valid one is not searched.
        ignorable: a comment in the roster can ignore it. What protects a secret cannot be ignored, nor what would leave
            an artifact that is not valid or an id that is not unique.
    """

    name: str
    subject: Subject
    check: Callable[[Any, Context], Iterable[Finding]]
    severity: Severity
    summary: str
    reason: str
    remedy: str
    bad: Example
    good: Example
    schema_decides: bool = False
    ignorable: bool = True


class Facts(TypedDict):
    """What every rule says about itself."""

    severity: Severity
    summary: str
    reason: str
    remedy: str
    bad: Example
    good: Example
    schema_decides: NotRequired[bool]
    ignorable: NotRequired[bool]


Check = Callable[[Any, Context], Iterable[Finding]]


def document_rule(**facts: Unpack[Facts]) -> Callable[[Callable[[Document, Context], Iterable[Finding]]], Rule]:
    """Make a rule of a function that searches one file's text and values; the function's name becomes the rule's."""
    return _declare(Subject.DOCUMENT, facts)


def roster_rule(**facts: Unpack[Facts]) -> Callable[[Callable[[Roster, Context], Iterable[Finding]]], Rule]:
    """Make a rule of a function that searches one roster; the function's name becomes the rule's."""
    return _declare(Subject.ROSTER, facts)


def repository_rule(**facts: Unpack[Facts]) -> Callable[[Callable[[Repository, Context], Iterable[Finding]]], Rule]:
    """Make a rule of a function that searches all rosters together; the function's name becomes the rule's."""
    return _declare(Subject.REPOSITORY, facts)


def change_rule(**facts: Unpack[Facts]) -> Callable[[Callable[[Change, Context], Iterable[Finding]]], Rule]:
    """Make a rule of a function that compares two versions of all rosters; the function's name becomes the rule's.

    Nobody can ignore it: without something to compare with, no check could tell whether the comment still ignores.
    """
    facts.setdefault("ignorable", False)
    return _declare(Subject.CHANGE, facts)


def loader_rule(name: str, **facts: Unpack[Facts]) -> Rule:
    """Make a rule of what the loader, the schema or the check itself finds; nobody can ignore it."""
    facts.setdefault("ignorable", False)
    return Rule(name, Subject.LOADER, _nothing, **facts)


def _declare(subject: Subject, facts: Facts) -> Callable[[Check], Rule]:
    # what is found in a file's text is left out of its roster, as is what the schema refuses: nothing can be made of it
    facts.setdefault("ignorable", subject is not Subject.DOCUMENT and not facts.get("schema_decides"))
    return lambda check: Rule(check.__name__.replace("_", "-"), subject, check, **facts)


def _nothing(_subject: Any, _context: Context) -> Iterable[Finding]:
    return ()
