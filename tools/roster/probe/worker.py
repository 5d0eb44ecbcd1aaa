"""The child process that asks the questions, with LiteLLM.

It reads the task as one line of JSON from standard input, and writes a line of JSON for each start of a question and
each result. LiteLLM runs in a process of its own for three reasons: it prints requests and answers to standard output
and error, which are discarded here; a provider that never answers cannot hold the command, which kills this process
at the deadline; and its settings come from environment variables, of which this process gets only harmless ones.
"""

import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from threading import Lock, Semaphore, Thread, Timer
from time import monotonic
from typing import Any, NamedTuple, TextIO

from roster.probe.answers import judge, judge_error
from roster.probe.questions import ANSWER, QUESTIONS, STREAMING
from roster.probe.restricted_requests import Transfer, restrict_requests
from roster.probe.verdict import Result, Verdict
from roster.render.litellm_config import REFERENCE_PREFIX

_LEFT_OUT = frozenset(
    {
        *("messages", "max_completion_tokens", "n", "stream", "stream_options", "tools", "response_format", "suffix"),
        *("fallbacks", "callbacks", "success_callback", "failure_callback", "cache", "caching", "logger_fn"),
    }
)
"""Parameters in ``gateway.litellm_params`` that change the questions, or what happens to their answers."""
_WITHOUT_MCP = {"_skip_mcp_handler": True}
"""Keeps LiteLLM from looking for MCP servers among the tools, which takes packages that only its proxy needs."""
_NO_RETRIES = {"num_retries": 0, "max_retries": 0}


class _Task(NamedTuple):
    """The task, as the parent process sends it."""

    jobs: int
    slow_seconds: float
    deadline_seconds: float
    public_names: list[str]
    deployments: list[dict[str, Any]]


def run() -> None:
    """Ask all questions and end the process: the entry point of the child process."""
    output = _private_output()
    task = _Task(**json.loads(sys.stdin.readline()))
    Thread(target=_exit_with_parent, daemon=True).start()
    try:
        litellm = _litellm()
        transfer = Transfer()
        restrict_requests(transfer)
        _warm_up(litellm)
    except Exception as error:  # a broken installation
        _write(output, {"failed": getattr(error, "name", None) or type(error).__name__})
        os._exit(1)
    _write(output, {"ready": True})
    names = [*task.public_names, *litellm.model_cost]
    slots, threads = Semaphore(task.jobs), []
    for number, deployment in enumerate(task.deployments):
        slot = _Slot(slots)  # waits for its turn
        run_one = _Interview(number, deployment, task, names, litellm, transfer, slot, output).run
        threads.append(Thread(target=run_one, daemon=True))
        threads[-1].start()
    for thread in threads:
        thread.join()
    os._exit(0)  # threads of LiteLLM may still wait for something


class _Interview(NamedTuple):
    """The questions to one deployment, and what is needed to ask them."""

    number: int
    content: Mapping[str, Any]
    task: _Task
    public_names: list[str]
    litellm: Any
    transfer: Transfer
    slot: "_Slot"
    output: TextIO

    def run(self) -> None:
        """Ask one question after the other; the first must be answered."""
        try:
            for position, question in enumerate(self.content["questions"]):
                _write(self.output, {"deployment": self.number, "question": question})
                result = self._timed(question)
                _write(self.output, {"deployment": self.number, "question": question, "result": list(result)})
                if position == 0 and not result.allows_others:
                    return
        finally:
            self.slot.release()
            _write(self.output, {"deployment": self.number})

    def _timed(self, question: str) -> Result:
        # A question that takes long does not keep others from being asked.
        timer = Timer(self.task.slow_seconds, self.slot.release)
        timer.daemon = True
        timer.start()
        start = monotonic()
        try:
            result = self._ask(question)
        finally:
            timer.cancel()
        seconds = monotonic() - start
        if result.verdict is Verdict.WORKS and seconds > self.task.slow_seconds:
            result = result._replace(verdict=Verdict.SLOW)
        return result._replace(seconds=round(seconds, 3))

    def _ask(self, question: str) -> Result:
        parameters = self.content["parameters"].items()
        parameters = {name: _resolved(value) for name, value in parameters if name not in _LEFT_OUT}
        call = QUESTIONS[question]
        self.transfer.host, self.transfer.is_sent, self.transfer.status = self.content["host"], False, None
        try:
            function = getattr(self.litellm, call.call)
            arguments = parameters | _NO_RETRIES | {"timeout": self.task.deadline_seconds} | dict(call.arguments)
            arguments |= _WITHOUT_MCP if "tools" in arguments else {}
            response = function(**arguments)
            if question == STREAMING:
                return _judge_stream(response)
            return judge(question, parameters["model"], response, self.public_names)
        except Exception as error:
            return judge_error(question, error, self.transfer.status, is_sent=self.transfer.is_sent)


class _Slot:
    """One of the questions that may be asked at the same time; released once."""

    def __init__(self, slots: Semaphore) -> None:
        self._slots, self._lock, self._is_taken = slots, Lock(), True
        slots.acquire()

    def release(self) -> None:
        with self._lock:
            if self._is_taken:
                self._is_taken = False
                self._slots.release()


def _judge_stream(stream: Any) -> Result:
    """Read a streamed answer to its end. LiteLLM adds a reason for the end if the provider sent none."""
    has_content = False
    for chunk in stream:
        delta = chunk.choices[0].delta if chunk.choices else None
        texts = (getattr(delta, name, None) for name in ("content", "reasoning_content", "tool_calls"))
        has_content = has_content or any(texts)
    # Which attribute has the provider's reason depends on the provider.
    reasons = (getattr(stream, name, None) for name in ("received_finish_reason", "intermittent_finish_reason"))
    reason = next(filter(None, reasons), None)
    if reason is None:
        return Result(Verdict.INVALID_ANSWER, "the stream ended early" if has_content else "not a complete answer")
    if not has_content and reason != "length":
        return Result(Verdict.INVALID_ANSWER, "empty answer")
    return Result(Verdict.WORKS)


def _resolved(value: Any) -> Any:
    """Return a parameter's value as LiteLLM's proxy reads it."""
    is_reference = isinstance(value, str) and value.startswith(REFERENCE_PREFIX)
    return os.environ.get(value.removeprefix(REFERENCE_PREFIX), "") if is_reference else value


def _litellm() -> Any:
    """Import LiteLLM, without anything else that it would report or request."""
    litellm: Any = import_module("litellm")  # its types are not checked: it is not installed for development
    litellm.telemetry = False
    litellm.suppress_debug_info = True
    litellm.callbacks, litellm.success_callback, litellm.failure_callback = [], [], []
    litellm.num_retries = 0
    return litellm


def _warm_up(litellm: Any) -> None:
    """Let LiteLLM import what it imports for the first requests, which takes longer than most answers.

    With ``mock_response``, it answers itself.
    """
    with suppress(Exception):
        for name in (ANSWER, STREAMING, "tools"):
            mock = {"model": "openai/gpt-4o", "mock_response": name, **_WITHOUT_MCP}
            list(litellm.completion(**mock, **QUESTIONS[name].arguments))
        # OpenAI's client, which is also that of compatible servers, imports its parts when they are first used.
        import_module("openai").OpenAI(api_key=ANSWER).chat.completions  # noqa: B018


def _private_output() -> TextIO:
    """Return the parent's end of standard output, and discard everything that is printed from now on."""
    output = os.fdopen(os.dup(1), "w", encoding="utf-8")
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    return output


_WRITING = Lock()


def _write(output: TextIO, message: Mapping[str, Any]) -> None:
    with _WRITING:
        output.write(json.dumps(message) + "\n")
        output.flush()


def _exit_with_parent() -> None:
    """End this process when its parent ends, which closes standard input."""
    sys.stdin.read()
    os._exit(0)
