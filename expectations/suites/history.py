"""History: what a metric told of past periods is not rewritten by an edit that nobody stands by."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.contract import Contract
from expectations.suite import Row, Suite
from expectations.suites.of_metrics import held, of_metrics, promised

RELATION = "marts.metric_rewrites"

SAME_ANSWER = 0.01
"""Share of a label's conversations that may be answered otherwise by the same version of the same classifier: a
message that was edited or redacted is read anew, and nothing else should be."""

SLICES = 3
"""Slices told of a metric, those rewritten most."""

NO_HISTORY = "nothing was published of this version before, so it has no history to rewrite"

MEASUREMENT = f"""\
select
    promised.metric,
    promised.version,
    null::date as period_start,
    rewritten.slice_kind,
    coalesce(rewritten.slice, 'all') as slice,
    -- of a metric that was never launched nobody was told anything
    coalesce(rewritten.share, if(launched.metric is not null, 0, null)) as measured,
    if(rewritten.slice_kind = 'label', {SAME_ANSWER}, promised.bound) as bound,
    rewritten.became,
    rewritten.conversations

from {{promised}}
left join (
    select *
    from {RELATION}
    where not is_settled
) as rewritten
    on promised.metric = rewritten.metric and promised.version = rewritten.version
left join (
    select metric, version from marts.metric_contracts where published_at is not null
) as launched
    on promised.metric = launched.metric and promised.version = launched.version
qualify row_number() over (
    partition by promised.metric
    order by
        measured - bound desc,
        rewritten.slice
) <= {SLICES}
order by
    measured - bound desc nulls last,
    promised.metric,
    slice
"""


def history(contracts: Sequence[Contract]) -> Suite:
    """
    Of no slice of what was published more than the contract's share is counted otherwise in the same version.

    The share is the one above which an edit is a new version (drift_controls.new_version_above). A row of the
    relation compares a published build with the one after it; it stands until somebody has looked, or a new
    version is told.
    """
    bounds = {
        each.metric: each.drift_controls.new_version_above
        for each in contracts
        if each.drift_controls
    }
    controlled = [each for each in contracts if each.metric in bounds]
    rows = [(each.metric, each.version, bounds[each.metric]) for each in controlled]
    return of_metrics(
        "history",
        [
            held(
                each,
                f"at most {bounds[each.metric]:g} counted otherwise in one version",
                bounds[each.metric],
                _remedy(each.metric),
            )
            for each in controlled
        ],
        "at most",
        ("became", "conversations"),
        relation=RELATION,
        measurement=MEASUREMENT.format(promised=promised("metric, version, bound", rows)),
        when_silent=NO_HISTORY,
        may_be_empty=True,
        tell=_sentence,
    )


def _remedy(metric: str) -> str:
    return (
        "Give the definition a new version; or give the edited mapping a date, from which it holds; or, "
        "where past periods are to be told anew, record who says so: "
        f"assay contract revalidate {metric} --reviewer NAME --saw TEXT"
    )


def told(row: Row) -> str:
    """What is counted otherwise, as a sentence; of a row of marts.metric_rewrites."""
    share, kind, became = f"{row['share']:.1%}", row["slice_kind"], row["became"]
    units = f"{row['conversations']:,.0f} units"
    if kind == "units":
        most = f", most of them of tag {became}" if became else ""
        return f"{units} of past periods, {share} of what was published, are {row['slice']}{most}"
    if kind == "label":
        return (
            f"{share} of the conversations answered {row['slice']} ({row['conversations']:,.0f}) are answered "
            f"otherwise now, {became} most, by the same version of the same classifier"
        )
    return (
        f"{share} of the {kind.replace('_', ' ')} {row['slice']} ({units}) stand under {became} now"
    )


def _sentence(row: Row) -> str:
    if row["measured"] is None:
        return NO_HISTORY
    if row["slice_kind"] is None:
        return "what was published of it is counted as it was"
    return f"{told({**row, 'share': row['measured']})}, though no export changed them"
