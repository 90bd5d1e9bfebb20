"""Hostile cells and names: what stands in the data is shown as text, runs nowhere and opens no other file."""

from __future__ import annotations

import base64
import csv
import io
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sco
import yaml
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from sco import audit, figures, page
from sco.explore import Explorer

from conftest import ROOT

MARKUP = [
    "<script>alert(1)</script>",
    "</script><script src=//evil.example/x.js></script>",
    "</style><style>@import '//evil.example'</style>",
    "<style>*{display:none}</style>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '" onfocus=alert(1) autofocus tabindex=1 x="',
    "<a href=javascript:alert(1)>here</a>",
    "<svg/onload=alert(1)>",
    "<iframe src=//evil.example>",
    "</td></tr></table></div><form action=//evil.example>",
    "<!-- a comment that is not closed",
    "<?php system('id') ?>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;img src=x onerror=alert(1)&#62;",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
]
MARKDOWN = [
    "[here](javascript:alert(1))",
    "[here](JaVaScRiPt:alert(1))",
    "[here](java&#115;cript:alert(1))",
    "[here](<javascript:alert(1)>)",
    "[here](data:text/html;base64,PHNjcmlwdD4=)",
    "[here](//evil.example/x)",
    "[here](https://evil.example/x)",
    "![here](https://evil.example/x.png)",
    "<https://evil.example>",
    "[here]\n\n[here]: javascript:alert(1)",
    "> [here]: javascript:alert(1)\n\n[here]",
    "\\<script>alert(1)</script>",
    "{{ config }}",
    "{% include '/etc/passwd' %}",
    "{raw}`<script>alert(1)</script>`",
    "{download}`/etc/passwd`",
    "```{include} /etc/passwd\n```",
    "```{raw} html\n<script>alert(1)</script>\n```",
    ":::{include} /etc/passwd\n:::",
    ".. include:: /etc/passwd",
    "$\\input{/etc/passwd}$",
]
FORMULAS = [
    "=1+1",
    '=HYPERLINK("https://evil.example","here")',
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    "'=1+1",
    "''=1+1",
    "＝1+1",
    "＋1+1",
    "－1+1",
    "＠SUM(1)",
]
HOSTILE = [*MARKUP, *MARKDOWN, *FORMULAS]
PLAIN_NUMBERS = ["-5.4", "+3", "-62", "-1,234.5", "-.5", "-", "+"]


class Seen(HTMLParser):
    """The tags, attributes and text of a piece of a page, as a browser would take them apart."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.addresses: list[str] = []
        self.texts: list[str] = []
        self.odd: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src", "action", "xlink:href")]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        self.odd.append(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def inert(html: str, tags: str, attributes: str) -> Seen:
    """Assert that a piece of a page has no tag or attribute but those that the book writes, and no foreign address."""
    seen = Seen(html)
    assert seen.tags <= set(tags.split()), seen.tags - set(tags.split())
    assert seen.attributes <= set(attributes.split()), seen.attributes - set(attributes.split())
    assert not seen.odd, seen.odd
    assert all(re.match(r"#|data:text/csv;|[\w./-]+\.(ipynb|html)(#|$)", a) for a in seen.addresses), seen.addresses
    return seen


TABLE_TAGS = "figure figcaption div table thead tbody tr th td p a"
TABLE_ATTRIBUTES = "class id href tabindex role aria-label scope download"


def test_table_cells_headings_titles_and_notes_stay_text() -> None:
    """Every hostile text, in every place of a table that a cell or an author can fill."""
    for text in HOSTILE:
        frame = pd.DataFrame({"name": [text], "verdict": [text], "page": [text], text: [text]})
        view = page.table(frame, "1.3", title=text, note=text, labels={"name": text})
        seen = inert(view.html, TABLE_TAGS, TABLE_ATTRIBUTES)
        shown = re.sub(r"\s+", " ", "".join(seen.texts))
        assert shown.count(re.sub(r"\s+", " ", text)) >= 6, "the text is not shown as it is"


def test_a_hostile_claim_has_no_address() -> None:
    """A claim's key becomes an address; what is no key stays text."""
    for text in HOSTILE:
        for cell in (f"c001{text}", f"c{text}", f"c001-01 {text}", f"{text} c001-01"):
            view = page.table(pd.DataFrame({"claim_id": [cell]}), "1.3", download=False)
            inert(view.html, TABLE_TAGS, TABLE_ATTRIBUTES)
            assert "<a " not in re.search("<tbody>.*</tbody>", view.html, re.S)[0], cell
    linked = page.table(pd.DataFrame({"claim_id": ["c001-01"]}), "1.3", download=False).html
    assert 'href="ledger-1.ipynb#c001-01"' in linked


def test_keys_of_references_are_links_and_nothing_else_is() -> None:
    """What settles a forecast ends in keys: each leads to its source; hostile text before or among them stays text."""
    for text in HOSTILE:
        cell = f"{text} [HND001 HND002]"
        view = page.table(pd.DataFrame({"why": [cell, f"x [HND001 {text}]"]}), "1.3", download=False)
        seen = Seen(view.html)
        assert seen.tags <= set(TABLE_TAGS.split()) and seen.attributes <= set(TABLE_ATTRIBUTES.split())
        sources = sco.load("references").set_index("ref_id").loc[["HND001", "HND002"], "source"]
        assert seen.addresses[1:] == [f"../book/sources.md#{source}" for source in sources]


def test_a_list_of_works_links_to_web_addresses_only() -> None:
    """An address of another kind, or one that would leave its attribute, is shown and is no link."""
    for text in HOSTILE:
        work = {"author": text, "title": text, "address": text, "read": text}
        seen = Seen(page.works(pd.DataFrame([work])).html)
        assert seen.tags == {"ul", "li"} and not seen.attributes and not seen.odd
        seen = Seen(page.works(pd.DataFrame([{**work, "address": "https://example.org/a?b=1&c"}])).html)
        assert seen.tags == {"ul", "li", "a"} and seen.addresses == ["https://example.org/a?b=1&c"] and not seen.odd
        assert seen.texts[1] == text


def test_figures_keep_text_as_text() -> None:
    """Labels, caption, note and alternative text; and a formula of mathematics is drawn as it is written."""
    fig, ax = figures.canvas()
    drawable = [text for text in HOSTILE if text.isascii() and text.isprintable()]
    for text in drawable:
        ax.text(0, 0, text)
    every = " ".join(HOSTILE)
    view = page.figure(fig, "1.3", alt=every, title=every, note=every)
    tags = "figure figcaption div p a svg g path use defs text tspan clippath rect"
    seen = Seen(view.html)
    assert seen.tags <= set(tags.split()), seen.tags - set(tags.split())
    assert not [name for name in seen.attributes if name.startswith("on") or name in ("src", "action")]
    assert all(address.startswith("#") for address in seen.addresses), seen.addresses
    assert not seen.odd
    assert {"<script>alert(1)</script>", "$\\input{/etc/passwd}$"} <= set(seen.texts)


def rendered(text: str) -> str:
    return str(MarkdownIt("commonmark").render(page.Prose(text)._repr_mimebundle_()["text/markdown"]))


@pytest.mark.parametrize("text", HOSTILE)
def test_prose_is_read_and_does_nothing(text: str) -> None:
    """Markdown keeps emphasis and links to pages; tags, pictures and other links become text."""
    seen = Seen(rendered(f"See [there](05-conclusion.ipynb).\n\nA value {text} in a *sentence*.\n\n{text}"))
    assert seen.tags <= {"p", "em", "a", "code", "pre", "blockquote", "ul", "li"}, seen.tags
    assert set(seen.addresses) == {"05-conclusion.ipynb"} and seen.attributes <= {"href", "class"}
    assert not seen.odd


@given(
    st.lists(st.sampled_from([*"<>![]():/\\&#;{}`'\"\n a", "script", "javascript:", "](", "[x]:", "//x"]), max_size=30)
)
def test_no_mixture_of_signs_makes_prose_do_anything(parts: list[str]) -> None:
    """Hypothesis puts brackets, slashes and schemes together: no tag of HTML and no foreign link comes out."""
    seen = Seen(rendered("".join(parts)))
    assert not seen.tags & {"script", "img", "iframe", "style", "svg", "x", "a:b"}
    assert all(re.fullmatch(r"[\w./#-]+", a) and not a.startswith("//") for a in seen.addresses), seen.addresses
    assert seen.attributes <= {"href", "class", "start"}


def test_the_book_renders_outputs_as_plain_markdown() -> None:
    """Roles, directives and substitutions of MyST do not exist in an output: nothing turns them on."""
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["sphinx"]["config"]
    from myst_nb.core.config import NbParserConfig

    assert "nb_render_markdown_format" not in config
    assert NbParserConfig().render_markdown_format == "commonmark"


def test_the_ledger_keeps_text_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Statements and reasons of hostile claims."""
    verdicts = audit.verdicts().head(len(HOSTILE)).copy()
    verdicts["statement"], verdicts["reason"], verdicts["verdict"], verdicts["page"] = HOSTILE, HOSTILE, "differs", 1
    monkeypatch.setattr(audit, "verdicts", lambda: verdicts)
    html = page.ledger("1").html
    seen = Seen(html)
    assert seen.tags <= {"div", "table", "caption", "thead", "tbody", "tr", "th", "td", "a", "span"}, seen.tags
    assert not [name for name in seen.attributes if name.startswith("on") or name in ("src", "action", "style")]
    assert all(re.match(r"#c\d{3}-\d\d$|[\w./-]+\.(ipynb|html|md)(#[\w.-]+)?$", a) for a in seen.addresses)
    assert not seen.odd
    for text in MARKUP:
        # A reason may be followed by links to its sources.
        assert sum(shown.removesuffix("sources ").removesuffix(" (") == text for shown in seen.texts) == 2


def test_explorers_keep_text_as_text() -> None:
    """Question and answers, in the HTML of the page and in the widget."""
    for text in HOSTILE:
        views = {text: page.View("<p>one</p>", "one"), "other": page.View("<p>two</p>", "two")}
        explorer = Explorer("unit", text, views)
        inert(explorer.html, "fieldset legend label input div p", "class id type name checked")
        choice, _ = explorer.widget().children
        assert choice.options[0] == text and choice.description == text


# -- downloads ---------------------------------------------------------------------------------


def starts_a_formula(cell: str) -> bool:
    """What Excel and LibreOffice take for one, in other words than the page's own."""
    cell = cell.lstrip()
    number = re.compile(r"[-+]?[\d,]*\.?\d*")
    return cell[:1] in tuple("=+-@＝＋－＠") and not number.fullmatch(cell)


def cells_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def test_no_download_starts_a_formula() -> None:
    """In cells and headings; signed numbers stay numbers; an apostrophe taken off gives the text back."""
    frame = pd.DataFrame(
        {"=name": [*HOSTILE, *PLAIN_NUMBERS], "value": range(-5, len(HOSTILE) + len(PLAIN_NUMBERS) - 5)}
    )
    frame["coded"] = pd.Categorical(frame["=name"])
    rows = cells_of(page.csv_text(frame))
    assert not [cell for row in rows for cell in row if starts_a_formula(cell)]
    assert [row[0] for row in rows[-len(PLAIN_NUMBERS) :]] == PLAIN_NUMBERS
    assert rows[0][0] == "'=name" and rows[1][1] == "-5"
    back = [[back_again(cell) for cell in row] for row in rows]
    texts = [text.replace("\r", "\n") for text in frame["=name"]]
    assert [row[0] for row in back[1:]] == [row[2] for row in back[1:]] == texts


def back_again(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and page.FORMULA.match(cell) else cell


@given(st.text(alphabet=st.sampled_from("'=+-@＝\t\r\n 1a,;\"."), max_size=6))
def test_any_text_comes_back_from_a_download(text: str) -> None:
    cell = cells_of(page.csv_text(pd.DataFrame({"name": [text], "x": [1]})))[1][0]
    assert not starts_a_formula(cell)
    assert back_again(cell) == text.replace("\r\n", "\n").replace("\r", "\n")


def test_the_download_of_a_table_is_that_text() -> None:
    view = page.table(pd.DataFrame({"name": FORMULAS}), "1.3")
    data = re.search(r"base64,([^\"]+)\"", view.html)
    assert data is not None
    cells = [row[0] for row in cells_of(base64.b64decode(data[1]).decode())]
    assert cells[1:] == ["'" + text.replace("\r", "\n") for text in FORMULAS]


def test_the_tables_hold_numbers_and_lone_signs_only() -> None:
    """What the book offers as files of `data/` needs no apostrophe: no cell of them starts a formula."""
    for name in sco.tables():
        rows = cells_of((ROOT / "data" / f"{name}.csv").read_text(encoding="utf-8"))
        assert not [cell for row in rows for cell in row if starts_a_formula(cell)], name


# -- names -------------------------------------------------------------------------------------

PATHS: list[Any] = [
    "../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "/etc/passwd",
    "states.csv",
    "../data/states",
    "./states",
    "states/",
    "states\0",
    "states\0.csv",
    "\0",
    "",
    ".",
    "..",
    "~",
    "$HOME",
    "C:states",
    "file:///etc/passwd",
    "https://evil.example/states",
    "s3://evil/states",
    "States",
    "states ",
    "ѕtates",
    "a" * 10_000,
    None,
    7,
    ["states"],
    Path("states"),
]


@pytest.mark.parametrize("name", PATHS, ids=lambda name: repr(name)[:30])
def test_only_names_of_tables_open_files(name: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """`load` and `describe` refuse every other name in words, and read nothing but the description."""
    opened: list[Path] = []
    read = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: opened.append(path) or read(path))
    for function in (sco.load, sco.describe):
        with pytest.raises(
            sco.DataError, match=r"^datapackage\.json: no such table; there are: exhibits, states, .*\(value "
        ):
            function(name)
    assert {path.name for path in opened} <= {"datapackage.json"}
