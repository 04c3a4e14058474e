"""The exports that are measured on: generated once, kept, and made again when the generator changes."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from orchestration import synthetic

SEED = 1
FILES = 8

NEW_SHARE = 0.01
UPDATED_SHARE = 0.005
"""Of a world's conversations, what one day brings: 10,000 and 5,000 of a million."""

READ_BYTES = 1 << 24


def tell(line: str) -> None:
    """One line of progress."""
    print(f"{time.strftime('%H:%M:%S')} {line}", flush=True)


def world(root: Path, conversations: int, files: int = 1) -> Path:
    """The folder of a whole world, each growing export cut into `files`."""

    def make(folder: Path) -> None:
        synthetic.generate(folder, conversations, SEED, files=files)

    return _made(root / f"world-{conversations}-in-{files}", make)


def day_after(root: Path, conversations: int) -> Path:
    """The folder of what the day after brings to the world of that size, and nothing else."""
    new, updated = (max(1, round(conversations * share)) for share in (NEW_SHARE, UPDATED_SHARE))

    def make(folder: Path) -> None:
        synthetic.generate_day(folder, conversations, SEED, new, updated)

    return _made(root / f"day-after-{conversations}", make)


def warm(folder: Path) -> None:
    """Read every file once, so that whoever is measured first does not pay for the disk."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb", buffering=0) as file:
                while file.read(READ_BYTES):
                    pass


def link(source: Path, folder: Path) -> None:
    """The files of a world under another folder, to which more can be added; no bytes are copied."""
    shutil.copytree(source, folder, copy_function=os.link, dirs_exist_ok=True)


def _made(folder: Path, make: Callable[[Path], None]) -> Path:
    maker = folder.with_name(folder.name + ".maker")
    if folder.exists() and maker.exists() and maker.read_text() == _generator():
        return folder
    tell(f"generating {folder.name}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    make(folder)
    maker.write_text(_generator())
    return folder


def _generator() -> str:
    """A digest of the code and the words that worlds are made of."""
    digest = hashlib.sha256()
    root = Path(synthetic.__file__).parent
    for path in sorted(root.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()
