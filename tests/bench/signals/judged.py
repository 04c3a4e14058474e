"""What the product says of texts: they are exported, run and read back as any user's would be."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import duckdb

HEADERS = (
    "Date received",
    "Product",
    "Issue",
    "Consumer complaint narrative",
    "Submitted via",
    "Complaint ID",
)


def judge(texts: Mapping[str, str], folder: Path) -> dict[tuple[str, str], str | None]:
    """
    (id, signal) → value, None where the classifier abstained; `canonical_tag` for the tag inferred.

    Texts go through `assay run` as a CSV of complaints. Raises RuntimeError with what the run said
    where it does not end well.
    """
    exports = folder / "exports" / "cfpb"
    exports.mkdir(parents=True, exist_ok=True)
    with (exports / "texts.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADERS)
        writer.writerows(
            # no product and no issue: they would be tags, and only the untagged get one from words
            ("2020-01-06", "", "", text, "Web", id_)
            for id_, text in texts.items()
        )
    ended = subprocess.run(
        [str(Path(sys.executable).with_name("assay")), "run", "--exports", str(folder / "exports")],
        env={**os.environ, "ASSAY_DATA": str(folder)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if ended.returncode != 0:
        raise RuntimeError(ended.stdout + ended.stderr)
    with duckdb.connect(str(folder / "published" / "assay.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            "select source_id, signal, value from marts.fct_signals"
            " inner join marts.fct_conversations using (conversation_id) union all"
            " select source_id, 'canonical_tag', canonical_tags[1] from marts.fct_conversations"
            " where driver_method = 'keyword'"
        ).fetchall()
    return {(id_, signal): value for id_, signal, value in rows}
