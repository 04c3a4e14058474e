"""How sources declare their exports, and what is said of a declaration that cannot be meant."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from contracts.errors import ContractError
from contracts.exports import normal_header, read_declarations
from contracts.records import REQUIRED_ROLES, ROLES

CSV: dict[str, Any] = {
    "format": "csv",
    "record": "conversation",
    "files": "*.csv",
    "time_zone": "UTC",
    "roles": {"id": "Id", "opened_at": "Created at"},
}
TOTAL = {"day": "2026-01-01", "expected": 5}
ACCOUNTS = {"record": "account", "roles": {"id": "Id"}}
JSON: dict[str, Any] = {
    "format": "zendesk",
    "record": "ticket",
    "files": "tickets*",
    "time_zone": "UTC",
}


def manifest(
    export: Any, columns: dict[str, str] | None = None, name: str = "tickets", **meta: Any
) -> dict[str, Any]:
    node = {
        "source_name": "desk",
        "name": name,
        "identifier": "raw_tickets",
        "config": {"meta": {"export": export, **meta}},
        "columns": {one: {"name": one, "data_type": kind} for one, kind in (columns or {}).items()},
        "original_file_path": f"models/{name}.yml",
    }
    return {"sources": {name: node}}


def said(*manifests: dict[str, Any]) -> str:
    together = {"sources": {}}
    for one in manifests:
        together["sources"].update(one["sources"])
    with pytest.raises(ContractError) as refused:
        read_declarations(together)
    return str(refused.value)


def test_a_declaration_says_what_its_columns_are_stored_as():
    declared = read_declarations(manifest(JSON, {"id": "varchar", "position": "bigint"}))[0]
    assert declared.raw_columns == {"id": "varchar", "ticket_position": "bigint"}
    assert read_declarations(manifest(CSV))[0].raw_columns == dict(ROLES["conversation"])


def test_a_source_without_an_export_is_somebody_elses():
    node = manifest(None)
    del node["sources"]["tickets"]["config"]["meta"]["export"]
    assert read_declarations(node) == []


def test_meta_beside_config_is_read_too():
    node = manifest(CSV)
    node["sources"]["tickets"]["meta"] = node["sources"]["tickets"].pop("config")["meta"]
    assert len(read_declarations(node)) == 1


def test_all_problems_of_all_files_are_said_at_once():
    spoken = said(
        manifest({**CSV, "format": "cvs", "delimiters": ";"}, name="a"),
        manifest({**JSON, "record": "tiket"}, {"id": "varchar"}, name="b"),
    )
    assert spoken == (
        "models/a.yml:\n"
        "  desk.a.export.format is cvs: write one of 'zendesk', 'intercom' or 'csv'.\n"
        "  desk.a.export.delimiters is not a known key. Did you mean delimiter?\n"
        "models/b.yml:\n"
        "  desk.b.export.record is tiket, not a zendesk record. Did you mean ticket? Known: ticket, "
        "comment, audit, metric_event, sla_policy, satisfaction_rating, user, organization, group."
    )


@pytest.mark.parametrize(
    ("export", "sentence"),
    [
        ({**CSV, "time_zone": "Europe/Berlim"}, "Did you mean Europe/Berlin?"),
        ({one: CSV[one] for one in CSV if one != "time_zone"}, "export.time_zone is missing."),
        ({**CSV, "delimiter": ", "}, "write exactly one character"),
        ({**CSV, "record": "account"}, "opened_at is opened_at, not a role of account"),
        ({**CSV, "roles": {"id": "Id"}}, "roles.opened_at is missing"),
        ({**CSV, "roles": {**CSV["roles"], "opend_at": "x"}}, "Did you mean opened_at?"),
        ({**CSV, "roles": {**CSV["roles"], "text": {"columns": ["a"]}}}, "only tags are read"),
        ({**CSV, "table": "x"}, "export.table is declared beside export, not in it"),
        ("csv", "write a mapping with format, record and files"),
        ({**CSV, "control_totals": [{**TOTAL, "slice": "Billing"}]}, "write both or neither"),
        ({**CSV, "control_totals": [{**TOTAL, "slice_kind": "brand"}]}, "'language', 'channel' or"),
        ({**CSV, "control_totals": [{**TOTAL, "expected": -1}]}, "expected is -1"),
        ({**CSV, **ACCOUNTS, "organizations_of": []}, "name the sources whose organization ids"),
        ({**CSV, **ACCOUNTS, "organizations_of": ["dsk"]}, "Did you mean desk?"),
        ({**CSV, "control_totals": [TOTAL], "expected": ["stated"]}, "write declared into"),
    ],
)
def test_a_declaration_that_cannot_be_meant_says_what_to_write(export: Any, sentence: str):
    assert sentence in said(manifest(export))


def test_a_json_table_needs_an_id_and_a_type_for_each_field():
    spoken = said(manifest(JSON, {"subject": ""}))
    assert "columns has no id" in spoken
    assert "columns.subject has no data_type" in spoken


@pytest.mark.parametrize("part", ["rating", "rating.", "subject.score", "none.score"])
def test_a_part_is_declared_of_a_json_column_alone(part: str):
    columns = {"id": "varchar", "subject": "varchar", "rating": "json"}
    declared = read_declarations(manifest({**JSON, "parts": {"rating.score": "varchar"}}, columns))
    assert declared[0].parts == {"rating.score": "varchar"}
    spoken = said(manifest({**JSON, "parts": {part: "varchar"}}, columns))
    assert f"export.parts.{part} is no part of a json column: write it as column.part." in spoken


def test_a_misspelt_export_key_is_not_taken_for_somebody_elses():
    node = manifest(CSV)
    meta = node["sources"]["tickets"]["config"]["meta"]
    meta["exprot"] = meta.pop("export")
    assert "Did you mean export?" in said(node)


def test_headers_are_compared_without_case_and_punctuation():
    assert normal_header(" Consumer consent provided? ") == "consumer_consent_provided"
    assert normal_header("Étiquette N°") == "étiquette_n"


def test_every_required_role_is_a_role():
    assert all(set(REQUIRED_ROLES[record]) <= set(ROLES[record]) for record in ROLES)


def test_the_projects_own_declarations_hold():
    root = Path(__file__).parents[1]
    sources = {}
    for file in root.glob("dbt_project/models/staging/*/_*__sources.yml"):
        for source in yaml.safe_load(file.read_text())["sources"]:
            for table in source["tables"]:
                node = {
                    "source_name": source["name"],
                    "name": table["name"],
                    "config": {"meta": table.get("config", {}).get("meta", {})},
                    "columns": {one["name"]: one for one in table.get("columns", [])},
                    "original_file_path": str(file),
                }
                sources[source["name"], table["name"]] = node
    declared = read_declarations({"sources": sources})
    assert {"zendesk", "cfpb", "incidents", "billing"} <= {one.source for one in declared}
