"""A model is built anew when anything its rows follow from has changed, and only then."""

from __future__ import annotations

import copy

import pytest

from orchestration import warehouse
from orchestration.build_plan import engines, fingerprints, project_variables


@pytest.fixture
def manifest():
    return copy.deepcopy(warehouse.read_manifest())


def of_models(manifest, facts, project, variables=None):
    found = fingerprints(manifest, facts, project, variables)
    return {
        name.removeprefix("model.assay."): found[name]
        for name in found
        if name.startswith("model.")
    }


def planned(manifest, project=warehouse.PROJECT, **facts):
    return of_models(manifest, facts, project)


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    return {model for model in before if before[model] != after[model]}


def test_a_project_left_alone_keeps_its_fingerprints(manifest):
    assert planned(manifest) == planned(copy.deepcopy(manifest))


@pytest.mark.parametrize(
    ("setting", "value"),
    [("unique_key", "url"), ("incremental_strategy", "append"), ("on_schema_change", "ignore")],
)
def test_a_setting_that_changes_rows_rebuilds_the_model_and_those_below_it(
    manifest, setting, value
):
    before = planned(manifest)
    manifest["nodes"]["model.assay.conversations"]["config"][setting] = value
    after = changed(before, planned(manifest))
    assert {"conversations", "fct_conversations", "rollup_drivers"} <= after
    assert not {"fct_messages", "raw_tags", "stg_zendesk__latest_tickets"} & after


def test_how_an_incremental_model_replaces_its_rows_is_part_of_its_code(manifest):
    before = planned(manifest)
    manifest["macros"]["macro.assay.get_incremental_by_audit_sql"]["macro_sql"] += " "
    after = changed(before, planned(manifest))
    assert {"stg_zendesk__field_changes", "conversations"} <= after
    assert not {"dim_drivers", "stg_zendesk__latest_tickets"} & after


def test_an_edited_seed_too_big_for_dbts_checksum_rebuilds_what_reads_it(manifest, tmp_path):
    """
    dbt gives the path of a seed over 1 MB for its content.
    """
    seed = manifest["nodes"]["seed.assay.raw_tag_map"]
    seed["checksum"] = {"name": "path", "checksum": seed["original_file_path"]}
    file = tmp_path / seed["original_file_path"]
    file.parent.mkdir(parents=True)
    file.write_text("raw_tag,canonical_tag\na,refund_request\n")
    before = planned(manifest, tmp_path)
    file.write_text("raw_tag,canonical_tag\na,invoice_request\n")
    after = changed(before, planned(manifest, tmp_path))
    assert "fct_conversation_tags" in after
    assert "fct_messages" not in after


def test_another_version_of_an_engine_rebuilds_everything(manifest):
    assert set(engines()) == {"duckdb", "dbt-core"}
    before = planned(manifest, **engines())
    assert changed(before, planned(manifest, **engines() | {"duckdb": "0.1"})) == set(before)


def test_what_touches_a_conversation_is_in_the_lineage_of_the_marts(manifest):
    before = planned(manifest)
    ways = [name for name in before if name.startswith("touched_by_")]
    assert len(ways) >= 4
    for way in ways:
        edited = copy.deepcopy(manifest)
        edited["nodes"][f"model.assay.{way}"]["raw_code"] += " "
        assert "fct_conversations" in changed(before, planned(edited)), way


def test_a_variable_rebuilds_what_names_it_itself_or_by_a_macro_and_nothing_else(manifest):
    given = project_variables(warehouse.PROJECT)
    before = of_models(manifest, {}, warehouse.PROJECT, given)

    def rebuilt(**edited):
        return changed(before, of_models(manifest, {}, warehouse.PROJECT, given | edited))

    packs = rebuilt(signal_packs={**given["signal_packs"], "sentiment_weights": "2.0.0"})
    assert {"sentiment", "fct_signals", "fct_conversations", "rollup_drivers"} <= packs
    assert not {"fct_messages", "conversations", "fct_conversation_tags"} & packs
    needed = rebuilt(labels_needed=60)
    assert {"signal_shares", "metric_corrections"} <= needed
    assert not {"metric_counts", "fct_signals"} & needed
    assert "periods" in rebuilt(business_time_zone="Europe/Berlin")
    # read in a way nobody told of: everything is built anew
    assert rebuilt(unheard_of=1) == set(before)


def test_every_variable_of_the_project_is_named_by_a_model_or_a_macro(manifest):
    given = project_variables(warehouse.PROJECT)
    before = of_models(manifest, {}, warehouse.PROJECT, given)
    for name in given:
        after = of_models(manifest, {}, warehouse.PROJECT, given | {name: "another"})
        assert changed(before, after) not in (set(), set(before)), name
