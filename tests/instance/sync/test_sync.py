"""Sync results for each response of a gateway: the new list is stored, or the old one remains."""

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, event, func, select, text
from sqlalchemy.exc import IntegrityError

from roster.download.rejection import REASONS
from roster.findings import ConfigurationError
from roster.instance.database.connections import Database
from roster.instance.database.errors import DatabaseUnavailable
from roster.instance.database.tables import sync_runs
from roster.instance.selection.list_difference import ListDifference
from roster.instance.selection.offered_list_storage import load_offered_list
from roster.instance.sync import sync as module
from roster.instance.sync.sync import Sync, SyncResult
from tests.accept.example_downloads import as_bytes, model, rendered
from tests.accept.test_accept_definitions import gitlab
from tests.download.scripted_server import CHUNKED, Ending, Play, ScriptedServer, Step, answer, chunk, endless, head, ok
from tests.instance.sync.sync_helpers import (
    DEFINITIONS,
    NEW,
    OFFERED,
    OLD,
    PLAIN,
    DatabaseCalls,
    dump_database,
    offered_model_ids,
    open_database,
    read_status,
    set_flag,
    settings_for,
    sync_body,
    sync_from,
)

GONE = answer("404 Not Found")


def _drop_lists(database: Database) -> list[Step]:
    with database.write_transaction() as connection:
        connection.execute(text("DROP TABLE instance_ai_lists"))
    return ok(OLD)


@pytest.fixture
def database(migrated_url: str) -> Iterator[Database]:
    """A database with the feature turned on."""
    with open_database(migrated_url) as database:
        set_flag(database, on=True)
        yield database


class TestAcceptedList:
    def test_first_sync_stores_everything(self, database: Database):
        result = sync_body(database, OLD, 'ETag: "old"')
        first = "The first list offers 3 models for 3 features"
        assert result == SyncResult("replaced", ListDifference(added=("claude", "gemini", "mistral")), (first,))
        assert offered_model_ids(database) == ["claude", "gemini", "mistral"]
        status = read_status(database)
        assert status.list
        assert (status.list.version, status.list.kind, status.list.etag) == (1, "definitions", '"old"')
        assert status.list.source.endswith(DEFINITIONS)
        assert status.last_run
        assert status.last_run.outcome == "replaced"

    def test_next_sync_reports_differences(self, database: Database):
        sync_body(database, OLD)
        difference = ListDifference(added=("gpt",), removed=("mistral",))
        changes = ("GitLab: Mistral is no longer offered", "GitLab: Gpt is offered for General Chat")
        assert sync_body(database, NEW) == SyncResult("replaced", difference, changes)
        with database.read_transaction() as connection:
            stored = connection.scalars(select(sync_runs.c.changes).order_by(sync_runs.c.id.desc())).first()
        assert stored == list(changes)
        assert offered_model_ids(database) == ["claude", "gemini", "gpt"]
        status = read_status(database)
        assert status.list
        assert status.list.version == 2

    def test_definitions_of_gitlab_gateway_are_synced_in_newer_and_older_forms(self, database: Database):
        content = gitlab()
        content["models"].append({"name": "Qwen", "identifier": "qwen2p5-coder-7b", "params": {}})  # in no list
        content["unit_primitives"][1]["beta_models"].append("claude-3-7-sonnet-20250219")  # no model
        assert sync_body(database, as_bytes(content)).outcome == "replaced"
        newer = ["sonnet", "sonnet_vertex", "haiku", "__default__duo_chat"]
        assert offered_model_ids(database) == newer
        assert len(read_status(database).left_out) == 1
        for each in content["models"]:
            each.pop("deprecation", None)
            each.pop("cost_indicator", None)
        for each in content["unit_primitives"]:
            del each["default_models"], each["deprecated_models"]
            each["selectable_models"] = [id_ for id_ in each["selectable_models"] if "__" not in id_]
            each["default_model"] = "sonnet" if each["default_model"] else None
        assert sync_body(database, as_bytes(content)).difference.removed == ("__default__duo_chat",)
        assert offered_model_ids(database) == newer[:3]

    def test_left_out_model_is_reported_until_the_list_is_replaced(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(module, "MAX_SYNC_RUNS", 1)
        content = json.loads(OLD)
        content["models"][0]["name"] = ""
        message = (
            'the model "claude" is left out: '
            '"name" is invalid; expected: a name on one line, with no space before or after it'
        )
        result = sync_body(database, as_bytes(content))
        assert (result.outcome, result.message) == ("replaced", message)
        assert offered_model_ids(database) == ["gemini", "mistral"]
        for play in (answer("401 Unauthorized"), answer("403 Forbidden"), ok(as_bytes(content))):
            with ScriptedServer(play) as server:
                sync_from(database, server.origin)
            assert read_status(database).left_out == (message,)
        sync_body(database, OLD)
        assert read_status(database).left_out == ()

    @pytest.mark.parametrize("play", [answer("304 Not Modified"), ok(OLD, 'ETag: "old"'), ok(OLD, 'ETag: "newer"')])
    def test_unchanged_list_writes_nothing(self, database: Database, play: Play):
        with ScriptedServer(ok(OLD, 'ETag: "old"'), play) as server:
            sync_from(database, server.origin)
            before, calls = dump_database(database), DatabaseCalls(database)
            assert sync_from(database, server.origin).outcome == "unchanged"
        assert calls.writes == []
        assert len(calls.reads) == 1
        assert dump_database(database) == before
        assert server.requests[1].headers["if-none-match"] == '"old"'

    def test_number_of_statements_is_constant(self, database: Database):
        numbers = []
        for size in (10, 200):
            names = [f"m{size}_{number}" for number in range(size)]  # returning models take another statement
            sync_body(database, rendered("definitions", "".join(map(model, names))), max_shrink=1.0)
            others = [model(name, "  description: Another\n") for name in names[size // 2 :]]
            others += [model(f"n{size}_{number}") for number in range(size // 2)]
            calls = DatabaseCalls(database)
            difference = sync_body(database, rendered("definitions", "".join(others)), max_shrink=1.0).difference
            assert [len(ids) for ids in difference[:3]] == [size // 2] * 3
            numbers.append([statement.split()[0] for statement in calls.statements])
        assert numbers[0] == numbers[1]

    def test_special_characters_are_preserved(self, database: Database):
        name = "Straße e\u0301 İstanbul ǅ 漢𠮷 \U0001f600"
        body = OLD.replace(b"GitLab: Gemini", name.encode())
        with ScriptedServer(ok(body)) as server:
            assert sync_from(database, server.origin).outcome == "replaced"
            assert sync_from(database, server.origin).outcome == "unchanged"
        with database.read_transaction() as connection:
            assert load_offered_list(connection).models["gemini"].name == name


class TestRequests:
    def test_plain_list_is_requested_without_definitions(self, database: Database):
        with ScriptedServer(GONE, ok(PLAIN, 'ETag: "plain"')) as server:
            assert sync_from(database, server.origin).outcome == "replaced"
            server.plays = [GONE, answer("304 Not Modified")]
            assert sync_from(database, server.origin).outcome == "unchanged"
            server.plays = [ok(OLD)]
            assert sync_from(database, server.origin).outcome == "replaced"
        requests = [(request.path, request.headers.get("if-none-match")) for request in server.requests]
        assert requests == [
            (DEFINITIONS, None), (OFFERED, None), (DEFINITIONS, None), (OFFERED, '"plain"'), (DEFINITIONS, None),
        ]  # fmt: skip
        status = read_status(database)
        assert status.list
        assert (status.list.version, status.list.kind) == (2, "definitions")

    def test_plain_list_keeps_missing_values(self, database: Database):
        sync_body(database, OLD)
        with ScriptedServer(GONE, ok(PLAIN)) as server:
            assert sync_from(database, server.origin).outcome == "replaced"
        with database.read_transaction() as connection:
            stored = load_offered_list(connection).features["duo_chat"]
        assert (stored.default, stored.default_source) == ("gemini", "kept")

    def test_no_request_while_off(self, database: Database):
        set_flag(database, on=False)
        before = dump_database(database)
        with ScriptedServer(ok(OLD)) as server:
            assert sync_from(database, server.origin).outcome == "off"
        assert server.requests == []
        assert dump_database(database) == before

    def test_no_transaction_is_open_during_download(self, database: Database):
        opens = []

        def play() -> list[Step]:
            opens.append(database.engine.pool.status())
            return ok(OLD)

        with ScriptedServer(play) as server:
            sync_from(database, server.origin)
        assert len(opens) == 1
        assert "Current Checked out connections: 0" in opens[0]

    def test_no_gateway(self, database: Database):
        with pytest.raises(ConfigurationError, match="ROSTER_INSTANCE_GATEWAY_URL is not set"):
            Sync(database, settings_for("http://127.0.0.1:1")._replace(gateway=None))


REFUSED: dict[str, tuple[Play, str]] = {
    "204": (answer("204 No Content"), "bad-status"),
    "304 unasked": (answer("304 Not Modified"), "bad-status"),
    "401": (answer("401 Unauthorized"), "unauthorized"),
    "404 on both": (GONE, "not-found"),
    "429": (answer("429 Too Many Requests", "Retry-After: 3600"), "rate-limited"),
    "500": (answer("500 Internal Server Error"), "bad-status"),
    "closed": ([Ending.CLOSE], "unreachable"),
    "reset": ([Ending.RESET], "unreachable"),
    "truncated": ([answer("200 OK", body=NEW[:99], length=999)[0], Ending.CLOSE], "truncated"),
    "truncated in chunks": ([CHUNKED, chunk(NEW[:99]), Ending.CLOSE], "truncated"),
    "no bytes": (ok(b"", 'ETag: "bad"'), "empty"),
    "sign-in page": (ok(b"<!DOCTYPE html><title>Sign in</title>", 'ETag: "bad"'), "wrong-shape"),
    "no JSON": (ok(NEW[: len(NEW) // 2], 'ETag: "bad"'), "not-parsed"),
    "duplicate keys": (ok(NEW.replace(b'"models"', b'"models": 1, "models"'), 'ETag: "bad"'), "not-parsed"),
    "another artifact": (ok(rendered("gateway"), 'ETag: "bad"'), "wrong-shape"),
    "empty list": (ok(as_bytes({"models": [], "unit_primitives": []}), 'ETag: "bad"'), "no-models"),
    "shrunk": (ok(rendered("definitions", model("claude")), 'ETag: "bad"'), "shrunk"),
    "too large": (endless(CHUNKED, chunk(b" " * 65536)), "too-large"),
    "body drip": (endless(head("HTTP/1.1 200 OK", "Content-Length: 9999"), b" ", 0.05), "deadline-passed"),
    "header drip": (endless(b"HTTP/1.1 200 OK\r\nX: ", b"y", 0.05), "deadline-passed"),
}


@pytest.mark.parametrize(
    "case", [pytest.param(each, marks=pytest.mark.slow if each == "header drip" else ()) for each in REFUSED]
)
def test_failure_keeps_list_and_is_recorded_once(database: Database, case: str):
    play, reason = REFUSED[case]
    changes = {"deadline_seconds": 0.7} if reason == "deadline-passed" else {}
    with ScriptedServer(ok(OLD, 'ETag: "good"')) as server:
        sync_from(database, server.origin)
        before, stored = dump_database(database, without=(sync_runs,)), read_status(database).list
        if case == "304 unasked":  # with an ETag, it would be requested
            server.plays = [GONE, play]
        else:
            server.plays = [play]
        result = sync_from(database, server.origin, **changes)
        assert (result.outcome, result.reason) == ("failed", reason)
        assert reason in REASONS
        status = read_status(database)
        assert dump_database(database, without=(sync_runs,)) == before
        assert status.list == stored, "the age of the list must keep growing"
        assert status.last_run
        assert (status.last_run.outcome, status.last_run.reason, status.last_run.message) == (
            "failed",
            reason,
            result.message,
        )

        calls = DatabaseCalls(database)
        if case == "304 unasked":
            server.plays = [GONE, play]
        assert sync_from(database, server.origin, **changes) == result
        assert calls.writes == []

        server.plays = [answer("304 Not Modified")]
        assert sync_from(database, server.origin).outcome == "recovered"
        assert server.requests[-1].headers["if-none-match"] == '"good"', "the ETag of a rejected list must not be sent"
        assert sync_from(database, server.origin).outcome == "unchanged"
    status = read_status(database)
    assert status.list == stored
    assert status.last_run
    assert status.last_run.outcome == "recovered"


class TestFailures:
    def test_failed_first_sync_records_only_the_failure(self, database: Database):
        with ScriptedServer(answer("401 Unauthorized"), ok(OLD)) as server:
            assert sync_from(database, server.origin).reason == "unauthorized"
            assert read_status(database).list is None
            assert sync_from(database, server.origin).outcome == "replaced"

    def test_different_failure_is_recorded(self, database: Database):
        with ScriptedServer(answer("401 Unauthorized"), answer("403 Forbidden")) as server:
            for message in ("the source answered 401", "the source answered 403"):
                assert sync_from(database, server.origin).message == message
                run = read_status(database).last_run
                assert run
                assert run.message == message

    def test_defect_is_recorded_like_a_rejection(self, database: Database, monkeypatch: pytest.MonkeyPatch):
        sync_body(database, OLD)
        monkeypatch.setattr(module, "build_offered_list", lambda *_: [][0])
        result = sync_body(database, NEW)
        assert (result.outcome, result.reason) == ("failed", "defect")
        assert result.message == "the instance failed with IndexError"
        assert offered_model_ids(database) == ["claude", "gemini", "mistral"]

    def test_large_list_is_compared_with_the_stored_one(self, database: Database, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("roster.accept.child_process.LARGE_BYTES", 1)
        assert sync_body(database, OLD).outcome == "replaced"
        assert sync_body(database, rendered("definitions", model("claude"))).reason == "shrunk"

    def test_old_runs_are_deleted(self, database: Database, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(module, "MAX_SYNC_RUNS", 3)
        for number in range(5):
            assert sync_body(database, NEW if number % 2 else OLD).outcome == "replaced"
        with database.read_transaction() as connection:
            assert connection.scalar(select(func.count()).select_from(sync_runs)) == 3
            assert connection.scalar(select(func.max(sync_runs.c.version))) == 5

    def test_failures_do_not_displace_what_changed(self, database: Database, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(module, "MAX_SYNC_RUNS", 2)
        for body in (OLD, NEW):
            sync_body(database, body)
        failures = (answer("401 Unauthorized"), answer("403 Forbidden")) * 2
        with ScriptedServer(*failures) as server:
            for _ in range(4):
                assert sync_from(database, server.origin).outcome == "failed"
        with database.read_transaction() as connection:
            outcomes = connection.scalars(select(sync_runs.c.outcome).order_by(sync_runs.c.id)).all()
        assert outcomes == ["replaced", "replaced", "failed", "failed"]


class TestConcurrentChanges:
    def test_flag_turned_off_during_download(self, database: Database):
        def play() -> list[Step]:
            set_flag(database, on=False)
            return ok(OLD)

        with ScriptedServer(play) as server:
            assert sync_from(database, server.origin).outcome == "off"
        assert read_status(database)[1:] == (None, None, None, ())

    def test_failure_is_not_recorded_while_off(self, database: Database):
        def play() -> list[Step]:
            set_flag(database, on=False)
            return answer("401 Unauthorized")

        with ScriptedServer(play) as server:
            assert sync_from(database, server.origin).outcome == "off"
        assert read_status(database).last_run is None

    def test_sync_restarts_if_list_was_replaced(self, database: Database):
        def play() -> list[Step]:
            server.plays = [ok(OLD)]
            assert sync_from(database, server.origin).outcome == "replaced"
            return ok(OLD)

        with ScriptedServer(play) as server:
            assert sync_from(database, server.origin).outcome == "unchanged"
        status = read_status(database)
        assert status.list
        assert status.list.version == 1

    def test_sync_gives_up_if_list_keeps_being_replaced(self, database: Database, monkeypatch: pytest.MonkeyPatch):
        with ScriptedServer(ok(OLD)) as server:
            syncing = Sync(database, settings_for(server.origin))
            monkeypatch.setattr(syncing, "_write", lambda *_: None)
            assert syncing.run().outcome == "superseded"

    @pytest.mark.parametrize("table", ["instance_ai_lists", "instance_ai_sync_runs"])
    def test_statement_error_is_raised(self, database: Database, table: str, monkeypatch: pytest.MonkeyPatch):
        """A statement that the database rejects is a defect, and no outcome of a sync."""

        def reject(_: Connection, __: object, statement: str, *___: object) -> None:
            if statement.startswith("INSERT") and table in statement:
                raise IntegrityError(statement, None, Exception())

        event.listen(database.engine, "before_cursor_execute", reject)
        with ScriptedServer(ok(OLD)) as server, pytest.raises(IntegrityError):
            sync_from(database, server.origin)
        assert read_status(database).list is None

    def test_unusable_database_is_reported(self, database: Database):
        with ScriptedServer(lambda: _drop_lists(database)) as server, pytest.raises(DatabaseUnavailable):
            sync_from(database, server.origin)

    def test_former_leader_writes_nothing(self, database: Database):
        before = dump_database(database)
        with ScriptedServer(ok(OLD), answer("401 Unauthorized")) as server:
            for _ in range(2):
                assert Sync(database, settings_for(server.origin), lambda _: False).run().outcome == "superseded"
        assert dump_database(database) == before
