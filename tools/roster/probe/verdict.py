"""Verdicts of the probe on the answer to a question, and on a model as a whole."""

from collections.abc import Collection
from enum import StrEnum
from typing import NamedTuple


class Verdict(StrEnum):
    """The verdict on a question, worst first. ``docs/probing.md`` defines each."""

    NOT_ASKED = "not asked"
    NO_KEY = "no key"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    INVALID_ANSWER = "invalid answer"
    WRONG_MODEL = "wrong model"
    NO_CAPABILITY = "no capability"
    SLOW = "slow"
    WORKS = "works"
    NOT_PROBED = "not probed"


VERDICT_MEANINGS = {
    Verdict.WORKS: "answered in time, as the model that was asked",
    Verdict.SLOW: "answered after more than --slow seconds, or not before the deadline",
    Verdict.NO_CAPABILITY: "answered, but without what a feature requires, such as a tool call",
    Verdict.WRONG_MODEL: "answered, but the answer names another model",
    Verdict.INVALID_ANSWER: "answered with status 200, but not with a complete, non-empty answer",
    Verdict.REFUSED: "answered with an HTTP error; its status and class are shown",
    Verdict.UNREACHABLE: "no HTTP answer: no such host, no connection, invalid certificate",
    Verdict.NO_KEY: "the variable of its key is empty or not set; nothing is sent",
    Verdict.NOT_ASKED: "its deployment has an error, or the deadline came before its turn",
    Verdict.NOT_PROBED: "no small request shows whether it has this capability",
}
"""What each verdict means, as ``--help`` shows it."""


class Result(NamedTuple):
    """The verdict on the answer to one question.

    Attributes:
        reason: a class of errors, or the variable that is not set; never text of a provider.
        status: the HTTP status of a refusal.
        seconds: how long the answer took; None without an answer.
        answered_as: the model that the answer names instead; empty if that name is not a public one.
    """

    verdict: Verdict
    reason: str = ""
    status: int | None = None
    seconds: float | None = None
    answered_as: str = ""

    @property
    def passes(self) -> bool:
        """Whether nothing is wrong: the answer is right, even if it is slow, or this cannot be probed."""
        return self.verdict in (Verdict.WORKS, Verdict.NOT_PROBED) or (
            self.verdict is Verdict.SLOW and self.seconds is not None
        )

    @property
    def allows_others(self) -> bool:
        """Whether there was an answer, so that other questions make sense."""
        return self.passes or self.verdict is Verdict.WRONG_MODEL

    @property
    def detail(self) -> str:
        """The verdict's details in a few words."""
        if self.verdict is Verdict.WORKS:
            return f"{self.seconds or 0:.1f} s"
        if self.verdict is Verdict.SLOW and self.seconds is not None:
            return f"answered in {self.seconds:.1f} s"
        if self.verdict is Verdict.WRONG_MODEL:
            return f"answers as {self.answered_as or 'another model'}"
        return ", ".join(filter(None, (str(self.status or ""), self.reason)))


def worst(results: Collection[Result]) -> Result:
    """Return the result with the worst verdict; of those, the slowest."""
    order = list(Verdict)
    return min(results, key=lambda result: (order.index(result.verdict), -(result.seconds or 0)))
