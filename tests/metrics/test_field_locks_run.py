"""A locked field renamed in an export: told before it is built on, provisional at once, settled by a person."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from running import Built, Ended, assay

FILE = "zendesk/tickets-2026-10-01.ndjson"

STATUS = "select status from marts.metric_contracts where metric = 'reopen_rate'"
REASONS = (
    "select list_filter(status_reasons, lambda told: not starts_with(told, 'stale'))"
    " from marts.metric_contracts where metric = 'reopen_rate'"
)
"""But for how late it is, which the clock and the newest export tell."""


@pytest.fixture
def renamed(validated: Built, day_after: Path, copy_of, tmp_path: Path) -> tuple[Built, Ended]:
    """The small world, its metrics active, run again on a day whose tickets call their status otherwise."""
    exports = tmp_path / "exports"
    shutil.copytree(validated.exports, exports)
    lines = [json.loads(line) for line in (day_after / FILE).read_text().splitlines()]
    for line in lines:
        line["ticket"]["ticket_state"] = line["ticket"].pop("status")
    (exports / FILE).write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    copied = copy_of(validated)
    ended = assay("run", "--exports", exports, data=copied.data)
    assert ended.code == 0, ended.out + ended.err
    return Built(copied.data, exports, ended), ended


@pytest.mark.worlds
def test_a_renamed_field_is_told_makes_its_metrics_provisional_and_is_settled_by_a_person(
    validated, renamed
):
    assert validated.value(STATUS) == "active"
    built, ended = renamed
    said = f"{FILE}: zendesk.tickets.status is gone, from record 1 on; ticket_state stands in its place."
    (line,) = [line for line in ended.out.splitlines() if line.startswith("Changed: ")]
    assert line.startswith(f"Changed: {said} Provisional until somebody has looked: ")
    assert "reopen_rate" in line
    assert "csat_response_rate" not in line

    assert (built.value(STATUS), built.value(REASONS)[0]) == ("provisional", said)
    assert (
        built.value("select status from marts.metric_contracts where metric = 'csat_response_rate'")
        == "active"
    )
    assert built.rows(
        "select field, file, kind, before, after, position, is_settled from marts.field_changes"
        " where metric = 'reopen_rate'"
    ) == [("status", FILE, "renamed", "status", "ticket_state", 1, False)]

    nothing = assay(
        "contract",
        "revalidate",
        "csat_response_rate",
        "--reviewer",
        "ana",
        "--saw",
        "x",
        data=built.data,
    )
    assert nothing.code == 2
    assert "there is nothing to settle" in nothing.err
    settled = assay(
        "contract", "revalidate", "reopen_rate", "--reviewer", "ana",
        "--saw", "The same states under another name.", data=built.data,
    )  # fmt: skip
    assert settled.code == 0, settled.err
    assert settled.out.splitlines()[0] == said

    again = assay("run", "--exports", built.exports, data=built.data)
    assert again.code == 0, again.out + again.err
    assert (built.value(STATUS), built.value(REASONS)) == ("active", validated.value(REASONS))
    assert (
        built.value(
            "select status from marts.metric_contracts where metric = 'full_resolution_hours_median'"
        )
        == "provisional"
    ), "each metric is looked at for itself"
