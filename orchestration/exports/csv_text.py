"""CSV exports as text: each record exactly as it was received, in order, with its position."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from contracts.exports import ExportDeclaration
from orchestration.exports import refusal
from orchestration.exports.json_text import RECORD_BYTES
from orchestration.exports.received import open_plain


@dataclass(frozen=True)
class CsvText:
    """One record as received with its fields; `problem` says why it cannot be read at all."""

    position: int
    text: str
    fields: list[str]
    problem: str | None = None


def csv_texts(path: Path, declared: ExportDeclaration, columns: int) -> Iterator[CsvText]:
    """Every record after the header, blank lines left out, in the order of the file."""
    csv.field_size_limit(RECORD_BYTES)
    with open_plain(path) as stream:
        # Bytes that are not UTF-8 come through as surrogates, so only their record is lost.
        text = io.TextIOWrapper(stream, "utf-8-sig", errors="surrogateescape", newline="")
        lines = _Lines(text)
        reader = csv.reader(
            lines, delimiter=declared.delimiter, quotechar=declared.quote, strict=True
        )
        position, is_header = 0, True
        while True:
            problem, fields = None, []
            try:
                fields = next(reader)
            except StopIteration:
                return
            except EOFError:
                raise refusal.truncated("gzip archive") from None
            except csv.Error as error:
                problem = f"is not CSV: {_in_words(error)}"
            received = lines.taken()
            if not received.strip("\r\n") and not problem:
                continue
            if is_header:
                is_header = False
                continue
            position += 1
            # DuckDB, too, takes empty fields beyond the header for no fields at all.
            while len(fields) > columns and not fields[-1]:
                fields.pop()
            yield CsvText(
                position, received, fields, problem or _problem(received, fields, columns)
            )


def _in_words(error: csv.Error) -> str:
    if "unexpected end of data" in str(error):
        return "a quote opened in it is never closed, so it runs to the end of the file"
    return str(error)


class _Lines:
    """Hands lines to the CSV reader and remembers those of the record being read."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._since: list[str] = []

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = next(self._text)
        self._since.append(line)
        return line

    def taken(self) -> str:
        received, self._since = "".join(self._since), []
        return received.rstrip("\r\n")


def _problem(text: str, fields: list[str], columns: int) -> str | None:
    if len(fields) != columns:
        return f"has {len(fields)} columns, but the header {columns}"
    if "\0" in text:
        return f"holds a NUL byte at its character {text.index(chr(0)) + 1:,}"
    if not text.isascii() and any("\udc80" <= letter <= "\udcff" for letter in text):
        return "is not UTF-8"
    if len(text) > RECORD_BYTES:
        return f"is larger than {RECORD_BYTES >> 20} MB"
    return None
