"""The PDF of the book: whole, with bookmarks and links that lead somewhere and letters that all have a font."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from functools import lru_cache

import pdf
import pytest
import yaml
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from conftest import HTML, ROOT


@pytest.fixture(scope="module")
def book() -> PdfReader:
    """The PDF that ``make pdf`` has made from the pages that are there."""
    newest = max(page.stat().st_mtime for page in HTML.glob("*/*.html"))
    if not pdf.TARGET.exists() or pdf.TARGET.stat().st_mtime < newest:
        pytest.fail("there is no PDF of the present book; run make pdf first")
    return PdfReader(pdf.TARGET)


@pytest.fixture(scope="module")
def texts(book: PdfReader) -> Callable[[int], str]:
    """The text of a page, counted from 1, extracted once."""
    return lru_cache(maxsize=None)(lambda number: book.pages[number - 1].extract_text())


@pytest.fixture(scope="module")
def pages() -> list[pdf.Chapter]:
    return pdf.chapters(HTML, ROOT / "_toc.yml")


@pytest.fixture(scope="module")
def places(book: PdfReader) -> dict[str, int]:
    return pdf.destinations(book)


def plain(text: str) -> str:
    """A text without blanks and with its ligatures taken apart."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def bookmarks(outline: list) -> Iterator[str]:
    for entry in outline:
        yield from bookmarks(entry) if isinstance(entry, list) else [entry.title]


def links(book: PdfReader) -> Iterator[tuple[int, DictionaryObject]]:
    for number, page in enumerate(book.pages, 1):
        for note in page.get("/Annots", []):
            if note.get_object().get("/Subtype") == "/Link":
                yield number, note.get_object()


def test_an_address_is_rewritten_with_the_page_that_it_is_on() -> None:
    """Own parts, other pages and parts of them are found again; what a PDF cannot hold loses its link alone."""
    page = pdf.Chapter(
        "notebooks/a",
        "",
        '<p id="x">a &lt;p id="q"&gt;</p><a href="#x">1</a><a href="../book/b.html#y">2</a>'
        '<a href="b.html">3</a><a href="../book/b.html#gone">4</a><a href="../data/c.csv">5</a>'
        '<a href="https://example.org/#x">6</a><use xlink:href="#x" clip-path="url(#x)"></use>'
        '<label for="x"><input name="r" id="x"></label><a class="headerlink" href="#x">#</a>',
    )
    out = pdf.joined(page, {"notebooks/a", "book/b"}, {"notebooks/a": {"x"}, "book/b": {"y"}})
    assert '<p id="notebooks-a--x">a &lt;p id="q"&gt;</p><a href="#notebooks-a--x">1</a>' in out
    assert '<a href="#book-b--y">2</a>' in out and '<a href="#book-b">4</a>' in out
    assert ">3</a>" in out and 'href="b.html"' not in out
    assert "<a >5</a>" in out and 'href="https://example.org/#x">6' in out
    assert 'xlink:href="#notebooks-a--x" clip-path="url(#notebooks-a--x)"' in out
    assert 'name="notebooks-a--r"' in out and "headerlink" not in out


@pytest.mark.book
def test_every_page_of_the_book_is_in_it(
    book: PdfReader, pages: list[pdf.Chapter], places: dict[str, int], texts: Callable[[int], str]
) -> None:
    """Each chapter begins on a page of its own, after the one before it, and its title stands there."""
    starts = [places[page.key] for page in pages]
    assert len(book.pages) > len(pages) and starts == sorted(set(starts))
    for page, start in zip(pages, starts, strict=True):
        assert plain(next(pdf.headings(page))[2])[:25] in plain(texts(start)), page.name


@pytest.mark.book
def test_the_bookmarks_are_the_headings(book: PdfReader, pages: list[pdf.Chapter]) -> None:
    """Every heading of the first two levels is a bookmark, spelled as in the book."""
    marks = Counter(bookmarks(book.outline))
    wanted = Counter(" ".join(text.split()) for page in pages for _, _, text in pdf.headings(page))
    assert wanted and wanted - marks == Counter()


@pytest.mark.book
def test_links_within_the_book_have_destinations(book: PdfReader, places: dict[str, int]) -> None:
    """Every internal link names a destination that exists; those of the contents lead to the page they print."""
    inside = [(n, str(link["/Dest"]).lstrip("/")) for n, link in links(book) if "/Dest" in link]
    assert len(inside) > 1000
    assert {name for _, name in inside} <= set(places)
    outside = [link["/A"].get("/URI", "") for _, link in links(book) if "/A" in link]
    assert outside and all(re.match("https?://|mailto:", str(uri)) for uri in outside)


@pytest.mark.book
def test_the_contents_print_the_pages_on_which_chapters_begin(
    pages: list[pdf.Chapter], places: dict[str, int], texts: Callable[[int], str]
) -> None:
    """The number behind each chapter in the contents is the number printed at the foot of its first page."""
    printed = plain("".join(texts(n) for n in range(2, places[pages[0].key])))
    for page in pages:
        number = places[page.key]
        assert f"{plain(next(pdf.headings(page))[2])}{number}" in printed, page.name
        assert texts(number).split()[0] == str(number), page.name


@pytest.mark.book
def test_every_letter_has_a_font(book: PdfReader) -> None:
    """All fonts are embedded, and no page shows glyph 0, the box for a letter that no font has."""
    fonts = {}
    for number, page in enumerate(book.pages, 1):
        for shown in re.findall(rb"<((?:[0-9A-Fa-f]{4})+)>", page.get_contents().get_data()):
            assert b"0000" not in re.findall(rb"....", shown), f"page {number}"
    for page in book.pages:
        for name, font in page["/Resources"].get("/Font", {}).items():
            fonts[font.get_object().get("/BaseFont", name)] = font.get_object()
    assert fonts
    for name, font in fonts.items():
        inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
        described = inner.get("/FontDescriptor", DictionaryObject()).get_object()
        embedded = {"/FontFile", "/FontFile2", "/FontFile3"} & set(described)
        assert embedded or font["/Subtype"] == "/Type3", name


@pytest.mark.book
def test_the_file_says_what_it_is_and_not_when_it_was_made(book: PdfReader) -> None:
    """Title and language for readers' programs; a tagged file; the date is fixed, so that files can be compared."""
    title = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))["title"]
    assert book.metadata.title == title
    assert book.root_object["/Lang"] == "en" and book.root_object["/MarkInfo"]["/Marked"]
    assert book.metadata.creation_date.timestamp() == pdf.EPOCH
