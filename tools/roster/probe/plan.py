"""Selection of the models to ask, and of their questions."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from roster.check.result import CheckResult
from roster.findings import Severity
from roster.model import Model
from roster.probe.client import Deployment
from roster.probe.questions import ANSWER, EMBEDDINGS, QUESTIONS, STREAMING
from roster.probe.verdict import Result, Verdict
from roster.providers import host_of
from roster.registries import Registries
from roster.render.litellm_config import deployment_parameters
from roster.roster import Roster, roster_path

_DEPLOYMENT_KEYS = ("", "identifier", "endpoint", "api-key", "gateway")
"""The keys that decide where a request goes; empty for the model as a whole."""
_FOREIGN_HOST = "endpoint-mismatch"
"""The rule that warns of an endpoint at a host of another provider, which would get the key."""
_REFUSED_BY_PROVIDERS = ("offered-after-provider-end", "needs-inference-profile")
"""The rules on identifiers that providers refuse, which a probe shows: they need not keep it from asking."""
_OTHER_TARGETS = ("base_url", "mock_response", "mock_tool_calls", "mock_timeout")
"""Parameters with which LiteLLM would ask another server than the endpoint, or none."""
_LOOPBACK = re.compile(r"localhost|127\.[0-9.]+|::1")
"""Hosts of this machine: they are asked although rosters may not have them, so that one can try a local server."""


class Subject(NamedTuple):
    """A model to ask in an environment.

    Attributes:
        default_for: the features that it is a default of today.
        required: the capabilities that its features require, with these features.
        deployment: how to reach it, and what to ask.
        obstacle: why it is not asked; None if it is.
    """

    environment: str
    model: Model
    default_for: tuple[str, ...]
    required: Mapping[str, tuple[str, ...]]
    deployment: Deployment
    obstacle: Result | None = None

    @property
    def not_probed(self) -> tuple[str, ...]:
        """The required capabilities that no question covers."""
        return tuple(name for name in self.required if name not in QUESTIONS)


def subjects(
    result: CheckResult, environments: Iterable[str], today: date, environ: Mapping[str, str]
) -> Iterator[Subject]:
    """Yield the models that environments offer today, in the order of their rosters."""
    errors = _errors(result)
    for name in environments:
        roster = result.rosters[name]
        for model in roster:
            if features := model.offered_features(today):
                subject = _subject(roster, model, features, result.registries, today)
                obstacle = _obstacle(subject, errors[roster.path, model.id], environ)
                yield subject._replace(obstacle=obstacle)


def changed(subject: Subject, base: Roster | None, registries: Registries, today: date) -> bool:
    """Return whether the answers to a model's questions may differ from those of its earlier version."""
    model = base.by_id.get(subject.model.id) if base else None
    if base is None or model is None:
        return True
    before = _subject(base, model, model.offered_features(today), registries, today)
    return (before.deployment, before.model.capabilities, before.model.features, before.default_for) != (
        subject.deployment, subject.model.capabilities, subject.model.features, subject.default_for
    )  # fmt: skip


def _subject(roster: Roster, model: Model, features: Iterable[str], registries: Registries, today: date) -> Subject:
    required: dict[str, tuple[str, ...]] = {}
    for feature in features:
        for capability in registries.features[feature].requires if feature in registries.features else ():
            required[capability] = (*required.get(capability, ()), feature)
    general = (EMBEDDINGS,) if EMBEDDINGS in (*required, *model.capabilities) else (ANSWER, STREAMING)
    questions = dict.fromkeys((*general, *(name for name in required if name in QUESTIONS)))
    default_for = tuple(each for each in model.default_for if model.id in roster.default_shares(each, today))
    deployment = Deployment(deployment_parameters(model), tuple(questions))
    return Subject(roster.environment, model, default_for, required, deployment)


def _obstacle(subject: Subject, errors: Mapping[str, str], environ: Mapping[str, str]) -> Result | None:
    """Return why nothing is sent, if so: an invalid deployment must not receive a key.

    Args:
        errors: a rule that reports an error, by key of the model.
    """
    parameters, is_local = subject.deployment.parameters, _LOOPBACK.fullmatch(host_of(subject.model.endpoint or ""))
    rules = [rule for key, rule in errors.items() if key in _DEPLOYMENT_KEYS and not (is_local and key == "endpoint")]
    if rules:
        return Result(Verdict.NOT_ASKED, f"roster check reports {rules[0]}")
    if target := next((name for name in _OTHER_TARGETS if name in parameters), ""):
        return Result(Verdict.NOT_ASKED, f"gateway.litellm_params has {target}")
    for name in subject.deployment.variables:
        if not environ.get(name):
            return Result(Verdict.NO_KEY, f"{name} is not set")
    key = environ.get(subject.model.api_key or "", "")
    if "api_key" in parameters and not (key.isascii() and key.isprintable() and " " not in key):
        return Result(Verdict.NO_KEY, f"{subject.model.api_key} contains characters that no key has")
    return None


def _errors(result: CheckResult) -> defaultdict[tuple[str, str], dict[str, str]]:
    """Return a rule that forbids to send a key, for each key of each model, by path and id."""
    rules: defaultdict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for each in result.diagnostics:
        is_error = each.severity is Severity.ERROR and each.rule not in _REFUSED_BY_PROVIDERS
        if each.model and (is_error or each.rule == _FOREIGN_HOST):
            rules[each.path, each.model].setdefault(each.key.partition(".")[0], each.rule)
    return rules


def incomplete_rosters(result: CheckResult, environments: Iterable[str]) -> list[str]:
    """Return the paths of rosters that cannot be read, or not in full."""
    rosters = {name: result.rosters.get(name) for name in environments}
    return [roster_path(name) for name, each in rosters.items() if not each or not each.models or not each.complete]
