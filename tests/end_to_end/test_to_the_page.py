"""From the retirement of a default in a roster to the page on which an instance's admin had chosen it."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from roster.instance.auth.token_authentication import hash_token
from roster.instance.page.formatting import day
from tests.browser import assert_accessible
from tests.conftest import Run, edit
from tests.end_to_end.conftest import Start
from tests.end_to_end.gitlab import GitLab
from tests.end_to_end.processes import Gateway, Relay, until
from tests.end_to_end.project import Project, roster_of
from tests.instance.database.databases import Databases
from tests.instance.page.admin_actions import allow, default, feature, opened, save, sign_in
from tests.instance.page.page_server import WRITE
from tests.server_process import PATIENCE, Served, served
from tests.started_programs import Screenshot

pytestmark = pytest.mark.slow

FEATURE = "code-completion"
CHOSEN, OTHER = "Codestral on Fireworks", "Codestral on Vertex"
DEFAULT = f"  features: [{FEATURE}]\n  default_for: [{FEATURE}]\n"
PLAIN = f"  features: [{FEATURE}]\n"
ABOUT_OTHER = "  description: Mistral's coding model, hosted on Google Cloud\n"


class Admin:
    """An instance behind the relay, and its page, on which somebody is signed in."""

    def __init__(self, server: Served, page: Page) -> None:
        self.server, self.page = server, page
        sign_in(page, server.origin)

    @property
    def state(self) -> Any:
        """What readiness says."""
        return self.server.get("/-/readiness")

    def syncs(self, holds: Callable[[Any], Any]) -> None:
        """Let the instance sync, until something holds of its readiness; then look at the page anew."""
        self.server.process.send_signal(signal.SIGHUP)
        until(lambda: holds(self.state), PATIENCE)
        self.page.reload()

    def has(self, version: int) -> None:
        """Let the instance sync, until it has the list of that number."""
        self.syncs(lambda state: state["list"]["version"] == version)

    def chooses(self, model: str) -> None:
        """Make a model the feature's default, and let no beta be chosen."""
        place = opened(self.page, FEATURE)
        default(place, model).check()
        allow(place, "Qwen 2.5 7B on Fireworks").uncheck()
        expect(save(place)).to_have_text("Saved.")

    @property
    def summary(self) -> Locator:
        """The line that says what serves the feature, and why."""
        return feature(self.page, FEATURE).locator("summary")


@pytest.fixture
def server(project: Project, gitlab: GitLab, gateway: Start) -> Gateway:
    """A gateway that serves the roster as it is."""
    project.release(gitlab)
    return gateway(ENVIRONMENT="production")


@pytest.fixture
def admin(server: Gateway, relay: Relay, databases: Databases, page: Page) -> Iterator[Admin]:
    """An instance that was set up as docs/instance.md says, with its first list from that gateway."""
    assert server.readiness()["status"] == "ready"
    given = {
        "DATABASE_URL": databases.empty(),
        "GATEWAY_URL": f"http://127.0.0.1:{relay.port}",
        "DEADLINE_SECONDS": "3",
        "WRITE_TOKEN_HASHES": hash_token(WRITE),
    }
    variables = {f"ROSTER_INSTANCE_{name}": value for name, value in given.items()}
    switch = [sys.executable, "-m", "roster", "instance", "flag", "on"]
    subprocess.run(switch, env={"PATH": "/usr/bin:/bin"} | variables, check=True, capture_output=True, timeout=60)
    with served(variables, "instance") as instance:
        until(lambda: instance.get("/-/readiness")["list"], PATIENCE)
        yield Admin(instance, page)
        assert instance.ended(signal.SIGTERM)[0] == 0
        assert "Traceback" not in instance.log


def test_a_default_is_retired_and_comes_back(
    project: Project, gitlab: GitLab, server: Gateway, admin: Admin, roster: Run, screenshot: Screenshot
):
    path = project.folder / roster_of("production")
    before = path.read_text()
    admin.chooses(CHOSEN)
    expect(admin.summary).to_contain_text(f"GitLab: {CHOSEN}")
    expect(admin.summary).to_contain_text("Your selection")
    screenshot(admin.page, "1-chosen")

    ended = retire(path)
    checked = roster("check")
    assert (checked.returncode, checked.stdout) == (0, "")
    project.commit(f"Retire {CHOSEN}")
    project.release(gitlab)
    server.serves(project.artifact["sequence"])
    admin.has(version=2)
    attention = admin.page.get_by_role("region", name="Needs your attention")
    expect(attention).to_contain_text(
        f"GitLab: {CHOSEN} was retired on {ended}; its replacement, GitLab: {OTHER}, serves"
    )
    expect(attention).to_contain_text("Your selection is kept and applies again when the model returns.")
    expect(admin.summary).to_contain_text(f"GitLab: {OTHER}")
    place = opened(admin.page, FEATURE)
    expect(place.locator(".option.unavailable")).to_contain_text(f"GitLab: {CHOSEN}")
    expect(place.locator(".option.unavailable")).to_contain_text("Unavailable")
    expect(default(place, CHOSEN)).to_be_checked()
    assert_accessible(admin.page)
    screenshot(admin.page, "2-retired")

    path.write_text(before)
    move_default(path)
    project.commit(f"Offer {CHOSEN} again, but not as the default")
    project.release(gitlab)
    server.serves(project.artifact["sequence"])
    admin.has(version=3)
    expect(admin.page.get_by_role("region", name="Needs your attention")).to_have_count(0)
    expect(admin.summary).to_contain_text(f"GitLab: {CHOSEN}")
    expect(admin.summary).to_contain_text("Your selection")
    expect(opened(admin.page, FEATURE).locator("dl")).to_contain_text(f"GitLab: {OTHER}")  # the roster default now
    screenshot(admin.page, "3-back")


def move_default(path: Path) -> None:
    """Let the other model be the feature's default."""
    edit(path, DEFAULT, PLAIN)
    edit(path, f"{PLAIN}{ABOUT_OTHER}", f"{DEFAULT}{ABOUT_OTHER}")


def retire(path: Path) -> str:
    """Let the default have ended yesterday, announced in time, with the other model in its place; return the day."""
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


def test_the_gateway_is_killed_and_a_choice_is_saved(
    server: Gateway, gateway: Start, admin: Admin, screenshot: Screenshot
):
    server.end()
    admin.chooses(OTHER)
    admin.syncs(lambda state: state["last_error"])
    expect(admin.page.get_by_text("The list of models could not be updated:")).to_be_visible()
    expect(admin.page.get_by_text("List last synced less than a minute ago")).to_be_visible()
    expect(admin.summary).to_contain_text(f"GitLab: {OTHER}")
    assert_accessible(admin.page)
    screenshot(admin.page, "gateway-down")

    gateway(ENVIRONMENT="production")
    admin.syncs(lambda state: not state["last_error"])
    expect(admin.page.get_by_text("The list of models could not be updated:")).to_have_count(0)
    expect(admin.summary).to_contain_text("Your selection")
