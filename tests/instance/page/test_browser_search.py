"""Search and filters in Chromium, at 70 models and 35 features."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from roster.instance.database.connections import Database
from tests.browser import assert_accessible
from tests.instance.page.admin_actions import ROSTER, feature, mode, opened, sign_in
from tests.instance.page.large_instance import fill_large
from tests.instance.page.page_server import PAGE, Server, serving
from tests.instance.page.sample_state import LIST
from tests.instance.selection.offered_lists import store_list
from tests.instance.sync.sync_helpers import open_database
from tests.started_programs import Screenshot

pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)

IMPACTS = ("minor", "moderate", "serious", "critical")


@pytest.fixture
def database(migrated_url: str) -> Iterator[Database]:
    """A database of the large instance."""
    with open_database(migrated_url) as opened:
        fill_large(opened, 0)
        yield opened


@pytest.fixture
def server(database: Database) -> Iterator[Server]:
    with serving(database) as started:
        yield started


def search(page: Page) -> Locator:
    return page.get_by_role("searchbox", name="Search")


def filter_of(page: Page, label: str) -> Locator:
    return page.get_by_role("search").get_by_label(label)


def found(page: Page) -> Locator:
    return page.locator("#found")


def shown(page: Page) -> list[str]:
    """Return the titles of the features that are shown."""
    return page.locator("details[data-feature]:visible h3 bdi").all_inner_texts()


def test_search_finds_features_and_models_by_keyboard(page: Page, server: Server, screenshot: Screenshot):
    sign_in(page, server.origin)
    expect(found(page)).to_have_text("35 features")
    page.keyboard.press("/")
    expect(search(page)).to_be_focused()
    page.keyboard.type("codestral 25.08")
    expect(found(page)).to_have_text("2 of 35 features. Show these 2 models")
    assert shown(page) == ["Code Completion", "Code Suggestions"]
    row = feature(page, "code_completions")
    expect(row.locator(".matching")).to_have_text(
        "Matching models: Codestral 25.08 - Fireworks (serves it), Codestral 25.08 - Vertex"
    )
    assert_accessible(page, IMPACTS)
    screenshot(page, "models")
    page.keyboard.press("Enter")
    expect(row.locator("summary")).to_be_focused()
    page.keyboard.press("Enter")
    expect(row.get_by_role("group").first).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.press("Escape")
    expect(search(page)).to_have_value("")
    expect(found(page)).to_have_text("35 features")
    expect(page.locator(".matching")).to_have_count(0)
    page.keyboard.type("review merge")
    expect(found(page)).to_have_text("4 of 35 features")


def test_slash_is_a_character_in_other_fields(page: Page, server: Server):
    sign_in(page, server.origin)
    search(page).fill("a")
    page.keyboard.press("/")
    expect(search(page)).to_have_value("a/")
    page.keyboard.press("Control+/")
    expect(search(page)).to_have_value("a/")


def test_filters_are_combined_and_kept_in_the_address(page: Page, server: Server):
    sign_in(page, server.origin)
    filter_of(page, "Provider").select_option("Bedrock")
    filter_of(page, "Capability").select_option("vision")
    expect(found(page)).to_contain_text("33 of 35 features")
    filter_of(page, "Region").select_option("us-east-1")
    filter_of(page, "State").select_option("Retiring")
    expect(found(page)).to_contain_text("22 of 35 features. Show these")
    filter_of(page, "Your selections").check()
    filter_of(page, "Needs attention").check()
    expect(found(page)).to_contain_text("2 of 35 features")
    assert shown(page) == ["Fix Code", "Refactor Code"]
    address = page.url
    assert address.endswith("?provider=Bedrock&state=RETIRING&region=us-east-1&capability=vision&mine=1&attention=1"), (
        address
    )
    page.reload()
    expect(filter_of(page, "Needs attention")).to_be_checked()
    expect(filter_of(page, "State")).to_have_value("RETIRING")
    assert shown(page) == ["Fix Code", "Refactor Code"]
    page.get_by_role("button", name="Clear filters").click()
    expect(found(page)).to_have_text("35 features")
    expect(search(page)).to_be_focused()
    assert page.url == server.origin + PAGE


def test_nothing_matches_and_can_be_cleared(page: Page, server: Server, screenshot: Screenshot):
    sign_in(page, server.origin)
    page.goto(f"{server.origin}{PAGE}?q=nothing+like+this&provider=unknown")
    expect(found(page)).to_have_text("No feature matches.")
    expect(filter_of(page, "Provider")).to_have_value("")
    assert shown(page) == []
    expect(page.get_by_role("navigation", name="Categories").get_by_role("link")).to_have_count(0)
    assert_accessible(page, IMPACTS)
    screenshot(page, "nothing")
    page.get_by_role("button", name="Clear search and filters").click()
    expect(found(page)).to_have_text("35 features")
    expect(search(page)).to_be_focused()


def test_link_to_a_hidden_feature_clears_the_filters(page: Page, server: Server):
    sign_in(page, server.origin)
    search(page).fill("embedding")
    expect(found(page)).to_contain_text("1 of 35 features")
    page.get_by_role("region", name="Needs your attention").get_by_role("link", name="Fix Code").click()
    expect(feature(page, "duo_chat_fix_code").locator("summary")).to_be_focused()
    expect(feature(page, "duo_chat_fix_code").get_by_role("group").first).to_be_visible()
    expect(search(page)).to_have_value("")


def test_filter_follows_a_save(page: Page, server: Server):
    sign_in(page, server.origin)
    filter_of(page, "Your selections").check()
    expect(found(page)).to_have_text("12 of 35 features")
    row = opened(page, "duo_chat_fix_code")
    mode(row, ROSTER).check()
    row.get_by_role("button", name="Save").click()
    expect(found(page)).to_have_text("11 of 35 features")
    expect(row).to_be_hidden()


def test_hostile_names_are_text(page: Page, server: Server, database: Database):
    hostile = LIST.models["hostile"]._replace(name="<img src=x onerror=alert(1)> & </script>", provider="<b>&quot;")
    with database.write_transaction() as connection:
        store_list(connection, LIST._replace(models={**LIST.models, "hostile": hostile}), version=2)
    sign_in(page, server.origin)
    filter_of(page, "Provider").select_option("<b>&quot;")
    line = feature(page, "resolve_vulnerability").locator(".matching")
    expect(line).to_have_text("Matching model: <img src=x onerror=alert(1)> & </script> (serves it)")


@pytest.mark.parametrize("width", [1280, 390])
def test_large_page_is_accessible_and_fits_the_viewport(page: Page, server: Server, screenshot: Screenshot, width: int):
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(page, server.origin)
    for query in ("", "?q=opus+4.7&provider=Bedrock"):
        page.goto(server.origin + PAGE + query)
        assert_accessible(page, IMPACTS)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            screenshot(page, f"{scheme}-{width}{'-filtered' if query else ''}")
