"""Actions of an admin in the browser."""

from contextlib import AbstractContextManager

from playwright.sync_api import Locator, Page, expect

from roster.instance.http import paths
from tests.instance.auth.test_token_authentication import WRITE
from tests.instance.page.page_server import PAGE, SIGN_IN


def sign_in(page: Page, origin: str, token: str = WRITE) -> None:
    page.goto(origin + SIGN_IN)
    page.get_by_label("Access token").fill(token)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(origin + PAGE)


def feature(page: Page, name: str) -> Locator:
    return page.locator(f"details[data-feature='{name}']")


def opened(page: Page, name: str) -> Locator:
    """Open a feature; return its element."""
    element = feature(page, name)
    element.locator("summary").click()
    return element


ROSTER, OWN_DEFAULT, CHOSEN_MODELS = "Follow the roster", "Own default, all models allowed", "Only chosen models"


def mode(form: Locator, name: str) -> Locator:
    """Return the radio button of a mode."""
    return form.get_by_role("radio", name=name)


def choosing(page: Page, name: str) -> Locator:
    """Open a feature, and select the mode with chosen models; return the feature's element."""
    form = opened(page, name)
    mode(form, CHOSEN_MODELS).check()
    return form


def allow(form: Locator, model: str) -> Locator:
    """Return a model's checkbox."""
    return form.get_by_role("checkbox", name=f"GitLab: {model}")


def default(form: Locator, model: str) -> Locator:
    """Return a model's radio button."""
    return form.get_by_role("radio", name=f"Default for GitLab: {model}")


def answered(page: Page) -> AbstractContextManager[object]:
    """Wait for the API's response to a change, whose effect the page requests."""
    return page.expect_response(lambda response: response.url.endswith(paths.API))


def save(form: Locator) -> Locator:
    """Save; return the status message."""
    form.get_by_role("button", name="Save").click()
    return form.get_by_role("status")
