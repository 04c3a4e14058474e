"""Packs: seeds of rules and weights with a version. What has shipped never changes, and what ships can be run."""

from __future__ import annotations

import csv
import hashlib
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import yaml

from contracts.errors import ContractError, did_you_mean
from signals.patterns import problems

ROOT = Path(__file__).parents[1]
SEEDS = ROOT / "dbt_project" / "seeds" / "signals"
LOCK = Path(__file__).with_name("packs.lock.yml")

VALUES: Mapping[str, tuple[str, ...]] = {
    "churn_rules": ("intent", "mention"),
    "outcome_cues": ("resolved", "unresolved", "escalated", "abandoned"),
}
"""By pack with a column `value`: what its rules must be able to give, beside ignore and hint."""

NO_PATTERN = ("hint",)
"""Kinds of rows whose pattern is plain words."""

Rows = Sequence[Mapping[str, str]]


def read_packs(seeds: Path = SEEDS) -> dict[str, Rows]:
    """
    Pack -> its rows, each with its line in the file under the key `line`.

    Raises ContractError with every row of every file that cannot be run as meant.
    """
    packs: dict[str, Rows] = {}
    said: dict[str, list[str]] = {}
    for path in sorted(seeds.glob("*.csv")):
        rows = _rows(path)
        found = list(_row_problems(path.stem, rows))
        if found:
            said[_shown(path)] = found
        packs[path.stem] = rows
    if said:
        raise ContractError(said)
    return packs


def digests(packs: Mapping[str, Rows]) -> dict[str, dict[str, str]]:
    """Pack -> version -> a digest of its rows, whatever their order in the file."""
    found: dict[str, dict[str, str]] = {}
    for pack, rows in packs.items():
        by_version = defaultdict(list)
        for row in rows:
            facts = {key: value for key, value in row.items() if key != "line"}
            by_version[row["version"]].append(json.dumps(facts, sort_keys=True))
        found[pack] = {
            version: hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()[:16]
            for version, lines in sorted(by_version.items())
        }
    return found


def check(seeds: Path = SEEDS, lock: Path = LOCK) -> None:
    """
    Hold every shipped version against the lock.

    Raises ContractError where rows of a shipped version changed or went, or a new version is not locked yet.
    """
    now = digests(read_packs(seeds))
    shipped = yaml.safe_load(lock.read_text(encoding="utf-8")) if lock.exists() else {}
    said = defaultdict(list)
    for pack in sorted({*now, *shipped}):
        file = _shown(seeds / f"{pack}.csv")
        for version in sorted({*now.get(pack, {}), *shipped.get(pack, {})}):
            there, locked = now.get(pack, {}).get(version), shipped.get(pack, {}).get(version)
            if there is None:
                said[file].append(
                    f"version {version} has shipped and is gone: old labels could not be made again. Restore it."
                )
            elif locked is None:
                said[file].append(
                    f"version {version} is not locked: run `python -m signals.packs lock`, commit {lock.name}."
                )
            elif there != locked:
                said[file].append(
                    f"version {version} has shipped and its rows changed: restore them, yours are a new version."
                )
    if said:
        raise ContractError(said)


def write_lock(seeds: Path = SEEDS, lock: Path = LOCK, only: str | None = None) -> list[str]:
    """Lock versions that are not locked yet, or `only` one, and name them. What shipped is never locked anew."""
    now = digests(read_packs(seeds))
    shipped = yaml.safe_load(lock.read_text(encoding="utf-8")) if lock.exists() else {}
    added = []
    for pack, versions in now.items():
        for version, digest in versions.items():
            if only in (None, version) and version not in shipped.setdefault(pack, {}):
                shipped[pack][version] = digest
                added.append(f"{pack} {version}")
    lock.write_text(
        "# Digests of the rows of every pack and version that has shipped; `make check` compares them.\n"
        + yaml.safe_dump(shipped),
        encoding="utf-8",
    )
    return added


def _rows(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        return [{**row, "line": str(reader.line_num)} for row in reader]


def _row_problems(pack: str, rows: Rows) -> Iterator[str]:
    if not rows or "version" not in rows[0]:
        yield "has no rows with a version: a pack needs both."
        return
    seen: dict[tuple[str, ...], str] = {}
    for row in rows:
        where = f"line {row['line']}"
        if None in row or None in row.values():
            yield f"{where} has more or fewer fields than the header: quote a pattern that holds a comma."
            continue
        key = tuple(
            value for name, value in row.items() if name not in ("line", "confidence", "what")
        )
        if key in seen:
            yield f"{where} says what line {seen[key]} says: leave one out."
        seen.setdefault(key, row["line"])
        yield from (f"{where} {said}" for said in _field_problems(pack, row))
    yield from _silent_values(pack, rows)


def _field_problems(pack: str, row: Mapping[str, str]) -> Iterator[str]:
    kind = row.get("value") or row.get("kind") or ""
    allowed = (*VALUES[pack], "ignore", "hint") if pack in VALUES else ()
    if allowed and kind not in allowed:
        yield f"has the value {kind}: write one of {', '.join(allowed)}.{did_you_mean(kind, allowed)}"
    is_rule = kind not in ("ignore", "hint")
    if "confidence" in row and is_rule and not _is_share(row["confidence"]):
        yield f"has the confidence {row['confidence']}: write a share between 0 and 1, as in 0.85."
    for name in ("pattern", "also", "unless"):
        if row.get(name) or (name == "pattern" and name in row):
            if kind in NO_PATTERN and pack != "own_words_marks":
                continue
            for said in problems(row[name]):
                # marks are found in the body as written, capitals and all
                if not (pack == "own_words_marks" and "capital letter" in said):
                    yield f"{name} {said}"


def _silent_values(pack: str, rows: Rows) -> Iterator[str]:
    given = Counter((row["version"], row.get("value")) for row in rows)
    for version in sorted({row["version"] for row in rows}):
        for value in VALUES.get(pack, ()):
            if not given[version, value]:
                yield f"version {version} has no rule that gives {value}: write one."


def _is_share(text: str) -> bool:
    try:
        return 0 <= float(text) <= 1
    except ValueError:
        return False


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def main(arguments: Sequence[str]) -> int:
    """`python -m signals.packs [lock]`: check the packs, or lock what is new. Exit code 2: mend something."""
    try:
        if list(arguments) == ["lock"]:
            print("locked: " + (", ".join(write_lock()) or "nothing new"))
        else:
            check()
    except ContractError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
