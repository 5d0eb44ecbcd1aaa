"""Verdicts on answers and errors. No text of a provider, or of an error, reaches a result: both may contain a key."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from roster.probe.model_names import is_same_model, public_spelling
from roster.probe.questions import EMBEDDINGS, GENERAL, QUESTIONS, Unclear, is_empty
from roster.probe.verdict import Result, Verdict

_ENDED = r"deprecated|has been retired|no longer (?:available|supported)"
_CLASSES = (
    (rf"end.of.(?:its.)?life|decommission|(?:model|deployment).{{0,80}}(?:{_ENDED})", "ended at the provider"),
    (r"on-demand throughput", "needs an inference profile"),
    (r"insufficient_quota|exceeded your current quota|billing|credit balance|payment", "quota"),
    (r"(?:don't|do not) have access to the model|not authorized to (?:perform|access)", "no access to the model"),
    (r"(?:model|deployment).{0,120}(?:not[ _-]?(?:be )?found|not exist|unknown|invalid(?!_request))", "unknown model"),
    (r"(?:model|deployment)\W{1,3}\S{1,100} is not (?:supported|available)", "unknown model"),
    (r"(?:unknown|invalid(?!_request)|no such|unsupported).{0,20}(?:model|deployment)", "unknown model"),
)
"""What the text of a refusal means, in this order."""
_CLASS_OF_STATUS = {
    400: "bad request",
    401: "unauthorized",
    402: "quota",
    403: "forbidden",
    404: "unknown model or endpoint",
    405: "unknown endpoint",
    410: "ended at the provider",
    422: "bad request",
    429: "rate limit",
    503: "overloaded",
    529: "overloaded",
}
_AMBIGUOUS = (400, 403, 404, 410, 422, 429)
"""The statuses whose meaning depends on the text."""
_REJECTS_PARAMETERS = (400, 404, 405, 415, 422, 501)
"""A deployment that answers a plain question refuses one for a capability with these if it lacks the capability."""
_CONNECTION_ERRORS = (
    (r"certificate|\bssl|\btls", "TLS error"),
    (r"name or service|name resolution|nodename|getaddrinfo|no address associated", "host not found"),
    (r"refused", "connection refused"),
    (r"disconnected|closed|reset|protocolerror", "connection closed"),
)
_NO_CREDENTIALS = frozenset(
    {"NoCredentialsError", "PartialCredentialsError", "DefaultCredentialsError", "RefreshError", "ProfileNotFound"}
)
"""Names of errors of botocore and google-auth."""
_UNSUPPORTED = "UnsupportedParamsError"
"""LiteLLM's error for a parameter that it knows a model does not take."""
_LIMIT_REACHED = re.compile(r"max_tokens or model output limit was reached")
"""OpenAI's error if a reasoning model uses all tokens before it answers: then it works."""


def judge(question: str, asked: str, response: Any, public_names: Iterable[str]) -> Result:
    """Return the verdict on an answer that arrived.

    Args:
        asked: the identifier.
        public_names: names of models that may be shown.
    """
    if question == EMBEDDINGS:
        lacks = "" if _has_vector(response) else "empty answer"
    else:
        lacks = "empty answer" if is_empty(response) else ""
    if lacks:
        return Result(Verdict.INVALID_ANSWER, lacks)
    answered = getattr(response, "model", None)
    if isinstance(answered, str) and answered and not is_same_model(asked, answered):
        return Result(Verdict.WRONG_MODEL, answered_as=public_spelling(answered, public_names))
    try:
        lacks = QUESTIONS[question].missing(response)
    except Unclear as unclear:
        return Result(Verdict.NOT_PROBED, str(unclear))
    return Result(Verdict.NO_CAPABILITY, lacks) if lacks else Result(Verdict.WORKS)


def judge_error(question: str, error: BaseException, status: int | None, *, is_sent: bool = True) -> Result:
    """Return the verdict on an error.

    Args:
        status: of the HTTP response, if one arrived.
        is_sent: whether LiteLLM began to send a request.
    """
    chain = list(_chain(error))
    text = " ".join(f"{type(each).__name__} {each}"[:4000] for each in chain)
    if status is None:
        return _connection_error(text) if is_sent else _local_error(chain, text)
    if status < 300:
        return Result(Verdict.INVALID_ANSWER, "not a complete answer")
    if _LIMIT_REACHED.search(text):
        return Result(Verdict.WORKS)
    reason = refusal_class(status, text)
    if question not in GENERAL and status in _REJECTS_PARAMETERS:
        return Result(Verdict.NO_CAPABILITY, f"refused with {status}", status)
    return Result(Verdict.REFUSED, reason, status)


def refusal_class(status: int, text: str) -> str:
    """Return the class of a refusal, from its status and its text."""
    if status in _AMBIGUOUS:
        for pattern, name in _CLASSES:
            if re.search(f"(?is){pattern}", text):
                return name
    if 300 <= status < 400:
        return "redirect"
    return _CLASS_OF_STATUS.get(status, "provider error" if status >= 500 else "refused")


def _local_error(chain: list[BaseException], text: str) -> Result:
    names = {type(each).__name__ for each in chain}
    if _UNSUPPORTED in names:
        return Result(Verdict.NO_CAPABILITY, "LiteLLM does not send it to this model")
    if names & _NO_CREDENTIALS:
        return Result(Verdict.NO_KEY, "no valid credentials of the cloud")
    if missing := next((each for each in chain if isinstance(each, ModuleNotFoundError)), None):
        name = "google-auth[requests]" if "google" in f"{missing.name}{text}".lower() else missing.name
        return Result(Verdict.NOT_ASKED, f"needs the Python package {name}")
    if any(isinstance(each, OSError) for each in chain):
        return _connection_error(text)  # to a server that gives out credentials
    return Result(Verdict.NOT_ASKED, "LiteLLM rejects its keys or settings")


def _connection_error(text: str) -> Result:
    names = (name for pattern, name in _CONNECTION_ERRORS if re.search(pattern, text, re.IGNORECASE))
    return Result(Verdict.UNREACHABLE, next(names, "connection failed"))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and its causes."""
    seen = set[int]()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _has_vector(response: Any) -> bool:
    data = getattr(response, "data", None) or []
    first = data[0] if data else None
    vector = first.get("embedding") if isinstance(first, dict) else getattr(first, "embedding", None)
    return bool(vector)
