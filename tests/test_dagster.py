"""The graph as Dagster shows it."""

from __future__ import annotations

import dagster as dg
import pytest

from orchestration.arrivals import arrivals
from orchestration.run_lock import run_lock


@pytest.fixture(scope="module")
def definitions():
    from orchestration.definitions import definitions as found

    return found


@pytest.fixture(scope="module")
def graph(definitions):
    return definitions.resolve_asset_graph()


def test_assets_are_grouped_by_layer_and_have_owners_kinds_and_descriptions(graph):
    groups = {graph.get(key).group_name for key in graph.materializable_asset_keys}
    assert groups == {"raw", "staging", "core", "taxonomy", "signals", "marts", "published"}
    for key in graph.materializable_asset_keys:
        node = graph.get(key)
        assert node.description, key
        assert node.owners or node.group_name == "taxonomy", key
        assert node.kinds, key


def test_raw_tables_lead_to_marts_and_marts_to_what_is_published(graph):
    published = dg.AssetKey(["published", "assay"])
    above = graph.get(published).parent_keys
    assert dg.AssetKey(["marts", "fct_conversations"]) in above
    ancestors = dg.AssetSelection.assets(published).upstream().resolve(graph)
    assert dg.AssetKey(["raw", "zendesk", "tickets"]) in ancestors


def test_structural_checks_block_and_coverage_warns():
    from orchestration.assets.audit import audit

    blocking = {spec.name for spec in audit.check_specs if spec.blocking}
    warning = {spec.name for spec in audit.check_specs if not spec.blocking}
    assert {"export_identity", "conversation_key", "driver_shares"} <= blocking
    assert {"coverage_zendesk", "coverage_cfpb"} <= warning


def test_every_step_that_writes_shares_one_pool(definitions):
    job = definitions.resolve_job_def("assay")
    assert {node.definition.pool for node in job.graph.nodes} == {"duckdb_write"}


def test_there_is_a_daily_schedule_and_a_sensor(definitions):
    assert definitions.resolve_schedule_def("daily").cron_schedule == "0 5 * * *"
    assert definitions.resolve_sensor_def("new_exports").job_name == "assay"


def test_a_run_whose_process_is_gone_is_finished_by_another_once(
    definitions, tmp_path, monkeypatch
):
    monkeypatch.setenv("ASSAY_DATA", str(tmp_path))
    sensor = definitions.resolve_sensor_def("new_exports")
    with dg.DagsterInstance.ephemeral() as instance:

        def asked() -> list[str | None]:
            ticked = sensor.evaluate_tick(
                dg.build_sensor_context(instance, definitions=definitions)
            )
            return [each.run_key for each in ticked.run_requests or []]

        assert asked() == []
        gone = instance.add_run(dg.DagsterRun("assay", status=dg.DagsterRunStatus.STARTED))
        with run_lock(tmp_path / "run.lock"):
            assert asked() == []
        assert asked() == asked() == [f"after {gone.run_id}"]


def test_an_export_starts_a_run_once_and_only_when_it_is_whole(tmp_path):
    folder = tmp_path / "zendesk"
    folder.mkdir()
    file = folder / "tickets.ndjson"
    file.write_text("half")
    first = arrivals(tmp_path, None)
    assert first.new == []
    file.write_text("half and the rest")
    second = arrivals(tmp_path, first.cursor)
    assert second.new == []
    third = arrivals(tmp_path, second.cursor)
    assert len(third.new) == 1
    fourth = arrivals(tmp_path, third.cursor)
    assert fourth.new == []


def test_a_file_still_being_downloaded_is_never_whole(tmp_path):
    folder = tmp_path / "zendesk"
    folder.mkdir()
    (folder / "tickets.ndjson.part").write_text("half")
    first = arrivals(tmp_path, None)
    assert arrivals(tmp_path, first.cursor).new == []
