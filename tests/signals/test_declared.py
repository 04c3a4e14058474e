"""Custom signals as declared: read strictly, all problems of a file at once."""

from __future__ import annotations

import copy
import re
from ast import literal_eval

import pytest

from contracts.errors import ContractError
from orchestration import warehouse
from orchestration.build_plan import fingerprints
from signals.declared import CORE, SPOKEN_BY_RULES, read_signals, signal_names
from signals.taken_names import columns_of_wide_tables

SHIPPED = {
    "churn_mention", "churn_reason", "refund_friction", "setup_confusion", "onboarding_friction",
    "trust_and_safety_mention", "upsell_opportunity", "financial_product",
}  # fmt: skip

GOOD = {
    "name": "parking", "question": "Is it about parking?", "values": ["yes", "no"], "otherwise": "no",
    "answered_by": "rules", "version": "1.0.0", "owner": "CX",
    "rules": [{"value": "yes", "any": [r"\bparking\b"]}],
}  # fmt: skip


def read(*signals):
    node = {
        "resource_type": "model", "name": "custom_signals", "patch_path": "assay://models/signals/mine.yml",
        "original_file_path": "models/signals/custom_signals.sql", "config": {"meta": {"signals": list(signals)}},
    }  # fmt: skip
    return read_signals({"nodes": {"model.assay.custom_signals": node}})


def test_the_signals_that_ship_are_declared_as_they_must_be():
    found = {signal.name: signal for signal in read_signals(warehouse.read_manifest())}
    assert found.keys() >= SHIPPED
    assert all(found[name].answered_by == "rules" and found[name].owner for name in SHIPPED)


def test_a_signal_is_read_as_written():
    (signal,) = read(GOOD)
    assert signal.values == ("yes", "no")
    assert signal.rules[0].any == (r"\bparking\b",)
    assert signal.languages == ("en",)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"qestion": "?"}, "signal parking.qestion is not a known key. Did you mean question?"),
        ({"owner": None}, "signal parking.owner is None"),
        ({"values": ["yes", "no", "perhaps"]}, "values holds perhaps, which no rule can give"),
        ({"otherwise": None}, "otherwise is missing"),
        (
            {"rules": [{"value": "yess", "any": ["x y"]}]},
            "which is not among its values. Did you mean yes?",
        ),
        ({"rules": [{"value": "yes"}]}, "rules.0.any is missing: a rule without it needs within"),
        (
            {"rules": [{"value": "yes", "any": ["(a"]}]},
            "rules.0.any.0 is not a regular expression RE2 reads",
        ),
        (
            {"rules": [{"value": "yes", "any": ["a b", "a b"]}]},
            "rules.0.any.1 is signal parking.rules.0.any.0 once more",
        ),
        ({"rules": [{"value": "yes", "any": ["(?:a{99}b){99}"]}]}, "rules.0.any.0"),
        ({"ignore": ["Not this"]}, "ignore.0 holds a capital letter"),
        ({"hints": ["park.*"]}, "hints holds park.*: write plain words"),
        ({"languages": ["en", "fr"]}, "languages holds fr: rules are compiled for en, de, es"),
        ({"name": "outcome"}, "has the name of a core signal"),
        (
            {"name": "order"},
            "signal order has a name that is a word of SQL: give it another, as in order_told.",
        ),
        (
            {"name": "driver"},
            "signal driver has the name of a column of fct_conversations or fct_measured: give it another",
        ),
        ({"answered_by": "magic"}, "answered_by is magic: write one of"),
        ({"answered_by": "llm"}, "answered by llm: rules, hints"),
        ({"instructions": "think"}, "instructions is of llm"),
        ({"values": [True, False]}, "signal parking.values.0 is True"),
    ],
)
def test_what_is_not_meant_so_is_named_with_its_place(change, said):
    with pytest.raises(ContractError) as error:
        read({**GOOD, **change})
    assert str(error.value).startswith("models/signals/mine.yml:")
    assert said in str(error.value)


def test_a_name_declared_twice_is_one_too_many():
    with pytest.raises(ContractError, match="parking is declared twice"):
        read(GOOD, GOOD)


def test_editing_a_custom_signal_makes_what_depends_on_it_stale():
    """
    The rules stand in YAML, and labels made by the old ones must not pass for new.
    """
    manifest = warehouse.read_manifest()
    edited = copy.deepcopy(manifest)
    model = edited["nodes"]["model.assay.custom_signals"]
    model["config"]["meta"]["signals"][0]["version"] = "9.9.9"
    before, after = (fingerprints(built, {}, warehouse.PROJECT) for built in (manifest, edited))
    assert before["model.assay.custom_signals"] != after["model.assay.custom_signals"]
    assert before["model.assay.own_words"] == after["model.assay.own_words"]


def test_every_signal_that_ships_has_a_column_and_none_is_taken_for_one_that_was_there():
    assert not SHIPPED & columns_of_wide_tables()
    assert {"driver", "language", "is_sla_met", "sla_first_reply"} <= columns_of_wide_tables()


def test_python_and_dbt_know_the_same_core_signals():
    """
    The one names what is checked and shown, the other the columns: dbt imports nothing.
    """
    (listed,) = re.findall(
        r"macro core_signals\(\) %}\{\{ return\((.*?)\) \}\}",
        (warehouse.PROJECT / "macros" / "declared_signals.sql").read_text(),
    )
    assert tuple(literal_eval(listed)) == CORE
    assert signal_names(warehouse.read_manifest()) == [*CORE, *sorted(SHIPPED)]


def test_every_model_speaks_the_languages_that_rules_are_declared_for():
    lists = {
        str(path.relative_to(warehouse.PROJECT)): set(
            re.findall(r"\[(?:'[a-z]{2}'(?:, )?)+\]", text)
        )
        for folder in ("macros", "models")
        for path in (warehouse.PROJECT / folder).rglob("*.sql")
        if (text := path.read_text(encoding="utf-8"))
    }
    spoken = {path: found for path, found in lists.items() if found}
    assert "models/signals/own_words.sql" in spoken
    # what a declaration that names none means
    spoken["macros/signal_packs.sql"] -= {"['en']"}
    assert {tuple(literal_eval(each)) for found in spoken.values() for each in found} == {
        SPOKEN_BY_RULES
    }
