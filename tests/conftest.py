"""One small world, generated and run once, that many tests look at."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest
from running import CONVERSATIONS, SHARED_DATA, Built, Ended, assay, assay_from_nothing

Once = Callable[[str, Callable[[Path], Ended]], tuple[Path, Ended]]


LONGEST_FIRST = (
    "test_metricflow",
    # needs no build: while one worker makes the first, the other does not wait for it
    "test_field_edits",
    "test_contract_command",
    "test_increment",
    "test_touching",
    "test_bad_input",
    "test_kills",
    "test_real_input",
)
"""A worker that begins with the longest is not left alone with them at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(places)))


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """A folder that all workers look at: whoever asks first makes it, the others wait. Nobody writes to it."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent

    def made(name: str, make: Callable[[Path], Ended]) -> tuple[Path, Ended]:
        folder, told = shared / name, shared / f"{name}.json"
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not told.exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                ended = make(folder)
                assert ended.code == 0, ended.out + ended.err
                told.write_text(json.dumps(asdict(ended)))
        return folder, Ended(**json.loads(told.read_text()))

    return made


@pytest.fixture(scope="session")
def world(once: Once) -> Path:
    """Exports of a small world."""

    def generate(exports: Path) -> Ended:
        return assay(
            "generate", "--conversations", CONVERSATIONS, "--seed", 7, "--out", exports,
            data=exports,
        )  # fmt: skip

    return once("world", generate)[0]


@pytest.fixture(scope="session")
def built(world: Path, once: Once) -> Built:
    """The small world, run once. Nobody writes to it: take `copy_of` to change it."""
    data, ended = once(
        "built", lambda data: assay_from_nothing("run", "--exports", world, data=data)
    )
    return Built(data, world, ended)


@pytest.fixture(scope="session")
def day_after(world: Path, once: Once) -> Path:
    """The small world's exports with those of the day after beside them: 60 new conversations, 30 gone on."""

    def generate(exports: Path) -> Ended:
        shutil.copytree(world, exports, dirs_exist_ok=True)
        return assay(
            "generate", "--conversations", CONVERSATIONS, "--seed", 7, "--out", exports,
            "--day-after", 60, 30, data=exports,
        )  # fmt: skip

    return once("day_after", generate)[0]


@pytest.fixture(scope="session")
def increment(built: Built, day_after: Path, once: Once) -> Built:
    """The small world, run again on the day after. Nobody writes to it: take `copy_of` to change it."""

    def run(data: Path) -> Ended:
        shutil.copytree(built.data, data, symlinks=True, dirs_exist_ok=True)
        return assay("run", "--exports", day_after, data=data)

    data, ended = once("increment", run)
    return Built(data, day_after, ended)


@pytest.fixture(scope="session")
def validated(built: Built, once: Once) -> Built:
    """The small world after a simulated reviewer confirmed what its metrics count. Nobody writes to it."""

    def run(data: Path) -> Ended:
        shutil.copytree(built.data, data, symlinks=True, dirs_exist_ok=True)
        simulated = assay(
            "validate", "simulate", "--every-metric", "--error-rate", 0.02, "--record", data=data
        )
        assert simulated.code == 0, simulated.out + simulated.err
        return assay("run", "--exports", built.exports, data=data)

    data, ended = once("validated", run)
    return Built(data, built.exports, ended)


@pytest.fixture
def copy_of(tmp_path: Path) -> Callable[[Built], Built]:
    """A data folder like another, to run again and change."""

    def copy(original: Built) -> Built:
        data = tmp_path / "copy"
        shutil.copytree(original.data, data, symlinks=True)
        return Built(data, original.exports, original.ended)

    return copy


@pytest.fixture
def shared_data() -> Path:
    """Real exports, where they are present."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"the real exports are not beside this checkout ({SHARED_DATA})")
    return SHARED_DATA
