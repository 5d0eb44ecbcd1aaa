"""One attempt of a delivery: a POST request with a deadline, without redirects."""

from collections.abc import Mapping
from typing import NamedTuple

from roster.download.deadline import Deadline, run_with_deadline
from roster.download.http_client import HttpClient
from roster.download.rejection import Rejected
from roster.settings.secret import Secret
from roster.settings.urls import parse_origin

DEADLINE_SECONDS = 10.0
_GONE = 410
"""The specification's status of a receiver that wants no more attempts."""


class Attempt(NamedTuple):
    """The result of an attempt.

    Attributes:
        problem: why it failed, without any part of the URL; empty if it succeeded.
        is_final: whether another attempt is pointless.
        was_answered: whether the receiver answered at all.
    """

    problem: str
    is_final: bool = False
    was_answered: bool = True


def send(
    url: Secret,
    headers: Mapping[str, str],
    body: bytes,
    proxy: Secret | None = None,
    seconds: float = DEADLINE_SECONDS,
) -> Attempt:
    """Send a message once. Every status but 2xx is a failure, and so is a redirect."""

    def post(deadline: Deadline) -> int:
        client = HttpClient(deadline, proxy, tls=parse_origin(url.reveal()).scheme == "https")
        try:
            return client.post(url.reveal(), {"Content-Type": "application/json", **headers}, body)
        finally:
            client.close()

    try:
        status = run_with_deadline(seconds, post)
    except Rejected as rejected:
        late = rejected.reason == "deadline-passed"
        message = rejected.message.replace("source", "receiver").replace("download", "attempt")
        problem = f"no answer within {seconds:g} seconds" if late else message
        return Attempt(problem, was_answered=False)
    if 200 <= status < 300:
        return Attempt("")
    return Attempt(f"the receiver answered {status} (expected 2xx)", is_final=status == _GONE)
