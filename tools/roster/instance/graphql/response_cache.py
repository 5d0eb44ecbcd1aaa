"""Answers to queries that are sent again, byte for byte, while all that they were made of is as it was.

Each request reads the state anew, so what another process writes is seen at once; only the execution is spared.
All who may ask are told the same, so nobody's rights are in an answer. What looked at the clock is not kept.
"""

from collections.abc import Mapping
from threading import Lock
from typing import NamedTuple

from roster.instance.graphql.request_context import Request
from roster.instance.selection.state import State, Status

MOST = 32
"""How many answers are kept."""
MOST_BYTES = 8 << 20
"""How many bytes the requests and the answers that are kept may have together."""


class _Kept(NamedTuple):
    """An answer, and what was read for it: the status, and the states by namespace."""

    body: bytes
    status: Status
    states: Mapping[int | None, State]


class Answers:
    """The newest answers by the bytes of their requests: documents, variables and the names of operations."""

    def __init__(self, most: int = MOST, most_bytes: int = MOST_BYTES) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._writing = Lock()
        self._kept: dict[bytes, _Kept] = {}  # replaced as a whole, so that it is read without the lock

    def get(self, asked: bytes, work: Request) -> bytes | None:
        """Return the answer to a request; None where it has to be made. It reads what the answer was made of."""
        kept = self._kept.get(asked)
        if kept is None or kept.status != work.status():
            return None
        return kept.body if all(work.state(whose) == state for whose, state in kept.states.items()) else None

    def keep(self, asked: bytes, body: bytes, work: Request) -> None:
        """Keep the answer to a request, and none of another status: each of those might hold another list."""
        status = work.status()
        if not work.lasting or len(asked) + len(body) > self._most_bytes:
            return
        with self._writing:
            kept = {each: answer for each, answer in self._kept.items() if each != asked and answer.status == status}
            kept[asked] = _Kept(body, status, work.states)
            while len(kept) > self._most or self._bytes(kept) > self._most_bytes:
                del kept[next(iter(kept))]
            self._kept = kept

    @staticmethod
    def _bytes(kept: Mapping[bytes, _Kept]) -> int:
        return sum(len(asked) + len(answer.body) for asked, answer in kept.items())
