"""A published number as text: its period, its value with its standing, and errors where there is none."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from orchestration.cli import ending
from orchestration.cli.metric_table import value
from orchestration.metrics.number import Number, NumberError
from orchestration.printable import of_another_program, one_line
from orchestration.publishing import open_published
from orchestration.rows import Row
from orchestration.stores import Stores

STANDING = {
    "draft": "DRAFT, not for leaders",
    "withheld": "WITHHELD, its value is not told",
    "retired": "RETIRED",
    "provisional": "Provisional",
    "active": "Active",
}
"""How a number says how it stands before anything else."""


@contextmanager
def published() -> Iterator[duckdb.DuckDBPyConnection]:
    """The newest published build, opened to read. Ends the command with a sentence where a number is not in it."""
    pointer = Stores.from_environment().pointer
    if not pointer.exists():
        ending.stop(f"{pointer}: nothing is published yet. Run `assay run --exports DIR` first.")
    try:
        with open_published(pointer) as connection:
            yield connection
    except NumberError as error:
        ending.stop(str(error))
    except (duckdb.CatalogException, duckdb.BinderException):
        ending.stop(f"{pointer} is of an earlier version and holds no such facts. Run `assay run`.")
    except duckdb.IOException as error:
        ending.stop(f"{pointer} cannot be read. {of_another_program(str(error))} Run `assay run`.")


def period_name(number: Number, row: Row) -> str:
    """A period as people call it."""
    start, cadence = row["period_start"], number.contract["cadence"]
    match cadence:
        case "hour":
            return f"{start:%Y-%m-%d %H:00} UTC"
        case "week":
            return f"week of {start:%Y-%m-%d}"
        case "month":
            return f"{start:%Y-%m}"
        case "quarter":
            return f"{start.year}-Q{(start.month + 2) // 3}"
        case _:
            return f"{start:%Y-%m-%d}"


def headline(number: Number, row: Row, member: str = "") -> str:
    """The value of a row in its unit, of what and when: one line."""
    told = value({**number.contract, **row, "status": number.period["status"]})
    if row["value"] is not None and number.contract["value_kind"] != "count":
        told += f" over {row['conversations']:,} conversations"
    # a count of few is as exact as one of many
    is_few = row["is_small"] and number.contract["value_kind"] != "count"
    few = ", too few to tell anything" if is_few else ""
    going_on = "" if number.period["is_complete"] else ", not complete yet"
    named = f"{number.contract['title']}, {period_name(number, number.period)}"
    return one_line(f"{named}{member}: {told}{few}{going_on}")


def standing(number: Number, most: int = 3) -> list[str]:
    """What is to be said of the number before it is shown, a line for each of the first reasons."""
    period = number.period
    status, reasons = period["status"], [one_line(each) for each in period["status_reasons"] or ()]
    said = STANDING[status]
    if status == "active" and not reasons:
        return [said]
    more = [f"and {len(reasons) - most:,} more reasons"] if len(reasons) > most else []
    first, *others = [*reasons[:most], *more] or ["no reason is recorded"]
    return [f"{said}: {first}", *(f"  {each}" for each in others)]


def cut(text: str, width: int) -> str:
    """The text on one line of so many columns, safe to print."""
    plain = one_line(text)
    return plain if len(plain) <= width else plain[: width - 1].rstrip() + "…"


def wrapped(text: str, width: int, lines: int, indent: str = "  ") -> list[str]:
    """The text on so many lines at most, further ones indented."""
    return textwrap.wrap(
        one_line(text), width, max_lines=lines, placeholder=" …", subsequent_indent=indent + "  ",
        initial_indent=indent,
    )  # fmt: skip


def quoted(row: Row, width: int) -> str:
    """A quote with where it stands, on one line: the quote gives way, never the id."""
    at = one_line(f"{row['conversation_id']}, {row['driver']}")
    words = one_line(row["quote"]) if row["quote"] else "(no words)"
    return f"  “{cut(words, max(20, width - len(at) - 6))}”  {at}"
