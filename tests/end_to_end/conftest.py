"""The chain from an author's clone to an instance, one link after another."""

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
    """A clone of the project, in which nothing was rendered yet."""
    return Project(checkout)


@pytest.fixture
def gitlab(project: Project) -> Iterator[GitLab]:
    """A GitLab with that project, to which nothing was published yet."""
    with GitLab(project.folder) as server:
        yield server


@pytest.fixture
def port() -> int:
    """The gateway's port, the same each time that it starts."""
    return free_port()


@pytest.fixture
def gateway(gitlab: GitLab, port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Start a gateway: with GitLab's pointer as its source, polling only when told to, unless something else is set."""
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
    """The relay, which does not mind whether the gateway runs yet."""
    process = Relay(port, tmp_path_factory.mktemp("relay"))
    yield process
    process.end()


@pytest.fixture
def instance(relay: Relay) -> Instance:
    """A client behind the relay."""
    return Instance(relay)
