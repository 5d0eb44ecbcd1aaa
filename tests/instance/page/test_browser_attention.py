"""Entries, requested syncs and the preview in Chromium, by keyboard, with a real server and database."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from roster.display_text import day
from roster.instance.database.connections import Database
from roster.instance.http import paths
from roster.instance.selection.offered_list import OfferedRetirement
from roster.instance.sync.schedule import SyncSchedule
from roster.instance.sync.sync_now import SyncNow
from tests.browser import assert_accessible
from tests.download.scripted_server import ScriptedServer, ok
from tests.instance.auth.test_token_authentication import READ
from tests.instance.page.admin_actions import feature, sign_in
from tests.instance.page.page_server import Server, make_app, selected
from tests.instance.page.sample_state import LIST
from tests.instance.selection.offered_lists import store_list
from tests.instance.sync.sync_helpers import OLD, settings_for
from tests.started_programs import Screenshot

pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)

TODAY = datetime.now(UTC).date()


def attention(page: Page) -> Locator:
    return page.get_by_role("region", name="needs your attention")


def entry(page: Page, title: str) -> Locator:
    return attention(page).get_by_role("listitem").filter(has=page.get_by_role("link", name=title, exact=True))


def press(page: Page, control: Locator, key: str = "Enter") -> None:
    expect(control).to_be_visible()  # the script shows the controls when it has run
    control.focus()
    page.keyboard.press(key)


def test_action_is_saved_with_three_keys(page: Page, server: Server, database: Database, screenshot: Screenshot):
    sign_in(page, server.origin)
    expect(attention(page).get_by_role("link")).to_have_count(5)
    assert_accessible(page)
    screenshot(page, "entries")
    press(page, entry(page, "General Chat").get_by_role("button", name="Make GitLab: Claude Sonnet 4 the default"))
    bar = page.get_by_role("region", name="Unsaved changes")
    expect(bar).to_contain_text("1 unsaved change")
    expect(bar.get_by_role("button", name="Save all")).to_be_focused()
    expect(feature(page, "duo_chat").get_by_text("Unsaved")).to_be_visible()
    page.keyboard.press("Enter")
    expect(bar.get_by_role("status")).to_have_text("Saved.")
    assert selected(database, "duo_chat") == ({"sonnet_4", "opus_4"}, "sonnet_4")
    expect(entry(page, "General Chat")).to_have_count(0)
    expect(feature(page, "duo_chat").locator("summary")).to_contain_text("Your selection")


def test_entry_is_kept_and_shown_again(page: Page, server: Server):
    sign_in(page, server.origin)
    press(page, entry(page, "Test Generation").get_by_role("button", name="Keep it as it is"))
    expect(page.locator("#attention-status")).to_have_text("Hidden until it changes.")
    expect(page.get_by_role("heading", name="Needs your attention")).to_be_focused()
    expect(entry(page, "Test Generation")).not_to_be_visible()
    press(page, page.get_by_text("1 hidden"))
    expect(entry(page, "Test Generation")).to_contain_text("Hidden until it changes")
    press(page, page.get_by_role("button", name="Show again"))
    expect(entry(page, "Test Generation")).to_be_visible()


def test_entry_is_hidden_until_a_day(page: Page, server: Server):
    sign_in(page, server.origin)
    shown = entry(page, "Code Review Summary")
    press(page, shown.get_by_text("Remind me on"))
    press(page, shown.get_by_role("button", name="Hide until then"))
    expect(page.locator("#attention-status")).to_have_text("Enter the day on which the entry comes back.")
    expect(shown.get_by_label("Day")).to_be_focused()
    until = TODAY + timedelta(days=7)
    shown.get_by_label("Day").fill(str(until))
    press(page, shown.get_by_label("Day"))
    expect(page.locator("#attention-status")).to_have_text("Hidden until that day.")
    press(page, page.get_by_text("1 hidden"))
    expect(entry(page, "Code Review Summary")).to_contain_text(f"Hidden until {day(until)}")


def test_entry_that_no_longer_holds_is_reported(page: Page, server: Server, database: Database):
    sign_in(page, server.origin)
    without = LIST.features["summarize_mr_review"]._replace(models={"sonnet_3_7": None, "sonnet_4": None})
    with database.write_transaction() as connection:  # a sync, meanwhile
        store_list(connection, LIST._replace(features={**LIST.features, "summarize_mr_review": without}), version=2)
    press(page, entry(page, "Code Review Summary").get_by_role("button", name="Follow the roster"))
    expect(page.locator("#attention-status")).to_have_text("This entry no longer applies.")
    expect(entry(page, "Code Review Summary")).to_have_count(0)


def test_earlier_change_is_restored_on_request(page: Page, server: Server):
    sign_in(page, server.origin)
    chat = entry(page, "General Chat")
    press(page, chat.get_by_role("button", name="Follow the roster"))
    bar = page.get_by_role("region", name="Unsaved changes")
    expect(bar).to_contain_text("1 unsaved change")
    press(page, chat.get_by_role("button", name="Make GitLab: Claude Sonnet 4 the default"))
    expect(bar.get_by_role("status")).to_contain_text("Your earlier change of General Chat was replaced.")
    press(page, bar.get_by_role("button", name="Undo"))
    press(page, bar.get_by_role("button", name="Save all"))
    expect(feature(page, "duo_chat").locator("summary")).to_contain_text("Roster default")


def test_read_only_session_sees_notices_without_actions(page: Page, server: Server):
    sign_in(page, server.origin, READ)
    expect(entry(page, "General Chat")).to_be_visible()
    expect(attention(page).get_by_role("button")).to_have_count(0)
    expect(page.get_by_role("button", name="Sync now")).to_have_count(0)


class TestSyncNow:
    @pytest.fixture
    def server(self, database: Database) -> Iterator[Server]:
        with ScriptedServer(ok(OLD)) as gateway:
            settings = settings_for(gateway.origin, max_shrink=1.0)
            started = Server(make_app(database, SyncNow(database, settings, SyncSchedule(database, settings))))
            try:
                yield started
            finally:
                started.stop()

    def test_new_list_is_reported_and_shown(self, page: Page, server: Server):
        sign_in(page, server.origin)
        press(page, page.get_by_role("button", name="Sync now"))
        status = page.locator(".sync-now").get_by_role("status")
        expect(status).to_contain_text("The list was replaced: ")
        press(page, page.get_by_role("button", name="Show the new list"))
        expect(feature(page, "duo_chat").locator("summary")).to_contain_text("GitLab: Gemini")


def test_preview_of_a_day(page: Page, server: Server, database: Database, screenshot: Screenshot):
    end = OfferedRetirement(TODAY, TODAY + timedelta(days=9), "sonnet_4")
    review = LIST.features["summarize_mr_review"]._replace(models={"sonnet_4": None, "sonnet_3_7": end})
    with database.write_transaction() as connection:
        store_list(connection, LIST._replace(features={**LIST.features, "summarize_mr_review": review}), version=2)
    sign_in(page, server.origin, READ)
    page.get_by_role("link", name="Preview").click()
    expect(page.get_by_role("listitem").filter(has_text="Code Review Summary")).to_contain_text(
        "goes from GitLab: Claude 3.7 Sonnet to GitLab: Claude Sonnet 4"
    )
    page.get_by_text("All 7 features").click()
    assert_accessible(page)
    screenshot(page, "preview")
    page.get_by_label("Day").fill(str(TODAY + timedelta(days=9)))
    press(page, page.get_by_role("button", name="Show"))
    expect(page.get_by_text("Nothing changes.")).to_be_visible()
    page.goto(f"{server.origin}{paths.PREVIEW}?at=soon")
    expect(page.get_by_role("alert")).to_contain_text('"soon" is not a day such as ')
    assert_accessible(page)
