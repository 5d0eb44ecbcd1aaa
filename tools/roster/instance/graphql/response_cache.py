"""Response cache: a repeated query is answered with the same bytes while the data it was built from is unchanged.

Every request still reads the state from the database, so writes of other processes take effect at once; only the
execution is skipped. All authorized callers see the same data, so entries are shared between them. Responses that
depend on the clock are not cached.
"""

from collections.abc import Mapping
from threading import Lock
from typing import NamedTuple

from roster.instance.graphql.request_context import RequestContext
from roster.instance.selection.namespace_selections import NamespaceCounts
from roster.instance.selection.state import InstanceState, InstanceStatus

MAX_ENTRIES = 32
MAX_BYTES = 8 << 20
"""The total size of the cached requests and responses."""


class _CacheEntry(NamedTuple):
    """A response body with what it was built from: the status, the states by namespace, and the counts if requested."""

    body: bytes
    status: InstanceStatus
    states: Mapping[int | None, InstanceState]
    counts: NamespaceCounts | None


class ResponseCache:
    """A bounded cache of responses, keyed by request body (document, variables, operation name)."""

    def __init__(self, max_entries: int = MAX_ENTRIES, max_bytes: int = MAX_BYTES) -> None:
        self._max_entries, self._max_bytes = max_entries, max_bytes
        self._lock = Lock()
        self._entries: dict[bytes, _CacheEntry] = {}  # replaced, never modified, so that readers need no lock

    def get(self, request: bytes, context: RequestContext) -> bytes | None:
        """Return the cached response if its state still equals the one in the database, which this reads."""
        entry = self._entries.get(request)
        if entry is None or entry.status != context.status:
            return None
        if any(context.state(namespace) != state for namespace, state in entry.states.items()):
            return None
        return entry.body if entry.counts is None or entry.counts == context.namespace_counts() else None

    def put(self, request: bytes, body: bytes, context: RequestContext) -> None:
        """Cache a response, and drop those of any other status: each may hold a whole other list in memory."""
        if not context.cacheable or len(request) + len(body) > self._max_bytes:
            return
        status = context.status
        with self._lock:
            entries = {key: entry for key, entry in self._entries.items() if key != request and entry.status == status}
            entries[request] = _CacheEntry(body, status, context.states, context.counts)
            while len(entries) > self._max_entries or _total_bytes(entries) > self._max_bytes:
                del entries[next(iter(entries))]
            self._entries = entries


def _total_bytes(entries: Mapping[bytes, _CacheEntry]) -> int:
    return sum(len(request) + len(entry.body) for request, entry in entries.items())
