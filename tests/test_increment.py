"""Cost follows change, and what comes out is what a rebuild would give."""

from __future__ import annotations

import shutil

import pytest
from comparing import differing_marts
from running import CONVERSATIONS, Built, assay


@pytest.fixture
def day_after(world, tmp_path):
    """The world with the export of the day after beside it."""
    exports = tmp_path / "exports"
    shutil.copytree(world, exports)
    ended = assay(
        "generate", "--conversations", CONVERSATIONS, "--seed", 7, "--out", exports,
        "--day-after", 60, 30, data=tmp_path,
    )  # fmt: skip
    assert ended.code == 0, ended.err
    return exports


def test_an_increment_gives_every_mart_as_a_rebuild_from_nothing_does(
    built, copy_of, day_after, tmp_path
):
    incremental = copy_of(built)
    first = assay("run", "--exports", day_after, data=incremental.data)
    assert first.code == 0, first.out + first.err
    rebuilt = Built(tmp_path / "rebuilt", day_after, first)
    second = assay("run", "--exports", day_after, data=rebuilt.data)
    assert second.code == 0, second.out + second.err
    assert differing_marts(incremental.published, rebuilt.published) == {}
    before = built.value("select count(*) from marts.fct_conversations")
    assert incremental.value("select count(*) from marts.fct_conversations") == before + 60


def test_a_rebuild_of_the_work_database_gives_the_same_marts(built, copy_of):
    """
    The ledger remembers in which order exports came, so a rebuild numbers them the same.
    """
    again = copy_of(built)
    (again.data / "work.duckdb").unlink()
    ended = assay("run", "--exports", again.exports, data=again.data)
    assert ended.code == 0, ended.out + ended.err
    assert differing_marts(built.published, again.published) == {}
