"""Load the tables in ``data/`` and refuse what breaks their description.

``data/datapackage.json`` (Data Package v2 with Table Schema) describes every table and every
column; nothing about the data is written down in code. `load` reads one table, checks it against
that description and returns a typed `pandas.DataFrame`. One property extends the standard: a
column with ``"sco:list": {"resource": ..., "field": ...}`` holds several keys of another table,
separated by single blanks. Another, ``"sco:text"`` at the top of the package, has the words for the
text that the tables describe; see `about`.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

DATA = Path(__file__).resolve().parents[2] / "data"
LISTED = 20
# How a page speaks of the text where the package does not say.
TEXT = {"name": "text", "page": "p.", "pages": "pp.", "start": "preface"}


class Problem(NamedTuple):
    """One cell, row or file that breaks a rule; ``row`` is the line in the file, header = 1."""

    file: str
    row: int | None
    column: str | None
    value: str | None
    rule: str

    def __str__(self) -> str:
        where = [self.file]
        if self.row is not None:
            where.append(f"row {self.row}")
        if self.column is not None:
            where.append(f"column {self.column!r}")
        value = "" if self.value is None else f" (value {self.value[:80]!r})"
        return ", ".join(where) + f": {self.rule}{value}"


class DataError(ValueError):
    """A table that does not fit its description.

    Parameters
    ----------
    problems : iterable of Problem
        Everything that is wrong with one file. The message lists the first twenty and counts
        the rest; the attribute ``problems`` has all.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        lines = [str(p) for p in self.problems[:LISTED]]
        rest = len(self.problems) - LISTED
        if rest > 0:
            lines.append(f"... and {rest} more")
        super().__init__("\n".join(lines))


def tables(folder: str | Path | None = None) -> list[str]:
    """Names of the tables, in the order of the data package.

    Parameters
    ----------
    folder : path, optional
        Another copy of ``data/``; by default the book's own.

    Returns
    -------
    list of str

    Raises
    ------
    DataError
        If ``datapackage.json`` is missing or is not a data package.
    """
    return list(_resources(_folder(folder)))


def describe(name: str, folder: str | Path | None = None) -> dict[str, Any]:
    """The description of one table: its entry in ``datapackage.json``.

    Parameters
    ----------
    name : str
        A name that `tables` lists.
    folder : path, optional
        Another copy of ``data/``.

    Returns
    -------
    dict
        The resource with ``title``, ``description``, ``path`` and ``schema`` (Table Schema).

    Raises
    ------
    DataError
        If there is no such table, or no usable ``datapackage.json``.
    """
    resources = _resources(_folder(folder))
    if name not in resources:
        known = ", ".join(resources)
        raise DataError([Problem("datapackage.json", None, None, str(name), f"no such table; there are: {known}")])
    return resources[name]


def about(folder: str | Path | None = None) -> dict[str, str]:
    """How to speak of the text that the tables describe: the package's property ``sco:text``.

    Parameters
    ----------
    folder : path, optional
        Another copy of ``data/``.

    Returns
    -------
    dict of str to str
        ``name`` ("thesis"), ``page`` and ``pages`` (the abbreviations before one number and before
        several) and ``start`` (what stands on page 0); what the package leaves out is that of `TEXT`.

    Raises
    ------
    DataError
        If there is no usable ``datapackage.json``.
    """
    root = _folder(folder)
    _resources(root)  # a package that cannot be read is named before it is searched
    package = json.loads((root / "datapackage.json").read_text(encoding="utf-8"))
    return {**TEXT, **package.get("sco:text", {})}


def load(name: str, folder: str | Path | None = None) -> pd.DataFrame:
    """Read one table, check it against its description and type its columns.

    Parameters
    ----------
    name : str
        A name that `tables` lists.
    folder : path, optional
        Another copy of ``data/``, with a ``datapackage.json`` of its own.

    Returns
    -------
    pandas.DataFrame
        One row per row of the file, in its order. Whole dates are ``datetime64``, columns with an
        enumeration or a foreign key are categories, integers and numbers are nullable, partial
        dates (``2001-06``) stay text. Units stand in each column's description.

    Raises
    ------
    DataError
        With every violation in the file: encoding, columns, truncated rows, types, required
        values, uniqueness, keys, enumerations, patterns, limits.
    """
    root = _folder(folder)
    resource = describe(name, root)
    header, rows = _read(root, resource)
    schema = resource["schema"]
    problems = list(_check_columns(resource, header, rows))
    if not problems:
        problems = list(_check_keys(root, resource, header, rows))
    if problems:
        raise DataError(sorted(problems, key=lambda p: p.row or 0))
    columns = list(zip(*(cells for _, cells in rows), strict=True)) or [()] * len(header)
    return pd.DataFrame(
        {f["name"]: _typed(f, schema, cells) for f, cells in zip(schema["fields"], columns, strict=True)}
    )


# -- the description -------------------------------------------------------------------------


def _folder(folder: str | Path | None) -> Path:
    return DATA if folder is None else Path(folder)


def _stamp(path: Path) -> tuple[int, int]:
    try:
        stat = path.stat()
    except OSError:
        return (0, 0)
    return stat.st_mtime_ns, stat.st_size


def _resources(root: Path) -> dict[str, dict[str, Any]]:
    return _read_package(root, _stamp(root / "datapackage.json"))


@lru_cache(maxsize=16)
def _read_package(root: Path, _: tuple[int, int]) -> dict[str, dict[str, Any]]:
    file = "datapackage.json"
    try:
        package = json.loads((root / file).read_text(encoding="utf-8"))
        return {resource["name"]: resource for resource in package["resources"] if resource["schema"]["fields"]}
    except OSError as error:
        raise DataError([Problem(file, None, None, None, f"cannot be read ({error.strerror or error})")]) from error
    except (ValueError, KeyError, TypeError) as error:
        raise DataError([Problem(file, None, None, None, f"is not a data package ({error})")]) from error


# -- the file --------------------------------------------------------------------------------

Rows = tuple[tuple[int, tuple[str, ...]], ...]


def _read(root: Path, resource: dict[str, Any]) -> tuple[tuple[str, ...], Rows]:
    return _read_file(root / resource["path"], _stamp(root / resource["path"]), tuple(_names(resource)))


def _names(resource: dict[str, Any]) -> list[str]:
    return [field["name"] for field in resource["schema"]["fields"]]


@lru_cache(maxsize=256)
def _read_file(path: Path, _: tuple[int, int], expected: tuple[str, ...]) -> tuple[tuple[str, ...], Rows]:
    """Header and rows as text, each row with its line number; raises on a malformed file."""
    file = path.name
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise DataError([Problem(file, None, None, None, f"cannot be read ({error.strerror or error})")]) from error
    except UnicodeDecodeError as error:
        rule = f"encoding: must be UTF-8, byte {error.start} is not"
        raise DataError([Problem(file, None, None, None, rule)]) from error
    if not text.strip():
        raise DataError([Problem(file, None, None, None, "the file is empty")])
    if "\0" in text:
        raise DataError(
            [Problem(file, text[: text.index("\0")].count("\n") + 1, None, None, "encoding: NUL character")]
        )
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[tuple[int, tuple[str, ...]]] = []
    try:
        header = tuple(next(reader))
        line = reader.line_num + 1
        for cells in reader:
            rows.append((line, tuple(cells)))
            line = reader.line_num + 1
    except csv.Error as error:
        raise DataError([Problem(file, reader.line_num, None, None, f"quoting: {error}")]) from error
    problems = list(_check_shape(file, header, rows, expected))
    if problems:
        raise DataError(problems)
    return header, tuple(rows)


def _check_shape(
    file: str, header: tuple[str, ...], rows: list[tuple[int, tuple[str, ...]]], expected: tuple[str, ...]
) -> Iterator[Problem]:
    for name in expected:
        if name not in header:
            yield Problem(file, 1, name, None, "missing column")
    for name in dict.fromkeys(header):
        if name not in expected:
            yield Problem(file, 1, name, None, "extra column")
        elif header.count(name) > 1:
            yield Problem(file, 1, name, None, "duplicate column")
    if sorted(header) == sorted(expected) and header != expected:
        yield Problem(file, 1, None, ",".join(header), f"columns must stand in this order: {','.join(expected)}")
    for line, cells in rows:
        if len(cells) != len(header):
            rule = f"truncated or broken row: {len(cells)} cells, the header has {len(header)}"
            yield Problem(file, line, None, ",".join(cells), rule)


# -- the cells -------------------------------------------------------------------------------

INTEGER = re.compile(r"[+-]?\d+\Z", re.ASCII)
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\Z", re.ASCII)
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
BOOLEANS = {"true": True, "false": False}


def _integer(text: str) -> int:
    if not INTEGER.match(text) or abs(int(text)) >= 2**63:
        raise ValueError
    return int(text)


def _number(text: str) -> float:
    if not NUMBER.match(text) or math.isinf(float(text)):
        raise ValueError
    return float(text)


def _boolean(text: str) -> bool:
    if text not in BOOLEANS:
        raise ValueError
    return BOOLEANS[text]


def _date(text: str) -> date:
    if not ISO_DATE.match(text):
        raise ValueError
    return date.fromisoformat(text)


CASTS: dict[str, tuple[Callable[[str], Any], str]] = {
    "string": (str, "text"),
    "integer": (_integer, "a whole number"),
    "number": (_number, "a plain number"),
    "boolean": (_boolean, "true or false"),
    "date": (_date, "a date such as 2001-06-15"),
}


def _violation(field: dict[str, Any], text: str) -> str | None:
    """The first rule of the column that a non-empty cell breaks, or None."""
    cast, meaning = CASTS[field.get("type", "string")]
    rules = field.get("constraints", {})
    try:
        value = cast(text)
    except ValueError:
        return f"type: must be {meaning}"
    if text != text.strip():
        return "type: blanks before or after the value"
    if "enum" in rules and text not in map(str, rules["enum"]):
        return f"enumeration: must be one of {', '.join(map(str, rules['enum']))}"
    if "pattern" in rules and not re.fullmatch(rules["pattern"], text):
        return f"pattern: must match {rules['pattern']}"
    if "minimum" in rules and value < cast(str(rules["minimum"])):
        return f"minimum: must not be below {rules['minimum']}"
    if "maximum" in rules and value > cast(str(rules["maximum"])):
        return f"maximum: must not be above {rules['maximum']}"
    return None


def _check_columns(resource: dict[str, Any], header: tuple[str, ...], rows: Rows) -> Iterator[Problem]:
    file = resource["path"]
    for index, field in enumerate(resource["schema"]["fields"]):
        rules = field.get("constraints", {})
        cells = [row[1][index] for row in rows]
        broken = {text: rule for text in set(cells) if text and (rule := _violation(field, text))}
        first: dict[str, int] = {}
        for (line, _), text in zip(rows, cells, strict=True):
            if not text:
                if rules.get("required"):
                    yield Problem(file, line, header[index], "", "required: must not be empty")
            elif text in broken:
                yield Problem(file, line, header[index], text, broken[text])
            elif rules.get("unique") and first.setdefault(text, line) != line:
                yield Problem(file, line, header[index], text, f"unique: stands in row {first[text]} already")


def _check_keys(root: Path, resource: dict[str, Any], header: tuple[str, ...], rows: Rows) -> Iterator[Problem]:
    yield from _check_primary_key(resource, header, rows)
    for key in resource["schema"].get("foreignKeys", []):
        target, target_field = key["reference"]["resource"] or resource["name"], _one(key["reference"]["fields"])
        yield from _check_reference(root, resource, header, rows, _one(key["fields"]), target, target_field, False)
    for field in resource["schema"]["fields"]:
        if listed := field.get("sco:list"):
            target = listed["resource"] or resource["name"]
            yield from _check_reference(root, resource, header, rows, field["name"], target, listed["field"], True)


def _one(names: str | list[str]) -> str:
    return names if isinstance(names, str) else names[0]


def _check_primary_key(resource: dict[str, Any], header: tuple[str, ...], rows: Rows) -> Iterator[Problem]:
    names = resource["schema"].get("primaryKey", [])
    names = [names] if isinstance(names, str) else names
    indices = [header.index(name) for name in names]
    first: dict[tuple[str, ...], int] = {}
    for line, cells in rows if indices else ():
        key = tuple(cells[i] for i in indices)
        for name, part in zip(names, key, strict=True):
            if not part:
                yield Problem(resource["path"], line, name, "", "primary key: must not be empty")
        if first.setdefault(key, line) != line:
            rule = f"primary key: stands in row {first[key]} already"
            yield Problem(resource["path"], line, ", ".join(names), " ".join(key), rule)


def _check_reference(
    root: Path,
    resource: dict[str, Any],
    header: tuple[str, ...],
    rows: Rows,
    name: str,
    target: str,
    target_field: str,
    listed: bool,
) -> Iterator[Problem]:
    other = describe(target, root)
    other_header, other_rows = _read(root, other)
    at = other_header.index(target_field)
    known = {cells[at] for _, cells in other_rows}
    index = header.index(name)
    for line, cells in rows:
        text = cells[index]
        parts = text.split(" ") if listed else [text]
        missing = [part for part in parts if part not in known] if text else []
        for part in missing:
            rule = f"foreign key: {other['path']} has no {target_field} {part!r}"
            yield Problem(resource["path"], line, name, text, rule)


def _typed(field: dict[str, Any], schema: dict[str, Any], cells: tuple[str, ...]) -> pd.Series:
    kind = field.get("type", "string")
    values = [None if text == "" else text for text in cells]
    if kind == "integer":
        return pd.Series([None if v is None else int(v) for v in values], dtype="Int64")
    if kind == "number":
        return pd.Series([None if v is None else float(v) for v in values], dtype="Float64")
    if kind == "boolean":
        return pd.Series([None if v is None else BOOLEANS[v] for v in values], dtype="boolean")
    if kind == "date":
        return pd.Series(pd.to_datetime(pd.Series(values, dtype="str"), format="%Y-%m-%d"))
    if "enum" in field.get("constraints", {}):
        return pd.Series(pd.Categorical(values, categories=field["constraints"]["enum"]))
    if any(_one(key["fields"]) == field["name"] for key in schema.get("foreignKeys", [])):
        return pd.Series(pd.Categorical(values))
    return pd.Series(values, dtype="str")
