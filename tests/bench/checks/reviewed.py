"""Worlds in which a simulated reviewer has confirmed what every metric counts."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.running import assay

from ..measuring import RunError

PATIENCE_SECONDS = 4 * 3600
"""The most harms are planted one after the other in one command."""


def said(*arguments: object, data: Path, codes: tuple[int, ...] = (0,)) -> str:
    """What a command printed. Raises RunError where it ends with another exit code."""
    ended = assay(*arguments, data=data, seconds=PATIENCE_SECONDS)
    if ended.code not in codes:
        tail = " ".join((ended.out + ended.err).split()[-60:])
        raise RunError(f"assay {arguments[0]} ended with exit code {ended.code}: … {tail}")
    return ended.out


def world(folder: Path, conversations: int, seed: int) -> Path:
    """
    The data folder of a world that was run, reviewed and run again, in which nothing is planted.

    The second run is the one to judge: only then is every metric held to all it promises.
    """
    shutil.rmtree(folder, ignore_errors=True)
    exports, data = folder / "exports", folder / "data"
    sizes = ("--conversations", conversations, "--seed", seed)
    said("generate", *sizes, "--out", exports, data=data)
    said("run", "--exports", exports, "--json", data=data)
    reviewer = ("--every-metric", "--error-rate", 0.02, "--record")
    said("validate", "simulate", *reviewer, data=data)
    said("run", "--exports", exports, "--json", data=data)
    return data


def next_day(data: Path, conversations: int, seed: int, new: int, updated: int) -> None:
    """The export of the day after comes and is run: only then what was launched has a past and another load."""
    exports = data.parent / "exports"
    sizes = ("--conversations", conversations, "--seed", seed)
    said("generate", *sizes, "--out", exports, "--day-after", new, updated, data=data)
    said("run", "--exports", exports, "--json", data=data)
