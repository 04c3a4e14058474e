"""One small world, generated and run once, that many tests look at."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from running import CONVERSATIONS, SHARED_DATA, Built, assay


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Exports of a small world."""
    exports = tmp_path_factory.mktemp("world")
    ended = assay(
        "generate", "--conversations", CONVERSATIONS, "--seed", 7, "--out", exports, data=exports
    )
    assert ended.code == 0, ended.err
    return exports


@pytest.fixture(scope="session")
def built(world: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The small world, run once. Nobody writes to it: take `copy_of` to change it."""
    data = tmp_path_factory.mktemp("built")
    ended = assay("run", "--exports", world, data=data)
    assert ended.code == 0, ended.out + ended.err
    return Built(data, world, ended)


@pytest.fixture(scope="session")
def day_after(world: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small world's exports with those of the day after beside them: 60 new conversations, 30 gone on."""
    exports = tmp_path_factory.mktemp("day_after") / "exports"
    shutil.copytree(world, exports)
    ended = assay(
        "generate", "--conversations", CONVERSATIONS, "--seed", 7, "--out", exports,
        "--day-after", 60, 30, data=exports.parent,
    )  # fmt: skip
    assert ended.code == 0, ended.err
    return exports


@pytest.fixture(scope="session")
def increment(built: Built, day_after: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The small world, run again on the day after. Nobody writes to it: take `copy_of` to change it."""
    data = tmp_path_factory.mktemp("increment") / "data"
    shutil.copytree(built.data, data, symlinks=True)
    ended = assay("run", "--exports", day_after, data=data)
    assert ended.code == 0, ended.out + ended.err
    return Built(data, day_after, ended)


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
