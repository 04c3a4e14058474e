"""What was received and could not be used, asked of the work database: it is told before any mart is built."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.printable import masked
from orchestration.rows import Row, told
from orchestration.scorecard import WORST

REFUSED = "select file, reason from raw.exports where status = 'refused' order by file"

QUARANTINE = """
select exports.file, quarantine.position, quarantine.reason
from raw.quarantine inner join raw.exports using (export_seq)
order by exports.file, quarantine.position
"""


@dataclass(frozen=True)
class Refusals:
    """Files refused, the first records in quarantine, and how many are there."""

    refused: list[Row]
    quarantine: list[Row]
    quarantine_count: int


def read_refusals(work: Path) -> Refusals:
    """Read the refused files and the first quarantined records from the work database."""
    try:
        with duckdb.connect(str(work), read_only=True) as connection:
            refused = told(connection, REFUSED)
            quarantine = told(connection, f"{QUARANTINE} limit {WORST}")
            ((count,),) = connection.execute("select count(*) from raw.quarantine").fetchall()
    except (duckdb.CatalogException, duckdb.IOException):
        # the run ended before its first export, or for the sake of this very file
        return Refusals([], [], 0)
    for row in (*refused, *quarantine):
        row.update(file=masked(row["file"]), reason=masked(row["reason"] or ""))
    return Refusals(refused, quarantine, count)
