"""The bar of unsaved changes, and what admins see when saving fails, in Chromium."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Dialog, Locator, Page, Route, expect

from roster.instance.auth.token_authentication import Access
from roster.instance.auth.token_revocation import revoke_by_name
from roster.instance.auth.tokens import add_token, hash_token
from roster.instance.database import worker_threads
from roster.instance.database.connections import Database
from roster.instance.http import paths
from roster.instance.selection.requested_selection import RequestedSelection
from tests.browser import Chromium, assert_accessible
from tests.instance.auth.test_token_authentication import READ, WRITE
from tests.instance.page.admin_actions import (
    CHOSEN_MODELS,
    OWN_DEFAULT,
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
from tests.instance.page.page_server import PAGE, Server, selected
from tests.instance.page.sample_state import LIST
from tests.instance.page.test_browser_page import expecting
from tests.instance.selection.changes import change
from tests.started_programs import Screenshot

pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)

COMPLETION, GENERATION, SUMMARY = "code-completion", "code-generation", "summarize_mr_review"
API = f"**{paths.API}"


def bar(page: Page) -> Locator:
    return page.get_by_role("region", name="Unsaved changes")


def press(page: Page, button: str) -> Locator:
    """Press a button of the bar; return its status."""
    bar(page).get_by_role("button", name=button, exact=True).click()
    return bar(page).get_by_role("status")


def change_three_features(page: Page) -> None:
    allow(choosing(page, COMPLETION), "Gemini 2.5 Flash").uncheck()
    default(opened(page, GENERATION), "Claude Sonnet 4").check()
    form = opened(page, SUMMARY)
    mode(form, OWN_DEFAULT).check()
    default(form, "Claude Sonnet 4").check()


SAVED = {
    COMPLETION: ({"codestral", "sonnet_4"}, "codestral"),
    GENERATION: ({"codestral", "sonnet_4"}, "sonnet_4"),
    SUMMARY: ({"sonnet_4"}, "sonnet_4"),
}


def stored(database: Database) -> dict[str, tuple[set[str], str] | None]:
    return {name: selected(database, name) for name in SAVED}


def test_all_changes_are_reviewed_saved_and_undone_together(
    page: Page, server: Server, database: Database, screenshot: Screenshot
):
    sign_in(page, server.origin)
    before = stored(database)
    change_three_features(page)
    expect(bar(page)).to_contain_text("3 unsaved changes.")
    expect(bar(page)).to_contain_text("If you save them, users without a selected model get another model in 2 feat")
    press(page, "Review")
    items = bar(page).get_by_role("listitem")
    expect(items).to_have_count(3)
    expect(items.nth(0)).to_contain_text("If you save this, namespaces can no longer select GitLab: Gemini 2.5 Flash")
    expect(items.nth(1)).to_contain_text("users without a selected model go from GitLab: Codestral 25.01 to GitLab: Cl")
    assert_accessible(page)
    screenshot(page, "review")
    assert stored(database) == before
    expect(press(page, "Save all")).to_have_text("Saved 3 changes. Undo")
    assert stored(database) == SAVED
    expect(feature(page, SUMMARY).locator("summary")).to_contain_text("GitLab: Claude Sonnet 4")
    expect(press(page, "Undo")).to_have_text("Undone.")
    assert stored(database) == before
    expect(mode(feature(page, COMPLETION), ROSTER)).to_be_checked()
    press(page, "Close")
    expect(bar(page)).to_be_hidden()
    expect(page.locator("#features")).to_be_focused()


def test_discarded_changes_can_be_taken_back(page: Page, server: Server):
    sign_in(page, server.origin)
    change_three_features(page)
    press(page, "Review")
    bar(page).get_by_role("button", name="Discard the change of Code Review Summary").click()
    expect(bar(page)).to_contain_text("2 unsaved changes.")
    expect(bar(page).get_by_role("button", name="Review", exact=True)).to_be_focused()
    expect(mode(feature(page, SUMMARY), CHOSEN_MODELS)).to_be_checked()
    expect(press(page, "Discard all")).to_have_text("2 changes discarded. Undo")
    expect(mode(feature(page, COMPLETION), ROSTER)).to_be_checked()
    expect(default(feature(page, GENERATION), "Codestral 25.01")).to_be_checked()
    press(page, "Undo")
    expect(bar(page)).to_contain_text("2 unsaved changes.")
    expect(allow(feature(page, COMPLETION), "Gemini 2.5 Flash")).not_to_be_checked()
    expect(default(feature(page, GENERATION), "Claude Sonnet 4")).to_be_checked()


def test_save_is_enabled_only_after_a_change(page: Page, server: Server):
    sign_in(page, server.origin)
    form = opened(page, GENERATION)
    button = form.get_by_role("button", name="Save")
    expect(button).to_be_disabled()
    allow(form, "Claude 3.7 Sonnet").check()
    expect(button).to_be_enabled()
    expect(form).to_contain_text("If you save this, namespaces can also select GitLab: Claude 3.7 Sonnet.")
    allow(form, "Claude 3.7 Sonnet").uncheck()
    expect(button).to_be_disabled()
    expect(bar(page)).to_be_hidden()
    mode(form, OWN_DEFAULT).check()
    expect(button).to_be_enabled()
    mode(form, CHOSEN_MODELS).check()
    expect(button).to_be_disabled()


def test_namespaces_that_a_change_moves_are_shown_before_it_is_saved(page: Page, server: Server, database: Database):
    with database.write_transaction() as connection:
        for number in (7, 8, 9):
            requested = RequestedSelection(GENERATION, ("sonnet_4",), "sonnet_4", namespace_id=number)
            assert change(connection, LIST, requested) == []
    sign_in(page, server.origin)
    form = opened(page, GENERATION)
    allow(form, "Claude Sonnet 4").uncheck()
    moves = "3 namespaces go from GitLab: Claude Sonnet 4 to GitLab: Codestral 25.01"
    expect(form).to_contain_text(f"If you save this, {moves}; namespaces can no longer select GitLab: Claude Sonnet 4.")
    expect(bar(page)).to_contain_text(moves)
    assert selected(database, GENERATION) == ({"codestral", "sonnet_4"}, "codestral")
    expect(save(form)).to_have_text("Saved.")
    expect(form).not_to_contain_text("If you save this")


def test_enter_in_a_field_does_not_save(page: Page, server: Server, database: Database):
    sign_in(page, server.origin)
    form = choosing(page, COMPLETION)
    for control in (mode(form, CHOSEN_MODELS), allow(form, "Gemini 2.5 Flash"), default(form, "Claude Sonnet 4")):
        control.press("Enter")
    allow(form, "Gemini 2.5 Flash").uncheck()
    allow(form, "Gemini 2.5 Flash").press("Enter")
    expect(form.get_by_role("status")).to_be_empty()
    assert selected(database, COMPLETION) is None


def test_unsaved_change_of_closed_feature_is_kept(page: Page, server: Server, database: Database):
    sign_in(page, server.origin)
    form = choosing(page, COMPLETION)
    allow(form, "Gemini 2.5 Flash").uncheck()
    form.locator("summary").click()
    expect(form.get_by_text("Unsaved")).to_be_visible()
    expect(press(page, "Save all")).to_have_text("Saved.")
    assert selected(database, COMPLETION) == SAVED[COMPLETION]


def test_incomplete_change_saves_nothing(page: Page, server: Server, database: Database):
    sign_in(page, server.origin)
    before = stored(database)
    change_three_features(page)
    allow(feature(page, COMPLETION), "Codestral 25.01").uncheck()
    expect(press(page, "Save all")).to_have_text("Code Completion: Select one of the allowed models as the default.")
    expect(bar(page)).to_contain_text("3 unsaved changes.")
    assert stored(database) == before


def test_conflicts_of_many_changes_are_settled_together(
    page: Page, server: Server, database: Database, browser: Chromium, screenshot: Screenshot
):
    sign_in(page, server.origin)
    change_three_features(page)
    with browser.page([]) as other:
        sign_in(other, server.origin)
        for name in (COMPLETION, GENERATION):
            form = choosing(other, name)
            default(form, "Claude Sonnet 4").check()
            allow(form, "Codestral 25.01").uncheck()
            expect(save(form)).to_have_text("Saved.")
    theirs = stored(database)
    expect(press(page, "Save all")).to_have_text(
        "Nothing was saved: others changed Code Completion, Code Generation in the meantime."
    )
    assert stored(database) == theirs
    expect(bar(page).get_by_text("Changed in the meantime")).to_have_count(2)
    screenshot(page, "conflicts")
    bar(page).get_by_role("listitem").nth(0).get_by_role("button", name="Load theirs").click()
    expect(bar(page)).to_contain_text("2 unsaved changes.")
    bar(page).get_by_role("listitem").nth(0).get_by_role("button", name="Apply mine again").click()
    expect(bar(page)).to_contain_text("1 unsaved change.")
    assert stored(database) == theirs | {GENERATION: SAVED[GENERATION]}
    expect(press(page, "Save all")).to_have_text("Saved.")
    assert stored(database) == SAVED | {COMPLETION: theirs[COMPLETION]}


def test_all_own_changes_can_be_applied_again(page: Page, server: Server, database: Database, browser: Chromium):
    sign_in(page, server.origin)
    change_three_features(page)
    with browser.page([]) as other:
        sign_in(other, server.origin)
        for name in (COMPLETION, GENERATION):
            form = choosing(other, name)
            allow(form, "Claude Sonnet 4").click()
            expect(save(form)).to_have_text("Saved.")
    press(page, "Save all")
    expect(press(page, "Apply all mine again")).to_have_text("Saved 3 changes. Undo")
    assert stored(database) == SAVED


def test_busy_database_saves_no_part_of_many_changes(
    page: Page, server: Server, database: Database, complaints: list[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(worker_threads, "WRITE_WAIT_SECONDS", 0.2)
    sign_in(page, server.origin)
    before = stored(database)
    change_three_features(page)
    with database.write_transaction(), expecting(complaints, re.compile("the server responded with a status of 503")):
        message = "The database is busy or unavailable. Your changes are not lost: try again in a moment."
        expect(press(page, "Save all")).to_have_text(message)
    assert stored(database) == before
    expect(bar(page)).to_contain_text("3 unsaved changes.")
    expect(press(page, "Save all")).to_have_text("Saved 3 changes. Undo")
    assert stored(database) == SAVED


def test_revoked_token_keeps_all_changes(page: Page, server: Server, database: Database, complaints: list[str]):
    with database.write_transaction() as connection:
        add_token(connection, "alice", hash_token("the token of alice"), Access.WRITE)
    sign_in(page, server.origin, "the token of alice")
    with answered(page):
        change_three_features(page)
    expect(bar(page)).to_contain_text("If you save them, ")
    with database.write_transaction() as connection:
        revoke_by_name(connection, "alice")
    with expecting(complaints):
        status = press(page, "Save all")
        expect(status).to_contain_text("You are signed out: the session has expired, or its token was revoked.")
    with page.context.expect_page() as another:
        status.get_by_role("link", name="Sign in (opens a new tab)").click()
    another.value.get_by_label("Access token").fill(WRITE)
    another.value.get_by_role("button", name="Sign in").click()
    expect(another.value.get_by_role("button", name="Sign out")).to_be_visible()
    with expecting(complaints):
        expect(press(page, "Save all")).to_have_text("Saved 3 changes. Undo")
    assert stored(database) == SAVED


def test_session_that_became_read_only_keeps_all_changes(
    page: Page, server: Server, database: Database, complaints: list[str]
):
    sign_in(page, server.origin)
    with answered(page):
        change_three_features(page)
    before = stored(database)
    another = page.context.new_page()
    for token in (READ, WRITE):
        another.goto(server.origin + PAGE)
        another.get_by_role("button", name="Sign out").click()
        sign_in(another, server.origin, token)
        with expecting(complaints):
            status = press(page, "Save all")
            expect(status).to_contain_text("This session is read-only." if token == READ else "Saved 3 changes.")
        assert stored(database) == (before if token == READ else SAVED)


def hold(page: Page) -> Callable[[str], None]:
    """Hold back mutations; return a function that lets them reach the server, and loses or delivers the response."""
    held: list[Route] = []

    def handle(route: Route) -> None:
        if "mutation" in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    def release(outcome: str) -> None:
        for route in held:
            if outcome == "saved without an answer":
                route.fetch()
            else:
                route.continue_()

    page.route(API, handle)
    return release


def test_long_save_says_so(page: Page, server: Server, database: Database):
    page.clock.install()
    sign_in(page, server.origin)
    form = opened(page, GENERATION)
    release = hold(page)
    default(form, "Claude Sonnet 4").check()
    expect(save(form)).to_have_text("Saving…")
    page.clock.fast_forward(6_000)
    expect(form.get_by_role("status")).to_have_text("Still saving…")
    release("answered")
    expect(form.get_by_role("status")).to_have_text("Saved.")
    assert selected(database, GENERATION) == SAVED[GENERATION]


def test_edit_during_a_save_is_kept(page: Page, server: Server, database: Database):
    sign_in(page, server.origin)
    form = opened(page, GENERATION)
    with answered(page):
        default(form, "Claude Sonnet 4").check()
    release = hold(page)
    expect(save(form)).to_have_text("Saving…")
    allow(form, "Claude 3.7 Sonnet").check()
    other = choosing(page, COMPLETION)
    allow(other, "Gemini 2.5 Flash").uncheck()
    expect(save(other)).to_have_text("Another change is being saved. Try again in a moment.")
    release("answered")
    expect(form.get_by_role("status")).to_have_text("Saved.")
    assert selected(database, GENERATION) == SAVED[GENERATION]
    expect(allow(form, "Claude 3.7 Sonnet")).to_be_checked()
    expect(form.get_by_text("Unsaved")).to_be_visible()
    page.unroute(API)
    expect(press(page, "Save all")).to_have_text("Saved 2 changes. Undo")
    assert selected(database, GENERATION) == ({"codestral", "sonnet_4", "sonnet_3_7"}, "sonnet_4")


@pytest.mark.parametrize("outcome", ["saved without an answer", "not saved"])
def test_save_without_an_answer_can_be_checked(page: Page, server: Server, database: Database, outcome: str):
    page.clock.install()
    sign_in(page, server.origin)
    before, form = selected(database, GENERATION), opened(page, GENERATION)
    release = hold(page)
    default(form, "Claude Sonnet 4").check()
    expect(save(form)).to_have_text("Saving…")
    if outcome == "saved without an answer":
        release(outcome)
    page.clock.fast_forward(31_000)
    message = "No response within 30 seconds. Reload to see whether it was saved."
    expect(form.get_by_role("status")).to_contain_text(message)
    expect(default(form, "Claude Sonnet 4")).to_be_checked()
    page.unroute(API)
    form.get_by_role("button", name="Reload").click()
    if outcome == "saved without an answer":
        expect(form.get_by_role("status")).to_have_text("Saved.")
        assert selected(database, GENERATION) == SAVED[GENERATION]
    else:
        expect(form.get_by_role("status")).to_have_text("Not saved. Your changes are kept: save again.")
        assert selected(database, GENERATION) == before
        expect(save(form)).to_have_text("Saved.")


def test_leaving_with_unsaved_changes_of_a_closed_feature_asks(page: Page, server: Server):
    sign_in(page, server.origin)
    form = choosing(page, COMPLETION)
    allow(form, "Gemini 2.5 Flash").uncheck()
    form.locator("summary").click()
    dialogs: list[str] = []

    def stay(dialog: Dialog) -> None:
        dialogs.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    with page.expect_event("dialog"):
        page.get_by_role("button", name="Sign out").click()
    assert dialogs == ["beforeunload"]
