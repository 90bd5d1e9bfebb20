"""Every table is damaged in every way that people, spreadsheets and disks know, and the loader notices.

A damage ends in one of three ways. It is *caught*: a `DataError` names the file and, as far as they
apply, row, column, value and rule. It is *harmless*: the same data are loaded, in whatever order.
Or it *cannot be told* from good data by any rule of the description (a number that became another
allowed number, a letter lost in a sentence); then an oracle that shares no code with the loader must
agree that every changed cell is allowed, and the count says how often that was so. Nothing else may
happen: no other error, and no wrong value where a rule forbids it. What cannot be told is left to the
repository's history: a digest of each file would find it, but would also refuse every honest
correction, and the task that renews it would bless the damage with the rest. The number of rows is
described, so that no file loses its end unseen.
"""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import json
import os
import random
import re
import string
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pytest
import sco
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sco.tables import DATA

from conftest import ENDINGS, TALLY

PACKAGE = "datapackage.json"
EXAMPLES = 2
CLOCK = itertools.count(1_000_000_000)


# -- a table and where to hurt it --------------------------------------------------------------


class Table:
    """A table with its description, in a folder of its own beside the tables that it refers to."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder = name, folder
        self.resources = related(name)
        self.resource = self.resources[name]
        self.file = self.resource["path"]
        self.fields: list[dict[str, Any]] = self.resource["schema"]["fields"]
        self.key: list[str] = self.resource["schema"]["primaryKey"]
        self.raw = (DATA / self.file).read_bytes()
        self.header, *self.rows = csv.reader(io.StringIO(self.raw.decode(), newline=""))
        for resource in self.resources.values():
            (folder / resource["path"]).symlink_to(DATA / resource["path"])
        self.describe(self.package())
        self.whole = sco.load(name, folder)

    def package(self) -> dict[str, Any]:
        """A description of the table and of those that it refers to, free to be changed."""
        return {"name": "part", "resources": json.loads(json.dumps(list(self.resources.values())))}

    def describe(self, package: dict[str, Any] | bytes) -> None:
        self.put(PACKAGE, package if isinstance(package, bytes) else json.dumps(package).encode())

    def put(self, file: str, raw: bytes) -> None:
        """Write a file with a time that no earlier one had: the loader reads a file again when it changed."""
        path = self.folder / file
        path.unlink(missing_ok=True)
        path.write_bytes(raw)
        os.utime(path, (tick := next(CLOCK), tick))

    def copy(self) -> list[list[str]]:
        return [list(self.header), *map(list, self.rows)]

    def columns(self, of: Callable[[dict[str, Any]], bool]) -> list[int]:
        return [i for i, field in enumerate(self.fields) if of(field)]

    def same(self, frame: pd.DataFrame) -> bool:
        """Whether a frame has the data of the undamaged table, in whatever order."""
        one, other = (f.sort_values(self.key, ignore_index=True) for f in (frame, self.whole))
        return one.equals(other) and list(one.dtypes) == list(other.dtypes)


def related(name: str) -> dict[str, dict[str, Any]]:
    """A table and all that it refers to, by name; the description is read anew from the file."""
    every, found, waiting = described(), {}, [name]
    while waiting:
        resource = every[table := waiting.pop()]
        found[table] = resource
        keys = [key["reference"]["resource"] for key in resource["schema"].get("foreignKeys", [])]
        keys += [field["sco:list"]["resource"] for field in resource["schema"]["fields"] if "sco:list" in field]
        waiting += {key for key in keys if key} - set(found)
    return found


@cache
def described() -> dict[str, dict[str, Any]]:
    package = json.loads((DATA / PACKAGE).read_text(encoding="utf-8"))
    return {resource["name"]: resource for resource in package["resources"]}


class Place:
    """Where a damage falls: every choice is hypothesis's."""

    def __init__(self, data: st.DataObject) -> None:
        self.data = data

    def below(self, limit: int) -> int:
        return self.data.draw(st.integers(0, limit - 1))

    def one(self, options: Any) -> Any:
        return options[self.below(len(options))]

    def two(self, limit: int) -> tuple[int, int]:
        first = self.below(limit)
        return first, (first + 1 + self.below(limit - 1)) % limit


def as_csv(rows: list[list[str]], **dialect: Any) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, **{"lineterminator": "\n", **dialect}).writerows(rows)
    return buffer.getvalue().encode()


class Hurt(NamedTuple):
    """A damaged file and what the loader must make of it."""

    raw: bytes
    rule: str | None  # a pattern of the rule; None: harmless
    row: int | None = None
    column: str | None = None
    value: str | None = None
    tellable: bool = True


# -- the oracle: what the description allows, in other words than the loader's ------------------


def allowed(table: Table, column: int, text: str) -> bool:
    """Whether Table Schema allows a cell, looked at alone."""
    field = table.fields[column]
    rules, kind = field.get("constraints", {}), field["type"]
    if text == "":
        return not rules.get("required") and field["name"] not in table.key
    try:
        value = {"string": str, "integer": int, "number": float, "boolean": ["false", "true"].index}[kind](text)
    except ValueError:
        return False
    if kind in ("integer", "number") and set(text) - set(string.digits + "+-."):
        return False
    whole = re.compile(f"(?:{rules.get('pattern', '(?s:.*)')})\\Z")
    fits = bool(whole.match(text)) and text in map(str, rules.get("enum", [text]))
    fits = fits and rules.get("minimum", value) <= value <= rules.get("maximum", value)
    return fits and all(part in keys for part, keys in referred(table, field["name"], text))


def referred(table: Table, column: str, text: str) -> Iterator[tuple[str, frozenset[str]]]:
    """The keys in a cell, each with the keys that the other table has."""
    for key in table.resource["schema"].get("foreignKeys", []):
        if key["fields"] == [column]:
            yield text, keys_of(key["reference"]["resource"] or table.name, key["reference"]["fields"][0])
    for field in table.fields:
        if field["name"] == column and "sco:list" in field:
            known = keys_of(field["sco:list"]["resource"] or table.name, field["sco:list"]["field"])
            yield from ((part, known) for part in text.split(" "))


@cache
def keys_of(name: str, column: str) -> frozenset[str]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return frozenset(row[column] for row in csv.DictReader(file))


# -- damage to one cell ------------------------------------------------------------------------

NUMERIC = ("integer", "number")
MANGLED = ["15/06/2001", "06/15/2001", "15.06.2001", "37057", "Jun-01", "15-Jun-01", "2001-6-15", "2001-06-15 00:00:00"]
NO_DAY = ["2001-02-30", "2001-13", "2001-00-10", "2001-06-31", "2001-06-15/2001-06-41", "2003/1999", "2001-06/2000-05"]
UNSEEN = {
    "no-break space": "\u00a0",
    "zero-width space": "\u200b",
    "soft hyphen": "\u00ad",
    "byte order mark": "\ufeff",
    "tab": "\t",
    "escape": "\x1b",
}


def is_date(field: dict[str, Any]) -> bool:
    return field.get("constraints", {}).get("pattern", "").startswith("\\d{4}(-\\d")


def has(rule: str) -> Callable[[dict[str, Any]], bool]:
    return lambda field: rule in field.get("constraints", {})


def numeric(field: dict[str, Any]) -> bool:
    return field["type"] in NUMERIC


def text_field(field: dict[str, Any]) -> bool:
    return field["type"] == "string"


def free_text(field: dict[str, Any]) -> bool:
    """A column that no other rule than the one for lost values could guard."""
    return text_field(field) and not {"pattern", "enum"} & set(field.get("constraints", {}))


def any_field(field: dict[str, Any]) -> bool:
    return True


def refers(table: Table) -> Callable[[dict[str, Any]], bool]:
    return lambda field: next(referred(table, field["name"], "x"), None) is not None


Mangle = Callable[[dict[str, Any], str, Place], str | None]


def cell(of: Callable[[dict[str, Any]], bool] | str, mangle: Mangle, rule: str, strict: bool = True) -> Any:
    """Damage to a cell that is not empty, in a column of a kind; where it can be told, it is done there.

    `strict` damage is wrong whatever Table Schema says (a sign that cannot be seen, a day that no calendar has).
    """

    def damage(table: Table, place: Place) -> Hurt | None:
        wanted = refers(table) if of == "refers" else of
        columns = table.columns(wanted)
        start, turn = place.below(len(table.rows)), place.below(max(1, len(columns)))
        harmless_looking = None
        for step in range(len(table.rows)):
            row = (start + step) % len(table.rows)
            for column in columns[turn:] + columns[:turn]:
                text = table.rows[row][column]
                new = mangle(table.fields[column], text, place) if text or rule.startswith("any") else None
                if new is None or new == text:
                    continue
                told = strict or not allowed(table, column, new)
                if not told and harmless_looking:
                    continue
                hurt = replaced(table, row, column, new, rule.removeprefix("any "), told)
                if told:
                    return hurt
                harmless_looking = hurt
        return harmless_looking

    return damage


def replaced(table: Table, row: int, column: int, new: str, rule: str, tellable: bool = True) -> Hurt:
    rows = table.copy()
    rows[row + 1][column] = new
    return Hurt(as_csv(rows), rule, row + 2, table.header[column], new, tellable)


def constant(*values: str) -> Mangle:
    return lambda field, text, place: place.one(values)


def insert(sign: str) -> Mangle:
    def mangle(field: dict[str, Any], text: str, place: Place) -> str:
        at = place.below(len(text) + 1)
        return text[:at] + sign + text[at:]

    return mangle


def beyond(limit: str, step: int) -> Mangle:
    def mangle(field: dict[str, Any], text: str, place: Place) -> str | None:
        bound = field["constraints"][limit]
        return f"{bound + step}" if isinstance(bound, int) else None

    return mangle


ANY_RULE = "type|pattern|enumeration|foreign key|minimum|maximum|date|required|primary key|unique"
CELLS = {
    "words for a number": cell(numeric, constant("nought", "n/a", "?", "-", "null", "None"), "type"),
    "not a number": cell(numeric, constant("nan", "NaN", "inf", "-inf", "Infinity"), "type"),
    "fraction for a whole number": cell(lambda f: f["type"] == "integer", lambda f, t, p: f"{t}.5", "type"),
    "thousands separator": cell(numeric, constant("7,000", "7 000", "7'000", "7.000.000", "7\u202f000"), "type"),
    "decimal comma": cell(numeric, lambda f, t, p: f"{t},5", "type"),
    "scientific notation": cell(numeric, constant("1.23E+05", "7e3", "1E-03"), "type"),
    "unit in the number": cell(numeric, lambda f, t, p: p.one([f"{t} km", f"{t}%", f"${t}", f"c. {t}"]), "type"),
    "digits of another script": cell(numeric, constant("١٢", "１２", "²"), "type"),
    "too large a whole number": cell(
        lambda f: f["type"] == "integer", constant("9223372036854775808", "9" * 5000), "type"
    ),
    "above the maximum": cell(has("maximum"), beyond("maximum", 1), "maximum"),
    "below the minimum": cell(has("minimum"), beyond("minimum", -1), "minimum"),
    "another word for true": cell(lambda f: f["type"] == "boolean", constant("TRUE", "yes", "1", "wahr", "x"), "type"),
    "mangled date": cell(is_date, lambda f, t, p: p.one(MANGLED), "pattern"),
    "no such day": cell(is_date, lambda f, t, p: p.one(NO_DAY), "pattern|date"),
    "key made a date": cell(
        lambda f: has("pattern")(f) or has("enum")(f),
        constant("08-Oct", "Jan-03", "1. Mrz", "37057"),
        ANY_RULE,
        strict=False,
    ),
    "unknown code": cell(has("enum"), constant("rumour", "???", "0x"), "enumeration"),
    "code in capitals": cell(has("enum"), lambda f, t, p: t.swapcase(), "enumeration", strict=False),
    "code with a letter lost": cell(has("enum"), lambda f, t, p: t[:-1] or None, "enumeration", strict=False),
    "broken pattern": cell(has("pattern"), lambda f, t, p: f"{t}!", "pattern"),
    "dangling reference": cell("refers", lambda f, t, p: f"{t}x9", "foreign key|pattern|enumeration|type"),
    "key twice in a list's blank": cell(lambda f: "sco:list" in f, lambda f, t, p: f"{t}  {t}", "foreign key|pattern"),
    "list with commas": cell(lambda f: "sco:list" in f, lambda f, t, p: f"{t},{t}", "foreign key|pattern"),
    "required value lost": cell(has("required"), lambda f, t, p: "", "required|primary key"),
    "blank before": cell(any_field, lambda f, t, p: f" {t}", "type"),
    "blank after": cell(any_field, lambda f, t, p: f"{t} ", "type"),
    "blanks for nothing": cell(any_field, constant(" ", "   "), "any type"),
    "leading zeros lost": cell(text_field, lambda f, t, p: re.sub(r"(?<!\d)0+(?=\d)", "", t), ANY_RULE, strict=False),
    "last zero lost": cell(text_field, lambda f, t, p: re.sub(r"(\.\d*?)0+$", r"\1", t), ANY_RULE, strict=False),
    "lost value": cell(
        free_text, constant("#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "########"), "any type|pattern|enum"
    ),
    "replacement sign": cell(free_text, insert("\ufffd"), "type|pattern|enum"),
    "UTF-8 read as another code": cell(free_text, insert("â€“"), "type|pattern|enum"),
    "another number": cell(numeric, lambda f, t, p: f"{float(t) + 1:.2f}".removesuffix(".00"), ANY_RULE, strict=False),
    "a letter lost": cell(text_field, lambda f, t, p: t[:-1] or None, ANY_RULE, strict=False),
    **{f"{name} in a cell": cell(any_field, insert(sign), "type") for name, sign in UNSEEN.items()},
}


# -- damage to columns and rows ----------------------------------------------------------------

LINES: dict[str, Callable[[Table, Place], Hurt | None]] = {}


def damage(function: Callable[[Table, Place], Hurt | None]) -> Callable[[Table, Place], Hurt | None]:
    LINES[function.__name__.strip("_").replace("_", " ")] = function
    return function


@damage
def column_lost(table: Table, place: Place) -> Hurt:
    at, rows = place.below(len(table.header)), table.copy()
    for row in rows:
        del row[at]
    return Hurt(as_csv(rows), "missing column", 1, table.header[at])


@damage
def column_twice(table: Table, place: Place) -> Hurt:
    at, rows = place.below(len(table.header)), table.copy()
    for row in rows:
        row.insert(at, row[at])
    return Hurt(as_csv(rows), "duplicate column", 1, table.header[at])


@damage
def column_moved(table: Table, place: Place) -> Hurt:
    (one, two), rows = place.two(len(table.header)), table.copy()
    for row in rows:
        row[one], row[two] = row[two], row[one]
    return Hurt(as_csv(rows), "columns must stand in this order", 1)


@damage
def column_renamed(table: Table, place: Place) -> Hurt:
    at, rows = place.below(len(table.header)), table.copy()
    new = place.one([table.header[at].upper(), f"{table.header[at]} ", f"\u200b{table.header[at]}", "Unnamed: 0", ""])
    rows[0][at] = new
    return Hurt(as_csv(rows), "extra column", 1, new)


@damage
def column_added(table: Table, place: Place) -> Hurt:
    at, rows = place.below(len(table.header) + 1), table.copy()
    for row in rows:
        row.insert(at, "x")
    return Hurt(as_csv(rows), "extra column", 1, "x")


@damage
def headings_moved(table: Table, place: Place) -> Hurt:
    (one, two), rows = place.two(len(table.header)), table.copy()
    rows[0][one], rows[0][two] = rows[0][two], rows[0][one]
    return Hurt(as_csv(rows), "columns must stand in this order", 1)


@damage
def headings_lost(table: Table, place: Place) -> Hurt:
    missing = [name for name in table.header if name not in table.rows[0]]
    return Hurt(as_csv(table.rows), "missing column", 1, place.one(missing))


@damage
def cells_of_two_columns_swapped(table: Table, place: Place) -> Hurt | None:
    """With the headings left in place: only the rules of the two columns can tell."""
    (one, two), rows = place.two(len(table.header)), table.copy()
    for row in rows[1:]:
        row[one], row[two] = row[two], row[one]
    told = not all(allowed(table, at, row[at]) for row in rows[1:] for at in (one, two))
    return Hurt(as_csv(rows), ANY_RULE, tellable=told) if rows != table.copy() else None


@damage
def cell_lost(table: Table, place: Place) -> Hurt:
    row, rows = 1 + place.below(len(table.rows)), table.copy()
    del rows[row][place.below(len(table.header))]
    return Hurt(as_csv(rows), "truncated or broken row", row + 1)


@damage
def row_cut(table: Table, place: Place) -> Hurt:
    row, rows = 1 + place.below(len(table.rows)), table.copy()
    rows[row] = rows[row][: 1 + place.below(len(table.header) - 1)]
    return Hurt(as_csv(rows), "truncated or broken row", row + 1)


@damage
def cell_added(table: Table, place: Place) -> Hurt:
    row, rows = 1 + place.below(len(table.rows)), table.copy()
    rows[row].insert(place.below(len(table.header) + 1), "")
    return Hurt(as_csv(rows), "truncated or broken row", row + 1)


@damage
def row_twice(table: Table, place: Place) -> Hurt:
    row, rows = 1 + place.below(len(table.rows)), table.copy()
    rows.insert(row, rows[row])
    return Hurt(as_csv(rows), f"primary key: stands in row {row + 1} already|unique", row + 2)


@damage
def key_of_another_row(table: Table, place: Place) -> Hurt:
    (one, two), rows = place.two(len(table.rows)), table.copy()
    for name in table.key:
        at = table.header.index(name)
        rows[one + 1][at] = rows[two + 1][at]
    return Hurt(as_csv(rows), "primary key: stands in row|unique: stands in row", max(one, two) + 2)


@damage
def row_lost(table: Table, place: Place) -> Hurt:
    rows = table.copy()
    del rows[1 + place.below(len(table.rows))]
    # A table that refers to itself may miss the key before it misses the row.
    return Hurt(as_csv(rows), "number of rows|foreign key")


@damage
def last_rows_lost(table: Table, place: Place) -> Hurt:
    kept = place.below(len(table.rows))
    return Hurt(as_csv(table.copy()[: kept + 1]), "number of rows|foreign key")


@damage
def only_the_headings(table: Table, place: Place) -> Hurt:
    return Hurt(as_csv([table.header]), "number of rows", 1)


@damage
def blank_line_between(table: Table, place: Place) -> Hurt:
    lines = table.raw.split(b"\n")
    at = 1 + place.below(len(table.rows))
    return Hurt(b"\n".join([*lines[:at], b"", *lines[at:]]), "truncated or broken row: 0 cells", at + 1)


@damage
def row_of_empty_cells(table: Table, place: Place) -> Hurt:
    at, rows = 1 + place.below(len(table.rows) + 1), table.copy()
    rows.insert(at, [""] * len(table.header))
    return Hurt(as_csv(rows), "required|primary key", at + 1)


@damage
def file_twice_in_one(table: Table, place: Place) -> Hurt:
    return Hurt(table.raw * 2, ANY_RULE + "|number of rows")


@damage
def merge_conflict(table: Table, place: Place) -> Hurt:
    at, lines = 1 + place.below(len(table.rows)), table.raw.split(b"\n")
    lines[at:at] = [b"<<<<<<< HEAD", lines[at], b"======="]
    return Hurt(b"\n".join(lines), "truncated or broken row: 1 cells", at + 1, value="<<<<<<< HEAD")


@damage
def line_break_in_a_cell(table: Table, place: Place) -> Hurt:
    row, rows = 1 + place.below(len(table.rows)), table.copy()
    at = place.below(len(table.header))
    rows[row][at] = f"{rows[row][at]}\n{rows[row][at]}"
    return Hurt(as_csv(rows), "quoting", row + 1)


@damage
def rows_in_another_order(table: Table, place: Place) -> Hurt:
    rows = list(table.rows)
    random.Random(place.below(1000)).shuffle(rows)
    return Hurt(as_csv([table.header, *rows]), None)


# -- damage to the file ------------------------------------------------------------------------


@damage
def cut_at_any_byte(table: Table, place: Place) -> Hurt:
    return Hurt(table.raw[: place.below(len(table.raw))], ".")


@damage
def cut_within_the_last_cell(table: Table, place: Place) -> Hurt:
    last = table.raw.rstrip(b"\n").rpartition(b"\n")[2]
    return Hurt(table.raw[: -1 - place.below(len(last))], "truncated|quoting|encoding", len(table.rows) + 1)


@damage
def last_line_end_lost(table: Table, place: Place) -> Hurt:
    return Hurt(table.raw.rstrip(b"\n"), "truncated file: the last line has no line end", len(table.rows) + 1)


@damage
def empty_file(table: Table, place: Place) -> Hurt:
    return Hurt(b"\n" * place.below(3), "the file is empty")


@damage
def utf_16(table: Table, place: Place) -> Hurt:
    return Hurt(table.raw.decode().encode(place.one(["utf-16", "utf-16-be", "utf-16-le", "utf-32"])), "encoding")


@damage
def one_byte_codes(table: Table, place: Place) -> Hurt | None:
    text = table.raw.decode()
    at = next((n for n, line in enumerate(text.split("\n"), 1) if not line.isascii()), None)
    code = place.one(["cp1251", "cp1252"])
    return Hurt(text.encode(code, errors="xmlcharrefreplace"), "encoding", at) if at and can(text, code) else None


def can(text: str, code: str) -> bool:
    """Whether the first sign beyond ASCII exists in an old code page."""
    first = next(sign for sign in text if not sign.isascii())
    return first.encode(code, errors="ignore") != b""


@damage
def byte_that_is_no_text(table: Table, place: Place) -> Hurt:
    at = place.below(len(table.raw))
    raw = table.raw[:at] + b"\xff" + table.raw[at:]
    return Hurt(raw, "encoding: must be UTF-8", table.raw[:at].count(b"\n") + 1)


@damage
def nul_byte(table: Table, place: Place) -> Hurt:
    at = place.below(len(table.raw))
    return Hurt(table.raw[:at] + b"\0" + table.raw[at + 1 :], "encoding", None)


@damage
def block_of_zeros(table: Table, place: Place) -> Hurt:
    at = place.below(len(table.raw))
    return Hurt(table.raw[:at] + bytes(min(512, len(table.raw) - at)), "encoding")


@damage
def bit_flipped(table: Table, place: Place) -> Hurt:
    """Often no rule can tell; but nothing else than the two known endings may come of it."""
    raw = bytearray(table.raw)
    raw[place.below(len(raw))] ^= 1 << place.below(8)
    return Hurt(bytes(raw), ".", tellable=False)


@damage
def crlf(table: Table, place: Place) -> Hurt:
    return Hurt(table.raw.replace(b"\n", b"\r\n"), None)


@damage
def lone_cr(table: Table, place: Place) -> Hurt:
    return Hurt(table.raw.replace(b"\n", b"\r"), None)


@damage
def mixed_line_ends(table: Table, place: Place) -> Hurt:
    return Hurt(table.raw.replace(b"\n", b"\r\n", 1 + place.below(len(table.rows))), None)


@damage
def byte_order_mark(table: Table, place: Place) -> Hurt:
    return Hurt(b"\xef\xbb\xbf" + table.raw, None)


@damage
def blank_lines_at_the_end(table: Table, place: Place) -> Hurt:
    return Hurt(table.raw + place.one([b"\n", b"\r\n"]) * (1 + place.below(4)), None)


@damage
def every_cell_quoted(table: Table, place: Place) -> Hurt:
    return Hurt(as_csv(table.copy(), quoting=csv.QUOTE_ALL), None)


@damage
def another_delimiter(table: Table, place: Place) -> Hurt:
    return Hurt(
        as_csv(table.copy(), delimiter=place.one([";", "\t", "|"])), "missing column", 1, place.one(table.header)
    )


@damage
def delimiter_announced(table: Table, place: Place) -> Hurt:
    return Hurt(b"sep=,\n" + table.raw, "missing column", 1)


@damage
def stray_quotation_mark(table: Table, place: Place) -> Hurt | None:
    lines = table.raw.decode().split("\n")
    row = 1 + place.below(len(table.rows))
    at = place.below(len(lines[row]) + 1)
    lines[row] = lines[row][:at] + '"' + lines[row][at:]
    return Hurt("\n".join(lines).encode(), "quoting|truncated or broken row", row + 1)


@damage
def quotation_mark_lost(table: Table, place: Place) -> Hurt | None:
    lines = table.raw.decode().split("\n")
    quoted = [n for n, line in enumerate(lines) if '"' in line]
    if not quoted:
        return None
    row = place.one(quoted)
    at = place.one([n for n, sign in enumerate(lines[row]) if sign == '"'])
    lines[row] = lines[row][:at] + lines[row][at + 1 :]
    return Hurt("\n".join(lines).encode(), "quoting|truncated or broken row", row + 1)


@damage
def compressed(table: Table, place: Place) -> Hurt:
    return Hurt(gzip.compress(table.raw), "encoding")


@damage
def page_of_a_proxy(table: Table, place: Place) -> Hurt:
    return Hurt(b"<!DOCTYPE html>\n<title>Sign in, please</title>\n", "missing column", 1)


@damage
def pointer_to_large_file(table: Table, place: Place) -> Hurt:
    return Hurt(b"version https://git-lfs.github.com/spec/v1\nsize 12345\n", "missing column", 1)


@damage
def another_table_under_this_name(table: Table, place: Place) -> Hurt:
    other = place.one([name for name in described() if columns_of(name) != table.header])
    return Hurt((DATA / f"{other}.csv").read_bytes(), "missing column|extra column", 1)


def columns_of(name: str) -> list[str]:
    return [field["name"] for field in described()[name]["schema"]["fields"]]


DAMAGES: dict[str, Callable[[Table, Place], Hurt | None]] = {**CELLS, **LINES}


# -- the suite ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tally(request: pytest.FixtureRequest) -> Counter[tuple[str, str]]:
    """Damages by kind and ending, for the summary at the end of the run."""
    return request.config.stash.setdefault(TALLY, Counter())


def ending(table: Table, hurt: Hurt) -> str:
    """How the loader takes a damaged file: one of the three endings, or what is wrong with it."""
    table.put(table.file, hurt.raw)
    try:
        frame = sco.load(table.name, table.folder)
    except sco.DataError as error:
        if hurt.rule is None:
            return f"a harmless change is refused: {error}"
        return "caught" if named(error, table.file, hurt) else f"the message does not name it: {error}"
    if table.same(frame):
        return "harmless" if hurt.rule is None or not hurt.tellable else "loaded as if nothing had happened"
    return "wrong data are loaded in silence" if hurt.tellable else "cannot be told"


def named(error: sco.DataError, file: str, hurt: Hurt) -> bool:
    """Whether the message names file, row, column, value and rule, as far as the damage has them."""
    for problem in error.problems:
        if (
            problem.file == file
            and (hurt.row in (None, problem.row) or not hurt.tellable)
            and (hurt.column in (None, *(problem.column or "").split(", ")) or not hurt.tellable)
            and (hurt.value in (None, problem.value) or not hurt.tellable)
            and re.match(hurt.rule or "", problem.rule)
        ):
            parts = [file, problem.rule, None if problem.row is None else f"row {problem.row}"]
            parts += [part and repr(part[:80]) for part in (problem.column, problem.value)]
            return all(part in str(problem) for part in parts if part is not None)
    return False


@pytest.mark.parametrize("name", list(described()))
def test_every_table_withstands_every_damage(
    name: str, tally: Counter[tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Hypothesis chooses row, column and byte; each kind that the table can suffer is tried on it."""
    table = Table(name, tmp_path_factory.mktemp(name))
    tried: set[str] = set()
    wrong: list[str] = []

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def hurt_it(data: st.DataObject) -> None:
        for kind, harm in DAMAGES.items():
            hurt = harm(table, Place(data))
            if hurt is None:
                continue
            tried.add(kind)
            if (end := ending(table, hurt)) in ENDINGS:
                tally[kind, end] += 1
            else:
                wrong.append(f"{kind}, {hurt._replace(raw=b'')}: {end}")

    hurt_it()
    assert not wrong, "\n".join([f"{len(wrong)} damages", *wrong[:20]])
    missing = set(DAMAGES) - tried
    # A damage to a cell looks at every cell of the table before it gives up.
    assert missing <= set(CELLS) | {"one byte codes", "quotation mark lost", "cells of two columns swapped"}


UNTELLABLE = {
    "key made a date",
    "code in capitals",
    "code with a letter lost",
    "leading zeros lost",
    "last zero lost",
    "another number",
    "a letter lost",
    "cells of two columns swapped",
    "bit flipped",
}
HARMLESS = {
    "rows in another order",
    "crlf",
    "lone cr",
    "mixed line ends",
    "byte order mark",
    "blank lines at the end",
    "every cell quoted",
}


def test_no_kind_of_damage_was_idle(tally: Counter[tuple[str, str]]) -> None:
    """Over all tables each kind came to the ending that it must have, and only the listed ones could not be told."""
    tried = {kind: sum(n for (k, _), n in tally.items() if k == kind) for kind in DAMAGES}
    if tried["empty file"] < len(described()) * EXAMPLES:
        pytest.skip("not every table was damaged in this run")
    for kind in DAMAGES:
        assert tally[kind, "harmless" if kind in HARMLESS else "caught"] > 0, kind
        assert not tally[kind, "cannot be told"] or kind in UNTELLABLE, kind
        if kind in LINES and kind not in {"one byte codes", "quotation mark lost", "cells of two columns swapped"}:
            assert tried[kind] >= len(described()) * EXAMPLES, kind


# -- damage to the description, and files that are not there ------------------------------------

Package = dict[str, Any]


def first_field(package: Package, name: str) -> dict[str, Any]:
    return next(r for r in package["resources"] if r["name"] == name)["schema"]["fields"][0]


def of(package: Package, name: str) -> dict[str, Any]:
    return next(r for r in package["resources"] if r["name"] == name)


def reference(to: str, field: str) -> dict[str, Any]:
    return {"fields": [field], "reference": {"resource": to, "fields": [field]}}


# What is done to the description, and what the message must say of it.
DESCRIPTIONS: dict[str, tuple[Callable[[Package, str], object], str]] = {
    "no tables": (lambda p, n: p.pop("resources"), "is not a data package"),
    "tables are no list": (lambda p, n: p.update(resources=7), "is not a data package"),
    "a table is no object": (lambda p, n: p["resources"].append("x"), "is not a data package"),
    "table without name": (lambda p, n: of(p, n).pop("name"), "is not a data package"),
    "name is a list": (lambda p, n: of(p, n).update(name=[n]), "is not a data package"),
    "two tables of one name": (lambda p, n: p["resources"].append(of(p, n)), "two tables have the same name"),
    "table without path": (lambda p, n: of(p, n).pop("path"), "is not a data package"),
    "path is a list": (lambda p, n: of(p, n).update(path=["a.csv"]), "must name a CSV file in this folder"),
    "path leads out": (lambda p, n: of(p, n).update(path="../x.csv"), "must name a CSV file in this folder"),
    "path is absolute": (lambda p, n: of(p, n).update(path="/etc/passwd"), "must name a CSV file in this folder"),
    "path is an address": (lambda p, n: of(p, n).update(path="https://x.org/a.csv"), "must name a CSV file"),
    "path of another table": (lambda p, n: of(p, n).update(path="other.csv"), "must name a CSV file in this folder"),
    "name leads out": (
        lambda p, n: of(p, n).update(name="../x", path="../x.csv"),
        "must name a CSV file in this folder",
    ),
    "name is markup": (lambda p, n: of(p, n).update(name="<b>", path="<b>.csv"), "must name a CSV file in this folder"),
    "path with NUL": (lambda p, n: of(p, n).update(path="a\0.csv"), "must name a CSV file"),
    "table without schema": (lambda p, n: of(p, n).pop("schema"), "is not a data package"),
    "no columns": (lambda p, n: of(p, n)["schema"].update(fields=[]), "no column"),
    "column twice": (lambda p, n: of(p, n)["schema"]["fields"].append(first_field(p, n)), "two of the same name"),
    "column without name": (lambda p, n: first_field(p, n).pop("name"), "is not a data package"),
    "column without type": (lambda p, n: first_field(p, n).pop("type"), "the type must be one of"),
    "unknown type": (lambda p, n: first_field(p, n).update(type="strnig"), "the type must be one of"),
    "unknown constraint": (
        lambda p, n: first_field(p, n).update(constraints={"requierd": True}),
        "unknown constraint requierd",
    ),
    "constraints are no object": (lambda p, n: first_field(p, n).update(constraints=3), "is not a data package"),
    "broken pattern": (lambda p, n: first_field(p, n).update(constraints={"pattern": "["}), "is not a data package"),
    "enumeration is a word": (
        lambda p, n: first_field(p, n).update(constraints={"enum": "ab"}),
        "an enumeration must be a list",
    ),
    "required is a word": (
        lambda p, n: first_field(p, n).update(constraints={"required": "no"}),
        "must be true or false",
    ),
    "limit is a word": (
        lambda p, n: first_field(p, n).update(constraints={"minimum": "few"}),
        "is no limit for this type",
    ),
    "key of no column": (
        lambda p, n: of(p, n)["schema"].update(primaryKey=["nothing"]),
        "the primary key has no column",
    ),
    "key is a number": (lambda p, n: of(p, n)["schema"].update(primaryKey=3), "is not a data package"),
    "reference to no table": (
        lambda p, n: of(p, n)["schema"].update(foreignKeys=[reference("nowhere", "x")]),
        "no reference can be made",
    ),
    "reference to no column": (
        lambda p, n: of(p, n)["schema"].update(foreignKeys=[reference("", "nothing")]),
        "no reference can be made",
    ),
    "reference without target": (
        lambda p, n: of(p, n)["schema"].update(foreignKeys=[{"fields": ["x"]}]),
        "is not a data package",
    ),
    "list of nothing": (
        lambda p, n: first_field(p, n).update({"sco:list": {"resource": "nowhere", "field": "x"}}),
        "no reference",
    ),
    "number of rows is a word": (lambda p, n: of(p, n).update({"sco:rows": "many"}), "sco:rows must be a whole number"),
}


@pytest.mark.parametrize("name", list(described()))
def test_every_description_can_break_in_every_way(name: str, tally: Counter[tuple[str, str]], tmp_path: Path) -> None:
    """A damaged datapackage.json is named with what is wrong in it; none leads to another error or another file."""
    table = Table(name, tmp_path)
    for kind, (harm, words) in DESCRIPTIONS.items():
        package = table.package()
        harm(package, name)
        table.describe(package)
        with pytest.raises(sco.DataError, match=r"^datapackage\.json: ") as error:
            sco.load(name, table.folder)
        assert words in str(error.value), f"{kind}: {error.value}"
        tally[f"description: {kind}", "caught"] += 1


@pytest.mark.parametrize("name", list(described()))
def test_description_and_file_must_agree(name: str, tally: Counter[tuple[str, str]], tmp_path: Path) -> None:
    """A column lost from the description, a table lost from it, another number of rows."""
    table = Table(name, tmp_path)
    package = table.package()
    lost = of(package, name)["schema"]["fields"].pop()["name"]
    of(package, name)["schema"]["foreignKeys"] = []
    of(package, name)["schema"]["primaryKey"] = []
    table.describe(package)
    with pytest.raises(sco.DataError, match=rf"^{name}\.csv, row 1, column '{lost}': extra column"):
        sco.load(name, table.folder)
    package = table.package()
    of(package, name)["sco:rows"] += 1
    table.describe(package)
    with pytest.raises(
        sco.DataError, match=rf"{name}\.csv, row \d+: number of rows: {len(table.rows)}, but .* make rows"
    ):
        sco.load(name, table.folder)
    package = table.package()
    package["resources"] = [{**of(package, name), "name": "other", "path": "other.csv"}]
    for field in package["resources"][0]["schema"]["fields"]:
        field.pop("sco:list", None)
    package["resources"][0]["schema"]["foreignKeys"] = []
    table.describe(package)
    with pytest.raises(sco.DataError, match=r"^datapackage\.json: no such table; there are: other"):
        sco.load(name, table.folder)
    for kind in ("column lost", "another number of rows", "table lost"):
        tally[f"description: {kind}", "caught"] += 1


@settings(max_examples=60, deadline=None, database=None)
@given(at=st.integers(0, (DATA / PACKAGE).stat().st_size - 3))
def test_a_description_cut_at_any_byte(at: int, tally: Counter[tuple[str, str]], cut: Table) -> None:
    cut.describe((DATA / PACKAGE).read_bytes()[:at])
    with pytest.raises(sco.DataError, match=r"^datapackage\.json: is not a data package"):
        sco.tables(cut.folder)
    tally["description: cut at any byte", "caught"] += 1


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory) -> Table:
    return Table("states", tmp_path_factory.mktemp("cut"))


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: b"\xef\xbb\xbf" + raw,
        lambda raw: raw.replace(b"\n", b"\r\n"),
        lambda raw: json.dumps(json.loads(raw), indent=8, sort_keys=True).encode(),
    ],
    ids=["byte order mark", "line ends", "layout and order"],
)
def test_harmless_changes_of_the_description(change: Callable[[bytes], bytes], cut: Table) -> None:
    cut.describe(change(json.dumps(cut.package(), indent=1).encode()))
    assert cut.same(sco.load("states", cut.folder))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[]",
        b"3",
        b'{"resources": {}}',
        b"{" * 100_000,
        b"[" * 100_000,
        b"\xff\xfe{",
        b'{"a": 1, "a": 2}',
    ],
)
def test_what_is_no_description_at_all(raw: bytes, cut: Table) -> None:
    cut.describe(raw)
    if raw == b'{"resources": {}}':
        assert sco.tables(cut.folder) == []
        return
    with pytest.raises(sco.DataError, match=r"^datapackage\.json: is not a data package"):
        sco.tables(cut.folder)


def gone(path: Path) -> None:
    pass


def folder_instead(path: Path) -> None:
    path.mkdir()


def link_to_itself(path: Path) -> None:
    path.symlink_to(path)


def link_to_nothing(path: Path) -> None:
    path.symlink_to(path.with_name("nothing"))


@pytest.mark.parametrize("name", list(described()))
def test_a_file_that_cannot_be_read(name: str, tally: Counter[tuple[str, str]], tmp_path: Path) -> None:
    """Missing, a folder, a link that leads nowhere; of the table, of one that it refers to, and the description."""
    table = Table(name, tmp_path)
    files = [resource["path"] for resource in table.resources.values()]
    for file in [table.file, *files[1:2], PACKAGE]:
        for instead in (gone, folder_instead, link_to_itself, link_to_nothing):
            path = tmp_path / file
            path.unlink()
            instead(path)
            with pytest.raises(sco.DataError) as error:
                sco.load(name, tmp_path)
            assert re.match(rf"{re.escape(file)}: cannot be read \(.+\)", str(error.value))
            tally[f"file: {instead.__name__.replace('_', ' ')}", "caught"] += 1
            path.rmdir() if path.is_dir() else path.unlink(missing_ok=True)
            table.put(file, (DATA / file).read_bytes() if file != PACKAGE else json.dumps(table.package()).encode())
    assert table.same(sco.load(name, tmp_path))


def test_a_file_without_permission(cut: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may read everything, so that the refusal is the system's only in name."""

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    cut.describe(cut.package())
    cut.put(cut.file, cut.raw)
    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(sco.DataError, match=r"^(states\.csv|datapackage\.json): cannot be read \(Permission denied\)"):
        sco.load("states", cut.folder)


@pytest.mark.parametrize("folder", ["/no/such/folder", "\0", "", "data.zip", "https://example.org/data"])
def test_a_folder_that_is_none(folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(sco.DataError, match=r"^datapackage\.json: "):
        sco.load("states", folder)


def test_the_row_counts_are_up_to_date() -> None:
    """Every table of the book has a count; `make rows` would change nothing."""
    from rows import recount

    text, changes = recount(DATA)
    assert changes == [], "run make rows"
    assert text == (DATA / PACKAGE).read_text(encoding="utf-8")
    assert all(type(resource["sco:rows"]) is int for resource in described().values())


def test_counting_anew_says_what_changed(tmp_path: Path) -> None:
    """After a row is taken out on purpose the load fails, the task prints the change, and the load works again."""
    from rows import recount

    table = Table("exhibits", tmp_path)
    table.put(table.file, as_csv(table.copy()[:-1]))
    with pytest.raises(sco.DataError, match="number of rows"):
        sco.load("exhibits", tmp_path)
    text, changes = recount(tmp_path)
    assert changes == [f"exhibits: {len(table.rows)} -> {len(table.rows) - 1} rows"]
    table.describe(text.encode())
    assert len(sco.load("exhibits", tmp_path)) == len(table.rows) - 1
