"""Results as a static site that is read offline: tables of Great Expectations, our pages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from great_expectations.render.renderer import ValidationResultsPageRenderer
from great_expectations.render.view import DefaultJinjaPageView
from jinja2 import ChoiceLoader, FileSystemLoader

from expectations.outcome import Outcome
from expectations.suite import Suite

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuiteValidationResult

PAGES = Path(__file__).parent / "pages"


class SuitePage(DefaultJinjaPageView):
    """
    Great Expectations' own tables, in a page that loads nothing.

    The page it ships fetches styles and scripts from six hosts, and its index is empty without
    them: offline there would be no site.
    """

    _template = "suite.html"

    def __init__(self) -> None:
        super().__init__()
        theirs = self.env.loader
        self.env.loader = ChoiceLoader([FileSystemLoader(PAGES), *([theirs] if theirs else [])])


def write_site(
    folder: Path,
    suites: Sequence[Suite],
    results: Sequence[ExpectationSuiteValidationResult],
    outcomes: Sequence[Outcome],
    judged_at: datetime,
) -> Path:
    """Write `index.html` and a page for each suite, in place of those written before; the index."""
    of_suite = {name: list(own) for name, own in groupby(outcomes, lambda each: each.suite)}
    pages = folder / "suites"
    pages.mkdir(parents=True, exist_ok=True)
    for old in pages.glob("*.html"):
        old.unlink()
    renderer, view = ValidationResultsPageRenderer(), SuitePage()
    for suite, result in zip(suites, results, strict=True):
        document = renderer.render(result)
        own = of_suite[suite.name]
        # the overview repeats ours; of what was not measured there is nothing to show but a stack
        # trace, or a failure that is none
        judged = all(outcome.is_measured for outcome in own)
        document.sections = document.sections[1:] if judged else []
        html = view.render(document, suite=suite, outcomes=own)
        (pages / page_name(suite)).write_text(html, encoding="utf-8")
    index = folder / "index.html"
    rows = [(suite, page_name(suite), of_suite[suite.name]) for suite in suites]
    template = view.env.get_template("index.html")
    index.write_text(template.render(rows=rows, judged_at=judged_at), encoding="utf-8")
    return index


def page_name(suite: Suite) -> str:
    """The file of a suite's page below `suites/`."""
    return re.sub(r"[^\w.-]", "_", suite.name) + ".html"
