"""The questions of the probe: what is sent to a deployment, and what its answer must contain."""

import base64
import json
import re
import struct
import zlib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

ANSWER, STREAMING, EMBEDDINGS = "answer", "streaming", "embeddings"
GENERAL = (ANSWER, STREAMING, EMBEDDINGS)
"""The questions of every model. A model of embeddings has only that one, because it answers with no text."""
_CUT_OFF = "length"
"""The reason for the end of an answer that reached its limit of tokens."""


class Unclear(Exception):
    """The answer does not show whether the model has the capability."""


class Question(NamedTuple):
    """A question to a deployment.

    Attributes:
        call: the function of LiteLLM that asks it.
        arguments: those that the function takes in addition to the deployment's.
        missing: returns what the answer lacks, empty if nothing; raises ``Unclear``.
    """

    call: str
    arguments: Mapping[str, Any]
    missing: Callable[[Any], str]


def _chat(text: Any, max_tokens: int = 16, **more: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}], "max_tokens": max_tokens, **more}


def _red_square() -> str:
    """Return a red square as a data URL: a PNG of 64 by 64 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + b"\xff\0\0" * 64) * 64
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 64, 8, 2, 0, 0, 0))
    png = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def _nothing(_: Any) -> str:
    return ""


def _tool_call(response: Any) -> str:
    return _or_cut_off("" if response.choices[0].message.tool_calls else "answered without a tool call", response)


def _color(response: Any) -> str:
    sees = re.search(r"\bred\b", text_of(response), re.IGNORECASE)
    return _or_cut_off("" if sees else "does not see the image", response)


def _json(response: Any) -> str:
    try:
        value = json.loads(text_of(response))
    except ValueError:
        value = None
    is_valid = isinstance(value, dict) and isinstance(value.get("number"), int)
    return _or_cut_off("" if is_valid else "the answer does not follow the JSON Schema", response)


def _reasoning(response: Any) -> str:
    details = getattr(getattr(response, "usage", None), "completion_tokens_details", None)
    message = response.choices[0].message
    if getattr(message, "reasoning_content", None) or getattr(details, "reasoning_tokens", None):
        return ""
    raise Unclear("the answer shows no reasoning")


def _or_cut_off(lack: str, response: Any) -> str:
    if lack and response.choices[0].finish_reason == _CUT_OFF:
        raise Unclear("the answer was cut off")
    return lack


def text_of(response: Any) -> str:
    """Return the text of an answer, of a chat or a completion."""
    choice = response.choices[0]
    message = getattr(choice, "message", None)
    content = getattr(choice, "text", None) or (getattr(message, "content", None) if message else None)
    return content if isinstance(content, str) else ""


def is_empty(response: Any) -> bool:
    """Return whether an answer has neither text nor anything else, although it was not cut off."""
    if not response.choices:
        return True
    choice = response.choices[0]
    message = getattr(choice, "message", None)
    others = (getattr(message, name, None) for name in ("tool_calls", "reasoning_content"))
    return not (text_of(response).strip() or any(others) or choice.finish_reason == _CUT_OFF)


_TOOL = {
    "type": "function",
    "function": {
        "name": "get_time",
        "description": "Return the current time in a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
_SCHEMA = {
    "type": "object",
    "properties": {"number": {"type": "integer"}},
    "required": ["number"],
    "additionalProperties": False,
}
_SUM = "Answer with the number 7 in JSON."
_IMAGE = [
    {"type": "text", "text": "Which color is this image? Answer with one word."},
    {"type": "image_url", "image_url": {"url": _red_square()}},
]
_JSON_FORMAT = {"type": "json_schema", "json_schema": {"name": "number", "schema": _SCHEMA, "strict": True}}
_HELLO = "Answer with one word: hello"

QUESTIONS: Mapping[str, Question] = {
    ANSWER: Question("completion", _chat(_HELLO), _nothing),
    STREAMING: Question("completion", _chat(_HELLO, stream=True), _nothing),
    EMBEDDINGS: Question("embedding", {"input": ["hello"]}, _nothing),
    "tools": Question(
        "completion", _chat("Call the tool get_time for the city Berlin.", 256, tools=[_TOOL]), _tool_call
    ),
    "vision": Question("completion", _chat(_IMAGE, 64), _color),
    "structured_output": Question("completion", _chat(_SUM, 64, response_format=_JSON_FORMAT), _json),
    # The budget that LiteLLM gives Anthropic's models for low effort is 1024 tokens, and max_tokens must be larger.
    "reasoning": Question(
        "completion", _chat("Is 91 prime? Answer yes or no.", 2048, reasoning_effort="low"), _reasoning
    ),
    "fim": Question(
        "text_completion",
        {"prompt": "def add(a, b):\n    return ", "suffix": "\n\nprint(add(1, 2))\n", "max_tokens": 16},
        _nothing,
    ),
}
"""The questions by name. All but ``answer`` are capabilities, of which no other is probed."""
