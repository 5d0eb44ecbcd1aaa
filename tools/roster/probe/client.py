"""Asks deployments in a child process with LiteLLM (``worker.py``), which ends at the deadline."""

import json
import os
import selectors
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Any, NamedTuple

from roster.check.pipeline import Progress
from roster.findings import ConfigurationError
from roster.probe.verdict import Result, Verdict
from roster.providers import host_of
from roster.render.litellm_config import REFERENCE_PREFIX

_LOAD_SECONDS = 60
"""How long LiteLLM may take to load, before the deadline of the requests begins: a few seconds on an idle machine."""
_NOT_LOADED = f"LiteLLM did not load within {_LOAD_SECONDS} s"
_START = "import sys; sys.path[:] = sys.argv[1:]; from roster.probe.worker import run; run()"
_PASSED = frozenset(
    {
        *(
            "PATH",
            "HOME",
            "USER",
            "LANG",
            "TZ",
            "TMPDIR",
            "TEMP",
            "TMP",
            "SYSTEMROOT",
            "LD_LIBRARY_PATH",
            "VIRTUAL_ENV",
        ),
        *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy"),
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
        *("AZURE_API_VERSION", "AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_CLIENT_SECRET", "AZURE_AUTHORITY_HOST"),
        *("AZURE_FEDERATED_TOKEN_FILE", "GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_PROJECT", "GCE_METADATA_HOST"),
        *("VERTEXAI_PROJECT", "VERTEX_PROJECT", "CLOUDSDK_CONFIG", "CLOUDSDK_CORE_PROJECT"),
    }
)
"""The environment variables that the child gets in addition to the keys: those of the system, proxies, certificates and
the clouds' own credentials. LiteLLM's are left out, because they could change the target or log requests."""
_PASSED_PREFIXES = ("AWS_", "LC_")
_TARGETS = ("AWS_ENDPOINT_URL", "AWS_BEDROCK_RUNTIME_ENDPOINT")
"""Of these, the ones that would change the target."""
_OFFLINE = ("MODEL_COST_MAP", "ANTHROPIC_BETA_HEADERS", "AUTOROUTER_PRESETS", "BLOG_POSTS", "POLICY_TEMPLATES")
"""The files that LiteLLM would download when it is imported; it ships a copy of each."""


class Deployment(NamedTuple):
    """A deployment to ask.

    Attributes:
        parameters: the arguments of LiteLLM's functions for it, as in the rendered configuration of a proxy.
        questions: the names of the questions; the others are asked only if the first one is answered.
    """

    parameters: Mapping[str, Any]
    questions: tuple[str, ...]

    @property
    def variables(self) -> list[str]:
        """The environment variables that the parameters refer to."""
        values = self.parameters.values()
        return [
            each.removeprefix(REFERENCE_PREFIX)
            for each in values
            if isinstance(each, str) and each.startswith(REFERENCE_PREFIX)
        ]


class Limits(NamedTuple):
    """How long and how many at a time to ask."""

    jobs: int
    slow_seconds: float
    deadline_seconds: float


Answers = dict[str, Result]
"""The results of a deployment by question; those that were not asked are missing."""
Ask = Callable[[Sequence[Deployment], Limits, Iterable[str], Progress | None], list[Answers]]
"""Asks deployments and returns the answers of each, like ``ask``."""


def ask(
    deployments: Sequence[Deployment],
    limits: Limits,
    public_names: Iterable[str],
    progress: Progress | None = None,
) -> list[Answers]:
    """Ask deployments and return the answers of each.

    Raises:
        ConfigurationError: LiteLLM cannot be imported.
    """
    deadline, done = _Deadline(_LOAD_SECONDS), 0
    results: list[dict[str, Result | None]] = [{} for _ in deployments]
    with _child(deployments) as process:
        task = limits._asdict() | {"public_names": list(public_names), "deployments": [*map(_content, deployments)]}
        for message in _messages(process, json.dumps(task).encode() + b"\n", deadline):
            if "failed" in message:
                raise ConfigurationError(f"LiteLLM cannot be imported: {message['failed']} failed; install it again")
            if "ready" in message:
                deadline.restart(limits.deadline_seconds)
            elif "question" in message:
                results[message["deployment"]][message["question"]] = _result(message.get("result"))
            else:
                done += 1
                if progress:
                    progress(done, len(deployments))
    unanswered = Result(Verdict.SLOW, f"no answer within {limits.deadline_seconds:g} s")
    unasked = Result(Verdict.NOT_ASKED, "the deadline came before its turn" if deadline.is_restarted else _NOT_LOADED)
    if deadline.remaining() > 0:
        unanswered = unasked = Result(Verdict.NOT_ASKED, "the process that asks ended")
    return [_completed(each, of_each, unanswered, unasked) for each, of_each in zip(deployments, results, strict=True)]


def _completed(
    deployment: Deployment, results: Mapping[str, Result | None], unanswered: Result, unasked: Result
) -> Answers:
    """Return the results with those of questions that have no answer, or have not been asked although they had to."""
    completed = {question: result or unanswered for question, result in results.items()}
    first = completed.setdefault(deployment.questions[0], unasked)
    others = deployment.questions if first.allows_others else ()
    return completed | {question: unasked for question in others if question not in completed}


class _Deadline:
    """The time at which waiting for the child process ends."""

    def __init__(self, seconds: float) -> None:
        self._ends, self.is_restarted = monotonic() + seconds, False

    def restart(self, seconds: float) -> None:
        self._ends, self.is_restarted = monotonic() + seconds, True

    def remaining(self) -> float:
        return self._ends - monotonic()


def _result(values: list[Any] | None) -> Result | None:
    """Return a result as the child process sends it; None for a question that has only begun."""
    return Result(Verdict(values[0]), *values[1:]) if values else None


def _content(deployment: Deployment) -> dict[str, Any]:
    return deployment._asdict() | {"host": host_of(str(deployment.parameters.get("api_base", "")))}


@contextmanager
def _child(deployments: Iterable[Deployment]) -> Iterator["subprocess.Popen[bytes]"]:
    """Run the child process until the end of the block."""
    path = [folder for folder in sys.path if isinstance(folder, str)]
    with _ended_by_sigterm():
        process = subprocess.Popen(
            [sys.executable, "-c", _START, *path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=child_environment(os.environ, [name for each in deployments for name in each.variables]),
            start_new_session=True,  # Ctrl-C in a terminal concerns the parent only
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream:
                    with suppress(OSError):
                        stream.close()


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Let SIGTERM end the command like an exit, so that the child process ends before it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, _: object) -> None:
        sys.exit(128 + number)

    previous = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)


def child_environment(environ: Mapping[str, str], keys: Iterable[str]) -> dict[str, str]:
    """Return the environment variables of the child process."""
    wanted = _PASSED | set(keys)
    passed = {
        name: value
        for name, value in environ.items()
        if name in wanted or (name.startswith(_PASSED_PREFIXES) and not name.startswith(_TARGETS))
    }
    local = {f"LITELLM_LOCAL_{name}": "True" for name in _OFFLINE}
    # In its other mode, LiteLLM reads a file .env.
    return passed | local | {"LITELLM_MODE": "PRODUCTION", "LITELLM_TELEMETRY": "False"}


def _messages(process: "subprocess.Popen[bytes]", task: bytes, deadline: _Deadline) -> Iterator[dict[str, Any]]:
    """Send the task, and yield the messages of the child process until it ends or the deadline comes."""
    assert process.stdin is not None
    assert process.stdout is not None
    with suppress(BrokenPipeError):
        process.stdin.write(task)
        process.stdin.flush()
    unread = b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while (remaining := deadline.remaining()) > 0:
            if not selector.select(remaining):
                return
            data = os.read(process.stdout.fileno(), 65536)
            if not data:
                return
            *lines, unread = (unread + data).split(b"\n")
            yield from map(json.loads, lines)
