"""An exposure that uses a metric outside its licence is told, with what it may serve."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from contracts.exposures import READ_BY_ALL, exposure_problems
from orchestration.warehouse import read_manifest

PURPOSES = {"board": {"own_file": True}, "weekly_ops": {"own_file": False}}
CONTRACTS = [
    SimpleNamespace(metric="csat", decision_use=SimpleNamespace(allowed=("board", "weekly_ops"))),
    SimpleNamespace(metric="backlog", decision_use=SimpleNamespace(allowed=("weekly_ops",))),
    SimpleNamespace(metric="unlicensed", decision_use=None),
]

ABOVE = {
    "team_backlog": ["fct_conversations", "team_units"],
    "team_units": ["backlog"],
    "team_values": ["metric_values"],
    # a view of a purpose reads them all, and shows what is licensed
    "board__metric_values": ["metric_values", "backlog"],
    "board__pack": ["board__metric_values"],
}


def problems(uses: list[str], **meta: str) -> list[str]:
    names = [
        "csat",
        "backlog",
        "unlicensed",
        "metric_values",
        "board__metric_values",
        "fct_conversations",
        "team_backlog",
        "team_units",
        "team_values",
        "board__pack",
    ]
    exposure = {
        "name": "deck",
        "original_file_path": "models/exposures.yml",
        "depends_on": {"nodes": [each if "." in each else f"model.assay.{each}" for each in uses]},
        "config": {"meta": meta},
    }
    manifest = {
        "nodes": {
            f"model.assay.{each}": {
                "name": each,
                "resource_type": "model",
                "depends_on": {"nodes": [f"model.assay.{above}" for above in ABOVE.get(each, ())]},
            }
            for each in names
        },
        "metrics": {
            "metric.assay.backlog": {
                "name": "backlog",
                "resource_type": "metric",
                "depends_on": {"nodes": ["semantic_model.assay.backlog"]},
            }
        },
        "semantic_models": {
            "semantic_model.assay.backlog": {
                "name": "backlog",
                "resource_type": "semantic_model",
                "depends_on": {"nodes": ["model.assay.backlog"]},
            }
        },
        "exposures": {"exposure.assay.deck": exposure},
    }
    return exposure_problems(manifest, CONTRACTS, PURPOSES).get("models/exposures.yml", [])


def test_a_licensed_use_is_no_problem_and_neither_is_one_of_no_metric():
    assert problems(["csat", "board__metric_values"], purpose="board") == []
    assert problems(["backlog", "metric_values"], purpose="weekly_ops") == []
    assert problems(["board__pack"], purpose="board") == []
    assert problems(["team_backlog", "metric.assay.backlog"], purpose="weekly_ops") == []
    assert problems(["fct_conversations"]) == []


@pytest.mark.parametrize(
    ("uses", "meta", "said"),
    [
        (["csat"], {}, "deck.config.meta.purpose is missing"),
        (["csat"], {"purpose": "bord"}, "Did you mean board?"),
        (["backlog"], {"purpose": "board"}, "which its contract does not allow. It may serve weekly_ops."),
        (["unlicensed"], {"purpose": "weekly_ops"}, "nothing: it has no decision_use"),
        (["metric_values"], {"purpose": "board"}, "holds what board may not see: read board__metric_values"),
        (["board__metric_values"], {"purpose": "weekly_ops"}, "read weekly_ops__metric_values"),
        (["team_backlog"], {}, "deck.config.meta.purpose is missing"),
        (["team_backlog"], {"purpose": "board"}, "uses backlog through team_backlog, team_units for board, which"),
        (["team_values"], {"purpose": "board"}, "reads metric_values through team_values, which holds what"),
        (["board__pack"], {"purpose": "weekly_ops"}, "through board__pack for weekly_ops: read weekly_ops"),
        (["metric.assay.backlog"], {"purpose": "board"}, "uses backlog for board, which"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_use_is_said_with_what_to_do(uses, meta, said):
    (found,) = problems(uses, **meta)
    assert said in found


def test_every_model_that_holds_all_metrics_is_known_as_one():
    governed = {
        node["name"]
        for node in read_manifest()["nodes"].values()
        if node["resource_type"] == "model"
        and "governed" in node["config"]["tags"]
        and node["schema"] in ("counted", "marts")
    }
    assert governed == READ_BY_ALL
