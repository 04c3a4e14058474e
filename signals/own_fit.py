"""A pack fitted to one's own labels: how many that takes, how it is judged, where it is written."""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from signals.fit import FOLDS, Labelled, fit
from signals.packs import digests, read_packs, write_lock
from signals.sentiment_pack import SEEDS, VALUES, SentimentPack, pack_lines, read_pack
from signals.validation.agreement import Measured, kappa, wilson
from signals.validation.question import ValidationError

SIGNAL = "sentiment"
"""The one signal that is answered by weights; rules are edited, not fitted."""

LABELS_NEEDED = 100
"""With fewer, kappa is known to ±.16 at best, and what a fit gains cannot be told from chance."""

LABELS_OF_A_VALUE = 12
"""Three for each fold: what is held out has to hold every value."""


@dataclass(frozen=True)
class Agreement:
    """With the labels: the share that is the same, and Cohen's kappa."""

    share: Measured
    kappa: Measured


@dataclass(frozen=True)
class OwnFit:
    """
    What a fit came to. `before` is the pack it started from, `after` packs that were not fitted to the labels
    they are held against; `mended` labels only the latter agree with, `spoilt` only the former. `version` is
    null where the fit was no better, and nothing was written.
    """

    signal: str
    base: str
    version: str | None
    is_new: bool
    moves_words: bool
    is_simulated: bool
    labels: Mapping[str, int]
    folds: int
    before: Agreement
    after: Agreement
    mended: int
    spoilt: int


def fit_own(
    labelled: Sequence[Labelled],
    in_use: str,
    is_simulated: bool,
    seeds: Path,
    lock: Path,
    macros: Path,
) -> OwnFit:
    """
    Fit the shipped pack that `in_use` is, or was fitted from, and write the result where it agrees better.

    Always from the pack as shipped: labels that fitted a pack before would else count twice, and hold
    nothing out. Raises ValidationError for too few labels.
    """
    counts = Counter(each.value for each in labelled)
    check_enough(counts, is_simulated)
    base = in_use.partition("+")[0]
    shipped = read_pack(seeds, base)
    # few labels mislead about words where they are right about what words come to: what is held out tells
    fits = [fit(labelled, shipped, base, macros, terms=terms) for terms in (False, True)]
    after, moves_words, found = max(
        ((_agreement(labelled, each.held_out), each is fits[1], each) for each in fits),
        key=lambda each: each[0].kappa.value or 0.0,
    )
    before = _agreement(labelled, found.before)
    version, is_new = None, False
    if (after.kappa.value or 0.0) > (before.kappa.value or 0.0):
        version, is_new = _write(found.pack, is_simulated, seeds, lock)
    return OwnFit(
        SIGNAL, base, version, is_new, moves_words, is_simulated,
        {value: counts[value] for value in VALUES}, FOLDS, before, after,
        _only_right(labelled, found.held_out, found.before),
        _only_right(labelled, found.before, found.held_out),
    )  # fmt: skip


def check_enough(counts: Mapping[str, int], is_simulated: bool) -> None:
    """Raises ValidationError, saying how many there are and how many it takes."""
    total = sum(counts.values())
    told = ", ".join(f"{counts.get(value, 0):,} {value}" for value in VALUES)
    few = [value for value in VALUES if counts.get(value, 0) < LABELS_OF_A_VALUE]
    if total >= LABELS_NEEDED and not few:
        return
    whose = "of a simulated reviewer" if is_simulated else "of people"
    raise ValidationError(
        f"{total:,} labels {whose} can be fitted to ({told}); a fit takes {LABELS_NEEDED:,}, and "
        f"{LABELS_OF_A_VALUE} of each value. Draw more: assay validate sample {SIGNAL} --reviewer NAME"
        f" --n {2 * LABELS_NEEDED} --seed 2"
    )


def _agreement(labelled: Sequence[Labelled], said: Sequence[str]) -> Agreement:
    table = Counter((each.value, value) for each, value in zip(labelled, said, strict=True))
    same = sum(count for (label, value), count in table.items() if label == value)
    return Agreement(wilson(same, len(labelled)), kappa(table))


def _only_right(labelled: Sequence[Labelled], said: Sequence[str], other: Sequence[str]) -> int:
    both = zip(labelled, said, other, strict=True)
    return sum(each.value == one and each.value != two for each, one, two in both)


def _write(fitted: SentimentPack, is_simulated: bool, seeds: Path, lock: Path) -> tuple[str, bool]:
    """
    Add the pack to its seeds under a version of its own, and lock it. The same pack again is the same version.

    The version tells what it was fitted from and by whose labels, and goes wherever the classifier's does.
    """
    mark = f"{fitted.version}+{'simulated' if is_simulated else 'fitted'}."
    there = digests(read_packs(seeds))
    known = sorted({each for name in SEEDS for each in there[name] if each.startswith(mark)})
    for version in known:
        # one that a fit left half written is in some of the seeds only
        if all(version in there[name] for name in SEEDS) and read_pack(seeds, version) == replace(
            fitted, version=version
        ):
            return version, False
    last = max((int(each.removeprefix(mark)) for each in known), default=0)
    pack = replace(fitted, version=f"{mark}{last + 1}")
    for name, lines in pack_lines(pack).items():
        _append(seeds / name, lines)
    write_lock(seeds, lock, only=pack.version)
    return pack.version, True


def _append(path: Path, lines: Sequence[Sequence[str]]) -> None:
    unfinished = path.with_suffix(".unfinished")
    with unfinished.open("w", encoding="utf-8", newline="") as file:
        file.write(path.read_text(encoding="utf-8"))
        csv.writer(file, lineterminator="\n").writerows(lines)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
