"""The proofs say what they could not measure, and are missed where something is behind them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from running import ROOT, assay

from .checks import mutation
from .checks.reruns import OVERDUE, judged
from .checks.tested import TESTED, proof


def checks(bench: Path, *options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.bench.checks", *map(str, options)],
        cwd=ROOT,
        env={**os.environ, "ASSAY_BENCH_DIR": str(bench)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_a_build_of_a_million_its_suites_are_not_measured_and_not_missed(tmp_path):
    done = checks(tmp_path, "--only", "suites")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("not measured") == 2


def test_a_proof_that_cannot_be_run_is_missed_and_says_why(tmp_path):
    done = checks(tmp_path, "--only", "suites", "--million", tmp_path)
    assert done.returncode == 1
    assert "could not be run" in done.stdout
    assert "candidate.duckdb" in done.stdout


def test_the_suites_of_a_named_build_are_judged_and_nothing_in_it_is_written(built, tmp_path):
    before = {path: path.stat().st_mtime_ns for path in built.data.rglob("*")}
    done = checks(tmp_path, "--only", "suites", "--million", built.data)
    assert "suites of 15 metrics over 3,000 conversations: time" in done.stdout, done.stderr
    assert {path: path.stat().st_mtime_ns for path in built.data.rglob("*")} == before


def test_a_world_alarms_by_whatever_failed_but_not_for_being_of_the_past(built):
    rows = json.loads(assay("checks", "--json", data=built.data).out)
    assert (OVERDUE, "failed") in {(row["clause"], row["state"]) for row in rows}
    clean = judged(7, rows)
    assert clean.alarms == ()
    assert clean.states["coverage", "passed"] > 10
    lost = next(row for row in rows if row["clause"] == "coverage" and row["metric"])
    found = judged(7, [*rows, {**lost, "state": "failed", "slice": "VIP", "detail": "3 of 9"}])
    assert found.alarms == (f"{lost['metric']}, coverage (VIP): 3 of 9",)


def test_a_proof_whose_tests_were_skipped_is_not_measured(tmp_path):
    written = tmp_path / "test_skipped.py"
    # the skip is what is tested: a test that was not run proves nothing
    written.write_text("import pytest\n\ndef test_it():\n    pytest.skip('no data here')\n")
    found = proof("it holds", [written])
    assert (found.is_met, found.measured) == (None, "0 of 1 tests passed")
    assert "no data here" in found.behind[0]
    written.write_text("def test_it():\n    assert 1 > 2\n\ndef test_that():\n    pass\n")
    found = proof("it holds", [written])
    assert (found.is_met, found.measured) == (False, "1 of 2 tests passed")
    assert "test_it" in found.behind[0]


def test_every_test_that_a_proof_runs_is_there():
    nodes = [node for part in TESTED.values() for those in part.values() for node in those]
    assert len(nodes) >= 8
    for node in nodes:
        file, _, name = node.partition("::")
        text = (ROOT / "tests" / "metrics" / file).read_text(encoding="utf-8")
        assert f"def {name}(" in text or not name, node


def verdict(metric: str, kind: str, place: str) -> dict[str, str]:
    return {"metric": metric, "version": "1.0.0", "kind": kind, "place": place, "finding": "none"}


def test_a_kind_of_harm_that_nothing_notices_does_not_hide_behind_the_others():
    """
    Of 40 pairs 39 are noticed, which is enough; of the kind that reached one metric none is, which is not.
    """
    found = {
        "kills": [verdict(f"m{number}", "lost day", f"day {number % 2}") for number in range(39)],
        "survivors": [verdict("m1", "stale data", "zendesk")],
        "not_planted": ["blank quotes"],
    }
    whole, lost, stale, blank = mutation.judged(found, "a world")
    assert (whole.measured, whole.is_met) == ("39 of 40, 97.5%; 2 of 3 harms everywhere", True)
    assert whole.behind == ("m1 1.0.0, stale data (zendesk): none",)
    assert (lost.measured, lost.is_met) == ("39 of 39, 100.0%; 2 of 2 harms everywhere", True)
    assert (stale.measured, stale.is_met) == ("0 of 1, 0.0%; 0 of 1 harms everywhere", False)
    assert (blank.measured, blank.verdict) == ("none planted", "not measured")


def test_a_harm_that_one_metric_of_two_notices_has_survived_somewhere():
    found = {
        "kills": [verdict("m1", "lost day", "a day")],
        "survivors": [verdict("m2", "lost day", "a day")],
        "not_planted": [],
    }
    whole, lost = mutation.judged(found, "a world")
    assert whole.measured == "1 of 2, 50.0%; 0 of 1 harms everywhere"
    assert not whole.is_met
    assert not lost.is_met


def test_of_nothing_planted_nothing_is_proved():
    (whole,) = mutation.judged({"kills": [], "survivors": [], "not_planted": []}, "a world")
    assert whole.is_met is False
