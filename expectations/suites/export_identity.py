"""Nothing is lost between an export and raw: what was seen is accounted for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.suite import Suite, there_are_rows

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation

MEASUREMENT = """\
select
    export_id,
    seen,
    kept,
    duplicates,
    quarantined,
    seen - (kept + duplicates + quarantined) as unaccounted

from marts.exports
where status = 'loaded'
"""


def export_identity() -> Suite:
    """Every record seen in a loaded export was kept, an exact duplicate, or quarantined."""
    return Suite(
        name="export_identity",
        clause="seen = kept + duplicates + quarantined",
        severity="blocking",
        relation="marts.exports",
        measurement=MEASUREMENT,
        keys=("export_id", "seen", "kept", "duplicates", "quarantined"),
        expectations=_expectations,
        when_silent="No export has been loaded, so there is no record to account for.",
        remedy=(
            "Load the named export again from its file; if it still does not add up, "
            "its loader loses or doubles records."
        ),
    )


def _expectations() -> list[Expectation]:
    from great_expectations import expectations as gxe

    return [
        there_are_rows(),
        gxe.ExpectColumnValuesToNotBeNull(
            column="export_id", description="every export has an export_id"
        ),
        gxe.ExpectColumnValuesToBeUnique(
            column="export_id", description="an export is listed once"
        ),
        # a count that is null makes the difference null, which a range would let pass
        gxe.ExpectColumnValuesToNotBeNull(
            column="unaccounted", description="an export states all four counts"
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="unaccounted",
            min_value=0,
            max_value=0,
            description="no record of an export is unaccounted for",
        ),
    ]
