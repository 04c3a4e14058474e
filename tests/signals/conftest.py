"""One published build with signals, copied for each test that needs it."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest
from validation_world import Labelled, publish_signals

FIRST = "assay-20261001T000000000Z.duckdb"


@pytest.fixture(scope="session")
def with_signals(built, tmp_path_factory) -> Labelled:
    """Nobody writes here: take `labelled`."""
    return publish_signals(built, tmp_path_factory.mktemp("signals"), FIRST)


@pytest.fixture
def labelled(with_signals, tmp_path) -> Labelled:
    """A data folder of one's own, with signals to validate and no labels yet."""
    data = tmp_path / "data"
    shutil.copytree(with_signals.data, data, symlinks=True)
    return Labelled(data, with_signals.truth)


@pytest.fixture
def publish_again(built) -> Callable[..., None]:
    """Publish a later build, whose sentiment is answered by the version given."""

    def publish(world: Labelled, version: str) -> None:
        publish_signals(built, world.data, "assay-20261101T000000000Z.duckdb", version)

    return publish
