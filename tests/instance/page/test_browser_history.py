"""The history in Chromium: undo, restore, conflicts, keyboard operation, and filters without JavaScript."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from roster.instance.database.connections import Database
from roster.instance.history.audit_log import FOLLOWS_ROSTER
from roster.instance.selection.requested_selection import RequestedSelection, follow_roster
from tests.browser import assert_accessible
from tests.instance.auth.test_token_authentication import READ, WRITE
from tests.instance.history.recorded import audit_event, chosen, store_events, store_sync
from tests.instance.page.admin_actions import sign_in
from tests.instance.page.page_server import PAGE, Server, end_sessions, selected
from tests.instance.page.sample_state import HOSTILE, LIST
from tests.instance.page.test_browser_page import expecting
from tests.instance.selection.changes import change
from tests.started_programs import Screenshot

pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)

HISTORY, SYNCS = f"{PAGE}/history", f"{PAGE}/syncs"
CODE, REVIEW = "code-generation", "summarize_mr_review"
SONNET = RequestedSelection(CODE, ("sonnet_4",), "sonnet_4")
OLDER_SONNET = RequestedSelection(CODE, ("sonnet_3_7",), "sonnet_3_7")
LONG_AGO = datetime.now(UTC) - timedelta(days=60)


def save(database: Database, *requested: RequestedSelection, actor: str = "alice") -> None:
    with database.write_transaction() as connection:
        assert change(connection, LIST, *requested, actor=actor) == []


def changes(page: Page) -> Locator:
    return page.get_by_role("region", name="Changes").get_by_role("article")


def outcome(page: Page) -> Locator:
    return page.locator("#outcome")


def test_undo_of_a_batch_restores_all_selections_and_says_so(page: Page, server: Server, database: Database):
    before = {name: selected(database, name) for name in (CODE, REVIEW)}
    save(database, SONNET, follow_roster(REVIEW))
    sign_in(page, server.origin)
    page.goto(server.origin + HISTORY)
    expect(changes(page).first).to_contain_text("2 features")
    changes(page).first.get_by_role("button", name="Undo all 2 changes").click()
    expect(outcome(page)).to_contain_text("Done:")
    expect(outcome(page)).to_contain_text("changed Code Generation: the default went from GitLab: Claude Sonnet 4 to ")
    expect(outcome(page)).to_be_focused()
    expect(changes(page).first).to_contain_text("less than a minute ago")
    assert {name: selected(database, name) for name in (CODE, REVIEW)} == before
    changes(page).first.get_by_role("button", name="Undo all 2 changes").click()
    expect(outcome(page)).to_contain_text("reset Code Review Summary to the roster's default.")
    assert selected(database, CODE) == ({"sonnet_4"}, "sonnet_4")


def test_undo_after_a_later_change_names_it_and_offers_to_restore(page: Page, server: Server, database: Database):
    before = selected(database, CODE)
    save(database, SONNET)
    save(database, OLDER_SONNET, actor="bob")
    sign_in(page, server.origin)
    page.goto(server.origin + HISTORY)
    changes(page).nth(1).get_by_role("button", name="Undo the change of Code Generation").click()
    expect(outcome(page)).to_contain_text("Nothing was changed, because there are later changes:")
    expect(outcome(page)).to_contain_text("Code Generation was changed by bob, less than a minute ago")
    assert selected(database, CODE) == ({"sonnet_3_7"}, "sonnet_3_7")
    assert_accessible(page)
    outcome(page).get_by_role("button", name="Restore anyway").click()
    expect(outcome(page)).to_contain_text("Done:")
    assert selected(database, CODE) == before


def test_restore_is_refused_after_a_change_that_is_not_shown(page: Page, server: Server, database: Database):
    save(database, SONNET, follow_roster(REVIEW))
    sign_in(page, server.origin)
    page.goto(server.origin + HISTORY)
    save(database, OLDER_SONNET, actor=HOSTILE)
    changes(page).first.get_by_role("button", name=re.compile("Restore .* change of Code Generation")).click()
    expect(outcome(page)).to_contain_text(f"Code Generation was changed by {HOSTILE}")
    assert selected(database, CODE) == ({"sonnet_3_7"}, "sonnet_3_7")


def test_restore_of_an_unavailable_model_is_refused_in_names(page: Page, server: Server, database: Database):
    for model in ("opus_4", "sonnet_4"):
        save(database, RequestedSelection("duo_chat", (model,), model))
    sign_in(page, server.origin)
    page.goto(f"{server.origin}{HISTORY}?feature=duo_chat")
    changes(page).nth(1).get_by_role("button", name="Undo").click()
    outcome(page).get_by_role("button", name="Restore anyway").click()
    expect(outcome(page)).to_contain_text(
        "GitLab: Claude 3.5 Haiku no longer serves General Chat: it was replaced by GitLab: Claude Sonnet 4."
    )
    assert selected(database, "duo_chat") == ({"sonnet_4"}, "sonnet_4")


def test_restore_of_what_is_selected_already_changes_nothing(page: Page, server: Server, database: Database):
    save(database, follow_roster(CODE), follow_roster(REVIEW))
    save(database, SONNET)
    save(database, follow_roster(CODE))
    sign_in(page, server.origin)
    page.goto(f"{server.origin}{HISTORY}?feature={CODE}")
    changes(page).nth(1).get_by_role("button", name="Undo").click()
    outcome(page).get_by_role("button", name="Restore anyway").click()
    expect(outcome(page)).to_have_text("Nothing was changed: this is already selected.")


def test_undo_in_an_expired_session_can_be_repeated_after_signing_in(
    page: Page, server: Server, database: Database, complaints: list[str]
):
    save(database, SONNET)
    sign_in(page, server.origin)
    page.goto(server.origin + HISTORY)
    end_sessions(database)
    undo = changes(page).first.get_by_role("button", name="Undo")
    with expecting(complaints):
        undo.click()
        expect(outcome(page)).to_contain_text("Nothing was changed: the session has expired")
    assert selected(database, CODE) == ({"sonnet_4"}, "sonnet_4")
    with page.context.expect_page() as another:
        outcome(page).get_by_role("link", name="Sign in (opens a new tab)").click()
    another.value.get_by_label("Access token").fill(WRITE)
    another.value.get_by_role("button", name="Sign in").click()
    expect(another.value).to_have_url(server.origin + PAGE)
    with expecting(complaints):  # of the new session, the page has no CSRF token at first
        undo.click()
        expect(outcome(page)).to_contain_text("Done:")
    assert selected(database, CODE) == ({"codestral", "sonnet_4"}, "codestral")


def test_what_changed_since_monday_takes_at_most_ten_keys(page: Page, server: Server, database: Database):
    store_events(database, [audit_event(900, new=chosen("opus_4"), actor="carol", at=LONG_AGO)])
    sign_in(page, server.origin)
    keys = press_until(page, page.get_by_role("link", name="History", exact=True))
    expect(page).to_have_url(server.origin + HISTORY)
    keys += press_until(page, page.get_by_role("link", name="Show changes since Monday"))
    expect(changes(page).first).to_contain_text("by somebody")
    expect(page.locator("#results")).not_to_contain_text("carol")
    assert keys <= 10


def test_undo_takes_at_most_ten_keys(page: Page, server: Server, database: Database):
    save(database, SONNET, follow_roster(REVIEW))
    sign_in(page, server.origin)
    keys = press_until(page, page.get_by_role("link", name="History", exact=True))
    expect(page).to_have_url(server.origin + HISTORY)
    keys += press_until(page, page.get_by_role("link", name="Skip to changes"))
    keys += press_until(page, page.get_by_role("button", name="Undo all 2 changes"))
    expect(outcome(page)).to_contain_text("Done:")
    assert keys <= 10


def press_until(page: Page, target: Locator) -> int:
    """Press Tab until an element has the focus, then Enter; return how many keys that were."""
    for number in range(1, 12):
        page.keyboard.press("Tab")
        if target.evaluate("each => each === document.activeElement"):
            page.keyboard.press("Enter")
            return number + 1
    raise AssertionError(f"Tab does not reach {target}")


def test_filters_work_without_javascript(page: Page, server: Server, database: Database):
    save(database, SONNET)
    context = page.context.browser.new_context(java_script_enabled=False)  # type: ignore[union-attr]
    plain = context.new_page()
    sign_in(plain, server.origin)
    plain.goto(server.origin + HISTORY)
    plain.get_by_label("Feature").select_option("Code Generation")
    plain.get_by_label("Changed by").select_option("alice")
    plain.get_by_label("Since").fill(datetime.now(UTC).date().isoformat())
    plain.get_by_label("Instance only").check()
    plain.get_by_role("button", name="Filter").click()
    expect(changes(plain)).to_have_count(1)
    expect(plain.get_by_label("Changed by")).to_have_value("alice")
    expect(plain.get_by_role("button", name="Undo")).to_have_count(0)
    plain.get_by_role("textbox", name="Namespace").fill("7")
    plain.get_by_role("button", name="Filter").click()
    expect(plain.get_by_role("alert")).to_contain_text("exclude each other: clear one of them.")
    plain.get_by_role("link", name="Show everything").click()
    expect(plain.get_by_role("textbox", name="Namespace")).to_have_value("")
    context.close()


def test_read_only_session_can_look_but_not_undo(page: Page, server: Server):
    sign_in(page, server.origin, READ)
    page.goto(server.origin + HISTORY)
    expect(changes(page).first).to_be_visible()
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    assert_accessible(page)


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_pages_are_accessible_and_fit_the_viewport(
    page: Page, server: Server, database: Database, screenshot: Screenshot, width: int
):
    now = datetime.now(UTC)
    store_events(
        database,
        [
            *(
                audit_event(
                    900 + n, name, chosen("sonnet_4", "gemini"), chosen("opus_4"), "bob", 7 * (n % 2) or None, "b"
                )
                for n, name in enumerate(LIST.features)
            ),
            *(
                audit_event(1_000 + n, CODE, FOLLOWS_ROSTER, chosen(*LIST.models, "a", "b"), HOSTILE, at=now)
                for n in range(60)
            ),
        ],
    )
    store_sync(database, added=["sonnet_4"])
    store_sync(database, "failed", message=HOSTILE)
    store_sync(database, changes=["The default of Code Generation went from a to b"] * 3, message="x is left out")
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(page, server.origin)
    for name, path in (
        ("history", f"{HISTORY}?actor=bob"),
        ("newest", HISTORY),
        ("syncs", SYNCS),
        ("empty", f"{SYNCS}?until=2020-01-01"),
    ):
        page.goto(server.origin + path)
        assert_accessible(page, ("minor", "moderate", "serious", "critical"))
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            screenshot(page, f"{name}-{scheme}-{width}")
