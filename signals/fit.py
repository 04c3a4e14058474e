"""Fitting the pack of sentiment to labelled texts: labelled texts in, the rows of a new version out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np  # comes with pandas

from contracts.errors import ContractError
from signals.sentiment_pack import (
    FEATURES,
    VALUES,
    Confidence,
    Decision,
    Measuring,
    SentimentPack,
    Weight,
)

Matrix = np.ndarray

STEPS, RATE = 300, 0.05
"""Of Adam, from the pack as it was; enough for the loss to stand still on 4,000 texts."""

STIFFNESS = 2.0
"""How strongly a feature's coefficient is held where it was: the pack before speaks for two texts per feature."""

SPREAD = 0.5
"""Of a feature over texts, roughly; the same for all, so that one that hardly occurs in the labels stays."""

TERM_STIFFNESS = 0.4
"""The same for a term, per unit of weight squared; by cross-validation on the texts of the shipped pack."""

TEXTS_OF_A_TERM = 4
"""A term that occurs in fewer labelled texts is left as it is: it would be fitted to those texts alone."""

FOLDS, BINS, TEXTS_OF_A_BIN = 4, 6, 25


@dataclass(frozen=True)
class Labelled:
    """One text, what a reader said of it, and how much it counts beside the others."""

    text: str
    value: str
    language: str = "en"
    share: float = 1.0


@dataclass(frozen=True)
class Fit:
    """
    A fitted pack; and of each text in turn what the pack before said of it, and what a pack says that was
    fitted to the other folds alone.
    """

    pack: SentimentPack
    before: tuple[str, ...]
    held_out: tuple[str, ...]


def fit(
    labelled: Sequence[Labelled],
    pack: SentimentPack,
    version: str,
    macros: Path,
    *,
    terms: bool = True,
) -> Fit:
    """
    A new version of the pack, held near the old one, that agrees better with the readers of the texts.

    Words the pack does not know are learnt where enough texts hold them. `macros` is the dbt project's
    macro folder. Raises ContractError where a value is not one of VALUES, or one of them has no text.
    """
    _check(labelled)
    fitted = _fitted(labelled, pack, macros, terms)
    said, margin = _held_out(labelled, pack, macros, terms)
    return Fit(
        replace(fitted, version=version, confidence=_confidence(labelled, said, margin)),
        _names(_scores(labelled, pack, macros).argmax(axis=1)),
        _names(said),
    )


def _fitted(
    labelled: Sequence[Labelled], pack: SentimentPack, macros: Path, terms: bool
) -> SentimentPack:
    measuring = Measuring(
        macros, [each.text for each in labelled], [each.language for each in labelled]
    )
    right = np.array([VALUES.index(each.value) for each in labelled])
    share = np.array([each.share for each in labelled])
    if terms:
        pack = _with_terms(measuring, pack, right, share)
    found = _coefficients(np.array(measuring.features(pack)), right, share, _matrix(pack))
    decision = tuple(
        Decision(name, *(int(each) for each in np.rint(row * 1000)))
        for name, row in zip(FEATURES, found, strict=True)
    )
    return replace(pack, decision=decision)


def predict(
    pack: SentimentPack, macros: Path, texts: Sequence[str], language: str = "en"
) -> list[str]:
    """What the pack says of each text; the same sums as the model, for measuring a fit before it is a version."""
    features = np.array(Measuring(macros, texts, [language] * len(texts)).features(pack))
    return [VALUES[index] for index in (features @ _matrix(pack)).argmax(axis=1)]


def _check(labelled: Sequence[Labelled]) -> None:
    problems = [
        f"text {number} is labelled {each.value}: write one of {', '.join(VALUES)}."
        for number, each in enumerate(labelled, start=1)
        if each.value not in VALUES
    ]
    for value in VALUES:
        if not problems and all(each.value != value for each in labelled):
            problems.append(
                f"no text is labelled {value}: a fit needs texts of all of {', '.join(VALUES)}."
            )
    if problems:
        raise ContractError({"labels": problems})


def _matrix(pack: SentimentPack) -> Matrix:
    rows = {row.feature: [row.negative, row.neutral, row.positive] for row in pack.decision}
    return np.array([rows.get(name, [0, 0, 0]) for name in FEATURES]) / 1000


def _shares(scores: Matrix) -> Matrix:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def _coefficients(features: Matrix, right: Matrix, share: Matrix, before: Matrix) -> Matrix:
    """Features × values: maximum a posteriori around the coefficients before, by a fixed number of steps."""
    centre = before * SPREAD
    found, first, second = centre.copy(), np.zeros_like(centre), np.zeros_like(centre)
    scaled, wanted = features / SPREAD, np.eye(len(VALUES))[right]
    for step in range(1, STEPS + 1):
        error = (_shares(scaled @ found) - wanted) * share[:, None]
        slope = (scaled.T @ error + STIFFNESS * (found - centre)) / share.sum()
        first = 0.9 * first + 0.1 * slope
        second = 0.99 * second + 0.01 * slope**2
        found -= RATE * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.99**step)) + 1e-8)
    return found / SPREAD


def _with_terms(
    measuring: Measuring, pack: SentimentPack, right: Matrix, share: Matrix
) -> SentimentPack:
    """The pack with frequent terms moved by whole numbers, and new words that came to weigh something."""
    known = {(row.language, row.term) for row in pack.weights}
    wider = replace(pack, weights=(*pack.weights, *_candidates(measuring, known)))
    features = np.array(measuring.features(wider))
    coefficients = _coefficients(features, right, share, _matrix(pack))
    hits = measuring.hits(wider)
    moved = _moves(hits, features, coefficients, right, share)
    weights = []
    for row in wider.weights:
        weight, pull = moved.get((row.language, row.term), (0, 0))
        new = replace(row, weight=_held(row.weight + weight), pull=_held(row.pull + pull))
        if (new.weight, new.pull) != (0, 0) or new.negates or (row.language, row.term) in known:
            weights.append(new)
    return replace(pack, weights=tuple(weights))


def _candidates(measuring: Measuring, known: set[tuple[str, str]]) -> list[Weight]:
    texts: dict[tuple[str, str], int] = defaultdict(int)
    for _, language, word in measuring.words():
        texts[language, word] += 1
    return [
        Weight(language, word, 0, 0)
        for (language, word), count in sorted(texts.items())
        # numbers and single letters are names of things
        if count >= TEXTS_OF_A_TERM
        and (language, word) not in known
        and len(word) > 2
        and word.isalpha()
    ]


def _moves(
    hits: Sequence[tuple[int, str, str, int, int, int]],
    features: Matrix,
    coefficients: Matrix,
    right: Matrix,
    share: Matrix,
) -> dict[tuple[str, str], tuple[int, int]]:
    """
    Language and term -> whole numbers to add to its weight and pull.

    One step of Newton's per term, shrunk: what the texts ask for over what holds it, so a term that
    few texts speak of hardly moves.
    """
    scores = _shares(features @ coefficients)
    error = np.eye(len(VALUES))[right] - scores
    root = features[:, FEATURES.index("shortness")] / 10
    praise, complaint, pull = (
        coefficients[FEATURES.index(name)] for name in ("praise", "complaint", "pull")
    )
    asked: dict[tuple[str, str], Matrix] = defaultdict(lambda: np.zeros(4))
    seen: dict[tuple[str, str], set[int]] = defaultdict(set)
    for text, *named, weight, _, sign in hits:
        term = (named[0], named[1])
        scale = share[text] * root[text]
        up = praise if weight > 0 else -complaint if weight < 0 else (praise - complaint) / 2
        spread = share[text] * root[text] ** 2
        chance = scores[text]
        for at, direction, way in ((0, up, sign), (1, pull, 1)):
            asked[term][at] += way * scale * float(error[text] @ direction)
            asked[term][2 + at] += spread * float(chance @ direction**2 - (chance @ direction) ** 2)
        seen[term].add(text)
    return {
        term: (_whole(slope[0], slope[2]), _whole(slope[1], slope[3]))
        for term, slope in asked.items()
        if len(seen[term]) >= TEXTS_OF_A_TERM
    }


def _whole(slope: float, curve: float) -> int:
    return int(np.clip(np.rint(slope / (curve + TERM_STIFFNESS)), -2, 2))


def _held(weight: int) -> int:
    return max(-5, min(5, weight))


def _scores(labelled: Sequence[Labelled], pack: SentimentPack, macros: Path) -> Matrix:
    measuring = Measuring(
        macros, [each.text for each in labelled], [each.language for each in labelled]
    )
    return np.array(measuring.features(pack)) @ _matrix(pack)


def _names(places: Matrix) -> tuple[str, ...]:
    return tuple(VALUES[place] for place in places)


def _held_out(
    labelled: Sequence[Labelled], pack: SentimentPack, macros: Path, terms: bool
) -> tuple[Matrix, Matrix]:
    """Of each text what a pack that was not fitted to it says, as a place of VALUES, and by what margin."""
    right = np.array([VALUES.index(each.value) for each in labelled])
    margin, said = np.zeros(len(right)), np.zeros(len(right), dtype=int)
    # every value in every fold, however the labels are ordered
    fold = np.argsort(np.argsort(right, kind="stable"), kind="stable") % FOLDS
    for number in range(FOLDS):
        held = [each for each, at in zip(labelled, fold, strict=True) if at == number]
        fitted = _fitted(
            [each for each, at in zip(labelled, fold, strict=True) if at != number],
            pack,
            macros,
            terms,
        )
        scores = _scores(held, fitted, macros)
        said[fold == number] = scores.argmax(axis=1)
        ordered = np.sort(scores, axis=1)
        margin[fold == number] = ordered[:, -1] - ordered[:, -2]
    return said, margin


def _confidence(
    labelled: Sequence[Labelled], said: Matrix, margin: Matrix
) -> tuple[Confidence, ...]:
    """Per value, how often it was right by the margin it won by, on texts the pack was not fitted to."""
    right = np.array([VALUES.index(each.value) for each in labelled])
    share = np.array([each.share for each in labelled])
    rows = []
    for index, value in enumerate(VALUES):
        chosen = said == index
        rows += _bins(value, margin[chosen], (right == said)[chosen], share[chosen])
    return tuple(rows)


def _bins(value: str, margin: Matrix, was_right: Matrix, share: Matrix) -> list[Confidence]:
    """Bins of as many texts each; where a wider margin was right less often, both become one."""
    order = np.argsort(margin, kind="stable")
    parts = np.array_split(order, max(1, min(BINS, len(order) // TEXTS_OF_A_BIN)))
    pooled: list[list[float]] = []
    for number, part in enumerate(parts):
        start = float(margin[part].min()) if number and len(part) else 0.0
        # one text more on either side: no bin is certain
        pooled.append(
            [start, float((was_right[part] * share[part]).sum()) + 1, float(share[part].sum()) + 2]
        )
        while len(pooled) > 1 and pooled[-2][1] / pooled[-2][2] >= pooled[-1][1] / pooled[-1][2]:
            _, above_right, above = pooled.pop()
            pooled[-1][1] += above_right
            pooled[-1][2] += above
    return [
        Confidence(value, int(start * 1000), round(hit / all_, 3)) for start, hit, all_ in pooled
    ]
