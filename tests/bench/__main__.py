"""`python -m tests.bench`: the product beside its floor, as a table."""

from __future__ import annotations

import os
from pathlib import Path

import click

from .cases import run_all
from .contenders import ROOT
from .measuring import RunError
from .table import report

QUICK_SIZES = (20_000,)


def _sizes(_: click.Context, __: click.Parameter, written: str) -> tuple[int, ...]:
    try:
        found = tuple(sorted({int(size.replace("_", "")) for size in written.split(",")}))
    except ValueError:
        found = (0,)
    if min(found) < 1:
        raise click.BadParameter(
            f"{written!r}: write numbers of conversations, as in 100000,1000000."
        )
    return found


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--sizes", callback=_sizes, default="100000,1000000", show_default=True,
    help="Worlds to measure, in conversations.",
)  # fmt: skip
@click.option("--rounds", type=click.IntRange(min=1), default=3, show_default=True)
@click.option(
    "--quick", is_flag=True, help="One round of 20,000 conversations: does it still work?"
)
def main(sizes: tuple[int, ...], rounds: int, quick: bool) -> None:
    """
    Measure the product and the floor on the same exports, and judge what is promised.

    Works below ASSAY_BENCH_DIR (default build/bench), where worlds are kept for the next time; a
    million conversations take some 30 GB there. Exit codes: 0 measured, 2 a run failed.
    """
    root = Path(os.environ.get("ASSAY_BENCH_DIR", ROOT / "build" / "bench")).resolve()
    sizes, rounds = (QUICK_SIZES, 1) if quick else (sizes, rounds)
    try:
        text = report(run_all(root, sizes, rounds), rounds)
    except RunError as error:
        click.echo(str(error), err=True)
        raise SystemExit(2) from error
    results = root / "results.md"
    results.write_text(text, encoding="utf-8")
    click.echo(f"\n{text}\nWritten to {results}")


if __name__ == "__main__":
    main()
