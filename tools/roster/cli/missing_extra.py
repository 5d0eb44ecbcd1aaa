"""What not every installation has."""

from collections.abc import Iterator
from contextlib import contextmanager

from roster.findings import ConfigurationError


@contextmanager
def with_extra(extra: str) -> Iterator[None]:
    """Import what comes with an extra.

    Raises:
        ConfigurationError: this installation does not have it.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise ConfigurationError(f"{error.name} is not installed: install roster[{extra}]") from None
