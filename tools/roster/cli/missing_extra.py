"""The message about a missing extra, with the command that installs it for this copy of the toolkit; its repository.

How a copy was installed is in its ``direct_url.json`` (PEP 610,
https://packaging.python.org/en/latest/specifications/direct-url/).
"""

import json
import re
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata, util
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from roster import __version__
from roster.findings import ConfigurationError
from roster.secret_redaction import redact_text

DISTRIBUTION = "roster-toolkit"
_PUBLIC_USER = re.compile(r"git|\$\{\w+\}(:\$\{\w+\})?")
"""What a URL may have before its host that is no secret: the user of SSH, and names of environment variables."""


@contextmanager
def with_extra(extra: str) -> Iterator[None]:
    """Import what belongs to an extra.

    Raises:
        ConfigurationError: this copy of the toolkit is installed without the extra.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name and error.name.partition(".")[0] == "roster":
            raise  # a defect
        raise ConfigurationError(
            f"{error.name} is not installed; install the extra {extra!r}: {install_command(extra)}"
        ) from None


def install_command(extra: str) -> str:
    """Return the command that adds an extra to this copy of the toolkit, as a shell reads it."""
    origin = _origin()
    if "dir_info" not in origin:
        source = f" @ {_requirement_url(origin)}" if origin else f"=={__version__}"
        return _pip_install(f"{DISTRIBUTION}[{extra}]{source}")
    folder = Path(unquote(urlsplit(origin["url"]).path))
    if not origin["dir_info"].get("editable"):
        return _pip_install(f"{folder}[{extra}]")
    if Path(sys.prefix) == folder / ".venv" and (folder / "Makefile").is_file():
        stamp = "probe" if extra == "probe" else "dev"  # development needs the other extras, and not LiteLLM
        return shlex.join(["make", "--directory", str(folder), f".venv/{stamp}.stamp"])
    return _pip_install("--editable", f"{folder}[{extra}]")


def repository_url() -> str:
    """Return the URL of the git repository that this copy was installed from, without credentials; empty if unknown."""
    origin = _origin()
    if "vcs_info" not in origin:
        return ""
    parts = urlsplit(str(origin["url"]))
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def _pip_install(*arguments: str) -> str:
    has_pip = util.find_spec("pip")
    pip = [sys.executable, "-m", "pip", "install"] if has_pip else ["uv", "pip", "install", "--python", sys.executable]
    return shlex.join([*pip, *arguments])


def _origin() -> dict[str, Any]:
    """Return the ``direct_url.json`` of this copy; empty if it comes from a package index."""
    try:
        text = metadata.distribution(DISTRIBUTION).read_text("direct_url.json")
    except metadata.PackageNotFoundError:  # run from a folder in PYTHONPATH
        checkout = Path(__file__).parents[3]
        is_checkout = (checkout / "pyproject.toml").is_file()
        return {"url": checkout.as_uri(), "dir_info": {"editable": True}} if is_checkout else {}
    origin: dict[str, Any] = json.loads(text) if text else {}
    return origin


def _requirement_url(origin: dict[str, Any]) -> str:
    """Return the URL of a repository or an archive without credentials, as a requirement names it."""
    parts = urlsplit(origin["url"])
    user, _, host = parts.netloc.rpartition("@")
    url = redact_text(parts._replace(netloc=host, query="", fragment="").geturl())  # the query may hold a token
    if _PUBLIC_USER.fullmatch(user):
        url = url.replace("://", f"://{user}@", 1)
    if vcs := origin.get("vcs_info"):
        url = url.replace("file:///", "file://localhost/")  # pip rejects git+file:// without a host
        url = f"{vcs['vcs']}+{url}@{vcs['commit_id']}"
    return f"{url}#subdirectory={origin['subdirectory']}" if "subdirectory" in origin else url
