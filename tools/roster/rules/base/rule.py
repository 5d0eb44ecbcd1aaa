"""The definition of a rule, what a rule gets to check, and the decorators that declare one."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from roster.findings import Finding, Pointer, Severity
from roster.model import ReleaseState
from roster.registries import Environment, Registries
from roster.roster import Roster
from roster.yaml.document import Document

if TYPE_CHECKING:  # only changes need these
    from roster.rules.base.identity import FormerModels
    from roster.rules.base.promotion_path import TrialStart

Example = str | Mapping[str, str]
"""A roster, or several files: each text by the name of its environment, or by its path (a name with a slash).

Models leave out the required keys that do not matter to the rule, except in the example of ``missing-key``.
An empty text stands for a missing file. ``before: production`` is production's roster before the checked change.
"""
BEFORE = "before: "
"""The prefix of the names of an example's files before the change."""
_UNDECLARED = Environment("", tuple(ReleaseState), tuple(ReleaseState), retirement_notice_days=0)


class Context(NamedTuple):
    """The facts that a rule may use in addition to what it checks.

    Attributes:
        today: the date to check for; rules never read the clock.
        schema: the relative path from a roster to its JSON Schema; empty where the repository has none of its own.
        invalid: the indexes of the models of the checked roster that its JSON Schema rejects.
        before: the rosters before the checked change, by environment; empty without a change.
    """

    registries: Registries
    today: date
    schema: str = ""
    invalid: Collection[int] = ()
    before: Mapping[str, Roster] = MappingProxyType({})

    def policy(self, roster: Roster) -> Environment:
        """Return the policy of a roster's environment; of an undeclared one, a policy that allows everything."""
        return self.registries.environments.get(roster.environment, _UNDECLARED)


class RepositoryView(NamedTuple):
    """What a repository rule checks.

    Attributes:
        steps: the readable pairs of rosters that are neighbors on the promotion path, source first.
        missing: the environments of the promotion path that have no roster, with their index in the path.
        stale: the pointers of the lists in the roster's schema that differ from the registries.
    """

    steps: tuple[tuple[Roster, Roster], ...]
    missing: Mapping[str, int]
    stale: tuple[Pointer, ...]


class ChangeView(NamedTuple):
    """What a change rule checks: the readable rosters before and after the change, by environment.

    Attributes:
        policies: the policies before the change; customers rely on these.
        removed: the environments that lost both their roster and their policy.
        trial_start: returns since when, according to the commits before the change, an environment has offered a model.
        former_models: returns the models that last had some ids, according to these commits.
        today: the date to judge the change for; never later than the actual one.
    """

    before: Mapping[str, Roster]
    policies: Mapping[str, Environment]
    after: Mapping[str, Roster]
    removed: Collection[str]
    trial_start: "TrialStart"
    former_models: "FormerModels"
    today: date


class Subject:
    """What a rule checks. Plain texts, because an enum would delay every start."""

    EXTERNAL = "nothing: the loader, the schema validator or the check pipeline reports the finding"
    DOCUMENT = "the text and values of one file"
    ROSTER = "one roster"
    REPOSITORY = "all rosters together"
    CHANGE = "all rosters before and after a change"


T = TypeVar("T")
Check = Callable[[T, Context], Iterable[Finding]]


class Rule(NamedTuple):
    """A rule: its check and its documentation.

    Attributes:
        name: a kebab-case name that explains itself.
        check: returns the findings; each carries the rule's name.
        summary: what is wrong, in one line.
        reason: why it matters to customers, gateways or reviewers.
        remedy: what to do about it.
        bad: an example with a finding.
        good: the same example, fixed.
        schema_decides: whether the schema rejects every model with this finding; only models that it rejects are then
            checked.
        ignorable: whether a suppression comment can suppress the rule. Rules that protect secrets, unique ids or the
            validity of artifacts cannot be suppressed.
        family: the name of the module that declares it; set in the catalog of rules.
    """

    name: str
    subject: str
    check: Check[Any]
    summary: str
    reason: str
    remedy: str
    bad: Example
    good: Example
    severity: Severity = Severity.ERROR
    schema_decides: bool = False
    ignorable: bool = True
    family: str = ""


if TYPE_CHECKING:  # defining it would delay every start
    from typing import NotRequired, TypedDict, Unpack

    class Metadata(TypedDict):
        """The arguments of a declaration, as ``Rule`` documents them."""

        summary: str
        reason: str
        remedy: str
        bad: Example
        good: Example
        severity: NotRequired[Severity]
        schema_decides: NotRequired[bool]
        ignorable: NotRequired[bool]


def document_rule(**metadata: "Unpack[Metadata]") -> Callable[[Check[Document]], Rule]:
    """Declare a rule on the text and values of one file, named after the decorated function."""
    return _declare(Subject.DOCUMENT, metadata)


def roster_rule(**metadata: "Unpack[Metadata]") -> Callable[[Check[Roster]], Rule]:
    """Declare a rule on one roster, named after the decorated function."""
    return _declare(Subject.ROSTER, metadata)


def repository_rule(**metadata: "Unpack[Metadata]") -> Callable[[Check[RepositoryView]], Rule]:
    """Declare a rule on all rosters together, named after the decorated function."""
    return _declare(Subject.REPOSITORY, metadata)


def change_rule(**metadata: "Unpack[Metadata]") -> Callable[[Check[ChangeView]], Rule]:
    """Declare a rule on a change of the rosters, named after the decorated function."""
    return _declare(Subject.CHANGE, metadata)


def external_rule(name: str, **metadata: "Unpack[Metadata]") -> Rule:
    """Declare a rule that the loader, the schema validator or the check pipeline reports."""
    metadata.setdefault("ignorable", False)
    return Rule(name, Subject.EXTERNAL, lambda _value, _context: (), **metadata)


def _declare(subject: str, metadata: "Metadata") -> Callable[[Check[Any]], Rule]:
    # A roster leaves out values with findings on a document or by the schema, so nothing can be rendered from them; a
    # removed model has no place for a suppression comment.
    can_be_ignored = subject in (Subject.ROSTER, Subject.REPOSITORY) and not metadata.get("schema_decides")
    metadata.setdefault("ignorable", can_be_ignored)

    def declare(function: Check[Any]) -> Rule:
        name = function.__name__.replace("_", "-")

        def check(value: Any, context: Context) -> Iterator[Finding]:
            for finding in function(value, context):
                yield finding._replace(rule=name)

        return Rule(name, subject, check, **metadata)

    return declare
