"""The pages of the history: what they show, filters, paging, and hostile input."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
from starlette.testclient import TestClient

from roster.instance.auth.actor_names import ActorNames
from roster.instance.auth.token_revocation import revoke_by_name
from roster.instance.auth.tokens import Access, add_token
from roster.instance.database import feature_flag
from roster.instance.database.connections import Database
from roster.instance.history.audit_log import FOLLOWS_ROSTER
from roster.instance.page.history_form import parse_form
from roster.instance.page.history_view import EventsRead, build_events_page
from roster.instance.selection.paging import Page, encode_cursor
from tests.instance.auth.test_token_authentication import READ, WRITE
from tests.instance.database.statements import count_statements
from tests.instance.history.recorded import audit_event, chosen, own_default, store_events, store_sync
from tests.instance.page.page_server import PAGE, make_app
from tests.instance.page.sample_state import HOSTILE, LIST

HISTORY, SYNCS = f"{PAGE}/history", f"{PAGE}/syncs"
FIRST_ID = 1_000
"""Above the ids of the events of the sample selections."""


@pytest.fixture
def client(database: Database) -> Iterator[TestClient]:
    headers = {"Authorization": f"Bearer {WRITE}"}
    with TestClient(make_app(database), headers=headers, follow_redirects=False) as opened:
        yield opened


def text_of(html: str) -> str:
    """Return the text of a page, on one line."""
    main = html.partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def shown(client: TestClient, path: str, **parameters: str) -> str:
    """Return the text of a page that is found."""
    response = client.get(path, params=parameters)
    assert response.status_code == 200
    return text_of(response.text)


def test_changes_are_grouped_by_batch_in_the_words_of_admins(client: TestClient, database: Database):
    before, after = chosen("sonnet_4", "gemini"), chosen("sonnet_4", "opus_4")
    together = {"actor": "alice", "batch": "b1", "at": datetime.now(UTC) - timedelta(hours=1, seconds=5)}
    store_events(
        database,
        [
            audit_event(FIRST_ID, "duo_chat", before, after, **together),  # type: ignore[arg-type]
            audit_event(FIRST_ID + 1, "code-generation", FOLLOWS_ROSTER, own_default("codestral"), **together),  # type: ignore[arg-type]
            audit_event(FIRST_ID + 2, "ended", chosen("opus_4"), FOLLOWS_ROSTER, "bob", 7, "b2"),
        ],
    )
    text = shown(client, HISTORY)
    for part in (
        "2 features by alice , 1 hour ago (",
        "Code Generation Selection Follow the roster → , now Own default, all models allowed",
        "Default roster default → , now GitLab: Codestral 25.01",
        "General Chat Allowed, too GitLab: Claude Opus 4 No longer allowed GitLab: Gemini 2.5 Flash",
        "ended Namespace 7 by bob",
        "Selection Own model → , now Follow the instance Model GitLab: Claude Opus 4 → , now instance default",
    ):
        assert part in text


def test_filters_and_links_between_pages(client: TestClient, database: Database):
    events = [
        audit_event(FIRST_ID + n, ("duo_chat", "code-generation")[n % 2], new=chosen("opus_4"), batch=f"{n // 60}")
        for n in range(120)
    ]
    store_events(database, events)
    html = client.get(HISTORY, params={"feature": "duo_chat", "actor": "alice"}).text
    text = text_of(html)
    assert "30 of 60 changes are shown here. Show all 60" in text
    assert "Newer changes" not in text
    assert '<option value="duo_chat" selected>General Chat</option>' in html
    (older,) = re.findall(r'href="([^"]+)" rel="next"', html)
    html = client.get(unescape(older)).text
    assert len(re.findall('<li class="event">', html)) == 10
    (newer,) = re.findall(r'href="([^"]+)" rel="prev"', html)
    assert 'rel="next"' not in html
    assert "feature=duo_chat" in newer
    assert text_of(client.get(unescape(newer)).text) == text
    assert "60 changes by alice" in shown(client, HISTORY, batch="1")


def test_filter_that_fits_nothing_leads_back(client: TestClient, database: Database):
    text = shown(client, HISTORY, actor="nobody", feature="unknown \0", since="2026-01-01")
    assert "No changes match these filters Show all changes" in text
    assert "No sync was recorded yet" in shown(client, SYNCS)
    store_sync(database)
    assert "No syncs match these filters Show all syncs" in shown(client, SYNCS, outcome="failed")
    newest = encode_cursor((2**62,))
    assert "There are no more changes Show the newest changes" in shown(client, HISTORY, before=newest)


def test_invalid_filters_are_explained_and_kept(client: TestClient):
    long = "x" * 10_000
    for path, parameters, error in (
        (HISTORY, {"since": "Monday"}, 'Since: "Monday" is not a day. Write it as in 2026-11-30.'),
        (HISTORY, {"since": "2026-11-30", "until": "2026-11-01"}, "Until, 2026-11-01, is before Since, 2026-11-30"),
        (HISTORY, {"namespace": long}, f'Namespace: "{"x" * 59}…" is not the ID of a namespace. Write its number'),
        (HISTORY, {"namespace": "7", "instance": "only"}, "A namespace and “Instance only” exclude each other"),
        (HISTORY, {"after": "yesterday"}, "The address does not lead to a page: its after or before was changed."),
        (SYNCS, {"outcome": "good"}, 'Outcome: "good" is unknown. Choose replaced, failed or recovered.'),
    ):
        response = client.get(path, params=parameters)
        assert response.status_code == 400
        text = text_of(response.text)
        assert error in text
        assert "Show everything" in text
    assert f'value="{long}"' in client.get(HISTORY, params={"namespace": long}).text


def test_days_are_included_and_in_utc():
    form = parse_form({"since": "2026-11-23", "until": "2026-11-24"})
    assert form.syncs()[1:] == (datetime(2026, 11, 23, tzinfo=UTC), datetime(2026, 11, 25, tzinfo=UTC))
    assert parse_form({"until": date.max.isoformat()}).syncs().until is None


def test_usual_periods_begin_on_monday_today_and_30_days_ago():
    for now, monday in ((date(2026, 11, 30), "2026-11-30"), (date(2026, 11, 29), "2026-11-23")):
        moment = datetime(now.year, now.month, now.day, 23, 59, tzinfo=UTC)
        form, read = parse_form({"feature": "duo_chat"}), EventsRead(Page([], False, False), {}, {}, (), ActorNames({}))
        view = build_events_page(form, read, LIST, moment)
        queries = [period.value for period in view.links.periods]
        starts = (monday, now.isoformat(), (now - timedelta(days=30)).isoformat())
        assert queries == [f"?feature=duo_chat&since={start}" for start in starts]


def test_hostile_names_are_escaped(client: TestClient, database: Database):
    store_events(
        database,
        [audit_event(FIRST_ID, HOSTILE, chosen("hostile"), chosen("opus_4", HOSTILE), actor=HOSTILE, batch='"><b>')],
    )
    store_sync(database, "failed", message=HOSTILE)
    store_sync(database, changes=[HOSTILE], message=HOSTILE)
    for path in (HISTORY, f"{HISTORY}?feature=%3Cscript%3E", f"{HISTORY}?since=%3Cscript%3E&batch=%22%3E", SYNCS):
        html = client.get(path).text
        assert "&lt;script&gt;" in html
        assert not re.search(r"<script(?![^>]* src=)|<b>", html)


def test_actors_are_named_and_found_by_their_names(client: TestClient, database: Database):
    with database.write_transaction() as connection:
        add_token(connection, "Alice", "1a2b3c4d" + "0" * 56, Access.WRITE)
    store_events(database, [audit_event(FIRST_ID, "duo_chat", new=chosen("opus_4"), actor="token:1a2b3c4d")])
    text = shown(client, HISTORY, actor="Alice")
    assert "by Alice ," in text
    assert "token:1a2b3c4d" not in text


def test_changes_of_tokens_are_shown_with_write_access(client: TestClient, database: Database):
    with database.write_transaction() as connection:
        add_token(connection, "Alice", "1a2b3c4d" + "0" * 56, Access.READ)
        add_token(connection, "Bob", "1a2b3c4d" + "0" * 56, Access.READ)
        revoke_by_name(connection, "Bob")
    text = shown(client, HISTORY, tokens="only")
    assert "Bob Access token by " in text
    for part in ("Revoked Read-only", "Renamed Alice → , now Bob", "Added Read-only"):
        assert part in text
    assert "General Chat Selection" not in text
    assert "Bob Access token by" in shown(client, HISTORY)
    assert "Bob Access token" not in shown(client, HISTORY, instance="only")
    response = client.get(HISTORY, params={"tokens": "only", "feature": "duo_chat"})
    assert response.status_code == 400
    assert "excludes the filters of selections" in response.text
    client.headers["Authorization"] = f"Bearer {READ}"
    assert "Bob Access token" not in shown(client, HISTORY)
    assert "No changes match these filters" in shown(client, HISTORY, tokens="only")


def test_syncs_with_sentences_and_problems(client: TestClient, database: Database):
    store_sync(database, added=["sonnet_4"], removed=["gone"])
    store_sync(database, "failed", message="the gateway did not answer")
    store_sync(database, changes=["The default of General Chat went from a to b"], message="x is left out")
    text = shown(client, SYNCS)
    for part in (
        "The list was replaced",
        "The default of General Chat went from a to b",
        "Entries of the list were left out, because they are invalid: x is left out",
        "Failed The list could not be updated",
        "the gateway did not answer",
        "Added: GitLab: Claude Sonnet 4 Removed: gone",
    ):
        assert part in text


def test_pages_take_a_constant_number_of_statements(client: TestClient, database: Database):
    client.get(HISTORY)
    counts = []
    for start in (FIRST_ID, FIRST_ID + 1_000):
        store_events(database, [audit_event(start + n, batch=str(n), new=chosen("opus_4")) for n in range(30)])
        for path in (HISTORY, SYNCS):
            with count_statements(database) as statements:
                client.get(path)
            counts.append(len(statements))
    assert counts == [8, 4] * 2


def test_pages_need_a_session_and_lead_back_to_themselves(client: TestClient):
    del client.headers["Authorization"]
    for path in (f"{HISTORY}?feature=duo_chat", SYNCS):
        response = client.get(path)
        assert response.status_code == 303
        assert response.headers["location"].startswith("/admin/sign_in?return_to=")


def test_pages_are_not_found_while_the_flag_is_off(client: TestClient, database: Database):
    with database.write_transaction() as connection:
        feature_flag.set_enabled(connection, False)
    assert [client.get(path).status_code for path in (HISTORY, SYNCS)] == [404, 404]


def test_feature_links_to_its_history(client: TestClient):
    html = client.get(PAGE, params={"feature": "duo_chat"}, headers={"Authorization": f"Bearer {READ}"}).text
    assert f'href="{HISTORY}?feature=duo_chat"' in html
