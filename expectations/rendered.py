"""A suite as JSON for readers: what it measures and expects, and which metric is held to which bound."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from expectations.suite import Suite

FOLDER = Path(__file__).parent / "rendered"


def file_of(suite: Suite) -> Path:
    """Where a suite is rendered."""
    return FOLDER / f"{suite.name}.json"


def rendered(suite: Suite) -> str:
    """The suite as JSON; nothing in it follows from data."""
    found: dict[str, Any] = {
        "suite": suite.name,
        "clause": suite.clause,
        "severity": suite.severity,
        "judged_on": suite.relation,
        "measurement": suite.measurement.splitlines(),
        "expectations": [_expectation(each) for each in suite.expectations()],
        "when_silent": suite.when_silent,
    }
    if suite.held:
        found["held"] = [asdict(each) for each in suite.held]
    else:
        found |= {"bound": suite.bound, "remedy": suite.remedy}
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _expectation(expectation: Any) -> dict[str, Any]:
    configured = expectation.configuration
    kwargs = {
        name: value
        for name, value in sorted(configured.kwargs.items())
        if name not in ("catch_exceptions", "result_format")
    }
    told = {"type": configured.type, "expects": configured.description, **kwargs}
    return told | ({"meta": configured.meta} if configured.meta else {})
