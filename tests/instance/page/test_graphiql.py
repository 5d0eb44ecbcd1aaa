"""The page GraphiQL: packaged files, a policy of its own, and operations with the session of the visitor."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect
from starlette.testclient import TestClient

from roster.instance.database.connections import Database
from roster.instance.http import paths
from roster.instance.page.graphiql.router import FILES
from tests.instance.auth.test_token_authentication import READ
from tests.instance.page.admin_actions import sign_in
from tests.instance.page.page_server import Server, end_sessions, make_app, selected
from tests.instance.page.test_browser_page import expecting
from tests.instance.page.test_router import POLICY, SAME_ORIGIN
from tests.started_programs import Screenshot
from tests.vendored_files import compare_with_hashes, compare_with_package

PACKAGE = "roster.instance.page.graphiql"
MUTATION = """mutation {
  aiFeatureSettingUpdate(input: {feature: "code-completion", models: ["codestral"], defaultModel: "codestral"}) {
    errors
  }
}"""


@pytest.fixture
def client(database: Database) -> Iterator[TestClient]:
    app = make_app(database)
    with TestClient(app, base_url="http://127.0.0.1:8080", follow_redirects=False) as opened:
        yield opened


def policy_of(client: TestClient) -> set[str]:
    response = client.get(paths.GRAPHIQL)
    assert response.status_code == 200
    return set(response.headers["content-security-policy"].split("; "))


def test_page_needs_a_session(client: TestClient):
    redirect = client.get(paths.GRAPHIQL)
    assert redirect.status_code == 303
    assert redirect.headers["location"] == f"{paths.SIGN_IN}?return_to={paths.GRAPHIQL}"


def test_page_loads_only_packaged_files(client: TestClient):
    client.post(paths.SIGN_IN, data={"token": READ}, headers=SAME_ORIGIN)
    urls = re.findall(r'(?:src|href)="([^"]*)"', client.get(paths.GRAPHIQL).text)
    assert len([url for url in urls if url.startswith(f"{paths.GRAPHIQL_ASSETS}/")]) == len(FILES.by_name)
    for url in urls:
        assert url.startswith(paths.ASSETS)
        response = client.get(url)
        assert response.status_code == 200
        assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert client.get(f"{paths.GRAPHIQL_ASSETS}/README.md").status_code == 404


def test_policy_allows_only_own_scripts_and_style_elements_with_a_nonce(client: TestClient):
    client.post(paths.SIGN_IN, data={"token": READ}, headers=SAME_ORIGIN)
    policies = [policy_of(client), policy_of(client)]
    (nonce,) = re.findall(r"'nonce-([\w-]{20,})'", " ".join(policies[0]))
    others = {f"style-src 'self' 'nonce-{nonce}'", "img-src 'self' data:", "font-src data:"}
    assert policies[0] == POLICY - {"style-src 'self'", "img-src 'self'"} | others
    assert policies[0] != policies[1]


def test_vendored_files_have_recorded_hashes():
    compare_with_hashes(PACKAGE, FILES)


@pytest.mark.slow
def test_vendored_files_are_those_of_the_packages():
    compare_with_package(PACKAGE, FILES, "graphiql", ["graphiql.min.css", "graphiql.min.js"])
    compare_with_package(PACKAGE, FILES, "react", ["umd/react.production.min.js"])
    compare_with_package(PACKAGE, FILES, "react-dom", ["umd/react-dom.production.min.js"])


def execute(page: Page, document: str, result: str) -> None:
    """Replace the document in the editor, execute it, and wait for a text in the result."""
    page.locator(".graphiql-query-editor .CodeMirror-code").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(document)
    page.get_by_role("button", name="Execute query").click()
    expect(page.locator(".result-window")).to_contain_text(result)


def test_browser_executes_queries_and_mutations(page: Page, server: Server, database: Database, screenshot: Screenshot):
    """Violations of the content security policy and failed requests are errors on the console."""
    origins = set()
    page.on("request", lambda request: origins.add(urlsplit(request.url)[:2]))
    sign_in(page, server.origin)
    page.goto(server.origin + paths.GRAPHIQL)
    execute(page, "{ rosterVersion }", '"rosterVersion":')
    execute(page, MUTATION, '"errors": []')
    assert selected(database, "code-completion") == ({"codestral"}, "codestral")
    page.get_by_role("button", name="Show Documentation Explorer").click()
    page.get_by_role("link", name="Query").click()
    expect(page.get_by_role("link", name="aiFeatureSettings", exact=True)).to_be_visible()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        screenshot(page, f"graphiql-{scheme}")
    page.get_by_role("button", name="Open settings dialog").click()
    page.get_by_role("button", name="Close dialog").click()
    page.get_by_role("link", name="Roster", exact=True).click()
    expect(page).to_have_url(server.origin + paths.PAGE)
    assert {f"{scheme}://{host}" for scheme, host in origins if scheme != "data"} == {server.origin}


def test_browser_shows_that_a_session_is_read_only_and_later_that_it_ended(
    page: Page, server: Server, database: Database, complaints: list[str]
):
    sign_in(page, server.origin, READ)
    page.goto(server.origin + paths.GRAPHIQL)
    execute(page, "{ rosterVersion }", '"rosterVersion":')
    with expecting(complaints):
        execute(page, MUTATION, "the token is read-only")
        end_sessions(database)
        execute(page, "{ rosterVersion }", "You are signed out")
    page.reload()
    expect(page).to_have_url(f"{server.origin}{paths.SIGN_IN}?return_to={paths.GRAPHIQL}")
