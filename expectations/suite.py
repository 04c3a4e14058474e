"""What a suite is: one measurement, what is expected of it, and what to do when it is not met."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation

Severity = Literal["blocking", "warning", "note"]
"""A note is told and changes no metric's status."""

Row = Mapping[str, Any]

RULES_OUT_SILENCE = {"rules_out": "silence"}
"""Meta of an expectation that only asks whether there is anything to judge: failing it is
"not measured", never "measured bad"."""


@dataclass(frozen=True)
class Held:
    """
    A metric that a suite holds to its contract: by which bound, whose it is, what to do where it fails, and the
    contract's file.
    """

    metric: str
    version: str
    owner: str
    bound: str
    limit: float | None
    remedy: str
    file: str


@dataclass(frozen=True)
class Suite:
    """
    One clause, judged on one measurement.

    `measurement` is a SELECT on the file being judged; `keys` are the columns of it that name a
    failing row. Keys and compared columns are shown in Data Docs: never measure ticket text.
    `expectations` is called by the runner, so that declaring a suite costs no import of Great
    Expectations. With `tell`, every failing row is a slice of its own and told as a sentence;
    its keys then hold `period_start` and `slice`, and the measurement comes worst first. Keys `metric` and
    `version` say of which metric the slice is.

    A suite that holds metrics to their contracts (`held`) judges all of them in one: each metric has a row of the
    measurement at least, and an outcome of its own. Where silence is allowed (`may_be_empty`) a row may still say
    `must_be_measured`: then what was not measured speaks against its metric. Of all others `owner` and `file` are
    those of the model that is judged.
    """

    name: str
    clause: str
    severity: Severity
    relation: str
    measurement: str
    keys: tuple[str, ...]
    expectations: Callable[[], list[Expectation]]
    remedy: str
    when_silent: str
    owner: str | None = None
    file: str | None = None
    held: tuple[Held, ...] = ()
    bound: str | None = None
    limit: float | None = None
    may_be_empty: bool = False
    tell: Callable[[Row], str] | None = None


def literal(text: str) -> str:
    """
    A text as a measurement may hold it.

    SQLAlchemy reads a colon as the start of a parameter, and however escaped, Great Expectations has it read
    twice.
    """
    quoted = text.replace("'", "''").replace(":", "' || chr(58) || '")
    return f"'{quoted}'"


def there_are_rows() -> Expectation:
    """Expect at least one row: on an empty measurement every other expectation passes."""
    from great_expectations import expectations as gxe

    return gxe.ExpectTableRowCountToBeBetween(
        min_value=1, meta=RULES_OUT_SILENCE, description="there is something to judge"
    )


def is_measured(column: str) -> Expectation:
    """Expect `column`, which is never below 0, in at least one row: of all null there is nothing to compare."""
    from great_expectations import expectations as gxe

    # its observed value is the lowest there is; an empty measurement and one of nulls have none
    return gxe.ExpectColumnMinToBeBetween(
        column=column, min_value=0, meta=RULES_OUT_SILENCE, description=f"{column} is measured"
    )
