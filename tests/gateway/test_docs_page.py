"""The page /docs: packaged files, a strict content security policy, and nothing in apps that mount the gateway."""

import re

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from roster.gateway import Gateway
from roster.gateway.app import create_app
from roster.gateway.docs_page.router import FILES
from tests.browser import Chromium, picture
from tests.gateway.gateway_helpers import PLAIN
from tests.server_process import run_server
from tests.vendored_files import compare_with_hashes, compare_with_package


@pytest.fixture
def asking() -> TestClient:
    return TestClient(create_app({}), headers=PLAIN, follow_redirects=False)


def test_root_leads_to_page(asking: TestClient):
    for method in ("GET", "HEAD"):
        response = asking.request(method, "/", headers={"Host": "evil.example"})
        assert (response.status_code, response.headers["location"]) == (307, "/docs")


@pytest.mark.parametrize("root", ["", "/ai"])
def test_page_loads_only_own_files(root: str):
    asking = TestClient(create_app({}), headers=PLAIN, root_path=root)
    response = asking.get(f"{root}/docs")
    urls = re.findall(r'(?:src|href|openapi)="([^"]*)"', response.text)
    assert len(urls) == 6
    for url in urls:
        if url != "data:,":
            assert url.startswith(f"{root}/")
            assert asking.get(url).status_code == 200
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self';" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script>|<style|\bon\w+=|style=", response.text)


def test_files_are_compressed_and_cached(asking: TestClient):
    (url,) = re.findall(r'src="(/docs/assets/swagger-ui-bundle\.[^"]*)"', asking.get("/docs").text)
    plain, zipped = asking.get(url), asking.get(url, headers={"Accept-Encoding": "gzip"})
    assert zipped.headers["content-encoding"] == "gzip"
    assert zipped.content == plain.content
    assert int(zipped.headers["content-length"]) < int(plain.headers["content-length"]) / 3
    assert {each.headers["cache-control"] for each in (plain, zipped)} == {"public, max-age=31536000, immutable"}
    assert asking.get("/docs/assets/README.md").status_code == 404


def test_apps_that_mount_the_gateway_have_no_page():
    app = FastAPI(docs_url=None, redoc_url=None)
    app.include_router(Gateway.from_environment({}).router(openai_models=True))
    asking = TestClient(app)
    assert [asking.get(path).status_code for path in ("/", "/docs", "/redoc")] == [404] * 3


def test_gateway_has_no_page_from_elsewhere(asking: TestClient):
    assert asking.get("/redoc").status_code == 404


def test_vendored_files_have_recorded_hashes():
    compare_with_hashes("roster.gateway.docs_page", FILES, own=["docs.js"])


@pytest.mark.slow
def test_vendored_files_are_those_of_the_package():
    compare_with_package(
        "roster.gateway.docs_page", FILES, "swagger-ui-dist", ["swagger-ui-bundle.js", "swagger-ui.css"]
    )


def test_browser_shows_every_operation(browser: Chromium, request: pytest.FixtureRequest):
    """Violations of the content security policy and failed requests are errors on the console."""
    with run_server({}, "gateway") as server, browser.page([]) as page:
        page.goto(server.origin)
        page.get_by_text("List the offered models", exact=True).wait_for()
        shown = {element.text_content() for element in page.locator("[data-path]").all()}
        assert shown == set(create_app({}).openapi()["paths"])
        page.get_by_text("Check that the process responds").click()
        page.get_by_role("button", name="Try it out").click()
        page.get_by_role("button", name="Execute").click()
        page.locator(".live-responses-table").get_by_text('"alive"').wait_for()
        page.screenshot(path=picture(request.node.name, "docs"), full_page=True)
