"""The database of a Label Studio, saved while the server runs: accounts, drafts, what people submitted."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
from pathlib import Path

from data.errors import ServerError, UsageError

_LONGEST = 3600.0  # seconds that PostgreSQL's programs may take


def save_sqlite(database: Path, target: Path) -> None:
    """Save a database as it is at one moment; the server waits for as long as that takes.

    Raises:
        ServerError: it cannot be read.
    """
    try:
        with (
            contextlib.closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as source,
            contextlib.closing(sqlite3.connect(target)) as copy,
        ):
            source.backup(copy)
            found = copy.execute("PRAGMA quick_check").fetchone()[0]
    except sqlite3.Error as error:
        raise ServerError(f"cannot save Label Studio's database {database}: {error}; run it again") from error
    if found != "ok":
        raise ServerError(f"Label Studio's database {database} is damaged ({found}): take it back from a backup")


def save_postgres(connection: str, target: Path) -> None:
    """Save a PostgreSQL database with pg_dump, as of one moment; the server works on.

    Args:
        connection: how libpq finds it, as `dbname=label-studio`. A password comes from PGPASSWORD or ~/.pgpass.
        target: the file to write.

    Raises:
        UsageError: pg_dump is not installed.
        ServerError: it cannot be saved; says what pg_dump said.
    """
    _run(["pg_dump", "--format=custom", f"--file={target}", f"--dbname={connection}"], "saved")


def bring_back_postgres(connection: str, dump: Path) -> None:
    """Fill a PostgreSQL database from a file that `save_postgres` wrote; all of it, or nothing.

    What stood in tables of the same name goes.

    Raises:
        UsageError: pg_restore is not installed.
        ServerError: it cannot be filled; says what pg_restore said.
    """
    how = ["--clean", "--if-exists", "--single-transaction", "--exit-on-error"]
    _run(["pg_restore", *how, f"--dbname={connection}", str(dump)], "brought back")


def _run(command: list[str], done: str) -> None:
    try:
        ended = subprocess.run(command, check=False, capture_output=True, text=True, timeout=_LONGEST)
    except FileNotFoundError:
        raise UsageError(
            f"there is no {command[0]} on this machine: install PostgreSQL's client (postgresql-client)"
        ) from None
    except subprocess.TimeoutExpired:
        raise ServerError(f"{command[0]} did not end within an hour; is the database locked?") from None
    if ended.returncode:
        said = ended.stderr.strip().splitlines()
        raise ServerError(f"Label Studio's database could not be {done}: {said[-1] if said else ended.returncode}")
