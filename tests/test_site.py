"""The built pages as a reader meets them, in a real browser."""

from __future__ import annotations

import gzip
import re
import statistics
import time

import pytest
from sco.audit import VERDICTS

from conftest import HTML

pytestmark = pytest.mark.book

PAGES = sorted(
    str(p.relative_to(HTML))
    for p in HTML.rglob("*.html")
    if ("_static" not in p.parts and p.name != "index.html") or p == HTML / "book" / "index.html"
)
CHAPTER = "notebooks/01-introduction.html"
KINDS = {
    "front": "book/index.html",
    "chapter": CHAPTER,
    "ledger": "notebooks/ledger-1.html",
    "method": "book/method.html",
    "data": "book/data.html",
}
KINDS |= {"sources": "book/sources.html", "search": "search.html", "codebook": "book/codebook.html"}
KINDS |= {"scenarios": "notebooks/04b-scenarios.html", "conclusions": "notebooks/05-conclusion.html"}
KINDS |= {
    "maps": "notebooks/maps-2.html",
    "audit": "notebooks/07-audit.html",
    "hindsight": "notebooks/08-hindsight.html",
}
KINDS |= {name: f"book/{name}.html" for name in ("glossary", "exhibits", "teachers", "another-text", "cite", "speed")}


@pytest.fixture
def open_page(chromium, site):
    """Opens a page and keeps what went wrong on it."""
    contexts = []

    def opened(path: str, wait: str = "load", **options):
        context = chromium.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.troubles = []
        page.on("console", lambda m: page.troubles.append(m.text) if m.type in {"error", "warning"} else None)
        page.on("pageerror", lambda e: page.troubles.append(str(e)))
        page.on("requestfailed", lambda r: page.troubles.append(f"failed: {r.url}"))
        page.on(
            "request",
            lambda r: (
                page.troubles.append(f"foreign: {r.url}") if not r.url.startswith((site, "data:", "blob:")) else None
            ),
        )
        page.goto(f"{site}/{path}", wait_until=wait)
        return page

    yield opened
    for context in contexts:
        context.close()


def test_there_are_pages() -> None:
    assert set(KINDS.values()) <= set(PAGES)


def test_pages_are_light() -> None:
    """Pages hold their figures, so their size is what there is of HTML and images; in bytes."""
    sizes = {path: (HTML / path).stat().st_size for path in PAGES if path.startswith(("book/", "notebooks/"))}
    assert statistics.median(sizes.values()) <= 110_000, sorted(sizes.values())
    assert max(sizes.values()) <= 270_000, max(sizes, key=lambda path: sizes[path])


def test_a_first_visit_transfers_little(open_page, site) -> None:
    """What the heaviest page asks for, compressed as a static host does it, fonts and scripts included."""
    heaviest = max((p for p in PAGES), key=lambda path: (HTML / path).stat().st_size)
    page = open_page("book/cite.html")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site}/{heaviest}", wait_until="networkidle")
    files = [
        HTML / url.removeprefix(f"{site}/").split("?")[0].split("#")[0] for url in set(asked) if url.startswith(site)
    ]
    assert len(files) > 3
    assert sum(len(gzip.compress(file.read_bytes())) for file in files) <= 500_000


@pytest.mark.parametrize("path", PAGES)
def test_no_error_no_failed_and_no_foreign_request(path: str, open_page) -> None:
    page = open_page(path, wait="networkidle")  # whatever a page asks for late is seen here
    assert page.troubles == []
    assert page.locator("h1").count() == 1


READ = """() => {
  const article = document.querySelector('article, main').cloneNode(true);
  for (const code of article.querySelectorAll('pre, code, svg, style, script')) code.remove();
  return article.textContent;
}"""
LEFT = re.compile(r"\]\(|\*\*|&#?\w+;|\{\w+\}`|\bnan\b|\bNaT\b|<NA>")


@pytest.mark.parametrize("path", PAGES)
def test_no_markup_and_no_missing_value_is_left_in_the_text(path: str, open_page) -> None:
    """What a reader reads, code and pictures aside: no Markdown that was not rendered, no entity, no empty cell by its name in code."""
    assert LEFT.search("see [it](https://example.org)") and LEFT.search("about nan km")
    text = open_page(path).evaluate(READ)
    assert [text[max(0, m.start() - 30) : m.end() + 30] for m in LEFT.finditer(text)] == []


@pytest.mark.parametrize("path", PAGES)
def test_figures_have_caption_source_and_real_alternative_text(path: str, open_page) -> None:
    page = open_page(path)
    for figure in page.locator("figure.sco-figure").all():
        assert len(figure.locator("figcaption").inner_text().split()) > 3 or not figure.is_visible()
        alt = figure.locator("svg[role=img]").get_attribute("aria-label")
        assert len(alt.split()) >= 12 and alt.endswith(".")
        assert ("Source: message" if "another" in path else "Source: thesis") in figure.locator(
            ".sco-foot"
        ).text_content()
    for image in page.locator("article img").all():
        assert len((image.get_attribute("alt") or "").split()) > 3


HIDDEN_MARKS = """() => {
  const hidden = [];
  for (const mark of document.querySelectorAll('.sco-figure svg use')) {
    if (mark.closest('.sco-panel') || getComputedStyle(mark).fill === 'none') continue;
    const {width, height} = mark.getBBox();
    if (!width || !height || width > 20) continue;  // a tick, an area
    mark.scrollIntoView({block: 'center'});
    const box = mark.getBoundingClientRect();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    if (!document.elementsFromPoint(x, y).includes(mark)) hidden.push(mark.closest('figure').id);
  }
  return hidden;
}"""


@pytest.mark.parametrize("path", [p for p in PAGES if "<use " in (HTML / p).read_text(encoding="utf-8")])
def test_every_mark_of_a_figure_is_seen(path: str, open_page) -> None:
    """A browser finds each mark where it is drawn: none is clipped away."""
    page = open_page(path)
    assert page.evaluate(HIDDEN_MARKS) == []


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing(kind: str, mode: str, open_page) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(KINDS[kind], wait="networkidle", color_scheme=mode)  # colours have stopped changing
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_wider_than_a_phone(kind: str, open_page) -> None:
    page = open_page(KINDS[kind], viewport={"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("path", ["notebooks/ledger-1.html", CHAPTER, "notebooks/07-audit.html"])
def test_a_claim_is_read_on_a_phone_without_moving_sideways(path: str, open_page) -> None:
    """Key, verdict, statement and reason of each claim stand in the width of the screen, key and verdict in one line."""
    page = open_page(path, viewport={"width": 360, "height": 740})
    claims = page.locator(":is(.sco-ledger table, .sco-table .stack) tbody tr")
    assert claims.count() >= 10
    for row in claims.all()[:12]:
        boxes = [cell.bounding_box() for cell in row.locator("th, td").all()]
        assert all(box["x"] >= 0 and box["x"] + box["width"] <= 360 for box in boxes), row.inner_text()
        assert abs(boxes[0]["y"] - boxes[2]["y"]) < 4 and boxes[1]["y"] > boxes[0]["y"]


@pytest.mark.parametrize("path", PAGES)
def test_links_inside_the_book_and_anchors_resolve(path: str, open_page, site) -> None:
    page = open_page(path)
    links = page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)")
    for link in sorted({link for link in links if link.startswith(site)}):
        target, _, anchor = link.removeprefix(site + "/").partition("#")
        file = HTML / (target or "index.html").split("?")[0]
        assert file.exists(), link
        if anchor and file.suffix == ".html":
            assert re.search(rf'\bid="?{re.escape(anchor)}["\s>]', file.read_text(encoding="utf-8")), (
                f"no anchor: {link}"
            )


def test_the_explorer_answers_to_mouse_and_keyboard(open_page) -> None:
    page = open_page(CHAPTER)
    explorer = page.locator("#gas-unit")
    first, second = explorer.locator(".sco-panel").all()
    assert first.is_visible() and not second.is_visible()
    explorer.get_by_role("radio", name="trillion cubic feet").check()
    assert second.is_visible() and not first.is_visible()
    explorer.get_by_role("radio", name="trillion cubic feet").press("ArrowUp")
    assert first.is_visible() and not second.is_visible()


@pytest.mark.parametrize("path", [p for p in PAGES if "sco-explorer" in (HTML / p).read_text(encoding="utf-8")])
def test_each_answer_of_each_explorer_shows_its_view_alone(path: str, open_page) -> None:
    page = open_page(path)
    for explorer in page.locator(".sco-explorer").all():
        radios, panels = explorer.get_by_role("radio").all(), explorer.locator(".sco-panel").all()
        assert len(radios) == len(panels) > 1
        for chosen, radio in enumerate(radios):
            radio.check()
            assert [panel.is_visible() for panel in panels] == [n == chosen for n in range(len(panels))]


def test_downloads_arrive_and_parse(open_page) -> None:
    import io
    import zipfile
    from pathlib import Path

    import pandas as pd

    page = open_page(CHAPTER)
    with page.expect_download() as started:
        page.locator("#table-1-3 a[download]").click()
    assert started.value.suggested_filename == "table-1-3.csv"
    assert len(pd.read_csv(started.value.path())) == 10
    page = open_page("book/data.html")
    with page.expect_download() as started:
        page.get_by_role("link", name="The whole data package as one archive").click()
    archive = zipfile.ZipFile(io.BytesIO(Path(started.value.path()).read_bytes()))
    with page.expect_download() as started:
        page.get_by_role("link", name="the claim ledger with its verdicts").click()
    ledger = pd.read_csv(started.value.path())
    assert ledger["claim_id"].is_unique and set(ledger["verdict"]) == set(VERDICTS)
    assert "sco-data/datapackage.json" in archive.namelist() and "sco-data/claims.csv" in archive.namelist()


def test_the_ledger_can_be_filtered_and_searched(open_page) -> None:
    page = open_page("notebooks/ledger-1.html")
    rows = page.locator(".sco-ledger tbody tr:visible")
    everything = rows.count()
    page.get_by_role("combobox", name="Verdict").select_option("differs")
    assert 0 < rows.count() < everything
    page.get_by_role("searchbox", name="Search").fill("gas reserves Kazakhstan")
    assert rows.count() == 1 and rows.first.get_attribute("id") == "c004-13"


def test_a_claims_address_leads_to_it(open_page) -> None:
    page = open_page("notebooks/ledger-1.html#c004-13")
    assert page.locator("#c004-13").evaluate("row => row.getBoundingClientRect().top < window.innerHeight")


@pytest.mark.parametrize("kind", ["front", "chapter", "ledger"])
def test_without_scripts_everything_is_there(kind: str, open_page) -> None:
    page = open_page(KINDS[kind], java_script_enabled=False)
    assert page.locator("article").inner_text().count(" ") > 200
    assert page.locator("nav a").count() > 5
    if kind == "chapter":
        page.get_by_role("radio", name="trillion cubic feet").check()
        assert page.locator("#figure-1-3b").is_visible()


def test_full_text_search_finds_a_claim(open_page) -> None:
    page = open_page("search.html?q=Turkmenistan")
    page.wait_for_selector("#search-results li a")
    assert page.locator("#search-results li a").count() > 1


def test_extracts_of_the_search_keep_cells_apart(open_page) -> None:
    """Words of neighbouring cells and labels do not run together, and no extract is wider than the page."""
    page = open_page("search.html?q=Uzbekistan")
    page.locator("#search-results .context").nth(20).wait_for()
    extracts = page.locator("#search-results .context").all_inner_texts()
    assert not [text for text in extracts if re.search(r"[a-z]Uzbekistan|Uzbekistan[A-Za-df-z0-9]", text)]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_extracts_of_the_search_show_the_word_and_no_code(open_page, site) -> None:
    """A short word as it was typed, not its stem within another word; and nothing of the cells' code.

    Also where a script comes late, so that the search begins before the page is ready.
    """
    page = open_page("book/cite.html")
    page.route("**/bootstrap.js*", lambda route: (time.sleep(0.6), route.continue_()))
    page.goto(f"{site}/search.html?q=gas")
    page.locator("#search-results .context").nth(10).wait_for()
    extracts = page.locator("#search-results .context").all_inner_texts()
    assert all(re.search(r"\bgas", text, re.I) for text in extracts), extracts
    assert not [text for text in extracts if "page.table(" in text or "sco.load(" in text]
