"""How a signal is declared that an LLM or a Python callable answers, and what is said of one that cannot be."""

from __future__ import annotations

import pytest

from contracts.errors import ContractError
from signals.declared import read_signals

GOOD = {
    "name": "refund_trouble",
    "question": "Is getting a refund troublesome?",
    "values": ["yes", "no"],
    "answered_by": "llm",
    "version": "1.0.0",
    "owner": "billing@example.com",
    "instructions": "A first request is no trouble.",
}


def manifest(**changed):
    declared = {name: value for name, value in {**GOOD, **changed}.items() if value is not None}
    node = {
        "resource_type": "model",
        "name": "asked_signals",
        "original_file_path": "models/signals/asked_signals.sql",
        "patch_path": "assay://models/signals/_asked__models.yml",
        "config": {"meta": {"signals": [declared]}},
    }
    return {"nodes": {"model.assay.asked_signals": node}}


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"values": []},
        {"name": "summary", "values": []},
        {"answered_by": "python", "callable": "ours:refunds", "instructions": None},
    ],
    ids=["llm", "a text", "the summary", "python"],
)
def test_an_asked_signal_is_read_as_declared(changed):
    (signal,) = read_signals(manifest(**changed))
    assert signal.name == changed.get("name", "refund_trouble")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"instructions": None}, "signal refund_trouble.instructions is missing"),
        ({"instructions": " "}, "say how to tell the values apart"),
        ({"values": ["yes"]}, "names 1 of at least two values"),
        ({"name": "summary"}, "has the name of a core signal"),
        ({"name": "sentiment", "values": []}, "has the name of a core signal"),
        ({"answered_by": "python", "instructions": None}, "write module:function|module:function"),
        ({"answered_by": "python", "values": [], "callable": "a:b"}, "names 0 of at least two"),
        ({"instruction": "x"}, "Did you mean instructions?"),
        ({"answered_by": "gpt"}, "write one of 'rules', 'llm' or 'python'"),
    ],
)
def test_what_cannot_be_asked_is_said_with_its_file(changed, said):
    with pytest.raises(ContractError) as raised:
        read_signals(manifest(**changed))
    (file,) = raised.value.problems
    assert file == "models/signals/_asked__models.yml"
    assert any(each in str(raised.value) for each in said.split("|"))
