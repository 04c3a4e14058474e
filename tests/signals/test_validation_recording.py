"""Recording a sheet: how spreadsheets save it, what is refused, and what its labels are tied to."""

from __future__ import annotations

import re

import duckdb
import pytest
from validation_world import filled, rows_of, save

from orchestration.ledger import Ledger
from orchestration.publishing import open_published
from signals.validation import records
from signals.validation.checks import Label
from signals.validation.question import CORE
from signals.validation.sheet import Design, draw

LABELS = "select count(*) from validation_labels"


def test_a_recorded_sheet_is_tied_to_signal_version_build_and_reviewer(labelled):
    sheet = filled(labelled.drawn("--n", 40), labelled.true_values())
    ended = labelled.validate("record", sheet)
    assert ended.code == 0, ended.err
    assert "40 labels of sentiment by lexicon 1.0.0 recorded for ana." in ended.out
    assert labelled.rows(
        "select signal, classifier, classifier_version, build, design, reviewer, is_simulated, labels"
        " from validations"
    ) == [
        (
            "sentiment",
            "lexicon",
            "1.0.0",
            "assay-20261001T000000000Z.duckdb",
            "simple",
            "ana",
            False,
            40,
        )
    ]
    pairs = labelled.rows("select conversation_id, label, predicted from validation_pairs")
    said = dict(
        labelled.published(
            "select conversation_id, value from marts.fct_signals where signal = 'sentiment'"
        )
    )
    assert len(pairs) == 40
    for conversation, label, predicted in pairs:
        assert label == labelled.true_values()[conversation]
        assert predicted == said[conversation]


def test_a_spreadsheets_ways_of_saving_are_understood(labelled):
    rows = rows_of(filled(labelled.drawn("--n", 12), labelled.true_values()))
    for row in rows:
        row["value"] = f" {row['value'].capitalize()}"
        # an older program wrote accents and line ends in its own way
        row["transcript"] = (
            row["transcript"].encode("ascii", "replace").decode().replace("\n", "\r\n")
        )
    sheet = save(labelled.data / "saved.csv", rows, delimiter=";")
    ended = labelled.validate("record", sheet, "--reviewer", "ben")
    assert ended.code == 0, ended.err
    assert labelled.rows("select distinct reviewer, label from validation_pairs order by all")[
        0
    ] == (
        "ben",
        "negative",
    )


def first(name: str, value: str):
    def edit(rows):
        rows[0][name] = value

    return edit


def values_moved_by_a_row(rows):
    texts = [row["transcript"] for row in rows]
    for row, text in zip(rows, texts[1:] + texts[:1], strict=True):
        row["transcript"] = text


BROKEN = {
    "value_missing": (first("value", " "), "value is missing; write one of negative | neutral"),
    "value_invented": (first("value", "angry"), "value is angry; write one of negative"),
    "value_misspelt": (first("value", "negativ"), "Did you mean negative?"),
    "conversation_unknown": (
        first("conversation_id", "zendesk:1"),
        "zendesk:1: this conversation was not drawn for the sheet.",
    ),
    "signal_other": (first("signal", "outcome"), "signal is outcome; the sheet was drawn with"),
    "version_other": (
        first("classifier_version", "2.0.0"),
        "classifier_version is 2.0.0; the sheet was drawn with 1.0.0.",
    ),
    "build_other": (first("build", "assay-1.duckdb"), "build is assay-1.duckdb; the sheet was"),
    "simulated_as_person": (first("is_simulated", "yes"), "is_simulated is yes; the sheet was"),
    "sheet_unknown": (first("sheet_id", "deadbeef"), "line 2: no sheet deadbeef was drawn here."),
    "row_missing": (lambda rows: rows.pop(), "1 of 12 conversations of the sheet are missing"),
    "row_twice": (lambda rows: rows.append(dict(rows[0])), "stands on line 2 already"),
    "columns_sorted_apart": (
        values_moved_by_a_row,
        "the transcript is not the one drawn for this conversation",
    ),
    "reviewers_two": (first("reviewer", "ben"), "names 2 reviewers: say who it was"),
    "column_unknown": (
        lambda rows: [row.update(valu="x") for row in rows],
        "valu is not a column of a sheet. Did you mean value? Remarks belong into note.",
    ),
    "column_missing": (
        lambda rows: [row.pop("note") for row in rows],
        "line 1: the column note is missing.",
    ),
    "rows_none": (
        lambda rows: [row.update(dict.fromkeys(row, "")) for row in rows],
        "holds no rows",
    ),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_sheet_is_refused_whole_with_file_and_line(labelled, broken):
    edit, told = BROKEN[broken]
    rows = rows_of(filled(labelled.drawn("--n", 12), labelled.true_values()))
    edit(rows)
    sheet = save(labelled.data / f"{broken}.csv", rows)
    ended = labelled.validate("record", sheet)
    assert ended.code == 2
    assert ended.err.startswith(f"{sheet}:\n")
    assert told in ended.err
    if broken not in ("reviewers_two", "rows_none"):
        assert re.search(r"  line \d+", ended.err)
    assert labelled.rows(LABELS) == [(0,)]


def test_every_problem_of_a_sheet_is_told_at_once_on_the_line_it_stands(labelled):
    rows = rows_of(filled(labelled.drawn("--n", 12), labelled.true_values()))
    rows[1]["value"], rows[4]["value"] = "", "fine"
    sheet = save(labelled.data / "two_problems.csv", rows)
    ended = labelled.validate("record", sheet)
    found = [int(number) for number in re.findall(r"line (\d+),", ended.err)]
    lines = sheet.read_text(encoding="utf-8-sig").splitlines()
    assert len(found) == 2
    assert [lines[number - 1].split(",")[0] for number in found] == [
        rows[1]["conversation_id"],
        rows[4]["conversation_id"],
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "line 1: the column conversation_id is missing."),
        (b"\xff\xfe\x00v", "is not in UTF-8: save it from the spreadsheet as"),
        (b'conversation_id,value\n"zendesk:1,neutral', "the column transcript is missing"),
    ],
)
def test_a_file_that_is_no_sheet_says_so(labelled, content, told):
    sheet = labelled.data / "other.csv"
    sheet.write_bytes(content)
    assert told in labelled.validate("record", sheet).err
    assert "no such file" in labelled.validate("record", labelled.data / "gone.csv").err.lower()


def test_labels_for_a_version_that_no_longer_exists_are_refused(labelled, publish_again):
    sheet = filled(labelled.drawn("--n", 12), labelled.true_values())
    publish_again(labelled, "1.1.0")
    (labelled.data / "published" / "assay-20261001T000000000Z.duckdb").unlink()
    ended = labelled.validate("record", sheet)
    assert ended.code == 2
    assert "line 2: the sheet was drawn for lexicon 1.0.0" in ended.err
    assert "(there: lexicon 1.1.0)" in ended.err
    assert labelled.rows(LABELS) == [(0,)]


def test_labels_outlive_the_build_they_were_drawn_from(labelled, publish_again):
    sheet = filled(labelled.drawn("--n", 12), labelled.true_values())
    publish_again(labelled, "1.0.0")
    (labelled.data / "published" / "assay-20261001T000000000Z.duckdb").unlink()
    ended = labelled.validate("record", sheet)
    assert ended.code == 0, ended.err


def test_a_prediction_changed_since_the_sheet_was_drawn_is_told(labelled):
    sheet = filled(labelled.drawn("--n", 12), labelled.true_values())
    path = labelled.data / "published" / "assay-20261001T000000000Z.duckdb"
    conversation = rows_of(sheet)[3]["conversation_id"]
    path.chmod(0o644)
    with duckdb.connect(str(path)) as build:
        build.execute(
            "update marts.fct_signals set value = 'changed' where conversation_id = ?",
            [conversation],
        )
    ended = labelled.validate("record", sheet)
    assert ended.code == 2
    assert f"{conversation}: the prediction was" in ended.err
    assert "and is changed in assay-20261001T000000000Z.duckdb now." in ended.err


def test_a_sheet_is_recorded_once_and_corrected_openly(labelled):
    sheet = filled(labelled.drawn("--n", 12), labelled.true_values())
    assert labelled.validate("record", sheet, "--correct").code == 2
    assert labelled.validate("record", sheet).code == 0
    again = labelled.validate("record", sheet)
    assert (again.code, "were already recorded for ana" in again.out) == (0, True)
    assert labelled.rows(LABELS) == [(12,)]
    rows = rows_of(sheet)
    rows[0]["value"] = next(
        value for value in ("negative", "positive") if value != rows[0]["value"]
    )
    otherwise = labelled.validate("record", save(sheet, rows))
    assert otherwise.code == 2
    assert "was recorded for ana at" in otherwise.err
    assert labelled.rows(LABELS) == [(12,)]
    assert labelled.validate("record", sheet, "--correct").code == 0
    # both are kept, one counts
    assert labelled.rows(LABELS) == [(24,)]
    assert labelled.rows("select count(*) from validation_pairs") == [(12,)]
    assert labelled.rows(
        f"select label from validation_pairs where conversation_id = '{rows[0]['conversation_id']}'"
    ) == [(rows[0]["value"],)]


def test_a_recording_that_fails_halfway_leaves_nothing(labelled):
    path = labelled.data / "published" / "assay.duckdb"
    with open_published(path) as published:
        sheet = draw(published, path.name, CORE[0], Design(5, 1))
    ids = [row.conversation_id for row in sheet.rows]
    labels = [Label(each, "neutral", None) for each in ids]
    with Ledger.open(labelled.data / "ledger.duckdb") as ledger:
        records.keep(ledger.connection, sheet)
        ledger.connection.execute("drop table validation_labels cascade")
        ledger.connection.execute(
            "create table validation_labels (validation_id varchar,"
            f" conversation_id varchar check (conversation_id != '{ids[3]}'), value varchar, note varchar)"
        )
        ledger.prepare()
        with pytest.raises(duckdb.ConstraintException):
            records.record(ledger.connection, sheet, "ana", labels, "sheet.csv")
    assert labelled.rows("select count(*) from validations") == [(0,)]
    assert labelled.rows(LABELS) == [(0,)]
