"""A client of a language server: JSON-RPC with a Content-Length header, over standard input and output."""

import json
import queue
import subprocess
import threading
from pathlib import Path
from typing import IO, Any, NamedTuple, Self

Message = dict[str, Any]


class Position(NamedTuple):
    """A position in a document, counted from 0."""

    line: int
    character: int


class LanguageServer:
    """A running server, and the requests that the tests send."""

    def __init__(self, command: list[str]):
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._received: queue.Queue[Message] = queue.Queue()
        threading.Thread(target=self._receive, args=(self._process.stdout,), daemon=True).start()
        self._requests = 0

    def __enter__(self) -> Self:
        hover = {"contentFormat": ["markdown"]}
        self._request("initialize", processId=None, rootUri=None, capabilities={"textDocument": {"hover": hover}})
        self._notify("initialized")
        return self

    def __exit__(self, *_error: object) -> None:
        self._process.kill()
        self._process.communicate()

    def open(self, path: Path) -> list[Message]:
        """Open a file as an editor does, and return its diagnostics."""
        document = {"uri": path.as_uri(), "languageId": "yaml", "version": 1, "text": path.read_text(encoding="utf-8")}
        self._notify("textDocument/didOpen", textDocument=document)
        while True:
            message = self._next()
            if message.get("method") == "textDocument/publishDiagnostics" and message["params"]["uri"] == path.as_uri():
                diagnostics: list[Message] = message["params"]["diagnostics"]
                return diagnostics

    def hover(self, path: Path, position: Position) -> str:
        """Return the hover text of an open file at a position."""
        text: str = self._at("hover", path, position)["contents"]["value"]
        return text

    def completions(self, path: Path, position: Position) -> set[str]:
        """Return the completions of an open file at a position."""
        return {item["label"] for item in self._at("completion", path, position)["items"]}

    def _at(self, request: str, path: Path, position: Position) -> Any:
        return self._request(
            f"textDocument/{request}", textDocument={"uri": path.as_uri()}, position=position._asdict()
        )

    def _request(self, method: str, **params: Any) -> Any:
        self._requests += 1
        self._send({"id": self._requests, "method": method, "params": params})
        while (message := self._next()).get("id") != self._requests:
            pass
        assert "error" not in message, message
        return message["result"]

    def _notify(self, method: str, **params: Any) -> None:
        self._send({"method": method, "params": params})

    def _next(self) -> Message:
        """Return the next message that is not a request; answer requests for settings with nothing."""
        while True:
            message = self._received.get(timeout=60)
            if "method" not in message or "id" not in message:
                return message
            items = message["params"].get("items", []) if isinstance(message.get("params"), dict) else []
            self._send({"id": message["id"], "result": [{} for _ in items]})

    def _send(self, message: Message) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._process.stdin.flush()

    def _receive(self, stream: IO[bytes]) -> None:
        while header := stream.readline():
            length = int(header.removeprefix(b"Content-Length:"))
            while stream.readline() != b"\r\n":
                pass
            self._received.put(json.loads(stream.read(length)))
