"""Fixtures for the chain from an author's clone to an instance."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.end_to_end.gitlab import READER, GitLab
from tests.end_to_end.processes import Gateway, Instance, Relay, free_port
from tests.end_to_end.project import Project

PREFIX = "MODEL_SWITCHING_METADATA_"
Start = Callable[..., Gateway]


@pytest.fixture
def project(checkout: Path) -> Project:
    """A clone of the project without artifacts."""
    return Project(checkout)


@pytest.fixture
def gitlab(project: Project) -> Iterator[GitLab]:
    """A GitLab with that project, without published packages."""
    with GitLab(project.folder) as server:
        yield server


@pytest.fixture
def port() -> int:
    """The gateway's port, the same at each start."""
    return free_port()


@pytest.fixture
def gateway(gitlab: GitLab, port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Start a gateway, by default with GitLab's pointer as its source, and polling only on request."""
    usual = {
        f"{PREFIX}FILE_PATH": gitlab.package("current/production.json"),
        f"{PREFIX}ACCESS_TOKEN": READER,
        f"{PREFIX}POLL_SECONDS": "86400",
    }
    folder = tmp_path_factory.mktemp("gateway")
    with ExitStack() as started:

        def start(other: dict[str, str] | None = None, **variables: str) -> Gateway:
            named = {f"{PREFIX}{name}": value for name, value in variables.items()}
            process = Gateway(port, folder, usual | named | (other or {}))
            started.callback(process.end)
            return process

        yield start


@pytest.fixture
def relay(port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    """The relay, which starts independently of the gateway."""
    process = Relay(port, tmp_path_factory.mktemp("relay"))
    yield process
    process.end()


@pytest.fixture
def instance(relay: Relay) -> Instance:
    """A client behind the relay."""
    return Instance(relay)
