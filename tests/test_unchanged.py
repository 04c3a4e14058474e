"""What a build may leave alone: views and seeds that nothing but code could change."""

from __future__ import annotations

import copy
import shutil

import duckdb
import pytest

from orchestration import unchanged, warehouse
from orchestration.stores import Stores

SEED = "seed.assay.holidays"
VIEW = "model.assay.csat_good_share"


@pytest.fixture
def manifest():
    return copy.deepcopy(warehouse.read_manifest())


@pytest.fixture
def stores(built, tmp_path):
    """The databases of a build that came to its end, to ask what the next one may leave alone."""
    copied = Stores.at(tmp_path / "data")
    copied.root.mkdir()
    for each in ("work", "candidate"):
        shutil.copy(built.data / f"{each}.duckdb", copied.root)
    return copied


def left_alone(stores, manifest, same_records=False) -> set[str]:
    found = unchanged.find(stores, manifest, same_records)
    named = {".".join(node["fqn"]): name for name, node in manifest["nodes"].items()}
    return {named[name] for name in found}


def test_a_project_left_alone_is_built_without_its_views_and_seeds(stores, manifest):
    left = left_alone(stores, manifest)
    assert {SEED, VIEW} <= left
    assert {manifest["nodes"][name]["config"]["materialized"] for name in left} == {"seed", "view"}
    # what is loaded decides on their text
    assert not {"model.assay.touched_by_queue", "model.assay.metric_membership"} & left


def test_an_edited_view_is_made_again_and_no_other(stores, manifest):
    manifest["nodes"][VIEW]["raw_code"] += " "
    left = left_alone(stores, manifest)
    assert VIEW not in left
    assert "model.assay.csat_response_rate" in left


@pytest.mark.parametrize("edit", ["a new test", "a stricter one"])
def test_a_seed_whose_tests_changed_is_held_to_them(stores, manifest, edit):
    tests = [
        name
        for name, node in manifest["nodes"].items()
        if node["resource_type"] == "test" and node["depends_on"]["nodes"] == [SEED]
    ]
    if edit == "a new test":
        manifest["nodes"]["test.assay.another"] = copy.deepcopy(manifest["nodes"][tests[0]])
    else:
        manifest["nodes"][tests[0]]["config"]["where"] = "true"
    left = left_alone(stores, manifest)
    assert SEED not in left
    assert VIEW in left


def test_what_is_gone_from_the_database_is_made_again(stores, manifest):
    with duckdb.connect(str(stores.candidate)) as candidate:
        candidate.execute("drop view metrics.csat_good_share")
    assert VIEW not in left_alone(stores, manifest)


def test_a_build_that_was_killed_leaves_nothing_that_passes_for_unchanged(stores, manifest):
    edited = copy.deepcopy(manifest)
    edited["nodes"][VIEW]["raw_code"] += " "
    assert VIEW not in left_alone(stores, edited)
    # the edit was built and taken back before anything was recorded
    assert VIEW not in left_alone(stores, manifest)


def test_of_the_same_records_a_table_is_made_again_where_code_above_it_changed_and_only_there(
    stores, manifest
):
    manifest["nodes"]["model.assay.sentiment"]["raw_code"] += " "
    left = left_alone(stores, manifest, same_records=True)
    assert {"model.assay.fct_messages", "model.assay.churn_risk", SEED} <= left
    assert (
        not {"model.assay.sentiment", "model.assay.fct_signals", "model.assay.fct_measured"} & left
    )
    # what it says depends on what every model has seen
    assert "model.assay.touched_by_queue" not in left
