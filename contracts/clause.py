"""What the clauses of a contract are made of: how a share, a count and a bound are written."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
)


def _a_share(written: Any) -> Any:
    if isinstance(written, bool) or not isinstance(written, int | float) or not 0 <= written <= 1:
        raise ValueError(f"is {written}: write a share between 0 and 1, as in 0.95.")
    return written


Share = Annotated[
    float,
    BeforeValidator(_a_share),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1}),
]
Count = Annotated[int, Field(strict=True)]


def at_least(floor: float, why: str) -> AfterValidator:
    """A bound of the launch gate may be stricter than the rule, never weaker: a status is not to be typed."""

    def check(written: float) -> float:
        if written < floor:
            raise ValueError(f"is {written}: {why}. Write {floor:g} or more.")
        return written

    return AfterValidator(check)


Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


def said(description: str, *examples: Any, **more: Any) -> Any:
    """A key with what to write there: for the sentence where it is missing, editors and `assay contract new`."""
    return Field(description=description, examples=list(examples), **more)


class Clause(BaseModel):
    """A part of a contract."""

    # dbt accepts any key under `meta`, so a misspelt clause would be a promise nobody keeps.
    model_config = ConfigDict(frozen=True, extra="forbid")
