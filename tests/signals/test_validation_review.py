"""Reading a sheet in the terminal: keys, going back, quitting, and going on another day."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import termios
import time

import pytest
from running import ASSAY
from validation_world import rows_of

from signals.validation import sheet_file
from signals.validation.review import Sitting

VALUES = ("negative", "neutral", "positive")


@pytest.fixture
def sheet(labelled):
    return labelled.drawn("--n", 4)


def sit(path):
    return Sitting(path, sheet_file.read(path), VALUES)


def values(path):
    return [row["value"] for row in rows_of(path)]


def press(sitting, keys):
    return [sitting.press(key) for key in keys]


def test_a_key_gives_its_value_and_each_is_in_the_file_at_once(sheet):
    sitting = sit(sheet)
    assert sitting.keys == {"1": "negative", "2": "neutral", "3": "positive"}
    press(sitting, "3")
    assert values(sheet) == ["positive", "", "", ""]
    press(sitting, "12")
    assert values(sheet) == ["positive", "negative", "neutral", ""]
    assert not sitting.is_over
    press(sitting, "2")
    assert sitting.is_over


def test_a_skipped_conversation_comes_again_the_next_time(sheet):
    sitting = sit(sheet)
    press(sitting, "s1s2")
    assert sitting.is_over
    assert values(sheet) == ["", "negative", "", "neutral"]
    again = sit(sheet)
    assert again.place == 0
    press(again, "3")
    assert again.place == 2, "what has a value is not asked again"


def test_going_back_shows_the_answer_and_takes_another(sheet):
    sitting = sit(sheet)
    press(sitting, "11b")
    assert sitting.place == 1
    assert sitting.shown["value"] == "negative"
    press(sitting, "3")
    assert values(sheet)[:2] == ["negative", "positive"]
    assert sitting.place == 2
    press(sitting, "bbbb")
    assert sitting.place == 0


def test_a_key_that_means_nothing_changes_nothing(sheet):
    sitting = sit(sheet)
    assert press(sitting, "49x\r") == [False] * 4
    assert (sitting.place, values(sheet)) == (0, [""] * 4)


def test_reading_leaves_all_but_the_value_as_it_was_drawn(sheet):
    before = rows_of(sheet)
    press(sit(sheet), "1231")
    assert [row | {"value": ""} for row in rows_of(sheet)] == before


def on_a_terminal(labelled, keys: str) -> str:
    """Run the reviewer on a terminal of its own, press keys one by one, and return all it showed."""
    ours, theirs = pty.openpty()
    arguments = ["validate", "sample", "sentiment", "--n", "4", "--reviewer", "ana", "--review"]
    running = subprocess.Popen(
        [ASSAY, *arguments],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "ASSAY_DATA": str(labelled.data), "TERM": "xterm", "COLUMNS": "100"},
    )
    os.close(theirs)
    seen = _until(ours, "q quit")
    for key in keys:
        _wait_for_a_key(ours)
        os.write(ours, key.encode())
        seen += _until(ours, "q quit")
    running.wait(timeout=30)
    os.close(ours)
    assert running.returncode == 0
    return seen


def _wait_for_a_key(terminal: int) -> None:
    """Until the program reads single keys: what is typed before is thrown away, as it should be."""
    waits_until = time.monotonic() + 30
    while termios.tcgetattr(terminal)[3] & termios.ICANON and time.monotonic() < waits_until:
        time.sleep(0.01)


def _until(terminal: int, told: str) -> str:
    """What a terminal shows up to some words, or to the end of the program."""
    seen = ""
    waits_until = time.monotonic() + 30
    while told not in seen and time.monotonic() < waits_until:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            part = os.read(terminal, 65_536)
        except OSError:
            break
        if not part:
            break
        seen += part.decode(errors="replace")
    return seen


def test_a_reviewer_quits_on_a_terminal_and_goes_on_where_they_were(labelled):
    seen = on_a_terminal(labelled, "1q")
    assert "1 of 4" in seen
    assert "] customer, " in seen
    assert "1 negative   2 neutral   3 positive   s skip   b back   q quit" in seen
    assert "3 left: the same command goes on." in seen
    (sheet,) = (labelled.data / "validation").glob("sentiment-ana-*.csv")
    assert [bool(value) for value in values(sheet)] == [True, False, False, False]
    seen = on_a_terminal(labelled, "222")
    assert "2 of 4 · 1 answered" in seen
    assert values(sheet)[1:] == ["neutral"] * 3
    assert "Next: assay validate record" in seen
