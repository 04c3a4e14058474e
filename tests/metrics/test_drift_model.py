"""Drift of a real build, held to bounds that anything exceeds: what each measure then tells beside its number."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

METRIC = "high_effort_share"
"""It counts what a signal says."""

STRICT = {
    "$.drift_controls.min_conversations": "10",
    "$.drift_controls.standard_errors": "0",
}
BOUNDS = (
    "driver_mix", "segment_mix", "canonical_tag_mix", "channel_mix", "hour_mix", "language_mix", "label_mix",
    "confidence_mix", "unmapped_share", "volume",
)  # fmt: skip


@pytest.fixture
def build(built) -> Iterator[duckdb.DuckDBPyConnection]:
    """The candidate of a build with `work`, in a transaction that is rolled back."""
    with duckdb.connect(str(built.data / "candidate.duckdb")) as connection:
        connection.execute(f"attach '{built.data / 'work.duckdb'}' as work")
        connection.execute("set timezone = 'UTC'")
        contract = "contract"
        for path, value in STRICT.items():
            contract = f"json_merge_patch({contract}, {_nested(path, value)})"
        for name in BOUNDS:
            contract = f"json_merge_patch({contract}, {_nested(f'$.drift_controls.bounds.{name}', '1e-9')})"
        connection.execute(
            f"create temp table strict as select * replace ({contract} as contract) from work.raw.contracts"
            f" where metric = '{METRIC}'"
        )
        yield connection


def _nested(path: str, value: str) -> str:
    opened = "".join(f'{{"{key}":' for key in path.removeprefix("$.").split("."))
    return f"'{opened}{value}{'}' * opened.count('{')}'"


def drifted(connection: duckdb.DuckDBPyConnection, data: Path) -> list[dict[str, object]]:
    """What the model as compiled tells of the metric, of all that is above a bound."""
    compiled = data / "dbt" / "compiled" / "assay" / "models" / "counted" / "metric_drift.sql"
    sql = compiled.read_text().replace('"work"."raw"."contracts"', "strict")
    relation = connection.execute(
        f"from ({sql}) where is_over and metric = '{METRIC}' order by measure, period_start"
    )
    names = [column[0] for column in relation.description or ()]
    return [dict(zip(names, row, strict=True)) for row in relation.fetchall()]


def test_of_every_measure_that_is_over_conversations_from_before_and_after_are_shown(build, built):
    found = drifted(build, built.data)
    assert {"driver_mix", "hour_mix", "label_mix", "confidence_mix", "volume"} <= {
        each["measure"] for each in found
    }
    shown = {
        measure: [each for each in found if each["measure"] == measure and each["examples_after"]]
        for measure in {each["measure"] for each in found}
    }
    assert all(shown.values()), {name for name, rows in shown.items() if not rows}
    assert any(each["examples_before"] for rows in shown.values() for each in rows)


def test_the_conversations_shown_are_of_the_member_that_moved(build, built):
    for each in drifted(build, built.data):
        if each["measure"] != "label_mix":
            continue
        for conversation in each["examples_after"] or ():
            ((value,),) = build.execute(
                "select value from marts.fct_signals where signal = 'customer_effort' and conversation_id = ?",
                [conversation],
            ).fetchall()
            assert (value or "none") == each["slice"]


def test_a_share_without_a_known_tag_tells_how_far_the_mix_moved_the_value(build, built):
    unmapped = [each for each in drifted(build, built.data) if each["measure"] == "unmapped_share"]
    assert unmapped
    assert all(each["moved_value"] is not None for each in unmapped)


def test_where_two_classifiers_answer_a_label_is_one_of_each(build, built):
    build.execute("begin")
    build.execute(
        "update marts.fct_signals set classifier = 'reader', classifier_version = '2'"
        " where signal = 'customer_effort' and hash(conversation_id) % 2 = 0"
    )
    labels = {
        each["slice"] for each in drifted(build, built.data) if each["measure"] == "label_mix"
    }
    build.execute("rollback")
    assert any(str(label).endswith(" by reader 2") for label in labels)
    assert all(" by " in str(label) or label == "none" for label in labels)
