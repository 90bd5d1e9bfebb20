"""Sphinx extension: the first use of a term on a page leads to the glossary and tells what it means.

A term is marked while a page is written, in the text of paragraphs and list items only, once a page.
The mark is a link to the entry, so that it works by touch; its ``title`` is its description, which a mouse
shows by itself and `glossary.css` shows where the keyboard has the focus.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from bs4 import BeautifulSoup, NavigableString, Tag
from sphinx.application import Sphinx

PAGE = "book/glossary"
# Lists of names, of claims and of files: what stands there is quoted or explained already.
UNMARKED = re.compile(r"notebooks/ledger-|book/(glossary|sources|data|exhibits|cite)$|(genindex|search)$")
KEPT = "a, abbr, code, pre, h1, h2, h3, h4, h5, h6, figure, table, fieldset, script, style, svg, button, summary, nav"
KEPT += ", .sco-table, .citation, .math, .sco-holds"


class Term(NamedTuple):
    """An entry: its key, what the link says and the words that stand for it."""

    key: str
    hint: str
    words: tuple[str, ...]


def terms(table: Path) -> list[Term]:
    """The entries of the glossary that are marked on pages.

    Parameters
    ----------
    table : path
        The file ``glossary.csv``.
    """
    with table.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["match"]]
    return [Term(row["term"], hint(row), tuple(row["match"].split("|"))) for row in rows]


def hint(row: dict[str, str]) -> str:
    """What an abbreviation stands for; where there is nothing to spell out, the first sentence."""
    words = row["match"].split("|")
    spelled = row["expansion"] if row["name"] in words and row["expansion"] else ""
    return spelled or re.split(r"(?<=[.;])\s", row["explanation"])[0].rstrip(".;")


def mark(html: str, known: list[Term], address: str) -> str:
    """Link the first use of each term in the text of an HTML fragment.

    Parameters
    ----------
    html : str
        The body of a page.
    known : list of Term
        As `terms` gives them.
    address : str
        The address of the glossary from the page.

    Returns
    -------
    str
        The same fragment; unchanged, byte for byte, where it uses no term.
    """
    owner = {word: term for term in known for word in term.words}
    words = sorted(owner, key=len, reverse=True)
    pattern = re.compile(rf"(?<![\w/-])(?:{'|'.join(map(re.escape, words))})(?![\w-])")
    soup = BeautifulSoup(html, "html.parser")
    seen: set[str] = set()
    for text in list(_texts(soup)):
        pieces = _pieces(str(text), pattern, owner, seen, address)
        if pieces:
            text.replace_with(BeautifulSoup(pieces, "html.parser"))
    return str(soup) if seen else html


def _texts(soup: BeautifulSoup) -> Iterator[NavigableString]:
    """Text in paragraphs and list items, outside of whatever is kept as it is."""
    kept = {id(tag) for tag in soup.select(KEPT)}
    for text in soup.find_all(string=True):
        above = [tag for tag in text.parents if isinstance(tag, Tag)]
        in_prose = any(tag.name in {"p", "li"} for tag in above)
        if type(text) is NavigableString and in_prose and not any(id(tag) in kept for tag in above):
            yield text


def _pieces(text: str, pattern: re.Pattern[str], owner: dict[str, Term], seen: set[str], address: str) -> str:
    """A text as HTML with the terms that are new linked; empty where none is."""
    before = len(seen)
    parts, end = [], 0
    for match in pattern.finditer(text):
        term = owner[match[0]]
        if term.key in seen:
            continue
        seen.add(term.key)
        opening = f'<a class="sco-term" href="{address}#term-{term.key}" title="{escape(term.hint)}">'
        parts += [escape(text[end : match.start()], quote=False), opening, escape(match[0]), "</a>"]
        end = match.end()
    return "".join([*parts, escape(text[end:], quote=False)]) if len(seen) > before else ""


def mark_page(app: Sphinx, name: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Mark the terms of a page that is about to be written."""
    wanted = app.builder.format == "html" and PAGE in app.env.found_docs and not UNMARKED.search(name)
    if wanted and context.get("body"):
        known = terms(Path(app.srcdir) / "data" / "glossary.csv")
        context["body"] = mark(context["body"], known, app.builder.get_relative_uri(name, PAGE))


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_css_file("glossary.css")
    app.connect("html-page-context", mark_page)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
