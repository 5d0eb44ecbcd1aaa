"""``roster instance sync``, ``flag``, ``export``, ``preview`` and ``migrate``."""

import csv
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from sqlalchemy import inspect

from roster.cli.main import ExitStatus
from roster.download.rejection import REASONS
from roster.instance.database.connections import Database
from roster.instance.instance_settings import DATABASE_URL, GATEWAY_TOKEN, GATEWAY_URL
from roster.instance.selection.offered_list import OfferedRetirement
from roster.instance.sync.lease import Lease
from roster.settings.secret import Secret
from tests.conftest import Run
from tests.download.download_helpers import CANARY
from tests.download.scripted_server import ScriptedServer, answer, ok
from tests.gateway.gateway_helpers import missing, without
from tests.instance.http.test_monitoring import client, metric_values, readiness
from tests.instance.selection.offered_lists import list_serving, store_list, store_selection
from tests.instance.sync.sync_helpers import NEW, OLD, open_database

Command = Callable[..., "CompletedProcess[str]"]


@pytest.fixture
def instance(roster: Run, database_url: str) -> Command:
    """Runs ``roster instance`` on an empty database, with a server as the gateway; omits the lines that name it."""

    def run(*arguments: str, gateway: ScriptedServer | None = None, **environment: str) -> "CompletedProcess[str]":
        gateway_variables = {GATEWAY_URL: gateway.origin, GATEWAY_TOKEN: CANARY} if gateway else {}
        process = roster("instance", *arguments, **{DATABASE_URL: database_url}, **gateway_variables, **environment)
        assert CANARY not in process.stdout + process.stderr
        assert "Traceback" not in process.stderr
        lines = process.stderr.splitlines(keepends=True)
        if named := f"using the {Database(Secret(database_url))}\n" in lines:
            lines = [line for line in lines if not line.startswith(("using the ", "created the "))]
        assert named or process.returncode == ExitStatus.USAGE
        process.stderr = "".join(lines)
        return process

    return run


class TestSync:
    def test_sync_prints_differences(self, instance: Command):
        assert instance("flag", "on").stdout == "ai_model_switching is on\n"
        with ScriptedServer(ok(OLD), ok(NEW)) as server:
            process = instance("sync", gateway=server)
            first = "added    claude, gemini and mistral\nThe first list offers 3 models for 3 features\n"
            assert (process.returncode, process.stdout) == (0, first)
            assert process.stderr == "list replaced: 3 added, 0 changed, 0 removed\n"
            process = instance("sync", gateway=server)
            sentences = "GitLab: Mistral is no longer offered\nGitLab: Gpt is offered for General Chat\n"
            assert (process.returncode, process.stdout) == (0, f"added    gpt\nremoved  mistral\n{sentences}")
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


class TestExport:
    def test_selections_are_written_to_standard_output(self, instance: Command, database_url: str):
        instance("flag", "off")
        with open_database(database_url) as database, database.write_transaction() as connection:
            store_selection(connection, "duo_chat", "claude", namespace_id=7)
        process = instance("export")
        header, row = csv.reader(process.stdout.splitlines())
        values = dict(zip(header, row, strict=True))
        assert process.returncode == 0
        assert (values["namespace_id"], values["default_model"], values["served_by"]) == ("7", "claude", "")
        warning = "warning: the feature is off, so selections have no effect: roster instance flag on\n"
        assert process.stderr == warning
        (selection,) = json.loads(instance("export", "--format", "json").stdout)["selections"]
        assert {name: str(selection[name] or "") for name in ("feature", "explanation")} == {
            name: values[name] for name in ("feature", "explanation")
        }


class TestPreview:
    TODAY = datetime.now(UTC).date()
    LAST_DAY, AT = TODAY + timedelta(days=9), TODAY + timedelta(days=60)

    def test_changes_and_their_reasons_are_printed(self, instance: Command, database_url: str):
        instance("flag", "on")
        end = OfferedRetirement(self.TODAY, self.LAST_DAY, "gemini")
        with open_database(database_url) as database, database.write_transaction() as connection:
            offered = {"duo_chat": ["claude", "gemini"], "code-generation": ["gemini"]}
            store_list(connection, list_serving(offered, ends={("claude", "duo_chat"): end}))
            store_selection(connection, "duo_chat", "gemini", namespace_id=7)
            store_selection(connection, "duo_chat", "claude", namespace_id=8)
        process = instance("preview", "--at", str(self.AT))
        first, second, third = process.stdout.splitlines()
        assert first == f"{self.LAST_DAY + timedelta(days=1)}  duo_chat: claude → gemini"
        assert second.startswith("            GitLab: claude retires, with ")
        assert second.endswith("; its replacement, GitLab: gemini, is expected to become the roster default.")
        assert third == "            1 namespace goes from GitLab: claude to GitLab: gemini."
        assert (process.returncode, process.stderr) == (0, f"1 feature of 2 unchanged on {self.AT}\n")
        of_namespace = instance("preview", "--at", str(self.AT), "--namespace", "7")
        assert (of_namespace.stdout, of_namespace.stderr) == ("", f"2 features of 2 unchanged on {self.AT}\n")

    @pytest.mark.parametrize(
        ("day", "message"),
        [
            ("2020-01-01", "2020-01-01 is in the past: enter a day from today, "),
            ("9999-12-31", "9999-12-31 is too far away: enter a day until "),
            ("soon", "'soon' is not a date such as 2026-12-01"),
        ],
    )
    def test_invalid_days_are_rejected(self, instance: Command, day: str, message: str):
        process = instance("preview", "--at", day)
        assert (process.returncode, process.stdout) == (2, "")
        assert message in process.stderr


class TestMigrate:
    def test_upgrade_and_downgrade(self, instance: Command):
        assert instance("migrate").stdout == "the database is at revision 0003\n"
        assert instance("migrate", "--down", "base").stdout == "the database is at revision base\n"
        assert instance("migrate").stdout == "the database is at revision 0003\n"

    def test_empty_revision_is_rejected(self, instance: Command):
        process = instance("migrate", "--down", "")
        assert (process.returncode, process.stdout) == (2, "")
        assert "the revision is empty; is its variable empty?" in process.stderr

    def test_unknown_revision_is_rejected(self, instance: Command):
        instance("migrate")
        process = instance("migrate", "--down", "nonsense")
        assert (process.returncode, process.stdout) == (2, "")
        assert "nonsense" in process.stderr


class TestDefaultFile:
    """Without a variable, the database is a file in the current folder, which every command names."""

    @pytest.mark.parametrize(
        ("line", "status", "message"),
        [
            ("flag", 0, "warning: there is no {}: set ROSTER_INSTANCE_DATABASE_URL to the instance's, or create it"),
            ("explain duo_chat", 2, "roster: there is no {}: set ROSTER_INSTANCE_DATABASE_URL to the instance's"),
            ("export", 2, "roster: there is no {}: set ROSTER_INSTANCE_DATABASE_URL to the instance's"),
            ("migrate --down base", 2, "roster: there is no {}: set ROSTER_INSTANCE_DATABASE_URL to the instance's"),
        ],
    )
    def test_command_that_only_reads_creates_no_file(
        self, roster: Run, tmp_path: Path, line: str, status: int, message: str
    ):
        process = roster("instance", *line.split(), cwd=tmp_path)
        assert process.returncode == status
        assert message.format(f"sqlite database {tmp_path}/roster-instance.db") in process.stderr
        assert list(tmp_path.glob("*.db*")) == []

    @pytest.mark.parametrize("line", ["flag on", "flag off", "migrate"])
    def test_command_that_writes_names_the_file_that_it_creates(self, roster: Run, tmp_path: Path, line: str):
        name = f"sqlite database {tmp_path}/roster-instance.db"
        process = roster("instance", *line.split(), cwd=tmp_path)
        assert process.stderr == (
            f"using the {name}\ncreated the {name}; to use another one, set ROSTER_INSTANCE_DATABASE_URL\n"
        )
        assert roster("instance", *line.split(), cwd=tmp_path).stderr == f"using the {name}\n"

    def test_password_is_not_printed(self, roster: Run):
        url = f"postgresql://roster:{CANARY}@127.0.0.1:1/instance?password={CANARY}&sslmode=disable"
        for line in ("token --list", "token --name alice", "flag", "flag on", "explain duo_chat", "migrate", "sync"):
            process = roster("instance", *line.split(), **{DATABASE_URL: url, GATEWAY_URL: "https://gateway.test"})
            assert process.returncode == 2
            assert process.stderr.startswith("using the postgresql database roster@127.0.0.1:1/instance\n")
            assert CANARY not in process.stdout + process.stderr


def test_problem_is_printed_once(roster: Run):
    process = roster("instance", "flag", TZ="UTC", **{DATABASE_URL: "postgresql://x@127.0.0.1:1/x"})
    assert process.stderr.count("cannot be used") == 1


class TestTables:
    """A database without tables, such as a PostgreSQL database that was just created."""

    @pytest.mark.parametrize(
        "line", ["flag", "explain duo_chat", "export", pytest.param(f"preview --at {TestPreview.AT}", id="preview")]
    )
    def test_command_that_only_reads_creates_no_tables(self, roster: Run, database_url: str, line: str):
        with open_database(database_url) as database:
            database.create()
            process = roster("instance", *line.split(), **{DATABASE_URL: database_url})
            assert process.returncode == (0 if line == "flag" else 2)
            assert f"the {database} is not migrated: run roster instance migrate\n" in process.stderr
            with database.read_transaction() as connection:
                assert inspect(connection).get_table_names() == []


class TestLastCheck:
    """A server reports what a command did, because both read it from the database."""

    def test_sync_sets_last_check(self, instance: Command, database_url: str):
        instance("flag", "on")
        with open_database(database_url) as database, ScriptedServer(ok(OLD)) as gateway:
            http = client(database)
            for _ in range(2):  # the second one finds the list unchanged
                before = datetime.now(UTC).isoformat(timespec="seconds")
                assert instance("sync", gateway=gateway).returncode == 0
                assert readiness(http)["last_check"] >= before
            assert metric_values(http)["last_check_age_seconds"] < 60
            assert instance("sync", gateway=gateway).returncode == 0
            gateway.plays = [answer("401 Unauthorized")]
            assert instance("sync", gateway=gateway).returncode == 1
            assert readiness(http)["last_error"]["reason"] == "unauthorized"
            gateway.plays = [ok(OLD)]
            assert instance("sync", gateway=gateway).returncode == 0
            assert readiness(http)["last_error"] is None

    def test_sync_leaves_the_lease_to_its_holder(self, instance: Command, database_url: str):
        instance("flag", "on")
        with open_database(database_url) as database, ScriptedServer(ok(OLD)) as gateway:
            lease = Lease(database)
            instance("sync", gateway=gateway)
            assert lease.acquire(), "a command is no leader"
            instance("sync", gateway=gateway)
            with database.read_transaction() as connection:
                assert lease.is_held(connection)


def test_token_without_the_extra(roster: Run, tmp_path: Path):
    process = roster("instance", "token", PYTHONPATH=without("sqlalchemy", tmp_path))
    assert (process.returncode, process.stdout) == (2, "")
    assert process.stderr == f"roster: {missing('sqlalchemy', 'instance')}\n"


@pytest.mark.parametrize("module", ["alembic", "psycopg"])
def test_missing_package_of_the_extra(roster: Run, tmp_path: Path, module: str):
    url = "postgresql://roster@127.0.0.1:1/roster" if module == "psycopg" else f"sqlite:///{tmp_path}/instance.db"
    process = roster("instance", "migrate", PYTHONPATH=without(module, tmp_path), **{DATABASE_URL: url})
    assert process.returncode == 2
    assert process.stderr.endswith(f"roster: {missing(module, 'instance')}\n")


@pytest.mark.parametrize("command", ["sync", "flag", "migrate"])
class TestMissing:
    def test_database(self, roster: Run, command: str):
        gateway = {GATEWAY_URL: "https://gateway.test"}
        process = roster("instance", command, **{DATABASE_URL: "sqlite:////nowhere/instance.db"}, **gateway)
        assert (process.returncode, process.stdout) == (2, "")
        assert process.stderr.endswith(
            "roster: the sqlite database /nowhere/instance.db cannot be used: its folder does not exist\n"
        )

    def test_extra(self, roster: Run, tmp_path: Path, command: str):
        process = roster("instance", command, PYTHONPATH=without("sqlalchemy", tmp_path))
        assert (process.returncode, process.stdout) == (2, "")
        assert process.stderr == f"roster: {missing('sqlalchemy', 'instance')}\n"
