"""The pages of models in Chromium, at 70 models and 35 features."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from roster.instance.database.connections import Database
from roster.instance.http import paths
from tests.browser import assert_accessible
from tests.instance.page.admin_actions import feature, sign_in
from tests.instance.page.large_instance import fill_large
from tests.instance.page.page_server import Server, serving
from tests.instance.sync.sync_helpers import open_database
from tests.started_programs import Screenshot

pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)

OPUS, SONNET = "claude_opus_4_7_bedrock", "claude_sonnet_4_7_vertex"

IMPACTS = ("minor", "moderate", "serious", "critical")


@pytest.fixture
def database(migrated_url: str) -> Iterator[Database]:
    """A database of the large instance, with a few namespaces."""
    with open_database(migrated_url) as opened:
        fill_large(opened, 20)
        yield opened


@pytest.fixture
def server(database: Database) -> Iterator[Server]:
    with serving(database) as started:
        yield started


def row(page: Page, model: str) -> Locator:
    return page.locator(f".model-row:has(details[data-model='{model}'])")


def filter_of(page: Page, label: str) -> Locator:
    return page.get_by_role("search").get_by_label(label)


def found(page: Page) -> Locator:
    return page.locator("#found")


def test_who_uses_a_model_is_answered_by_keyboard(page: Page, server: Server, screenshot: Screenshot):
    sign_in(page, server.origin)
    page.goto(server.origin + paths.MODELS)
    expect(found(page)).to_have_text("71 models")
    page.keyboard.press("/")
    page.keyboard.type("opus 4.7 bedrock")
    expect(found(page)).to_have_text("1 of 71 models")
    page.keyboard.press("Enter")
    expect(row(page, OPUS).locator("summary")).to_be_focused()
    page.keyboard.press("Enter")
    table = row(page, OPUS).get_by_role("table")
    expect(table.get_by_role("row")).to_have_count(34)
    expect(table.get_by_role("row", name="General Chat")).to_contain_text("Your default Serves it")
    assert_accessible(page, IMPACTS)
    screenshot(page, "model")
    table.get_by_role("link", name="General Chat").click()
    expect(feature(page, "duo_chat").get_by_role("group").first).to_be_visible()


def test_link_from_the_search_over_features_shows_the_models(page: Page, server: Server):
    sign_in(page, server.origin)
    page.get_by_role("searchbox", name="Search").fill("gpt-5.5")
    page.get_by_role("link", name="Show these 2 models").click()
    expect(found(page)).to_have_text("2 of 71 models")
    expect(page.get_by_role("searchbox", name="Search")).to_have_value("gpt-5.5")


def test_filters_of_models_are_combined(page: Page, server: Server):
    sign_in(page, server.origin)
    page.goto(server.origin + paths.MODELS)
    filter_of(page, "State").select_option("Suspended")
    expect(found(page)).to_have_text("1 of 71 models")
    filter_of(page, "State").select_option("Retiring")
    filter_of(page, "In your selections").check()
    expect(found(page)).to_have_text("5 of 71 models")
    filter_of(page, "Serves a feature").check()
    expect(found(page)).to_have_text("2 of 71 models")
    filter_of(page, "Capability").select_option("vision")
    filter_of(page, "Provider").select_option("Fireworks")
    expect(found(page)).to_have_text("No model matches.")
    page.get_by_role("button", name="Clear search and filters").click()
    expect(found(page)).to_have_text("71 models")


def test_two_to_five_models_are_compared(page: Page, server: Server, screenshot: Screenshot):
    sign_in(page, server.origin)
    page.goto(server.origin + paths.MODELS)
    compare, status = page.get_by_role("button", name="Compare"), page.locator("#chosen")
    boxes = page.locator(".choose input")
    compare.click(force=True)
    assert page.url == server.origin + paths.MODELS
    row(page, OPUS).get_by_role("checkbox").check()
    expect(status).to_have_text("1 model chosen: choose another one to compare it with.")
    for number in range(5):
        boxes.nth(number).check()
    expect(status).to_have_text("6 models chosen: at most 5 can be compared.")
    expect(compare).to_have_attribute("aria-disabled", "true")
    page.get_by_role("button", name="Choose none").click()
    expect(boxes.first).to_be_focused()
    expect(status).to_have_text("Choose 2 to 5 models to compare.")
    for model in (OPUS, SONNET):
        row(page, model).get_by_role("checkbox").check()
    assert_accessible(page, IMPACTS)
    screenshot(page, "chosen")
    compare.click()
    expect(page.get_by_role("columnheader")).to_have_text(["Claude Sonnet 4.7 - Vertex", "Claude Opus 4.7 - Bedrock"])
    expect(page.get_by_role("row", name="Capabilities")).to_be_visible()
    page.get_by_label("Only differences").check()
    expect(page.get_by_role("row", name="Capabilities")).to_be_hidden()
    expect(page.get_by_role("row", name="Provider")).to_be_visible()
    page.get_by_role("link", name="Choose other models").click()
    expect(row(page, OPUS).get_by_role("checkbox")).to_be_checked()
    expect(status).to_have_text("2 models chosen.")


def test_pages_of_models_without_javascript(page: Page, server: Server):
    context = page.context.browser.new_context(java_script_enabled=False)  # type: ignore[union-attr]
    plain = context.new_page()
    sign_in(plain, server.origin)
    plain.goto(server.origin + paths.MODELS)
    expect(plain.get_by_role("searchbox")).to_be_hidden()
    for model in (OPUS, SONNET):
        row(plain, model).get_by_role("checkbox").check()
    plain.get_by_role("button", name="Compare").click()
    expect(plain.get_by_role("columnheader")).to_have_count(2)
    plain.goto(server.origin + paths.MODELS)
    row(plain, OPUS).locator("summary").click()
    row(plain, OPUS).get_by_role("link", name="Features of").click()
    expect(plain.get_by_role("table").get_by_role("row")).to_have_count(34)
    context.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_pages_of_models_are_accessible_and_fit_the_viewport(
    page: Page, server: Server, screenshot: Screenshot, width: int
):
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(page, server.origin)
    five = "&".join(f"model={id_}" for id_ in (OPUS, SONNET, "gpt_5", "codestral_2508_vertex", "claude_opus_4_0"))
    pages = {"models": "", "model": f"?model={OPUS}", "comparison": f"/compare?{five}"}
    for name, rest in pages.items():
        page.goto(server.origin + paths.MODELS + rest)
        assert_accessible(page, IMPACTS)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            screenshot(page, f"{name}-{scheme}-{width}")
