"""The glossary: what its entries rest on, and where and how its terms are marked on the pages."""

from __future__ import annotations

import csv
import re
from collections import Counter

import glossary
import pytest
import yaml
from bs4 import BeautifulSoup

from conftest import HTML, ROOT

ROWS = list(csv.DictReader((ROOT / "data" / "glossary.csv").open(encoding="utf-8", newline="")))
KNOWN = [
    glossary.Term("sco", "Shanghai Cooperation Organization", ("SCO",)),
    glossary.Term("charter", "The founding treaty", ("SCO Charter",)),
    glossary.Term("cst", 'the "treaty" & more', ("CST", "Collective Security Treaty")),
]


def marked(html: str) -> list[str]:
    soup = BeautifulSoup(glossary.mark(html, KNOWN, "g.html"), "html.parser")
    return [f"{a['href']} {a.get_text()}" for a in soup.select("a.sco-term")]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["term"])
def test_every_entry_rests_on_something_that_exists(row: dict[str, str]) -> None:
    """An entry names a page of the thesis, a source or a page of the book; source and page are there."""
    from pybtex.database import parse_file

    assert row["pages"] or row["references"] or row["sources"] or row["see"]
    assert all(int(page) <= 134 for page in row["pages"].split())
    assert set(row["sources"].split()) <= set(parse_file(ROOT / "book" / "references.bib").entries)
    assert row["explanation"].endswith(".")
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    files = [chapter["file"] for part in toc["parts"] for chapter in part["chapters"]]
    assert row["see"] in ["", *files]


def test_a_word_stands_for_one_term() -> None:
    """No word is claimed by two entries, so that no mark depends on the order of the table."""
    words = Counter(word for row in ROWS for word in row["match"].split("|") if word)
    assert [word for word, n in words.items() if n > 1] == []
    assert all(word == word.strip() for word in words)


def test_the_first_use_alone_is_marked_and_the_longest_word_wins() -> None:
    """A term is linked once a page, and a name within a longer name is not taken for itself."""
    assert marked("<p>The SCO Charter and the SCO.</p><p>SCO, CST</p>") == [
        "g.html#term-charter SCO Charter",
        "g.html#term-sco SCO",
        "g.html#term-cst CST",
    ]
    assert marked("<p>CSTs, XCST, CST-like</p>") == []


@pytest.mark.parametrize(
    "html",
    [
        "<h2>SCO</h2>",
        "<p><code>SCO</code></p>",
        '<p><a href="x">the SCO</a></p>',
        "<figure><p>SCO</p></figure>",
        "<table><tr><td><p>SCO</p></td></tr></table>",
        "<div>SCO</div>",
        "<fieldset><p>SCO</p></fieldset>",
        "<p><!-- SCO --></p>",
    ],
)
def test_other_text_is_left_alone(html: str) -> None:
    """Headings, code, links, figures, tables, explorers and comments come back byte for byte."""
    assert glossary.mark(html, KNOWN, "g.html") == html


def test_markup_around_a_mark_survives() -> None:
    """What is escaped stays escaped, within the link's title too, and the text reads as before."""
    html = "<p>a &lt;b&gt; &amp; <em>the CST</em></p>"
    out = glossary.mark(html, KNOWN, "g.html")
    soup = BeautifulSoup(out, "html.parser")
    assert soup.get_text() == BeautifulSoup(html, "html.parser").get_text()
    assert soup.a["title"] == 'the "treaty" & more' and soup.em.a is soup.a
    assert "&lt;b&gt; &amp;" in out


def test_a_hint_is_short() -> None:
    """A hint spells out an abbreviation or is one sentence: it fits on a line or two."""
    hints = {term.key: term.hint for term in glossary.terms(ROOT / "data" / "glossary.csv")}
    assert hints["cis"] == "Commonwealth of Independent States"
    assert hints["brier"].startswith("The mean squared distance")
    assert [key for key, hint in hints.items() if not 0 < len(hint) <= 170] == []


@pytest.mark.book
def test_marks_on_the_built_pages_are_light_and_lead_to_their_entries() -> None:
    """Pages have marks, each leads to an entry, no term has two on a page, and they weigh under 3 kB."""
    entries = set(re.findall(r'id="(term-[a-z0-9-]+)"', (HTML / "book" / "glossary.html").read_text(encoding="utf-8")))
    assert entries == {f"term-{row['term']}" for row in ROWS}
    total = 0
    for page in sorted(HTML.glob("*/*.html")):
        links = re.findall(r'<a class="sco-term"[^>]*>', page.read_text(encoding="utf-8"))
        targets = [re.search(r"glossary\.html#([a-z0-9-]+)", link)[1] for link in links]
        assert len(set(targets)) == len(targets) and set(targets) <= entries, page.name
        assert sum(map(len, links)) < 3000, page.name
        total += len(links)
    assert total > 50


@pytest.mark.book
def test_the_hint_shows_where_the_keyboard_has_the_focus(chromium, site) -> None:
    """A mouse shows the title by itself; with the keyboard the style sheet shows it."""
    page = chromium.new_page()
    page.goto(f"{site}/notebooks/03b-balance.html")
    term = page.locator("a.sco-term").nth(1)
    shown = "link => getComputedStyle(link, '::after').content"
    assert term.evaluate(shown) in {"none", "normal"}
    page.locator("a.sco-term").first.focus()
    while not term.evaluate("link => link === document.activeElement"):
        page.keyboard.press("Tab")
    assert term.get_attribute("title") in term.evaluate(shown)
    page.close()
