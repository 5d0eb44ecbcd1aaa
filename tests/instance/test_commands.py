"""``roster instance sync``, ``flag`` and ``migrate``."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from roster.download.rejection import REASONS
from roster.instance.instance_settings import DATABASE_URL, GATEWAY_TOKEN, GATEWAY_URL
from tests.conftest import Run
from tests.download.download_helpers import CANARY
from tests.download.scripted_server import ScriptedServer, answer, ok
from tests.gateway.gateway_helpers import missing, without
from tests.instance.sync.sync_helpers import NEW, OLD

Command = Callable[..., "CompletedProcess[str]"]


@pytest.fixture
def instance(roster: Run, database_url: str) -> Command:
    """Runs ``roster instance`` on an empty database, with a server as the gateway."""

    def run(*arguments: str, gateway: ScriptedServer | None = None, **environment: str) -> "CompletedProcess[str]":
        gateway_variables = {GATEWAY_URL: gateway.origin, GATEWAY_TOKEN: CANARY} if gateway else {}
        process = roster("instance", *arguments, **{DATABASE_URL: database_url}, **gateway_variables, **environment)
        assert CANARY not in process.stdout + process.stderr
        assert "Traceback" not in process.stderr
        return process

    return run


class TestSync:
    def test_sync_prints_differences(self, instance: Command):
        assert instance("flag", "on").stdout == "ai_model_switching is on\n"
        with ScriptedServer(ok(OLD), ok(NEW)) as server:
            process = instance("sync", gateway=server)
            assert (process.returncode, process.stdout) == (0, "added    claude, gemini and mistral\n")
            assert process.stderr == "list replaced: 3 added, 0 changed, 0 removed\n"
            process = instance("sync", gateway=server)
            assert (process.returncode, process.stdout) == (0, "added    gpt\nremoved  mistral\n")
            assert process.stderr == "list replaced: 1 added, 0 changed, 1 removed\n"
            process = instance("sync", gateway=server)
            assert (process.returncode, process.stdout, process.stderr) == (0, "", "the list is unchanged\n")

    def test_rejection_is_explained(self, instance: Command):
        instance("flag", "on")
        with ScriptedServer(answer("401 Unauthorized"), ok(OLD)) as server:
            process = instance("sync", gateway=server)
            reason = REASONS["unauthorized"]
            assert (process.returncode, process.stdout) == (1, "")
            assert process.stderr == (
                f"rejected: unauthorized: the source answered 401\n{reason.meaning} {reason.remedy}\n"
            )
            assert instance("sync", gateway=server).returncode == 0

    def test_recovery_after_failure(self, instance: Command):
        instance("flag", "on")
        with ScriptedServer(ok(OLD), answer("401 Unauthorized"), ok(OLD)) as server:
            assert [instance("sync", gateway=server).returncode for _ in range(2)] == [0, 1]
            process = instance("sync", gateway=server)
        assert (process.returncode, process.stderr) == (0, "the list is unchanged; the previous sync failed\n")

    def test_sync_is_skipped_while_off(self, instance: Command):
        with ScriptedServer(ok(OLD)) as server:
            process = instance("sync", gateway=server)
            assert (process.returncode, process.stdout) == (0, "")
            assert process.stderr == "skipped: the feature is off (turn it on with roster instance flag on)\n"
            assert server.requests == []

    def test_no_gateway(self, instance: Command):
        process = instance("sync")
        assert (process.returncode, process.stdout) == (2, "")
        assert process.stderr == f"roster: cannot sync: {GATEWAY_URL} is not set\n"

    def test_unknown_variable_is_a_warning(self, instance: Command):
        process = instance("flag", ROSTER_INSTANCE_SYNC_SECOND="5")
        assert process.returncode == 0
        assert process.stderr.startswith("warning: unknown environment variable ROSTER_INSTANCE_SYNC_SECOND; ")


class TestFlag:
    def test_flag_is_off_by_default_and_can_be_set(self, instance: Command):
        states = [
            instance(*line).stdout.split()[-1]
            for line in (["flag"], ["flag", "on"], ["flag"], ["flag", "off"], ["flag"])
        ]
        assert states == ["off", "on", "on", "off", "off"]

    def test_unknown_state_is_rejected(self, instance: Command):
        assert instance("flag", "maybe").returncode == 2


class TestMigrate:
    def test_upgrade_and_downgrade(self, instance: Command):
        assert instance("migrate").stdout == "the database is at revision 0001\n"
        assert instance("migrate", "--down", "base").stdout == "the database is at revision base\n"
        assert instance("migrate").stdout == "the database is at revision 0001\n"

    def test_unknown_revision_is_rejected(self, instance: Command):
        instance("migrate")
        process = instance("migrate", "--down", "nonsense")
        assert (process.returncode, process.stdout) == (2, "")
        assert "nonsense" in process.stderr


@pytest.mark.parametrize("command", ["sync", "flag", "migrate"])
class TestMissing:
    def test_database(self, roster: Run, command: str):
        process = roster("instance", command, **{DATABASE_URL: f"sqlite:////nowhere/{CANARY}.db"})
        assert (process.returncode, process.stdout) == (2, "")
        assert process.stderr.startswith("roster: the sqlite database cannot be ")

    def test_extra(self, roster: Run, tmp_path: Path, command: str):
        process = roster("instance", command, PYTHONPATH=without("sqlalchemy", tmp_path))
        assert (process.returncode, process.stdout) == (2, "")
        assert process.stderr == f"roster: {missing('sqlalchemy', 'instance')}\n"
