"""Verdicts on answers and errors, with objects such as LiteLLM's."""

from types import SimpleNamespace
from typing import Any

import pytest

from roster.probe.answers import judge, judge_error, refusal_class
from roster.probe.verdict import Result, Verdict

ASKED = "openai/gpt-4o"
CANARY = "sk-canary-in-a-text-0123456789"


def answer(content: str | None = "hello", reason: str = "stop", model: str = "gpt-4o", **message: Any) -> Any:
    message = {"content": content, "tool_calls": None, "reasoning_content": None} | message
    choice = SimpleNamespace(message=SimpleNamespace(**message), finish_reason=reason)
    return SimpleNamespace(choices=[choice], model=model)


class NoCredentialsError(Exception):
    """Like botocore's."""


class UnsupportedParamsError(Exception):
    """Like LiteLLM's."""


def chained(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("question", "response", "expected"),
    [
        ("answer", answer(), Result(Verdict.WORKS)),
        ("answer", answer(""), Result(Verdict.INVALID_ANSWER, "empty answer")),
        ("answer", SimpleNamespace(choices=[]), Result(Verdict.INVALID_ANSWER, "empty answer")),
        ("answer", answer("", "length"), Result(Verdict.WORKS)),  # all its tokens were reasoning
        ("answer", answer(model="gpt-4o-mini"), Result(Verdict.WRONG_MODEL, answered_as="gpt-4o-mini")),
        ("answer", answer(model=CANARY), Result(Verdict.WRONG_MODEL)),
        ("tools", answer(None, tool_calls=["call"]), Result(Verdict.WORKS)),
        ("tools", answer(), Result(Verdict.NO_CAPABILITY, "answered without a tool call")),
        ("tools", answer(reason="length", tool_calls=None), Result(Verdict.NOT_PROBED, "the answer was cut off")),
        ("vision", answer("It is Red."), Result(Verdict.WORKS)),
        ("vision", answer("I rendered nothing."), Result(Verdict.NO_CAPABILITY, "does not see the image")),
        ("structured_output", answer('{"number": 7}'), Result(Verdict.WORKS)),
        ("structured_output", answer("7"), Result(Verdict.NO_CAPABILITY, "the answer does not follow the JSON Schema")),
        ("reasoning", answer(reasoning_content="Hm"), Result(Verdict.WORKS)),
        ("reasoning", answer(), Result(Verdict.NOT_PROBED, "the answer shows no reasoning")),
        ("fim", SimpleNamespace(choices=[SimpleNamespace(text="a + b", finish_reason="stop")]), Result(Verdict.WORKS)),
        ("embeddings", SimpleNamespace(data=[{"embedding": [0.1]}]), Result(Verdict.WORKS)),
        ("embeddings", SimpleNamespace(data=[]), Result(Verdict.INVALID_ANSWER, "empty answer")),
    ],
)
def test_answer(question: str, response: Any, expected: Result):
    assert judge(question, ASKED, response, ["gpt-4o-mini"]) == expected


@pytest.mark.parametrize(
    ("question", "error", "status", "expected"),
    [
        ("answer", Exception(CANARY), 401, Result(Verdict.REFUSED, "unauthorized", 401)),
        ("tools", Exception("tools are not supported"), 400, Result(Verdict.NO_CAPABILITY, "refused with 400", 400)),
        ("tools", Exception(CANARY), 500, Result(Verdict.REFUSED, "provider error", 500)),
        ("tools", UnsupportedParamsError(CANARY), None,
         Result(Verdict.NO_CAPABILITY, "LiteLLM does not send it to this model")),
        ("answer", Exception(CANARY), 200, Result(Verdict.INVALID_ANSWER, "not a complete answer")),
        ("answer", Exception("max_tokens or model output limit was reached"), 400, Result(Verdict.WORKS)),
        ("answer", chained(Exception(), NoCredentialsError(CANARY)), None,
         Result(Verdict.NO_KEY, "no valid credentials of the cloud")),
        ("answer", ModuleNotFoundError(name="google"), None,
         Result(Verdict.NOT_ASKED, "needs the Python package google-auth[requests]")),
        ("answer", OSError("[Errno -2] Name or service not known"), None,
         Result(Verdict.UNREACHABLE, "host not found")),
        ("answer", OSError("certificate verify failed"), None, Result(Verdict.UNREACHABLE, "TLS error")),
        ("answer", Exception(CANARY), None, Result(Verdict.UNREACHABLE, "connection failed")),
        ("answer", ValueError(CANARY), None, Result(Verdict.NOT_ASKED, "LiteLLM rejects its keys or settings")),
    ],
)  # fmt: skip
def test_error(question: str, error: Exception, status: int | None, expected: Result):
    is_sent = expected.verdict in (Verdict.UNREACHABLE, Verdict.REFUSED, Verdict.INVALID_ANSWER)
    assert judge_error(question, error, status, is_sent=is_sent) == expected


def test_classes_of_refusals():
    expected = {
        (404, "The model `x` does not exist"): "unknown model",
        (404, "404 page not found"): "unknown model or endpoint",
        (400, "The provided model identifier is invalid."): "unknown model",
        (400, "Invocation with on-demand throughput isn't supported"): "needs an inference profile",
        (404, "This model version has reached the end of its life."): "ended at the provider",
        (403, "You don't have access to the model with the specified model ID."): "no access to the model",
        (429, "You exceeded your current quota"): "quota",
        (400, "Model meta/llama-9 is not supported"): "unknown model",
        (400, "Invalid model name passed in model=x"): "unknown model",
        (404, "The API deployment for this resource does not exist."): "unknown model",
        (400, "'max_tokens' is not supported with this model. invalid_request_error"): "bad request",
        (400, "model: claude, messages: roles must alternate. invalid_request_error"): "bad request",
        (400, "Your credit balance is too low"): "quota",
        (400, "'temperature' is deprecated for this model"): "bad request",
        (404, "The model `x` has been deprecated"): "ended at the provider",
        (429, "slow down"): "rate limit",
        (307, ""): "redirect",
        (418, ""): "refused",
        (529, ""): "overloaded",
    }
    assert {key: refusal_class(*key) for key in expected} == expected
