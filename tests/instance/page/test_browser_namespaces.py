"""The selections of namespaces in Chromium: by keyboard, without JavaScript, and on narrow screens."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from roster.instance.database.connections import Database
from tests.browser import assert_accessible
from tests.instance.page.admin_actions import sign_in
from tests.instance.page.large_instance import fill_large
from tests.instance.page.large_list import large_list
from tests.instance.page.page_server import PAGE, Server, serving
from tests.instance.sync.sync_helpers import open_database
from tests.started_programs import Screenshot

pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)

NAMESPACES = f"{PAGE}/namespaces"
IMPACTS = ("minor", "moderate", "serious", "critical")
HAIKU = "claude_haiku_4_7"


@pytest.fixture
def database(migrated_url: str) -> Iterator[Database]:
    """A database of the large instance, with selections of 200 namespaces."""
    with open_database(migrated_url) as opened:
        fill_large(opened, 200)
        yield opened


@pytest.fixture
def server(database: Database) -> Iterator[Server]:
    with serving(database) as started:
        yield started


class Keyboard:
    """A keyboard whose actions are counted: a key that is pressed, or a text that is typed."""

    def __init__(self, page: Page) -> None:
        self._page, self.actions = page, 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self._page.keyboard.press(key)
            self.actions += 1

    def type(self, text: str) -> None:
        self._page.keyboard.type(text)
        self.actions += 1


def test_users_of_a_model_are_found_with_few_keys(page: Page, server: Server, screenshot: Screenshot):
    sign_in(page, server.origin)
    name, keyboard = large_list().models[HAIKU].name, Keyboard(page)
    keyboard.press("Tab", "Tab", "Tab", "Tab")
    expect(page.get_by_role("link", name="Namespaces", exact=True)).to_be_focused()
    keyboard.press("Enter")
    expect(page).to_have_url(server.origin + NAMESPACES)
    keyboard.press("Tab", "Enter")
    expect(page.get_by_label("Selected model")).to_be_focused()
    keyboard.type(f"{name} (")
    keyboard.press("Tab", "Enter")
    assert keyboard.actions <= 10
    page.wait_for_url(lambda url: f"model={HAIKU}&" in url)
    expect(page.locator("tbody tr").first).to_contain_text(name)
    assert set(page.locator("tbody td:nth-child(3) bdi").all_inner_texts()) == {name}
    assert_accessible(page, IMPACTS)
    screenshot(page, "model")


def test_counts_lead_to_the_namespaces(page: Page, server: Server):
    sign_in(page, server.origin)
    keyboard = Keyboard(page)
    keyboard.press("/")
    keyboard.type("code suggestions")
    keyboard.press("Enter", "Enter")
    row = page.locator("details[open][data-feature]")
    link = row.locator("dd").get_by_role("link", name="namespaces")
    expect(link).to_be_visible()
    keyboard.press("Tab")
    expect(link).to_be_focused()
    count = int(link.inner_text().split()[0])
    keyboard.press("Enter")
    assert keyboard.actions <= 10
    page.wait_for_url(f"**{NAMESPACES}?feature=*")
    expect(page.get_by_text(f"{count} selections", exact=True)).to_be_visible()


@pytest.fixture
def page_without_script(page: Page, server: Server) -> Iterator[Page]:
    """A page that is signed in, in a browser without JavaScript."""
    sign_in(page, server.origin)
    browser = page.context.browser
    assert browser
    context = browser.new_context(java_script_enabled=False, storage_state=page.context.storage_state())
    yield context.new_page()
    context.close()


def test_filters_and_paging_need_no_script(page_without_script: Page, server: Server):
    page = page_without_script
    page.goto(server.origin + NAMESPACES)
    page.get_by_label("Only where another model serves").check()
    page.get_by_role("button", name="Filter").click()
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(50)
    expect(rows.filter(has_text="Not as selected")).to_have_count(50)
    first = rows.first.inner_text()
    page.get_by_role("link", name="Next page").click()
    expect(page.get_by_label("Only where another model serves")).to_be_checked()
    expect(page.get_by_role("link", name="Previous page")).to_be_visible()
    assert rows.first.inner_text() != first
    page.get_by_role("link", name="Previous page").click()
    expect(rows.first).to_have_text(first, use_inner_text=True)


@pytest.mark.parametrize("width", [1280, 390])
def test_list_fits_the_screen_and_is_accessible(page: Page, server: Server, width: int, screenshot: Screenshot):
    sign_in(page, server.origin)
    page.set_viewport_size({"width": width, "height": 900})
    paths = {"list": "", "none": "?namespace=99999", "invalid": "?namespace=seven&model=unknown"}
    for name, query in paths.items():
        page.goto(f"{server.origin}{NAMESPACES}{query}")
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert_accessible(page, IMPACTS)
        screenshot(page, name)
    expect(page.get_by_text("No model has the ID unknown.")).to_be_visible()
