"""A run killed at any moment leaves readers and ledger as they were, and the next run finishes the job."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from pathlib import Path

import duckdb
import pytest
from comparing import differing_marts
from running import Built, assay, start


def killed_run(data: Path, exports: Path, after: float) -> bool:
    """Start a run, kill all of it after some seconds; whether it was still going."""
    run = start("run", "--exports", exports, data=data)
    run.join(timeout=after)
    if run.exitcode is not None:
        return False
    os.killpg(run.pid, signal.SIGKILL)
    run.join()
    return True


def check_kill(built: Built, data: Path, seconds: float) -> None:
    """Kill a first run of the world, let the next finish, and compare with one that was not killed."""
    data.mkdir()
    killed_run(data, built.exports, seconds)
    published = data / "published" / "assay.duckdb"
    if published.exists():
        assert differing_marts(built.published, published) == {}
    check_next(built, data)


def check_kill_of_increment(first: Built, second: Built, data: Path, seconds: float) -> None:
    """Kill the run of the day after: readers see one of the two builds, and the next run finishes the job."""
    shutil.copytree(first.data, data, symlinks=True)
    killed_run(data, second.exports, seconds)
    published = data / "published" / "assay.duckdb"
    assert {} in [differing_marts(run.published, published) for run in (first, second)]
    check_next(second, data)


def check_next(expected: Built, data: Path) -> None:
    """The next run gives what one gave that was not killed, and the ledger is whole."""
    ended = assay("run", "--exports", expected.exports, data=data)
    assert ended.code == 0, ended.out + ended.err
    assert differing_marts(expected.published, data / "published" / "assay.duckdb") == {}
    with duckdb.connect(str(data / "ledger.duckdb"), read_only=True) as ledger:
        assert not ledger.execute(
            "select 1 from exports group by export_id having count(*) > 1"
        ).fetchall()
        assert not ledger.execute(
            "select 1 from exports where seen != kept + duplicates + quarantined"
        ).fetchall()


@pytest.mark.worlds
def test_a_killed_first_run_is_finished_by_the_next(built, tmp_path):
    check_kill(built, tmp_path / "data", random.Random(0).uniform(3, 14))


@pytest.mark.worlds
def test_a_killed_increment_is_finished_by_the_next(built, increment, tmp_path):
    check_kill_of_increment(built, increment, tmp_path / "data", random.Random(1).uniform(3, 9))


def test_a_killed_run_leaves_what_was_published(built, copy_of, tmp_path):
    started = copy_of(built)
    (started.data / "work.duckdb").unlink()
    before = started.published.resolve()
    assert killed_run(started.data, built.exports, 5.0)
    assert started.published.resolve() == before
    assert differing_marts(built.published, started.published) == {}


@pytest.mark.soak
def test_two_hundred_kills(built, increment, tmp_path):
    moments = random.Random(20)
    started = time.monotonic()
    for kill in range(200):
        data = tmp_path / str(kill)
        if kill % 2:
            check_kill_of_increment(built, increment, data, moments.uniform(1, 12))
        else:
            check_kill(built, data, moments.uniform(1, 20))
        shutil.rmtree(data)
        print(f"kill {kill + 1} of 200, {time.monotonic() - started:.0f} s", flush=True)
