"""Cost follows change, and what comes out is what a rebuild would give."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest
from comparing import differing_marts
from running import Built, assay, assay_of, checkout

from orchestration import unchanged, warehouse
from orchestration.stores import Stores


@pytest.mark.worlds
def test_an_increment_gives_every_mart_as_a_rebuild_from_nothing_does(built, increment, tmp_path):
    rebuilt = tmp_path / "rebuilt"
    ended = assay("run", "--exports", increment.exports, data=rebuilt)
    assert ended.code == 0, ended.out + ended.err
    assert differing_marts(increment.published, rebuilt / "published" / "assay.duckdb") == {}
    assert views_left_alone(increment, tmp_path) == views_left_alone(
        Built(rebuilt, increment.exports, ended), tmp_path
    )
    before = built.value("select count(*) from marts.fct_conversations")
    assert increment.value("select count(*) from marts.fct_conversations") == before + 60


def views_left_alone(built: Built, tmp_path: Path) -> dict[str, str]:
    """The text of every view that the next build would leave as it is."""
    stores = Stores.at(tmp_path / f"copy-of-{built.data.name}")
    stores.root.mkdir()
    texts: dict[str, str] = {}
    for database in ("work", "candidate"):
        shutil.copy(built.data / f"{database}.duckdb", stores.root)
    left = {
        name.split(".")[-1] for name in unchanged.find(stores, warehouse.read_manifest(), False)
    }
    for database in (stores.work, stores.candidate):
        with duckdb.connect(str(database), read_only=True) as connection:
            texts |= dict(
                connection.execute(
                    "select view_name, sql from duckdb_views() where list_contains($1, view_name)",
                    [sorted(left)],
                ).fetchall()
            )
    assert len(texts) > 30
    return texts


@pytest.mark.worlds
def test_a_rebuild_of_the_work_database_gives_the_same_marts(built, copy_of):
    """
    The ledger remembers in which order exports came, so a rebuild numbers them the same.
    """
    again = copy_of(built)
    (again.data / "work.duckdb").unlink()
    ended = assay("run", "--exports", again.exports, data=again.data)
    assert ended.code == 0, ended.out + ended.err
    assert differing_marts(built.published, again.published) == {}


@pytest.fixture
def edited(tmp_path) -> Path:
    """The project as somebody has it who moved a frequent raw tag to another canonical tag."""
    product = checkout(tmp_path / "checkout")
    seed = product / "dbt_project" / "seeds" / "taxonomy" / "raw_tag_map.csv"
    text = seed.read_text()
    assert "\nux_feedback,ui_confusion," in text
    seed.write_text(text.replace("\nux_feedback,ui_confusion,", "\nux_feedback,plan_upgrade,"))
    return product


@pytest.mark.worlds
def test_a_seed_edited_together_with_new_data_gives_what_a_rebuild_does(
    built, copy_of, increment, day_after, edited, tmp_path
):
    copied = copy_of(built)
    both = Built(copied.data, day_after, copied.ended)
    rebuilt = Built(tmp_path / "rebuilt", day_after, copied.ended)
    for each in (both, rebuilt):
        ended = assay_of(edited, "run", "--exports", each.exports, data=each.data)
        assert ended.code == 0, ended.out + ended.err
    # what moved since a build published before is in no rebuild: the ledger remembers it
    assert set(differing_marts(both.published, rebuilt.published)) == {"taxonomy_moves"}
    # and the edit did reach conversations that no new export speaks of
    asked = "select distinct canonical_tag from marts.fct_conversation_tags where raw_tag = 'ux_feedback'"
    assert both.rows(asked) == [("plan_upgrade",)]
    assert increment.rows(asked) == [("ui_confusion",)]
    moved = both.value("select conversations from marts.taxonomy_moves")
    assert both.rows("from marts.taxonomy_moves") == [
        ("ux_feedback", None, "ui_confusion", "plan_upgrade", "howto_usability", "subscription_plan",
         built.published.resolve().name, moved)
    ]  # fmt: skip
    assert moved == built.value(
        "select count(*) from marts.fct_conversation_tags where raw_tag = 'ux_feedback'"
    )
    told = assay("status", data=both.data).out
    assert f"moved to another driver: {moved} howto_usability → subscription_plan." in told
