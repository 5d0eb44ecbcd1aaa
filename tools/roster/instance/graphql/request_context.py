"""What the resolvers of one request work with: one state of the database for all that is read, and who asks."""

import re
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Protocol

from graphql import GraphQLError
from sqlalchemy import Connection

from roster.instance.auth.token_authentication import Caller
from roster.instance.database.connections import Database
from roster.instance.graphql.type_builders import Views
from roster.instance.selection.offered_list import OfferedList
from roster.instance.selection.state import Reader, State, Status, status

_NAMESPACE = re.compile(r"(?:gid://gitlab/(?:Group|Namespace|Namespaces::[A-Za-z]+)/)?([1-9][0-9]{0,18})", re.ASCII)
_LARGEST = 2**63 - 1
OFF = "the feature flag ai_model_switching is off"


class Change(Protocol):
    """Changes something in the name of an actor; returns why not."""

    def __call__(self, connection: Connection, offered: OfferedList, *, actor: str) -> list[str]:
        """Change it."""


class Request:
    """One request, while it is answered. Its reads see one moment; a mutation sees what it changed itself.

    Attributes:
        operation: the name of the operation that is asked for; None where none is named.
        lasting: whether the answer stays right while the status and the states stay the same.
        states: what was read, by namespace.
    """

    def __init__(self, database: Database, reader: Reader, views: Views, operation: str | None) -> None:
        self.views = views
        self.operation = operation
        self.caller: Caller | None = None
        self.lasting = True
        self.states: dict[int | None, State] = {}
        self._database, self._reader = database, reader
        self._open = ExitStack()
        self._status: Status | None = None

    def __enter__(self) -> "Request":
        self.connection = self._open.enter_context(self._database.reading())
        return self

    def __exit__(self, *raised: object) -> None:
        self._open.close()

    def status(self) -> Status:
        """Return whether the feature is on and how the sync fares."""
        self._status = self._status or status(self.connection)
        return self._status

    def state(self, namespace_id: int | None) -> State:
        """Return the state with the choices of a namespace, if one is asked for."""
        if namespace_id not in self.states:
            self.states[namespace_id] = self._reader.state(self.connection, namespace_id, self.status())
        return self.states[namespace_id]

    def now(self) -> datetime:
        """Return the time. What it is told in does not last."""
        self.lasting = False
        return datetime.now(UTC)

    def change(self, change: Change, namespace_id: int | None) -> tuple[list[str], State]:
        """Change something; return why not, and the state afterwards.

        Raises:
            GraphQLError: the feature was switched off meanwhile.
        """
        assert self.caller
        self._open.close()  # what was read so far is no base for a change
        with self._database.writing() as connection:
            found = status(connection)
            if not found.enabled:
                raise GraphQLError(OFF)
            errors = change(connection, self._reader.offered(connection, found.list), actor=self.caller.actor)
            return errors, self._reader.state(connection, namespace_id, found)


def number_of(given: str) -> int:
    """Return the number of a namespace, of itself or of a global id.

    Raises:
        GraphQLError: it is neither.
    """
    match = _NAMESPACE.fullmatch(given)
    if match is None or int(match[1]) > _LARGEST:
        raise GraphQLError("a namespace is told by its number, or by a global id such as gid://gitlab/Group/7")
    return int(match[1])
