"""Sphinx extension of the book: mends what the theme gets wrong and adds what it lacks.

It takes off each page what no page uses (scripts for live code and tabs, the icon script of more
than a megabyte, the search index outside the search page, advertisement and widget placeholders),
gives every control a name, and derives launch and edit links from the repository's address.
"""

from __future__ import annotations

import re
import shutil
import sys
import zipfile
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup
from policy import add_policy
from sphinx.application import Sphinx

UNUSED = re.compile(
    r"fontawesome\.js|sphinx-thebe|design-tabs|sphinx-design|togglebutton|searchtools|language_data|searchindex|thebe@|webpack-macros"
)
INLINE = re.compile(r"THEBE_JS_URL|togglebuttonSelector|toggleHint|toggleOpenOnPrint|kernelName|search_as_you_type")
MARK = "sco-book"


def mend(html: str, is_search: bool, in_notebooks: bool) -> str:
    """One page of the theme, mended."""
    prefix = "" if in_notebooks else "../notebooks/"
    html = re.sub(r'href="(?:\.\./notebooks/)?(ledger-\w+)\.ipynb', rf'href="{prefix}\1.html', html)
    html = re.sub(r'href="((?:\.\./)?(?:[\w-]+/)?[\w-]+)\.ipynb(?=["#])', r'href="\1.html', html)
    html = re.sub(r'<span class="(?:w|n|p)">([^<]*)</span>', r"\1", html)
    soup = BeautifulSoup(html, "html.parser")
    head = soup.head
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
    for sidebar in soup.select("#pst-primary-sidebar"):
        sidebar["role"], sidebar["aria-label"] = "complementary", "The book"
    for scroll in soup.select("div.highlight > pre"):
        scroll["tabindex"] = "0"
    head.append(soup.new_tag("meta", attrs={"name": "generator", "content": MARK}))
    return str(soup)


def mend_pages(app: Sphinx, error: Exception | None) -> None:
    """Mend every page that this build wrote."""
    if error is not None or app.builder.format != "html":
        return
    for page in sorted(Path(app.outdir).rglob("*.html")):
        html = page.read_text(encoding="utf-8")
        if "<head" in html and f'content="{MARK}"' not in html:
            mended = mend(html, page.name == "search.html", page.parent.name == "notebooks")
            page.write_text(add_policy(mended), encoding="utf-8")


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
