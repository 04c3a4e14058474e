"""Harms planted into copies of a real build: what is noticed, by which clause, and what is not called noticed."""

from __future__ import annotations

import json
import random
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from running import Built, assay

from contracts.contract import Contract
from contracts.exports import read_declarations
from orchestration import warehouse
from orchestration.mutation import drawing, strength
from orchestration.mutation.harm import Harm
from orchestration.mutation.planting import Copies, Project
from orchestration.mutation.verdict import Verdict
from orchestration.stores import Stores

pytestmark = pytest.mark.worlds


@pytest.fixture(scope="module")
def project() -> Project:
    manifest = warehouse.read_manifest()
    contracts = warehouse.read_metric_contracts(manifest).contracts
    return Project(manifest, read_declarations(manifest), contracts)


@pytest.fixture(scope="module")
def copies(validated: Built, project: Project, tmp_path_factory) -> Copies:
    return Copies(Stores.at(validated.data), project, tmp_path_factory.mktemp("copies"))


@pytest.fixture(scope="module")
def planted(copies, validated, project):
    """The verdicts on one harm of a kind, by metric."""

    def planted(kind: str, **changed: object) -> dict[str, Verdict]:
        stores = Stores.at(validated.data)
        with copies.opened() as connection:
            world = strength.world(connection, stores, project, project.contracts)
            drawn = (drawing.KINDS[kind](world, random.Random(seed)) for seed in range(3, 100))
            # a field that nobody locks is another matter
            harm = next(each for each in drawn if each and (each.reach != "fields" or each.metrics))
        found = copies.harmed(replace(harm, **changed))
        told = strength.verdicts(
            project.contracts, replace(harm, **changed), copies.as_it_stands, found
        )
        return {each.metric: each for each in told}

    return planted


CLAUSES = {
    "lost channel": "coverage",
    "inflated expected counts": "coverage",
    "shifted time zone": "coverage",
    "stale data": "freshness",
    "renamed field": "source fields",
    "retyped field": "source fields",
    "swapped mapping": "history",
    "widened rule": "history",
    "blank quotes": "evidence",
}
WITHOUT_DRIFT_CONTROLS = "unmapped_tag_share"


@pytest.mark.parametrize("kind", CLAUSES)
def test_a_harm_is_noticed_by_the_clause_that_is_there_for_it(planted, kind):
    found = planted(kind)
    clause = CLAUSES[kind]
    survived = {metric: each.finding for metric, each in found.items() if each.noticed_by != clause}
    if clause == "history":
        told = survived.pop(WITHOUT_DRIFT_CONTROLS, "drift_controls")
        assert "drift_controls" in told
    assert found
    assert survived == {}


def test_a_field_that_a_metric_is_counted_by_and_does_not_lock_survives_by_its_name(
    validated, project, tmp_path
):
    table, field = "zendesk.audits", "events"
    contracts = [
        _without(each, table, field) if each.metric == "reopen_rate" else each
        for each in project.contracts
    ]
    missing = replace(project, contracts=contracts)
    stores = Stores.at(validated.data)
    copies = Copies(stores, missing, tmp_path / "copies")
    alone = [
        each.model_copy(update={"columns": {field: each.columns[field]}})
        for each in project.declarations
        if (each.source, each.table) == ("zendesk", "audits")
    ]
    with copies.opened() as connection:
        world = replace(strength.world(connection, stores, missing, contracts), declarations=alone)
        harm = drawing.KINDS["renamed field"](world, random.Random(3))
    found = strength.verdicts(contracts, harm, copies.as_it_stands, copies.harmed(harm))
    survived = {each.metric: each.finding for each in found if each.noticed_by is None}
    assert survived == {
        "reopen_rate": "its contract does not lock zendesk.audits.events: "
        "source_fields.zendesk.audits.events would notice it"
    }
    assert {each.metric for each in found} == {
        each.metric for each in project.contracts if field in each.data.locked_fields.get(table, {})
    }, "no number but theirs is another"


def _without(contract: Contract, table: str, field: str) -> Contract:
    locked = {
        name: {one: kind for one, kind in fields.items() if (name, one) != (table, field)}
        for name, fields in contract.data.locked_fields.items()
    }
    data = contract.data.model_copy(update={"locked_fields": locked})
    return contract.model_copy(update={"data": data})


def test_an_alarm_that_does_not_name_the_place_is_luck(planted):
    found = planted("inflated expected counts", names=("somewhere else",))
    assert found
    assert {each.noticed_by for each in found.values()} == {None}
    assert any("does not say where" in each.finding for each in found.values())


def test_a_copy_that_is_not_harmed_is_judged_as_the_build_was(copies, project):
    nothing = Harm("nothing", "nowhere", "data.coverage", ("",), "records", plant=lambda _: None)
    found = copies.harmed(nothing)
    assert found.reached == frozenset()
    assert strength.news(copies.as_it_stands, found.outcomes) == []


def test_harms_of_one_kind_are_told_and_leave_what_is_stored_and_the_score_alone(
    validated, tmp_path
):
    data = tmp_path / "data"
    shutil.copytree(validated.data, data, symlinks=True)
    before = _digests(data)
    ended = assay("mutate", "csat_good_share", "--kind", "lost channel", "--json", data=data)
    told = json.loads(ended.out)
    assert (ended.code, told["planted"], told["killed"], told["survivors"]) == (0, 1, 1, [])
    assert told["not_planted"] == []
    assert told["kills"][0]["finding"].startswith("nothing came of channel ")
    # some kinds alone are no score
    assert "strength" not in assay("contract", "show", "csat_good_share", data=data).out
    assert _digests(data) == before
    assert not list(data.glob(".assay-mutate-*"))


def _digests(data: Path) -> dict[str, int]:
    return {name: hash((data / name).read_bytes()) for name in ("work.duckdb", "candidate.duckdb")}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["reopen_rat"], "Did you mean reopen_rate?"),
        ([], "write --all"),
        (["reopen_rate", "--all"], "write --all"),
        (["reopen_rate", "--kind", "lost dya"], "Did you mean lost day?"),
    ],
)
def test_what_cannot_be_asked_is_told_before_anything_is_copied(validated, arguments, said):
    ended = assay("mutate", *arguments, data=validated.data)
    assert ended.code == 2
    assert said in " ".join(ended.err.split())


def test_without_a_build_there_is_nothing_to_harm(tmp_path):
    ended = assay("mutate", "--all", data=tmp_path)
    assert ended.code == 2
    assert "nothing is published yet" in ended.err
