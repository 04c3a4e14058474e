"""The two commands to know, as make would run them."""

from __future__ import annotations

import subprocess

from running import ROOT


def demo(*given: str) -> str:
    """What `make demo` would do, without doing it."""
    done = subprocess.run(
        ["make", "--dry-run", "demo", *given], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_the_demo_keeps_to_the_data_folder_that_is_named():
    told = demo("ASSAY_DATA=/elsewhere/my data")
    assert '--out "/elsewhere/my data/exports"' in told
    assert '--exports "/elsewhere/my data/exports"' in told
    assert "data/" not in told.replace("/elsewhere/my data/", "")


def test_the_demo_of_another_number_of_conversations_has_a_folder_of_its_own():
    """
    What was received stays, so a second world in the same folder would be mixed with the first.
    """
    told = demo("CONVERSATIONS=700", "ASSAY_DATA=/elsewhere")
    assert '--out "/elsewhere/demo-700/exports"' in told
    runs = [line for line in told.splitlines() if ".venv/bin/assay" in line]
    assert runs
    assert all('ASSAY_DATA="/elsewhere/demo-700" .venv/bin/assay' in line for line in runs)
