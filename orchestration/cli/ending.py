"""How a command ends: its exit codes, and errors in one form."""

from __future__ import annotations

import sys
from typing import NoReturn

from rich.console import Console

from orchestration.printable import printable

PUBLISHED = 0
BLOCKED = 1
"""A check stopped the build from being published."""
BAD_INPUT = 2
"""Input or usage: nothing was published, and running again unchanged will not help."""


def stop(message: str, code: int = BAD_INPUT) -> NoReturn:
    """Say why on the error stream, and end."""
    Console(stderr=True).print(printable(message), markup=False, highlight=False, soft_wrap=True)
    sys.exit(code)


def unusable(error: OSError) -> str:
    """What the operating system refused, as a sentence."""
    return (
        f"{error.filename or 'The data folder'}: {(error.strerror or str(error)).lower()}. "
        "Free space or give a folder that can be written to, and run again."
    )
