"""A validation report as text: what agrees, how surely, and what is missing."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from contracts.contract import Contract
from orchestration.metrics.sample import Confirmed, sample_of
from orchestration.printable import printable
from signals.validation.agreement import Measured
from signals.validation.pairs import ABSTAINED
from signals.validation.report import Needed, Report, Share

SIMULATED = "SIMULATED"
"""Shown wherever labels of a simulated reviewer are: such figures show the working, not the worth."""


def show(report: Report, console: Console) -> None:
    """Print a report, most important first."""
    console.print(Text(_headline(report), style="bold"))
    console.print(Text(report.question))
    if report.is_simulated:
        console.print(
            Text(f"{SIMULATED}: no person read these conversations.", style="bold yellow")
        )
    for each in report.reviewers:
        mark = f" ({SIMULATED}, errs in {each.error_rate:.0%})" if each.is_simulated else ""
        console.print(Text(f"  {each.name}{mark}: {each.labels:,} labels"))
    for each in report.left_out:
        console.print(
            Text(
                f"  {each.name} ({SIMULATED}): {each.labels:,} labels, not counted beside people's"
            )
        )
    if report.labels:
        _agreement(report, console)
    _values(report, console)
    if report.labels:
        _confusion(report, console)
        _disagreements(report, console)
    else:
        console.print(Text(f"Next: assay validate sample {report.signal} --reviewer NAME"))


def show_confirmed(found: Confirmed, contract: Contract, console: Console, worst: int) -> None:
    """Print how far people confirm a metric, and what they found wrong."""
    right, needed = found.right, sample_of(contract).sample
    mark = f" by a simulated reviewer ({SIMULATED})" if found.is_simulated else ""
    console.print(
        Text(f"{found.metric} {found.version} · {right.labels:,} of {needed:,} read{mark}", "bold")
    )
    if right.value is None:
        console.print(Text(f"Next: assay validate sample {found.metric} --reviewer NAME"))
        return
    console.print(Text(f"found right: {right.value:.1%} ({right.low:.1%} to {right.high:.1%})"))
    if not found.wrong:
        return
    table = _table("found wrong", "what the metric says", "note")
    for conversation, claim, note in found.wrong[:worst]:
        table.add_row(Text(conversation), Text(claim), Text(printable(note)))
    console.print(table)


def _headline(report: Report) -> str:
    told = {
        "unvalidated": f"unvalidated: {report.labels:,} labels of at least {report.labels_needed:,}",
        "validated": f"validated by {report.labels:,} labels",
        "simulated": f"not validated: {report.labels:,} labels of a simulated reviewer",
    }[report.standing]
    return f"{report.signal} by {report.classifier} {report.classifier_version} · {told}"


def _agreement(report: Report, console: Console) -> None:
    table = _table("between", "kappa", "95 %", "conversations")
    table.add_row("classifier, reviewers", *_cells(report.kappa), f"{report.kappa.labels:,}")
    mark = f" ({SIMULATED})" if report.is_simulated else ""
    for each in report.between_reviewers:
        table.add_row(
            Text(", ".join(each.reviewers) + mark), *_cells(each.kappa), f"{each.kappa.labels:,}"
        )
    _print(console, "Agreement", table)
    if report.kappa_needed:
        console.print(Text(_needed("kappa", report.kappa_needed, "labels")))
    share = report.abstained
    low, high = f"{share.low:.1%}", f"{share.high:.1%}"
    console.print(Text(f"Abstained on {share.value:.1%} of the sample ({low}–{high})."))


def _values(report: Report, console: Console) -> None:
    table = _table("value", "precision", "95 %", "of predicted", "recall", "95 %", "of labelled")
    for each in report.values:
        table.add_row(
            Text(each.value),
            *_cells(each.precision),
            f"{each.precision.labels:,}",
            *_cells(each.recall),
            f"{each.recall.labels:,}",
        )
    if report.labels:
        _print(console, "Values", table)
    for each in report.values:
        if each.needed:
            console.print(Text(_needed(f"precision of {each.value}", each.needed, "reviews")))
    if any(each.share for each in report.values):
        mark = f", corrected by {SIMULATED} labels" if report.is_simulated else ""
        table = _table(
            "value", "as counted", "corrected", "95 %", "method",
        )  # fmt: skip
        for each in report.values:
            table.add_row(Text(each.value), *_share(each.share))
        _print(console, f"Shares of conversations in scope, newest build{mark}", table)
        console.print(Text("By week and month, as of the last `assay run`: marts.signal_shares."))


def _confusion(report: Report, console: Console) -> None:
    counts = {
        (each["label"], each["predicted"]): each["conversations"] for each in report.confusion
    }
    names = [each.value for each in report.values]
    # what a classifier said beside the allowed values is shown, not left out
    others = sorted({said for _, said in counts} - {*names, ABSTAINED})
    predicted = [*names, *others, ABSTAINED]
    table = _table("", *predicted)
    for label in names:
        cells = (f"{counts.get((label, said), 0):,}" for said in predicted)
        table.add_row(Text(label), *cells)
    _print(console, "Conversations, by what people say (rows) and what is predicted", table)


def _disagreements(report: Report, console: Console) -> None:
    if not report.disagreements:
        return
    table = _table(
        "conversation", "people say", "predicted", "confidence", "quote",
    )  # fmt: skip
    for pair in report.disagreements:
        sure = "" if pair.confidence is None else f"{pair.confidence:.2f}"
        quote = " ".join((pair.quote or "(none)").split())
        cells = (pair.conversation_id, pair.label, pair.predicted, sure, quote)
        table.add_row(*map(Text, cells))
    _print(console, "Worst disagreements, surest first", table)


def _needed(what: str, needed: Needed, unit: str) -> str:
    clean = (
        f" ({needed.clean_reviews:,} reviews without a mistake prove it, exact and one-sided)"
        if needed.clean_reviews
        else ""
    )
    if needed.reviews is None or needed.labels is None:
        return f"{what}: {needed.target:g} is out of reach at what was measured{clean}."
    if needed.labels == 0:
        return f"{what}: {needed.target:g} is shown."
    return (
        f"{what}: {needed.target:g} needs {needed.reviews:,} {unit} in all, about "
        f"{needed.labels:,} more labels of a sample like this{clean}."
    )


def _cells(measured: Measured) -> tuple[str, str]:
    if measured.value is None or measured.low is None or measured.high is None:
        return "not measured", ""
    return f"{measured.value:.2f}", f"{measured.low:.2f}–{measured.high:.2f}"


def _share(share: Share | None) -> tuple[str, str, str, str]:
    if share is None or share.counted is None:
        return "", "", "", ""
    if share.corrected is None or share.low is None or share.high is None:
        return f"{share.counted:.1%}", "unvalidated", "", ""
    interval = f"{share.low:.1%}–{share.high:.1%}"
    method = share.method.replace("_", " ")
    return f"{share.counted:.1%}", f"{share.corrected:.1%}", interval, method


def _print(console: Console, title: str, table: Table) -> None:
    # a table's own title is broken at the table's width
    console.print(Text(f"\n{title}", style="bold"))
    console.print(table)


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1))
    for name in columns:
        table.add_column(name, overflow="fold")
    return table
