"""How an audited build reaches its readers: copied, made read-only, and pointed at."""

from __future__ import annotations

import os
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from orchestration import standing
from orchestration.stores import KEPT_BUILDS, Stores


class NotAudited(Exception):
    """The candidate has not passed an audit."""


def _check_audited(candidate: Path) -> None:
    if not standing.has_passed(candidate):
        raise NotAudited(
            f"{candidate} has not passed an audit. Run the job assay, which audits first."
        )


def publish(stores: Stores) -> Path:
    """
    Copy the candidate to `published/assay-<build>.duckdb` and move the pointer to it.

    The copy is finished, synced and read-only before the pointer moves, in one rename: a reader opens
    either the old build or the new one, and a run killed at any moment leaves the old one in place.
    Returns the published file, which is the last one where the candidate is unchanged since: kept builds
    are builds, not runs. Raises NotAudited where the candidate changed since its last audit, or did not
    pass it.
    """
    _check_audited(stores.candidate)
    stores.published.mkdir(parents=True, exist_ok=True)
    if stores.pointer.exists() and stores.pointer.resolve().name == standing.published_as(
        stores.candidate
    ):
        return stores.pointer.resolve()
    for leftover in stores.published.glob("*.unfinished*"):
        leftover.unlink()
    build = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")[:-3] + "Z"
    unfinished = stores.published / f"assay-{build}.duckdb.unfinished"
    with duckdb.connect(str(stores.candidate)) as connection:
        # the copy is of the file alone: nothing may be left in the log beside it
        connection.execute("checkpoint")
    shutil.copyfile(stores.candidate, unfinished)
    _make_it_stand_alone(unfinished, stores.candidate.stem)
    _sync(unfinished)
    unfinished.chmod(0o444)
    published = stores.published / f"assay-{build}.duckdb"
    unfinished.rename(published)
    pointer = stores.published / "pointer.unfinished"
    pointer.symlink_to(published.name)
    pointer.replace(stores.pointer)
    _sync(stores.published)
    standing.record_publication(stores.candidate, published.name)
    _keep_newest(stores)
    return published


def _make_it_stand_alone(database: Path, built_as: str) -> None:
    """Drop what only the build needs, and let views name their tables without the file they were built in."""
    with duckdb.connect(str(database)) as connection:
        connection.execute("drop schema if exists build cascade")
        views = connection.execute(
            "select sql from duckdb_views() where not internal and contains(sql, ?) order by view_oid",
            [f"{built_as}."],
        ).fetchall()
        # a view is bound when it is made, so a name that is no table's would be found here
        for (view,) in views:
            alone = re.sub(rf"\b{re.escape(built_as)}\.(?=\w+\.)", "", view)
            connection.execute(alone.replace("CREATE VIEW", "CREATE OR REPLACE VIEW", 1))


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _keep_newest(stores: Stores) -> None:
    builds = sorted(stores.published.glob("assay-*.duckdb"))
    for old in builds[:-KEPT_BUILDS]:
        # someone may have it open: on POSIX their handle stays valid
        old.unlink()


def open_published(path: Path) -> duckdb.DuckDBPyConnection:
    """
    Open published marts the way every reader should: read-only, no file or network access, settings locked.
    """
    connection = duckdb.connect(str(path), read_only=True)
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
    return connection
