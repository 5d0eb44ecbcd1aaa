"""Chromium, driven by Playwright: console errors, accessibility checks and screenshots of pages."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.conftest import ROOT
from tests.node import folder_of
from tests.programs import require

SCREENSHOTS = ".cache/screenshots"
"""The folder below the root from which the pipeline collects screenshots."""
# Playwright adds --headless and, as most tests run in a container or as root, --no-sandbox.
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
CONTEXT_OPTIONS: dict[str, Any] = {
    "viewport": {"width": 1280, "height": 900},
    "locale": "en-GB",
    "timezone_id": "UTC",
    "color_scheme": "light",
    # Otherwise a screenshot or contrast check may run in the middle of a transition.
    "reduced_motion": "reduce",
}
WAIT_FOR_TASKS = "() => new Promise(done => setTimeout(done))"
AXE_VIOLATIONS = """async (impacts) => (await axe.run({preload: false})).violations
    .filter(({impact}) => impacts.includes(impact))
    .flatMap(({id, impact, help, nodes}) => nodes.map(({target}) => `${id} (${impact}) at ${target}: ${help}`))"""


def chromium() -> str:
    """Return the path of the browser."""
    return require("chromium")


class Chromium:
    """A browser shared by many tests, each with its own context.

    While Playwright is started, it marks its event loop as the running loop of the thread, so that ``asyncio.run``
    fails in this thread. The mark is therefore set only while a test uses a page.
    """

    def __init__(self, program: str) -> None:
        self._playwright = sync_playwright().start()
        self._loop = asyncio.get_running_loop()
        asyncio._set_running_loop(None)
        with self._running():
            try:
                self.browser: Browser = self._playwright.chromium.launch(executable_path=program, args=FLAGS)
            except BaseException:
                self._playwright.stop()
                raise

    @contextmanager
    def page(self, complaints: list[str]) -> Iterator[Page]:
        """Open a page in a new context. Errors of the page and its popups are added to ``complaints``.

        These are errors on the console, including CSP violations and failed requests, and uncaught exceptions.

        Raises:
            AssertionError: ``complaints`` is not empty at the end.
        """
        with self._running():
            context = self.browser.new_context(**CONTEXT_OPTIONS)
            context.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
            context.on("weberror", lambda exception: complaints.append(str(exception.error)))
            try:
                yield context.new_page()
                for page in context.pages:
                    page.evaluate(WAIT_FOR_TASKS)
            finally:
                context.close()
        assert not complaints, "\n".join(complaints)

    def close(self) -> None:
        """Stop the browser and Playwright."""
        with self._running():
            self.browser.close()
            self._playwright.stop()

    @contextmanager
    def _running(self) -> Iterator[None]:
        before = asyncio._get_running_loop()
        asyncio._set_running_loop(self._loop)
        try:
            yield
        finally:
            asyncio._set_running_loop(before)


def picture(test: str, name: str) -> Path:
    """Return the path of a test's screenshot, and create its folder."""
    file = ROOT / SCREENSHOTS / re.sub(r"[^\w.-]+", "_", test) / f"{name}.png"
    file.parent.mkdir(parents=True, exist_ok=True)
    return file


def assert_accessible(page: Page, impacts: Sequence[str] = ("serious", "critical")) -> None:
    """Fail if axe-core finds a violation of one of some impacts in the page, in light or dark mode."""
    # evaluate() bypasses the page's Content Security Policy; a script tag would be blocked.
    page.evaluate(_axe())
    violations = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        violations += [f"in {scheme}: {violation}" for violation in page.evaluate(AXE_VIOLATIONS, list(impacts))]
    page.emulate_media(color_scheme="light")
    assert not violations, "\n".join(violations)


@cache
def _axe() -> str:
    return (folder_of("axe-core") / "axe.min.js").read_text(encoding="utf-8")
