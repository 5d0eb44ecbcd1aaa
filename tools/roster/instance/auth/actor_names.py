"""Display names of actors: who made a change, by the name of the token.

Audit events have an actor that never changes: ``token:`` and the first 8 digits of the token's SHA-256, or the user who
ran a command. So the name of a token is shown for events from before it was named, too, and remains when the token is
revoked.
"""

import os
import pwd
from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, func, select

from roster.instance.database.tables import tokens
from roster.naming import printable

COMMAND_SUFFIX = "(command line)"
"""How actors end that are no tokens, but users of the operating system."""
_DIGITS = 8


class ActorNames(NamedTuple):
    """The display names of actors that have one."""

    by_actor: Mapping[str, str]

    def display_name(self, actor: str) -> str:
        """Return the name of an actor's token, valid or revoked; the actor itself if the token has no name."""
        return self.by_actor.get(actor, actor)

    def actors_named(self, name: str) -> list[str]:
        """Return the actors with a display name: several if a revoked token had the same name."""
        return [actor for actor, display_name in self.by_actor.items() if display_name == name] or [name]


def actor_of(digest: str) -> str:
    """Return the actor in audit events for the holder of a token, given its SHA-256."""
    return f"token:{digest[:_DIGITS]}"


def command_actor() -> str:
    """Return the actor in audit events of commands: the user of the operating system."""
    uid = os.getuid()
    try:
        user = pwd.getpwuid(uid).pw_name
    except KeyError:  # containers often run as a user without a name
        user = f"user {uid}"
    return f"{printable(user)} {COMMAND_SUFFIX}"


def load_actor_names(connection: Connection) -> ActorNames:
    """Read the display names, with one statement."""
    return ActorNames({row.actor: row.name for row in connection.execute(select(tokens.c.actor, tokens.c.name))})


def display_name_of(actor: ColumnElement[str]) -> ColumnElement[str]:
    """Return the display name of the actor in a column, for a statement that joins ``tokens`` with ``is_actor``."""
    return func.coalesce(tokens.c.name, actor)


def is_actor(actor: ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition of an outer join of ``tokens``, which has at most one row for each actor."""
    return tokens.c.actor == actor
