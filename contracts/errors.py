"""The errors a caller can act on, and the one form in which they are worded."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from pydantic import BaseModel, ValidationError

from contracts.places import place


class ContractError(Exception):
    """
    What somebody declared cannot be read as meant.

    `problems` holds every sentence found, by file, so that one edit can cure them all.
    """

    def __init__(self, problems: Mapping[str, Sequence[str]]) -> None:
        self.problems = {file: list(sentences) for file, sentences in problems.items()}
        super().__init__(
            "\n".join(
                "\n".join([f"{file}:", *(f"  {sentence}" for sentence in sentences)])
                for file, sentences in self.problems.items()
            )
        )


class ExportError(Exception):
    """The exports as a whole cannot be loaded: no folder, nothing in it, no room on the disk."""


def did_you_mean(written: str, known: Iterable[str]) -> str:
    """The known word nearest to what was written as a question, or nothing if none is near."""
    by_lower = {word.lower(): word for word in known}
    near = get_close_matches(written.lower(), by_lower, n=1, cutoff=0.6)
    return f" Did you mean {by_lower[near[0]]}?" if near else ""


def sentences(
    error: ValidationError, key: str, known: Iterable[str], document: type[BaseModel] | None = None
) -> list[str]:
    """
    One sentence per problem pydantic found below `key`; unknown words are held to `known`.

    With the `document` that was read they are held to the keys of their own place in it, and what it
    says of a field tells what to write.
    """
    known = list(known)
    return [_sentence(problem, key, known, document) for problem in error.errors()]


def _sentence(
    problem: Mapping, key: str, known: list[str], document: type[BaseModel] | None
) -> str:
    there = place(document, problem["loc"])
    where = ".".join([key, *there.path])
    written = _shown(problem.get("input"))
    match problem["type"]:
        case "missing":
            return f"{where} is missing{there.to_write}."
        case "extra_forbidden":
            return (
                f"{where} is not a known key.{did_you_mean(there.path[-1], there.beside or known)}"
            )
        case "literal_error":
            choices = problem["ctx"]["expected"]
            return f"{where} is {written}: write one of {choices}."
        case "value_error":
            return f"{where} {problem['ctx']['error']}"
        case "string_type" if isinstance(problem["input"], bool):
            return f"{where} is {written} to YAML: write the word in quotes."
    if there.to_write:
        return f"{where} is {written}{there.to_write}."
    return f"{where} is {written}: {problem['msg'][0].lower()}{problem['msg'][1:]}."


LONGEST_WRITTEN = 80
"""Characters shown of what somebody wrote: enough to find it again."""


def _shown(written: object) -> str:
    text = str(written)
    return text if len(text) <= LONGEST_WRITTEN else f"{text[:LONGEST_WRITTEN]} …"
