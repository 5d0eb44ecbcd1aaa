"""Changes of selections in one line."""

from sqlalchemy import Connection

from roster.instance.selection.offered_list import OfferedList
from roster.instance.selection.requested_selection import RequestedSelection
from roster.instance.selection.selection_changes import change_selections


def change(
    connection: Connection, offered: OfferedList, *requested: RequestedSelection, actor: str = "somebody"
) -> list[str]:
    """Change selections; return the messages of the errors."""
    return [error.message for error in change_selections(connection, offered, requested, actor).errors]
