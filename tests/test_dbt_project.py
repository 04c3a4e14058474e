"""What dbt itself checks: unit tests of the tricky SQL, and that every mart is under contract."""

from __future__ import annotations

import subprocess

import pytest

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


def test_every_mart_is_under_an_enforced_contract_and_says_what_each_column_means(manifest):
    marts = [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] == "marts"
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
