"""What dbt itself checks: unit tests of the tricky SQL, and that every mart is under contract."""

from __future__ import annotations

import re
import subprocess
from ast import literal_eval

import duckdb
import pytest

from contracts.contract import DIMENSIONS
from orchestration import warehouse
from orchestration.stores import Stores


@pytest.fixture(scope="module")
def manifest():
    return warehouse.read_manifest()


def test_the_unit_tests_of_the_models_pass(built, copy_of):
    copied = copy_of(built)
    done = subprocess.run(
        [
            warehouse.DBT, "test", "--select", "test_type:unit",
            "--project-dir", warehouse.PROJECT, "--profiles-dir", warehouse.PROJECT,
            "--target-path", copied.data / "unit", "--log-path", copied.data / "unit",
        ],
        env=warehouse.dbt_environment(Stores.at(copied.data)),
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "NO-OP" in done.stdout
    assert "PASS=0" not in done.stdout


def test_what_is_measured_in_parts_is_what_is_measured_at_once(built, copy_of):
    """
    What bounds the memory must not change a number.
    """
    stores = Stores.at(copy_of(built).data)

    def measured() -> list[tuple]:
        with duckdb.connect(str(stores.candidate), read_only=True) as candidate:
            return candidate.execute("from marts.fct_measured order by conversation_id").fetchall()

    at_once = measured()
    subprocess.run(
        [
            warehouse.DBT, "--quiet", "run", "--select", "fct_measured",
            "--vars", "{rows_of_a_part: 500}",
            "--project-dir", warehouse.PROJECT, "--profiles-dir", warehouse.PROJECT,
            "--target-path", stores.root / "parts", "--log-path", stores.root / "parts",
        ],
        env=warehouse.dbt_environment(stores),
        check=True,
    )  # fmt: skip
    assert len(at_once) > 1000
    assert measured() == at_once


def test_every_mart_is_under_an_enforced_contract_and_says_what_each_column_means(manifest):
    marts = [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] in ("counted", "marts")
    ]
    assert len(marts) > 12
    for mart in marts:
        assert mart["config"]["contract"]["enforced"], mart["name"]
        assert mart["description"], mart["name"]
        assert all(column["data_type"] for column in mart["columns"].values()), mart["name"]


def test_every_model_is_described_and_has_an_owner(manifest):
    for node in manifest["nodes"].values():
        if node["resource_type"] == "model":
            assert node["description"], node["name"]
            assert node["config"]["group"], node["name"]


def test_nothing_is_sent_anywhere(manifest):
    assert manifest["metadata"]["send_anonymous_usage_stats"] is False


def test_python_and_dbt_cut_units_by_the_same_dimensions():
    macro = (warehouse.PROJECT / "macros" / "metrics_in_use.sql").read_text(encoding="utf-8")
    (listed,) = re.findall(r"macro metric_dimensions\(\) %}\{\{ return\((.*?)\) \}\}", macro)
    assert tuple(literal_eval(listed)) == DIMENSIONS
