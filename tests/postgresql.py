"""A real PostgreSQL for as long as the tests run: Debian's programs, a private socket, and nothing written durably."""

import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg.sql import SQL, Identifier

USER = "roster"
"""The role that owns everything; whoever reaches the socket may be it."""
INITDB = ("--no-sync", "--no-instructions", "--auth=trust", f"--username={USER}", "--encoding=UTF8", "--locale=C.UTF-8")
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "50",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


def missing() -> str:
    """Say what stands in the way of starting one; nothing where it can be started."""
    if _programs() is None:
        return "needs PostgreSQL's initdb and postgres (.ci/tools installs them on Debian)"
    if os.geteuid() == 0 and not _has_user("postgres"):
        return "needs the user postgres, as PostgreSQL refuses to run as root (Debian's package makes it)"
    return ""


class PostgreSQL:
    """A server with no database of ours at first. It ends with the ``with`` block, and with this process."""

    def __init__(self) -> None:
        programs = _programs()
        assert programs, missing()
        # Not in pytest's folder: the path of a socket has at most 107 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="roster-pg-", dir="/tmp"))
        self._names = (f"database_{number}" for number in count(1))
        try:
            self._start(programs)
        except BaseException:
            shutil.rmtree(self.folder)
            raise

    def url(self, name: str) -> str:
        """Return a database's address, as SQLAlchemy takes it."""
        return f"postgresql+psycopg://{USER}@/{name}?host={self.folder}"

    def create(self, name: str = "", template: str | None = None) -> str:
        """Create a database, as a copy of another one that nobody is connected to if that is named; return its name."""
        name = name or next(self._names)
        copied = SQL("TEMPLATE {}").format(Identifier(template or "template0"))
        self._connection.execute(SQL("CREATE DATABASE {} {}").format(Identifier(name), copied))
        return name

    def drop(self, name: str) -> None:
        """Remove a database, whoever is still connected to it."""
        self._connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()
        self._stop()

    def _start(self, programs: Path) -> None:
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        data, log = self.folder / "data", self.folder / "log"
        made = subprocess.run(
            [*_as_allowed(), programs / "initdb", *INITDB, "-D", data],
            cwd=self.folder, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert made.returncode == 0, made.stderr
        settings = SETTINGS | {"unix_socket_directories": str(self.folder)}
        given = [f"--{name}={value}" for name, value in settings.items()]
        with log.open("wb") as written:
            # In a session of its own, so that the interrupt of a terminal reaches the tests and not their database.
            self._process = subprocess.Popen(
                [*_as_allowed(), programs / "postgres", "-D", data, *given],
                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=written, stderr=written, start_new_session=True,
            )  # fmt: skip
        try:
            self._connection = self._connect(time.monotonic() + 60)
        except BaseException:
            self._process.kill()
            self._process.wait()
            raise

    def _connect(self, ends: float) -> "psycopg.Connection[tuple[object, ...]]":
        while True:
            try:
                return psycopg.connect(host=str(self.folder), user=USER, dbname="postgres", autocommit=True)
            except psycopg.OperationalError:
                said = (self.folder / "log").read_text()
                assert self._process.poll() is None, f"PostgreSQL did not start: {said}"
                assert time.monotonic() < ends, f"PostgreSQL does not answer: {said}"
                time.sleep(0.02)

    def _stop(self) -> None:
        self._process.send_signal(signal.SIGINT)  # ends every session, then itself
        try:
            self._process.wait(30)
        finally:
            self._process.kill()
            shutil.rmtree(self.folder)


def _programs() -> Path | None:
    """Return the folder of the newest version's programs."""
    versions = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if versions:
        return max(versions, key=lambda folder: int(re.sub(r"\D", "", folder.parent.name)))
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def _has_user(name: str) -> bool:
    return name in {entry.pw_name for entry in pwd.getpwall()}


def _as_allowed() -> list[str]:
    """Return what runs a program as somebody whom PostgreSQL accepts, and ends it at once when the tests are killed."""
    other = ["--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []
    return ["setpriv", *other, "--pdeathsig=QUIT", "--"]
