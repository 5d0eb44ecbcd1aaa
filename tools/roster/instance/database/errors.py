"""Errors that mean that a database cannot be used, as opposed to defects; SQLSTATE or SQLite's result code decides.

https://www.postgresql.org/docs/current/errcodes-appendix.html, https://www.sqlite.org/rescode.html
"""

import re
import sqlite3
from typing import NamedTuple

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError, TimeoutError

from roster.findings import ConfigurationError

READ_ONLY = "25006"
"""The SQLSTATE of a write on a hot standby, or where transactions are read-only by default."""
SQLITE_READ_ONLY, SQLITE_CANNOT_OPEN = "8", "14"
MISSING_RIGHT, _NO_SCHEMA, MISSING_TABLE = "42501", "3F000", "42P01"
_UNTRANSLATABLE = "22P05"
"""The SQLSTATE of a character that the encoding of the database lacks."""
_UNAVAILABLE_STATES = (
    *("08", "28", "3D", "53", "57", "58", "F0", "XX"),  # connection, login, database, resources, shutdown, system
    *(READ_ONLY, "25P03", "25P04"),  # read-only, and timeouts that end the connection
    *(MISSING_RIGHT, _NO_SCHEMA, MISSING_TABLE, "42703"),  # rights and tables, which are the operator's
    *("40", "55"),  # conflicts and locks
    _UNTRANSLATABLE,
)
UTF8_REMEDY = "create a database with ENCODING 'UTF8' TEMPLATE template0"
_BUSY_STATES = ("40", "55P03")
_SQLITE_DEFECTS = frozenset({18, 19, 20, 21, 25})
"""TOOBIG, CONSTRAINT, MISMATCH, MISUSE and RANGE are about a statement. The other codes are about the file."""
_SQLITE_BUSY = frozenset({5, 6})


class DatabaseUnavailable(ConfigurationError):
    """The database cannot be used: one sentence that names it, without its password, with what to do."""


class DatabaseBusy(DatabaseUnavailable):
    """Another process holds a lock of the database. Trying again helps."""


class DatabaseProblem(NamedTuple):
    """Why a database cannot be used.

    Attributes:
        code: a SQLSTATE or a result code of SQLite; empty if no connection was made.
        statement: the statement that failed, if any.
    """

    reason: str
    code: str = ""
    is_busy: bool = False
    statement: str = ""


def find_problem(error: SQLAlchemyError | sqlite3.Error) -> DatabaseProblem | None:
    """Return the problem of the database that an error reports; None for a defect, such as an invalid statement."""
    original: BaseException = error
    statement: str | None = ""
    if isinstance(error, DBAPIError):
        original, statement = error.orig or error, error.statement
    reason = str(original).strip().partition("\n")[0]
    if isinstance(original, sqlite3.Error):
        result = getattr(original, "sqlite_errorcode", 1) & 0xFF
        if result in _SQLITE_DEFECTS or isinstance(original, sqlite3.ProgrammingError):
            return None
        code = MISSING_TABLE if reason.startswith(("no such table", "no such column")) else str(result)
        return DatabaseProblem(reason, code, result in _SQLITE_BUSY, statement or "")
    if state := getattr(original, "sqlstate", None):
        problem = DatabaseProblem(reason, state, state.startswith(_BUSY_STATES), statement or "")
        return problem if state.startswith(_UNAVAILABLE_STATES) else None
    # Without a code the error comes from the client: the connection was refused, is lost, or the pool is exhausted.
    is_client_error = statement is None or isinstance(error, OperationalError | InterfaceError | TimeoutError)
    return DatabaseProblem(reason) if is_client_error else None


def is_unavailable(error: Exception) -> bool:
    """Return whether an error means that the database cannot be used."""
    if isinstance(error, SQLAlchemyError | sqlite3.Error):
        return find_problem(error) is not None
    return isinstance(error, DatabaseUnavailable)


def remedy(problem: DatabaseProblem, role: str) -> str:
    """Return what to do, as the end of a sentence; empty if the reason is enough.

    Args:
        role: the quoted name of the role in PostgreSQL.
    """
    if problem.code == READ_ONLY:
        return "connect to the primary, or make the database writable"
    if problem.code == MISSING_TABLE:
        return "run roster instance migrate"
    if problem.code == _NO_SCHEMA:
        return f"correct the search_path of {role}, or run GRANT USAGE, CREATE ON SCHEMA public TO {role}"
    if problem.code == _UNTRANSLATABLE:
        return UTF8_REMEDY
    if problem.code == MISSING_RIGHT:
        return _missing_grant(problem, role)
    if problem.code == SQLITE_CANNOT_OPEN:
        return "the file must exist, and the process must be allowed to write to it and its folder"
    if problem.code == SQLITE_READ_ONLY:
        return "the process must be allowed to write to the file and its folder"
    return ""


def _missing_grant(problem: DatabaseProblem, role: str) -> str:
    verb = problem.statement.split(maxsplit=1)[0].upper() if problem.statement else ""
    if verb in ("ALTER", "DROP"):
        return "migrate as the role that owns the tables"
    if verb == "CREATE":
        schema = re.search(r"schema (\S+)", problem.reason)
        return f"run GRANT CREATE ON SCHEMA {schema[1] if schema else 'public'} TO {role}"
    return f"run GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}"
