"""A purpose sees metrics that are active and licensed for it, and learns why not the others."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
import yaml
from running import ROOT, Built

from contracts.errors import ContractError
from contracts.purposes import read_purposes
from orchestration.publishing import open_published

PURPOSES = yaml.safe_load((ROOT / "dbt_project" / "dbt_project.yml").read_text())["vars"][
    "purposes"
]


@pytest.mark.parametrize("purpose", PURPOSES)
def test_every_metric_is_either_shown_to_a_purpose_or_withheld_from_it_with_a_reason(
    validated, purpose
):
    wanted = dict(
        validated.rows(
            f"select metric, status = 'active' and list_contains(allowed, '{purpose}') from marts.metric_contracts"
        )
    )
    shown = {
        name for (name,) in validated.rows(f"select distinct metric from {purpose}.metric_values")
    }
    withheld = validated.rows(
        f"select metric, reasons from {purpose}.withheld where period_start is null"
    )
    assert shown == {name for name, may in wanted.items() if may}
    assert {name for name, _ in withheld} == wanted.keys() - shown
    assert all(reasons and all(reasons) for _, reasons in withheld)
    assert shown, "a world in which nothing is shown shows nothing"


def test_no_purpose_sees_a_period_that_something_speaks_against(validated):
    for purpose in PURPOSES:
        assert validated.value(
            f"select count(*) from {purpose}.metric_values where status <> 'active' or coverage is null"
        ) == 0  # fmt: skip


def test_what_a_purpose_sees_are_the_numbers_of_the_marts(validated):
    assert validated.value(
        "select count(*) from board.metric_values as shown left join marts.metric_values as whole"
        " using (metric, version, period_start, dimension, member)"
        " where not shown.is_suppressed and shown.value is distinct from whole.value"
    ) == 0  # fmt: skip


def test_small_cells_are_suppressed_and_cannot_be_worked_out_from_the_total(validated):
    smallest = PURPOSES["board"]["smallest_cell"]
    cells = validated.rows(
        "select shown.is_suppressed, shown.value, shown.numerator, whole.conversations"
        " from board.metric_values as shown inner join marts.metric_values as whole"
        " using (metric, version, period_start, dimension, member)"
    )
    assert any(hidden for hidden, *_ in cells)
    for hidden, value, numerator, conversations in cells:
        assert hidden or conversations >= smallest
        assert not hidden or (value is None and numerator is None)
    alone = validated.value(
        "select count(*) from (select count(*) filter (is_suppressed) as hidden, count(*) as members"
        " from board.metric_values where dimension <> 'all' group by metric, version, period_start, dimension)"
        " where hidden = 1 and members > 1"
    )
    assert alone == 0


def test_a_purpose_with_a_file_of_its_own_has_no_way_to_the_rest(validated):
    file = validated.data / "published" / "board.duckdb"
    with open_published(file) as board:
        tables = board.execute(
            "select schema_name, table_name from duckdb_tables() union all"
            " select schema_name, view_name from duckdb_views() where not internal"
        ).fetchall()
        assert sorted(tables) == [
            ("board", "metric_evidence"), ("board", "metric_values"), ("board", "withheld"),
        ]  # fmt: skip
        for way in (
            f"attach '{validated.published}'",
            f"from read_blob('{validated.published}')",
            "set enable_external_access = true",
            "create table x (a int)",
        ):
            with pytest.raises(duckdb.Error):
                board.execute(way)
    kept = Built(validated.data, validated.exports, validated.ended)
    with duckdb.connect(str(file), read_only=True) as board:
        found = board.execute("from board.metric_values order by all").fetchall()
    assert found == kept.rows("from board.metric_values order by all")
    assert not file.resolve().stat().st_mode & 0o222


def test_evidence_of_a_purpose_belongs_to_cells_it_may_see(validated):
    assert validated.value("select count(*) from board.metric_evidence") > 0
    assert validated.value(
        "select count(*) from board.metric_evidence anti join (from board.metric_values where not is_suppressed)"
        " using (metric, version, period_start, dimension, member)"
    ) == 0  # fmt: skip


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"marts": {"own_file": False, "smallest_cell": 1}}, "name the purpose otherwise"),
        ({"press": {"own_file": False}}, "vars.purposes.press.smallest_cell is missing"),
        (
            {"press": {"own_file": False, "smallest_cell": 1, "cell": 2}},
            "vars.purposes.press.cell is not a known key",
        ),
    ],
)
def test_a_purpose_that_cannot_be_read_says_so(declared, said):
    with pytest.raises(ContractError, match=said.replace(".", r"\.")):
        read_purposes({"purposes": declared})


def test_the_models_of_purposes_are_generated_from_the_variable():
    from contracts import purposes

    folder: Path = purposes.MODELS
    there = {path.name: path.read_text() for path in folder.glob("*.*")}
    assert there == purposes.generated(read_purposes({"purposes": PURPOSES}))
