"""Lints of all metrics of one owner, read together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby

from contracts.contract import Contract
from contracts.lints.lint import Facts, Lint, Objection

Pack = Sequence[Contract]


class OnlyLagging(Lint):
    """A team that only sees what has happened cannot act before it happens: add a leading indicator."""

    def objections(self, contracts: Pack, today: date, facts: Facts) -> Iterator[Objection]:
        """A pack whose defined metrics all lag."""
        for pack in packs(contracts):
            kinds = {each.definition.indicator for each in pack if each.definition}
            if kinds == {"lagging"}:
                yield Objection(
                    pack, f"All metrics of {pack[0].group} are lagging: {_names(pack)}."
                )


class TooManyMetrics(Lint):
    """Who answers for everything answers for nothing: one owner keeps eight metrics at most."""

    MOST = 8

    def objections(self, contracts: Pack, today: date, facts: Facts) -> Iterator[Objection]:
        """A pack with more metrics than one owner keeps."""
        for pack in packs(contracts):
            if len(pack) > self.MOST:
                yield Objection(pack, f"{pack[0].group} owns {len(pack)} metrics: {_names(pack)}.")


def packs(contracts: Pack) -> Iterator[Pack]:
    """The metrics of each owner."""

    def group(contract: Contract) -> str:
        return contract.group

    for _, pack in groupby(sorted(contracts, key=group), key=group):
        yield list(pack)


def _names(pack: Pack) -> str:
    return ", ".join(each.metric for each in pack)
