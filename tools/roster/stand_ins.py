"""Stand-ins for slow modules of the standard library that a dependency imports but hardly uses.

Without them, a check of a small repository takes a seventh longer.
"""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any


class _StandIn(ModuleType):
    """Has some attributes of a module, and imports the module itself when another one is used."""

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


@contextmanager
def stand_in(name: str, **attributes: Any) -> Iterator[None]:
    """Let imports within this context get a stand-in for a module, unless the module is imported already."""
    if name in sys.modules:
        yield
        return
    module = sys.modules[name] = _StandIn(name)
    vars(module).update(attributes)
    try:
        yield
    finally:
        if sys.modules.get(name) is module:
            del sys.modules[name]
