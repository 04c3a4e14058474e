"""`assay contract` as a user runs it, and what is generated from contracts, in a checkout of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml
from contract_world import contract
from running import Ended, assay_of, checkout

SEVEN = """\
refund_friction_share
How many customers have to fight for a refund?
Conversations in scope that ask for a refund.
Conversations out of scope.
The week in which the conversation was opened.
yes, no
week
"""

BEFORE_ITS_RECORDS = """\

share
share of refund conversations
down
leading
analytics
"""

REST = """\
zendesk
JSON export
Every morning at five, UTC.
zendesk.tickets: id, created_at
private comments, agent notes
24
0.95
leading
weekly_ops
board

0.2


0.1
3
refund_friction
yes
50

0.4
Publish the version before.
0.3
above
2
24
Ask billing to look at the quotes, one by one.
"""

ANSWERS = SEVEN + BEFORE_ITS_RECORDS + REST


def ask(product: Path, answers: str) -> Ended:
    return assay_of(product, "contract", "new", data=product / "data", answers=answers)


def assay_contract(product: Path, *arguments: str) -> Ended:
    return assay_of(product, "contract", *arguments, data=product / "data")


def generated(product: Path, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "orchestration.generated", *arguments],
        cwd=product, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


@pytest.fixture(scope="module")
def product(tmp_path_factory) -> Path:
    return checkout(tmp_path_factory.mktemp("product"))


@pytest.fixture(scope="module")
def asked(product) -> Ended:
    """A metric asked for, some answers given wrongly first."""
    wrong = SEVEN.replace(
        "refund_friction_share\n", "Refund friction\nhigh_effort_share\nrefund_friction_share\n"
    )
    wrong = wrong.replace("How many", "TBD\nHow many").replace("The week", "always\nThe week")
    records = REST.replace("0.95\n", "95\n0.95\n", 1).replace(
        "zendesk.tickets: id", "zendesk.tickets: idd\nzendesk.tickets: id"
    )
    return ask(
        product, wrong + BEFORE_ITS_RECORDS.replace("analytics", "nobody\nanalytics") + records
    )


def metrics_of(product: Path) -> Path:
    return product / "dbt_project/models/metrics"


def test_a_new_metric_is_read_without_a_problem_and_shown(product, asked):
    assert asked.code == 0, asked.out + asked.err
    assert "- validation: 50 labels of refund_friction (yes): κ at least 0.4" in asked.out
    checked = json.loads(assay_contract(product, "check", "--json").out)
    assert "refund_friction_share" in checked["contracts"]
    assert [one for one in checked["findings"] if one["metric"] == "refund_friction_share"] == []


def test_a_wrong_answer_is_refused_as_it_is_given_with_what_to_write(asked):
    for sentence in (
        "name is Refund friction: write small letters",
        "name is high_effort_share, which there is already",
        "question is TBD: write the business question",
        "window is always, which names no time",
        "owner is nobody: write one of",
        "locked_fields.zendesk.tickets locks idd, which its source does not declare. Did you mean id?",
        "above is 95: write a share between 0 and 1, as in 0.95.",
    ):
        assert f"Error: {sentence}" in asked.out


def test_what_is_written_is_what_was_answered(product, asked):
    text = (metrics_of(product) / "refund_friction_share.yml").read_text()
    (model,) = yaml.safe_load(text)["models"]
    written = model["config"]["meta"]["metric_contract"]
    assert model["config"]["group"] == "analytics"
    assert written["title"] == "Refund friction share"
    assert written["definition"]["outputs"] == ["yes", "no"]
    assert written["definition_minutes"] == 1
    assert written["data"]["excluded_fields"] == ["private comments", "agent notes"]
    assert written["data"]["locked_fields"] == {
        "zendesk.tickets": {"id": "varchar", "created_at": "timestamptz"}
    }
    assert written["drift_controls"] == {"bounds": {"driver_mix": 0.2}, "new_version_above": 0.1}
    assert written["actions"] == ["Ask billing to look at the quotes, one by one."]
    assert "guardrail" not in written["decision_use"]


def test_nothing_is_overwritten(product, asked):
    before = (metrics_of(product) / "refund_friction_share.sql").read_text()
    ended = ask(product, ANSWERS)
    assert ended.code == 2
    assert "name is refund_friction_share, which there is already: write another." in ended.out
    assert (metrics_of(product) / "refund_friction_share.sql").read_text() == before


def test_answers_that_end_early_leave_nothing_behind(product, asked):
    ended = ask(product, SEVEN.replace("refund_friction_share", "half_a_metric"))
    assert ended.code == 2
    assert "nothing was written" in ended.err
    assert not [*metrics_of(product).glob("half_a_metric*")]


def test_one_contract_is_shown_in_every_form(product, asked):
    forms = {
        form: assay_contract(product, "show", "refund_friction_share", *form.split()).out
        for form in ("", "--markdown", "--html", "--json")
    }
    assert forms[""].startswith("Refund friction share\n")
    assert forms["--markdown"].startswith("# Refund friction share\n")
    assert forms["--html"].startswith("<!doctype html>")
    assert json.loads(forms["--json"])["owner"]["email"] == "analytics-engineering@example.com"
    unknown = assay_contract(product, "show", "refund_frction_share")
    assert unknown.code == 2
    assert "Did you mean refund_friction_share?" in unknown.err


@pytest.mark.worlds
def test_pages_are_generated_checked_fresh_and_removed_with_their_metric(product, asked):
    assert generated(product).returncode == 0
    page = product / "contracts/pages/refund_friction_share.md"
    assert page.read_text().startswith("# Refund friction share")
    assert generated(product, "check").returncode == 0
    page.write_text("edited by hand")
    left = page.with_name("gone.html")
    left.write_text("of a metric that is gone")
    stale = generated(product, "check")
    assert stale.returncode == 2
    assert "gone.html, refund_friction_share.md" in stale.stderr
    assert generated(product).returncode == 0
    assert not left.exists()


def test_the_schema_accepts_what_is_written_and_refuses_a_misspelt_clause(product, asked):
    schema = json.loads((product / "contracts/metric_contract.schema.json").read_text())
    written = yaml.safe_load((metrics_of(product) / "refund_friction_share.yml").read_text())
    jsonschema.validate(written, schema)
    for changed in ({"ownr": "me"}, {"data__coverage": {"above": 95}}, {"definition__unit": None}):
        wrong = {"models": [{"config": {"meta": {"metric_contract": contract(**changed)}}}]}
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)


def test_contracts_nobody_wrote_are_errors_beside_all_others_and_named_by_file(tmp_path):
    """
    Of dbt's manifest alone nobody can tell a contract that was written from one that came by +meta.
    """
    product = checkout(tmp_path)
    folder = metrics_of(product)
    described = (folder / "high_effort_share.yml").read_text()
    for name in ("inherits", "in_sql", "bare"):
        text = (folder / "high_effort_share.sql").read_text()
        config = (
            "{{ config(meta={'metric_contract': {'version': '1.0.0'}}) }}\n"
            if name == "in_sql"
            else ""
        )
        (folder / f"{name}.sql").write_text(config + text)
    model = yaml.safe_load(described)["models"][0]
    model["config"].pop("meta")
    (folder / "inherits.yml").write_text(
        yaml.safe_dump({"version": 2, "models": [model | {"name": "inherits"}]})
    )
    (folder / "high_effort_share.yml").write_text(described.replace("{above: 0.95}", "{above: 95}"))
    project = product / "dbt_project/dbt_project.yml"
    project.write_text(
        project.read_text().replace(
            "\n    metrics:\n",
            "\n    metrics:\n      +meta: {metric_contract: {version: 1.0.0}}\n",
            1,
        )
    )
    ended = assay_contract(product, "check", "--json")
    problems = json.loads(ended.out)["problems"]
    assert ended.code == 2
    for name, file in (
        ("inherits", "inherits.yml"),
        ("in_sql", "in_sql.sql"),
        ("bare", "bare.sql"),
    ):
        assert problems[name] == {
            "file": f"models/metrics/{file}",
            "sentences": [
                f"{name}.metric_contract is inherited or set in SQL: "
                "write it under config.meta of the model."
            ],
        }
    assert problems["high_effort_share"]["sentences"] == [
        "high_effort_share.metric_contract.data.coverage.above is 95: write a share between 0 and 1, as in 0.95."
    ]
    told = assay_contract(product, "check").out
    assert "models/metrics/inherits.yml:\n  error: inherits.metric_contract is inherited" in told
