"""The classifiers of the declared signals that are asked one conversation at a time: LLMs and Python callables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from signals.callables import PythonClassifier
from signals.classifier import Answer, AskingStopped, Classifier, Conversation, Declaration
from signals.declared import Signal
from signals.llm.budget import Budget
from signals.llm.classifier import LlmClassifier, declaration
from signals.llm.endpoint import Endpoint
from signals.llm.settings import MODEL, URL, LlmSettings


class Unreachable:
    """An LLM signal where no endpoint is named: what was bought from its model holds, nothing is asked."""

    def __init__(self, declared: Declaration) -> None:
        self.declared = declared

    def classify(self, conversations: Sequence[Conversation]) -> Iterable[Answer]:
        raise AskingStopped(
            f"Nobody is asked about {self.declared.signal}: name an endpoint ({URL}) and a model ({MODEL}).",
            is_failure=False,
        )


def classifiers(
    signals: Sequence[Signal],
    settings: LlmSettings | None,
    model_of: Callable[[str], str | None] = lambda signal: None,
) -> list[Classifier]:
    """
    One classifier per signal that an LLM or a Python callable answers; rules are run by dbt.

    All LLM signals share one endpoint and its budget. Without settings `model_of` says which model
    answered a signal last, so that answers already bought keep their place. Raises CallableError.
    """
    return list(_classifiers(signals, settings, model_of))


def _classifiers(
    signals: Sequence[Signal],
    settings: LlmSettings | None,
    model_of: Callable[[str], str | None],
) -> Iterator[Classifier]:
    endpoint: Endpoint | None = None
    for signal in signals:
        if signal.answered_by == "python":
            yield PythonClassifier(
                signal.callable,
                signal.name,
                signal.question,
                signal.values,
                signal.languages,
                signal.version,
            )
        elif signal.answered_by == "llm":
            model = settings.model if settings else model_of(signal.name) or "none"
            instructions = signal.instructions or ""
            declared = declaration(
                signal.name,
                signal.question,
                signal.values,
                signal.languages,
                signal.version,
                instructions,
                model,
            )
            if settings is None:
                yield Unreachable(declared)
                continue
            if endpoint is None:
                endpoint = Endpoint(settings, Budget(settings.max_requests, settings.max_tokens))
            yield LlmClassifier(declared, instructions, endpoint, settings.concurrency)
