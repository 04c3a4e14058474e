"""Whatever a later export touches comes out as a rebuild from nothing would give it, and nothing else is built."""

from __future__ import annotations

import duckdb
import pytest
from comparing import differing_marts
from running import Built, assay
from touching_cases import Case, write
from touching_table import CASES

pytestmark = pytest.mark.worlds

BUILT_BY_CONVERSATION = ("fct_conversations", "fct_messages", "fct_conversation_tags")


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> tuple[Built, Built]:
    """All cases at once: what readers saw after the first run, and after the second."""
    folder = tmp_path_factory.mktemp("touching")
    exports, data = folder / "exports", folder / "data"
    made = assay("generate", "--conversations", 150, "--seed", 3, "--out", exports, data=folder)
    assert made.code == 0, made.err
    write(exports, [case.before for case in CASES], "monday")
    first = assay("run", "--exports", exports, data=data)
    assert first.code == 0, first.out + first.err
    before = data / "published" / "assay.duckdb"
    kept = folder / "first" / "published" / "assay.duckdb"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(before.read_bytes())
    write(exports, [case.after for case in CASES], "tuesday")
    second = assay("run", "--exports", exports, data=data)
    assert second.code == 0, second.out + second.err
    return Built(folder / "first", exports, first), Built(data, exports, second)


@pytest.fixture(scope="module")
def rebuilt(runs, tmp_path_factory) -> Built:
    """A rebuild from nothing over both exports."""
    exports, data = runs[1].exports, tmp_path_factory.mktemp("rebuilt")
    ended = assay("run", "--exports", exports, data=data)
    assert ended.code == 0, ended.out + ended.err
    return Built(data, exports, ended)


each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@each_case
def test_readers_see_what_changed(case: Case, runs):
    asked = (
        f"select {case.asked} from marts.fct_conversations as c"
        f" where conversation_id = '{case.conversation}'"
    )
    assert [run.value(asked) for run in runs] == [case.seen_first, case.seen_later]


@each_case
def test_a_touched_conversation_comes_out_as_a_rebuild_gives_it(case: Case, runs, rebuilt):
    for mart in BUILT_BY_CONVERSATION:
        asked = f"from marts.{mart} where conversation_id = '{case.conversation}' order by all"
        assert runs[1].rows(asked) == rebuilt.rows(asked), mart


def test_every_mart_is_as_a_rebuild_gives_it(runs, rebuilt):
    assert differing_marts(runs[1].published, rebuilt.published) == {}


def test_what_is_not_touched_is_not_built_again(runs):
    with duckdb.connect(str(runs[1].data / "work.duckdb"), read_only=True) as work:
        built = {
            row[0]
            for row in work.execute(
                "select conversation_id from core.touched_conversations"
            ).fetchall()
        }
    assert built == {case.conversation for case in CASES if case.built_again}
