"""How a source declares its exports: which format, which files, and what each column means."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from fnmatch import fnmatch
from typing import Any, Literal
from zoneinfo import available_timezones

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from contracts.errors import ContractError, did_you_mean, sentences
from contracts.records import ACCOUNT, RECORD_KEYS, REQUIRED_ROLES, ROLES

LOADER_COLUMNS = ("source", "export_seq", "position", "record_hash")
"""Every raw table begins with these: where a record came from. A field of such a name is stored
with its record's kind before it (`sla_policy_position`)."""

OTHER_META = frozenset({"coverage", "owner", "contact"})
"""Keys of `config.meta` read elsewhere; one that only resembles `export` is a misspelling."""


Witness = Literal["manifest", "stated", "declared"]

WITNESSES: tuple[Witness, ...] = ("manifest", "stated", "declared")
"""Who may say how many records there are; every one is heard unless the declaration names fewer."""


class _Strict(BaseModel):
    # dbt accepts any key under `meta`, so a misspelt one would be a promise nobody keeps.
    model_config = ConfigDict(frozen=True, extra="forbid")


class TagColumns(_Strict):
    """The columns whose values are tags; a separator splits a value into several."""

    columns: tuple[str, ...]
    separator: str | None = None


SliceKind = Literal["queue", "language", "channel", "segment"]
"""What expected counts may be stated by, beside a day's total. A segment is the account's, else `unknown`."""


class ControlTotal(_Strict):
    """How many conversations were opened on a day, in one slice or (both empty) in all."""

    day: date
    slice_kind: SliceKind | None = None
    slice: str | None = None
    expected: int = Field(ge=0)

    @model_validator(mode="after")
    def _names_a_whole_slice(self) -> "ControlTotal":
        if (self.slice_kind is None) != (self.slice is None):
            raise ValueError("has only one of slice_kind and slice: write both or neither.")
        return self


class ExportDeclaration(_Strict):
    """
    One declared table: where its records come from and what they become.

    `identifier` names the table in schema raw, which several declarations may share.
    `time_zone` is that of times written without an offset. `columns` are the fields read from
    JSON with their types, `parts` those of a json column that are read, by path, which are profiled as parts of
    a structure are; a CSV maps `roles` to headers instead. `expected` names the witnesses
    who are heard on how many records there are: an expected.csv beside the exports (manifest), the
    count that an export's pages state (stated), `control_totals` (declared). `organizations_of`
    names the sources whose organization ids an account carries.
    """

    source: str
    table: str
    identifier: str
    format: Literal["zendesk", "intercom", "csv"]
    record: str
    files: str
    time_zone: str
    columns: dict[str, str] = {}
    parts: dict[str, str] = {}
    expected: tuple[Witness, ...] = WITNESSES
    delimiter: str = ","
    quote: str = '"'
    time_formats: tuple[str, ...] = ()
    nulls: tuple[str, ...] = ()
    roles: dict[str, str | tuple[str, ...] | TagColumns] = {}
    control_totals: tuple[ControlTotal, ...] = ()
    organizations_of: tuple[str, ...] = ()

    @field_validator("time_zone")
    @classmethod
    def _is_a_time_zone(cls, name: str) -> str:
        # A machine without a time zone database cannot judge names; DuckDB brings its own.
        if (known := available_timezones()) and name not in known:
            raise ValueError(
                f"is {name}: write an IANA zone, as in Europe/Berlin.{did_you_mean(name, known)}"
            )
        return name

    @field_validator("delimiter", "quote")
    @classmethod
    def _is_one_character(cls, character: str) -> str:
        if len(character) != 1:
            raise ValueError(f"is {character!r}: write exactly one character.")
        return character

    @property
    def fields(self) -> dict[str, str]:
        """What is read from a record, by field, role or path, with its type: what a contract may lock."""
        if self.format == "csv":
            return {role: ROLES[self.record][role] for role in self.roles}
        return self.columns | self.parts

    @property
    def raw_columns(self) -> dict[str, str]:
        """Column of the raw table -> DuckDB type, without the loader's own columns."""
        fields = ROLES[self.record] if self.format == "csv" else self.columns
        return {self.raw_column(field): kind for field, kind in fields.items()}

    def raw_column(self, field: str) -> str:
        """The raw column that stores a declared field."""
        return f"{self.record}_{field}" if field in LOADER_COLUMNS else field

    def headers(self, role: str) -> tuple[str, ...]:
        """The headers that may play a role, the preferred one first."""
        declared = self.roles.get(role, ())
        if isinstance(declared, TagColumns):
            return declared.columns
        return (declared,) if isinstance(declared, str) else declared

    def names(self, file_name: str) -> bool:
        """Whether a file of this name is declared for this table (letter case aside)."""
        plain = file_name.lower().removesuffix(".gz")
        return fnmatch(plain, self.files.lower())


def normal_header(header: str) -> str:
    """A header as compared: lower case, every run of other characters than letters as `_`."""
    return re.sub(r"[\W_]+", "_", header.strip().lower()).strip("_")


def read_declarations(manifest: Mapping[str, Any]) -> list[ExportDeclaration]:
    """
    Every declared export of dbt's manifest, ordered by source and table.

    Sources without `config.meta.export` are somebody else's. Raises ContractError with all
    problems of all files.
    """
    found: list[ExportDeclaration] = []
    problems: dict[str, list[str]] = {}
    sources = {node["source_name"] for node in manifest.get("sources", {}).values()}
    for node in manifest.get("sources", {}).values():
        file = node.get("original_file_path", "sources")
        declaration, said = _read(node)
        for named in declaration.organizations_of if declaration else ():
            if named not in sources:
                key = f"{node['source_name']}.{node['name']}.export.organizations_of"
                said.append(_unknown(key, named, "a source", sorted(sources)))
        if said:
            problems.setdefault(file, []).extend(said)
        elif declaration:
            found.append(declaration)
    if problems:
        raise ContractError(problems)
    return sorted(found, key=lambda one: (one.source, one.table))


def _read(node: Mapping[str, Any]) -> tuple[ExportDeclaration | None, list[str]]:
    meta = {**node.get("meta", {}), **node.get("config", {}).get("meta", {})}
    table = f"{node['source_name']}.{node['name']}"
    export = meta.get("export")
    if export is None:
        near = [key for key in meta if key not in OTHER_META and did_you_mean(key, ["export"])]
        return None, [
            f"{table}.config.meta.{key} is not a key. Did you mean export?" for key in near
        ]
    if not isinstance(export, Mapping):
        return None, [f"{table}.export is {export}: write a mapping with format, record and files."]
    key, placed = f"{table}.export", {"source", "table", "identifier", "columns"}
    stated = {name: value for name, value in export.items() if name not in placed}
    said = [
        f"{key}.{name} is declared beside export, not in it." for name in export if name in placed
    ]
    columns = {name: one.get("data_type") or "" for name, one in node.get("columns", {}).items()}
    try:
        declaration = ExportDeclaration(
            source=node["source_name"],
            table=node["name"],
            identifier=node.get("identifier") or node["name"],
            columns=columns,
            **stated,
        )
    except ValidationError as error:
        return None, said + sentences(error, key, set(ExportDeclaration.model_fields) - placed)
    return declaration, said + list(_problems(declaration, key, table))


def _problems(declared: ExportDeclaration, key: str, table: str) -> Iterator[str]:
    if declared.control_totals and "declared" not in declared.expected:
        yield f"{key}.control_totals are not heard: write declared into {key}.expected."
    if declared.format == "csv":
        yield from _role_problems(declared, key)
        return
    known = RECORD_KEYS[declared.format]
    if declared.record not in known:
        yield _unknown(f"{key}.record", declared.record, f"a {declared.format} record", known)
    if "id" not in declared.columns:
        yield f"{table}.columns has no id: declare it, or no record can be found again."
    for name, kind in declared.columns.items():
        if not kind:
            yield f"{table}.columns.{name} has no data_type: declare one, as in varchar."
    for part in declared.parts:
        column, _, inside = part.partition(".")
        if declared.columns.get(column) != "json" or not inside:
            yield f"{key}.parts.{part} is no part of a json column: write it as column.part."
    if declared.roles:
        yield f"{key}.roles is for csv: a {declared.format} export declares columns."


def _role_problems(declared: ExportDeclaration, key: str) -> Iterator[str]:
    if declared.record not in ROLES:
        yield _unknown(f"{key}.record", declared.record, "a kind of csv record", ROLES)
        return
    known = ROLES[declared.record]
    for role in declared.roles:
        if role not in known:
            yield _unknown(f"{key}.roles.{role}", role, f"a role of {declared.record}", known)
    for role in REQUIRED_ROLES[declared.record]:
        if role not in declared.roles:
            yield f"{key}.roles.{role} is missing: name the header that holds it."
    if declared.record == ACCOUNT and not declared.organizations_of:
        yield f"{key}.organizations_of is missing: name the sources whose organization ids it holds."
    for role, headers in declared.roles.items():
        if isinstance(headers, TagColumns) and role != "tags":
            yield f"{key}.roles.{role} has columns: only tags are read from several at once."


def _unknown(where: str, written: str, what: str, known: Iterable[str]) -> str:
    return f"{where} is {written}, not {what}.{did_you_mean(written, known)} Known: " + (
        ", ".join(known) + "."
    )
