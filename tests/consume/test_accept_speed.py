"""20,000 models are accepted within twice the time of ``roster check`` on the same roster."""

import gc
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from roster.check import check
from roster.consume.accept import accept
from roster.history import UNVERSIONED
from roster.render import ARTIFACTS
from roster.repository import Repository, roster_path
from tests.conftest import ROOT
from tests.consume.downloads import DAY, TERMS

MODELS = 20_000


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    folder = tmp_path_factory.mktemp("large")
    generate = [sys.executable, str(ROOT / "tests/benchmarks/generate.py"), str(ROOT / "schemas"), str(folder)]
    subprocess.run([*generate, "1", str(MODELS)], check=True)
    return Repository(folder)


@pytest.fixture(scope="module")
def seconds_of_a_check(repository: Repository) -> float:
    return quickest(lambda: check(repository, DAY))


def quickest(work: Callable[[], object]) -> float:
    """The processor's seconds of the better of two runs, each as the command runs: without garbage collection."""
    taken = []
    for _ in range(2):
        gc.collect()
        gc.disable()
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
        gc.enable()
    return min(taken)


@pytest.mark.parametrize("kind", ["roster", *ARTIFACTS])
def test_accepting_takes_no_more_than_twice_as_long_as_checking(
    repository: Repository, seconds_of_a_check: float, kind: str
):
    (environment,) = repository.environment_folders()
    result = check(repository, DAY)
    body = repository.read(roster_path(environment))
    if kind != "roster":
        body = ARTIFACTS[kind](result.rosters[environment], DAY, UNVERSIONED)
    assert len(accept(body, TERMS, None).offered_models) == MODELS
    assert quickest(lambda: accept(body, TERMS, None)) < 2 * seconds_of_a_check
