"""A sheet as a CSV file: written for people and spreadsheets, read back as they left it."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from contracts.errors import ContractError, did_you_mean
from signals.validation.question import as_written
from signals.validation.sheet import Sheet
from signals.validation.transcript import cell_as_written, formula_safe

COLUMNS = (
    "conversation_id", "question", "allowed_values", "transcript", "value", "note", "reviewer",
    "signal", "classifier", "classifier_version", "build", "is_simulated", "sheet_id",
)  # fmt: skip
"""The answer stands beside what it answers; what ties the row to its sheet comes last."""


class SheetError(ContractError):
    """A filled sheet cannot be recorded: every reason found, with file and line."""


@dataclass
class Line:
    """One row of a file: `number` is the line it begins on, the header being line 1."""

    number: int
    cells: dict[str, str] = field(default_factory=dict)


def write(path: Path, sheet: Sheet, reviewer: str, values: Mapping[str, str] | None = None) -> None:
    """Write a sheet for a reviewer, with `values` by conversation where there are any, and without predictions."""
    values = values or {}
    write_lines(
        path,
        [
            {
                "conversation_id": row.conversation_id,
                "question": sheet.question.about(row.predicted),
                "allowed_values": as_written(sheet.question.values),
                "transcript": row.transcript,
                "value": values.get(row.conversation_id, ""),
                "note": "",
                "reviewer": reviewer,
                **stated(sheet),
            }
            for row in sheet.rows
        ],
    )


def stated(sheet: Sheet) -> dict[str, str]:
    """What every row of a sheet's file says of the sheet."""
    return {
        "signal": sheet.question.signal,
        "classifier": sheet.classifier,
        "classifier_version": sheet.classifier_version,
        "build": sheet.build,
        "is_simulated": "yes" if sheet.is_simulated else "no",
        "sheet_id": sheet.sheet_id,
    }


def write_lines(path: Path, lines: list[dict[str, str]]) -> None:
    """Write the file whole or not at all: a reviewer's work is in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.unfinished")
    # the mark at the beginning makes spreadsheets read it as UTF-8
    with unfinished.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for line in lines:
            writer.writerow({name: formula_safe(cell) for name, cell in line.items()})
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def read(path: Path) -> list[Line]:
    """
    The rows of a sheet's file, split at commas, semicolons or tabs as its header is.

    Raises SheetError for a file that is no sheet; what its rows say is not judged here.
    """
    try:
        # universal line ends would change transcripts, not the text the reviewer wrote
        with path.open(encoding="utf-8-sig", newline="") as file:
            header = file.readline()
            file.seek(0)
            reader = csv.reader(file, delimiter=max(",;\t", key=header.count))
            names = [name.strip() for name in next(reader, [])]
            _check_header(path, names)
            lines = []
            begins = reader.line_num + 1
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    lines.append(_line(path, begins, names, cells))
                begins = reader.line_num + 1
    except UnicodeDecodeError as error:
        raise SheetError(
            {str(path): ["is not in UTF-8: save it from the spreadsheet as “CSV UTF-8”."]}
        ) from error
    except csv.Error as error:
        raise SheetError({str(path): [f"cannot be read as CSV: {error}."]}) from error
    except OSError as error:
        raise SheetError({str(path): [f"{error.strerror or error}."]}) from error
    return lines


def _line(path: Path, number: int, names: list[str], cells: list[str]) -> Line:
    if len(cells) != len(names):
        raise SheetError(
            {
                str(path): [
                    f"line {number}: {len(cells)} cells where the header has {len(names)}: "
                    "a quote or a separator was lost. Save it again as CSV, or draw the sheet again."
                ]
            }
        )
    return Line(number, dict(zip(names, map(cell_as_written, cells), strict=True)))


def _check_header(path: Path, names: list[str]) -> None:
    problems = [
        f"line 1: the column {name} is missing." for name in COLUMNS if name not in names
    ] + [
        f"line 1: {name or 'a column without a name'} is not a column of a sheet."
        f"{did_you_mean(name, COLUMNS)} Remarks belong into note."
        for name in names
        if name not in COLUMNS
    ]
    problems += [
        f"line 1: the column {name} stands twice." for name in COLUMNS if names.count(name) > 1
    ]
    if problems:
        raise SheetError({str(path): problems})
