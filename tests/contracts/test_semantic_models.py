"""A metric as MetricFlow reads it."""

from __future__ import annotations

import pytest
import yaml
from contract_world import contract, metric, read

from contracts.page import markdown
from contracts.semantic_models import semantic_model
from orchestration import generated, warehouse

NAME = "high_effort_onboarding_share"
RATIO = {"numerator": f"{NAME}_numerator", "denominator": f"{NAME}_denominator"}


def one(**changed):
    (read_one,) = read(metric(written=contract(**changed))).contracts
    return read_one


def document(**changed) -> dict:
    return yaml.safe_load(semantic_model(one(**changed)))


@pytest.mark.parametrize(
    ("value", "kind", "parameters", "measures"),
    [
        ("share", "ratio", RATIO, [("sum", "numerator", None), ("sum", "denominator", None)]),
        ("mean", "ratio", RATIO, [("sum", "numerator", None), ("sum", "denominator", None)]),
        ("count", "simple", {"measure": f"{NAME}_numerator"}, [("sum", "numerator", None)]),
        ("median", "simple", {"measure": f"{NAME}_measure"}, [("percentile", "measure", 0.5)]),
        ("p90", "simple", {"measure": f"{NAME}_measure"}, [("percentile", "measure", 0.9)]),
    ],
)
def test_each_kind_of_value_is_reckoned_as_metric_values_reckons_it(
    value, kind, parameters, measures
):
    found = document(definition__value=value, definition__outputs=["number"])
    (model,) = found["semantic_models"]
    first = found["metrics"][0]
    assert (first["name"], first["type"], first["type_params"]) == (NAME, kind, parameters)
    assert measures == [
        (each["agg"], each["expr"], each.get("agg_params", {}).get("percentile"))
        for each in model["measures"]
    ]


def test_hours_are_kept_where_a_metric_is_told_by_the_hour():
    for cadence, granularity in (("hour", "hour"), ("day", "day"), ("week", "day")):
        (model,) = document(definition__cadence=cadence)["semantic_models"]
        assert model["dimensions"][0]["type_params"] == {"time_granularity": granularity}


def test_a_metric_is_described_by_its_page_whatever_it_says():
    """
    To dbt a description is a template: braces in a contract's words are words.
    """
    plain, hostile = one(), one(definition__question="Is it {{ 1 + 1 }} or {% raw %}?")
    assert yaml.safe_load(semantic_model(plain))["metrics"][0]["description"] == markdown(plain)
    described = yaml.safe_load(semantic_model(hostile))["metrics"][0]["description"]
    assert "Is it { { 1 + 1 }} or { % raw %}?" in described


@pytest.mark.parametrize("braces", ["{{{ x }}}", "{{{{ x }}}}", "{{% x %}}", "{{{# x #}}}", "{{"])
def test_no_run_of_braces_is_left_that_dbt_would_render(braces):
    described = yaml.safe_load(semantic_model(one(definition__question=f"Is it {braces}?")))
    text = described["metrics"][0]["description"]
    assert not [mark for mark in ("{{", "{%", "{#") if mark in text]
    assert braces.replace(" ", "") in text.replace(" ", "")


def test_a_draft_that_defines_nothing_has_no_semantic_model():
    assert semantic_model(one(definition=None)) == ""


def test_a_name_metricflow_cannot_read_is_said_where_it_is_written():
    problems = read(metric(name="high__effort")).problems
    ((_, (sentence,)),) = problems.values()
    assert sentence == (
        "high__effort holds two underscores in a row, which stand between a metric and its dimension: "
        "write high_effort."
    )


def test_what_dbt_dropped_in_silence_is_named():
    manifest = warehouse.read_manifest()
    contracts = warehouse.read_metric_contracts().contracts
    assert generated.unknown_to_dbt(contracts, manifest) == []
    gone = contracts[0].metric
    del manifest["metrics"][f"metric.assay.{gone}"]
    assert generated.unknown_to_dbt(contracts, manifest) == [gone]


def test_the_semantic_model_of_a_metric_that_is_gone_is_stale(tmp_path, monkeypatch, capsys):
    metrics, folder = tmp_path / "metrics", tmp_path / "semantic"
    for each in (metrics, folder):
        each.mkdir()
    (metrics / "here.sql").touch()
    (folder / "here.yml").touch()
    (folder / "gone.yml").touch()
    monkeypatch.setattr(generated.semantic_models, "METRICS", metrics)
    monkeypatch.setattr(generated.semantic_models, "FOLDER", folder)
    assert generated.main(["check"]) == 2
    assert capsys.readouterr().err == ("Not as contracts say: gone.yml. Run `make generated`.\n")
