"""The command that installs a missing extra fits how the toolkit was installed, and shows no credentials."""

import importlib.util
import json
import shlex
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from roster import __version__
from roster.cli.missing_extra import install_command, repository_url, with_extra
from roster.findings import ConfigurationError
from tests.conftest import ROOT

PIP = [sys.executable, "-m", "pip", "install"]
COMMIT = "0123456789abcdef0123456789abcdef01234567"
SECRET = "hunter2"


class FakeDistribution:
    def __init__(self, direct_url: dict[str, Any] | None) -> None:
        self._text = json.dumps(direct_url) if direct_url else None

    def read_text(self, _name: str) -> str | None:
        return self._text


@pytest.fixture
def installed_from(monkeypatch: pytest.MonkeyPatch):
    def installed_from(direct_url: dict[str, Any] | None) -> list[str]:
        """Return the install command of a copy with this metadata, as the shell splits it."""
        monkeypatch.setattr(metadata, "distribution", lambda _: FakeDistribution(direct_url))
        return shlex.split(install_command("gateway"))

    return installed_from


def vcs(url: str, **more: Any) -> dict[str, Any]:
    return {"url": url, "vcs_info": {"vcs": "git", "commit_id": COMMIT, "requested_revision": "v1"}, **more}


@pytest.mark.parametrize(
    ("direct_url", "expected"),
    [
        (vcs("https://gitlab.example.com/a/roster.git"), "https://gitlab.example.com/a/roster.git"),
        (
            vcs(f"https://me:{SECRET}@gitlab.example.com/a/roster.git?x={SECRET}"),
            "https://gitlab.example.com/a/roster.git",
        ),
        ({"url": "file:///checkout", "dir_info": {}}, ""),
        (None, ""),
    ],
)
def test_repository_url_has_no_credentials(monkeypatch: pytest.MonkeyPatch, direct_url: Any, expected: str):
    monkeypatch.setattr(metadata, "distribution", lambda _: FakeDistribution(direct_url))
    assert repository_url() == expected


def test_package_index(installed_from: Any):
    assert installed_from(None) == [*PIP, f"roster-toolkit[gateway]=={__version__}"]


def test_editable_checkout(installed_from: Any, tmp_path: Path):
    folder = tmp_path / "a checkout"
    command = installed_from({"url": folder.as_uri(), "dir_info": {"editable": True}})
    assert command == [*PIP, "--editable", f"{folder}[gateway]"]


def test_checkout_in_its_own_environment(installed_from: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "Makefile").touch()
    monkeypatch.setattr(sys, "prefix", str(tmp_path / ".venv"))
    command = installed_from({"url": tmp_path.as_uri(), "dir_info": {"editable": True}})
    assert command == ["make", "--directory", str(tmp_path), ".venv/dev.stamp"]
    assert "\n$(VENV)/dev.stamp:" in (ROOT / "Makefile").read_text()


def test_folder(installed_from: Any, tmp_path: Path):
    assert installed_from({"url": tmp_path.as_uri(), "dir_info": {}}) == [*PIP, f"{tmp_path}[gateway]"]


def test_git_url_names_installed_commit(installed_from: Any):
    command = installed_from(vcs("https://gitlab.example.com/group/roster.git"))
    url = f"git+https://gitlab.example.com/group/roster.git@{COMMIT}"
    assert command == [*PIP, f"roster-toolkit[gateway] @ {url}"]


def test_git_url_with_subdirectory(installed_from: Any):
    *_, requirement = installed_from(vcs("https://gitlab.example.com/a.git", subdirectory="tools"))
    assert requirement == f"roster-toolkit[gateway] @ git+https://gitlab.example.com/a.git@{COMMIT}#subdirectory=tools"


@pytest.mark.parametrize("user", ["git", "${USER}:${TOKEN}", "${TOKEN}"])
def test_public_part_of_git_url_is_kept(installed_from: Any, user: str):
    *_, requirement = installed_from(vcs(f"ssh://{user}@gitlab.example.com/group/roster.git"))
    assert requirement.endswith(f" @ git+ssh://{user}@gitlab.example.com/group/roster.git@{COMMIT}")


@pytest.mark.parametrize(
    "direct_url",
    [
        vcs(f"https://user:{SECRET}@gitlab.example.com/group/roster.git"),
        vcs(f"https://{SECRET}@gitlab.example.com/group/roster.git"),
        vcs(f"https://git:{SECRET}@gitlab.example.com/group/roster.git"),
        {"url": f"https://user:{SECRET}@example.com/roster.whl", "archive_info": {}},
        {"url": f"https://example.com/roster.whl?token={SECRET}", "archive_info": {}},
    ],
)
def test_credentials_are_left_out(installed_from: Any, direct_url: dict[str, Any]):
    command = installed_from(direct_url)
    assert SECRET not in " ".join(command)
    assert "example.com/" in command[-1]


@pytest.mark.parametrize(
    "url", ["file:///tmp/a%20folder/roster_toolkit-1-py3-none-any.whl", "https://example.com/a.whl"]
)
def test_wheel(installed_from: Any, url: str):
    assert installed_from({"url": url, "archive_info": {}}) == [*PIP, f"roster-toolkit[gateway] @ {url}"]


def test_checkout_without_metadata(monkeypatch: pytest.MonkeyPatch):
    def not_found(name: str) -> Any:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", not_found)
    monkeypatch.setattr(sys, "prefix", "/usr")
    assert shlex.split(install_command("gateway")) == [*PIP, "--editable", f"{ROOT}[gateway]"]


def test_environment_without_pip(installed_from: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    command = installed_from(None)
    assert command[:-1] == ["uv", "pip", "install", "--python", sys.executable]


def test_message_names_module_and_command(installed_from: Any):
    installed_from(None)
    with pytest.raises(ConfigurationError) as raised, with_extra("gateway"):
        raise ModuleNotFoundError(name="urllib3")
    message = f"urllib3 is not installed; install the extra 'gateway': {install_command('gateway')}"
    assert str(raised.value) == message
