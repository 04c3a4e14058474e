"""Great Expectations, whose import takes seconds, is imported once where it judges, and nowhere else."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest
from running import ROOT, assay_from_nothing

IMPORTS = re.compile(r"^import time:[^|]*\|[^|]*\| *great_expectations$", re.MULTILINE)
"""What Python writes to standard error, asked to time imports, once in each process that imports it."""

METRIC = "first_reply_minutes_median"

READING = [
    ["status"],
    ["checks"],
    ["checks", METRIC, "--json"],
    ["evidence", METRIC, "last"],
    ["defend", METRIC, "last"],
    ["triage"],
    ["contract", "show", METRIC],
    ["contract", "check"],
    ["signal", "list"],
]


def test_a_run_imports_great_expectations_in_one_process_once(built, day_after, copy_of):
    """
    The run loads, builds, judges and publishes; what it starts beside itself judges nothing.
    """
    run = assay_from_nothing(
        "run", "--exports", day_after, data=copy_of(built).data, PYTHONPROFILEIMPORTTIME="1"
    )
    assert run.code == 0, run.out
    assert "judged before" not in run.out
    assert len(IMPORTS.findall(run.err)) == 1


@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_a_command_that_only_reads_does_not_import_great_expectations(built, command):
    read = (
        "import json, sys; from orchestration.cli import main\n"
        "try:\n"
        "    main(json.loads(sys.argv[1]), standalone_mode=False)\n"
        "finally:\n"
        "    assert 'great_expectations' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", read, json.dumps(command)],
        cwd=ROOT,
        env={**os.environ, "ASSAY_DATA": str(built.data)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout
