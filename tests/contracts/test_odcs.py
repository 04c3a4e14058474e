"""A contract as the Open Data Contract Standard has it: accepted by the official schema, and nothing lost."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
import yaml
from contract_world import contract, metric, read
from open_data_contract_standard.model import OpenDataContractStandard

from contracts.contract import Contract, Owner
from contracts.drift_controls import Bounds
from contracts.odcs import odcs
from orchestration.warehouse import read_metric_contracts

UV = Path(sys.executable).with_name("uv")
LINTER = "datacontract-cli==1.2.8"

LINT = """
import sys
from datacontract.data_contract import DataContract
for file in sys.argv[1:]:
    run = DataContract(data_contract_file=file).lint()
    print(file, run.result.value, *(check.reason for check in run.checks if check.reason), sep="\\t")
"""

RETIRED = {"since": "2026-01-31", "reason": "Nobody decided by it.", "replaced_by": None}
CHANGES: dict[str, dict] = {
    "as it is": {},
    "a confirmed sample": {"drill_down__validation": {"sample": 30, "confirmed": 0.9}},
    "several systems": {"data__system": ["zendesk", "billing"]},
    "a number": {"definition__outputs": ["number"], "definition__value": "p90"},
    "a count": {"definition__outputs": ["number"], "definition__value": "count"},
    "retired": {"retired": RETIRED},
    "waived": {
        "waivers": [
            {"lint": "no_guardrail", "reason": "It starts in spring.", "until": "2027-03-31"}
        ]
    },
    "a draft": {"definition": None, "drift_controls": None, "drill_down": None, "data": None},
    "without decision use": {"decision_use": None},
    "hand-tagged": {"manual_tagging": True, "definition_minutes": 7},
    "hostile words": {"title": "a: b # {c} \n- 'd' \"e\" é", "actions": ["yes", "null", "1.0"]},
}


def one(**changed) -> Contract:
    (read_one,) = read(metric(written=contract(**changed))).contracts
    return read_one


def as_it_was(text: str) -> Contract:
    """The contract a document was made of, read from nothing but the document."""
    document = OpenDataContractStandard.from_string(text)
    (table,) = document.schema_
    (owner,) = document.team.members
    (file,) = table.authoritativeDefinitions
    clauses = {each.property: each.value for each in document.customProperties}
    clauses.pop("status_reasons", None)
    return Contract(
        **clauses,
        version=document.version,
        title=document.name,
        metric=document.id,
        description=table.description,
        group=document.domain,
        owner=Owner(name=owner.name, email=owner.username),
        file=file.url,
        columns={each.name: each.physicalType for each in table.properties},
    )


@pytest.fixture(scope="module")
def official() -> jsonschema.Draft201909Validator:
    schema = json.loads(files("open_data_contract_standard").joinpath("schema.json").read_text())
    return jsonschema.Draft201909Validator(schema)


@pytest.fixture(scope="module")
def shipped() -> tuple[Contract, ...]:
    return read_metric_contracts().required()


@pytest.mark.parametrize("change", CHANGES)
def test_a_contract_comes_back_from_its_document_as_it_was(change):
    written = one(**CHANGES[change])
    assert as_it_was(odcs(written, "provisional", ["coverage is not measured"])) == written


@pytest.mark.parametrize("change", CHANGES)
def test_the_official_schema_accepts_it(change, official):
    document = yaml.safe_load(odcs(one(**CHANGES[change]), "withheld", ["because"]))
    assert [error.message for error in official.iter_errors(document)] == []


def test_the_official_schema_refuses_what_it_should(official):
    document = yaml.safe_load(odcs(one()))
    document["slaProperties"][0].pop("property")
    assert [*official.iter_errors(document)]


def test_every_metric_that_is_shipped_comes_back_and_is_accepted(shipped, official):
    for each in shipped:
        text = odcs(each)
        assert as_it_was(text) == each
        assert [*official.iter_errors(yaml.safe_load(text))] == []


def test_what_the_standard_has_words_for_is_said_in_them():
    document = OpenDataContractStandard.from_string(odcs(one(retired=RETIRED), "retired"))
    assert (document.apiVersion, document.version, document.status) == (
        "v3.1.0",
        "1.0.0",
        "retired",
    )
    promises = {each.property: (each.value, each.unit) for each in document.slaProperties}
    assert promises == {
        "frequency": (1, "week"),
        "latency": (24, "h"),
        "coverage": (0.95, None),
        "timeToNotify": (24, "h"),
        "endOfLife": ("2026-01-31", None),
    }
    assert {each.role: each.access for each in document.roles} == {
        "weekly_ops": "read",
        "board": "none",
    }
    (table,) = document.schema_
    columns = {each.name: each for each in table.properties}
    assert columns["unit_id"].primaryKey
    assert columns["occurred_at"].logicalType == "timestamp"
    (states,) = columns["state"].quality
    assert states.arguments == {"validValues": ["high", "medium", "low"]}
    assert {each.name for each in table.quality} == {
        "numerator_within_denominator",
        "coverage",
        # the bound that was written, and those that hold where nothing is
        "driver_mix",
        *Bounds(driver_mix=0.2).model_dump(exclude_none=True),
    }


@pytest.fixture(scope="module")
def linter(tmp_path_factory) -> Path:
    """A Python that has the standard's own command line: apart from ours, whose packages it would move."""
    folder = Path(sys.prefix) / "tools" / LINTER.replace("==", "-")
    python = folder / "bin" / "python"
    for command in (
        ["venv", "--quiet", "--allow-existing", "--python", sys.executable, folder],
        ["pip", "install", "--quiet", "--python", python, LINTER],
    ):
        try:
            made = subprocess.run(
                [UV, *command], capture_output=True, text=True, check=False, timeout=120
            )
        except (FileNotFoundError, subprocess.TimeoutExpired) as error:
            # the linter is no part of the product: without uv or a package registry the schema is what judges
            pytest.skip(f"{LINTER} cannot be installed: {error}")
        if made.returncode:
            # the same: a registry that does not answer says nothing of our documents
            pytest.skip(f"{LINTER} cannot be installed: {made.stderr.strip()[-300:]}")
    return python


def test_the_standard_s_own_linter_finds_nothing_wrong(linter, shipped, tmp_path):
    paths = []
    for each in shipped:
        paths.append(tmp_path / f"{each.metric}.odcs.yaml")
        paths[-1].write_text(odcs(each))
    broken = tmp_path / "broken.odcs.yaml"
    broken.write_text(paths[0].read_text().replace("kind: DataContract", "kind: Promise"))
    done = subprocess.run(
        [linter, "-c", LINT, *paths, broken], capture_output=True, text=True, check=False
    )
    found = dict(line.split("\t")[:2] for line in done.stdout.splitlines() if "\t" in line)
    assert found.pop(str(broken)) != "passed", done.stdout
    assert found == {str(path): "passed" for path in paths}, done.stdout + done.stderr
