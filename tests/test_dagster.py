"""The graph as Dagster shows it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta

import dagster as dg
import pytest
from contract_world import typed
from running import assay

from orchestration.arrivals import arrivals
from orchestration.progress import LogProgress
from orchestration.run_lock import run_lock
from orchestration.stores import Stores

TICKETS = dg.AssetKey(["raw", "zendesk", "tickets"])


@pytest.fixture(scope="module")
def definitions():
    from orchestration.definitions import definitions as found

    return found


@pytest.fixture(scope="module")
def graph(definitions):
    return definitions.resolve_asset_graph()


def test_assets_are_grouped_by_layer_and_have_owners_kinds_and_descriptions(graph):
    groups = {graph.get(key).group_name for key in graph.materializable_asset_keys}
    assert groups == {
        "raw", "business_hours", "staging", "core", "taxonomy", "signals", "metrics", "counted", "marts",
        "purposes", "published", "review",
    }  # fmt: skip
    for key in graph.materializable_asset_keys:
        node = graph.get(key)
        assert node.description, key
        assert node.owners or node.group_name == "taxonomy", key
        assert node.kinds, key


def test_a_metric_is_overdue_when_its_period_its_grace_and_what_it_may_be_late_are_over(graph):
    policies = {
        key.path[-1]: graph.get(key).freshness_policy
        for key in graph.materializable_asset_keys
        if key.path[0] == "metrics"
    }
    assert len(policies) == 19
    # a week, a day of grace, and two days it may be late
    assert policies["first_reply_minutes_median"].fail_window.to_timedelta() == timedelta(days=10)
    assert policies["backlog_at_day_end"].fail_window.to_timedelta() == timedelta(days=4)


def test_a_raw_table_is_overdue_when_a_metric_that_rests_on_it_would_be(graph):
    windows = {
        "/".join(key.path[1:]): policy.fail_window.to_timedelta()
        for key in graph.get_all_asset_keys()
        if key.path[0] == "raw" and (policy := graph.get(key).freshness_policy)
    }
    # locked by a metric of each day, by those of a week, and by the one of a month
    assert windows["zendesk/tickets"] == timedelta(days=4)
    assert windows["billing/accounts"] == timedelta(days=10)
    assert windows["billing/invoices"] == timedelta(days=34)
    # of what no metric rests on, or can do without, nobody waits
    assert not windows.keys() & {"zendesk/metric_events", "zendesk/groups", "cfpb/complaints"}


def test_a_contract_that_locks_no_table_of_a_system_rests_on_all_of_it():
    from orchestration.assets.policies import resting_on

    metric = typed("lax", data__system=["zendesk", "intercom"])
    assert resting_on([metric], "intercom", "conversations") == [metric]
    assert resting_on([metric], "zendesk", "tickets") == [metric]
    assert resting_on([metric], "zendesk", "users") == []
    absent = typed("lax", data__may_be_absent=["zendesk.tickets"])
    assert resting_on([absent], "zendesk", "tickets") == []


@pytest.fixture
def loading(world, tmp_path) -> Callable[[], dict[str, float]]:
    """Loads the exports of a small world and whatever else lies there -> when each raw table was last made."""
    from orchestration.assets.raw import TABLES, raw

    exports, data = tmp_path / "exports", tmp_path / "data"
    shutil.copytree(world, exports)
    data.mkdir()
    stores = Stores.at(data, exports)
    resources = {"stores": stores, "progress": LogProgress()}
    with dg.DagsterInstance.ephemeral() as instance:

        def loading() -> dict[str, float]:
            given = {
                name: dg.ResourceDefinition.hardcoded_resource(each)
                for name, each in resources.items()
            }
            dg.materialize([raw, *TABLES], instance=instance, resources=given)
            made = {
                "/".join(each.key.path[1:]): instance.get_latest_materialization_event(each.key)
                for each in TABLES
            }
            return {table: event.timestamp for table, event in made.items() if event}

        loading.exports, loading.instance = exports, instance
        yield loading


def test_a_run_that_loads_nothing_leaves_raw_tables_as_old_as_they_were(loading):
    """
    A schedule that runs daily must not keep Dagster's policies green after the exports have stopped.
    """
    first = loading()
    assert {"zendesk/tickets", "billing/accounts", "billing/invoices"} <= first.keys()
    assert loading() == first
    (seen,) = loading.instance.fetch_observations(TICKETS, limit=10).records
    assert seen.event_log_entry.asset_observation.metadata["new files"].value == 0
    invoices = loading.exports / "billing" / "invoices.csv"
    head, row, *_ = invoices.read_text().splitlines()
    (invoices.parent / "invoices_later.csv").write_text(f"{head}\nlater-{row}\n")
    later = loading()
    assert {table for table in later if later[table] > first[table]} == {"billing/invoices"}
    # the same once more under another name brings nothing
    (invoices.parent / "invoices_again.csv").write_text(f"{head}\nlater-{row}\n\n")
    assert loading() == later


@pytest.mark.worlds
def test_a_metric_tells_after_a_run_how_it_stands_and_what_is_to_be_done(
    built, copy_of, graph, tmp_path
):
    home = tmp_path / "dagster"
    home.mkdir()
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    again = copy_of(built)
    ended = assay("run", "--exports", again.exports, data=again.data, DAGSTER_HOME=str(home))
    assert ended.code == 0, ended.out + ended.err
    rows = built.rows(
        "select metric, status, version, owner_email, array_to_string(status_reasons, '; ')"
        " from marts.metric_contracts"
    )
    with dg.DagsterInstance.from_config(str(home)) as instance:
        for metric, status, version, email, reasons in rows:
            key = dg.AssetKey(["metrics", metric])
            (record,) = instance.fetch_observations(key, limit=10).records
            metadata = record.event_log_entry.asset_observation.metadata
            told = {name: each.value for name, each in metadata.items()}
            assert (told["status"], told["version"]) == (status, version)
            assert told["reasons"] == (reasons or "none")
            assert email in told["owner"]
            assert told["next step"]
            assert ("last value" in told) == (status in ("active", "provisional"))
            assert graph.get(key).owners == [email]
            assert graph.get(key).description


@pytest.mark.parametrize(
    ("changed", "step"),
    [
        ({"status": "retired"}, "None: it is not reported any more."),
        ({"status": "active"}, "Review it when its next period has ended, on 2026-10-05."),
        ({"status": "withheld"}, "Put right what the reasons name, and run again."),
        ({"status": "draft"}, "Have people read its sample: assay validate sample customer_effort"),
        ({"is_validated": True}, "Put right what the reasons name, and run again."),
    ],
)
def test_the_next_step_follows_from_the_standing(changed, step):
    from orchestration.assets.metrics import metadata

    row = {
        "status": "provisional", "status_reasons": ["coverage is not measured"], "version": "1.0.0",
        "coverage": None, "owner": "Experience", "owner_email": None, "is_validated": False,
        "next_review_on": "2026-10-05", "value": 0.25, "unit": "share of conversations", "cadence": "week",
        "period_start": "2026-09-21",
    } | changed  # fmt: skip
    told = metadata(row, "customer_effort")
    assert told["next step"] == step
    assert told["coverage"] == "not measured"
    assert told.get("last value") == (0.25 if row["status"] in ("active", "provisional") else None)


def test_raw_tables_lead_to_marts_and_marts_to_what_is_published(graph):
    published = dg.AssetKey(["published", "assay"])
    above = graph.get(published).parent_keys
    assert dg.AssetKey(["marts", "fct_conversations"]) in above
    assert TICKETS in graph.get_ancestor_asset_keys(published)
    # tables are no outputs of the step that loads them: what waits for it waits for what it leaves behind
    steps = dg.AssetSelection.assets(published).upstream().resolve(graph)
    assert dg.AssetKey(["raw", "loads", "exports"]) in steps


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
