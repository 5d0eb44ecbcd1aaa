"""The results of asking models, and which defaults do not work."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from roster.check.pipeline import Progress
from roster.probe.client import Answers, Ask, Deployment, Limits
from roster.probe.plan import Subject
from roster.probe.questions import GENERAL
from roster.probe.verdict import Result, Verdict


class Probed(NamedTuple):
    """A model with the results of its questions; there is at least one."""

    subject: Subject
    results: Answers

    @property
    def failing_defaults(self) -> tuple[str, ...]:
        """The features that it is a default of and does not work for."""
        failed = {question for question, result in self.results.items() if not result.passes}
        required = self.subject.required
        general = failed.intersection(GENERAL)
        return tuple(
            feature
            for feature in self.subject.default_for
            if general or any(feature in required[question] for question in failed)
        )


def probe(
    selected: Collection[Subject],
    limits: Limits,
    ask: Ask,
    public_names: Iterable[str] = (),
    progress: Progress | None = None,
) -> list[Probed]:
    """Ask models, and return their results. A deployment of several environments is asked once."""
    asked: dict[str, Deployment] = {}
    for each in selected:
        if each.obstacle is None:
            before = asked.setdefault(_key(each), each.deployment).questions
            questions = dict.fromkeys((*before, *each.deployment.questions))
            asked[_key(each)] = each.deployment._replace(questions=tuple(questions))
    answers = dict(zip(asked, ask([*asked.values()], limits, public_names, progress), strict=True)) if asked else {}
    return [
        Probed(each, {_first(each): each.obstacle} if each.obstacle else _own(each, answers[_key(each)]))
        for each in selected
    ]


def _own(subject: Subject, answers: Answers) -> Answers:
    """Return the results of a model's own questions; if none was asked, those of the deployment."""
    own = {question: answers[question] for question in subject.deployment.questions if question in answers}
    return (own or answers) | dict.fromkeys(subject.not_probed, Result(Verdict.NOT_PROBED))


def _first(subject: Subject) -> str:
    return subject.deployment.questions[0]


def _key(subject: Subject) -> str:
    return repr(sorted(subject.deployment.parameters.items()))
