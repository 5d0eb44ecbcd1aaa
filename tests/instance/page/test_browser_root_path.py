"""A real instance behind nginx, below a path of the host that nginx keeps in requests or removes, in Chromium."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from roster.instance.database.connections import Database
from roster.instance.http import paths
from tests.end_to_end.processes import Relay
from tests.instance.page.admin_actions import allow, choosing, default, save
from tests.instance.page.page_server import selected
from tests.instance.test_serve import TOKEN, running_server

LOCATION = """location /ai/ {{
      proxy_pass http://127.0.0.1:{upstream}%s;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-Proto $scheme;
    }}"""


@pytest.fixture(params=["", "/"], ids=["path is kept", "path is removed"])
def address(request: pytest.FixtureRequest, database: Database, migrated_url: str, tmp_path: Path) -> Iterator[str]:
    """The address below which nginx serves the instance."""
    with running_server(migrated_url, ROOT_PATH="/ai") as instance:
        relay = Relay(int(instance.origin.rpartition(":")[2]), tmp_path, LOCATION % request.param)
        yield f"http://127.0.0.1:{relay.port}/ai"
        relay.end()


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_admin_uses_every_page_and_saves_a_selection(page: Page, address: str, database: Database):
    page.goto(f"{address}{paths.MODELS}?q=claude")
    page.get_by_label("Access token").fill(TOKEN)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{address}{paths.MODELS}?q=claude")
    assert {cookie["path"] for cookie in page.context.cookies()} == {"/ai"}
    for title, path in paths.NAVIGATION.items():
        page.get_by_role("navigation").get_by_role("link", name=title, exact=True).click()
        expect(page).to_have_url(address + path)
    page.goto(f"{address}/")
    expect(page).to_have_url(address + paths.PAGE)
    form = choosing(page, "code-completion")
    allow(form, "Gemini 2.5 Flash").uncheck()
    default(form, "Claude Sonnet 4").check()
    expect(save(form)).to_have_text("Saved.")
    assert selected(database, "code-completion") == ({"codestral", "sonnet_4"}, "sonnet_4")
    assert page.request.get(f"{address}{paths.EXPORT_CSV}").headers["content-type"].startswith("text/csv")
    page.goto(address + paths.GRAPHIQL)
    page.get_by_role("button", name="Execute query").click()
    expect(page.locator(".result-window")).to_contain_text("rosterVersion")
    page.get_by_role("link", name="Roster", exact=True).click()
    expect(page).to_have_url(address + paths.PAGE)
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(address + paths.SIGN_IN)
    assert page.context.cookies() == []
