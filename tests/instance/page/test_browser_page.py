"""The page in a real Chromium, over a real server and database, as an admin uses it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Dialog, Locator, Page, expect

from roster.instance.database import feature_flag
from roster.instance.database.connections import Database
from tests.browser import assert_accessible
from tests.instance.page.acting import allow, default, feature, opened, save, sign_in
from tests.instance.page.given import LIST
from tests.instance.page.served import PAGE, READ, SIGN_IN, WRITE, Server, choice, end_sessions, fail_sync
from tests.instance.selection.listed import store
from tests.started_programs import Screenshot

CHAT = "duo_chat"
REFUSED = re.compile("the server responded with a status of 40[134]|net::ERR_CONNECTION_REFUSED")


@contextmanager
def expecting(complaints: list[str], pattern: re.Pattern[str] = REFUSED) -> Iterator[None]:
    """Expect the console to tell of something, and of nothing else."""
    yield
    assert complaints
    assert all(pattern.search(each) for each in complaints), complaints
    complaints.clear()


def test_choose_save_and_see_it_again(page: Page, server: Server, database: Database):
    sign_in(page, server.origin)
    place = opened(page, "code-completion")
    allow(place, "Gemini 2.5 Flash").uncheck()
    default(place, "Claude Sonnet 4").check()
    expect(feature(page, "code-completion").get_by_text("Unsaved")).to_be_visible()
    expect(save(place)).to_have_text("Saved.")
    assert choice(database, "code-completion") == ({"codestral", "sonnet_4"}, "sonnet_4")
    expect(place.locator("summary")).to_contain_text("GitLab: Claude Sonnet 4")
    expect(place.locator("summary")).to_contain_text("Your choice")
    expect(feature(page, "code-completion").get_by_text("Unsaved")).to_be_hidden()
    expect(place.get_by_role("button", name="Save")).to_be_focused()
    assert_accessible(page)
    page.reload()
    place = opened(page, "code-completion")
    expect(default(place, "Claude Sonnet 4")).to_be_checked()
    expect(allow(place, "Gemini 2.5 Flash")).not_to_be_checked()


def test_reset_gives_it_back_to_the_roster(page: Page, server: Server, database: Database):
    sign_in(page, server.origin)
    place = opened(page, "code-generation")
    reset = place.get_by_role("button", name="Reset to the roster's default")
    reset.click()
    expect(place.get_by_role("status")).to_have_text("Reset: the roster's default counts again.")
    assert choice(database, "code-generation") is None
    expect(place.locator("summary")).to_contain_text("GitLab: Claude Sonnet 4")
    expect(place).to_contain_text("Roster's default: GitLab: Claude Sonnet 4")
    expect(reset).to_have_count(0)
    expect(place.get_by_role("button", name="Save")).to_be_focused()
    expect(allow(place, "Claude 3.7 Sonnet")).to_be_checked()


def test_only_an_allowed_model_can_be_the_default(page: Page, server: Server, database: Database):
    sign_in(page, server.origin)
    before, place = choice(database, "code-generation"), opened(page, "code-generation")
    expect(default(place, "Claude 3.7 Sonnet")).to_be_disabled()
    allow(place, "Claude 3.7 Sonnet").check()
    expect(default(place, "Claude 3.7 Sonnet")).to_be_enabled()
    allow(place, "Codestral 25.01").uncheck()
    expect(default(place, "Codestral 25.01")).not_to_be_checked()
    expect(save(place)).to_have_text("Name one of the allowed models as the default.")
    expect(default(place, "Claude Sonnet 4")).to_be_focused()
    for model in ("Claude Sonnet 4", "Claude 3.7 Sonnet"):
        allow(place, model).uncheck()
    expect(save(place)).to_have_text("Allow at least one model, and name one as the default.")
    place.get_by_role("button", name="Discard changes").click()
    expect(default(place, "Codestral 25.01")).to_be_checked()
    expect(place.get_by_role("status")).to_have_text("Changes discarded.")
    assert choice(database, "code-generation") == before


def test_what_the_server_refuses_is_told_and_kept_in_the_form(
    page: Page, server: Server, database: Database, screenshot: Screenshot
):
    sign_in(page, server.origin)
    place = opened(page, "code-completion")
    allow(place, "Gemini 2.5 Flash").check()
    default(place, "Gemini 2.5 Flash").check()
    without = LIST.features["code-completion"]._replace(models={"codestral": None})
    with database.write_transaction() as connection:  # a sync, meanwhile
        store(connection, LIST._replace(features={**LIST.features, "code-completion": without}), version=2)
    status = save(place)
    expect(status.get_by_role("listitem")).to_have_count(2)
    expect(status).to_contain_text('"gemini" does not serve "code-completion": it can be "codestral"')
    expect(default(place, "Gemini 2.5 Flash")).to_be_checked()
    assert choice(database, "code-completion") is None
    assert_accessible(page)
    screenshot(page, "refused")


def test_a_choice_that_is_not_available_is_kept_while_the_rest_is_edited(
    page: Page, server: Server, database: Database
):
    sign_in(page, server.origin)
    attention = page.get_by_role("region", name="Needs your attention")
    ended = "GitLab: Claude 3.5 Haiku ended on 30 June 2026; GitLab: Claude Sonnet 4 took over"
    expect(attention).to_contain_text(ended)
    attention.get_by_role("link", name="General Chat").click()
    place = feature(page, CHAT)
    expect(place.get_by_role("group")).to_be_visible()
    expect(default(place, "Claude 3.5 Haiku")).to_be_checked()
    allow(place, "Claude Opus 4").uncheck()
    expect(save(place)).to_have_text("Saved.")
    assert choice(database, CHAT) == ({"sonnet_4", "haiku_3_5"}, "haiku_3_5")
    default(place, "Claude Sonnet 4").check()
    expect(save(place)).to_have_text("Saved.")
    expect(attention).not_to_contain_text(ended)
    expect(attention).to_contain_text("GitLab: Claude 3.5 Haiku is allowed, but not available at present.")
    expect(default(place, "Claude 3.5 Haiku")).to_be_disabled()


def test_a_feature_that_is_offered_no_more_goes_with_its_choice(page: Page, server: Server, database: Database):
    sign_in(page, server.origin)
    place = opened(page, "glab_ask")
    place.get_by_role("button", name="Reset").click()
    expect(place.get_by_role("status")).to_have_text("Reset. As no model serves this feature, it leaves this page.")
    expect(place.get_by_role("button")).to_have_count(0)
    expect(place.locator("summary")).to_be_focused()
    expect(page.get_by_role("region", name="Needs your attention")).not_to_contain_text("Duo for CLI")
    page.reload()
    expect(feature(page, "glab_ask")).to_have_count(0)
    assert choice(database, "glab_ask") is None


def test_the_keyboard_is_enough(page: Page, server: Server, database: Database):
    page.goto(server.origin + PAGE)
    expect(page.get_by_label("Access token")).to_be_focused()
    page.keyboard.type(WRITE)
    page.keyboard.press("Enter")
    expect(page).to_have_url(server.origin + PAGE)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the features")).to_be_focused()
    page.keyboard.press("Enter")
    place = feature(page, "code-completion")
    tab_to(page, place.locator("summary"))
    page.keyboard.press("Enter")
    tab_to(page, allow(place, "Codestral 25.01"))
    page.keyboard.press("Space")
    expect(allow(place, "Codestral 25.01")).not_to_be_checked()
    tab_to(page, default(place, "Gemini 2.5 Flash"))
    page.keyboard.press("Space")
    expect(default(place, "Gemini 2.5 Flash")).to_be_checked()
    page.keyboard.press("ArrowUp")
    expect(default(place, "Claude Sonnet 4")).to_be_checked()  # past the one that is not allowed
    tab_to(page, place.get_by_role("button", name="Save"))
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(place.get_by_role("status")).to_have_text("Saved.")
    assert choice(database, "code-completion") == ({"sonnet_4", "gemini"}, "sonnet_4")


def tab_to(page: Page, place: Locator) -> None:
    for _ in range(20):
        page.keyboard.press("Tab")
        if place.evaluate("each => each === document.activeElement"):
            return
    raise AssertionError(f"Tab does not come to {place}")


def test_leaving_with_unsaved_changes_asks_first(page: Page, server: Server):
    sign_in(page, server.origin)
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    place = opened(page, "code-completion")
    allow(place, "Codestral 25.01").uncheck()
    with page.expect_event("dialog"):
        page.get_by_role("button", name="Sign out").click()
    assert asked == ["beforeunload"]
    place.get_by_role("button", name="Discard changes").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(server.origin + SIGN_IN)
    assert asked == ["beforeunload"]


def test_other_unsaved_changes_stay(page: Page, server: Server):
    sign_in(page, server.origin)
    other, place = opened(page, CHAT), opened(page, "code-completion")
    allow(other, "Claude Opus 4").uncheck()
    allow(place, "Gemini 2.5 Flash").uncheck()
    expect(save(place)).to_have_text("Saved.")
    expect(allow(other, "Claude Opus 4")).not_to_be_checked()
    expect(other.get_by_text("Unsaved")).to_be_visible()


def test_a_session_that_is_over_costs_nobody_a_change(
    page: Page, server: Server, database: Database, complaints: list[str]
):
    sign_in(page, server.origin)
    place = opened(page, "code-completion")
    allow(place, "Gemini 2.5 Flash").uncheck()
    end_sessions(database)
    with expecting(complaints):
        expect(save(place)).to_contain_text("You are not signed in any more.")
    assert choice(database, "code-completion") is None
    with page.context.expect_page() as another:
        place.get_by_role("link", name="Sign in in a new tab").click()
    another.value.get_by_label("Access token").fill(WRITE)
    another.value.get_by_role("button", name="Sign in").click()
    expect(another.value).to_have_url(server.origin + PAGE)
    with expecting(complaints):
        expect(save(place)).to_have_text("Saved.")
    assert choice(database, "code-completion") == ({"codestral", "sonnet_4"}, "codestral")


def test_a_server_that_cannot_be_reached_costs_nobody_a_change(page: Page, server: Server, complaints: list[str]):
    sign_in(page, server.origin)
    place = opened(page, "code-completion")
    allow(place, "Gemini 2.5 Flash").uncheck()
    page.wait_for_load_state("networkidle")
    server.stop()
    with expecting(complaints):
        expect(save(place)).to_contain_text("The server cannot be reached. Your changes are still here")
    expect(allow(place, "Gemini 2.5 Flash")).not_to_be_checked()


def test_switched_off_meanwhile_nothing_is_saved(page: Page, server: Server, database: Database, complaints: list[str]):
    sign_in(page, server.origin)
    place = opened(page, "code-generation")
    with database.write_transaction() as connection:
        feature_flag.set_enabled(connection, False)
    before = choice(database, "code-generation")
    allow(place, "Codestral 25.01").click()
    default(place, "Claude Sonnet 4").check()
    with expecting(complaints):
        expect(save(place)).to_contain_text("switched off on this instance")
    assert choice(database, "code-generation") == before


def test_who_may_only_read_sees_everything_and_changes_nothing(page: Page, server: Server, screenshot: Screenshot):
    sign_in(page, server.origin, READ)
    expect(page.get_by_text("You can look, but not change anything")).to_be_visible()
    place = opened(page, "code-generation")
    expect(default(place, "Codestral 25.01")).to_be_checked()
    for control in place.get_by_role("checkbox").all() + place.get_by_role("radio").all():
        expect(control).to_be_disabled()
    expect(place.get_by_role("button")).to_have_count(0)
    assert_accessible(page)
    screenshot(page, "read-only")


def test_a_wrong_token_is_told(page: Page, server: Server, complaints: list[str], screenshot: Screenshot):
    page.goto(server.origin + SIGN_IN)
    page.get_by_label("Access token").fill("wrong")
    with expecting(complaints):
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("This token is not known here.")
    assert_accessible(page)
    screenshot(page, "wrong")


def test_without_a_script_everything_is_shown_and_nothing_can_be_changed(page: Page, server: Server):
    context = page.context.browser.new_context(java_script_enabled=False)  # type: ignore[union-attr]
    plain = context.new_page()
    sign_in(plain, server.origin)
    expect(plain.locator("noscript > .notice")).to_be_visible()
    place = opened(plain, "code-generation")
    expect(default(place, "Codestral 25.01")).to_be_checked()
    expect(default(place, "Codestral 25.01")).to_be_disabled()
    expect(place.get_by_role("button", name="Save")).to_have_count(0)
    context.close()


@pytest.mark.parametrize("width", [1280, 375, 320])
def test_it_is_good_to_look_at(page: Page, server: Server, database: Database, screenshot: Screenshot, width: int):
    fail_sync(database, "the gateway does not answer: it was asked for 30 seconds")
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
