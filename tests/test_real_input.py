"""Real exports through declarations alone."""

from __future__ import annotations

import shutil

import pytest
from running import Built, assay

pytestmark = pytest.mark.worlds


@pytest.fixture(scope="module")
def real(request, tmp_path_factory):
    """CFPB complaints, a UCI incident log and Zendesk API pages, each in its source's folder, run once."""
    from running import SHARED_DATA

    if not SHARED_DATA.is_dir():
        pytest.skip(f"the real exports are not beside this checkout ({SHARED_DATA})")
    exports = tmp_path_factory.mktemp("real")
    shutil.copytree(SHARED_DATA / "cfpb", exports / "cfpb")
    shutil.copytree(SHARED_DATA / "uci_incident_log", exports / "incidents")
    (exports / "zendesk").mkdir()
    for page in ("tickets", "ticket_audits", "users", "organizations", "groups", "sla_policies"):
        shutil.copy(SHARED_DATA / "zendesk_api_gozendesk" / f"{page}.json", exports / "zendesk")
    data = tmp_path_factory.mktemp("real_data")
    ended = assay("run", "--exports", exports, data=data)
    assert ended.code == 0, ended.out + ended.err
    return Built(data, exports, ended)


def test_all_four_complaint_files_load_and_the_truncated_one_loses_only_its_cut_record(real):
    found = {
        file.rsplit("/", 1)[-1]: counts
        for file, *counts in real.rows(
            "select file, seen, kept + duplicates, quarantined from marts.exports where source = 'cfpb'"
            " and status = 'loaded'"
        )
    }
    assert found["complaints_2015_2020.csv"] == [6_623, 6_623, 0]
    assert found["complaints_2015q1_no_text.csv"] == [28_156, 28_156, 0]
    assert found["complaints_2017_small.csv"] == [145, 145, 0]
    assert found["complaints_2023_truncated.csv"] == [2_068, 2_067, 1]


def test_a_cut_record_stands_in_quarantine_with_its_reason(real):
    ((reason, text),) = real.rows(
        "select reason, text from marts.quarantine where export_id like 'cfpb%'"
    )
    assert reason
    assert text


def test_complaint_dates_in_two_forms_are_both_days_of_the_right_year(real):
    years = real.rows(
        "select year(opened_on) as year, count(*) from marts.fct_conversations"
        " where source = 'cfpb' group by all order by year"
    )
    assert dict(years)[2015] > 28_000
    # the bureau began to take complaints in 2011
    assert 2011 <= min(years)[0] <= max(years)[0] == 2023


def test_the_latest_row_of_each_incident_made_its_sla_in_55_6_percent(real):
    made, incidents = real.rows(
        "select avg(is_sla_met::int), count(*) from marts.fct_conversations where source = 'incidents'"
    )[0]
    assert incidents == 890
    assert round(made, 3) == 0.556


def test_ten_of_890_incidents_were_reopened(real):
    assert (
        real.value(
            "select count(*) from marts.fct_conversations where source = 'incidents' and reopens > 0"
        )
        == 10
    )


def test_real_zendesk_pages_become_conversations(real):
    assert real.value("select count(*) from marts.fct_conversations where source = 'zendesk'") > 0
    assert real.value(
        "select count(*) from marts.fct_messages where body like '%●%' and conversation_id like 'zendesk:%'"
    )


def test_a_source_that_states_no_counts_has_coverage_not_measured(real):
    assert not real.rows(
        "select 1 from marts.coverage where source = 'cfpb' and coverage is not null"
    )
    assert real.rows(
        "select 1 from marts.breaches where suite = 'coverage_cfpb' and not is_measured"
    )
    assert "not measured" in real.ended.out
