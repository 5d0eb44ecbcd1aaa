"""A real Chromium, driven by Playwright: what a page shows, what it complains of, and whether everybody can use it."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.conftest import ROOT
from tests.node import folder_of
from tests.programs import require

SCREENSHOTS = ".cache/screenshots"
"""Where the pipeline collects them from, below the root."""
# Playwright adds --headless and, as most tests run in a container or as root, --no-sandbox.
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LOOK: dict[str, Any] = {
    "viewport": {"width": 1280, "height": 900},
    "locale": "en-GB",
    "timezone_id": "UTC",
    "color_scheme": "light",
    # Else a picture, or a contrast, may be taken halfway through a transition.
    "reduced_motion": "reduce",
}
SETTLED = "() => new Promise(done => setTimeout(done))"
AUDIT = """async () => (await axe.run({preload: false})).violations
    .filter(({impact}) => impact === "serious" || impact === "critical")
    .flatMap(({id, impact, help, nodes}) => nodes.map(({target}) => `${id} (${impact}) at ${target}: ${help}`))"""


def chromium() -> str:
    """Return the path of the browser."""
    return require("chromium")


class Chromium:
    """A browser for many tests, each with a context of its own. It ends with the ``with`` block.

    Playwright leaves its event loop marked as the thread's running one for as long as it is started, and then nothing
    else could run a loop in this thread: no ``asyncio.run``. So the mark is there only while a test uses a page.
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
        """Give a page in a context without cookies; what it and its popups complain of is added to ``complaints``.

        That is every error on the console, violations of the content security policy and failed requests among them,
        and every exception that no script caught.

        Raises:
            AssertionError: at the end, something is left in ``complaints``.
        """
        with self._running():
            context = self.browser.new_context(**LOOK)
            context.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
            context.on("weberror", lambda thrown: complaints.append(str(thrown.error)))
            try:
                yield context.new_page()
                for page in context.pages:
                    page.evaluate(SETTLED)
            finally:
                context.close()
        assert not complaints, "\n".join(complaints)

    def close(self) -> None:
        """End the browser and Playwright."""
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
    """Return the file that keeps a test's screenshot; the folder is there."""
    file = ROOT / SCREENSHOTS / re.sub(r"[^\w.-]+", "_", test) / f"{name}.png"
    file.parent.mkdir(parents=True, exist_ok=True)
    return file


def assert_accessible(page: Page) -> None:
    """Hold a page as it is now to axe-core's rules, in light and in dark: no serious or critical violation."""
    # A script that comes through the debugger is not held to the page's policy, a script tag would be.
    page.evaluate(_axe())
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found += [f"in {scheme}: {violation}" for violation in page.evaluate(AUDIT)]
    page.emulate_media(color_scheme="light")
    assert not found, "\n".join(found)


@cache
def _axe() -> str:
    return (folder_of("axe-core") / "axe.min.js").read_text(encoding="utf-8")
