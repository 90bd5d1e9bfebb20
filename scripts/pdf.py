"""Make one PDF of the whole book from its built pages: title, contents with page numbers, bookmarks, links.

The pages are joined in the order of the contents into one document, in which every address carries the
name of its page, and the system's Chromium prints it. It is printed twice: the first print says on which
page each chapter begins, the second has those numbers in its contents.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import sys
import time
from collections.abc import Iterator
from html import escape, unescape
from pathlib import Path
from typing import NamedTuple

import yaml
from pypdf import PdfReader
from pypdf.generic import DictionaryObject, IndirectObject, NameObject, NumberObject, TextStringObject

ROOT = Path(__file__).resolve().parents[1]
HTML = ROOT / "_build" / "html"
TARGET = ROOT / "_build" / "sco-2004-rerun.pdf"
EPOCH = 1767225600  # as in scripts/build.py
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
# Addresses in attributes that name a part of the same page.
OWN = re.compile(r'(?<=[\s])(id|for|name|aria-labelledby|aria-describedby)="([^"]+)"')
TAG = re.compile(r"<[a-zA-Z][^>]*>")
# What only a screen needs: marks beside headings, downloads, buttons, code that is folded up.
SCREEN = re.compile(
    r'<a class="(?:headerlink|sco-csv)".*?</a>|<script.*?</script>|<button.*?</button>'
    r'|<details class="[^"]*\bhide\b.*?</details>',
    re.S,
)
HEADING = re.compile(
    r'<section[^>]*\bid="([^"]+)"[^>]*>\s*(?:<span[^>]*></span>\s*)*<h([12])>(.*?)</h\2>',
    re.S,
)


class Chapter(NamedTuple):
    """A page of the book: its name, the part it opens if any, and its article as it stands in the built page."""

    name: str
    part: str
    article: str

    @property
    def key(self) -> str:
        """The page's name as an address within the joined document."""
        return self.name.replace("/", "-")


def chapters(html: Path, toc: Path) -> list[Chapter]:
    """The pages in the order of the contents.

    Parameters
    ----------
    html : path
        The folder of the built book.
    toc : path
        The file ``_toc.yml``.

    Raises
    ------
    FileNotFoundError
        If a page of the contents has not been built.
    """
    listed = yaml.safe_load(toc.read_text(encoding="utf-8"))
    names = [(listed["root"], "")]
    for part in listed.get("parts", [listed]):
        for number, entry in enumerate(part["chapters"]):
            names.append((entry["file"], part.get("caption", "") if number == 0 else ""))
    found = []
    for name, part in names:
        text = (html / f"{name}.html").read_text(encoding="utf-8")
        start = text.index("<article")
        found.append(Chapter(name, part, text[text.index(">", start) + 1 : text.index("</article>", start)]))
    return found


def joined(chapter: Chapter, names: set[str], anchors: dict[str, set[str]]) -> str:
    """The article of a page with addresses that are unique in the whole document.

    Links to pages of the book become links within the document; links to what a PDF cannot hold, such as
    files of data, keep their text and lose their target.
    """
    text = SCREEN.sub("", chapter.article)

    def fix(match: re.Match[str]) -> str:
        tag = OWN.sub(lambda m: f'{m[1]}="{" ".join(f"{chapter.key}--{word}" for word in m[2].split())}"', match[0])
        tag = re.sub(r"url\(#([^)]+)\)", rf"url(#{chapter.key}--\1)", tag)
        tag = re.sub(r'xlink:href="#([^"]+)"', rf'xlink:href="#{chapter.key}--\1"', tag)
        tag = re.sub(r'src="\.\./', 'src="html/', tag)
        return re.sub(r'(?<!:)\bhref="([^"]*)"', lambda m: target(m[1], chapter, names, anchors), tag)

    return TAG.sub(fix, text)


def target(address: str, chapter: Chapter, names: set[str], anchors: dict[str, set[str]]) -> str:
    """An ``href`` as it reads in the joined document; nothing for what is not in it."""
    if re.match(r"(https?|mailto):", address):
        return f'href="{address}"'
    path, _, anchor = unescape(address).partition("#")
    name = os.path.normpath(f"{Path(chapter.name).parent}/{path}").removesuffix(".html") if path else chapter.name
    if name not in names:
        return ""
    key = name.replace("/", "-")
    return f'href="#{key}--{escape(anchor)}"' if anchor in anchors[name] else f'href="#{key}"'


def headings(chapter: Chapter) -> Iterator[tuple[int, str, str]]:
    """Level, address and text of the headings of the first and second level."""
    for match in HEADING.finditer(chapter.article):
        text = re.sub(r"<[^>]+>", "", SCREEN.sub("", match[3]))
        yield int(match[2]), f"{chapter.key}--{match[1]}", unescape(text).strip()


def contents(book: list[Chapter], pages: dict[str, int]) -> str:
    """The table of contents; numbers that are not known yet are left out."""
    lines = ['<nav class="sco-contents" aria-label="Contents"><h1>Contents</h1><ol>']
    for chapter in book:
        if chapter.part:
            lines.append(f'</ol><p class="sco-part">{escape(chapter.part)}</p><ol>')
        rows = list(headings(chapter))
        lines.append(f"<li>{_line(chapter.key, rows[0][2], pages)}<ol>")
        lines += [f"<li>{_line(key, text, pages)}</li>" for level, key, text in rows if level == 2]
        lines.append("</ol></li>")
    return "".join([*lines, "</ol></nav>"]).replace("<ol></ol>", "")


def _line(key: str, text: str, pages: dict[str, int]) -> str:
    return f'<div class="sco-line"><a href="#{key}">{escape(text)}</a><span>{pages.get(key, "")}</span></div>'


def title_page(citation: Path) -> str:
    """The title page, from ``CITATION.cff``."""
    cff = yaml.safe_load(citation.read_text(encoding="utf-8"))
    authors = ", ".join(a.get("name") or f"{a['given-names']} {a['family-names']}" for a in cff["authors"])
    lines = [authors, f"Version {cff['version']}, {cff['date-released']}", " ".join(cff["abstract"].split())]
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return f'<section class="sco-title-page"><h1>{escape(cff["title"])}</h1>{paragraphs}</section>'


def document(book: list[Chapter], pages: dict[str, int]) -> str:
    """The whole book as one HTML document that lies beside the folder of the pages."""
    # The pages' one sheet has only what the pages use; title page and contents stand in print.css.
    sheets = ("book.css", "print.css")
    if missing := [sheet for sheet in sheets if not (HTML / "_static" / sheet).exists()]:
        raise ValueError(
            f"the book has no style sheet {missing[0]}; build it first, and see html_css_files in _config.yml"
        )
    links = "".join(f'<link rel="stylesheet" href="html/_static/{sheet}">' for sheet in sheets)
    names = {chapter.name for chapter in book}
    anchors = {c.name: set(re.findall(r'\bid="([^"]+)"', c.article)) for c in book}
    title = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))["title"]
    body = "".join(
        f'<article class="bd-article sco-chapter" id="{c.key}">{joined(c, names, anchors)}</article>' for c in book
    )
    front = title_page(ROOT / "CITATION.cff") + contents(book, pages)
    return (
        '<!DOCTYPE html><html lang="en" data-theme="light" data-mode="light"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title>{links}</head>"
        f'<body><main class="bd-content">{front}{body}</main></body></html>'
    )


def printed(html: str, draft: bool = False) -> bytes:
    """The document as PDF, by the system's Chromium; a draft has no tags and no bookmarks and takes less time."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        raise FileNotFoundError("no Chromium on this machine; on Debian: apt-get install chromium")
    file = HTML.parent / "book.html"
    file.write_text(html, encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM)
        page = browser.new_page()
        page.set_default_timeout(300_000)
        page.goto(file.as_uri(), wait_until="load")
        pdf = page.pdf(prefer_css_page_size=True, print_background=True, outline=not draft, tagged=not draft)
        browser.close()
    file.unlink()
    return pdf


def destinations(reader: PdfReader) -> dict[str, int]:
    """The page, counted from 1, of every address within the document."""
    pages = {page.indirect_reference.idnum: number for number, page in enumerate(reader.pages, 1)}
    named = reader.named_destinations.items()
    return {name.lstrip("/"): pages[place.raw_get("/Page").idnum] for name, place in named}


def finished(pdf: bytes, html: str, epoch: int) -> bytes:
    """The print with a fixed date, with the names of its bookmarks set right and chapters folded up.

    Chromium takes a bookmark's name from the lines on the page and loses the blank where a line ends. What
    is changed is appended to the file, as the format provides for; the print itself stays as it is.
    """
    stamp = time.strftime("D:%Y%m%d%H%M%S+00'00'", time.gmtime(epoch)).encode()
    pdf = re.sub(rb"(/(?:CreationDate|ModDate) \()D:[^)]{21}(?=\))", rb"\g<1>" + stamp, pdf)
    found = re.findall(r"<h[1-6][^>]*>(.*?)</h[1-6]>", html, re.S)
    names = [" ".join(unescape(re.sub(r"<[^>]+>", "", name)).split()) for name in found]
    reader = PdfReader(io.BytesIO(pdf))
    return appended(pdf, reader, list(renamed(reader.root_object["/Outlines"], iter(names))))


def appended(pdf: bytes, reader: PdfReader, changed: list[DictionaryObject]) -> bytes:
    """A file with newer versions of some of its objects behind its end."""
    out = io.BytesIO()
    out.write(pdf)
    table = []
    for item in changed:
        number = item.indirect_reference.idnum
        table.append(f"{number} 1\n{out.tell():010} 00000 n \n")
        out.write(f"{number} 0 obj\n".encode())
        item.write_to_stream(out)
        out.write(b"\nendobj\n")
    start = out.tell()
    before = re.findall(rb"startxref\s+(\d+)", pdf)[-1].decode()
    trailer = {key: reader.trailer.raw_get(key) for key in ("/Size", "/Root", "/Info")}
    lines = "".join(f"{key} {f'{v.idnum} 0 R' if isinstance(v, IndirectObject) else v}\n" for key, v in trailer.items())
    out.write(f"xref\n{''.join(table)}trailer\n<<{lines}/Prev {before}>>\nstartxref\n{start}\n%%EOF\n".encode())
    return out.getvalue()


def squeezed(name: str) -> str:
    """A name without blanks and without the repetition that a line may have in a bookmark."""
    return re.sub(r"(.{4,}?)\1", r"\1", "".join(name.split()))


def renamed(entry: DictionaryObject, names: Iterator[str]) -> Iterator[DictionaryObject]:
    """The bookmarks under `entry`, each with its heading as name; headings that are not printed have none."""
    child = entry.get("/First")
    while child is not None:
        item = child.get_object()
        try:
            name = next(n for n in names if squeezed(n) == squeezed(item["/Title"]))
        except StopIteration:
            raise ValueError(f"no heading for the bookmark {item['/Title']!r}") from None
        item[NameObject("/Title")] = TextStringObject(name)
        if "/Count" in item:
            item[NameObject("/Count")] = NumberObject(-abs(item["/Count"]))
        yield item
        yield from renamed(item, names)
        child = item.get("/Next")


def main() -> int:
    start = time.perf_counter()
    try:
        book = chapters(HTML, ROOT / "_toc.yml")
    except FileNotFoundError as missing:
        print(f"make: {missing.filename} is not there; run make book first", file=sys.stderr)
        return 1
    pages = destinations(PdfReader(io.BytesIO(printed(document(book, {}), draft=True))))
    html = document(book, pages)
    pdf = printed(html)
    if destinations(PdfReader(io.BytesIO(pdf))) != pages:
        print("make: the page numbers moved between the two prints", file=sys.stderr)
        return 1
    TARGET.write_bytes(finished(pdf, html, int(os.environ.get("SOURCE_DATE_EPOCH", EPOCH))))
    print(f"The PDF is ready in {time.perf_counter() - start:.0f} s: {TARGET.as_uri()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
