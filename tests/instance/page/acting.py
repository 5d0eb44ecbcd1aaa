"""What an admin does on the page, in a browser."""

from playwright.sync_api import Locator, Page, expect

from tests.instance.page.served import PAGE, SIGN_IN, WRITE


def sign_in(page: Page, origin: str, token: str = WRITE) -> None:
    page.goto(origin + SIGN_IN)
    page.get_by_label("Access token").fill(token)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(origin + PAGE)


def feature(page: Page, name: str) -> Locator:
    return page.locator(f"details[data-feature='{name}']")


def opened(page: Page, name: str) -> Locator:
    found = feature(page, name)
    found.locator("summary").click()
    return found


def allow(place: Locator, model: str) -> Locator:
    return place.get_by_role("checkbox", name=f"GitLab: {model}")


def default(place: Locator, model: str) -> Locator:
    return place.get_by_role("radio", name=f"Default for GitLab: {model}")


def save(place: Locator) -> Locator:
    """Save; return where the outcome is told."""
    place.get_by_role("button", name="Save").click()
    return place.get_by_role("status")
