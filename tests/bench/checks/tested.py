"""Proofs that are tests already: they are run as they stand, and passed or did not."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree import ElementTree

from ..contenders import ROOT
from ..measuring import RunError
from ..worlds import tell
from .proof import Asked, Proof

TESTED = {
    "locks": {
        "200 edits of locked fields: each found in its file and called what it is": (
            "test_field_edits.py::test_every_edit_is_found_in_its_file_and_called_what_it_is",
            "test_field_edits.py::test_every_table_that_a_contract_locks_is_edited_and_every_kind_of_edit_is_made",
            "test_field_edits.py::test_a_renamed_field_is_told_with_what_stands_in_its_place",
            "test_field_edits.py::test_a_field_that_nobody_declared_is_noted_once_and_alarms_nobody",
            "test_field_edits.py::test_every_metric_that_locks_the_field_is_told",
        ),
        "exports of the next day, ten worlds: none alarms": (
            "test_field_edits.py::test_the_exports_of_the_next_day_alarm_nobody",
        ),
    },
    "drift": {
        "200 onsets of drift of five points or more: 95 % found within two periods": (
            "test_onsets.py::test_an_onset_of_five_points_and_more_is_found_within_two_periods",
        ),
        "200 series that stay as they are: at most 2 % of periods alarm": (
            "test_onsets.py::test_series_that_stay_as_they_are_alarm_in_at_most_half_a_percent_of_their_periods",
        ),
    },
    "renames": {
        "a product that was renamed in real complaints: found, named, and mapped without a trace": (
            "test_renamed_tags.py",
        ),
    },
}
"""Part by part what each proves, and its tests below `tests/metrics`."""

NOT_PASSED = {"failure", "error", "skipped"}

FINISHED = (0, 1)
"""pytest's exit codes where all tests asked for were found and ran to an end, passed or not."""


def proofs(part: str, asked: Asked) -> Iterator[Proof]:
    """One row per proof of the part; skipped for want of its data, it is not measured."""
    for name, nodes in TESTED[part].items():
        tell(f"{part}: {name}")
        yield proof(name, [f"tests/metrics/{node}" for node in nodes])


def proof(name: str, tests: Sequence[object]) -> Proof:
    """Whether these tests pass, with what those that do not say."""
    cases = list(_cases(tests))
    states = [{each.tag for each in case} & NOT_PASSED for case in cases]
    passed = sum(not state for state in states)
    behind = tuple(
        f"{case.get('name')}, {why.tag}: {(why.get('message') or '').partition(chr(10))[0]}"
        for case in cases
        for why in case
        if why.tag in NOT_PASSED
    )
    # skipped for want of its data, it is neither
    is_met = None if set().union(*states) == {"skipped"} else passed == len(cases)
    return Proof(name, f"{passed} of {len(cases)} tests passed", "all", is_met, behind)


def _cases(tests: Sequence[object]) -> Iterator[ElementTree.Element]:
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "passed.xml"
        done = subprocess.run(
            [
                sys.executable, "-m", "pytest", "-q", "-n0", f"--junitxml={written}",
                *map(str, tests),
            ],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode not in FINISHED:
            tail = " ".join((done.stdout + done.stderr).split()[-60:])
            raise RunError(f"pytest ended with exit code {done.returncode}: … {tail}")
        yield from ElementTree.parse(written).iter("testcase")
