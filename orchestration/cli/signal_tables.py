"""What `assay signal` prints: declarations, trials, and what became of asking."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from orchestration.cli.scorecard import page

if TYPE_CHECKING:
    from orchestration.signal_trial import Tried
    from signals.answering import AnswerReport
    from signals.declared import Signal


def show_declared(declared: Sequence[Signal]) -> None:
    """One line per declared signal."""
    table = _table("signal", "question", "values", "answered by", "languages", "version", "owner")
    for each in declared:
        cells = (
            each.name,
            each.question,
            ", ".join(each.values),
            each.answered_by,
            ", ".join(each.languages) or "any",
            each.version,
            each.owner,
        )
        table.add_row(*(_plain(cell) for cell in cells))
    page().print(table)


def show_tried(signal: Signal, tried: Sequence[Tried]) -> None:
    """What a trial came to, one line per conversation."""
    console = page()
    table = _table("conversation", "value", "confidence", "decided by", "in its words")
    for each in tried:
        value = each.value if each.value is not None else f"— {each.abstain_reason}"
        confidence = "" if each.confidence is None else f"{each.confidence:.2f}"
        cells = (each.conversation_id, value, confidence, each.cue or "", each.quote)
        table.add_row(*(_plain(cell) for cell in cells))
    console.print(table)
    values = [each.value for each in tried]
    counts = [f"{value} {values.count(value)}" for value in signal.values]
    console.print(
        f"{len(tried)} conversations: {', '.join(counts)}, abstained {values.count(None)}. "
        "Nothing was stored.",
        highlight=False,
    )


def show_reports(reports: Sequence[AnswerReport]) -> None:
    """What became of asking: numbers, reasons for abstaining, what stopped it, what comes next."""
    console = page()
    table = _table("signal", "wanted", "known", "answered", "abstained", "left", "tokens")
    for each in reports:
        numbers = (
            each.wanted,
            each.known,
            each.answered.total(),
            each.abstained.total(),
            each.left,
            each.tokens,
        )
        table.add_row(each.signal, *(f"{number:,}" for number in numbers))
    console.print(table)
    for each in reports:
        for reason, count in each.abstained.most_common():
            console.print(f"{each.signal}: {count:,} abstained, {reason}.", highlight=False)
        if each.stopped:
            console.print(
                f"{each.signal}: {each.stopped} {each.left:,} left for another run.",
                highlight=False,
                markup=False,
                soft_wrap=True,
            )
    if any(each.answered or each.abstained for each in reports):
        console.print("`assay run` brings the answers into the marts.", highlight=False)


def as_dict(report: AnswerReport) -> dict[str, object]:
    """The report for programs."""
    return {**vars(report), "left": report.left}


def _table(*columns: str) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _plain(cell: str) -> str:
    # text of a ticket is hostile: nothing in it may steer the terminal or become markup
    return escape("".join(each if each.isprintable() else " " for each in cell))
