"""Restrictions of the HTTP client that LiteLLM uses: a key reaches its endpoint's host only, and answers are short."""

from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from threading import local
from typing import Any

_HTTP_CLIENTS = ("httpx", "httpx2")
"""The client of LiteLLM and of the packages that it uses, and its successor."""
_MAX_BYTES = 1 << 20
"""Of an answer, as it arrives."""


class Transfer(local):
    """The requests that this thread may send, and their state.

    Attributes:
        host: the only host that it may send requests to.
        is_sent: whether it began to send one.
        status: the status of the last response.
    """

    host: str | None = None
    is_sent: bool = False
    status: int | None = None


def restrict_requests(transfer: Transfer) -> None:
    """Make LiteLLM's HTTP client send keys to the deployment's host only, and read no endless answer.

    The client follows redirects, and would send a header such as ``x-api-key`` to another host. The status of the last
    response is recorded, because LiteLLM's errors have one even if none arrived.
    """
    for name in filter(find_spec, _HTTP_CLIENTS):
        _restrict_client(import_module(name), transfer)


def _restrict_client(httpx: Any, transfer: Transfer) -> None:
    send: Callable[..., Any] = httpx.Client.send

    class LimitedStream(httpx.SyncByteStream):  # type: ignore[misc]
        def __init__(self, stream: Any) -> None:
            self._stream = stream

        def __iter__(self) -> Iterator[bytes]:
            size = 0
            for chunk in self._stream:
                size += len(chunk)
                if size > _MAX_BYTES:
                    raise httpx.ReadError("the answer is too long")
                yield chunk

        def close(self) -> None:
            self._stream.close()

    def restricted(client: Any, request: Any, *, stream: bool = False, **options: Any) -> Any:
        if request.url.host.rstrip(".") != transfer.host:
            raise httpx.ConnectError("not the host of the deployment")
        transfer.is_sent = True
        request.headers["accept-encoding"] = "identity"
        options["follow_redirects"] = False
        response = send(client, request, stream=True, **options)
        transfer.status = response.status_code
        response.stream = LimitedStream(response.stream)
        if not stream:
            response.read()
        return response

    httpx.Client.send = restricted
