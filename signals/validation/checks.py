"""What keeps a filled sheet from being recorded, every reason at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from contracts.errors import did_you_mean
from signals.validation.question import as_written
from signals.validation.sheet import Sheet
from signals.validation.sheet_file import Line, SheetError, stated
from signals.validation.transcript import fingerprint


@dataclass(frozen=True)
class Label:
    """What a reviewer said of one conversation."""

    conversation_id: str
    value: str
    note: str | None


@dataclass(frozen=True)
class Standing:
    """
    What builds that are still kept say of a sheet.

    `versions` are the (classifier, version) pairs that answer the signal in any of them; `predicted` is what the
    sheet's own build says by conversation, null where that build is no longer kept.
    """

    versions: Collection[tuple[str, str]]
    predicted: Mapping[str, str | None] | None


def sheet_of(file: str, lines: list[Line], known: Collection[str]) -> str:
    """The one sheet a file is of. Raises SheetError where it is none, or one that was not drawn here."""
    if not lines:
        raise SheetError({file: ["holds no rows."]})
    first = lines[0].cells["sheet_id"].strip()
    if first not in known:
        raise SheetError(
            {
                file: [
                    f"line {lines[0].number}: no sheet {first or '(none)'} was drawn here."
                    f"{did_you_mean(first, known)} "
                    "Record it with the data folder it was drawn in (ASSAY_DATA)."
                ]
            }
        )
    return first


def reviewer_of(file: str, lines: list[Line], given: str | None) -> str:
    """Who filled the file: as given, else as its rows say. Raises SheetError for nobody, or for several."""
    if given and given.strip():
        return given.strip()
    named = sorted({line.cells["reviewer"].strip() for line in lines})
    if len(named) == 1 and named[0]:
        return named[0]
    found = "names no reviewer" if named in ([], [""]) else f"names {len(named)} reviewers"
    raise SheetError({file: [f"{found}: say who it was with --reviewer NAME."]})


def check(file: str, lines: list[Line], sheet: Sheet, standing: Standing) -> list[Label]:
    """The labels of a filled sheet. Raises SheetError with everything that is wrong with it."""
    problems = [
        *_version_problems(lines[0], sheet, standing),
        *_row_problems(lines, sheet),
        *_coverage_problems(lines, sheet),
        *_changed_predictions(lines, sheet, standing),
    ]
    if problems:
        raise SheetError({file: problems})
    return [
        Label(
            line.cells["conversation_id"].strip(),
            str(_allowed(line.cells["value"], sheet)),
            line.cells["note"].strip() or None,
        )
        for line in lines
    ]


def _version_problems(first: Line, sheet: Sheet, standing: Standing) -> Iterator[str]:
    drawn = (sheet.classifier, sheet.classifier_version)
    if drawn not in standing.versions:
        now = ", ".join(" ".join(each) for each in sorted(standing.versions)) or "none"
        yield (
            f"line {first.number}: the sheet was drawn for {' '.join(drawn)}, which answers "
            f"{sheet.question.signal} in no build that is kept (there: {now}). "
            "Labels for a version that no longer exists measure nothing: draw a new sheet."
        )


def _row_problems(lines: list[Line], sheet: Sheet) -> Iterator[str]:
    drawn = {row.conversation_id: row for row in sheet.rows}
    expected = stated(sheet)
    for line in lines:
        cells = line.cells
        conversation = cells["conversation_id"].strip()
        where = f"line {line.number}, {conversation or 'no conversation'}"
        for name, value in expected.items():
            if cells[name].strip() != value:
                yield f"{where}: {name} is {cells[name] or 'empty'}; the sheet was drawn with {value}."
        if conversation not in drawn:
            yield (
                f"{where}: this conversation was not drawn for the sheet."
                f"{did_you_mean(conversation, drawn)}"
            )
        elif fingerprint(cells["transcript"]) != drawn[conversation].fingerprint:
            yield (
                f"{where}: the transcript is not the one drawn for this conversation. If columns "
                "were sorted or moved apart, values stand beside the wrong conversation."
            )
        allowed = as_written(sheet.question.values)
        if not cells["value"].strip():
            yield f"{where}: value is missing; write one of {allowed}."
        elif _allowed(cells["value"], sheet) is None:
            yield (
                f"{where}: value is {cells['value'].strip()}; write one of {allowed}."
                f"{did_you_mean(cells['value'], sheet.question.values)}"
            )


def _coverage_problems(lines: list[Line], sheet: Sheet) -> Iterator[str]:
    first: dict[str, int] = {}
    for line in lines:
        conversation = line.cells["conversation_id"].strip()
        if conversation in first:
            yield (
                f"line {line.number}, {conversation}: the conversation stands on line "
                f"{first[conversation]} already; leave one of the two."
            )
        first.setdefault(conversation, line.number)
    missing = [row.conversation_id for row in sheet.rows if row.conversation_id not in first]
    if missing:
        yield (
            f"line {lines[-1].number}, after the last row: {len(missing):,} of {len(sheet.rows):,} "
            f"conversations of the sheet are missing: {_some(missing)}. Rows left out by choice "
            "make a sample lie; put them back, or draw a smaller sheet."
        )


def _changed_predictions(lines: list[Line], sheet: Sheet, standing: Standing) -> Iterator[str]:
    if standing.predicted is None:
        return
    numbers = {line.cells["conversation_id"].strip(): line.number for line in lines}
    for row in sheet.rows:
        now = standing.predicted.get(row.conversation_id)
        if now != row.predicted and row.conversation_id in numbers:
            yield (
                f"line {numbers[row.conversation_id]}, {row.conversation_id}: the prediction was "
                f"{row.predicted or 'abstained'} when the sheet was drawn and is "
                f"{now or 'abstained'} in {sheet.build} now. One of the two was changed: draw a new sheet."
            )


def _allowed(written: str, sheet: Sheet) -> str | None:
    """The allowed value that was written; spreadsheets like to begin a cell with a capital."""
    by_lower = {value.lower(): value for value in sheet.question.values}
    return by_lower.get(written.strip().lower())


def _some(names: Iterable[str]) -> str:
    names = list(names)
    rest = len(names) - 3
    return ", ".join(names[:3]) + (f" and {rest:,} more" if rest > 0 else "")
