"""The whole chain, from the retirement of a model in a roster to the admin page of an instance that selected it."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from roster.display_text import day
from roster.instance.auth.token_authentication import hash_token
from tests.browser import assert_accessible
from tests.conftest import Run, edit
from tests.end_to_end.conftest import Start
from tests.end_to_end.gitlab import GitLab
from tests.end_to_end.processes import Gateway, Relay, until
from tests.end_to_end.project import Project, roster_of
from tests.instance.auth.test_token_authentication import WRITE
from tests.instance.database.databases import Databases
from tests.instance.page.admin_actions import allow, choosing, default, feature, opened, save, sign_in
from tests.server_process import TIMEOUT, ServerProcess, run_server
from tests.started_programs import Screenshot

pytestmark = pytest.mark.slow

FEATURE = "code-completion"
SELECTED, OTHER = "Codestral on Fireworks", "Codestral on Vertex"
DEFAULT = f"  features: [{FEATURE}]\n  default_for: [{FEATURE}]\n"
PLAIN = f"  features: [{FEATURE}]\n"
ABOUT_OTHER = "  description: Mistral's coding model, hosted on Google Cloud\n"


class Admin:
    """A signed-in admin on the page of an instance behind the relay."""

    def __init__(self, server: ServerProcess, page: Page) -> None:
        self.server, self.page = server, page
        sign_in(page, server.origin)

    @property
    def readiness(self) -> Any:
        """The instance's readiness response."""
        return self.server.get("/-/readiness")

    def sync_until(self, condition: Callable[[Any], Any]) -> None:
        """Start a sync, wait until the readiness response meets a condition, and reload the page."""
        self.server.process.send_signal(signal.SIGHUP)
        until(lambda: condition(self.readiness), TIMEOUT)
        self.page.reload()

    def sync_to_version(self, version: int) -> None:
        """Sync until the instance has a version of the list."""
        self.sync_until(lambda readiness: readiness["list"]["version"] == version)

    def select(self, model: str) -> None:
        """Make a model the feature's default, and disallow the beta model."""
        form = choosing(self.page, FEATURE)
        default(form, model).check()
        allow(form, "Qwen 2.5 7B on Fireworks").uncheck()
        expect(save(form)).to_have_text("Saved.")

    @property
    def summary(self) -> Locator:
        """The summary of the feature: the model that serves it, and why."""
        return feature(self.page, FEATURE).locator("summary")


@pytest.fixture
def server(project: Project, gitlab: GitLab, gateway: Start) -> Gateway:
    """A gateway that serves the current roster."""
    project.release(gitlab)
    return gateway(ENVIRONMENT="production")


@pytest.fixture
def admin(server: Gateway, relay: Relay, databases: Databases, page: Page) -> Iterator[Admin]:
    """An instance set up as in docs/instance.md, with its first list from the gateway."""
    assert server.readiness()["status"] == "ready"
    settings = {
        "DATABASE_URL": databases.empty(),
        "GATEWAY_URL": f"http://127.0.0.1:{relay.port}",
        "DEADLINE_SECONDS": "3",
        "WRITE_TOKEN_HASHES": hash_token(WRITE),
    }
    variables = {f"ROSTER_INSTANCE_{name}": value for name, value in settings.items()}
    flag_on = [sys.executable, "-m", "roster", "instance", "flag", "on"]
    subprocess.run(flag_on, env={"PATH": "/usr/bin:/bin"} | variables, check=True, capture_output=True, timeout=60)
    with run_server(variables, "instance") as instance:
        until(lambda: instance.get("/-/readiness")["list"], TIMEOUT)
        yield Admin(instance, page)
        assert instance.stop(signal.SIGTERM)[0] == 0
        assert "Traceback" not in instance.log


def test_selected_model_is_retired_and_returns(
    project: Project, gitlab: GitLab, server: Gateway, admin: Admin, roster: Run, screenshot: Screenshot
):
    path = project.folder / roster_of("production")
    original = path.read_text()
    admin.select(SELECTED)
    expect(admin.summary).to_contain_text(f"GitLab: {SELECTED}")
    expect(admin.summary).to_contain_text("Your selection")
    screenshot(admin.page, "1-selected")

    last_day = retire(path)
    result = roster("check")
    assert (result.returncode, result.stdout) == (0, "")
    project.commit(f"Retire {SELECTED}")
    project.release(gitlab)
    server.serves(project.artifact["sequence"])
    admin.sync_to_version(version=2)
    attention = admin.page.get_by_role("region", name="Needs your attention")
    expect(attention).to_contain_text(
        f"GitLab: {SELECTED} was retired on {last_day}; its replacement, GitLab: {OTHER}, serves"
    )
    expect(attention).to_contain_text("Your selection is kept and applies again when the model returns.")
    expect(admin.summary).to_contain_text(f"GitLab: {OTHER}")
    form = opened(admin.page, FEATURE)
    expect(form.locator(".option.unavailable")).to_contain_text(f"GitLab: {SELECTED}")
    expect(form.locator(".option.unavailable")).to_contain_text("Unavailable")
    expect(default(form, SELECTED)).to_be_checked()
    assert_accessible(admin.page)
    screenshot(admin.page, "2-retired")

    path.write_text(original)
    move_default(path)
    project.commit(f"Offer {SELECTED} again, but not as the default")
    project.release(gitlab)
    server.serves(project.artifact["sequence"])
    admin.sync_to_version(version=3)
    expect(attention).not_to_contain_text("retired")
    expect(attention).to_contain_text(f"The roster default moved from GitLab: {SELECTED} to GitLab: {OTHER}")
    expect(admin.summary).to_contain_text(f"GitLab: {SELECTED}")
    expect(admin.summary).to_contain_text("Your selection")
    expect(opened(admin.page, FEATURE).locator("dl")).to_contain_text(f"GitLab: {OTHER}")  # the roster default now
    screenshot(admin.page, "3-returned")


def move_default(path: Path) -> None:
    """Make the other model the feature's default."""
    edit(path, DEFAULT, PLAIN)
    edit(path, f"{PLAIN}{ABOUT_OTHER}", f"{DEFAULT}{ABOUT_OTHER}")


def retire(path: Path) -> str:
    """Retire the selected model as of yesterday, with the other model as its replacement; return its last day."""
    move_default(path)
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    retirement = f"""\
  retirement:
    notice: {yesterday - timedelta(days=90)}
    last_day: {yesterday}
    replacement: codestral_on_vertex
"""
    edit(path, f"\n- name: {OTHER}", f"{retirement}\n- name: {OTHER}")
    return day(yesterday)


def test_selection_is_saved_while_the_gateway_is_down(
    server: Gateway, gateway: Start, admin: Admin, screenshot: Screenshot
):
    server.end()
    admin.select(OTHER)
    admin.sync_until(lambda readiness: readiness["last_error"])
    expect(admin.page.get_by_text("The list of models could not be updated:")).to_be_visible()
    expect(admin.page.get_by_text("List last synced less than a minute ago")).to_be_visible()
    expect(admin.summary).to_contain_text(f"GitLab: {OTHER}")
    assert_accessible(admin.page)
    screenshot(admin.page, "gateway-down")

    gateway(ENVIRONMENT="production")
    admin.sync_until(lambda readiness: not readiness["last_error"])
    expect(admin.page.get_by_text("The list of models could not be updated:")).to_have_count(0)
    expect(admin.summary).to_contain_text("Your selection")
