"""Metrics written by hand, sound and broken: what it costs to add one, and that a broken one stops no other."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from running import Built, assay_of, checkout

pytestmark = pytest.mark.worlds

SOUND = """
-- Grain: one row per conversation in scope.
with

conversations as (

    select * from {{{{ ref('fct_measured') }}}}

)

select
    {unit} as unit_id,
    conversation_id,
    {moment} as occurred_at,
    {numerator}::double as numerator,
    {denominator}::double as denominator,
    {measure}::double as measure,
    {state} as state,
    {dimensions}
from conversations
{more}
"""
DIMENSIONS = (
    "source, opened_on, driver, primary_canonical_tag as canonical_tag, channel, segment, language,"
    " complexity"
)
BROKEN = {
    "units_twice": {"more": "cross join (values (1), (2)) as twice (n)"},
    "above_its_denominator": {"numerator": "reopens + 2"},
    "unknown_column": {"numerator": "no_such_column"},
    "undeclared_state": {"state": "status"},
    "reopened_or_not": {},
    "never_ending": {"moment": "if(reopens > 0, timestamptz 'infinity', opened_at)"},
    "before_its_time": {"moment": "if(reopens > 0, timestamptz '1970-01-01', opened_at)"},
    "without_a_denominator": {"denominator": "if(reopens > 0, null, 1)"},
    "not_a_number": {"numerator": "if(reopens > 0, 'nan'::double, 0)"},
    "endless_measure": {"measure": "if(reopens > 0, 'infinity'::double, 0)"},
    "unreadable_day": {"dimensions": DIMENSIONS.replace("opened_on", "status::date as opened_on")},
    "without_a_day": {"dimensions": DIMENSIONS.replace("opened_on", "null::date as opened_on")},
    "without_a_channel": {"dimensions": DIMENSIONS.replace("channel", "null::varchar as channel")},
}
FAULTS = {
    "units_twice": "units are returned more than once",
    "above_its_denominator": "have a numerator above their denominator",
    "unknown_column": "no_such_column",
    "undeclared_state": "which definition.outputs does not list",
    "without_a_channel": "units have no channel",
    "never_ending": "units have an occurred_at or opened_on before 1990 or after 2099",
    "before_its_time": "units have an occurred_at or opened_on before 1990 or after 2099",
    "without_a_denominator": "units have no denominator",
    "not_a_number": "that is no finite number",
    "endless_measure": "that is no finite number",
    "unreadable_day": "invalid date",
    "without_a_day": "units have no source or opened_on",
    "counts_the_excluded": "units are of conversations out of scope",
    "misspelt_clause": "Did you mean definition?",
}


def metric(product: Path, name: str, sql: str, edit: tuple[str, str] = ("", "")) -> None:
    """The two files of a metric: its SQL, and the YAML of the shipped one under its name."""
    folder = product / "dbt_project" / "models" / "metrics"
    (folder / f"{name}.sql").write_text(sql)
    shipped = (folder / "high_effort_share.yml").read_text()
    told = (
        shipped.replace("high_effort_share", name)
        .replace("High-effort share", name.replace("_", " ").capitalize())
        .replace("[high, medium, low]", "[reopened, not_reopened]")
        .replace(*edit)
    )
    (folder / f"{name}.yml").write_text(told)


def sql(**edits: str) -> str:
    sound = {
        "unit": "conversation_id",
        "numerator": "(reopens > 0)",
        "moment": "opened_at",
        "denominator": "1",
        "measure": "null",
        "state": "case when reopens > 0 then 'reopened' else 'not_reopened' end",
        "dimensions": "{{ dimensions('conversations') }}",
        "more": "",
    }
    return SOUND.format(**{**sound, **edits})


@pytest.fixture(scope="module")
def product(tmp_path_factory) -> Path:
    product = checkout(tmp_path_factory.mktemp("product"))
    for name, edits in BROKEN.items():
        metric(product, name, sql(**edits))
    metric(product, "counts_the_excluded", sql().replace("fct_measured", "fct_conversations"))
    for cadence in ("hour", "quarter"):
        metric(product, f"reopened_each_{cadence}", sql(), ("cadence: week", f"cadence: {cadence}"))
    metric(product, "misspelt_clause", sql(), ("          definition:", "          definitoin:"))
    generated = subprocess.run(
        [sys.executable, "-m", "contracts.metric_names"], cwd=product, env={"PYTHONPATH": str(product)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert generated.returncode == 0, generated.stderr
    return product


@pytest.fixture(scope="module")
def run(product, built, tmp_path_factory) -> Built:
    data = tmp_path_factory.mktemp("data") / "copy"
    shutil.copytree(built.data, data, symlinks=True)
    ended = assay_of(product, "run", "--exports", built.exports, data=data)
    assert ended.code == 0, ended.out + ended.err
    return Built(data, built.exports, ended)


def test_two_files_and_one_command_add_a_metric(run):
    status, values = run.rows(
        "select any_value(status), count(*) from marts.metric_values where metric = 'reopened_or_not'"
    )[0]
    assert (status, values > 0) == ("draft", True)
    assert run.rows(
        "select sum(numerator)::bigint, sum(denominator)::bigint from marts.metric_values"
        " where metric = 'reopened_or_not' and dimension = 'all'"
    ) == run.rows(
        "select count(*) filter (reopens > 0), count(*) from marts.fct_conversations where is_in_scope"
    )
    assert (
        run.value("select count(*) from marts.metric_evidence where metric = 'reopened_or_not'") > 0
    )


@pytest.mark.parametrize("name", FAULTS)
def test_a_broken_metric_is_withheld_with_its_reason_and_counts_nowhere(run, name):
    ((status, reasons),) = run.rows(
        f"select status, status_reasons from marts.metric_contracts where metric = '{name}'"
    )
    assert status == "withheld"
    assert FAULTS[name] in " ".join(reasons)
    for mart in ("metric_values", "metric_membership", "metric_evidence"):
        assert run.value(f"select count(*) from marts.{mart} where metric = '{name}'") == 0, mart


def test_the_other_metrics_are_published_as_before(run, built):
    told = "from marts.metric_values where metric = 'high_effort_share' order by all"
    assert run.rows(told) == built.rows(told)


def test_the_run_names_each_broken_metric(run):
    for name in FAULTS:
        assert name in run.ended.out


def test_contract_check_says_what_can_be_said_before_anything_is_built(product, run):
    ended = assay_of(product, "contract", "check", data=run.data)
    assert ended.code == 2
    assert (
        "misspelt_clause.metric_contract.definitoin is not a known key. Did you mean definition?"
        in (ended.out + ended.err)
    )


@pytest.mark.parametrize("cadence", ["hour", "quarter"])
def test_values_are_told_by_the_cadence_the_contract_says(run, cadence):
    name = f"reopened_each_{cadence}"
    found = run.rows(
        "select count(*), sum(numerator)::bigint, count(distinct period_start),"
        f" count(*) filter (period_start <> date_trunc('{cadence}', period_start)),"
        f" count(*) filter (period_end <> period_start + interval 1 {cadence})"
        f" from marts.metric_values where metric = '{name}' and dimension = 'all'"
    )[0]
    reopened, periods = run.rows(
        "select count(*) filter (reopens > 0),"
        f" count(distinct date_trunc('{cadence}', opened_at at time zone 'UTC'))"
        " from marts.fct_conversations where is_in_scope"
    )[0]
    rows, counted, starts, crooked, unequal = found
    assert (counted, crooked, unequal) == (reopened, 0, 0)
    assert rows == starts >= periods


def test_a_period_in_which_nothing_was_counted_has_no_share_and_is_a_row_all_the_same(run):
    empty = run.rows(
        "select value, denominator, is_complete from marts.metric_values"
        " where metric = 'reopened_each_hour' and dimension = 'all' and conversations = 0"
    )
    assert empty
    assert all(value is None and denominator is None for value, denominator, _ in empty)
    assert any(complete for *_, complete in empty)
