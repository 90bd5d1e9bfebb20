"""The list of tables and figures: complete, and every link leads to the exhibit that it names."""

from __future__ import annotations

import re
from functools import lru_cache

import pytest
import sco

from conftest import HTML

pytestmark = pytest.mark.book


@lru_cache
def source(path: str) -> str:
    return (HTML / path).read_text(encoding="utf-8")


def exhibits(html: str) -> dict[str, str]:
    """The captioned exhibits of a page: address and number."""
    framed = set(re.findall(r'<figure class="sco-(?:table|figure)" id="([^"]+)"', html))
    numbered = re.findall(r'<a class="sco-number" href="#([^"]+)">([^<]+)</a>', html)
    assert framed == {anchor for anchor, _ in numbered}
    return dict(numbered)


def rows() -> dict[str, str]:
    """The rows of the list by number of the exhibit."""
    return dict(re.findall(r'<tr><th scope="row">([^<]+)</th>(.*?)</tr>', source("book/exhibits.html"), re.S))


def links(row: str) -> list[tuple[str, str, str]]:
    """Page, address and words of the links in a row."""
    return re.findall(r'<a href="\.\./([^"#]+)#([^"]+)">([^<]+)</a>', row)


def test_every_exhibit_is_listed_with_a_place() -> None:
    """The rows are the table exhibits, in its order, and each row has at least one link."""
    assert list(rows()) == list(sco.load("exhibits")["exhibit"])
    assert [number for number, row in rows().items() if not links(row)] == []


def test_every_link_leads_to_the_exhibit_that_it_names() -> None:
    """Behind each link stands a figure element with that address, whose caption begins with the link's words."""
    for number, row in rows().items():
        for path, anchor, words in links(row):
            assert exhibits(source(path)).get(anchor) == words, f"{path}#{anchor}"
            assert re.fullmatch(rf"(Table|Figure) {re.escape(number)}(\D.*)?", words)


def test_no_numbered_exhibit_is_left_out() -> None:
    """Outside explorers and series of views, every captioned exhibit of the book is in the list."""
    listed = {f"{path}#{anchor}" for row in rows().values() for path, anchor, _ in links(row)}
    series = [number for number, row in rows().items() if "a series of views" in row]
    seen = 0
    for file in sorted(HTML.glob("*/*.html")):
        path = f"{file.parent.name}/{file.name}"
        for anchor, label in exhibits(re.sub(r"<fieldset.*?</fieldset>", "", source(path), flags=re.S)).items():
            number = label.split(" ")[1]
            ours = path != "book/another-text.html"  # the miniature's exhibits are listed in its own folder
            if ours and not any(re.fullmatch(rf"{re.escape(s)}(\D.*)?", number) for s in series):
                assert f"{path}#{anchor}" in listed
                seen += 1
    assert seen > 100
