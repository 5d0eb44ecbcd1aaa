"""A provider on the loopback interface that answers like OpenAI, Anthropic, Bedrock or Gemini, correctly or wrongly.

The name of the model in a request decides how it answers. Every answer and error contains a canary.
"""

import json
import re
import struct
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

CANARY = "canary-of-an-answer"
MESSAGES = {
    401: "Incorrect API key provided: {key}",
    404: "The model `{model}` does not exist or you do not have access to it. {key}",
    429: "You exceeded your current quota, please check your plan. {key}",
    500: "Internal error {key}",
}


class FakeProvider(ThreadingHTTPServer):
    """Answers according to the name of the model; counts the requests by model.

    Attributes:
        stopped: ends the answers that are sent without end.
        waiting: set once a request is there that is never answered.
        hung_up: set once its client has gone.
        redirected: the requests that followed a redirect.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: Counter[str] = Counter()
        self.redirected: list[str] = []
        self.stopped, self.waiting, self.hung_up = Event(), Event(), Event()


def event_stream_message(kind: str, event: Any) -> bytes:
    """Return a message as AWS streams them.

    https://docs.aws.amazon.com/lexv2/latest/dg/event-stream-encoding.html
    """
    names = {":event-type": kind, ":content-type": "application/json", ":message-type": "event"}
    headers = b"".join(
        bytes([len(name)]) + name.encode() + b"\x07" + struct.pack(">H", len(value)) + value.encode()
        for name, value in names.items()
    )
    payload = json.dumps(event).encode()
    prelude = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    message = prelude + struct.pack(">I", zlib.crc32(prelude)) + headers + payload
    return message + struct.pack(">I", zlib.crc32(message))


@contextmanager
def fake_provider() -> Iterator[FakeProvider]:
    with FakeProvider() as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.stopped.set()
        server.shutdown()


class Handler(BaseHTTPRequestHandler):
    server: FakeProvider
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        in_path = re.search(r"/models?/([^/:]+)", self.path)  # Gemini's and Bedrock's
        self.body, self.model = body, in_path[1] if in_path else body["model"].rpartition("/")[2]
        self.key = self.headers["Authorization"] or self.headers["x-api-key"] or ""
        self.server.requests[self.model] += 1
        if self.path.startswith("/elsewhere"):
            self.server.redirected.append(self.model)
        behave = getattr(self, f"_{self.model.replace('-', '_')}", self._answer)
        behave()

    def _answer(self, content: str = f"hello {CANARY}", name: str = "", **message: Any) -> None:
        """Answer correctly, with a dated name of the model."""
        name = name or f"{self.model}-2026-05-01"
        if self.path.endswith("/messages"):
            return self._message(content, name)
        if "/converse" in self.path:
            return self._converse(content)
        if "enerateContent" in self.path:
            return self._gemini(content)
        if self.path.endswith("/embeddings"):
            data = [{"object": "embedding", "index": 0, "embedding": [0.1, 0.2]}]
            usage = {"prompt_tokens": 1, "total_tokens": 1}
            return self._json({"object": "list", "model": name, "data": data, "usage": usage})
        if self.body.get("stream"):
            return self._stream([content, None])
        choice = {"index": 0, "finish_reason": "stop", "text": content}
        choice["message"] = {"role": "assistant", "content": content, **message}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        return self._json({
            "id": "1", "object": "chat.completion", "created": 1, "model": name, "choices": [choice], "usage": usage,
        })  # fmt: skip

    def _message(self, content: str, name: str) -> None:
        """Answer as Anthropic does."""
        usage = {"input_tokens": 1, "output_tokens": 1}
        message = {"id": "1", "type": "message", "role": "assistant", "model": name, "usage": usage}
        if not self.body.get("stream"):
            return self._json(message | {"content": [{"type": "text", "text": content}], "stop_reason": "end_turn"})
        return self._events(
            {"type": "message_start", "message": message | {"content": [], "stop_reason": None}},
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": content}},
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": usage},
            {"type": "message_stop"},
        )

    def _converse(self, content: str) -> None:
        """Answer as Bedrock does."""
        usage, end = {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2}, {"stopReason": "end_turn"}
        if self.path.endswith("/converse"):
            message = {"role": "assistant", "content": [{"text": content}]}
            return self._json({"output": {"message": message}, "usage": usage, "metrics": {"latencyMs": 1}} | end)
        self._head("application/vnd.amazon.eventstream")
        block: dict[str, Any] = {"contentBlockIndex": 0}
        events = {
            "messageStart": {"role": "assistant"},
            "contentBlockDelta": block | {"delta": {"text": content}},
            "contentBlockStop": block,
            "messageStop": end,
            "metadata": {"usage": usage, "metrics": {"latencyMs": 1}},
        }
        self.wfile.write(b"".join(event_stream_message(kind, event) for kind, event in events.items()))
        return None

    def _gemini(self, content: str) -> None:
        """Answer as Gemini does."""
        candidate = {"content": {"role": "model", "parts": [{"text": content}]}, "finishReason": "STOP", "index": 0}
        usage = {"promptTokenCount": 1, "candidatesTokenCount": 1, "totalTokenCount": 2}
        answer = {"candidates": [candidate], "usageMetadata": usage, "modelVersion": self.model}
        return self._events(answer) if "stream" in self.path else self._json(answer)

    def _capable(self) -> None:
        """Answer as a model with every capability does."""
        call = {"id": "1", "type": "function", "function": {"name": "get_time", "arguments": '{"city": "Berlin"}'}}
        if "tools" in self.body:
            return self._answer("", tool_calls=[call])
        if "response_format" in self.body:
            return self._answer('{"number": 7}')
        if "reasoning_effort" in self.body:
            return self._answer("No.", reasoning_content=CANARY)
        return self._answer("Red.")

    def _other(self) -> None:
        self._answer(name="gpt-4o-mini")

    def _secretive(self) -> None:
        self._answer(name=self.key.removeprefix("Bearer "))

    def _refuse_401(self) -> None:
        self._refuse(401)

    def _refuse_404(self) -> None:
        self._refuse(404)

    def _refuse_429(self) -> None:
        self._refuse(429)

    def _refuse_500(self) -> None:
        self._refuse(500)

    def _refuse(self, status: int) -> None:
        text = MESSAGES[status].format(key=self.key, model=self.model)
        self._json({"error": {"message": f"{text} {CANARY}", "type": "error", "code": CANARY}}, status)

    def _hang(self) -> None:
        self.server.waiting.set()
        self.rfile.read(1)  # until the client hangs up
        self.server.hung_up.set()
        self.close_connection = True

    def _drip(self) -> None:
        """Send a byte of an endless answer every few milliseconds."""
        self._head("application/json")
        while not self.server.stopped.wait(0.02):
            try:
                self.wfile.write(b" ")
            except OSError:
                return

    def _drop(self) -> None:
        self.close_connection = True
        self.connection.close()

    def _garbage(self) -> None:
        self._bytes(f"<html>{CANARY} {self.key}".encode())

    def _endless(self) -> None:
        """Send more than any answer has."""
        self._head("application/json")
        try:
            while not self.server.stopped.is_set():
                self.wfile.write(b" " * 65536)
        except OSError:
            self.close_connection = True

    def _broken_stream(self) -> None:
        return self._stream([CANARY]) if self.body.get("stream") else self._answer()

    def _empty(self) -> None:
        self._answer("")

    def _redirect(self) -> None:
        if self.path.startswith("/elsewhere"):
            return self._answer()
        self.send_response(307)
        self.send_header("Location", f"http://localhost:{self.server.server_port}/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()
        return None

    def _stream(self, parts: list[str | None]) -> None:
        """Send parts of an answer and close the connection; None is the regular end."""
        chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
        reasons = (None if part else "stop" for part in parts)
        deltas = ({"content": part} if part else {} for part in parts)
        choices = (
            {"index": 0, "delta": delta, "finish_reason": reason} for delta, reason in zip(deltas, reasons, strict=True)
        )
        self._events(*(chunk | {"choices": [choice]} for choice in choices))

    def _events(self, *events: dict[str, Any]) -> None:
        self._head("text/event-stream")
        for event in events:
            name = f"event: {event['type']}\n" if "type" in event else ""
            self.wfile.write(f"{name}data: {json.dumps(event)}\n\n".encode())

    def _head(self, content_type: str) -> None:
        """Start an answer that ends when the connection is closed."""
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Connection", "close")
        self.end_headers()

    def _json(self, content: Any, status: int = 200) -> None:
        self._bytes(json.dumps(content).encode(), status)

    def _bytes(self, data: bytes, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass
