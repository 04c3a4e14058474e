"""A Python callable as a classifier: a user's own function from conversations to answers."""

from __future__ import annotations

import hashlib
import importlib
import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence

from signals.classifier import Answer, AskingStopped, Conversation, Declaration

Function = Callable[[Sequence[Conversation]], Iterable[Answer]]


class CallableError(Exception):
    """A signal names a callable that cannot be imported or called."""


class PythonClassifier:
    """
    `module:function`, called with a batch of conversations, giving answers in any order.

    The source of the function is part of what an answer follows from: an edited function is asked
    again. What it calls is not; raise the signal's version where that changes.
    """

    def __init__(
        self,
        path: str,
        signal: str,
        question: str,
        values: Sequence[str],
        languages: Sequence[str],
        version: str,
    ) -> None:
        self._function = _load(path, signal)
        self.declared = Declaration(
            signal=signal,
            classifier=f"python:{path}",
            version=version,
            question=question,
            values=tuple(values),
            languages=tuple(languages),
            fingerprint=_source_digest(self._function),
        )

    def classify(self, conversations: Sequence[Conversation]) -> Iterator[Answer]:
        """Raises AskingStopped with what the function failed on; what it had answered by then is kept."""
        try:
            for answer in self._function(conversations):
                if not isinstance(answer, Answer):
                    raise TypeError(f"it gave a {type(answer).__name__}, not an Answer")
                yield answer
        except Exception as error:  # somebody else's code: whatever it raises is its answer
            raise AskingStopped(
                f"{self.declared.classifier} failed: {type(error).__name__}: {error}.",
                is_failure=True,
            ) from error


def _load(path: str, signal: str) -> Function:
    module, _, name = path.partition(":")
    if not module or not name:
        raise CallableError(f"{signal}: {path} names no function: write module:function.")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise CallableError(
            f"{signal}: {path} cannot be imported: {error}. "
            "Install its package beside Assay, or put its folder on PYTHONPATH."
        ) from error
    if not callable(found):
        raise CallableError(f"{signal}: {path} is no function but {type(found).__name__}.")
    function: Function = found
    return function


def _source_digest(function: Function) -> str:
    try:
        source = inspect.getsource(function)
    except (OSError, TypeError):
        # built at run time or compiled: its version alone tells when it changes
        return ""
    return hashlib.sha256(source.encode()).hexdigest()
