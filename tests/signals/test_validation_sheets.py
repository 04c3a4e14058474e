"""Sheets: what is drawn, what a reviewer gets to see, and what may be recorded."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from datetime import datetime

import duckdb
import pytest
from validation_world import filled, rows_of

from orchestration.publishing import open_published
from signals.validation import sheet_file
from signals.validation.question import CORE, Question, ValidationError, ask, questions
from signals.validation.sheet import Design, draw
from signals.validation.transcript import (
    MOST_CHARACTERS,
    cell_as_written,
    formula_safe,
    write_transcript,
)

MOMENT = datetime(2026, 1, 2, 3, 4)


def test_the_same_seed_and_build_give_the_same_sheet(labelled, tmp_path):
    one, two, other = (
        labelled.drawn("--n", 30, "--seed", seed, "--out", tmp_path / name)
        for name, seed in (("one.csv", 5), ("two.csv", 5), ("other.csv", 6))
    )
    assert one.read_bytes() == two.read_bytes()
    drawn, drawn_otherwise = (
        {row["conversation_id"] for row in rows_of(each)} for each in (one, other)
    )
    assert len(drawn & drawn_otherwise) < 15


def test_a_sheet_shows_conversations_in_scope_and_hides_the_prediction(labelled):
    rows = rows_of(labelled.drawn("--n", 200))
    assert tuple(rows[0]) == sheet_file.COLUMNS
    assert {row["value"] + row["note"] for row in rows} == {""}
    assert {row["allowed_values"] for row in rows} == {"negative | neutral | positive"}
    assert {row["reviewer"] for row in rows} == {"ana"}
    in_scope = labelled.published(
        "select conversation_id from marts.fct_conversations where is_in_scope"
    )
    drawn = {row["conversation_id"] for row in rows}
    assert len(drawn) == 200
    assert drawn <= {name for (name,) in in_scope}
    # the words that would give it away stand in no cell but the one that lists what may be answered
    told = " ".join(row["transcript"] for row in rows)
    assert "not enough evidence" not in told
    assert "confidence" not in sheet_file.COLUMNS


def test_a_transcript_names_who_wrote_each_masked_message(labelled):
    rows = rows_of(labelled.drawn("--n", 60))
    wrote: dict[str, list[tuple[str, str]]] = {}
    for conversation, number, role in labelled.published(
        "select conversation_id, message_no, author_role from marts.fct_messages order by all"
    ):
        wrote.setdefault(conversation, []).append((f"{number}", role))
    for row in rows:
        said = re.findall(r"^\[(\d+)\] (\w+), ", row["transcript"], re.M)
        assert said == wrote[row["conversation_id"]]
        assert not re.search(r"\w@\w", row["transcript"])


@pytest.mark.parametrize("by", ["value", "channel", "segment", "language"])
def test_a_stratified_sample_holds_each_stratum_in_proportion(labelled, by):
    size = 97
    column = "signals.value" if by == "value" else f"conversations.{by}"
    strata = dict(
        labelled.published(
            f"select coalesce({column}, '{'abstained' if by == 'value' else 'unknown'}'), count(*)"
            " from marts.fct_conversations as conversations"
            " inner join marts.fct_signals as signals using (conversation_id)"
            " where is_in_scope and signal = 'sentiment' group by all"
        )
    )
    labelled.drawn("--n", size, "--stratified-by", by)
    drawn = dict(labelled.rows("select stratum, count(*) from validation_drawn group by all"))
    exact = {name: size * count / sum(strata.values()) for name, count in strata.items()}
    assert sum(drawn.values()) == size
    # largest remainder: the whole part each, and one more where most was cut off
    left = size - sum(int(share) for share in exact.values())
    rounded_up = sorted(exact, key=lambda name: (-(exact[name] % 1), name))[:left]
    expected = {name: int(share) + (name in rounded_up) for name, share in exact.items()}
    assert drawn == {name: count for name, count in expected.items() if count}


def test_every_conversation_is_as_likely_to_be_drawn(labelled):
    """
    Over many seeds, the predictions drawn are those of the build; a sheet drawn by id or date is not.
    """
    path = labelled.data / "published" / "assay.duckdb"
    with open_published(path) as published:
        drawn = Counter(
            row.predicted
            for seed in range(25)
            for row in draw(published, path.name, CORE[0], Design(120, seed)).rows
        )
    in_build = dict(
        labelled.published(
            "select value, count(*) from marts.fct_signals where signal = 'sentiment' group by all"
        )
    )
    for value, count in in_build.items():
        share = count / sum(in_build.values())
        margin = 4 * (share * (1 - share) / drawn.total()) ** 0.5
        assert abs(drawn[value] / drawn.total() - share) < margin, value


HOSTILE = (
    '=HYPERLINK("http://x","click")\n-2+3\n@SUM(A1)\r\nthanks;=1+1,+4\t=cmd|\' /C calc\'!A0\n'
    '"=2" or,@now \x1b[2J\x07 \u202etxt.exe'
)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_no_cell_of_a_sheet_is_a_formula_however_a_program_splits_it(delimiter):
    text = write_transcript(
        {"channel": "=email", "subject": HOSTILE}, [(1, "customer", MOMENT, HOSTILE)]
    )
    out = io.StringIO()
    csv.writer(out).writerow(["zendesk:1", formula_safe("=question"), text, ""])
    for cells in csv.reader(io.StringIO(out.getvalue()), delimiter=delimiter):
        for cell in cells:
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    for line in out.getvalue().splitlines():
        for cell in line.split(delimiter):
            assert not cell.strip('"').startswith(("=", "+", "-", "@", "\t", "\r")), line
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert cell_as_written(formula_safe("=question")) == "=question"
    assert cell_as_written("'tis") == "'tis"


def test_a_transcript_longer_than_a_cell_says_what_is_left_out():
    text = write_transcript({"subject": "long"}, [(1, "customer", MOMENT, "x" * 40_000)])
    assert len(text) < MOST_CHARACTERS + 100
    assert "more characters stand in marts.fct_messages" in text
    assert "(no public message)" in write_transcript({"subject": None}, [])


def test_a_sheet_with_values_in_it_is_not_drawn_over(labelled):
    sheet = filled(labelled.drawn("--n", 12), labelled.true_values())
    ended = labelled.validate("sample", "sentiment", "--n", 12, "--reviewer", "ana", "--out", sheet)
    assert ended.code == 2
    assert "is a sheet already, with 12 values in it." in ended.err
    ended = labelled.validate("simulate", "sentiment", "--truth", labelled.truth, "--out", sheet)
    assert ended.code == 2
    assert all(row["value"] for row in rows_of(sheet))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("sentimnt",), "Did you mean sentiment?"),
        (("summary",), "summary is neither a signal with fixed values nor a metric."),
        (("outcome",), "holds no answers for outcome. It holds: churn_risk, sentiment."),
        (("sentiment", "--n", 9_999), "fewer than the 9,999 asked for: draw"),
    ],
)
def test_what_cannot_be_drawn_says_why(labelled, arguments, told):
    ended = labelled.validate("sample", "--reviewer", "ana", *arguments)
    assert ended.code == 2
    assert told in ended.err


def test_a_signal_answered_by_two_versions_is_not_sampled(labelled):
    path = labelled.data / "published" / "assay-20261001T000000000Z.duckdb"
    path.chmod(0o644)
    with duckdb.connect(str(path)) as build:
        build.execute(
            "update marts.fct_signals set classifier_version = '9' where message_no is null"
        )
        build.execute(
            "update marts.fct_signals set classifier_version = '9' where confidence > 0.8"
        )
    ended = labelled.validate("sample", "sentiment", "--reviewer", "ana")
    assert (
        "was answered by lexicon 1.0.0, lexicon 9. A sample of both measures neither" in ended.err
    )


def test_a_declared_signal_is_asked_as_it_is_declared():
    declared = {
        "name": "refund_friction",
        "question": "Was it\n  hard?",
        "description": "Slow is hard.\n",
        "values": ["yes", "no"],
    }
    wordless = {"name": "gist", "question": "What is it about?"}
    manifest = {
        "nodes": {
            "model.assay.custom_signals": {"config": {"meta": {"signals": [declared, wordless]}}},
            "model.assay.others": {"config": {"meta": {"signals": None}}},
            "seed.assay.drivers": {"config": {"meta": None}},
        }
    }
    known = questions(manifest)
    assert ask("refund_friction", known) == Question(
        "refund_friction", "Was it hard? Slow is hard.", ("yes", "no")
    )
    assert [each.signal for each in CORE] == list(known)[:4]
    with pytest.raises(ValidationError, match="Did you mean refund_friction"):
        ask("refund_fiction", known)
    with pytest.raises(ValidationError, match="gist is not a signal that can be validated"):
        ask("gist", known)
