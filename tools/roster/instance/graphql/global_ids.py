"""Global IDs of objects, such as ``gid://roster/AiFeatureSetting/duo_chat``, as in GitLab's API.

Clients with a normalizing cache store each object under its ID, and some of them (Relay) without its type. So an ID has
the type, and everything that the object's fields depend on.
"""

from urllib.parse import quote

from strawberry import ID

_PREFIX = "gid://roster"


def global_id(type_: str, *parts: str | int) -> ID:
    """Return the ID of an object of a type, given what identifies it within the type."""
    return ID("/".join([_PREFIX, type_, *(quote(str(part), safe="") for part in parts)]))


def stored_id(type_: str, id_: str) -> str:
    """Return the number in the global ID of an object; any other text, such as the number alone, unchanged."""
    number = id_.removeprefix(f"{_PREFIX}/{type_}/")
    return number if number.isdecimal() else id_
