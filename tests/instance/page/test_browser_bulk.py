"""The panel that changes many features at once, in Chromium."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from roster.instance.database.connections import Database
from tests.browser import assert_accessible
from tests.instance.auth.test_token_authentication import READ
from tests.instance.page.admin_actions import feature, sign_in
from tests.instance.page.page_server import Server, selected
from tests.instance.page.sample_state import HOSTILE

pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)


SAVED_ALL = re.compile(r"Saved \d changes\.")


def opened_panel(page: Page) -> Locator:
    panel = page.locator("#bulk")
    panel.locator("summary").first.click()
    expect(panel.get_by_label("Provider")).to_be_focused()
    return panel


def proposal(panel: Locator) -> Locator:
    return panel.get_by_role("status")


def test_only_one_provider_everywhere_takes_at_most_ten_keys(page: Page, server: Server, database: Database):
    sign_in(page, server.origin)
    panel = page.locator("#bulk")
    save_all = page.get_by_role("button", name="Save all")
    keys = {
        "/": page.get_by_role("searchbox"),
        "Shift+Tab": panel.locator("summary").first,
        "Enter": panel.get_by_label("Provider"),
        "B": panel.get_by_label("Provider"),
        "Control+Enter": save_all,
    }
    expect(page.locator("#found")).to_contain_text("features")  # the scripts are loaded
    for key, focused in keys.items():
        page.keyboard.press(key)
        expect(focused).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text(SAVED_ALL)).to_be_visible()
    assert len([*keys, "Enter to save"]) <= 10
    assert selected(database, "duo_chat") == ({"sonnet_3_7", "opus_4", "haiku_3_5"}, "haiku_3_5")
    assert selected(database, "code-generation") == ({"sonnet_3_7"}, "sonnet_3_7")
    assert selected(database, "code-completion") is None, "Bedrock does not serve it"


def test_rule_is_previewed_before_anything_changes(page: Page, server: Server, database: Database):
    before = selected(database, "code-generation")
    sign_in(page, server.origin)
    panel = opened_panel(page)
    expect(proposal(panel)).to_have_text("Choose a condition, such as a provider.")
    panel.get_by_label("Provider").select_option("Bedrock")
    expect(proposal(panel)).to_contain_text("features cannot follow the rule. Users without a selected model get")
    items = panel.locator("[data-changes] li")
    expect(items.first).to_have_text(
        "Code Completion: no model that serves it meets the conditions, so nothing is changed"
    )
    expect(panel.locator("[data-changes]")).to_contain_text(
        "Its default, GitLab: Codestral 25.01, is not allowed then: GitLab: Claude 3.7 Sonnet becomes the default."
    )
    assert_accessible(page)
    panel.get_by_label("Features").select_option("Code suggestions")
    expect(items).to_have_count(2)
    panel.get_by_role("button", name="Add to unsaved changes").click()
    expect(feature(page, "code-generation").get_by_text("Unsaved")).to_be_visible()
    expect(feature(page, "duo_chat").get_by_text("Unsaved")).to_be_hidden()
    expect(page.get_by_text("1 unsaved change")).to_be_visible()
    assert selected(database, "code-generation") == before


def test_named_models_and_a_default_for_the_features_that_the_search_shows(
    page: Page, server: Server, database: Database
):
    sign_in(page, server.origin)
    page.get_by_role("searchbox").fill("explanation")
    panel = opened_panel(page)
    panel.get_by_label("Features").select_option("Features that the search shows")
    panel.get_by_text("One of these models").click()
    panel.get_by_role("checkbox", name="GitLab: Claude Sonnet 4").check()
    panel.get_by_role("checkbox", name=HOSTILE).check()
    panel.get_by_label("Default model").select_option("GitLab: Claude Sonnet 4")
    expect(proposal(panel)).to_contain_text("1 feature would change.")
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Save all").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert selected(database, "duo_chat_explain_code") == ({"sonnet_4"}, "sonnet_4")
    assert selected(database, "duo_chat_write_tests") == ({"sonnet_4", "opus_4", "sonnet_3_5"}, "opus_4")


def test_all_models_again_and_undo(page: Page, server: Server, database: Database):
    before = selected(database, "code-generation")
    sign_in(page, server.origin)
    panel = opened_panel(page)
    panel.get_by_label("Allowed models").select_option("Leave as they are")
    expect(proposal(panel)).to_have_text("Choose other models, another default, or both.")
    expect(panel.get_by_role("button", name="Add to unsaved changes")).to_have_attribute("aria-disabled", "true")
    panel.get_by_label("Allowed models").select_option("All models, including new ones")
    panel.get_by_label("Default model").select_option("Roster default, if it is allowed")
    expect(panel.get_by_label("Provider")).to_be_hidden()
    expect(proposal(panel)).to_contain_text("already")
    panel.get_by_role("button", name="Add to unsaved changes").click()
    page.get_by_role("button", name="Save all").click()
    expect(page.get_by_text(SAVED_ALL)).to_be_visible()
    assert selected(database, "duo_chat") is None
    assert selected(database, "code-generation") is None
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone.")).to_be_visible()
    assert selected(database, "code-generation") == before


def test_unsaved_changes_that_are_replaced_are_counted(page: Page, server: Server):
    sign_in(page, server.origin)
    for _ in range(2):
        panel = opened_panel(page)
        panel.get_by_label("Provider").select_option("Bedrock")
        expect(proposal(panel)).to_contain_text("would change")
        page.keyboard.press("Control+Enter")
        expect(page.get_by_role("button", name="Save all")).to_be_focused()
    panel = opened_panel(page)
    expect(proposal(panel)).to_contain_text("unsaved changes would be replaced")
    page.keyboard.press("Escape")
    expect(panel.locator("summary").first).to_be_focused()


def test_read_only_session_has_no_panel(page: Page, server: Server):
    sign_in(page, server.origin, READ)
    expect(page.locator("#bulk")).to_have_count(0)
