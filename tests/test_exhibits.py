"""The list of tables and figures: complete, and every link leads to the exhibit that it names."""

from __future__ import annotations

import re

import pytest
import sco
from bs4 import BeautifulSoup

from conftest import HTML

pytestmark = pytest.mark.book


def soup(path: str) -> BeautifulSoup:
    return BeautifulSoup((HTML / path).read_text(encoding="utf-8"), "html.parser")


def test_every_exhibit_is_listed_with_a_place() -> None:
    """The rows are the table exhibits, in its order, and each row has at least one link."""
    rows = soup("book/exhibits.html").select(".sco-table tbody tr")
    assert [row.th.get_text() for row in rows] == list(sco.load("exhibits")["exhibit"])
    assert [row.th.get_text() for row in rows if not row.find("a")] == []


def test_every_link_leads_to_the_exhibit_that_it_names() -> None:
    """Behind each link stands a figure element with that address, and its caption begins with the link's words."""
    links = soup("book/exhibits.html").select(".sco-table tbody a")
    pages = {}
    for link in links:
        path, _, anchor = link["href"].removeprefix("../").partition("#")
        pages.setdefault(path, soup(path))
        exhibit = pages[path].find("figure", id=anchor)
        assert exhibit is not None, link["href"]
        assert exhibit.figcaption.a.get_text() == link.get_text(), link["href"]
    assert len(links) > len(sco.load("exhibits"))


def test_no_numbered_exhibit_is_left_out() -> None:
    """Outside explorers and series of views, every captioned exhibit of the book is in the list."""
    listed = {link["href"].removeprefix("../") for link in soup("book/exhibits.html").select(".sco-table tbody a")}
    series = {
        row.th.get_text()
        for row in soup("book/exhibits.html").select(".sco-table tbody tr")
        if "a series of views" in row.get_text()
    }
    for path in sorted(HTML.glob("*/*.html")):
        for exhibit in soup(str(path.relative_to(HTML))).select("figure.sco-table[id], figure.sco-figure[id]"):
            number = exhibit.figcaption.a.get_text().split(" ")[1]
            one_of_a_series = any(
                re.fullmatch(rf"{re.escape(s)}(\D.*)?", number) for s in series
            ) or exhibit.find_parent("fieldset")
            address = f"{path.parent.name}/{path.name}#{exhibit['id']}"
            assert one_of_a_series or address in listed, address
