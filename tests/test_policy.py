"""The content security policy of the pages, in a real browser: the book works under it, and nothing else does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from policy import MARK, add_policy

from conftest import HTML

PAGE = '<!DOCTYPE html>\n<html><head>\n<meta charset="utf-8"/>\n<title>A page</title>{head}</head><body>{body}</body></html>'
KINDS = {
    "front": "book/index.html",
    "chapter": "notebooks/01-introduction.html",
    "scenarios": "notebooks/04b-scenarios.html",
    "maps": "notebooks/maps-2.html",
    "ledger": "notebooks/ledger-1.html",
    "hindsight": "notebooks/08-hindsight.html",
    "method": "book/method.html",
    "data": "book/data.html",
    "search": "search.html",
    "index": "genindex.html",
}
# A script that the theme writes into each page.
THEME = (
    'document.documentElement.dataset.mode = localStorage.getItem("mode") || "auto"; '
    'document.documentElement.dataset.theme = localStorage.getItem("theme") || "auto";'
)
WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (e) =>
  window.violations.push(`${e.effectiveDirective} ${e.blockedURI} ${e.sample}`));
"""


def rules(html: str) -> dict[str, str]:
    content = re.search(rf'{MARK} content="([^"]*)"/>', html)[1]
    return {name: " ".join(values) for name, *values in (rule.split() for rule in content.split("; "))}


# -- the text of the policy --------------------------------------------------------------------


def test_a_plain_page_allows_files_of_the_book_only() -> None:
    found = rules(add_policy(PAGE.format(head="", body="<p>Text</p>")))
    assert found["default-src"] == "'none'" and found["base-uri"] == "'none'"
    assert found["script-src"] == found["style-src"] == "'self' file:"
    assert found["style-src-attr"] == "'none'"
    assert re.fullmatch(r"'unsafe-hashes'( 'sha256-[\w+/]+=*'){2}", found["script-src-attr"])
    assert "unsafe-inline" not in " ".join(found.values()) and "*" not in " ".join(found.values())
    assert not re.search(r"https?:|//", " ".join(found.values()))


def test_the_digest_is_that_of_the_text_between_the_tags() -> None:
    """Against a digest made with another program, on the same text: printf %s TEXT | openssl dgst -sha256 -binary."""
    html = add_policy(PAGE.format(head=f"<script>{THEME}</script>", body=""))
    assert rules(html)["script-src"] == "'self' file: 'sha256-oiYPPXGkfWapKbAu9C1+6W397doq0jIetjJtiW9Cp88='"


def test_the_policy_stands_before_all_that_it_is_about_and_after_the_encoding() -> None:
    html = add_policy(PAGE.format(head="<style>p {}</style>", body=""))
    assert html.index("charset") < html.index(MARK) < html.index("<title") < html.index("<style")
    assert html.index(MARK) < 1024
    assert html.replace(re.search(rf"\n{MARK}[^>]*>", html)[0], "") == PAGE.format(head="<style>p {}</style>", body="")


def test_a_page_with_a_policy_or_without_a_head_stays_as_it_is() -> None:
    once = add_policy(PAGE.format(head="", body=""))
    assert add_policy(once) == once
    redirect = '<meta http-equiv="Refresh" content="0; url=book/index.html" />'
    assert add_policy(redirect) == redirect


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>",
        "<script type='module'>alert(1)</script>",
        f"<script>{THEME} alert(1)</script>",
        "<p onclick='alert(1)'>x</p>",
        "<button onclick='window.print() || alert(1)'>x</button>",
        "<svg onload='alert(1)'></svg>",
        "<a href=' JavaScript:alert(1)'>x</a>",
    ],
)
def test_a_script_that_is_not_the_themes_fails_the_build(body: str) -> None:
    with pytest.raises(ValueError, match=r"script|handler"):
        add_policy(PAGE.format(head="", body=body))


def test_data_in_a_script_element_is_no_script() -> None:
    body = '<script type="application/ld+json">{"@type": "Book"}</script>'
    assert rules(add_policy(PAGE.format(head="", body=body)))["script-src"] == "'self' file:"


# -- in the browser ----------------------------------------------------------------------------


@pytest.fixture
def policed(chromium, site):
    """Opens pages of the book with their policy, from the server or as files, and keeps what was refused."""
    contexts = []

    def opened(path: str, inject: str = "", files: Path | None = None):
        context = chromium.new_context()
        contexts.append(context)
        context.add_init_script(WATCH)
        page = context.new_page()
        page.troubles = []
        page.on("console", lambda m: page.troubles.append(m.text) if m.type in {"error", "warning"} else None)
        page.on("pageerror", lambda e: page.troubles.append(str(e)))
        if files is not None:
            page.goto((files / path).as_uri(), wait_until="load")
            return page

        def answer(route) -> None:
            file = HTML / route.request.url.removeprefix(site + "/").split("?")[0].split("#")[0]
            html = add_policy(file.read_text(encoding="utf-8")).replace("</article>", f"{inject}</article>", 1)
            route.fulfill(body=html, content_type="text/html; charset=utf-8")

        page.route(re.compile(r"\.html(\?.*)?$"), answer)
        page.goto(f"{site}/{path}", wait_until="networkidle")
        return page

    yield opened
    for context in contexts:
        context.close()


def use(page) -> None:
    """Press what the theme and the book offer on a page."""
    for selector in (
        "button.theme-switch-button",
        "button.btn-fullscreen-button",
        "button.copybtn",
        ".dropdown-toggle",
    ):
        button = page.locator(f"{selector}:visible").first
        if button.count():
            button.click(force=True)
    page.evaluate(
        "document.querySelectorAll('[onclick]').forEach(b => b.onclick === null && violations.push('handler'))"
    )
    for radio in page.locator(".sco-explorer input[type=radio]").all()[:6]:
        radio.check(force=True)
    if page.locator(".sco-filter select").count():
        page.locator(".sco-filter select").first.select_option(index=1)
        assert "of" in page.locator(".sco-filter output").inner_text()
    page.keyboard.press("Control+k")
    page.wait_for_timeout(100)


@pytest.mark.book
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_that_a_page_does_is_refused(kind: str, policed) -> None:
    page = policed(KINDS[kind])
    assert page.locator("meta[http-equiv=Content-Security-Policy]").count() == 1
    use(page)
    assert page.evaluate("window.violations") == []
    assert page.troubles == []


@pytest.mark.book
def test_every_page_of_the_built_book_has_its_policy() -> None:
    pages = [p for p in HTML.rglob("*.html") if "_static" not in p.relative_to(HTML).parts]
    texts = {p.relative_to(HTML).as_posix(): p.read_text(encoding="utf-8") for p in pages}
    assert len(texts) > 20
    bare = [name for name, text in texts.items() if MARK not in text and 'http-equiv="refresh"' not in text.lower()]
    assert bare == []


@pytest.mark.book
def test_search_finds_under_the_policy(policed) -> None:
    page = policed("search.html?q=Turkmenistan")
    page.wait_for_selector("#search-results li a")
    page.wait_for_timeout(500)  # the extracts arrive one by one
    assert page.evaluate("window.violations") == [] and page.troubles == []
    assert page.locator("#search-results li p.context, #search-results li .context").count() > 0


@pytest.mark.book
def test_a_download_arrives_under_the_policy(policed) -> None:
    page = policed(KINDS["chapter"])
    with page.expect_download() as started:
        page.locator("#table-1-3 a[download]").click()
    assert Path(started.value.path()).read_text(encoding="utf-8").count("\n") > 5
    assert page.evaluate("window.violations") == []


@pytest.mark.book
@pytest.mark.parametrize(
    ("inject", "directive"),
    [
        ("<script>window.intruder = 1</script>", "script-src-elem"),
        ("<p id=x onclick='window.intruder = 1'>x</p>", "script-src-attr"),
        ("<img src=x.png onerror='window.intruder = 1'>", "script-src-attr"),
        ("<a id=x href='javascript:window.intruder = 1'>x</a>", "script-src-elem"),
        ("<script src='https://intruder.example/x.js'></script>", "script-src-elem"),
        ("<script src='data:text/javascript,window.intruder = 1'></script>", "script-src-elem"),
        ("<iframe src='https://intruder.example/'></iframe>", "frame-src"),
        ("<object data='data:text/html,x'></object>", "object-src"),
        ("<img src='https://intruder.example/x.png'>", "img-src"),
        ("<base href='https://intruder.example/'>", "base-uri"),
        ("<p style='color: red'>x</p>", "style-src-attr"),
        ("<style>p { color: red }</style>", "style-src-elem"),
        ("<form action='https://intruder.example/'><button id=x>x</button></form>", "form-action"),
    ],
)
def test_what_is_injected_is_refused(inject: str, directive: str, policed) -> None:
    """Elements put into a finished page: none runs, shows or reaches another host."""
    page = policed("book/method.html", inject=inject)
    if page.locator("#x").count():
        page.evaluate("document.querySelector('#x').click()")
        page.wait_for_timeout(200)
    assert page.evaluate("window.intruder") is None
    refused = page.evaluate("window.violations")
    assert any(text.startswith(directive) for text in refused), refused


@pytest.mark.book
def test_a_frame_in_a_page_runs_nothing_either(policed) -> None:
    page = policed("book/method.html", inject="<iframe srcdoc='<script>parent.intruder = 1</script>'></iframe>")
    assert page.evaluate("window.intruder") is None
    assert any("inline script" in text for text in page.troubles), page.troubles


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Path:
    """The book with its policy, to be opened from the disk."""
    import shutil

    folder = tmp_path_factory.mktemp("disk") / "the book"
    shutil.copytree(HTML, folder, ignore=shutil.ignore_patterns("_sources", "sco-data.zip"))
    for path in folder.rglob("*.html"):
        if "_static" not in path.parts:
            path.write_text(add_policy(path.read_text(encoding="utf-8")), encoding="utf-8")
    return folder


@pytest.mark.book
@pytest.mark.parametrize("kind", ["front", "chapter", "ledger", "maps"])
def test_the_book_works_from_the_disk(kind: str, policed, files: Path) -> None:
    """Styles, scripts and filters work where there is no server and so no origin."""
    page = policed(KINDS[kind], files=files)
    page.wait_for_timeout(300)
    use(page)
    assert page.evaluate("window.violations") == []
    assert not [t for t in page.troubles if "Content Security Policy" in t], page.troubles
    assert page.evaluate("typeof DOCUMENTATION_OPTIONS") == "object"
    assert page.evaluate("getComputedStyle(document.querySelector('.bd-main')).display") == "flex"


@pytest.mark.book
def test_an_injected_script_does_not_run_from_the_disk_either(policed, files: Path) -> None:
    target = files / "book" / "injected.html"
    html = (files / "book" / "method.html").read_text(encoding="utf-8")
    target.write_text(html.replace("</article>", "<script>window.intruder = 1</script></article>", 1), encoding="utf-8")
    page = policed("book/injected.html", files=files)
    assert page.evaluate("window.intruder") is None
    assert any(text.startswith("script-src-elem") for text in page.evaluate("window.violations"))
