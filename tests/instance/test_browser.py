"""The browser used by tests: each of its checks can fail."""

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser import SCREENSHOTS, Chromium, assert_accessible
from tests.conftest import ROOT
from tests.pipelines.definitions import PIPELINE, jobs
from tests.started_programs import Screenshot

POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; base-uri 'none'; form-action 'self'"
STYLE = """:root { color-scheme: light dark }
.pale { color: #777; background: #888 }
@media (prefers-color-scheme: dark) { .pale-in-the-dark { color: #333; background: #222 } }"""
FILES = {"/style.css": ("text/css", STYLE), "/errors.js": ("text/javascript", "console.error('logged'); thrown()")}
PNG = b"\x89PNG\r\n\x1a\n"


class Handler(BaseHTTPRequestHandler):
    """Serves a page whose body is the query string, decoded from hexadecimal."""

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        kind, text = FILES.get(path, ("text/html", PAGE.format(bytes.fromhex(query).decode())))
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Disable the access log."""


PAGE = """<!doctype html><html lang="en"><head><title>A page</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css"></head><body><main><h1>A page</h1>{}</main></body></html>"""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The URL of a site with a strict CSP; append the page's body in hexadecimal."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/?"
        server.shutdown()


def show(page: Page, site: str, body: str) -> None:
    page.goto(site + body.encode().hex())


def visit(browser: Chromium, site: str, body: str, script: str = "() => {}") -> None:
    """Show a page, run a script in it, and close it."""
    with browser.page([]) as page:
        show(page, site, body)
        page.evaluate(script)


def test_accessible_page_passes(page: Page, site: str):
    show(page, site, "<p>Good in light and in dark.</p>")
    assert_accessible(page)
    assert page.get_by_role("heading").inner_text() == "A page"


@pytest.mark.parametrize(
    ("body", "finding"),
    [
        ('<p class="pale">pale</p>', r"in light: color-contrast \(serious\) at p: Elements must"),
        ('<p class="pale-in-the-dark">pale</p>', r"^in dark: color-contrast \(serious\) at p: Elements"),
        ("<button></button>", r"in light: button-name \(critical\) at button: Buttons must"),
    ],
    ids=["pale", "pale-in-the-dark", "without-a-name"],
)
def test_accessibility_violation_fails(page: Page, site: str, body: str, finding: str):
    show(page, site, body)
    with pytest.raises(AssertionError, match=finding):
        assert_accessible(page)


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ('<script src="/errors.js"></script>', "logged"),
        ('<script src="/errors.js"></script>', "thrown is not defined"),
        ("<script>1</script>", "Executing inline script violates"),
        ('<p style="color: red">x</p>', "Applying inline style violates"),
        ('<img alt="x" src="https://example.com/x.png">', "Loading the image 'https://example.com/x.png' violates"),
        ('<button onclick="1">x</button>', "Executing inline event handler violates"),
    ],
    ids=["console", "exception", "inline-script", "inline-style", "elsewhere", "inline-handler"],
)
def test_console_error_or_csp_violation_fails(browser: Chromium, site: str, body: str, complaint: str):
    with pytest.raises(AssertionError, match=complaint):
        visit(browser, site, body)


def test_late_console_error_fails(browser: Chromium, site: str):
    with pytest.raises(AssertionError, match="late"):
        visit(browser, site, "", "() => { setTimeout(() => console.error('late')) }")


def test_expected_console_error_can_be_removed(page: Page, complaints: list[str], site: str):
    show(page, site, "")
    page.evaluate("() => console.error('expected')")
    assert complaints == ["expected"]
    complaints.clear()


def test_pages_do_not_share_cookies(browser: Chromium, site: str):
    for _ in range(2):
        with browser.page([]) as page:
            show(page, site, "")
            assert page.context.cookies() == []
            page.evaluate("() => { document.cookie = 'a=b' }")
            assert len(page.context.cookies()) == 1


def test_screenshot_is_saved_where_the_pipeline_collects_it(page: Page, site: str, screenshot: Screenshot):
    show(page, site, "<p>text</p>" * 100)
    file = screenshot(page, "long")
    assert file.read_bytes().startswith(PNG)
    assert int.from_bytes(file.read_bytes()[20:24]) > page.viewport_size["height"]  # type: ignore[index]
    path = "instance_test_browser.py_test_screenshot_is_saved_where_the_pipeline_collects_it/long.png"
    assert file == ROOT / SCREENSHOTS / path
    job = jobs(PIPELINE)["test-slow"]
    assert (job["artifacts"]["paths"], job["artifacts"]["when"]) == ([f"{SCREENSHOTS}/"], "always")


def test_started_browser_allows_other_event_loops(browser: Chromium, site: str):
    async def answer() -> int:
        await asyncio.sleep(0)
        return 42

    for _ in range(2):
        visit(browser, site, "")
        assert asyncio.run(answer()) == 42


def test_second_page_does_not_affect_the_first(browser: Chromium, page: Page, site: str):
    with browser.page([]) as other:
        show(other, site, "<p>other</p>")
    show(page, site, "<p>first</p>")
    assert page.get_by_text("first").is_visible()
