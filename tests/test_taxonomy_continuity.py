"""Raw tags may change; drivers stay. An edit across drivers is a move, and says so."""

from __future__ import annotations

import random

import duckdb
import pytest

REBUILDS, EDITS = 5, 5
"""A rebuild takes far longer than an edit, so each judges several."""

TOTALS = """
select opened_on, driver, count(*) as conversations
from candidate.marts.fct_conversations where is_in_scope group by all order by all
"""


class Taxonomy:
    """A copy of a build in which raw tags and their mapping are edited and the tags computed again."""

    def __init__(self, built) -> None:
        compiled = built.data / "dbt" / "compiled" / "assay" / "models" / "marts"
        self.models = {
            name: (compiled / f"{name}.sql").read_text()
            for name in ("fct_conversation_tags", "fct_conversations", "taxonomy_moves")
        }
        self.connection = duckdb.connect(str(built.data / "work.duckdb"))
        self.connection.execute(f"attach '{built.data / 'candidate.duckdb'}' as candidate")
        self.connection.execute("set TimeZone = 'UTC'")

    def rows(self, query: str, *values: object) -> list[tuple]:
        return self.connection.execute(query, list(values)).fetchall()

    def rebuild(self) -> list[tuple]:
        """Driver totals by day after computing tags and drivers from nothing, by the models' own SQL."""
        for name, sql in self.models.items():
            self.connection.execute("begin")
            self.connection.execute(f"create temp table rebuilt as {sql}")
            self.connection.execute(f"delete from candidate.marts.{name}")
            self.connection.execute(
                f"insert into candidate.marts.{name} by name select * from rebuilt"
            )
            self.connection.execute("drop table rebuilt")
            self.connection.execute("commit")
        return self.rows(TOTALS)

    def mapped_tags(self) -> list[tuple]:
        """Raw tags in use with their normalised form, canonical tag and driver."""
        return self.rows(
            "select raw_tags.raw_tag, raw_tags.normalised_tag, m.canonical_tag, c.driver"
            " from taxonomy.raw_tags inner join taxonomy.raw_tag_map m on raw_tags.normalised_tag = m.raw_tag"
            " inner join taxonomy.canonical_tags c using (canonical_tag) order by all"
        )

    def map(self, normalised: str, canonical: str) -> None:
        self.rows(
            "update taxonomy.raw_tag_map set canonical_tag = ? where raw_tag = ?",
            canonical,
            normalised,
        )

    def rename(self, old: str, new: str, canonical: str, part: int) -> None:
        """Spell a tag anew in one conversation of `part`, and map the new spelling."""
        self.rows(
            "update core.conversations set tags = list_distinct(list_transform(tags,"
            " lambda tag: case when tag = ? then ? else tag end))"
            " where hash(conversation_id) % ? = 0",
            old, new, part,
        )  # fmt: skip
        self.rows(
            "insert into taxonomy.raw_tags by name"
            " select ? as raw_tag, ? as normalised_tag, ? as masked_tag",
            new, new, new,
        )  # fmt: skip
        self.rows(
            "insert into taxonomy.raw_tag_map by name select ? as raw_tag, ? as canonical_tag,"
            " 'manual' as method, date '1970-01-01' as valid_from",
            new, canonical,
        )  # fmt: skip


@pytest.fixture
def taxonomy(built, copy_of):
    edited = Taxonomy(copy_of(built))
    yield edited
    edited.connection.close()


def sibling(taxonomy: Taxonomy, driver: str, choices: random.Random) -> str:
    tags = taxonomy.rows(
        "select canonical_tag from taxonomy.canonical_tags where driver = ? order by 1", driver
    )
    return choices.choice(tags)[0]


def test_splitting_merging_and_renaming_raw_tags_within_a_driver_moves_no_conversation(taxonomy):
    before = taxonomy.rebuild()
    choices = random.Random(4)
    for rebuild in range(REBUILDS):
        made = [edit(taxonomy, f"{rebuild}_{number}", choices) for number in range(EDITS)]
        assert taxonomy.rebuild() == before, made


def edit(taxonomy: Taxonomy, name: str, choices: random.Random) -> tuple[str, str, str]:
    """Split, merge or rename a raw tag within its driver; what was done to which tag."""
    raw_tag, normalised, _, driver = choices.choice(taxonomy.mapped_tags())
    canonical = sibling(taxonomy, driver, choices)
    done = choices.choice(("split", "merge", "rename"))
    match done:
        case "split":
            taxonomy.rename(raw_tag, f"split_{name}", canonical, part=2)
        case "merge":
            taxonomy.map(normalised, canonical)
        case "rename":
            taxonomy.rename(raw_tag, f"renamed_{name}", canonical, part=1)
    return done, raw_tag, canonical


def test_a_driver_that_has_ended_leaves_its_conversations_in_sight_and_its_next_window_takes_them_up(
    taxonomy,
):
    before = taxonomy.rebuild()
    end = "2026-01-01"
    taxonomy.rows("update taxonomy.drivers set valid_to = ? where driver = 'billing_payments'", end)
    ended = taxonomy.rebuild()
    assert not [row for row in ended if row[1] == "billing_payments" and str(row[0]) >= end]
    assert [row for row in ended if str(row[0]) < end] == [
        row for row in before if str(row[0]) < end
    ]
    assert sum(row[2] for row in ended) == sum(row[2] for row in before)
    assert taxonomy.rows(
        "select distinct driver from candidate.marts.fct_conversation_tags where canonical_tag = 'refund_request'"
        " order by 1"
    ) == [("billing_payments",), ("unmapped",)]
    taxonomy.rows(
        "insert into taxonomy.drivers select * replace (? as owner, ? as valid_from, null as valid_to)"
        " from taxonomy.drivers where driver = 'billing_payments'",
        "treasury@example.com", end,
    )  # fmt: skip
    assert taxonomy.rebuild() == before


@pytest.mark.parametrize("column", ["driver", "rank"])
def test_of_a_driver_one_window_follows_another_and_two_on_one_day_fail_the_build(
    built, taxonomy, column
):
    compiled = built.data / "dbt" / "compiled" / "assay" / "seeds" / "taxonomy"
    overlaps = (
        compiled / "_taxonomy__seeds.yml" / f"windows_apart_drivers_{column}.sql"
    ).read_text()
    taxonomy.rows("update taxonomy.drivers set valid_to = '2026-01-01' where rank = 1")
    next_one = (
        "insert into taxonomy.drivers"
        " select * replace (? as valid_from, null as valid_to) from taxonomy.drivers"
    )
    taxonomy.rows(f"{next_one} where rank = 1", "2026-01-01")
    assert taxonomy.rows(overlaps) == []
    taxonomy.rows(f"{next_one} where rank = 1 and valid_to is null", "2026-05-01")
    assert len(taxonomy.rows(overlaps)) == 1


@pytest.mark.parametrize(
    ("scope", "is_known"),
    [("*", True), ("reopen_rate", True), ("reopen_rates", False), ("", False), (None, False)],
)
def test_a_change_announced_for_no_metric_fails_the_build(built, taxonomy, scope, is_known):
    compiled = built.data / "dbt" / "compiled" / "assay" / "seeds" / "taxonomy"
    misspelt = (
        compiled / "_announced_changes__seeds.yml" / "is_scope_announced_changes_scope.sql"
    ).read_text()
    taxonomy.rows(
        "insert into taxonomy.announced_changes values ('2026-02-01', ?, '*', null, 'release 4', 'product')",
        scope,
    )
    assert taxonomy.rows(misspelt) == ([] if is_known else [(scope,)])


def test_a_move_across_drivers_changes_totals_and_is_reported_as_one(taxonomy):
    before = taxonomy.rebuild()
    ((normalised, canonical),) = taxonomy.rows(
        "select raw_tags.normalised_tag, any_value(m.canonical_tag)"
        " from candidate.marts.fct_conversation_tags t inner join taxonomy.raw_tags using (raw_tag)"
        " inner join taxonomy.raw_tag_map m on raw_tags.normalised_tag = m.raw_tag"
        " where t.driver = 'billing_payments' group by all order by count(*) desc, 1 limit 1"
    )
    taxonomy.rows(
        "update taxonomy.raw_tag_map set valid_to = date '2026-01-01' where raw_tag = ?", normalised
    )
    taxonomy.rows(
        "insert into taxonomy.raw_tag_map by name select ? as raw_tag, 'howto_question' as canonical_tag,"
        " 'manual' as method, date '2026-01-01' as valid_from",
        normalised,
    )
    after = taxonomy.rebuild()
    assert after != before
    assert [row for row in after if str(row[0]) < "2026-01-01"] == [
        row for row in before if str(row[0]) < "2026-01-01"
    ]
    moves = taxonomy.rows(
        "select raw_tag, moved_on::varchar, previous_canonical_tag, previous_driver, driver"
        " from candidate.marts.taxonomy_moves"
    )
    assert moves == [(normalised, "2026-01-01", canonical, "billing_payments", "howto_usability")]
