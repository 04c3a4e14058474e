"""How an audited build reaches its readers: copied, made read-only, and pointed at."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
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


def publish(stores: Stores, own_files: Sequence[str] = ()) -> Path:
    """
    Copy the candidate to `published/assay-<build>.duckdb` and move the pointer to it; so with each purpose that
    has a file of its own, which holds what that purpose may see and nothing else.

    The copy is finished, synced and read-only before the pointer moves, in one rename: a reader opens
    either the old build or the new one, and a run killed at any moment leaves the old one in place.
    Returns the published file, which is the last one where the candidate is unchanged since: kept builds
    are builds, not runs. Raises NotAudited where the candidate changed since its last audit, or did not
    pass it.
    """
    _check_audited(stores.candidate)
    stores.published.mkdir(parents=True, exist_ok=True)
    _remove_others(stores, ["assay", *own_files])
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
    files = [(published, stores.pointer)]
    for purpose in own_files:
        file = _purpose_file(published, purpose, build)
        files.append((file, stores.published / f"{purpose}.duckdb"))
    for file, pointer in files:
        _point(pointer, file)
    _sync(stores.published)
    # said last: a run killed before publishes anew, whatever pointers had moved
    standing.record_publication(stores.candidate, published.name)
    _keep_newest(stores, ["assay", *own_files])
    return published


def _purpose_file(published: Path, purpose: str, build: str) -> Path:
    """The tables of a purpose, copied out of a published build."""
    unfinished = published.with_name(f"{purpose}-{build}.duckdb.unfinished")
    with duckdb.connect(str(unfinished)) as connection:
        connection.execute(f"attach '{published}' as whole (read_only)")
        connection.execute(f'create schema "{purpose}"')
        views = connection.execute(
            "select view_name from duckdb_views() where database_name = 'whole' and schema_name = ?"
            " order by view_name",
            [purpose],
        ).fetchall()
        for (view,) in views:
            named = f'"{purpose}"."{view}"'
            connection.execute(f"create table {named} as from whole.{named}")
        connection.execute("detach whole")
    _sync(unfinished)
    unfinished.chmod(0o444)
    return unfinished.rename(published.with_name(f"{purpose}-{build}.duckdb"))


def _point(pointer: Path, file: Path) -> None:
    moving = pointer.with_name("pointer.unfinished")
    moving.symlink_to(file.name)
    moving.replace(pointer)


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


_BUILD = re.compile(r"(?P<kind>[a-z][a-z0-9_]*)-\d{8}T\d{9}Z\.duckdb")
"""The name of a published file: what it holds, and when it was built."""


def _remove_others(stores: Stores, kinds: Sequence[str]) -> None:
    """
    What purposes left that have no file of their own any more: a licence that ended would else be read for ever.
    Pointers first, so that none is left that leads nowhere.
    """
    found = sorted(stores.published.glob("*.duckdb"), key=lambda path: not path.is_symlink())
    for path in found:
        build = _BUILD.fullmatch(path.readlink().name if path.is_symlink() else path.name)
        if build and build["kind"] not in kinds:
            path.unlink()


def _keep_newest(stores: Stores, kinds: Sequence[str]) -> None:
    for kind in kinds:
        builds = sorted(stores.published.glob(f"{kind}-*.duckdb"))
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
