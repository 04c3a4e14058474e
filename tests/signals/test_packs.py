"""Packs of rules: what cannot be run as meant is refused by line, and what shipped stays."""

from __future__ import annotations

import shutil

import pytest

from contracts.errors import ContractError
from signals.packs import SEEDS, check, read_packs, write_lock

HEADER = "version,language,value,confidence,longest,pattern\n"
WHOLE = "".join(
    f"1.0.0,en,{value},0.8,,\\b{value} now\\b\n"
    for value in ("resolved", "unresolved", "escalated", "abandoned")
)


@pytest.fixture
def seeds(tmp_path):
    folder = tmp_path / "seeds"
    folder.mkdir()
    return folder


def refused(seeds, lines: str) -> str:
    (seeds / "outcome_cues.csv").write_text(HEADER + lines, encoding="utf-8")
    with pytest.raises(ContractError) as error:
        read_packs(seeds)
    return str(error.value)


def test_the_packs_that_ship_can_be_run_and_are_as_locked():
    check()


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("1.0.0,en,resolved,0.8,,\\bresolved now\\b", "line 6 says what line 2 says"),
        ("1.0.0,en,resolvd,0.8,,\\bdone\\b", "line 6 has the value resolvd: write one of resolved"),
        ("1.0.0,en,resolved,80,,\\bdone\\b", "line 6 has the confidence 80: write a share"),
        (
            "1.0.0,en,resolved,0.8,,(?<=not )done",
            "line 6 pattern is not a regular expression RE2 reads",
        ),
        ("1.0.0,en,resolved,0.8,,\\b(done", "line 6 pattern is not a regular expression RE2 reads"),
        ("1.0.0,en,resolved,0.8,,(?:done)?", "line 6 pattern matches the empty text"),
        ('1.0.0,en,resolved,0.8,,"x(?:[a-z]{0,90} ){0,9}y"', "line 6 pattern repeats more than"),
        ('1.0.0,en,resolved,0.8,,"x[a-z]{0,900}y"', "line 6 pattern repeats more than"),
        ("1.0.0,en,resolved,0.8,,\\bDone\\b", "line 6 pattern holds a capital letter"),
        ("1.0.0,en,resolved,0.8,,,", "line 6 has more or fewer fields"),
    ],
)
def test_a_rule_that_cannot_be_run_as_meant_is_refused_by_line(seeds, row, said):
    assert said in refused(seeds, WHOLE + row + "\n")


def test_a_value_no_rule_gives_is_named(seeds):
    rows = "".join(line for line in WHOLE.splitlines(True) if "abandoned" not in line)
    assert "no rule that gives abandoned" in refused(seeds, rows)


def test_a_version_that_shipped_never_changes(seeds, tmp_path):
    """
    Old labels can be made again only by the rules that made them.
    """
    for path in SEEDS.glob("*.csv"):
        shutil.copy(path, seeds)
    lock = tmp_path / "packs.lock.yml"
    assert len(write_lock(seeds, lock)) >= 5
    check(seeds, lock)

    stop_words = seeds / "stop_words.csv"
    text = stop_words.read_text(encoding="utf-8")
    stop_words.write_text(text + "1.0.0,en,perhaps\n", encoding="utf-8")
    with pytest.raises(ContractError, match=r"version 1\.0\.0 has shipped and its rows changed"):
        check(seeds, lock)
    assert write_lock(seeds, lock) == []

    stop_words.write_text(text + "1.1.0,en,perhaps\n", encoding="utf-8")
    with pytest.raises(ContractError, match=r"version 1\.1\.0 is not locked"):
        check(seeds, lock)
    assert write_lock(seeds, lock) == ["stop_words 1.1.0"]
    check(seeds, lock)

    stop_words.write_text("version,language,word\n1.1.0,en,perhaps\n", encoding="utf-8")
    with pytest.raises(ContractError, match=r"version 1\.0\.0 has shipped and is gone"):
        check(seeds, lock)


def test_the_order_of_rows_is_no_change(seeds, tmp_path):
    path = seeds / "stop_words.csv"
    path.write_text("version,language,word\n1.0.0,en,the\n1.0.0,de,der\n", encoding="utf-8")
    lock = tmp_path / "packs.lock.yml"
    write_lock(seeds, lock)
    path.write_text("version,language,word\n1.0.0,de,der\n1.0.0,en,the\n", encoding="utf-8")
    check(seeds, lock)
