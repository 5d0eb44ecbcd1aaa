"""The browser that tests start: it shows pages under a strict policy, and each check of a page can fail."""

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
FILES = {"/style.css": ("text/css", STYLE), "/said.js": ("text/javascript", "console.error('said'); thrown()")}
PNG = b"\x89PNG\r\n\x1a\n"


class Handler(BaseHTTPRequestHandler):
    """Serves pages by what is asked for: ``/?<b>text</b>`` has that in its middle."""

    def do_GET(self) -> None:
        path, _, wanted = self.path.partition("?")
        kind, text = FILES.get(path, ("text/html", PAGE.format(bytes.fromhex(wanted).decode())))
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing of a request."""


PAGE = """<!doctype html><html lang="en"><head><title>A page</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css"></head><body><main><h1>A page</h1>{}</main></body></html>"""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The address of a site with a strict policy; what comes after it in hexadecimal is in the page."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/?"
        server.shutdown()


def show(page: Page, site: str, body: str) -> None:
    page.goto(site + body.encode().hex())


def visit(browser: Chromium, site: str, body: str, script: str = "() => {}") -> None:
    """What a test with a page does, its end included: show the page, and run a script in it."""
    with browser.page([]) as page:
        show(page, site, body)
        page.evaluate(script)


def test_a_good_page_has_nothing_to_complain_of(page: Page, site: str):
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
def test_what_not_everybody_can_use_fails(page: Page, site: str, body: str, finding: str):
    show(page, site, body)
    with pytest.raises(AssertionError, match=finding):
        assert_accessible(page)


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ('<script src="/said.js"></script>', "said"),
        ('<script src="/said.js"></script>', "thrown is not defined"),
        ("<script>1</script>", "Executing inline script violates"),
        ('<p style="color: red">x</p>', "Applying inline style violates"),
        ('<img alt="x" src="https://example.com/x.png">', "Loading the image 'https://example.com/x.png' violates"),
        ('<button onclick="1">x</button>', "Executing inline event handler violates"),
    ],
    ids=["console", "exception", "inline-script", "inline-style", "elsewhere", "inline-handler"],
)
def test_a_page_that_complains_fails_its_test(browser: Chromium, site: str, body: str, complaint: str):
    with pytest.raises(AssertionError, match=complaint):
        visit(browser, site, body)


def test_a_late_complaint_fails_it_too(browser: Chromium, site: str):
    with pytest.raises(AssertionError, match="late"):
        visit(browser, site, "", "() => { setTimeout(() => console.error('late')) }")


def test_an_expected_complaint_can_be_taken_out(page: Page, complaints: list[str], site: str):
    show(page, site, "")
    page.evaluate("() => console.error('expected')")
    assert complaints == ["expected"]
    complaints.clear()


def test_pages_share_no_cookie(browser: Chromium, site: str):
    for _ in range(2):
        with browser.page([]) as page:
            show(page, site, "")
            assert page.context.cookies() == []
            page.evaluate("() => { document.cookie = 'a=b' }")
            assert len(page.context.cookies()) == 1


def test_a_screenshot_is_kept_where_the_pipeline_looks(page: Page, site: str, screenshot: Screenshot):
    show(page, site, "<p>text</p>" * 100)
    file = screenshot(page, "long")
    assert file.read_bytes().startswith(PNG)
    assert int.from_bytes(file.read_bytes()[20:24]) > page.viewport_size["height"]  # type: ignore[index]
    kept = "instance_test_browser.py_test_a_screenshot_is_kept_where_the_pipeline_looks/long.png"
    assert file == ROOT / SCREENSHOTS / kept
    job = jobs(PIPELINE)["test"]
    assert (job["artifacts"]["paths"], job["artifacts"]["when"]) == ([f"{SCREENSHOTS}/"], "always")


def test_a_started_browser_leaves_others_their_event_loops(browser: Chromium, site: str):
    async def answer() -> int:
        await asyncio.sleep(0)
        return 42

    for _ in range(2):
        visit(browser, site, "")
        assert asyncio.run(answer()) == 42


def test_one_page_more_leaves_the_first_as_it_was(browser: Chromium, page: Page, site: str):
    with browser.page([]) as other:
        show(other, site, "<p>other</p>")
    show(page, site, "<p>first</p>")
    assert page.get_by_text("first").is_visible()
