"""Two admins who change the same selections, in Chromium: nothing is lost without a word."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from roster.instance.database.connections import Database
from tests.browser import Chromium, assert_accessible
from tests.instance.auth.test_token_authentication import READ
from tests.instance.page.admin_actions import (
    CHOSEN_MODELS,
    OWN_DEFAULT,
    ROSTER,
    allow,
    answered,
    default,
    feature,
    mode,
    opened,
    save,
    sign_in,
)
from tests.instance.page.page_server import PAGE, Server, selected
from tests.instance.page.sample_state import LIST
from tests.instance.selection.offered_lists import store_list
from tests.started_programs import Screenshot

COMPLETION, GENERATION, CHAT = "code-completion", "code-generation", "duo_chat"


@pytest.fixture
def other(browser: Chromium, server: Server) -> Iterator[Page]:
    """The page of another admin, signed in."""
    with browser.page([]) as opened_page:
        sign_in(opened_page, server.origin)
        yield opened_page


def bar(page: Page) -> Locator:
    return page.get_by_role("region", name="Unsaved changes")


def come_to_the_front(page: Page) -> None:
    """Do what the browser does when an admin returns to the tab."""
    page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")


def replace_list(database: Database) -> None:
    """Store another list, in which a model serves two more features."""
    features = dict(LIST.features)
    for name in (GENERATION, "glab_ask"):
        models = {**features[name].models, "gemini": None}
        features[name] = features[name]._replace(models=models, default="gemini", offered=True)
    with database.write_transaction() as connection:
        store_list(connection, LIST._replace(features=features), 2)


def change_meanwhile(other: Page) -> None:
    """Ban a model of code generation, as another admin."""
    form = opened(other, GENERATION)
    allow(form, "Claude 3.7 Sonnet").check()
    allow(form, "Claude Sonnet 4").uncheck()
    expect(save(form)).to_have_text("Saved.")


def conflict_of(page: Page, server: Server, other: Page) -> Locator:
    """Change a selection that another admin changed meanwhile, and save; return the form."""
    sign_in(page, server.origin)
    form = opened(page, GENERATION)
    default(form, "Claude Sonnet 4").check()
    change_meanwhile(other)
    expect(save(form)).to_have_text("Nothing was saved: others changed Code Generation in the meantime.")
    return form


THEIRS = ({"codestral", "sonnet_3_7"}, "codestral")


def test_conflict_shows_who_changed_what_and_when(
    page: Page, server: Server, database: Database, other: Page, screenshot: Screenshot
):
    form = conflict_of(page, server, other)
    assert selected(database, GENERATION) == THEIRS
    conflict = form.locator(".conflict")
    expect(conflict).to_contain_text(
        re.compile(
            r"Changed in the meantime by token:\w{8}, less than a minute ago \(\d+ \w+ \d{4}, \d\d:\d\d UTC\)\. "
            r"Now selected: Only chosen models: GitLab: .*, GitLab: .*; default: GitLab: Codestral 25\.01\."
        )
    )
    expect(conflict).to_contain_text("Your change is kept, and is not saved yet.")
    expect(default(form, "Claude Sonnet 4")).to_be_checked()
    expect(form.get_by_text("Unsaved")).to_be_visible()
    assert_accessible(page)
    screenshot(page, "conflict")


def test_their_selection_can_be_loaded(page: Page, server: Server, database: Database, other: Page):
    form = conflict_of(page, server, other)
    form.get_by_role("button", name="Load theirs").click()
    expect(form.locator(".conflict")).to_have_count(0)
    expect(default(form, "Codestral 25.01")).to_be_checked()
    expect(allow(form, "Claude 3.7 Sonnet")).to_be_checked()
    expect(allow(form, "Claude Sonnet 4")).not_to_be_checked()
    expect(bar(page)).to_be_hidden()
    assert selected(database, GENERATION) == THEIRS
    allow(form, "Claude 3.7 Sonnet").uncheck()
    expect(save(form)).to_have_text("Saved.")
    assert selected(database, GENERATION) == ({"codestral"}, "codestral")


def test_own_change_can_be_applied_again(page: Page, server: Server, database: Database, other: Page):
    form = conflict_of(page, server, other)
    form.get_by_role("button", name="Apply mine again").click()
    expect(form.get_by_role("status")).to_have_text("Saved.")
    expect(form.locator(".conflict")).to_have_count(0)
    assert selected(database, GENERATION) == ({"codestral", "sonnet_4"}, "sonnet_4")


def test_own_change_meets_another_one_when_applied_again(page: Page, server: Server, database: Database, other: Page):
    form = conflict_of(page, server, other)
    theirs = feature(other, GENERATION)
    mode(theirs, ROSTER).check()
    expect(save(theirs)).to_have_text("Saved.")
    form.get_by_role("button", name="Apply mine again").click()
    expect(form.locator(".conflict")).to_contain_text("Now selected: Follow the roster.")
    assert selected(database, GENERATION) is None
    form.get_by_role("button", name="Apply mine again").click()
    expect(form.get_by_role("status")).to_have_text("Saved.")
    assert selected(database, GENERATION) == ({"codestral", "sonnet_4"}, "sonnet_4")


def test_same_change_of_two_admins_is_no_conflict(page: Page, server: Server, database: Database, other: Page):
    sign_in(page, server.origin)
    for each in (page, other):
        form = opened(each, GENERATION)
        allow(form, "Claude 3.7 Sonnet").check()
    for each in (other, page):
        expect(save(feature(each, GENERATION))).to_have_text("Saved.")
    expect(bar(page)).to_be_hidden()


def test_tab_in_front_shows_what_another_admin_changed(page: Page, server: Server, other: Page):
    sign_in(page, server.origin)
    form = opened(page, GENERATION)
    expect(mode(form, CHOSEN_MODELS)).to_be_checked()
    change_meanwhile(other)
    expect(allow(form, "Claude 3.7 Sonnet")).not_to_be_checked()
    come_to_the_front(page)
    expect(allow(form, "Claude 3.7 Sonnet")).to_be_checked()
    expect(bar(page).get_by_role("status")).to_have_text("Updated, because others changed it: Code Generation.")
    bar(page).get_by_role("button", name="Close").click()
    expect(bar(page)).to_be_hidden()


def test_tab_in_front_shows_that_the_list_changed(page: Page, server: Server, database: Database):
    sign_in(page, server.origin)
    form = opened(page, GENERATION)
    default(form, "Claude Sonnet 4").check()
    replace_list(database)
    come_to_the_front(page)
    expect(bar(page).get_by_role("status")).to_contain_text("The list of models changed in the meantime.")
    expect(allow(form, "Gemini 2.5 Flash")).to_be_visible()
    expect(default(form, "Claude Sonnet 4")).to_be_checked()
    form.get_by_role("button", name="Discard changes").click()
    with page.expect_navigation():
        bar(page).get_by_role("button", name="Show the new list").click()
    expect(feature(page, "glab_ask").locator("summary")).to_contain_text("GitLab: Gemini 2.5 Flash")
    come_to_the_front(page)
    expect(bar(page)).to_be_hidden()


def test_read_only_tab_in_front_shows_what_changed(page: Page, server: Server, database: Database, other: Page):
    sign_in(page, server.origin, READ)
    form = opened(page, GENERATION)
    expect(default(form, "Codestral 25.01")).to_be_checked()
    change_meanwhile(other)
    replace_list(database)
    come_to_the_front(page)
    expect(allow(form, "Claude 3.7 Sonnet")).to_be_checked()
    expect(allow(form, "Claude 3.7 Sonnet")).to_be_disabled()
    status = page.locator("#news")
    expect(status).to_contain_text("Updated, because others changed it: Code Generation.")
    expect(status.get_by_role("button", name="Show the new list")).to_be_visible()
    assert_accessible(page)


def test_page_of_a_feature_reports_no_change_of_others(page: Page, server: Server):
    sign_in(page, server.origin)
    page.goto(f"{server.origin}{PAGE}?feature={CHAT}")
    with answered(page):
        come_to_the_front(page)
    expect(bar(page)).to_be_hidden()


def test_row_without_form_is_updated_in_the_tab_in_front(page: Page, server: Server, other: Page):
    sign_in(page, server.origin)
    form = opened(other, "duo_chat_explain_code")
    mode(form, OWN_DEFAULT).check()
    default(form, "Claude Opus 4").check()
    expect(save(form)).to_have_text("Saved.")
    expect(feature(page, "duo_chat_explain_code").locator("summary")).to_contain_text("GitLab: Claude Sonnet 4")
    come_to_the_front(page)
    expect(feature(page, "duo_chat_explain_code").locator("summary")).to_contain_text("GitLab: Claude Opus 4")
    expect(page.get_by_role("region", name="Needs your attention")).not_to_contain_text("Code Explanation")


def test_unsaved_change_is_flagged_in_the_tab_in_front(page: Page, server: Server, database: Database, other: Page):
    sign_in(page, server.origin)
    form = opened(page, GENERATION)
    default(form, "Claude Sonnet 4").check()
    change_meanwhile(other)
    come_to_the_front(page)
    expect(form.locator(".conflict")).to_contain_text("Changed in the meantime by token:")
    expect(form.locator(".effect")).to_contain_text("namespaces can no longer select GitLab: Claude 3.7 Sonnet")
    expect(default(form, "Claude Sonnet 4")).to_be_checked()
    expect(bar(page).get_by_role("status")).to_have_text(
        "Changed by others, while you have unsaved changes: Code Generation."
    )
    form.get_by_role("button", name="Discard changes").click()
    expect(form.locator(".conflict")).to_have_count(0)
    expect(default(form, "Codestral 25.01")).to_be_checked()
    assert selected(database, GENERATION) == THEIRS


def test_form_opened_after_a_change_of_others_updates_the_row(page: Page, server: Server, other: Page):
    sign_in(page, server.origin)
    form = opened(other, "duo_chat_explain_code")
    mode(form, OWN_DEFAULT).check()
    default(form, "Claude Opus 4").check()
    expect(save(form)).to_have_text("Saved.")
    expect(feature(page, "duo_chat_explain_code").locator("summary")).to_contain_text("GitLab: Claude Sonnet 4")
    form = opened(page, "duo_chat_explain_code")
    expect(mode(form, OWN_DEFAULT)).to_be_checked()
    expect(form.locator("summary")).to_contain_text("GitLab: Claude Opus 4")


def test_feature_that_others_ended_is_reported(page: Page, server: Server, other: Page):
    sign_in(page, server.origin)
    form = opened(page, "glab_ask")
    mode(form, OWN_DEFAULT).check()
    theirs = opened(other, "glab_ask")
    mode(theirs, ROSTER).check()
    expect(save(theirs)).to_have_text("Saved. No model serves Duo for CLI, so it will no longer be listed.")
    expect(save(form)).to_have_text("No longer listed, because others deleted the selection: Duo for CLI.")
    expect(form.get_by_role("button")).to_have_count(0)
    expect(bar(page)).to_be_hidden()
