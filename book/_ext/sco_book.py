"""Sphinx extension of the book: mends what the theme gets wrong and adds what it lacks.

It takes off each page what no page uses (scripts for live code and tabs, the icon script of more
than a megabyte, the search index outside the search page, advertisement and widget placeholders),
gives every control a name, and derives launch and edit links from the repository's address.
"""

from __future__ import annotations

import base64
import json
import re
import shutil
import sys
import zipfile
from pathlib import Path
from typing import Any

import metadata
import styles
import yaml
from bs4 import BeautifulSoup
from policy import add_policy
from sphinx.application import Sphinx

UNUSED = re.compile(
    r"fontawesome\.js|sphinx-thebe|design-tabs|sphinx-design|togglebutton|searchtools|language_data|searchindex|thebe@|webpack-macros"
)
INLINE = re.compile(
    r"THEBE_JS_URL|togglebuttonSelector|toggleHint|toggleOpenOnPrint|kernelName|search_as_you_type|OPTIONS.pagename"
)

STYLE_SHEET = re.compile(r'<link[^>]*href="([^"]*_static/)([^"?]+\.css)[^"]*"[^>]*>\n?')


def one_sheet(html: str, sheets: dict[str, None]) -> str:
    """Name one style sheet in place of the theme's many, and note those in their order."""

    def found(link: re.Match[str]) -> str:
        first = not seen
        seen.append(link[2])
        return f'<link rel="stylesheet" href="{link[1]}{styles.SHEET}"/>' if first else ""

    seen: list[str] = []
    html = STYLE_SHEET.sub(found, html)
    sheets.update(dict.fromkeys(s for s in seen if s != styles.SHEET))
    return html


def write_sheet(out: Path, sheets: dict[str, None]) -> None:
    """The one style sheet and the icons in it."""
    static = out / "_static"
    css = styles.bundle(list(sheets), static, styles.words(out))
    (static / styles.SHEET).write_text(styles.icon_font(css, static), encoding="utf-8")


def mend(html: str, is_search: bool, in_notebooks: bool) -> str:
    """One page of the theme, mended."""
    prefix = "" if in_notebooks else "../notebooks/"
    html = re.sub(r'href="(?:\.\./notebooks/)?(ledger-\w+)\.ipynb', rf'href="{prefix}\1.html', html)
    html = re.sub(r'href="((?:\.\./)?(?:[\w-]+/)?[\w-]+)\.(?:ipynb|md)(?=["#])', r'href="\1.html', html)
    html = re.sub(r'<span class="(?:w|n|p|o|nn|bp|si|sa)">([^<]*)</span>', r"\1", html)
    soup = BeautifulSoup(html, "html.parser")
    for tag in soup.find_all(["script", "link"]):
        address = tag.get("src") or tag.get("href") or ""
        unused = UNUSED.search(address) and not (
            (is_search and "search" in address) or (is_search and "language_data" in address)
        )
        kind = tag.get("type", "")
        if unused or "widget-state" in kind or "thebe" in kind or (not address and INLINE.search(tag.string or "")):
            tag.decompose()
    for extra in soup.select('meta[name="viewport"]')[1:] + soup.select(
        'meta[name^="docsearch"], #ethical-ad-placement, #jb-print-docs-body'
    ):
        extra.decompose()
    for empty in soup.select("footer.bd-footer, .pst-async-banner-revealer"):
        if not empty.get_text(strip=True):
            empty.decompose()
    for header in soup.select("#pst-header"):  # the theme's script measures it
        header["class"] = ["bd-header", "d-none"]
    for icon in soup.select('[class*="fa-"]'):
        icon["aria-hidden"] = "true"
    for button in soup.select("button[title]:not([aria-label]), a.btn[title]:not([aria-label])"):
        button["aria-label"] = button["title"]
    for main in soup.select('main[role="main"], div.citation[role], div.citation-list[role]'):
        del main["role"]
    for link in soup.select('link[href*="styles/theme.css"]'):
        link["href"] = link["href"].split("styles/")[0] + "basic.css"  # the file it only imports
    for script in soup.select("head script[src]:not([defer])"):
        script["defer"] = "defer"
    for link in soup.select('link[rel="preload"]'):
        link.decompose()
    for sidebar in soup.select("#pst-primary-sidebar"):
        sidebar["role"], sidebar["aria-label"] = "complementary", "The book"
    for corner in soup.select("table.dataframe thead th"):
        if not corner.get_text(strip=True):
            corner.name = "td"  # nothing to announce
    for scroll in soup.select("div.highlight > pre"):
        scroll["tabindex"] = "0"
    return compact(str(soup))


BADGE = re.compile(r'<span class="sco-verdict sco-(\w+)"><span aria-hidden="true">.</span> \1</span>')


def compact(html: str) -> str:
    """The same page in fewer bytes: no blank lines, short verdicts (their sign comes from the style sheet)."""
    html = re.sub(r"></(path|use|rect|circle)>", "/>", html)
    html = re.sub(r' class="((?!cell[ "])[^"]*[\w-]) docutils container"', r' class="\1"', html)
    html = re.sub(r' class="reference internal(?: ([^"]+))?"', lambda m: f' class="{m[1]}"' if m[1] else "", html)
    html = re.sub(r'(<span class="(s[12])">[^<]*)</span><span class="\2">', r"\1", html)
    html = re.sub(r"var\((--sco-\w+), #\w+\)", r"var(\1)", html)  # the style sheet has them all
    html = BADGE.sub(r'<b class="\1">\1</b>', html)
    html = re.sub(r"<!--.*?-->", "", html, flags=re.S)
    parts = re.split(r"(<(pre|script|style|textarea)\b.*?</\2>)", html, flags=re.S)
    for i in range(0, len(parts), 3):
        parts[i] = re.sub(r"\s*\n\s*", "\n", parts[i])
    return "".join(part for i, part in enumerate(parts) if i % 3 != 2)


def mend_pages(app: Sphinx, error: Exception | None) -> None:
    """Mend every page that this build wrote and say on it what machines read."""
    if error is not None or app.builder.format != "html":
        return
    root, out = Path(app.srcdir), Path(app.outdir)
    site = metadata.site_address(app.config.html_theme_options.get("repository_url", ""))
    branch = app.config.html_theme_options.get("repository_branch") or "main"
    about = citation(root)
    keys, used, reviews = metadata.citation_keys(app), metadata.places_of_use(root), metadata.claim_reviews(root, site)
    names, sheets = [], {}
    for page in sorted(out.rglob("*.html")):
        html, name = page.read_text(encoding="utf-8"), page.relative_to(out).as_posix()
        if "<head" not in html or name.startswith("_static/"):
            continue
        names.append(name)
        up = "../" * name.count("/")
        html = download_files(html, out / "data" / "exhibits", up)
        html = one_sheet(mend(html, name == "search.html", name.startswith("notebooks/")), sheets)
        html = metadata.citations_by_key(html, keys, name == "book/sources.html")
        if name == "book/sources.html":
            html = metadata.add_places(html, used)
        if site and name == "book/teachers.html":
            html = metadata.class_link(html, app.config.html_theme_options["repository_url"], branch)
        html = metadata.review_of_page(html, name, reviews)
        page.write_text(add_policy(metadata.page_metadata(html, name, site, about)), encoding="utf-8")
    write_sheet(out, sheets)
    graph = {"@context": "https://schema.org", "@graph": reviews}
    text = json.dumps(graph, ensure_ascii=False, indent=1) + "\n"
    (out / "data" / "claim-reviews.jsonld").write_text(text, encoding="utf-8")
    if site:
        (out / "sitemap.xml").write_text(metadata.sitemap(names, site), encoding="utf-8")
    metadata.redirects(root / "book" / "redirects.csv", out)


def citation(root: Path) -> dict[str, str]:
    """Title, description, author and licence of the book, from the one place that has them."""
    cff = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    return {
        "title": cff["title"],
        "description": " ".join(cff["abstract"].split()),
        "author": cff["authors"][0]["name"],
        "licence": "https://creativecommons.org/licenses/by/4.0/",
    }


DATA_LINK = re.compile(r'download="([\w-]+)\.csv" href="data:text/csv;charset=utf-8;base64,([^"]+)"')


def download_files(html: str, folder: Path, prefix: str) -> str:
    """Put the CSV that each table of a live notebook carries into a file of its own, and link that."""

    def write(found: re.Match[str]) -> str:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{found[1]}.csv").write_bytes(base64.b64decode(found[2]))
        return f'download="{found[1]}.csv" href="{prefix}data/exhibits/{found[1]}.csv"'

    return DATA_LINK.sub(write, html)


def publish_data(app: Sphinx, error: Exception | None) -> None:
    """Put the data package beside the pages, file by file and as one archive that is the same in every build."""
    if error is not None or app.builder.format != "html":
        return
    source, target = Path(app.srcdir) / "data", Path(app.outdir) / "data"
    target.mkdir(exist_ok=True)
    with zipfile.ZipFile(target / "sco-data.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(source.iterdir()):
            shutil.copyfile(file, target / file.name)
            archive.writestr(
                zipfile.ZipInfo(f"sco-data/{file.name}", (2004, 1, 1, 0, 0, 0)), file.read_bytes(), zipfile.ZIP_DEFLATED
            )
    (target / "ledger.csv").write_text(ledger(Path(app.srcdir)), encoding="utf-8")


def ledger(root: Path) -> str:
    """The claim ledger as CSV with the verdicts and reasons that the audit computes."""
    sys.path.insert(0, str(root / "notebooks"))
    from sco import audit, load, page

    judged = audit.verdicts()[["claim_id", "verdict", "reason"]]
    return page.csv_text(load("claims").merge(judged, on="claim_id", validate="one_to_one"))


def mend_search(app: Sphinx, error: Exception | None) -> None:
    """Let the search find the text of a page in its ``main`` element: the role that it asks for is taken off."""
    script = Path(app.outdir) / "_static" / "searchtools.js"
    if error is None and script.exists():
        text = script.read_text(encoding="utf-8")
        script.write_text(text.replace('[role="main"]', "main"), encoding="utf-8")


def launch_links(app: Sphinx, config: Any) -> None:
    """Turn the repository's address, where one is set, into launch, repository and edit buttons."""
    options = config.html_theme_options
    address = (options.get("repository_url") or "").rstrip("/")
    known = address.startswith("https://github.com/")
    options["repository_url"] = address
    options["use_repository_button"] = options["use_edit_page_button"] = bool(address)
    options["launch_buttons"] = (
        {
            "binderhub_url": "https://mybinder.org",
            "colab_url": "https://colab.research.google.com",
            "notebook_interface": "jupyterlab",
        }
        if known
        else {}
    )
    options["navbar_persistent"] = []
    config.html_context["default_mode"] = "auto"


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("config-inited", launch_links, priority=10)
    app.connect("build-finished", publish_data)
    app.connect("build-finished", mend_search)
    app.connect("build-finished", mend_pages, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
