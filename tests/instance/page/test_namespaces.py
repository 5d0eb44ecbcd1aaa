"""The page of namespaces and the export: filters, paging, reasons, hostile names, access and statement counts."""

import csv
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from html import escape, unescape
from io import StringIO
from typing import Any

import pytest
from sqlalchemy import delete
from starlette.testclient import TestClient

from roster.accept.accepted_list import SuspendedModel, Tombstone
from roster.instance.auth.sessions import SESSION_COOKIE
from roster.instance.auth.token_revocation import revoke_by_name
from roster.instance.auth.tokens import Access, add_token, hash_token
from roster.instance.database import feature_flag, tables
from roster.instance.database.connections import Database
from roster.instance.page import sign_in
from roster.instance.selection.requested_selection import RequestedSelection
from roster.instance.selection.resolution import SelectionLevel, resolve
from roster.instance.selection.state import StateReader
from roster.settings.secret import Secret
from tests.instance.auth.test_token_authentication import READ, open_session_for
from tests.instance.database.statements import count_statements
from tests.instance.page.large_instance import fill_large
from tests.instance.page.large_list import large_list
from tests.instance.page.page_server import PAGE, SIGN_IN, fill, make_app
from tests.instance.page.sample_state import HOSTILE, LIST
from tests.instance.selection import offered_lists
from tests.instance.selection.namespace_rows import many, store_namespaces
from tests.instance.selection.offered_lists import store_list
from tests.instance.sync.sync_helpers import open_database

NAMESPACES, EXPORT = f"{PAGE}/namespaces", f"{PAGE}/export"
SUSPENDED = SuspendedModel("opus_4", date(2026, 11, 20), "provider incident")
TITLE = '"><img src=x onerror=alert(1)>'
OFFERED = LIST._replace(
    features={
        **LIST.features,
        "duo_chat": LIST.features["duo_chat"]._replace(models={"sonnet_4": None, "gemini": None}),
        "resolve_vulnerability": LIST.features["resolve_vulnerability"]._replace(title=TITLE),
    },
    retired={**LIST.retired, ("sonnet_3_5", ""): Tombstone("sonnet_3_5", date(2026, 6, 30), None)},
    suspended={"opus_4": SUSPENDED},
)
CHOSEN = [
    (7, "duo_chat", "gemini"),
    (7, "code-generation", "sonnet_3_7"),
    (8, "duo_chat", "haiku_3_5"),
    (9, "duo_chat", "opus_4"),
    (10, "duo_chat", "sonnet_3_5"),
    (11, "glab_ask", "sonnet_4"),
    (12, "resolve_vulnerability", "hostile"),
]


OWN = RequestedSelection("code-generation", ("codestral", "sonnet_4"), "codestral")


@pytest.fixture
def database(migrated_url: str) -> Iterator[Database]:
    """A database with selections of namespaces for every reason, and the feature flag on."""
    opened = Database(Secret(migrated_url))
    fill(opened, OFFERED, (OWN,))
    with opened.write_transaction() as connection:
        store_namespaces(connection, CHOSEN)
    yield opened
    opened.close()


@pytest.fixture
def client(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setattr(sign_in, "FAILED_SIGN_IN_DELAY", 0)
    session = open_session_for(database, READ)
    with TestClient(make_app(database), base_url="http://127.0.0.1:8080", follow_redirects=False) as opened:
        opened.cookies.set(SESSION_COOKIE, session.cookie)
        yield opened


def text_of(html: str) -> str:
    """Return the text of the page's main part, on one line."""
    main = html[html.index("<main") :]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", main))).replace(" ;", ";").replace(" ,", ",")


def rows(html: str) -> list[str]:
    """Return the text of each row."""
    return [text_of("<main" + row) for row in html.split("<tr ")[2:]]


def namespaces(html: str) -> list[int]:
    return [int(number) for number in re.findall(r"Namespace</span> ([0-9]+)</td>", html)]


def test_list_says_what_serves_each_namespace_and_why(client: TestClient):
    html = client.get(NAMESPACES).text
    assert "7 selections" in text_of(html)
    sonnet = "GitLab: Claude Sonnet 4"
    reasons = [
        "GitLab: Gemini 2.5 Flash selected by the namespace",
        (
            "GitLab: Codestral 25.01 Not as selected The instance does not allow GitLab: Claude 3.7 Sonnet; "
            "your default, GitLab: Codestral 25.01, serves."
        ),
        f"{sonnet} Not as selected the replacement of GitLab: Claude 3.5 Haiku, which is unavailable",
        (
            f"{sonnet} Not as selected GitLab: Claude Opus 4 has been suspended since 20 November 2026 : "
            f"provider incident; the roster default, {sonnet}, serves."
        ),
        (
            f"{sonnet} Not as selected GitLab: Claude 3.5 Sonnet was retired, and nothing replaces it now; "
            f"the roster default, {sonnet}, serves."
        ),
        f"No model Not as selected {sonnet} is unavailable; no model serves the feature.",
        f"{HOSTILE} selected by the namespace",
    ]
    for row, reason, (number, _, _) in zip(rows(html), reasons, CHOSEN, strict=True):
        assert f"Namespace {number} " in row
        assert f"Served by {reason} " in row
        assert "Changed 5 August 2026, 12:00 UTC by somebody" in row


def test_replacement_of_the_default_is_named(database: Database, client: TestClient):
    code = LIST.features["code-generation"]._replace(models={"sonnet_4": None})
    ended = {("codestral", ""): Tombstone("codestral", date(2026, 6, 30), "sonnet_4")}
    with database.write_transaction() as connection:
        store_list(connection, LIST._replace(features={"code-generation": code}, retired=ended), version=3)
    reason = "the replacement of your default, GitLab: Claude Sonnet 4, serves."
    assert reason in text_of(client.get(f"{NAMESPACES}?feature=code-generation").text)


def test_filters_are_kept_in_the_form_and_can_be_cleared(client: TestClient):
    cases = {
        "feature=duo_chat": [7, 8, 9, 10],
        "model=sonnet_4": [11],
        "namespace=7": [7, 7],
        "namespace=gid://gitlab/Group/8": [8],
        "not_effective=1": [7, 8, 9, 10, 11],
        "not_effective=0&namespace=9": [9],
        "feature=duo_chat&model=gemini&namespace=7&not_effective=": [7],
        "feature=code-completion": [],
        "namespace=12345": [],
    }
    for query, expected in cases.items():
        html = client.get(f"{NAMESPACES}?{query}").text
        assert namespaces(html) == expected, query
        assert "Clear filters" in html, query
    assert "No selection matches" in html
    html = client.get(f"{NAMESPACES}?feature=duo_chat&model=codestral&namespace=9&not_effective=1").text
    assert re.findall(r'<option value="([^"]+)" dir="auto" selected>([^<]+)', html) == [
        ("codestral", "GitLab: Codestral 25.01 (0)"),
        ("duo_chat", "General Chat (1)"),
    ]
    assert 'value="9"' in html
    assert "checked>" in html
    assert "Clear filters" not in client.get(NAMESPACES).text


def test_value_that_fits_nothing_is_explained_and_kept(client: TestClient):
    long = "x" * 10_000
    cases = {
        "feature=<b>": "No feature is named <b>. Select one from the list.",
        "model=%00": "No model has the ID \0. Select one from the list.",
        f"model={long}": f"No model has the ID {'x' * 100}. Select one from the list.",
        "namespace=seven%22": 'seven" is not a namespace ID. Enter a number, or a global ID such as gid://gitlab/',
        f"namespace={long}": f"{'x' * 100} is not a namespace ID.",
        "namespace=-1": "-1 is not a namespace ID.",
        "feature=%ff&not_effective=1": "No feature is named \ufffd.",
    }
    for query, message in cases.items():
        response = client.get(f"{NAMESPACES}?{query}")
        assert response.status_code == 200
        assert message in text_of(response.text).replace(" .", "."), query
        assert namespaces(response.text) == [], query
        assert "<b>" not in response.text
    assert f'value="{escape(chr(34))}' not in response.text
    assert 'value="seven&#34;"' in client.get(f"{NAMESPACES}?namespace=seven%22").text


def test_pages_lead_to_each_other_with_the_filter(database: Database, client: TestClient):
    with database.write_transaction() as connection:
        rows = [(number, "code-completion", "gemini") for number in range(1000, 1120)]
        store_namespaces(connection, rows, first_id=20_000)
    for query, expected in (
        ("", [number for number, _, _ in CHOSEN + rows]),
        ("?model=gemini", [7, *range(1000, 1120)]),
    ):
        listed, path = [], f"{NAMESPACES}{query}"
        while path:
            html = client.get(path).text
            listed += namespaces(html)
            following = re.search(r'href="([^"]+)" rel="next"', html)
            last, path = path, unescape(following[1]) if following else ""
        assert listed == expected
        path = last
        while path:
            html = client.get(path).text
            previous = re.search(r'href="([^"]+)" rel="prev"', html)
            path = unescape(previous[1]) if previous else ""
        assert namespaces(html) == expected[:50]
    assert namespaces(client.get(f"{NAMESPACES}?after=nonsense").text) == expected_first(rows)


def expected_first(others: list[tuple[int, str, str]]) -> list[int]:
    return [number for number, _, _ in CHOSEN + others][:50]


def test_model_that_only_an_earlier_id_leads_to_can_be_filtered(database: Database, client: TestClient):
    with database.write_transaction() as connection:
        retired = {("opus_5", ""): Tombstone("opus_5", date(2026, 6, 30), "sonnet_4")}
        store_list(connection, OFFERED._replace(aliases={"gemini": "opus_5"}, retired=retired), version=3)
    assert '<option value="opus_5" dir="auto">opus_5 (1)</option>' in client.get(NAMESPACES).text
    for model in ("opus_5", "gemini"):
        assert namespaces(client.get(f"{NAMESPACES}?model={model}").text) == [7]


def test_no_selections(database: Database, client: TestClient):
    with database.write_transaction() as connection:
        connection.execute(delete(tables.selected_features))
    assert "No namespace selected a model" in client.get(NAMESPACES).text


def test_names_are_escaped_and_isolated(client: TestClient):
    for path in (
        NAMESPACES,
        f"{NAMESPACES}?feature=resolve_vulnerability&model=hostile",
        f"{PAGE}?feature=resolve_vulnerability",
    ):
        html = client.get(path).text
        assert HOSTILE not in html
        assert TITLE not in html
        assert f"<bdi>{escape(HOSTILE, quote=True).replace('&quot;', '&#34;')}</bdi>" in html
        assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|<img src=x", html)


def test_features_page_counts_namespaces_and_leads_to_them(client: TestClient):
    html = re.sub(r"\s+", " ", client.get(PAGE).text)
    assert html.count('<small>4 namespaces<span class="hidden"> with a selection</span></small>') == 1
    html = client.get(f"{PAGE}?feature=duo_chat").text
    links = dict(re.findall(r'href="(/admin/model_selection/namespaces\?[^"]+)">([^<]+)', html))
    assert {unescape(path): text for path, text in links.items()} == {
        f"{NAMESPACES}?feature=duo_chat": "4 namespaces",
        f"{NAMESPACES}?feature=duo_chat&model=gemini": "1 namespace",
    }
    for path, text in links.items():
        assert len(namespaces(client.get(unescape(path)).text)) == int(text.split()[0])


def exported(client: TestClient, suffix: str, **options: Any) -> Any:
    response = client.get(f"{EXPORT}.{suffix}", **options)
    assert response.status_code == 200
    day = datetime.now(UTC).date()
    assert response.headers["content-disposition"] == f'attachment; filename="model-selections-{day}.{suffix}"'
    assert response.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in response.headers["content-security-policy"]
    if suffix == "json":
        assert response.headers["content-type"] == "application/json"
        return response.json()["selections"]
    assert response.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    return list(csv.DictReader(StringIO(response.text, newline="")))


def test_export_with_session_or_token(client: TestClient):
    for suffix in ("csv", "json"):
        selections = exported(client, suffix)
        assert [each["feature"] for each in selections] == [OWN.feature, *(feature for _, feature, _ in CHOSEN)]
        assert [str(each["namespace_id"] or "") for each in selections[1:]] == [str(number) for number, _, _ in CHOSEN]
    client.cookies.clear()
    assert len(exported(client, "csv", headers={"Authorization": f"Bearer {READ}"})) == len(CHOSEN) + 1


def test_export_requires_access(database: Database, client: TestClient):
    with database.write_transaction() as connection:
        add_token(connection, "alice", hash_token("of alice"), Access.READ)
        revoke_by_name(connection, "alice")
    client.cookies.clear()
    for suffix in ("csv", "json"):
        redirect = client.get(f"{EXPORT}.{suffix}")
        assert (redirect.status_code, redirect.headers["location"].partition("?")[0]) == (303, SIGN_IN)
        response = client.get(f"{EXPORT}.{suffix}", headers={"Authorization": "Bearer wrong"})
        assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")
        assert response.text == "authentication required: send a valid bearer token\n"
        response = client.get(f"{EXPORT}.{suffix}", headers={"Authorization": "Bearer of alice"})
        assert (response.status_code, response.text) == (401, 'the access token "alice" was revoked: use another one\n')
    assert client.get(NAMESPACES).headers["location"].partition("?")[0] == SIGN_IN


def test_export_and_list_while_the_feature_flag_is_off(database: Database, client: TestClient):
    with database.write_transaction() as connection:
        feature_flag.set_enabled(connection, False)
    for path in (NAMESPACES, f"{EXPORT}.csv", f"{EXPORT}.json"):
        assert client.get(path).status_code == 404


def test_statements_do_not_grow_with_the_data(database: Database, client: TestClient):
    counts = []
    for count in (3, 12):
        with database.write_transaction() as connection:
            connection.execute(delete(tables.selected_features))
            connection.execute(delete(tables.selection_versions))
            connection.execute(delete(tables.namespaces))
            store_list(connection, offered_lists.large_list(count, 10), version=count)
            store_namespaces(connection, many(count, count, 10))
        client.get(PAGE)  # reads the new list
        for path in (NAMESPACES, f"{NAMESPACES}?not_effective=1", PAGE, f"{EXPORT}.csv"):
            with count_statements(database) as statements:
                assert client.get(path).status_code == 200
            counts.append((path, len(statements)))
    assert counts[:4] == counts[4:]
    assert max(count for _, count in counts) <= 6


@pytest.mark.slow
def test_large_instance_is_listed_completely(migrated_url: str):
    with open_database(migrated_url) as database:
        fill_large(database, 0)
        features = list(large_list().features.values())
        chosen = [
            (number, feature.name, list(feature.models)[(7 * number + index) % len(feature.models)])
            for number in range(1, 501)
            for index, feature in enumerate(features)
        ]
        with database.write_transaction() as connection:
            store_namespaces(connection, chosen)
        client = TestClient(make_app(database), base_url="http://127.0.0.1:8080")
        client.cookies.set(SESSION_COOKIE, open_session_for(database, READ).cookie)
        selections = [each for each in exported(client, "json") if each["namespace_id"]]
        assert [(each["namespace_id"], each["feature"], each["default_model"]) for each in selections] == chosen
        others = [each for each in selections if each["served_by"] != each["default_model"]]
        assert 0 < len(others) < len(selections)
        for path, total in ((NAMESPACES, len(selections)), (f"{NAMESPACES}?not_effective=1", len(others))):
            with count_statements(database) as statements:
                html = client.get(path).text
            assert f"<p>{total:,} selections</p>" in html
            assert len(statements) <= 6
        serving = {(each["namespace_id"], each["feature"]): each["served_by"] for each in selections}
        with database.read_transaction() as connection:
            reader = StateReader()
            for number in (1, 17, 500):
                state = reader.state(connection, number)
                for name, own in state.namespace.items():
                    instance = state.instance.get(name)
                    expected = resolve(state.offered, name, instance, own, SelectionLevel.NAMESPACE)
                    assert serving[number, name] == expected.model
