"""A PostgreSQL server for the tests: Debian's programs, a private socket, and no durability."""

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
"""The owner of all databases; anyone with access to the socket can connect as it."""
INITDB = ("--no-sync", "--no-instructions", "--auth=trust", f"--username={USER}", "--encoding=UTF8", "--locale=C.UTF-8")
BASEBACKUP = (f"--username={USER}", "--checkpoint=fast", "--no-sync", "--write-recovery-conf")
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "50",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


def missing() -> str:
    """Return why PostgreSQL cannot be started; empty if it can."""
    if find_programs() is None:
        return "needs PostgreSQL's initdb and postgres (.ci/tools installs them on Debian)"
    if os.geteuid() == 0 and not _has_user("postgres"):
        return "needs the user postgres, because PostgreSQL does not run as root (Debian's package creates it)"
    return ""


class PostgreSQL:
    """A server, which stops with the ``with`` block or with this process.

    Args:
        primary: the server of which this one is a hot standby, until ``promote``; None for a server with no data.
    """

    def __init__(self, primary: "PostgreSQL | None" = None) -> None:
        self._primary = primary
        programs = find_programs()
        assert programs, missing()
        # Not in pytest's folder, because a socket path is limited to 107 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="roster-pg-", dir="/tmp"))
        self._names = (f"database_{number}" for number in count(1))
        try:
            self._create(programs)
            self.start()
        except BaseException:
            shutil.rmtree(self.folder)
            raise

    def url(self, name: str) -> str:
        """Return the SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://{USER}@/{name}?host={self.folder}"

    def create(self, name: str = "", template: str | None = None) -> str:
        """Create a database, optionally as a copy of a template without connections; return its name."""
        name = name or next(self._names)
        copied = SQL("TEMPLATE {}").format(Identifier(template or "template0"))
        self._connection.execute(SQL("CREATE DATABASE {} {}").format(Identifier(name), copied))
        return name

    def drop(self, name: str) -> None:
        """Delete a database, and close connections to it."""
        self._connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))

    def execute(self, statement: str) -> None:
        """Execute a statement, as the owner of all databases."""
        self._connection.execute(statement.encode())

    def close_connections(self, name: str) -> None:
        """Close the connections to a database, as a restart of the server does."""
        self.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")

    def promote(self) -> None:
        """Make a standby the primary."""
        self.execute("SELECT pg_promote()")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self.stop()
        shutil.rmtree(self.folder)

    def _create(self, programs: Path) -> None:
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        command: list[str | Path] = [programs / "initdb", *INITDB]
        if self._primary:
            command = [programs / "pg_basebackup", *BASEBACKUP, "-h", self._primary.folder]
        created = subprocess.run(
            [*command_prefix(), *command, "-D", self.folder / "data"],
            cwd=self.folder, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert created.returncode == 0, created.stderr

    def start(self) -> None:
        """Start the server, again after ``stop``."""
        programs = find_programs()
        assert programs
        settings = SETTINGS | {"unix_socket_directories": str(self.folder)}
        options = [f"--{name}={value}" for name, value in settings.items()]
        with (self.folder / "log").open("wb") as log_file:
            # In its own session, so that Ctrl-C reaches only the tests.
            self._process = subprocess.Popen(
                [*command_prefix(), programs / "postgres", "-D", self.folder / "data", *options],
                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log_file, stderr=log_file, start_new_session=True,
            )  # fmt: skip
        try:
            self._connection = self._connect(time.monotonic() + 60)
        except BaseException:
            self._process.kill()
            self._process.wait()
            raise

    def _connect(self, deadline: float) -> "psycopg.Connection[tuple[object, ...]]":
        while True:
            try:
                return psycopg.connect(host=str(self.folder), user=USER, dbname="postgres", autocommit=True)
            except psycopg.OperationalError:
                messages = (self.folder / "log").read_text()
                assert self._process.poll() is None, f"PostgreSQL did not start: {messages}"
                assert time.monotonic() < deadline, f"PostgreSQL does not respond: {messages}"
                time.sleep(0.02)

    def stop(self) -> None:
        """Stop the server, which keeps its data."""
        self._connection.close()
        self._process.send_signal(signal.SIGINT)  # fast shutdown
        try:
            self._process.wait(30)
        finally:
            self._process.kill()


def find_programs() -> Path | None:
    """Return the folder with the programs of the newest version."""
    versions = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if versions:
        return max(versions, key=lambda folder: int(re.sub(r"\D", "", folder.parent.name)))
    initdb = shutil.which("initdb")
    return Path(initdb).resolve().parent if initdb else None


def _has_user(name: str) -> bool:
    return name in {entry.pw_name for entry in pwd.getpwall()}


def command_prefix() -> list[str]:
    """Return the command prefix that runs a program as a user that PostgreSQL accepts, and stops it with the tests."""
    other = ["--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []
    return ["setpriv", *other, "--pdeathsig=QUIT", "--"]
