"""A PgBouncer for the tests, in transaction mode, in front of a PostgreSQL server."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.gateway.gateway_helpers import until
from tests.postgresql import USER, PostgreSQL, command_prefix
from tests.programs import require

PORT = 6432
"""Part of the name of the socket, which is in a private folder."""
CONFIGURATION = """
[databases]
* = host={server}
[pgbouncer]
pool_mode = transaction
default_pool_size = {pool_size}
listen_addr =
listen_port = {port}
unix_socket_dir = {folder}
auth_type = trust
auth_file = {folder}/users.txt
"""


@contextmanager
def pgbouncer(server: PostgreSQL, database: str, pool_size: int) -> Iterator[str]:
    """Run a PgBouncer; yield the URL of a database through it."""
    program = require("pgbouncer")
    folder = Path(tempfile.mkdtemp(prefix="roster-pgbouncer-", dir="/tmp"))
    settings = {"server": server.folder, "pool_size": pool_size, "port": PORT, "folder": folder}
    (folder / "pgbouncer.ini").write_text(CONFIGURATION.format(**settings))
    (folder / "users.txt").write_text(f'"{USER}" ""\n')
    shutil.copystat(server.folder, folder)
    for path in (folder, *folder.iterdir()):
        shutil.chown(path, server.folder.owner(), server.folder.group())
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([*command_prefix(), program, folder / "pgbouncer.ini"], stdout=log, stderr=log)
    try:
        until(lambda: _accepts_connections(folder, database), 30)
        yield f"postgresql+psycopg://{USER}@/{database}?host={folder}&port={PORT}"
    finally:
        process.terminate()
        process.wait(30)
        shutil.rmtree(folder)


def _accepts_connections(folder: Path, database: str) -> bool:
    try:
        psycopg.connect(host=str(folder), port=PORT, user=USER, dbname=database).close()
    except psycopg.OperationalError:
        return False
    return True
