"""The catalogue of 70 models and 35 features in Chromium, from files without a server."""

import gzip
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from roster.roster import roster_path
from tests.browser import assert_accessible
from tests.catalogue.large_repository import CODESTRAL, write_repository
from tests.command import run_command
from tests.conftest import edit, git
from tests.started_programs import Screenshot

pytestmark = pytest.mark.slow
PAGES = (
    "index.html",
    f"models/{CODESTRAL}.html",
    "features/duo_chat.html",
    "features.html",
    "differences.html",
    "changes.html",
    "timeline.html",
)
WIDTHS = (1280, 768, 390)
IMPACTS = ("minor", "moderate", "serious", "critical")
ON = date(2026, 11, 30)
MAX_COMPRESSED = 60_000
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("large")
    write_repository(folder)
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "Add rosters")
    for old, new in (("Fast answers while you type", "Fast"), ("release_state: BETA", "release_state: GA")):
        edit(folder / roster_path("production"), old, new)
        git(folder, "commit", "-q", "-a", "-m", "Change models")
    command = ("catalogue", "--output", "site", "--at", str(ON), "--changed-since", "HEAD~1")
    done = run_command(command, folder, {})
    assert done.returncode == 0, done.stderr
    return folder / "site"


def opened(page: Page, site: Path, name: str = "index.html", query: str = "") -> None:
    page.goto(f"{(site / name).as_uri()}{query}")


def shown_models(page: Page) -> int:
    return page.locator("#matrix tbody tr:visible").count()


def test_every_page_is_accessible_and_fits(browser: object, page: Page, site: Path, screenshot: Screenshot):
    for name in PAGES:
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            opened(page, site, name)
            assert page.evaluate(OVERFLOW) <= 0, (name, width)
            if width in (WIDTHS[0], WIDTHS[-1]):
                assert_accessible(page, IMPACTS)
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                screenshot(page, f"{name}-{width}-{scheme}")
        page.emulate_media(color_scheme="light", forced_colors="active")
        screenshot(page, f"{name}-forced-colors")
        page.emulate_media(forced_colors="none")


def test_filters_are_in_the_address(page: Page, site: Path):
    opened(page, site)
    expect(page.get_by_role("status")).to_have_text("70 of 70 models")
    page.get_by_label("Provider").select_option("Vertex")
    page.get_by_label("Feature").select_option("duo_chat")
    page.get_by_label("State").select_option("default")
    expect(page.get_by_role("status")).to_have_text("1 of 70 models")
    assert page.locator("#matrix thead th:visible").all_inner_texts() == ["Model", "General Chat"]
    query = "?provider=Vertex&feature=duo_chat&state=default"
    assert page.url.endswith(f"index.html{query}")
    page.reload()
    assert shown_models(page) == 1
    page.get_by_role("link", name="staging", exact=True).click()
    assert page.url.endswith(f"environments/staging.html{query}")
    assert shown_models(page) == 1
    page.get_by_role("button", name="Clear filters").click()
    expect(page.get_by_role("status")).to_have_text("70 of 70 models")
    assert page.url.endswith("environments/staging.html")
    opened(page, site, query="?provider=nobody&q=codestral&unknown=1")
    expect(page.get_by_role("status")).to_have_text("4 of 70 models")
    choices = (
        ("Region", "eu", 26),
        ("Region", "eu-west-1", 12),
        ("Capability", "Tool use", 36),
        ("State", "suspended", 1),
    )
    for label, value, count in choices:
        opened(page, site)
        page.get_by_label(label).select_option(value)
        expect(page.get_by_role("status")).to_have_text(f"{count} of 70 models")


def test_keyboard_operation(page: Page, site: Path):
    opened(page, site, "environments/staging.html")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(4):
        page.keyboard.press("Tab")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("sonnet 4.7 bedrock")
    expect(page.get_by_role("status")).to_have_text("1 of 70 models")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Provider")).to_be_focused()
    page.keyboard.type("Op")
    expect(page.get_by_role("status")).to_have_text("No model matches these filters.")
    clear = page.get_by_role("button", name="Clear filters")
    for _ in range(5):
        page.keyboard.press("Tab")
    expect(clear).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("searchbox")).to_be_focused()
    expect(page.get_by_role("status")).to_have_text("70 of 70 models")
    page.get_by_role("region", name="Models in staging").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('.matrix').scrollLeft > 0")
    first = page.locator("#matrix tbody th").first
    left = page.locator(".matrix").bounding_box()
    box = first.bounding_box()
    assert left
    assert box
    assert abs(box["x"] - left["x"]) < 2


def test_changed_cells_are_marked_and_listed(page: Page, site: Path):
    opened(page, site)
    expect(page.get_by_role("region", name="What this change does")).to_contain_text("moves from Beta to GA")
    expect(page.locator("td.changed").first).to_have_text("GA was Beta")


def test_header_stays_while_the_matrix_scrolls(page: Page, site: Path):
    opened(page, site)
    page.evaluate("document.querySelector('.matrix').scrollTo(400, 800)")
    matrix, header = page.locator(".matrix").bounding_box(), page.locator("#matrix thead th").nth(9).bounding_box()
    assert matrix
    assert header
    assert abs(header["y"] - matrix["y"]) < 2


def test_site_works_without_javascript(browser: object, site: Path):
    from tests.browser import Chromium

    assert isinstance(browser, Chromium)
    with browser.page([]) as page:
        context = browser.browser.new_context(java_script_enabled=False)
        try:
            plain = context.new_page()
            opened(plain, site)
            assert shown_models(plain) == 70
            expect(plain.get_by_role("searchbox")).to_be_hidden()
            plain.get_by_role("link", name="Codestral 25.01 Fireworks").click()
            expect(plain.get_by_role("heading", level=1)).to_have_text("Codestral 25.01")
            expect(plain.locator(".notice")).to_contain_text("Retires after 1 March 2027")
        finally:
            context.close()
        assert page


def test_first_page_is_small(site: Path):
    files = [site / "index.html", *(site / "assets").iterdir()]
    assert sum(len(gzip.compress(file.read_bytes())) for file in files) < MAX_COMPRESSED
