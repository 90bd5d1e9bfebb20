"""Load the tables in ``data/`` and refuse what breaks their description.

``data/datapackage.json`` (Data Package v2 with Table Schema) describes every table and every
column; nothing about the data is written down in code. `load` reads one table, checks it against
that description and returns a typed `pandas.DataFrame`. Three properties extend the standard: a
column with ``"sco:list": {"resource": ..., "field": ...}`` holds several keys of another table,
separated by single blanks; a table's ``"sco:rows"`` is its number of rows, without which a file that
lost its end could not be told from a whole one (``make rows`` counts anew); and ``"sco:text"`` at
the top of the package has the words for the text that the tables describe (see `about`).
"""

from __future__ import annotations

import csv
import json
import math
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sco import kept

DATA = Path(__file__).resolve().parents[2] / "data"
PACKAGE = "datapackage.json"
LISTED = 20
# How a page speaks of the text where the package does not say.
WORDS = {"name": "text", "page": "p.", "pages": "pp.", "start": "preface"}


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
    if not isinstance(name, str) or name not in resources:
        known = ", ".join(resources)
        raise DataError([Problem(PACKAGE, None, None, str(name), f"no such table; there are: {known}")])
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
        several) and ``start`` (what stands on page 0); what the package leaves out is that of `WORDS`.

    Raises
    ------
    DataError
        If there is no usable ``datapackage.json``.
    """
    return dict(_package(_folder(folder))[1])


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
        With every violation in the file: encoding, columns, truncated rows, the number of rows,
        types, required values, uniqueness, keys, enumerations, patterns, limits.
    """
    root = _folder(folder)
    resource = describe(name, root)
    # Its checks follow from the table, those it refers to, and their description.
    others = sorted({f"{target}.csv" for _, target, _, _ in _references(resource)})
    frame: pd.DataFrame = _kept(name, root, [PACKAGE, resource["path"], *others], lambda: _checked(root, resource))
    return frame


def _checked(root: Path, resource: dict[str, Any]) -> pd.DataFrame:
    header, rows = _read(root, resource)
    schema = resource["schema"]
    columns = list(zip(*(cells for _, cells in rows), strict=True)) or [()] * len(header)
    problems = list(_check_columns(resource, columns, rows)) or list(_check_keys(root, resource, header, rows))
    problems += _check_count(resource, rows)
    if problems:
        raise DataError(sorted(problems, key=lambda p: p.row or 0))
    typed = {f["name"]: _typed(f, schema, cells) for f, cells in zip(schema["fields"], columns, strict=True)}
    return pd.DataFrame(typed, copy=False)


def _kept(name: str, root: Path, files: list[str], make: Callable[[], Any]) -> Any:
    """What follows from some files of the book's own data, made anew only if they or this code have changed."""
    paths = [Path(__file__), *(root / file for file in files)]
    seal = _seal(paths) if root == DATA else None
    if seal and (found := kept.get(name, seal)) is not None:
        return found
    made = make()
    if seal and seal == _seal(paths):  # no file was changed meanwhile
        kept.put(name, seal, made)
    return made


def _seal(files: list[Path]) -> bytes | None:
    """A digest of files and of the versions that read them."""
    try:
        digests = [_digest(path, _stamp(path)) for path in files]
    except OSError:
        return None
    versions = f"{sys.version} {np.__version__} {pd.__version__}"
    return kept.digest(b"".join([versions.encode(), *digests]))


@lru_cache(maxsize=256)
def _digest(path: Path, _: tuple[int, ...]) -> bytes:
    return kept.digest(path.read_bytes())


def row_count(name: str, folder: str | Path | None = None) -> int:
    """The number of rows in the file of a table, whatever ``sco:rows`` says.

    Parameters
    ----------
    name, folder
        As in `load`.

    Returns
    -------
    int

    Raises
    ------
    DataError
        If the file is malformed or its columns are not those described.
    """
    root = _folder(folder)
    return len(_read(root, describe(name, root))[1])


# -- the description -------------------------------------------------------------------------


def _folder(folder: str | Path | None) -> Path:
    return DATA if folder is None else Path(folder)


def _stamp(path: Path) -> tuple[int, ...]:
    """What changes whenever a file does, or nothing where it cannot be looked at."""
    try:
        stat = path.stat()
    except (OSError, ValueError):
        return ()
    return stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size


Resources = dict[str, dict[str, Any]]


def _resources(root: Path) -> Resources:
    return _package(root)[0]


def _package(root: Path) -> tuple[Resources, dict[str, str]]:
    return _read_package(root, _stamp(root / PACKAGE))


@lru_cache(maxsize=16)
def _read_package(root: Path, _: tuple[int, ...]) -> tuple[Resources, dict[str, str]]:
    """The tables by name, and how to speak of the text."""
    read: tuple[Resources, dict[str, str]] = _kept(PACKAGE, root, [PACKAGE], lambda: _checked_package(root))
    return read


def _checked_package(root: Path) -> tuple[Resources, dict[str, str]]:
    try:
        package = json.loads((root / PACKAGE).read_bytes().decode("utf-8-sig"), object_pairs_hook=_object)
        listed = package["resources"]
        resources = {resource["name"]: resource for resource in listed}
        if len(resources) < len(listed):
            raise ValueError("two tables have the same name")
        words = {**WORDS, **package.get("sco:text", {})}
        problems = [Problem(PACKAGE, None, None, None, flaw) for r in listed for flaw in _flaws(r, resources)]
    except OSError as error:
        raise DataError([Problem(PACKAGE, None, None, None, f"cannot be read ({error.strerror or error})")]) from error
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, re.error) as error:
        reason = f"{type(error).__name__}: {error}"
        raise DataError([Problem(PACKAGE, None, None, None, f"is not a data package ({reason})")]) from error
    if problems:
        raise DataError(problems)
    return resources, words


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object; of two entries with the same key, the standard reader would drop the first in silence."""
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"an object has the key {next(k for k in keys if keys.count(k) > 1)!r} twice")
    return found


RULES = {"required", "unique", "enum", "pattern", "minimum", "maximum"}
TABLE_NAME = re.compile(r"[a-z][a-z0-9_]*")


def _flaws(resource: dict[str, Any], resources: dict[str, dict[str, Any]]) -> Iterator[str]:
    """What is wrong with the description of one table; an error of another kind means that it is none."""
    table, schema = f"table {resource['name']!r}", resource["schema"]
    if not TABLE_NAME.fullmatch(resource["name"]) or resource["path"] != f"{resource['name']}.csv":
        rule = "a name is made of a-z, 0-9 and _, and the path must name a CSV file in this folder by it"
        yield f"{table}: {rule}, not {resource['path']!r}"
    columns = _names(resource)
    if not columns or len(set(columns)) < len(columns):
        yield f"{table}: no column, or two of the same name"
    for field in schema["fields"]:
        rules, where = field.get("constraints", {}), f"{table}, column {field['name']!r}"
        if field.get("type") not in CASTS:
            yield f"{where}: the type must be one of {', '.join(CASTS)}, not {field.get('type')!r}"
            continue
        if unknown := set(rules) - RULES:
            yield f"{where}: unknown constraint {', '.join(sorted(unknown))}"
        if not isinstance(rules.get("enum", []), list) or not all(type(rules.get(k, True)) is bool for k in BOOLEAN):
            yield f"{where}: an enumeration must be a list, required and unique must be true or false"
        re.compile(rules.get("pattern", ""))
        for limit in ("minimum", "maximum"):
            _limit(field, limit)
    for column in _key(resource):
        if column not in columns:
            yield f"{table}: the primary key has no column {column!r}"
    for column, target, field, _ in _references(resource):
        if column not in columns or target not in resources or field not in _names(resources[target]):
            yield f"{table}: no reference can be made from {column!r} to {field!r} of {target!r}"
    if type(resource.get("sco:rows", 1)) is not int:
        yield f"{table}: sco:rows must be a whole number, not {resource['sco:rows']!r}"


BOOLEAN = ("required", "unique")


def _names(resource: dict[str, Any]) -> list[str]:
    return [field["name"] for field in resource["schema"]["fields"]]


def _key(resource: dict[str, Any]) -> list[str]:
    key = resource["schema"].get("primaryKey", [])
    return [key] if isinstance(key, str) else key


def _references(resource: dict[str, Any]) -> Iterator[tuple[str, str, str, bool]]:
    """Column, table and column referred to, and whether a cell lists several keys."""
    for key in resource["schema"].get("foreignKeys", []):
        to = key["reference"]
        yield _one(key["fields"]), to["resource"] or resource["name"], _one(to["fields"]), False
    for field in resource["schema"]["fields"]:
        if listed := field.get("sco:list"):
            yield field["name"], listed["resource"] or resource["name"], listed["field"], True


def _one(names: str | list[str]) -> str:
    if isinstance(names, str):
        return names
    (name,) = names
    return name


# -- the file --------------------------------------------------------------------------------

Rows = tuple[tuple[int, tuple[str, ...]], ...]


def _read(root: Path, resource: dict[str, Any]) -> tuple[tuple[str, ...], Rows]:
    return _read_file(root / resource["path"], _stamp(root / resource["path"]), tuple(_names(resource)))


@lru_cache(maxsize=256)
def _read_file(path: Path, _: tuple[int, ...], expected: tuple[str, ...]) -> tuple[tuple[str, ...], Rows]:
    """Header and rows as text, each row with its line number; raises on a malformed file."""
    file = path.name
    lines = _lines(path)
    header = tuple(next(csv.reader(lines[:1])))
    if problems := list(_check_header(file, header, expected)):
        raise DataError(problems)
    broken = [n for n, line in enumerate(lines, 1) if '"' in line and not ROW.fullmatch(line)]
    problems = [Problem(file, n, None, lines[n - 1], "quoting: a quotation mark stands where none may") for n in broken]
    if problems:
        raise DataError(problems)
    try:
        # No cell holds a line break (`_lines` and ROW see to it), so that rows and lines are the same.
        rows = tuple(enumerate(map(tuple, csv.reader(lines[1:], strict=True)), 2))
    except csv.Error as error:
        raise DataError([Problem(file, None, None, None, f"quoting: {error}")]) from error
    for line, cells in rows:
        if len(cells) != len(header):
            rule = f"truncated or broken row: {len(cells)} cells, the header has {len(header)}"
            problems.append(Problem(file, line, None, ",".join(cells), rule))
    if problems:
        raise DataError(problems)
    return header, rows


# A row whose quotation marks are in place: around a whole cell, and doubled inside it.
ROW = re.compile(r'(?:"(?:[^"]|"")*"|[^",]*)(?:,(?:"(?:[^"]|"")*"|[^",]*))*')


def _lines(path: Path) -> list[str]:
    """The lines of a file, whatever ends them; raises where it is no text or was cut off within a line."""

    def refuse(rule: str, row: int | None = None, value: str | None = None) -> DataError:
        return DataError([Problem(path.name, row, None, value, rule)])

    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise refuse(f"cannot be read ({error.strerror or error})") from error
    except UnicodeDecodeError as error:
        row, value = raw[: error.start].count(b"\n") + 1, raw[error.start : error.start + 1]
        raise refuse(f"encoding: must be UTF-8, byte {error.start} is not", row, repr(value)[2:-1]) from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise refuse("the file is empty")
    if "\0" in text:
        raise refuse("encoding: NUL character", text[: text.index("\0")].count("\n") + 1)
    if not text.endswith("\n"):
        row, last = text.count("\n") + 1, text.rpartition("\n")[2]
        raise refuse("truncated file: the last line has no line end", row, last)
    return text.rstrip("\n").split("\n")


def _check_header(file: str, header: tuple[str, ...], expected: tuple[str, ...]) -> Iterator[Problem]:
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


def _check_count(resource: dict[str, Any], rows: Rows) -> Iterator[Problem]:
    count = resource.get("sco:rows", len(rows))
    if len(rows) != count:
        rule = f"number of rows: {len(rows)}, but the description says {count}; if the change is meant, say make rows"
        yield Problem(resource["path"], rows[-1][0] if rows else 1, None, None, rule)


# -- the cells -------------------------------------------------------------------------------

INTEGER = re.compile(r"[+-]?\d+\Z", re.ASCII)
# No exponent: that is how a spreadsheet writes a long number whose digits it dropped.
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)\Z", re.ASCII)
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
PARTIAL_DATE = re.compile(r"(\d{4})(-\d{2})?(-\d{2})?(/(\d{4})(-\d{2})?(-\d{2})?)?", re.ASCII)
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


def _text(text: str) -> str:
    if not text.isprintable():
        raise ValueError
    return text


CASTS: dict[str, tuple[Callable[[str], Any], str]] = {
    "string": (_text, "text without line breaks, tabs and signs that cannot be seen"),
    "integer": (_integer, "a whole number"),
    "number": (_number, "a plain number"),
    "boolean": (_boolean, "true or false"),
    "date": (_date, "a date such as 2001-06-15"),
}


# What a spreadsheet or a wrong encoding leaves behind, in a column of any type.
DEBRIS = re.compile(r"#(REF!|N/A|NAME\?|VALUE!|DIV/0!|NUM!|NULL!)|#{4,}|.*(\ufffd|â€|[ÂÃ][^\x00-\x7f]).*", re.S)


def _no_such_day(text: str) -> bool:
    """Whether a text has the shape of a date or of a period (partial ones too) that no calendar has."""
    found = PARTIAL_DATE.fullmatch(text)
    if not found or len(text) == 4:
        return False
    try:
        days = [date.fromisoformat((part + "-01-01")[:10]) for part in text.split("/")]
    except ValueError:
        return True
    return days != sorted(days) and text[:4] != text.partition("/")[2]


def _limit(field: dict[str, Any], name: str) -> Any:
    """The least or greatest value that a column allows; the description writes numbers as numbers."""
    limit = field.get("constraints", {}).get(name)
    if limit is None or (field["type"] in {"integer", "number"} and type(limit) in {int, float}):
        return limit
    if not isinstance(limit, str) or field["type"] != "date":
        raise ValueError(f"{name} of column {field['name']!r}: {limit!r} is no limit for this type")
    return _date(limit)


def _checker(field: dict[str, Any]) -> Callable[[str], str | None]:
    """A function that names the first rule of the column which a non-empty cell breaks, if any."""
    cast, meaning = CASTS[field["type"]]
    rules = field.get("constraints", {})
    allowed = frozenset(map(str, rules["enum"])) if "enum" in rules else None
    pattern = re.compile(rules["pattern"]) if "pattern" in rules else None
    low, high = _limit(field, "minimum"), _limit(field, "maximum")

    def violation(text: str) -> str | None:
        try:
            value = cast(text)
        except ValueError:
            return f"type: must be {meaning}"
        if text != text.strip():
            return "type: blanks before or after the value"
        if allowed is not None and text not in allowed:
            return f"enumeration: must be one of {', '.join(map(str, rules['enum']))}"
        if pattern is not None and not pattern.fullmatch(text):
            return f"pattern: must match {rules['pattern']}"
        if low is not None and value < low:
            return f"minimum: must not be below {rules['minimum']}"
        if high is not None and value > high:
            return f"maximum: must not be above {rules['maximum']}"
        if text[0].isdigit() and _no_such_day(text):
            return "date: there is no such day or period"
        if (text[0] == "#" or not text.isascii()) and DEBRIS.fullmatch(text):
            return "type: what a spreadsheet or a wrong encoding leaves of a lost value"
        return None

    return violation


def _check_columns(resource: dict[str, Any], columns: list[tuple[str, ...]], rows: Rows) -> Iterator[Problem]:
    file = resource["path"]
    for field, cells in zip(resource["schema"]["fields"], columns, strict=True):
        rules, violation, distinct = field.get("constraints", {}), _checker(field), set(cells)
        broken = {text: rule for text in distinct if text and (rule := violation(text))}
        if rules.get("required"):
            broken[""] = "required: must not be empty"
        if not broken.keys().isdisjoint(distinct):
            for (line, _), text in zip(rows, cells, strict=True):
                if text in broken:
                    yield Problem(file, line, field["name"], text, broken[text])
        if rules.get("unique"):
            first: dict[str, int] = {}
            for (line, _), text in zip(rows, cells, strict=True):
                if text and first.setdefault(text, line) != line:
                    yield Problem(file, line, field["name"], text, f"unique: stands in row {first[text]} already")


def _check_keys(root: Path, resource: dict[str, Any], header: tuple[str, ...], rows: Rows) -> Iterator[Problem]:
    yield from _check_primary_key(resource, header, rows)
    resources = _resources(root)
    for name, target, target_field, listed in _references(resource):
        other = resources[target]
        known = _known(root / other["path"], _stamp(root / other["path"]), tuple(_names(other)), target_field)
        index = header.index(name)
        for line, cells in rows:
            text = cells[index]
            if text and text not in known:
                for part in text.split(" ") if listed else [text]:
                    if part not in known:
                        rule = f"foreign key: {other['path']} has no {target_field} {part!r}"
                        yield Problem(resource["path"], line, name, text, rule)


@lru_cache(maxsize=256)
def _known(path: Path, stamp: tuple[int, ...], expected: tuple[str, ...], column: str) -> frozenset[str]:
    """The keys that another table has."""
    header, rows = _read_file(path, stamp, expected)
    index = header.index(column)
    return frozenset(cells[index] for _, cells in rows)


def _check_primary_key(resource: dict[str, Any], header: tuple[str, ...], rows: Rows) -> Iterator[Problem]:
    names = _key(resource)
    if not names:
        return
    key_of = itemgetter(*(header.index(name) for name in names))
    first: dict[Any, int] = {}
    for line, cells in rows:
        key = key_of(cells)
        if first.setdefault(key, line) != line:
            value = key if isinstance(key, str) else " ".join(key)
            rule = f"primary key: stands in row {first[key]} already"
            yield Problem(resource["path"], line, ", ".join(names), value, rule)
    for name in names:
        index = header.index(name)
        for line, cells in rows:
            if not cells[index]:
                yield Problem(resource["path"], line, name, "", "primary key: must not be empty")


def _typed(field: dict[str, Any], schema: dict[str, Any], cells: tuple[str, ...]) -> Any:
    """A column of checked cells as the array that pandas keeps for its type."""
    kind = field["type"]
    if kind in NULLABLE:
        array, dtype, gap = NULLABLE[kind]
        values = [CASTS[kind][0](text) if text else gap for text in cells]
        return array(np.array(values, dtype=dtype), np.array([not text for text in cells], dtype=bool))
    if kind == "date":
        return pd.to_datetime(pd.Series(cells, dtype="str").replace("", None), format="%Y-%m-%d")
    if "enum" in field.get("constraints", {}):
        return _categories(cells, field["constraints"]["enum"])
    if any(_one(key["fields"]) == field["name"] for key in schema.get("foreignKeys", [])):
        return _categories(cells, sorted({text for text in cells if text}))
    return pd.array([text or None for text in cells], dtype=TEXT)


def _categories(cells: tuple[str, ...], allowed: list[str]) -> pd.Categorical:
    code = {text: n for n, text in enumerate(allowed)}
    codes = np.array([code.get(text, -1) for text in cells], dtype="int32")
    return pd.Categorical.from_codes(codes, categories=pd.Index(allowed, dtype=TEXT), validate=False)


TEXT = pd.Series(dtype="str").dtype
# Arrays that know a gap from a value, made of values and a mask.
NULLABLE: dict[str, tuple[Callable[..., Any], str, Any]] = {
    "integer": (pd.arrays.IntegerArray, "int64", 1),
    "number": (pd.arrays.FloatingArray, "float64", 1.0),
    "boolean": (pd.arrays.BooleanArray, "bool", False),
}
