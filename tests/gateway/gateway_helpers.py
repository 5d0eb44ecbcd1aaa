"""List updaters and gateways whose source is a scripted server, with a fixed date."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

from roster.cli.missing_extra import install_command
from roster.download.download_settings import ACCESS_TOKEN, FILE_PATH, PREFIX
from roster.gateway import Gateway
from roster.gateway.health import health_router
from roster.gateway.list_updater import ListUpdater
from roster.gateway.router import list_router
from tests.accept.example_downloads import DAY, as_bytes
from tests.download.download_helpers import CANARY, RecordedPauses, settings_for

LIST, DEFINITIONS = "/v1/models/offered", "/v1/models/definitions"
PLAIN = {"Accept-Encoding": "identity"}

LARGE = as_bytes(
    [
        {"name": f"Model {number}", "id": f"model_{number}", "release_state": "GA", "features": ["duo_chat"]}
        for number in range(4000)
    ]
)
"""A list that is large enough for acceptance in a child process."""


class Clock:
    """A clock that tests advance."""

    def __init__(self) -> None:
        self.time = datetime(DAY.year, DAY.month, DAY.day, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def pass_days(self, days: int) -> None:
        self.time += timedelta(days=days)


def updater(url: str, folder: Path, clock: Clock | None = None, **changes: Any) -> ListUpdater:
    """Return a list updater for a URL, with a cache folder and without pauses between retries."""
    return ListUpdater(settings_for(url, cache_folder=folder, **changes), RecordedPauses().timing(), clock or Clock())


def client(source: ListUpdater | None) -> TestClient:
    """Return a client of an app that serves an updater's list."""
    app = FastAPI()
    app.include_router(list_router(source))
    app.include_router(health_router(source))
    return TestClient(app, headers=PLAIN)


def variables(url: str, folder: Path, **more: str) -> dict[str, str]:
    """Return environment variables; the names of further variables are given without the prefix."""
    required = {FILE_PATH: url, ACCESS_TOKEN: CANARY}
    optional = {"CACHE_FOLDER": str(folder), "DEADLINE_SECONDS": "5"} | more
    return required | {f"{PREFIX}{name}": value for name, value in optional.items()}


@contextmanager
def running(gateway: Gateway, prefix: str = "") -> Iterator[TestClient]:
    """Run a gateway in an app."""
    app = FastAPI(lifespan=gateway.lifespan)
    app.include_router(gateway.router(), prefix=prefix)
    with TestClient(app, headers=PLAIN) as http_client:
        yield http_client


def until(holds: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait until a condition is true."""
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.01)


def missing(module: str, extra: str) -> str:
    """Return the message about a missing module that an extra installs."""
    return f"{module} is not installed; install the extra '{extra}': {install_command(extra)}"


def without(module: str, folder: Path) -> str:
    """Return a PYTHONPATH on which a module is not installed."""
    (folder / f"{module}.py").write_text(f"raise ModuleNotFoundError('No module named {module}', name='{module}')\n")
    return str(folder)
