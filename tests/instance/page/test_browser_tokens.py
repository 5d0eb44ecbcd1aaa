"""Tokens in Chromium: the page that lists and revokes them, and a token that is revoked while a tab is open."""

import pytest
from playwright.sync_api import Page, expect

from roster.instance.auth.token_revocation import revoke_by_name
from roster.instance.auth.tokens import Access, add_token, hash_token
from roster.instance.database.connections import Database
from tests.browser import assert_accessible
from tests.instance.auth.test_token_authentication import READ, WRITE
from tests.instance.page.admin_actions import allow, answered, choosing, save, sign_in
from tests.instance.page.page_server import PAGE, SIGN_IN, Server, selected
from tests.instance.page.test_browser_page import expecting
from tests.started_programs import Screenshot

pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)

ALICE = "the-token-of-alice"
TOKENS = f"{PAGE}/tokens"


def add(database: Database, name: str, token: str, access: Access = Access.WRITE) -> None:
    with database.write_transaction() as connection:
        add_token(connection, name, hash_token(token), access)


def test_token_revoked_in_an_open_tab_keeps_everything_typed(
    page: Page, server: Server, database: Database, complaints: list[str]
):
    add(database, "alice", ALICE)
    sign_in(page, server.origin, ALICE)
    form = choosing(page, "code-completion")
    with answered(page):
        allow(form, "Gemini 2.5 Flash").uncheck()
    with database.write_transaction() as connection:
        revoke_by_name(connection, "alice")
    with expecting(complaints):
        expect(save(form)).to_contain_text("You are signed out: the session has expired, or its token was revoked.")
    assert selected(database, "code-completion") is None
    expect(allow(form, "Gemini 2.5 Flash")).not_to_be_checked()
    with page.context.expect_page() as popup:
        form.get_by_role("link", name="Sign in (opens a new tab)").click()
    tab = popup.value
    expect(tab.get_by_role("alert")).to_have_text("This access token was revoked. Sign in with another one.")
    assert_accessible(tab)
    tab.get_by_label("Access token").fill(WRITE)
    tab.get_by_role("button", name="Sign in").click()
    expect(tab).to_have_url(server.origin + PAGE)
    tab.close()
    with expecting(complaints):
        expect(save(form)).to_have_text("Saved.")
    assert selected(database, "code-completion") == ({"codestral", "sonnet_4"}, "codestral")


def test_tokens_are_revoked_by_keyboard(page: Page, server: Server, database: Database, screenshot: Screenshot):
    add(database, "alice", WRITE)
    add(database, "<b>dashboard</b>", "dashboard", Access.READ)
    sign_in(page, server.origin)
    page.get_by_role("link", name="Tokens").click()
    expect(page).to_have_url(server.origin + TOKENS)
    expect(page.get_by_role("banner")).to_contain_text("alice Write access")
    assert_accessible(page)
    screenshot(page, "tokens")
    disclosure = page.locator("summary", has_text="<b>dashboard</b>")
    disclosure.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Revoked tokens")).to_contain_text("<b>dashboard</b> Read-only")
    expect(page.get_by_role("region", name="Revoked tokens")).to_contain_text("by alice")
    own = page.get_by_role("listitem").filter(has_text="Write access You")
    own.locator("summary").click()
    button = own.get_by_role("button", name="Revoke token alice")
    button.click()
    expect(page).to_have_url(server.origin + TOKENS)  # the browser requires the confirmation
    assert_accessible(page)
    own.get_by_role("checkbox").check()
    button.click()
    expect(page).to_have_url(server.origin + SIGN_IN)
    expect(page.get_by_role("alert")).to_have_text("This access token was revoked. Sign in with another one.")


def test_read_only_visitor_is_returned_to_the_page_of_tokens(page: Page, server: Server):
    page.goto(server.origin + TOKENS)
    page.get_by_label("Access token").fill(READ)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(server.origin + TOKENS)
    expect(page.get_by_role("main")).to_contain_text("sign in with a token that has write access")
    expect(page.get_by_role("banner")).to_contain_text("Read-only")
    assert_accessible(page)
