"""Put tables, figures and computed sentences on a page, in a live kernel as in the rendered book."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from sco import svg
from sco.audit import in_words
from sco.tables import about, describe, load, tables

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIGNS = {"agrees": "✓", "close": "≈", "differs": "✗", "conflicts": "⚡", "unverified": "?", "judgement": "§"}


# A notebook that is open has no style sheet of the book, so a view brings what its tables need; the build sets
# SCO_STYLED, for its pages have one. Numbers stand right, words left, whatever the program's own style is.
LOOK = (
    "<style>.sco-table :is(td,th){text-align:left!important;vertical-align:top;padding:.2em .7em .2em 0}"
    ".sco-table td{min-width:3.5em}.sco-table tbody th{min-width:4.6em}.sco-verdict{white-space:nowrap}"
    + "".join(f".sco-table .n{n} :is(td,th):nth-child({n}){{text-align:right!important}}" for n in range(1, 13))
    + "figcaption{font-weight:600}.sco-foot{font-size:.85em}.sco-columns{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem}"
    + "</style>"
)


def dressed(html: str) -> str:
    """Markup with what it needs to be looked at outside the book's pages."""
    return html if "SCO_STYLED" in os.environ else LOOK + html


class View:
    """A piece of a page: HTML for readers, plain text for terminals and comparisons."""

    def __init__(self, html: str, text: str) -> None:
        self.html, self.text = html, text

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {"text/html": dressed(self.html), "text/plain": self.text}


class Prose(View):
    """A paragraph whose numbers are computed; `text` is Markdown, without HTML, pictures or links that leave the book."""

    def __init__(self, text: str) -> None:
        super().__init__("", text)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {"text/markdown": ACTIVE.sub(lambda m: f"&#{ord(m[0])};", self.text), "text/plain": self.text}


# What could do more in Markdown than be read: tags, pictures, links to anything but a page of the book.
ACTIVE = re.compile(r"<(?=[A-Za-z/!?])|!(?=\[)|(?<=\])\((?!(?!//)[\w./#-]+\))|(?<=\]):")


Folder = str | Path | None


@lru_cache(maxsize=8)
def _exhibits(folder: Folder = None) -> dict[str, dict[str, str]]:
    return dict(load("exhibits", folder).set_index("exhibit").to_dict("index"))


@lru_cache(maxsize=8)
def _titles(folder: Folder = None) -> list[dict[str, str]]:
    known = tables(folder)
    return [{f["name"]: f["title"] for f in describe(name, folder)["schema"]["fields"]} for name in known]


def _label(column: str, columns: Iterable[str], folder: Folder = None) -> str:
    """The heading of a column: its title in the table that has most of the columns shown."""
    known = [titles for titles in _titles(folder) if column in titles]
    best = max(known, key=lambda titles: len(set(columns) & set(titles)), default={})
    return best.get(column, column.replace("_", " ").capitalize())


@lru_cache(maxsize=1)
def _states() -> dict[str, str]:
    return dict(load("states").set_index("state")["name"])


def names(codes: str | None) -> str:
    """Country names for codes separated by blanks: ``"CHN RUS"`` gives ``"China, Russia"``.

    Raises
    ------
    KeyError
        If a code is not in the table ``states``; the message names it and lists what there is.
    """
    if codes is None or pd.isna(codes):
        return ""
    known = _states()
    for code in codes.split():
        if code not in known:
            raise KeyError(f"no state {code!r}; there are: {' '.join(known)}")
    return ", ".join(known[code] for code in codes.split())


def thesis_pages(pages: str, folder: Folder = None) -> str:
    """Page numbers in words: ``"0 8 9 10"`` gives ``"preface, pp. 8-10"`` (with an en dash).

    Another text has other words for its pages; they come from the data package in `folder`.
    """
    said = about(folder)
    numbers = sorted({n for part in pages.split() for n in _range(part)})
    runs: list[list[int]] = []
    for n in numbers:
        if n and runs and runs[-1][-1] == n - 1:
            runs[-1].append(n)
        elif n:
            runs.append([n])
    words = ", ".join(f"{r[0]}–{r[-1]}" if len(r) > 1 else str(r[0]) for r in runs)
    body = f"{said['page'] if words.isdigit() else said['pages']} {words}" if words else ""
    return ", ".join(part for part in (said["start"] if 0 in numbers else "", body) if part)


def _range(part: str) -> range:
    first, _, last = part.partition("-")
    return range(int(first), int(last or first) + 1)


def _head(kind: str, exhibit: str, part: str, title: str | None, folder: Folder = None) -> tuple[str, str, str]:
    """Anchor, caption as HTML and caption as text of an exhibit."""
    known = _exhibits(folder)
    if exhibit not in known:
        raise KeyError(f"no exhibit {exhibit!r}; there are: {' '.join(known)}")
    row = known[exhibit]
    anchor = f"{kind.lower()}-{exhibit}{part}".replace(".", "-")
    words = title or row["title"]
    label = f"{kind} {exhibit}{part}"
    html = f'<a class="sco-number" href="#{anchor}">{label}</a> {escape(words)}'
    return anchor, html, f"{label}. {words}"


def _foot(exhibit: str, pages: str | None, note: str | None, extra: str = "", folder: Folder = None) -> str:
    pages = thesis_pages(pages or _exhibits(folder)[exhibit]["pages"], folder)
    source = f"Source: {about(folder)['name']}, {pages}"
    return f'<p class="sco-foot">{source}{"; " + escape(note) if note else ""}.{extra}</p>'


# -- tables ----------------------------------------------------------------------------------


def table(
    frame: pd.DataFrame,
    exhibit: str,
    *,
    part: str = "",
    title: str | None = None,
    labels: Mapping[str, str] | None = None,
    pages: str | None = None,
    note: str | None = None,
    decimals: Mapping[str, int] | None = None,
    download: bool = True,
    folder: Folder = None,
) -> View:
    """Show a data frame as a numbered table that can be downloaded.

    Parameters
    ----------
    frame : pandas.DataFrame
        What is shown; the index is left out.
    exhibit : str
        A key of the table ``exhibits``, such as ``"1.3"``.
    part : str
        A letter where an exhibit has several tables.
    title : str, optional
        The caption; by default the exhibit's title.
    labels : mapping, optional
        Column headings; by default the titles in the data package.
    pages : str, optional
        Pages of the text behind this part, such as ``"0 8 30-45"``; by default those of the whole exhibit.
    note : str, optional
        Further sources or a remark for the line below.
    decimals : mapping, optional
        For columns of numbers, how many decimals all of them show.
    download : bool
        Whether the table carries its CSV; a part of the ledger, which is there as a file, does not.
    folder : path, optional
        The data package that has the exhibit, where it is not the book's own ``data/``; its claims
        have no address in the ledger.

    Returns
    -------
    View

    Raises
    ------
    KeyError
        If there is no such exhibit or no such column.
    """
    anchor, head, text = _head("Table", exhibit, part, title, folder)
    heads = {c: (labels or {}).get(c) or _label(str(c), list(map(str, frame.columns)), folder) for c in frame.columns}
    link = _download(frame.rename(columns=heads), f"{anchor}.csv") if download else ""
    html = (
        f'<figure class="sco-table" id="{anchor}"><figcaption>{head}</figcaption>'
        f'<div class="sco-scroll" tabindex="0" role="region" aria-label="{escape(text, quote=True)}">'
        f"{_grid(frame, heads, folder is None, decimals)}</div>"
        f"{_foot(exhibit, pages, note, link, folder)}</figure>"
    )
    return View(html, f"{text}\n{frame.rename(columns=heads).to_string(index=False, na_rep='-')}")


def _grid(
    frame: pd.DataFrame, heads: Mapping[str, str], linked: bool = True, decimals: Mapping[str, int] | None = None
) -> str:
    places = decimals or {}
    columns, row_head = list(frame.columns), frame.columns[0]
    kinds = " ".join(f"{kind}{n}" for n, c in enumerate(columns, 1) if (kind := _width(frame[c])))
    stack = columns[:3] == ["claim_id", "statement", "verdict"]
    if stack:
        kinds += " stack"  # on a telephone a claim is a block, in which a number needs its head
    lines = [f'<table class="{kinds}"><thead><tr>' if kinds else "<table><thead><tr>"]
    lines += [f'<th scope="col">{escape(str(heads[c]))}</th>' for c in columns]
    lines.append("</tr></thead><tbody>")
    for cells in frame.to_dict("records"):
        lines.append("<tr>")
        for column in columns:
            tag = 'th scope="row"' if column == row_head else "td"
            value = cells[column]
            known = f"{value:.{places[column]}f}" if column in places and pd.notna(value) else value
            if stack and isinstance(known, int):
                tag += f' data-h="{escape(str(heads[column]), quote=True)}"'
            lines.append(f"<{tag}>{_cell(column, known, linked)}</{tag[:2]}>")
        lines.append("</tr>")
    return "".join([*lines, "</tbody></table>"])


def _width(column: pd.Series) -> str:
    """Numbers stand right, long texts get room, short ones no break: a letter for the style sheet."""
    if pd.api.types.is_numeric_dtype(column):
        return "n"
    texts = [shown(value) for value in column]
    longest = max(map(len, texts), default=0)
    return "l" if longest > 36 else "s" if longest < 14 and not any(", " in text for text in texts) else ""


def shown(value: Any) -> str:
    """A value as tables print it: grouped thousands, dates in words, ``"7 30-31"`` with its comma, a dash for a gap."""
    if value is None or value is pd.NA or (isinstance(value, float) and value != value) or value is pd.NaT:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, pd.Timestamp):
        return in_words(value.date().isoformat())
    if isinstance(value, float):
        return (f"{value:,.0f}" if value == round(value) and abs(value) >= 100 else f"{value:,.4g}").replace("-", "−")
    if isinstance(value, int) and abs(value) >= 10_000:
        return f"{value:,}".replace("-", "−")
    text = MINUS.sub("−", str(value))
    if DATE.fullmatch(text):
        return in_words(text)
    return LEADING.sub(r"\1", text).replace("-", "–").replace(" ", ", ") if SEVERAL.fullmatch(text) else text


MINUS = re.compile(r"^-(?=[\d.,]+%?$)")
LEADING = re.compile(r"0*(\d+)")
SEVERAL = re.compile(r"\d+-\d+|\d+(-\d+)?( \d+(-\d+)?)+")  # pages, notes: several, or from one to another
DATE = re.compile(r"\d{4}-\d\d(-\d\d)?(/\d{4}-\d\d(-\d\d)?)?|\d{4}/\d{4}")


CLAIMS = re.compile(r"c\d{3}-\d{2}( c\d{3}-\d{2})*")
CITED = re.compile(r"(.*\[)([A-Z]{3}\d{3}[a-z]?(?: [A-Z]{3}\d{3}[a-z]?)*)\]", re.DOTALL)  # a text, keys of references


def _cell(column: str, value: Any, linked: bool = True) -> str:
    if column in {"verdict", "outcome"} and value in SIGNS:
        return badge(str(value))
    if linked and CLAIMS.fullmatch(str(value)):
        return " ".join(f'<a href="{ledger_of(key)}#{key}">{key}</a>' for key in str(value).split())
    if column == "page" and value == 0:
        return "preface"
    if linked and (cited := CITED.fullmatch(str(value))):
        return f"{escape(cited[1])}{' '.join(map(_cited, cited[2].split()))}]"
    return escape(shown(value)) or "–"


# The pages of the ledger: the first page of the thesis that each one holds.
LEDGERS = {"1": 0, "2": 20, "3a": 46, "3b": 70, "4": 91, "5": 116}
LAST_PAGE = 134  # of the thesis


def ledger_of(claim_id: str) -> str:
    """The notebook on whose page a claim has its address."""
    page = int(claim_id[1:4])
    return f"ledger-{[part for part, first in LEDGERS.items() if first <= page][-1]}.ipynb"


def ledger_range(part: str) -> tuple[int, int]:
    """First and last page of the thesis that a page of the ledger holds.

    Raises
    ------
    KeyError
        If there is no such part; the message lists what there is.
    """
    if part not in LEDGERS:
        raise KeyError(f"no ledger {part!r}; there are: {' '.join(LEDGERS)}")
    later = [first for first in LEDGERS.values() if first > LEDGERS[part]]
    return LEDGERS[part], min(later, default=LAST_PAGE + 1) - 1


def badge(verdict: str) -> str:
    """A verdict as HTML: a sign and the word, so that colour is never the only carrier."""
    return f'<span class="sco-verdict sco-{verdict}"><span aria-hidden="true">{SIGNS[verdict]}</span> {verdict}</span>'


def _download(frame: pd.DataFrame, name: str) -> str:
    data = base64.b64encode(csv_text(frame).encode("utf-8")).decode("ascii")
    return f' <a class="sco-csv" download="{name}" href="data:text/csv;charset=utf-8;base64,{data}">Download as CSV</a>'


def csv_text(frame: pd.DataFrame) -> str:
    """A frame as CSV in which no text starts as a spreadsheet formula would: an apostrophe stands before it.

    Numbers with a sign and lone signs stay as they are; line breaks become ``\\n``. To get the texts
    back, take one apostrophe from each cell in which `FORMULA` matches.
    """
    safe = frame.apply(lambda column: column if pd.api.types.is_numeric_dtype(column) else column.map(_inert))
    return str(safe.rename(columns=_inert).to_csv(index=False, lineterminator="\n"))


# Apostrophes that are there already are matched, so that the one that is added can be taken off again.
FORMULA = re.compile(r"'*\s*[=+@＝＋－＠-]|'*[\t\n]")
SIGNED = re.compile(r"[+-](\d[\d,]*\.?\d*|\.\d+)?")


def _inert(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    # The writer of CSV puts no quotation marks around a lone \r, which would then start a row, and a formula.
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if FORMULA.match(text) and not SIGNED.fullmatch(text) else text


# -- figures ---------------------------------------------------------------------------------


def figure(
    fig: Figure,
    exhibit: str,
    *,
    alt: str,
    part: str = "",
    title: str | None = None,
    pages: str | None = None,
    note: str | None = None,
    folder: Folder = None,
) -> View:
    """Show a matplotlib figure as a numbered figure, drawn as text and lines that follow the page's colours.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        The figure, made by `sco.figures.canvas` or one of its kin.
    exhibit : str
        A key of the table ``exhibits``.
    alt : str
        What the figure shows, for those who do not see it: a sentence or two with its figures.
    part, title, pages, note, folder
        As in `table`.

    Returns
    -------
    View

    Raises
    ------
    KeyError
        If there is no such exhibit.
    ValueError
        If `alt` is too short to say anything.
    """
    if len(alt.split()) < 8:
        raise ValueError(f"the alternative text of figure {exhibit}{part} says too little: {alt!r}")
    anchor, head, text = _head("Figure", exhibit, part, title, folder)
    html = (
        f'<figure class="sco-figure" id="{anchor}">'
        f'<div class="sco-scroll" tabindex="0" role="region" aria-label="{escape(text, quote=True)}">'
        f"{svg.markup(fig, alt, anchor)}</div><figcaption>{head}</figcaption>"
        f"{_foot(exhibit, pages, note, folder=folder)}</figure>"
    )
    return View(html, f"{text}\n{alt}")


def ledger(part: str) -> View:
    """One page of the claim ledger: every claim with its address, verdict and reason.

    Parameters
    ----------
    part : str
        A key of `LEDGERS`.

    Returns
    -------
    View
        A table for each page of the thesis with a row per claim; a script of the book adds filters where scripts run.

    Raises
    ------
    KeyError
        If there is no such part.
    """
    from sco.audit import verdicts

    frame = verdicts()
    frame = frame[frame["page"].between(*ledger_range(part))]
    compared = load("claims").set_index("claim_id")["references"].dropna().to_dict()
    heads = "".join(f'<th scope="col">{h}</th>' for h in ("Claim", "Statement", "Verdict", "Why"))
    kinds = sorted(set(frame["kind"]))
    parts = []
    for number, claims in frame.groupby("page"):
        name = f"Page {number}" if number else "Preface"
        rows = "".join(_ledger_row(row, compared.get(row.claim_id, ""), kinds) for row in claims.itertuples())
        parts.append(
            f'<div class="sco-part" id="page-{number}"><table><caption>{name}</caption>'
            f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
        )
    html = (
        f'<div class="sco-table sco-ledger" data-kinds="{" ".join(kinds)}">'
        '<div class="sco-scroll" tabindex="0" role="region" aria-label="Claims">'
        f"{''.join(parts)}</div></div>"
    )
    return View(html, f"{len(frame)} claims")


def _ledger_row(row: Any, references: str, kinds: list[str]) -> str:
    """One claim with its address, and where a verdict was reached its reason with links to the sources compared."""
    reason = escape(row.reason) + _sources(references) if row.verdict not in {"unverified", "judgement"} else ""
    return (
        f'<tr id="{row.claim_id}" data-k="{kinds.index(row.kind)}"><th scope="row">'
        f'<a href="#{row.claim_id}">{row.claim_id}</a></th><td>{escape(row.statement)}</td><td>{badge(row.verdict)}</td>'
        f"{f'<td>{reason}</td>' if reason else ''}</tr>"
    )


# -- the data dictionary -----------------------------------------------------------------------


@lru_cache(maxsize=1)
def _source_of() -> dict[str, str]:
    return dict(load("references").set_index("ref_id")["source"])


def _cited(reference: str) -> str:
    """The key of an independent figure, as a link to its source in the bibliography."""
    source = _source_of().get(reference)
    return f'<a href="../book/sources.md#{source}">{reference}</a>' if source else reference


def _sources(references: str) -> str:
    """Links to the sources of independent figures in the bibliography."""
    keys = list(dict.fromkeys(_source_of()[r] for r in references.split() if r in _source_of()))
    links = [
        f'<a href="../book/sources.md#{key}">{n if len(keys) > 1 else "source"}</a>' for n, key in enumerate(keys, 1)
    ]
    return f" ({'sources ' if len(keys) > 1 else ''}{', '.join(links)})" if links else ""


def works(sources: pd.DataFrame) -> View:
    """Works as a list: each with its author, its title and how much of it was read.

    Parameters
    ----------
    sources : pandas.DataFrame
        Columns ``author``, ``title``, ``address`` and ``read``, all text.

    Returns
    -------
    View
        The title is a link if the address is one of the web; any other address stands beside it as text.
    """
    said = [(f"{row.author}: ", row.title, row.address, f". {row.read}") for row in sources.itertuples()]
    items = "".join(
        f'<li>{escape(author)}<a href="{escape(address)}">{escape(title)}</a>{escape(read)}</li>'
        if WEB.fullmatch(address)
        else f"<li>{escape(author + title)}, {escape(address + read)}</li>"
        for author, title, address, read in said
    )
    return View(f"<ul>{items}</ul>", "\n".join(f"- {a}{t}, {where}{r}" for a, t, where, r in said))


WEB = re.compile(r"https?://[\w.-]+(/[\w./?&=%:;,()~+#-]*)?")


def downloads() -> View:
    """Links to every table as CSV and to the whole data package as one archive."""
    links = "".join(f'<li><a href="../data/{n}.csv" download>{n}.csv</a></li>' for n in tables())
    html = (
        '<p><a href="../data/sco-data.zip" download>The whole data package as one archive</a> (CSV files and '
        '<a href="../data/datapackage.json" download>datapackage.json</a>); <a href="../data/ledger.csv" download>the claim ledger '
        "with its verdicts and reasons</a>, which the build computes; or table by table:</p>"
        f'<ul class="sco-files">{links}</ul>'
    )
    return View(html, f"{len(tables())} tables")


def dictionary_index(sizes: Mapping[str, int]) -> View:
    """The tables with their number of rows, as an index to `dictionary`.

    Parameters
    ----------
    sizes : mapping of str to int
        Rows by table.
    """
    rows = "".join(
        f'<tr><th scope="row"><a href="#data-{name}">{name}</a></th><td>{escape(describe(name)["title"])}</td><td class="num">{size:,}</td></tr>'
        for name, size in sizes.items()
    )
    html = f'<div class="sco-table"><table><thead><tr><th scope="col">Table</th><th scope="col">Title</th><th scope="col" class="num">Rows</th></tr></thead><tbody>{rows}</tbody></table></div>'
    return View(html, "\n".join(f"{name}: {size}" for name, size in sizes.items()))


def dictionary() -> View:
    """Every table and column of the data package, from its description."""
    parts = [_dictionary_entry(describe(name)) for name in tables()]
    return View("".join(parts), f"{len(parts)} tables")


def _dictionary_entry(resource: Mapping[str, Any]) -> str:
    schema = resource["schema"]
    keys = {k["fields"][0]: k["reference"]["resource"] or resource["name"] for k in schema.get("foreignKeys", [])}
    rows = []
    for field in schema["fields"]:
        rules = field.get("constraints", {})
        name = escape(field["name"])
        target = keys.get(field["name"]) or (field.get("sco:list", {}).get("resource"))
        limits = [f"{word} {rules[key]}" for key, word in (("minimum", "from"), ("maximum", "to")) if key in rules]
        said = [escape(field["type"]), *limits, *([", ".join(map(escape, rules["enum"]))] if "enum" in rules else [])]
        rows.append(
            f'<tr><th scope="row">{f"<b>{name}</b>" if field["name"] in schema.get("primaryKey", []) else name}{"*" if rules.get("required") else ""}</th>'
            f"<td>{escape(field['description'])}{f' → <a href=#data-{target}>{target}</a>' if target else ''}</td><td>{'; '.join(said)}</td></tr>"
        )
    return (
        f'<div class="sco-table sco-dictionary" id="data-{resource["name"]}"><h3>{resource["name"]}: {escape(resource["title"])}</h3><p>{escape(resource["description"])}</p>'
        f'<div class="sco-scroll" tabindex="0" role="region" aria-label="Columns of {resource["name"]}"><table><thead><tr><th scope="col">Column</th><th scope="col">Meaning</th>'
        f'<th scope="col">Type and limits</th></tr></thead><tbody>{"".join(rows)}</tbody></table></div></div>'
    )


# -- sentences -------------------------------------------------------------------------------


def verdict_counts(verdicts: pd.DataFrame) -> View:
    """The number of claims by verdict, as a row of badges.

    Parameters
    ----------
    verdicts : pandas.DataFrame
        As `sco.audit.verdicts` returns them, or a part of that.
    """
    counts = verdicts["verdict"].value_counts(sort=False)
    items = "".join(f"<li><b>{n}</b> {badge(v)}</li>" for v, n in counts.items())
    html = f'<ul class="sco-counts" aria-label="Claims by verdict">{items}</ul>'
    return View(html, ", ".join(f"{n} {v}" for v, n in counts.items()))


def holds(table: pd.DataFrame, value: str, *keys: str, column: str = "verdict") -> None:
    """Guard a sentence that names verdicts or outcomes: fail when they are no longer what the sentence says.

    Parameters
    ----------
    table : pandas.DataFrame
        A row per key, its first column the keys: what `sco.audit.verdicts` returns, or coded forecasts.
    value : str
        What the sentence relies on.
    *keys : str
        The claims or forecasts that it speaks of.
    column : str
        Where the value stands.

    Raises
    ------
    ValueError
        If a key has another value by now, or is not there: the sentence must be rewritten.
    """
    known = table.set_index(table.columns[0])[column].astype(str)
    for key in keys:
        if known.get(key) != value:
            raise ValueError(f"the text says that {key} {value}; its {column} is {known.get(key, 'missing')}")


def doubtful(verdicts: pd.DataFrame) -> pd.DataFrame:
    """The claims that differ, conflict or are only close, in that order, for the last table of a chapter.

    Parameters
    ----------
    verdicts : pandas.DataFrame
        As `sco.audit.verdicts` returns them, or a part of that.

    Returns
    -------
    pandas.DataFrame
        Columns ``claim_id, statement, verdict, reason``.
    """
    order = ["differs", "conflicts", "close"]
    found = verdicts[verdicts["verdict"].isin(order)]
    ranked = found.assign(rank=found["verdict"].astype(str).map(order.index)).sort_values("rank", kind="stable")
    return ranked[["claim_id", "statement", "verdict", "reason"]]


NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]


def number(n: int) -> str:
    """A small whole number as prose has it: ``no``, ``one`` ... ``twelve``, then digits."""
    return NUMBERS[n] if 0 <= n < len(NUMBERS) else f"{n:,}"


def words(key: str | None) -> str | None:
    """A key as words: ``no-ocean-access`` gives ``no ocean access``."""
    return key.replace("-", " ") if isinstance(key, str) else None


def between(pair: str) -> str:
    """A pair of states in words: ``chn-kaz.west`` gives ``China and Kazakhstan, west``."""
    codes, _, part = pair.partition(".")
    named = [_states()[code.upper()] for code in codes.split("-")]
    return listing(named) + (f", {part}" if part else "")


def listing(words: Iterable[str]) -> str:
    """Words joined as a sentence lists them: ``a``, ``a and b``, ``a, b and c``."""
    items = list(words)
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)
