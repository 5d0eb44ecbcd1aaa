"""A page on a slow connection: what an admin opens before the scripts are loaded works as soon as they are."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.instance.page.admin_actions import default, feature, sign_in
from tests.instance.page.page_server import PAGE, Server

pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)


def test_features_and_panels_opened_before_the_scripts_are_filled_in(page: Page, server: Server):
    sign_in(page, server.origin)
    held: list[Route] = []
    is_held = True

    def hold(route: Route) -> None:
        held.append(route) if is_held else route.continue_()

    page.route("**/*.js", hold)
    page.goto(server.origin + PAGE, wait_until="commit")
    feature(page, "duo_chat").locator("summary").click()
    page.locator("#bulk > summary").click()
    expect(page.locator("#bulk")).to_have_attribute("open", "")
    is_held = False
    for route in held:
        route.continue_()
    expect(default(feature(page, "duo_chat"), "Claude 3.5 Haiku")).to_be_checked()
    expect(page.locator("form[data-feature]")).to_have_count(1)
    expect(page.locator("#bulk").get_by_role("status")).to_have_text("Choose a condition, such as a provider.")
