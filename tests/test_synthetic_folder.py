"""The folder of a synthetic world: the same bytes for the same seed, and nothing of others written over."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from orchestration.synthetic import generate


def contents(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_gives_the_same_bytes_whatever_the_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("orchestration.synthetic.ranges.RANGE", 300)
    made = {}
    for threads in (1, 4):
        monkeypatch.setattr(os, "cpu_count", lambda threads=threads: threads)
        made[threads] = contents(generate(tmp_path / str(threads), 1200, seed=3).folder)
    assert made[1] == made[4]
    assert len(made[1]) == 13


def test_another_seed_gives_another_world(tmp_path: Path):
    one = contents(generate(tmp_path / "one", 300, seed=1).folder)
    two = contents(generate(tmp_path / "two", 300, seed=2).folder)
    assert one["zendesk/tickets-0001.ndjson"] != two["zendesk/tickets-0001.ndjson"]


def test_a_world_cut_into_files_holds_the_same_bytes_in_the_same_order(tmp_path: Path):
    whole = generate(tmp_path / "whole", 400, seed=5).folder / "zendesk"
    cut = generate(tmp_path / "cut", 400, seed=5, files=3).folder / "zendesk"
    pieces = sorted(cut.glob("tickets-*.ndjson"))
    assert [path.name for path in pieces] == [f"tickets-{n:04}.ndjson" for n in (1, 2, 3)]
    assert all(path.read_bytes().endswith(b"}\n") for path in pieces)
    joined = b"".join(path.read_bytes() for path in pieces)
    assert joined == (whole / "tickets-0001.ndjson").read_bytes()


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.txt").write_text("years of work")
    with pytest.raises(ValueError, match="not a synthetic export: name an empty folder"):
        generate(tmp_path / "mine", 10, seed=1)
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["thesis.txt"]


def test_another_world_gives_way_only_when_told_to_and_the_same_one_is_written_again(
    tmp_path: Path,
):
    first = contents(generate(tmp_path / "world", 50, seed=1).folder)
    assert contents(generate(tmp_path / "world", 50, seed=1).folder) == first
    with pytest.raises(ValueError, match=r"another synthetic export \(50 conversations, seed 1"):
        generate(tmp_path / "world", 60, seed=2, files=2)
    generate(tmp_path / "world", 60, seed=2, files=2, replace=True)
    (tmp_path / "world/zendesk/tickets-mine.ndjson").write_text("a real export")
    with pytest.raises(ValueError, match=r"tickets-mine\.ndjson is no part of a synthetic export"):
        generate(tmp_path / "world", 50, seed=1, replace=True)
    (tmp_path / "world/zendesk/tickets-mine.ndjson").unlink()
    assert contents(generate(tmp_path / "world", 50, seed=1, replace=True).folder) == first


def test_a_folder_with_quotes_and_brackets_in_its_name_is_a_folder(tmp_path: Path):
    made = generate(tmp_path / "it's [here]*", 20, seed=1)
    assert made.bytes == sum(path.stat().st_size for path in made.files)
    assert all(path.is_file() for path in made.files)
