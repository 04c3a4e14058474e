"""Which endpoint and model is asked, how fast and for how much, as the environment says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

URL, MODEL, KEY = "ASSAY_LLM_URL", "ASSAY_LLM_MODEL", "ASSAY_LLM_KEY"
CONCURRENCY, TIMEOUT = "ASSAY_LLM_CONCURRENCY", "ASSAY_LLM_TIMEOUT_SECONDS"
MAX_REQUESTS, MAX_TOKENS = "ASSAY_LLM_MAX_REQUESTS", "ASSAY_LLM_MAX_TOKENS"


class SettingsError(Exception):
    """The environment does not say whom to ask, or says it in a way that cannot be meant."""


@dataclass(frozen=True)
class LlmSettings:
    """
    One endpoint and the bounds of one run.

    The budget counts requests, retries included, and tokens of questions and answers together. The
    key is sent to the endpoint and shown nowhere.
    """

    url: str
    model: str
    key: str = field(default="", repr=False)
    concurrency: int = 4
    timeout_seconds: float = 60.0
    max_requests: int = 2_000
    max_tokens: int = 2_000_000

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> LlmSettings:
        """Raises SettingsError naming every variable that is missing or cannot be read."""
        problems = [
            f"{name} is not set: {what}."
            for name, what in (
                (URL, "the endpoint's address, as in http://localhost:8000/v1"),
                (MODEL, "the name of the model to ask"),
            )
            if not environment.get(name)
        ]
        if (url := environment.get(URL, "")) and (said := _url_problem(url)):
            problems.append(said)
        numbers: dict[str, float] = {}
        for name, default in (
            (CONCURRENCY, cls.concurrency),
            (TIMEOUT, cls.timeout_seconds),
            (MAX_REQUESTS, cls.max_requests),
            (MAX_TOKENS, cls.max_tokens),
        ):
            written = environment.get(name) or str(default)
            if not written.replace(".", "", 1).isdecimal() or float(written) <= 0:
                problems.append(f"{name} is {written}: write a number above 0, as in {default}.")
            else:
                numbers[name] = float(written)
        if problems:
            raise SettingsError("\n".join(problems))
        return cls(
            url,
            environment[MODEL],
            environment.get(KEY, ""),
            max(1, int(numbers[CONCURRENCY])),
            numbers[TIMEOUT],
            int(numbers[MAX_REQUESTS]),
            int(numbers[MAX_TOKENS]),
        )


def is_configured(environment: Mapping[str, str]) -> bool:
    """Whether anybody named an endpoint: without one nothing is asked and nothing leaves the machine."""
    return bool(environment.get(URL))


def _url_problem(url: str) -> str | None:
    parts = urlsplit(url)
    if parts.username or parts.password:
        # an address is shown in messages and logs; a password in it would be too
        return f"{URL} holds a user name or password: put the secret into {KEY}."
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return f"{URL} is {url}: write an address, as in http://localhost:8000/v1."
    return None
