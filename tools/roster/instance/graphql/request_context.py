"""The context of one request, shared by its resolvers: the caller, and one consistent view of the database."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import cached_property
from types import TracebackType
from typing import Protocol

from graphql import GraphQLError
from sqlalchemy import Connection

from roster.instance.auth.token_authentication import Access, AuthenticatedCaller
from roster.instance.auth.tokens import is_revoked
from roster.instance.database.connections import Database
from roster.instance.database.feature_flag import AI_MODEL_SWITCHING
from roster.instance.selection import namespace_selections
from roster.instance.selection.namespace_selections import NamespaceCounts, load_namespace_counts
from roster.instance.selection.offered_list import OfferedList
from roster.instance.selection.selection_changes import ChangeOutcome
from roster.instance.selection.state import InstanceState, InstanceStatus, StateReader, load_status
from roster.instance.sync.sync_now import SyncNow
from roster.naming import quote

FLAG_OFF = f"the feature flag {AI_MODEL_SWITCHING} is off: turn it on with roster instance flag on"


class SelectionWrite(Protocol):
    """Changes selections in a transaction."""

    def __call__(self, connection: Connection, offered: OfferedList, *, actor: str) -> ChangeOutcome:
        """Return the outcome."""


class RequestContext:
    """One request. All its reads share a transaction; a mutation writes after it, and sees its own write.

    Attributes:
        caller: set once authenticated, before execution.
        operation_name: the operation to execute; None if the request names none.
        cacheable: whether the response stays valid while the status and the states are unchanged.
        write_until: until when writes may wait for others, in ``monotonic`` time.
        states: the states read so far, by namespace.
        counts: the result of ``namespace_counts``, if it was requested.
        executed_mutations: how many mutations of the request were committed, each in a transaction of its own.
        sync_now: starts syncs on request.
        configured_tokens: the access of the tokens in environment variables, by their hash.
    """

    caller: AuthenticatedCaller
    configured_tokens: Mapping[str, Access]
    write_until: float
    sync_now: SyncNow | None = None

    def __init__(self, database: Database, reader: StateReader, operation_name: str | None) -> None:
        self.operation_name = operation_name
        self.cacheable = True
        self.executed_mutations = 0
        self.states: dict[int | None, InstanceState] = {}
        self.counts: NamespaceCounts | None = None
        self._database, self._reader = database, reader
        self._exit_stack = ExitStack()

    def __enter__(self) -> "RequestContext":
        self.connection = self._exit_stack.enter_context(self._database.read_transaction())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # The transaction learns of the error, because it reports an unavailable database.
        self._exit_stack.__exit__(kind, error, trace)

    @cached_property
    def status(self) -> InstanceStatus:
        """The feature flag and the sync status."""
        return load_status(self.connection)

    @cached_property
    def offered(self) -> OfferedList:
        """The offered list, which ``state`` has, too, with the selections."""
        return self._reader.offered(self.connection, self.status.list)

    def state(self, namespace_id: int | None) -> InstanceState:
        """Return the state, including the selections of the namespace if one is given."""
        if namespace_id not in self.states:
            self.states[namespace_id] = self._reader.state(self.connection, namespace_id, self.status)
        return self.states[namespace_id]

    def namespace_counts(self) -> NamespaceCounts:
        """Return how many namespaces selected each model; after a mutation, as of its end."""
        if self.counts is None and self.connection.closed:
            with self._database.read_transaction() as connection:
                offered = self._reader.offered(connection, load_status(connection).list)
                self.counts = load_namespace_counts(connection, offered)
        elif self.counts is None:
            self.counts = load_namespace_counts(self.connection, self.offered)
        return self.counts

    def now(self) -> datetime:
        """Return the current time. A response that depends on it is not cacheable."""
        self.cacheable = False
        return datetime.now(UTC)

    def write(self, write: SelectionWrite) -> tuple[ChangeOutcome, InstanceState]:
        """Change selections, after the read transaction; return the outcome, and the state afterwards.

        Raises:
            GraphQLError: the feature flag was turned off in the meantime.
        """
        with self.writing() as (connection, status):
            offered = self._reader.offered(connection, status.list)
            outcome = write(connection, offered, actor=self.caller.actor)
            return outcome, self._reader.state(connection, outcome.namespace_id, status)

    def current_state(self, connection: Connection, status: InstanceStatus) -> InstanceState:
        """Return the state within a transaction that writes."""
        return self._reader.state(connection, None, status)

    @contextmanager
    def writing(self) -> Iterator[tuple[Connection, InstanceStatus]]:
        """Write, after the read transaction; yield the connection and the status that it reads.

        Raises:
            GraphQLError: the feature flag was turned off, or the caller's token was revoked in the meantime.
        """
        with self._database.write_transaction(self.write_until) as connection:
            current = load_status(connection)
            if not current.enabled:
                raise GraphQLError(FLAG_OFF)
            if is_revoked(connection, self.caller.actor):
                raise GraphQLError(f"the access token {quote(self.caller.display_name)} was revoked: use another one")
            self.counts = None
            yield connection, current
        self.executed_mutations += 1


def parse_namespace_id(text: str) -> int:
    """Parse a numeric ID or a global ID.

    Raises:
        GraphQLError: the text is neither.
    """
    number = namespace_selections.parse_namespace_id(text)
    if number is None:
        raise GraphQLError("a namespace ID must be a number, or a global ID such as gid://gitlab/Group/7")
    return number
