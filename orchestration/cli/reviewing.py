"""Reading a sheet in the terminal: one conversation at a time, a key for each value."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from signals.validation import sheet_file
from signals.validation.review import BACK, QUIT, SKIP, Sitting


def sit(path: Path, values: tuple[str, ...]) -> None:
    """Show each conversation that has no value yet, until the sheet is full or the reviewer quits."""
    sitting = Sitting(path, sheet_file.read(path), values)
    screen = Console()
    while not sitting.is_over:
        _show(screen, sitting)
        while not _press(sitting):
            screen.bell()
    left = len(sitting.lines) - sitting.answered
    click.echo(
        f"\n{sitting.answered:,} of {len(sitting.lines):,} have a value, kept in {path}\n"
        + (
            f"{left:,} left: the same command goes on."
            if left
            else f"Next: assay validate record {path}"
        )
    )


def _press(sitting: Sitting) -> bool:
    try:
        return sitting.press(click.getchar())
    except (KeyboardInterrupt, EOFError):
        # what was answered is in the file already
        return sitting.press(QUIT)


def _show(screen: Console, sitting: Sitting) -> None:
    row = sitting.shown
    screen.clear()
    progress = f"{sitting.place + 1} of {len(sitting.lines)} · {sitting.answered} answered"
    screen.rule(Text(progress), align="left")
    # Text, not markup: a ticket may hold anything
    screen.print(Text(row["transcript"]), soft_wrap=False)
    screen.rule()
    screen.print(Text(row["question"]))
    keys = [f"{key} {value}" for key, value in sitting.keys.items()]
    screen.print(
        Text("   ".join([*keys, f"{SKIP} skip", f"{BACK} back", f"{QUIT} quit"]), style="bold")
    )
    if row["value"]:
        screen.print(Text(f"answered: {row['value']}"))
