"""What people write under a tag: real questions to a bank, tagged by what they ask, under names that stay."""

from __future__ import annotations

import random
from datetime import date, timedelta

import duckdb
import pytest
from running import SHARED_DATA

from contracts.macros import macros
from expectations.suites.tag_texts import CHANGED

UNTIL = date(2026, 9, 28)
WEEKS, BASELINE_WEEKS = 4, 8
QUESTIONS = SHARED_DATA / "banking77" / "train.csv"

pytestmark = pytest.mark.skipif(
    # real data lie beside the checkout and are never copied into it
    not QUESTIONS.exists(),
    reason=f"the real questions are not beside this checkout ({QUESTIONS})",
)


class Questions:
    """10,003 questions under 77 tags, of which most have 100 and more, opened on days drawn at random."""

    def __init__(self, seed: int) -> None:
        self.connection = duckdb.connect()
        self.connection.execute(
            "create table questions as select row_number() over () as no, text as body, category as tag"
            f" from read_csv('{QUESTIONS}', header = true)"
        )
        self.tags = [
            tag
            for (tag,) in self.connection.execute(
                "select tag from questions group by tag having count(*) >= 120 order by tag"
            ).fetchall()
        ]
        chance = random.Random(seed)
        days = (WEEKS + BASELINE_WEEKS) * 7
        opened = [
            (no, UNTIL - timedelta(1 + chance.randrange(days)))
            for (no,) in self.connection.execute("select no from questions order by no").fetchall()
        ]
        self.connection.execute("create table opened (no bigint, opened_on date)")
        self.connection.executemany("insert into opened values (?, ?)", opened)
        self.connection.execute(
            "create table tagged as select 'bank' as source, 'raw tag' as slice_kind, tag as slice,"
            " no::varchar as conversation_id, opened_on from questions join opened using (no)"
        )

    def since(self, tag: str, taken: str) -> None:
        """From the first day of the weeks compared, what had the tag `taken` has `tag`, and what had that none."""
        first = UNTIL - timedelta(7 * WEEKS)
        self.connection.execute(
            "delete from tagged where slice = $1 and opened_on >= $2", [tag, first]
        )
        self.connection.execute(
            "update tagged set slice = $1 where slice = $2 and opened_on >= $3", [tag, taken, first]
        )

    def changed(self, **asked: int) -> dict[str, dict]:
        """By tag, the row of the model's own SQL."""
        numbers = {
            "weeks": WEEKS,
            "baseline_weeks": BASELINE_WEEKS,
            "least": 30,
            "most": 400,
        } | asked
        sql = macros("tag_texts").default__tag_texts(
            "tagged",
            "(select no::varchar as conversation_id, body from questions)",
            f"(select 'bank' as source, date '{UNTIL}' as until)",
            **numbers,
            standard_errors=3,
        )
        found = self.connection.execute(sql)
        names = [column[0] for column in found.description]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        return {row["slice"]: row for row in rows}


def test_a_tag_that_means_what_it_meant_alarms_nobody():
    alarms, told = 0, 0
    for seed in range(3):
        found = Questions(seed).changed()
        told += len(found)
        alarms += sum(row["measured"] > CHANGED for row in found.values())
    assert told > 150
    assert alarms <= 0.02 * told


def test_a_tag_under_which_something_else_is_asked_is_found_with_the_word_that_came_or_went():
    """40 questions and more of one tag are asked under the name of another, whose own have gone."""
    chance = random.Random(7)
    found = 0
    for seed in range(12):
        questions = Questions(seed)
        tag, taken = chance.sample(questions.tags, 2)
        questions.since(tag, taken)
        told = questions.changed()[tag]
        found += told["measured"] > CHANGED
        held = {
            no
            for (no,) in questions.connection.execute(
                "select no::varchar from questions where contains(lower(body), $1)", [told["word"]]
            ).fetchall()
        }
        assert set(told["examples"]) <= held
    assert found >= 11


def test_a_word_that_comes_under_all_other_tags_is_no_change_of_the_one_that_holds_it_as_ever():
    questions = Questions(2)
    tag, first = questions.tags[0], UNTIL - timedelta(7 * WEEKS)
    questions.connection.execute(
        "update questions set body = body || ' august' from tagged where no::varchar = tagged.conversation_id"
        " and if(tagged.slice = $1, no % 8 = 0, no % 2 = 0 and tagged.opened_on >= $2)",
        [tag, first],
    )
    found = questions.changed()
    assert found[tag]["measured"] <= CHANGED
    assert {row["word"] for row in found.values() if row["measured"] > CHANGED} <= {"august"}


def test_of_few_conversations_nothing_is_told():
    assert Questions(1).changed(least=1000) == {}
