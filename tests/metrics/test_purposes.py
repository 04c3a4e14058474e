"""A purpose sees metrics that are active and licensed for it, and learns why not the others."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
import yaml
from running import ROOT, Built

from contracts.errors import ContractError
from contracts.purposes import read_purposes
from orchestration.publishing import open_published, publish
from orchestration.stores import Stores
from orchestration.warehouse import read_manifest

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


def test_cells_below_the_smallest_are_suppressed(validated):
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


SUPPRESSING = [name for name, each in PURPOSES.items() if each["smallest_cell"] > 1]

ATOMS = """
select
    metric, version, drivers.period_start, driver, canonical_tag, count(*) as conversations,
    sum(numerator) as numerator, sum(denominator) as denominator
from marts.metric_membership
inner join (select metric, version, period_start, started_at, ended_at, member as driver
    from counted.metric_counts where dimension = 'driver') as drivers using (metric, version, driver)
where occurred_at >= started_at and occurred_at < ended_at
group by all
"""
"""What nobody may work out, counted from the units: a driver and tag together."""


@pytest.mark.parametrize("purpose", SUPPRESSING)
def test_what_is_shown_taken_from_the_total_tells_of_no_small_group(validated, purpose):
    """
    Two small cells hidden together are as good as shown where both hold three, or where none of either is counted.
    """
    groups = validated.rows(
        f"""
        select
            all_of.conversations - sum(coalesce(cells.conversations, 0)),
            count(*) filter (cells.is_suppressed),
            count(*),
            all_of.numerator - sum(coalesce(cells.numerator, 0)),
            all_of.denominator - sum(coalesce(cells.denominator, 0)),
            any_value(contracts.value_kind)
        from {purpose}.metric_values as cells
        inner join {purpose}.metric_values as all_of using (metric, version, period_start)
        inner join marts.metric_contracts as contracts using (metric, version)
        where all_of.dimension = 'all' and not all_of.is_suppressed and cells.dimension != 'all'
        group by metric, version, period_start, cells.dimension, all_of.conversations, all_of.numerator,
            all_of.denominator
        """
    )
    smallest = PURPOSES[purpose]["smallest_cell"]
    partly = [row for row in groups if 0 < row[1] < row[2]]
    assert partly, "a world in which nothing is hidden hides nothing"
    assert not [row for row in groups if row[0] and not row[1]]
    for conversations, hidden, _, numerator, denominator, kind in partly:
        assert hidden > 1
        assert conversations >= smallest
        assert kind != "share" or 0 < numerator < denominator


@pytest.mark.parametrize("purpose", SUPPRESSING)
def test_what_is_shown_of_tags_taken_from_their_driver_tells_of_no_small_group(validated, purpose):
    groups = validated.rows(
        f"""
        with atoms as ({ATOMS})
        select
            drivers.is_suppressed,
            coalesce(sum(atoms.conversations) filter (tags.is_suppressed), 0) as hidden,
            count(*) filter (not tags.is_suppressed)
        from atoms
        inner join {purpose}.metric_values as drivers using (metric, version, period_start)
        inner join {purpose}.metric_values as tags using (metric, version, period_start)
        where drivers.dimension = 'driver' and drivers.member = atoms.driver
            and tags.dimension = 'canonical_tag' and tags.member = atoms.canonical_tag
        group by metric, version, period_start, driver, drivers.is_suppressed
        """
    )
    assert groups
    for is_hidden, conversations, shown in groups:
        assert not (is_hidden and shown)
        assert not conversations or is_hidden or conversations >= PURPOSES[purpose]["smallest_cell"]


@pytest.mark.parametrize("purpose", SUPPRESSING)
def test_a_quote_is_of_a_shown_driver_and_tells_of_no_other_cell(validated, purpose):
    """
    A quote that said whose it is, or what else it is of, would lie in a suppressed cell of that kind.
    """
    assert validated.value(f"select count(*) from {purpose}.metric_evidence") > 0
    assert validated.value(
        f"select count(*) from {purpose}.metric_evidence as quotes anti join"
        f" (from {purpose}.metric_values where not is_suppressed and dimension = 'driver') as drivers"
        " on quotes.metric = drivers.metric and quotes.version = drivers.version"
        " and quotes.period_start = drivers.period_start and quotes.driver = drivers.member"
    ) == 0  # fmt: skip
    assert validated.value(
        f"select count(*) from {purpose}.metric_evidence where dimension not in ('all', 'driver')"
    ) == 0  # fmt: skip
    assert {name for name, *_ in validated.rows(f"describe {purpose}.metric_evidence")} == {
        "metric", "version", "period_start", "dimension", "member", "side", "rank", "signal", "state", "driver",
        "quote",
    }  # fmt: skip


def test_a_purpose_that_suppresses_nothing_quotes_all_there_is(validated):
    for purpose in PURPOSES.keys() - SUPPRESSING:
        assert (
            validated.value(f"select count(*) from {purpose}.metric_values where is_suppressed")
            == 0
        )
        assert validated.value(
            f"select count(*) from {purpose}.metric_evidence"
        ) == validated.value(
            "select count(*) from marts.metric_evidence semi join"
            f" (from {purpose}.metric_values) using (metric, version, period_start)"
        )


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


def test_a_purpose_that_has_no_file_any_more_leaves_none_behind(validated, copy_of):
    stores = Stores.at(copy_of(validated).data)
    beside = stores.published / "board-notes.duckdb"
    beside.touch()
    assert (stores.published / "board.duckdb").exists()
    # nothing else changed: there is no new build to publish
    publish(stores, [])
    left = {path.name for path in stores.published.iterdir()}
    assert {name for name in left if name.startswith("board")} == {beside.name}
    assert stores.pointer.exists()


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"marts": {"own_file": False, "smallest_cell": 1}}, "name the purpose otherwise"),
        (
            {"main": {"own_file": False, "smallest_cell": 1}},
            "is main, a schema or file of the build",
        ),
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


def test_no_purpose_may_be_called_like_a_schema_that_is_there_already(validated):
    there = {
        name
        for (name,) in validated.rows("select distinct schema_name from duckdb_schemas()")
        if name not in PURPOSES
    } | {node["schema"] for node in read_manifest()["nodes"].values()} - PURPOSES.keys()
    assert {"main", "marts", "core", "counted"} <= there
    for name in there:
        with pytest.raises(ContractError, match="name the purpose otherwise"):
            read_purposes({"purposes": {name: {"own_file": False, "smallest_cell": 1}}})


def test_the_models_of_purposes_are_generated_from_the_variable():
    from contracts import purposes

    folder: Path = purposes.MODELS
    there = {path.name: path.read_text() for path in folder.glob("*.*")}
    assert there == purposes.generated(read_purposes({"purposes": PURPOSES}))
