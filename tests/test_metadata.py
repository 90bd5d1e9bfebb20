"""What machines read: descriptions, schema.org, sitemap, redirects, addresses of sources and links for classes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import metadata
import pytest
from sco import audit, load

from conftest import HTML, ROOT

BOOK = {"title": "A book", "description": "What it is about.", "author": "Someone", "licence": "https://example.org/by"}
PAGE = "<html><head><title>One &amp; two — A book</title></head><body><article><p>{}</p></article></body></html>"
LONG = "Why did states that had hardly dealt with one another build a forum? " * 4


def blocks(html: str) -> list[dict]:
    return [json.loads(t) for t in re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.S)]


@pytest.mark.parametrize(
    ("repository", "site"),
    [
        ("https://github.com/Someone/book", "https://someone.github.io/book/"),
        ("https://github.com/someone/book.git", "https://someone.github.io/book/"),
        ("", ""),
        ("https://example.org/book", ""),
    ],
)
def test_the_public_address_follows_from_the_repository(repository: str, site: str) -> None:
    assert metadata.site_address(repository) == site


def test_a_page_says_what_it_is_and_where() -> None:
    """With an address the page is canonical; without one nothing names an address."""
    html = metadata.page_metadata(PAGE.format(LONG), "notebooks/a.html", "https://x.github.io/b/", BOOK)
    assert '<link rel="canonical" href="https://x.github.io/b/notebooks/a.html">' in html
    (chapter,) = blocks(html)
    assert chapter["@type"] == "Chapter" and chapter["name"] == "One & two"
    assert chapter["isPartOf"] == {**chapter["isPartOf"], "@type": "Book", "name": "A book"}
    about = re.search(r'name="description" content="([^"]*)"', html)
    assert about is not None and about[1].startswith("One &amp; two. Why did") and len(about[1]) <= 160
    bare = metadata.page_metadata(PAGE.format(LONG), "notebooks/a.html", "", BOOK)
    assert "canonical" not in bare and "og:url" not in bare


def test_text_in_metadata_cannot_end_it() -> None:
    evil = '"></script><script>alert(1)</script>'
    html = metadata.page_metadata(PAGE.format("x"), "book/index.html", "", {**BOOK, "title": evil, "description": evil})
    assert html.count("<script") == 1
    assert blocks(html)[0]["name"] == evil


def test_reviews_are_those_of_the_audit() -> None:
    """One review for each tested claim, with its verdict, its reason and an address; no judgement is rated."""
    reviews = metadata.claim_reviews(ROOT, "")
    judged = audit.verdicts().set_index("claim_id")
    assert len(reviews) == judged["verdict"].isin(list(metadata.RATING)).sum() > 500
    for review in reviews:
        row = judged.loc[review["url"].split("#")[1]]
        assert review["reviewRating"]["alternateName"] == row["verdict"] and review["reviewBody"] == row["reason"]


@pytest.mark.book
def test_every_page_of_the_book_describes_itself() -> None:
    seen = {}
    for page in [*HTML.glob("book/*.html"), *HTML.glob("notebooks/*.html")]:
        html = page.read_text(encoding="utf-8")
        about = re.search(r'<meta (?:name="description" )?content="([^"]{40,})"(?: name="description")?', html)
        assert about, page.name
        assert about[1] not in seen, f"{page.name} and {seen.get(about[1])} say the same of themselves"
        seen[about[1]] = page.name
        assert [b for b in blocks(html) if b.get("@type") in {"Book", "Chapter"}], page.name


@pytest.mark.book
def test_each_source_has_its_key_as_address_and_says_where_it_is_used() -> None:
    html = (HTML / "book" / "sources.html").read_text(encoding="utf-8")
    ids = set(re.findall(r'class="citation" id="([^"]+)"', html))
    assert not [i for i in ids if re.fullmatch(r"id\d+", i)]
    cited = set(load("references")["source"]) | {k for n in load("footnotes")["keys"].dropna() for k in n.split()}
    assert cited <= ids, sorted(cited - ids)[:5]
    ledger = (HTML / "notebooks" / "ledger-1.html").read_text(encoding="utf-8")
    links = set(re.findall(r'href="\.\./book/sources\.html#([^"]+)"', ledger))
    assert links and links <= ids
    first = re.search(r'id="t-[^"]+">.*?<small>(Notes? \d+.*?)</small>', html, re.S)
    assert first, "no work of the thesis says which note cites it"


def test_a_redirect_leads_to_the_new_page(tmp_path: Path) -> None:
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "new.html").write_text("<html></html>", encoding="utf-8")
    table = tmp_path / "redirects.csv"
    table.write_text("old,new\nnotebooks/old.html,book/new.html#part\n", encoding="utf-8")
    assert metadata.redirects(table, tmp_path) == ["notebooks/old.html"]
    assert 'url=../book/new.html#part"' in (tmp_path / "notebooks" / "old.html").read_text(encoding="utf-8")
    assert metadata.redirects(table, tmp_path) == ["notebooks/old.html"], "a second build writes it again"


@pytest.mark.parametrize(
    ("row", "word"), [("book/new.html,book/new.html", "still a page"), ("old.html,gone.html", "no page gone.html")]
)
def test_a_wrong_redirect_is_named_with_its_row(row: str, word: str, tmp_path: Path) -> None:
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "new.html").write_text("<html></html>", encoding="utf-8")
    table = tmp_path / "redirects.csv"
    table.write_text(f"old,new\n{row}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=rf"redirects\.csv, row 2: .*{word}"):
        metadata.redirects(table, tmp_path)


def test_the_sitemap_names_each_page_in_full() -> None:
    text = metadata.sitemap(["book/b.html", "book/a.html"], "https://x.github.io/b/")
    assert re.findall("<loc>(.*?)</loc>", text) == [
        "https://x.github.io/b/book/a.html",
        "https://x.github.io/b/book/b.html",
    ]


def test_the_link_for_classes_names_repository_and_folder() -> None:
    html = metadata.class_link("<article></article>", "https://github.com/someone/book", "main")
    assert "git-pull?repo=https%3A%2F%2Fgithub.com%2Fsomeone%2Fbook&amp;branch=main" in html
    assert "lab%2Ftree%2Fbook%2Fnotebooks" in html
