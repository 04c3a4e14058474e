"""What was judged, told in a terminal: the same as in the marts, clause by clause."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from running import assay


@pytest.fixture(scope="module")
def told(validated):
    return json.loads(assay("checks", "--json", data=validated.data).out)


def test_the_checks_told_are_those_of_the_marts_and_breaches_are_what_did_not_pass(validated, told):
    assert len(told) == validated.value("select count(*) from marts.checks")
    failing = json.loads(assay("checks", "--failing", "--json", data=validated.data).out)
    assert len(failing) == validated.value("select count(*) from marts.breaches") > 0
    assert {each["state"] for each in failing} == {"failed", "not measured"}
    assert {each["state"] for each in told} == {"passed", "failed", "not measured"}


def test_every_metric_has_every_clause_with_its_bound_and_owner(validated, told):
    metrics = {row[0] for row in validated.rows("select metric from marts.metric_contracts")}
    for clause in ("coverage", "validation", "evidence", "freshness"):
        of_clause = [each for each in told if each["clause"] == clause and each["metric"]]
        assert {each["metric"] for each in of_clause} == metrics
        assert all(each["expected"] and each["owner"] and each["remedy"] for each in of_clause)


def test_somebody_answers_for_every_check_and_a_file_declares_it(told):
    project = Path(__file__).parents[1] / "dbt_project"
    assert all(each["owner"] and each["remedy"] for each in told)
    assert all((project / each["file"]).is_file() for each in told)
    owners = {each["suite"]: each["owner"] for each in told if not each["metric"]}
    assert owners["coverage_zendesk"] == "Data Engineering"
    assert owners["tag_key"] == "Analytics Engineering"


def test_a_metric_s_checks_are_shown_with_what_to_do_and_where_to_look(validated):
    ended = assay("checks", "reopen_rate", data=validated.data)
    assert ended.code == 0, ended.err
    assert "conversations confirmed by a simulated reviewer" in " ".join(ended.out.split())
    assert "stale: its last complete week" in ended.out
    assert "Owner: " in ended.out
    assert "Contract: dbt_project/models/metrics/reopen_rate.yml" in ended.out
    assert "To do: Load the exports since then" in ended.out
    assert "assay evidence reopen_rate last" in ended.out


def test_a_metric_nobody_knows_is_named_with_one_that_is_near(validated):
    ended = assay("checks", "reopen_rat", data=validated.data)
    assert ended.code == 2
    assert "Did you mean reopen_rate?" in ended.err


def test_a_stale_metric_says_so_in_its_status_and_stands_as_it_stood(validated):
    ((status, reasons),) = validated.rows(
        "select status, status_reasons from marts.metric_contracts where metric = 'reopen_rate'"
    )
    assert status == "active"
    assert any(reason.startswith("stale: ") for reason in reasons)


def test_no_case_is_open_where_nothing_is_past_its_threshold_and_none_is_closed_that_is_none(
    validated,
):
    assert (
        json.loads(assay("triage", "--json", data=validated.data).out)
        == []
        == validated.rows("from marts.triage where state != 'closed'")
    )
    ended = assay(
        "triage", "close", "reopen_rate/x", "--by", "R", "--because", "y", data=validated.data
    )
    assert ended.code == 2
    assert "is no case" in ended.err
