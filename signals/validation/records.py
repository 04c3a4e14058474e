"""Sheets and labels in the ledger: what was drawn, and what people said of it. Rows are added, never changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb

from signals.validation.checks import Label
from signals.validation.question import Question, ValidationError
from signals.validation.sheet import OF_METRIC, Design, Drawn, Sheet


@dataclass(frozen=True)
class Recorded:
    """The number of a validation, and whether it was not in the ledger before."""

    validation_id: str
    is_new: bool


def keep(ledger: duckdb.DuckDBPyConnection, sheet: Sheet) -> None:
    """
    Keep a drawn sheet with its predictions; twice is once.

    They are kept when drawn, not read again when labels come: builds are deleted while people read.
    """
    if sheet.sheet_id in known_sheets(ledger):
        return
    question, design = sheet.question, sheet.design
    ledger.execute("begin")
    ledger.execute(
        f"insert into validation_sheets values ({', '.join('?' * 15)})",
        [
            sheet.sheet_id, question.signal, question.text, list(question.values),
            sheet.classifier, sheet.classifier_version, sheet.build,
            design.name, design.stratified_by, design.size, design.seed,
            sheet.conversations, sheet.is_simulated, sheet.error_rate, datetime.now(UTC),
        ],
    )  # fmt: skip
    ledger.executemany(
        f"insert into validation_drawn values ({', '.join('?' * 10)})",
        [
            [
                sheet.sheet_id, place, row.conversation_id, row.stratum, row.fingerprint,
                row.predicted, row.confidence, row.abstain_reason, row.message_no, row.quote,
            ]
            for place, row in enumerate(sheet.rows, start=1)
        ],
    )  # fmt: skip
    # what a metric counts is confirmed, not estimated: its sheet stands for no population
    if sheet.by_day:
        ledger.executemany(
            "insert into validation_populations values (?, ?, ?)",
            [[sheet.sheet_id, day, conversations] for day, conversations in sheet.by_day],
        )
    ledger.execute("commit")


def known_sheets(ledger: duckdb.DuckDBPyConnection) -> list[str]:
    """The sheets drawn so far."""
    found = ledger.execute("select sheet_id from validation_sheets order by drawn_at").fetchall()
    return [name for (name,) in found]


def find_sheet(ledger: duckdb.DuckDBPyConnection, sheet_id: str) -> Sheet:
    """A sheet as it was drawn, without its transcripts, of which the fingerprints are kept."""
    (
        (signal, text, values, classifier, version, build, name, by, size, seed, population, rate),
    ) = ledger.execute(
        "select signal, question, allowed_values, classifier, classifier_version, build,"
        " design, stratified_by, size, seed, conversations, error_rate"
        " from validation_sheets where sheet_id = ?",
        [sheet_id],
    ).fetchall()
    rows = ledger.execute(
        "select conversation_id, stratum, '', fingerprint, predicted, confidence, abstain_reason,"
        " message_no, quote from validation_drawn where sheet_id = ? order by place",
        [sheet_id],
    ).fetchall()
    return Sheet(
        sheet_id,
        Question(signal, text, tuple(values)),
        classifier,
        version,
        build,
        Design(size, seed, by, name.partition(OF_METRIC)[2] or None),
        population,
        rate,
        tuple(Drawn(*row) for row in rows),
    )


def record(
    ledger: duckdb.DuckDBPyConnection,
    sheet: Sheet,
    reviewer: str,
    labels: Sequence[Label],
    file: str,
    corrects: bool = False,
) -> Recorded:
    """
    Store what a reviewer said of a sheet, whole or not at all; the same again is once.

    `corrects` puts it in the place of what the reviewer said of the sheet before, which stays in the ledger.
    Raises ValidationError where the reviewer said otherwise before, or there is nothing to correct.
    """
    before = _standing(ledger, sheet.sheet_id, reviewer)
    said = sorted((each.conversation_id, each.value, each.note or "") for each in labels)
    if before and said == _said(ledger, before[0]):
        return Recorded(before[0], is_new=False)
    _check_again(before, sheet, reviewer, corrects)
    replaces = before[0] if before else None
    digest = hashlib.sha256(json.dumps([sheet.sheet_id, reviewer, said, replaces]).encode())
    validation = digest.hexdigest()[:12]
    ledger.execute("begin")
    ledger.execute(
        f"insert into validations values ({', '.join('?' * 14)})",
        [
            validation, sheet.sheet_id, sheet.question.signal, sheet.classifier,
            sheet.classifier_version, sheet.build, sheet.design.name, reviewer,
            sheet.is_simulated, sheet.error_rate, len(labels), file, replaces, datetime.now(UTC),
        ],
    )  # fmt: skip
    ledger.executemany(
        "insert into validation_labels values (?, ?, ?, ?)",
        [[validation, each.conversation_id, each.value, each.note] for each in labels],
    )
    ledger.execute("commit")
    return Recorded(validation, is_new=True)


def _said(ledger: duckdb.DuckDBPyConnection, validation: str) -> list[tuple[str, str, str]]:
    rows = ledger.execute(
        "select conversation_id, value, coalesce(note, '') from validation_labels"
        " where validation_id = ?",
        [validation],
    ).fetchall()
    return sorted(rows)


def _check_again(before: Any, sheet: Sheet, reviewer: str, corrects: bool) -> None:
    if before and not corrects:
        raise ValidationError(
            f"Sheet {sheet.sheet_id} was recorded for {reviewer} at {before[1]:%Y-%m-%d %H:%M} UTC, "
            "with other values or notes. To put this file in its place, say --correct; the earlier "
            "one stays in the ledger."
        )
    if corrects and not before:
        raise ValidationError(
            f"Sheet {sheet.sheet_id} was not recorded for {reviewer} yet: leave --correct away."
        )


def _standing(
    ledger: duckdb.DuckDBPyConnection, sheet_id: str, reviewer: str
) -> tuple[str, datetime] | None:
    found = ledger.execute(
        "select distinct validation_id, recorded_at from validation_pairs"
        " where sheet_id = ? and reviewer = ?",
        [sheet_id, reviewer],
    ).fetchall()
    return found[0] if found else None
