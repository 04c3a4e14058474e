"""Metrics written by hand, sound and broken: what it costs to add one, and that a broken one stops no other."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from running import Built, assay_of, checkout

SOUND = """
-- Grain: one row per conversation in scope.
with

conversations as (

    select * from {{{{ ref('fct_measured') }}}}

)

select
    {unit} as unit_id,
    conversation_id,
    opened_at as occurred_at,
    {numerator}::double as numerator,
    1::double as denominator,
    null::double as measure,
    {state} as state,
    {{{{ dimensions('conversations') }}}}
from conversations
{more}
"""
BROKEN = {
    "units_twice": {"more": "cross join (values (1), (2)) as twice (n)"},
    "above_its_denominator": {"numerator": "reopens + 2"},
    "unknown_column": {"numerator": "no_such_column"},
    "undeclared_state": {"state": "status"},
    "reopened_or_not": {},
}
FAULTS = {
    "units_twice": "units are returned more than once",
    "above_its_denominator": "have a numerator above their denominator",
    "unknown_column": "no_such_column",
    "undeclared_state": "which definition.outputs does not list",
    "without_a_channel": "units have no channel",
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
        "state": "case when reopens > 0 then 'reopened' else 'not_reopened' end",
        "more": "",
    }
    return SOUND.format(**{**sound, **edits})


@pytest.fixture(scope="module")
def product(tmp_path_factory) -> Path:
    product = checkout(tmp_path_factory.mktemp("product"))
    for name, edits in BROKEN.items():
        metric(product, name, sql(**edits))
    metric(product, "without_a_channel", sql().replace(
        "{{ dimensions('conversations') }}",
        "source, opened_on, driver, primary_canonical_tag as canonical_tag, null::varchar as channel,"
        " segment, language, complexity",
    ))  # fmt: skip
    metric(product, "counts_the_excluded", sql().replace("fct_measured", "fct_conversations"))
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
    told = "select * exclude (status_reasons) from marts.metric_values where metric = 'high_effort_share' order by all"
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
