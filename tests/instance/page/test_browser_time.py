"""Points in time on the pages: local time next to UTC, and relative times that move."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from tests.instance.page.admin_actions import sign_in
from tests.instance.page.page_server import Server

pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)


def test_local_time_is_next_to_utc(page: Page, server: Server):
    browser = page.context.browser
    assert browser
    context = browser.new_context(timezone_id="Asia/Kolkata", locale="en-GB")
    in_india = context.new_page()
    sign_in(in_india, server.origin)
    change = in_india.locator(".sync time:not([data-relative])").last
    expect(change).to_have_text("5 August 2026, 12:00 UTC (17:30 your time)")
    in_india.evaluate(
        """() => {
            const late = Object.assign(document.createElement("time"), {dateTime: "2026-12-31T23:15:00+00:00"});
            late.textContent = "31 December 2026, 23:15 UTC";
            document.querySelector("main").append(late);
        }"""
    )
    expect(in_india.locator("main > time")).to_have_text(
        "31 December 2026, 23:15 UTC (1 January 2027, 04:45 your time)"
    )
    context.close()


def test_local_time_is_left_out_where_it_is_utc(page: Page, server: Server):
    sign_in(page, server.origin)
    expect(page.locator(".sync")).to_contain_text("Last change: 5 August 2026, 12:00 UTC.")


def test_relative_time_moves(page: Page, server: Server):
    page.clock.install(time=datetime.now(UTC))
    sign_in(page, server.origin)
    sync = page.locator(".sync")
    expect(sync).to_contain_text("List last synced 12 minutes ago")
    page.clock.fast_forward("03:00")
    expect(sync).to_contain_text("List last synced 15 minutes ago")
    page.clock.fast_forward("02:00:00")
    expect(sync).to_contain_text("List last synced 2 hours ago")
