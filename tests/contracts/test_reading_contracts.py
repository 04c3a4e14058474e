"""A contract is read strictly, and what is wrong with it is said in sentences that tell what to write."""

from __future__ import annotations

import pytest
from contract_world import COLUMNS, contract, manifest, metric, read, said

from contracts.contract import ConfirmedSample, LabelledSample
from contracts.errors import ContractError
from contracts.reading import read_contracts

KEY = "high_effort_onboarding_share.metric_contract"


def test_a_whole_contract_is_read_with_what_dbt_knows_of_its_metric():
    found = read(metric())
    (one,) = found.contracts
    assert not found.problems
    assert one.metric == "high_effort_onboarding_share"
    assert (one.owner.name, one.owner.email) == ("Onboarding", "onboarding@example.com")
    assert one.file == "models/metrics/high_effort_onboarding_share.yml"
    assert [*one.columns] == [*COLUMNS]
    assert one.missing == ()
    assert one.promise["definition"]["unit"] == "share of conversations"
    assert "metric" not in one.promise


def test_both_forms_of_validation_are_told_apart():
    (labelled,) = read(metric()).contracts
    (confirmed,) = read(
        metric(written=contract(drill_down__validation={"sample": 30, "confirmed": 0.9}))
    ).contracts
    assert isinstance(labelled.drill_down.validation, LabelledSample)
    assert isinstance(confirmed.drill_down.validation, ConfirmedSample)


def test_a_draft_may_lack_a_d_and_says_which():
    (one,) = read(metric(written=contract(drill_down=None, data=None))).contracts
    assert one.missing == ("data", "drill_down")


WRONG = [
    ({"ownr": "me"}, f"{KEY}.ownr is not a known key."),
    ({"defintion": {}}, f"{KEY}.defintion is not a known key. Did you mean definition?"),
    (
        {"definition__widow": "a week"},
        f"{KEY}.definition.widow is not a known key. Did you mean window?",
    ),
    (
        {"data__coverage": {"above": 95}},
        f"{KEY}.data.coverage.above is 95: write a share between 0 and 1, as in 0.95.",
    ),
    (
        {"data__coverage": {"above": "95%"}},
        f"{KEY}.data.coverage.above is 95%: write a share between 0 and 1, as in 0.95.",
    ),
    (
        {"definition__unit": None},
        f"{KEY}.definition.unit is missing: write what one of the value is, as in share of conversations.",
    ),
    (
        {"definition__cadence": "weekly"},
        f"{KEY}.definition.cadence is weekly: "
        "write one of 'hour', 'day', 'week', 'month' or 'quarter'.",
    ),
    ({"version": "1.0"}, f"{KEY}.version is 1.0: write three numbers, as in 1.0.0."),
    ({"version": 1.0}, f"{KEY}.version is 1.0: write three numbers, as in 1.0.0."),
    (
        {"definition__outputs": [True, "no"]},
        f"{KEY}.definition.outputs.0 is True to YAML: write the word in quotes.",
    ),
    (
        {"definition__outputs": ["number", "no"]},
        f"{KEY}.definition has outputs number, no: write states or [number].",
    ),
    (
        {"decision_use__allowed": ["board"]},
        f"{KEY}.decision_use both allows and forbids board: write each in one list.",
    ),
    (
        {"decision_use__allowed": ["weekly_op"]},
        f"{KEY}.decision_use.allowed holds weekly_op, which is no purpose. Did you mean weekly_ops? "
        "Known: board, weekly_ops, triage, diagnostic.",
    ),
    (
        {"decision_use__guardrail": "high_effort_share"},
        f"{KEY}.decision_use.guardrail is high_effort_share, which is not a metric."
        " Did you mean high_effort_onboarding_share?",
    ),
    (
        {"drift_controls__bounds": {}},
        f"{KEY}.drift_controls.bounds is empty: write at least one of driver_mix, segment_mix, "
        "canonical_tag_mix, channel_mix, hour_mix, language_mix, label_mix, confidence_mix, "
        "member_shift, unmapped_share, volume, creep, value_creep, as in driver_mix: 0.2.",
    ),
    (
        {"drill_down__validation": {"signal": "sentiment", "value": "negative", "labels": 50}},
        f"{KEY}.drill_down.validation has no floor: write precision or kappa, as in kappa: 0.4.",
    ),
    (
        {"drill_down__validation": {"sample": 30, "confirmd": 0.9}},
        f"{KEY}.drill_down.validation.confirmd is not a known key. Did you mean confirmed?",
    ),
    (
        {"data__field_bounds": {"null_shares": 0.3}},
        f"{KEY}.data.field_bounds.null_shares is not a known key. Did you mean null_share?",
    ),
    (
        {"data__field_bounds": {"null_share": 30}},
        f"{KEY}.data.field_bounds.null_share is 30: write a share between 0 and 1, as in 0.95.",
    ),
    (
        {"data__locked_fields": {"zendesk.ticket": {"id": "varchar"}}},
        f"{KEY}.data.locked_fields names zendesk.ticket, which no source declares: "
        "write source.table. Did you mean zendesk.tickets?",
    ),
    (
        {"data__locked_fields": {"zendesk.tickets": {"create_at": "timestamptz"}}},
        f"{KEY}.data.locked_fields.zendesk.tickets locks create_at, which its source does not declare."
        " Did you mean created_at?",
    ),
    (
        {"data__locked_fields": {"billing.accounts": {"started_at": "date"}}},
        f"{KEY}.data.locked_fields.billing.accounts.started_at is date: its source declares timestamptz.",
    ),
    (
        {
            "data__locked_fields": {
                "zendesk.tickets": {"satisfaction_rating.score": "varchar"},
            }
        },
        f"{KEY}.data.locked_fields.zendesk.tickets locks satisfaction_rating.score and not satisfaction_rating, "
        "without which it is gone: lock both.",
    ),
    (
        {"data__may_be_absent": ["billing.account"]},
        f"{KEY}.data.may_be_absent names billing.account, of which it locks no field. Did you mean "
        "billing.accounts?",
    ),
    (
        {"data__system": ["zendesk", "bilin"]},
        f"{KEY}.data.system is bilin, which is not a source. Did you mean billing?",
    ),
    (
        {"escalation": None},
        f"{KEY}.escalation is missing: write from when on somebody must act, as in {{threshold: 0.35}}.",
    ),
    (
        {"escalation__threshold": 35},
        f"{KEY}.escalation.threshold is 35: write a share between 0 and 1, as in 0.35.",
    ),
    (
        {"escalation__hours": float("inf")},
        f"{KEY}.escalation.hours is inf: write hours until somebody has it, as in 24.",
    ),
    (
        {"decision_use__guardrail": "high_effort_onboarding_share"},
        f"{KEY}.decision_use.guardrail is high_effort_onboarding_share itself: name another metric.",
    ),
    (
        {"retired": {"since": "2026-01-31", "reason": "Merged.", "replaced_by": "nothing_like_it"}},
        f"{KEY}.retired.replaced_by is nothing_like_it, which is not a metric.",
    ),
    (
        {"drill_down__validation__signal": "customer_efort"},
        f"{KEY}.drill_down.validation.signal is customer_efort, which is no signal."
        " Did you mean customer_effort? Known: customer_effort, outcome.",
    ),
    (
        {"data__coverage": {"above": 0.9}},
        f"{KEY}.data.coverage.above is 0.9: no metric is launched unless its coverage is above 95 %."
        " Write 0.95 or more.",
    ),
    (
        {"drill_down__validation": {"sample": 1, "confirmed": 0.9}},
        f"{KEY}.drill_down.validation.sample is 1: fewer units tell little. Write 30 or more.",
    ),
    ({"definition": 3}, f"{KEY}.definition is 3: write what is counted."),
    ({"owner": "ana"}, f"{KEY}.owner is dbt's: write it on the model, not here."),
]


@pytest.mark.parametrize(("changed", "sentence"), WRONG, ids=lambda each: str(each)[:40])
def test_a_problem_names_the_key_what_was_written_and_what_to_write(changed, sentence):
    assert sentence in said(**changed)


def test_all_problems_of_all_files_are_told_at_once_and_do_not_hide_the_sound():
    found = read(
        metric(),
        metric("one", contract(title="One", definition__unit=None, version="1")),
        metric("two", contract(title="Two", data__coverage={"above": 95})),
    )
    assert [each.metric for each in found.contracts] == ["high_effort_onboarding_share"]
    assert {name: len(sentences) for name, (_, sentences) in found.problems.items()} == {
        "one": 2,
        "two": 1,
    }
    assert found.problems["one"][0] == "models/metrics/one.yml"
    with pytest.raises(ContractError, match=r"one\.metric_contract.version is 1: write") as error:
        found.required()
    assert [*error.value.problems] == ["models/metrics/one.yml", "models/metrics/two.yml"]


def test_a_contract_that_does_not_fit_what_is_beside_it_is_not_among_those_that_hold():
    found = read(metric(written=contract(data__system="zendisk")))
    assert found.contracts == ()
    assert [*found.problems] == ["high_effort_onboarding_share"]


def test_columns_in_another_order_would_be_taken_for_each_other_in_a_union():
    columns = {name: {"data_type": COLUMNS[name]} for name in sorted(COLUMNS)}
    (sentence,) = read(metric("m", columns=columns)).problems["m"][1]
    assert sentence.startswith("m.columns are in another order: write unit_id, conversation_id,")


def test_a_type_is_compared_without_its_spaces_and_case():
    kind = "STRUCT(channel varchar,rel varchar)"
    assert said(data__locked_fields={"zendesk.tickets": {"via": kind}}) == []


def test_an_owner_without_an_email_is_nobody_to_ask():
    (_, sentences) = read(metric(group="nobody")).problems["high_effort_onboarding_share"]
    assert sentences == [
        "high_effort_onboarding_share.config.group is nobody, whose owner has no email: "
        "write one in _groups.yml."
    ]


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"state": None}, "m.columns has no state: declare it as varchar."),
        ({"opened_on": "timestamp"}, "m.columns.opened_on is timestamp: declare it as date."),
        ({"extra": "varchar"}, "m.columns has extra, which no metric has."),
    ],
)
def test_the_columns_are_those_of_every_metric(columns, sentence):
    kept = {name: kind for name, kind in ({**COLUMNS, **columns}).items() if kind}
    node = metric("m", columns={name: {"data_type": kind} for name, kind in kept.items()})
    assert sentence in read(node).problems["m"][1]


def test_two_titles_that_differ_in_case_and_punctuation_are_one():
    found = read(metric(), metric("other", contract(title="High effort: onboarding SHARE")))
    assert [*found.problems] == ["high_effort_onboarding_share", "other"]
    assert found.problems["other"][1] == [
        "other.metric_contract.title is High effort: onboarding SHARE, the title of "
        "high_effort_onboarding_share too: write a longer one."
    ]


def test_a_metric_without_a_contract_is_an_error():
    node = metric("bare")
    node["config"]["meta"] = {"metric_contrct": {}}
    assert read(node).problems["bare"][1] == [
        "bare.metric_contract is missing: write it under config.meta of the model."
        " metric_contrct is not a known key. Did you mean metric_contract?"
    ]


def test_a_model_elsewhere_is_no_metric():
    node = metric("fct", original_file_path="models/marts/fct.sql")
    node["config"]["meta"] = {}
    assert read(node) == read()


def test_a_contract_longer_than_its_page_is_an_error():
    long = contract(definition__included="Conversations of every kind. " * 100)
    (sentence,) = read(metric(written=long)).problems["high_effort_onboarding_share"][1]
    assert "lines of its page, which has 60: write it shorter." in sentence


def test_a_bare_on_which_is_true_to_yaml_is_told_with_what_to_write():
    key = f"{KEY}.retired"
    assert said(retired={"true": "2026-01-31", "reason": "Nobody decided by it."}) == [
        f"{key}.since is missing: write the first day without it, as in 2026-01-31.",
        f"{key}.true is not a known key.",
    ]


def test_purposes_are_not_judged_where_nobody_says_which_there_are():
    found = read_contracts(manifest(metric(written=contract(decision_use__allowed=["payroll"]))))
    # the made-up metric lies in no file: whether its contract is its own is judged by its patch
    assert not found.problems


def test_sql_that_reads_what_is_not_published_beside_it_is_a_problem():
    node = metric(depends_on={"nodes": ["model.assay.conversations"]})
    beside = manifest(node)
    beside["nodes"]["model.assay.conversations"] = {
        "resource_type": "model", "name": "conversations", "schema": "core",
    }  # fmt: skip
    assert read_contracts(beside).problems["high_effort_onboarding_share"][1] == [
        "high_effort_onboarding_share.sql reads conversations, which is not published with it: read "
        "fct_measured or another model of models/marts."
    ]
    beside["nodes"]["model.assay.conversations"]["schema"] = "marts"
    assert read_contracts(beside).problems == {}


@pytest.mark.parametrize("nothing", ["", " \n", "-- select 1", "{# nothing #}"])
def test_sql_that_says_nothing_is_a_problem(nothing):
    said = read(metric(raw_code=nothing)).problems["high_effort_onboarding_share"][1]
    assert said == [
        "high_effort_onboarding_share.sql holds no SQL: write a view of the units it counts."
    ]


def test_who_reads_a_signal_must_ask_for_its_labels():
    """The shipped form asks for labels of customer_effort."""
    reads = "select outcome from counted where customer_effort = 'high' -- and summary"
    beside = manifest(metric(raw_code=reads))
    signals = ("customer_effort", "outcome", "summary")
    (told,) = read_contracts(beside, signals=signals).problems["high_effort_onboarding_share"][1]
    assert "drill_down.validation does not ask for labels of outcome, which its SQL reads" in told


def test_a_key_written_twice_is_named_with_its_line(tmp_path):
    file = tmp_path / "models" / "metrics" / "high_effort_onboarding_share.yml"
    file.parent.mkdir(parents=True)
    file.write_text(
        "models:\n  - name: high_effort_onboarding_share\n    config:\n      meta:\n"
        "        metric_contract:\n          title: One\n          title: Two\n"
    )
    said = read_contracts(manifest(metric()), project=tmp_path).problems
    assert said["high_effort_onboarding_share"][1] == [
        "models/metrics/high_effort_onboarding_share.yml, line 7: title is written twice in one mapping: "
        "leave one of them away."
    ]
