"""dbt's documentation shows every contract on its page, made without asking anybody on the network."""

from __future__ import annotations

import json
import os
import shutil
import subprocess

import pytest

from contracts.page import markdown
from orchestration.warehouse import DBT, PROJECT, read_metric_contracts

NOBODY = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def docs(built, tmp_path_factory):
    folder = tmp_path_factory.mktemp("docs")
    data, target = folder / "data", folder / "target"
    shutil.copytree(built.data, data, symlinks=True)
    done = subprocess.run(
        [
            DBT, "--quiet", "docs", "generate", "--select", "path:models/metrics",
            "--project-dir", PROJECT, "--profiles-dir", PROJECT, "--target-path", target,
        ],
        env={
            **os.environ, "ASSAY_DATA": str(data), "DO_NOT_TRACK": "1",
            "HTTP_PROXY": NOBODY, "HTTPS_PROXY": NOBODY,
        },
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert (target / "index.html").exists()
    return {
        name: json.loads((target / f"{name}.json").read_text()) for name in ("manifest", "catalog")
    }


def test_every_metric_s_page_is_what_dbt_describes_it_by(docs):
    contracts = read_metric_contracts().required()
    assert contracts
    for each in contracts:
        described = docs["manifest"]["metrics"][f"metric.assay.{each.metric}"]
        assert described["description"].strip() == markdown(each).strip()
        assert described["label"] == each.title


def test_every_metric_is_in_the_catalog_with_its_columns(docs):
    for each in read_metric_contracts().required():
        found = docs["catalog"]["nodes"][f"model.assay.{each.metric}"]
        assert list(found["columns"]) == list(each.columns)
        assert found["metadata"]["schema"] == "metrics"
