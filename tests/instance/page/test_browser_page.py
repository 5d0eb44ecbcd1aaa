"""The page in Chromium, with a real server and database."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Dialog, Locator, Page, expect

from roster.instance.database import feature_flag, worker_threads
from roster.instance.database.connections import Database
from tests.browser import assert_accessible
from tests.instance.auth.test_token_authentication import READ, WRITE
from tests.instance.page.admin_actions import (
    CHOSEN_MODELS,
    ROSTER,
    allow,
    answered,
    choosing,
    default,
    feature,
    mode,
    opened,
    save,
    sign_in,
)
from tests.instance.page.page_server import PAGE, SIGN_IN, SIGN_OUT, Server, end_sessions, fail_sync, selected
from tests.instance.page.sample_state import LIST
from tests.instance.selection.offered_lists import store_list
from tests.started_programs import Screenshot

pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)

CHAT = "duo_chat"
HTTP_ERRORS = re.compile("the server responded with a status of 40[134]|net::ERR_CONNECTION_REFUSED")


@contextmanager
def expecting(complaints: list[str], pattern: re.Pattern[str] = HTTP_ERRORS) -> Iterator[None]:
    """Expect console errors that match, and no others."""
    yield
    assert complaints
    assert all(pattern.search(each) for each in complaints), complaints
    complaints.clear()


def test_saved_selection_is_shown_after_reload(page: Page, server: Server, database: Database):
    sign_in(page, server.origin)
    form = choosing(page, "code-completion")
    allow(form, "Gemini 2.5 Flash").uncheck()
    default(form, "Claude Sonnet 4").check()
    expect(feature(page, "code-completion").get_by_text("Unsaved")).to_be_visible()
    expect(save(form)).to_have_text("Saved.")
    assert selected(database, "code-completion") == ({"codestral", "sonnet_4"}, "sonnet_4")
    expect(form.locator("summary")).to_contain_text("GitLab: Claude Sonnet 4")
    expect(form.locator("summary")).to_contain_text("Your selection")
    expect(feature(page, "code-completion").get_by_text("Unsaved")).to_be_hidden()
    expect(form.get_by_role("button", name="Save")).to_be_focused()
    assert_accessible(page)
    page.reload()
    form = choosing(page, "code-completion")
    expect(default(form, "Claude Sonnet 4")).to_be_checked()
    expect(allow(form, "Gemini 2.5 Flash")).not_to_be_checked()


def test_following_the_roster_restores_its_default(page: Page, server: Server, database: Database):
    sign_in(page, server.origin)
    form = opened(page, "code-generation")
    mode(form, ROSTER).check()
    expect(allow(form, "Claude 3.7 Sonnet")).to_have_count(0)
    expect(default(form, "Claude 3.7 Sonnet")).to_have_count(0)
    expect(save(form)).to_have_text("Saved.")
    assert selected(database, "code-generation") is None
    expect(form.locator("summary")).to_contain_text("GitLab: Claude Sonnet 4")
    expect(form).to_contain_text("The roster default, GitLab: Claude Sonnet 4, applies")
    expect(form.get_by_role("button", name="Save")).to_be_focused()
    mode(form, CHOSEN_MODELS).check()
    expect(allow(form, "Claude 3.7 Sonnet")).to_be_checked()


def test_only_allowed_models_can_be_the_default(page: Page, server: Server, database: Database):
    sign_in(page, server.origin)
    before, form = selected(database, "code-generation"), opened(page, "code-generation")
    expect(default(form, "Claude 3.7 Sonnet")).to_be_disabled()
    allow(form, "Claude 3.7 Sonnet").check()
    expect(default(form, "Claude 3.7 Sonnet")).to_be_enabled()
    allow(form, "Codestral 25.01").uncheck()
    expect(default(form, "Codestral 25.01")).not_to_be_checked()
    expect(save(form)).to_have_text("Select one of the allowed models as the default.")
    expect(default(form, "Claude Sonnet 4")).to_be_focused()
    for model in ("Claude Sonnet 4", "Claude 3.7 Sonnet"):
        allow(form, model).uncheck()
    expect(save(form)).to_have_text("Allow at least one model and select a default.")
    form.get_by_role("button", name="Discard changes").click()
    expect(default(form, "Codestral 25.01")).to_be_checked()
    expect(form.get_by_role("status")).to_have_text("Changes discarded.")
    assert selected(database, "code-generation") == before


def test_rejected_selection_shows_errors_and_stays_in_the_form(
    page: Page, server: Server, database: Database, screenshot: Screenshot
):
    sign_in(page, server.origin)
    form = choosing(page, "code-completion")
    allow(form, "Gemini 2.5 Flash").check()
    default(form, "Gemini 2.5 Flash").check()
    without = LIST.features["code-completion"]._replace(models={"codestral": None})
    with database.write_transaction() as connection:  # a sync, meanwhile
        store_list(connection, LIST._replace(features={**LIST.features, "code-completion": without}), version=2)
    status = save(form)
    expect(status.get_by_role("listitem")).to_have_count(2)
    expect(status).to_contain_text(
        "GitLab: Gemini 2.5 Flash does not serve Code Completion: select GitLab: Codestral 25.01."
    )
    expect(form.get_by_text("No longer offered")).to_have_count(2)
    expect(default(form, "Gemini 2.5 Flash")).to_be_checked()
    assert selected(database, "code-completion") is None
    assert_accessible(page)
    screenshot(page, "rejected")
    expect(save(form).get_by_role("listitem")).to_have_count(2)
    expect(form.get_by_text("No longer offered")).to_have_count(2)
    form.get_by_role("button", name="Discard changes").click()
    expect(form.get_by_text("No longer offered")).to_have_count(0)
    mode(form, CHOSEN_MODELS).check()
    expect(form.get_by_role("checkbox")).to_have_count(1)


def test_unavailable_default_is_kept_while_the_rest_is_edited(page: Page, server: Server, database: Database):
    sign_in(page, server.origin)
    attention = page.get_by_role("region", name="Needs your attention")
    retired = "GitLab: Claude 3.5 Haiku was retired on 30 June 2026; its replacement, GitLab: Claude Sonnet 4, serves"
    expect(attention).to_contain_text(retired)
    attention.get_by_role("link", name="General Chat").click()
    form = feature(page, CHAT)
    expect(mode(form, CHOSEN_MODELS)).to_be_checked()
    expect(default(form, "Claude 3.5 Haiku")).to_be_checked()
    allow(form, "Claude Opus 4").uncheck()
    expect(save(form)).to_have_text("Saved.")
    assert selected(database, CHAT) == ({"sonnet_4", "haiku_3_5"}, "haiku_3_5")
    default(form, "Claude Sonnet 4").check()
    expect(save(form)).to_have_text("Saved.")
    expect(attention).not_to_contain_text(retired)
    expect(attention).to_contain_text("GitLab: Claude 3.5 Haiku is allowed but currently unavailable.")
    expect(default(form, "Claude 3.5 Haiku")).to_be_disabled()


def test_feature_no_longer_offered_disappears_with_its_selection(page: Page, server: Server, database: Database):
    sign_in(page, server.origin)
    form = opened(page, "glab_ask")
    mode(form, ROSTER).check()
    expect(save(form)).to_have_text("Saved. No model serves Duo for CLI, so it will no longer be listed.")
    expect(form.get_by_role("button")).to_have_count(0)
    expect(form.locator("summary")).to_be_focused()
    expect(page.get_by_role("region", name="Needs your attention")).not_to_contain_text("Duo for CLI")
    page.reload()
    expect(feature(page, "glab_ask")).to_have_count(0)
    assert selected(database, "glab_ask") is None


def test_keyboard_operation(page: Page, server: Server, database: Database):
    page.goto(server.origin + PAGE)
    expect(page.get_by_label("Access token")).to_be_focused()
    page.keyboard.type(WRITE)
    page.keyboard.press("Enter")
    expect(page).to_have_url(server.origin + PAGE)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to features")).to_be_focused()
    page.keyboard.press("Enter")
    form = feature(page, "code-completion")
    tab_to(page, form.locator("summary"))
    page.keyboard.press("Enter")
    tab_to(page, mode(form, ROSTER))
    page.keyboard.press("ArrowUp")
    expect(mode(form, CHOSEN_MODELS)).to_be_checked()
    tab_to(page, allow(form, "Codestral 25.01"))
    page.keyboard.press("Space")
    expect(allow(form, "Codestral 25.01")).not_to_be_checked()
    tab_to(page, default(form, "Gemini 2.5 Flash"))
    page.keyboard.press("Space")
    expect(default(form, "Gemini 2.5 Flash")).to_be_checked()
    page.keyboard.press("ArrowUp")
    expect(default(form, "Claude Sonnet 4")).to_be_checked()  # past the one that is not allowed
    tab_to(page, form.get_by_role("button", name="Save"))
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(form.get_by_role("status")).to_have_text("Saved.")
    assert selected(database, "code-completion") == ({"sonnet_4", "gemini"}, "sonnet_4")


def tab_to(page: Page, form: Locator) -> None:
    expect(form).to_be_visible()  # once it is loaded
    for _ in range(20):
        page.keyboard.press("Tab")
        if form.evaluate("each => each === document.activeElement"):
            return
    raise AssertionError(f"Tab does not reach {form}")


def test_leaving_with_unsaved_changes_asks_for_confirmation(page: Page, server: Server):
    sign_in(page, server.origin)
    dialogs: list[str] = []

    def stay(dialog: Dialog) -> None:
        dialogs.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    form = choosing(page, "code-completion")
    allow(form, "Codestral 25.01").uncheck()
    with page.expect_event("dialog"):
        page.get_by_role("button", name="Sign out").click()
    assert dialogs == ["beforeunload"]
    form.get_by_role("button", name="Discard changes").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(server.origin + SIGN_IN)
    assert dialogs == ["beforeunload"]


def test_saving_keeps_unsaved_changes_of_other_features(page: Page, server: Server):
    sign_in(page, server.origin)
    other, form = opened(page, CHAT), choosing(page, "code-completion")
    allow(other, "Claude Opus 4").uncheck()
    allow(form, "Gemini 2.5 Flash").uncheck()
    expect(save(form)).to_have_text("Saved.")
    expect(allow(other, "Claude Opus 4")).not_to_be_checked()
    expect(other.get_by_text("Unsaved")).to_be_visible()


def test_expired_session_keeps_unsaved_changes(page: Page, server: Server, database: Database, complaints: list[str]):
    sign_in(page, server.origin)
    form = choosing(page, "code-completion")
    with answered(page):
        allow(form, "Gemini 2.5 Flash").uncheck()
    end_sessions(database)
    with expecting(complaints):
        expect(save(form)).to_contain_text("You are signed out: the session has expired, or its token was revoked.")
    assert selected(database, "code-completion") is None
    with page.context.expect_page() as another:
        form.get_by_role("link", name="Sign in (opens a new tab)").click()
    another.value.get_by_label("Access token").fill(WRITE)
    another.value.get_by_role("button", name="Sign in").click()
    expect(another.value).to_have_url(server.origin + PAGE)
    with expecting(complaints):
        expect(save(form)).to_have_text("Saved.")
    assert selected(database, "code-completion") == ({"codestral", "sonnet_4"}, "codestral")


def test_unreachable_server_keeps_unsaved_changes(page: Page, server: Server, complaints: list[str]):
    sign_in(page, server.origin)
    form = choosing(page, "code-completion")
    with answered(page):
        allow(form, "Gemini 2.5 Flash").uncheck()
    page.wait_for_load_state("networkidle")
    server.stop()
    with expecting(complaints):
        expect(save(form)).to_contain_text("The server cannot be reached. Your changes are not lost")
    expect(allow(form, "Gemini 2.5 Flash")).not_to_be_checked()


def test_save_after_flag_is_turned_off_changes_nothing(
    page: Page, server: Server, database: Database, complaints: list[str]
):
    sign_in(page, server.origin)
    form, before = opened(page, "code-generation"), selected(database, "code-generation")
    with answered(page):
        allow(form, "Codestral 25.01").click()
        default(form, "Claude Sonnet 4").check()
    with database.write_transaction() as connection:
        feature_flag.set_enabled(connection, False)
    with expecting(complaints):
        expect(save(form)).to_contain_text("turned off on this instance")
    assert selected(database, "code-generation") == before


def test_read_only_session_has_disabled_controls(page: Page, server: Server, screenshot: Screenshot):
    sign_in(page, server.origin, READ)
    expect(page.get_by_text("Read-only access:")).to_be_visible()
    form = opened(page, "code-generation")
    expect(default(form, "Codestral 25.01")).to_be_checked()
    for control in form.get_by_role("checkbox").all() + form.get_by_role("radio").all():
        expect(control).to_be_disabled()
    expect(form.get_by_role("button")).to_have_count(0)
    assert_accessible(page)
    screenshot(page, "read-only")


def test_invalid_token_shows_an_error(page: Page, server: Server, complaints: list[str], screenshot: Screenshot):
    page.goto(server.origin + SIGN_IN)
    page.get_by_label("Access token").fill("wrong")
    with expecting(complaints):
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("Invalid access token.")
    assert_accessible(page)
    screenshot(page, "invalid-token")


def test_busy_database_keeps_the_changes(
    page: Page, server: Server, database: Database, complaints: list[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(worker_threads, "WRITE_WAIT_SECONDS", 0.2)
    sign_in(page, server.origin)
    form, before = opened(page, "code-generation"), selected(database, "code-generation")
    allow(form, "Claude 3.7 Sonnet").check()
    with database.write_transaction(), expecting(complaints, re.compile("the server responded with a status of 503")):
        message = "The database is busy or unavailable. Your changes are not lost: try again in a moment."
        expect(save(form)).to_have_text(message)
    assert selected(database, "code-generation") == before
    expect(save(form)).to_have_text("Saved.")


def show_another_site(page: Page, body: str) -> None:
    """Show a page of another site, with an icon that needs no request."""
    html = f'<link rel="icon" href="data:,">{body}'
    page.route("http://another.test/**", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto("http://another.test/")


def test_form_that_cannot_be_loaded_can_be_requested_again(
    page: Page, server: Server, database: Database, complaints: list[str], screenshot: Screenshot
):
    sign_in(page, server.origin)
    page.route("**/*?feature=*", lambda route: route.abort())
    with expecting(complaints, re.compile("net::ERR_FAILED")):
        form = opened(page, CHAT)
        expect(form.get_by_role("status")).to_have_text("This could not be loaded.")
        screenshot(page, "not-loaded")
    page.unroute("**/*?feature=*")
    end_sessions(database)
    form.get_by_role("button", name="Try again").click()
    expect(form.get_by_role("status")).to_contain_text("Your session has expired. Sign in (opens a new tab).")
    with page.context.expect_page() as another:
        form.get_by_role("link", name="Sign in (opens a new tab)").click()
    another.value.get_by_label("Access token").fill(WRITE)
    another.value.get_by_role("button", name="Sign in").click()
    expect(another.value).to_have_url(server.origin + PAGE)
    form.get_by_role("button", name="Try again").click()
    expect(default(form, "Claude 3.5 Haiku")).to_be_checked()


def test_address_of_a_feature_opens_it(page: Page, server: Server):
    sign_in(page, server.origin)
    page.goto(f"{server.origin}{PAGE}#feature-{CHAT}")
    expect(default(feature(page, CHAT), "Claude 3.5 Haiku")).to_be_checked()
    expect(feature(page, CHAT).locator("summary")).to_be_focused()


def test_link_from_another_site_opens_the_page(page: Page, server: Server):
    sign_in(page, server.origin)
    show_another_site(page, f'<a href="{server.origin}{PAGE}">Model selection</a>')
    page.get_by_role("link").click()
    expect(page).to_have_url(server.origin + PAGE)
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def test_form_of_another_site_cannot_sign_out(page: Page, server: Server, complaints: list[str]):
    sign_in(page, server.origin)
    show_another_site(page, f'<form method="post" action="{server.origin}{SIGN_OUT}"><button>Win</button></form>')
    with expecting(complaints):
        page.get_by_role("button").click()
        expect(page.get_by_text("CSRF check failed")).to_be_visible()
    page.goto(server.origin + PAGE)
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def test_page_without_javascript_is_read_only(page: Page, server: Server):
    context = page.context.browser.new_context(java_script_enabled=False)  # type: ignore[union-attr]
    plain = context.new_page()
    sign_in(plain, server.origin)
    expect(plain.locator("noscript > .notice")).to_be_visible()
    opened(plain, "code-generation").get_by_role("link", name="Models for Code Generation").click()
    form = feature(plain, "code-generation")
    expect(default(form, "Codestral 25.01")).to_be_checked()
    expect(default(form, "Codestral 25.01")).to_be_disabled()
    expect(form.get_by_role("button", name="Save")).to_have_count(0)
    context.close()


@pytest.mark.parametrize("width", [1280, 375, 320])
def test_page_is_accessible_and_fits_the_viewport(
    page: Page, server: Server, database: Database, screenshot: Screenshot, width: int
):
    fail_sync(database, "the gateway did not answer within 30 seconds")
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(server.origin + SIGN_IN)
    assert_accessible(page)
    screenshot(page, f"sign-in-{width}")
    sign_in(page, server.origin)
    for name in ("code-generation", CHAT, "resolve_vulnerability"):
        opened(page, name)
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        screenshot(page, f"{scheme}-{width}")
