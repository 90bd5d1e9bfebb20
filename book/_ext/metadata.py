"""What machines read on a page, and the sources' addresses: titles, schema.org, sitemap, redirects.

Everything that needs a public address is left out while the repository's address is not set.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections import defaultdict
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sphinx.application import Sphinx

# ClaimReview's scale, worst to best; only these verdicts are reviews of a fact.
RATING = {"conflicts": 1, "differs": 2, "close": 4, "agrees": 5}
LANGUAGE = "en"
CITED = 8  # places that an entry of the bibliography lists before it counts the rest


def site_address(repository: str) -> str:
    """Where GitHub Pages publishes a repository; empty if the address is not one of GitHub's.

    Examples
    --------
    >>> site_address("https://github.com/someone/book")
    'https://someone.github.io/book/'
    """
    found = re.fullmatch(r"https://github\.com/([\w.-]+)/([\w.-]+?)(?:\.git)?/?", repository)
    return f"https://{found[1].lower()}.github.io/{found[2]}/" if found else ""


def description(html: str, heading: str) -> str:
    """The heading and the first sentences of a page, as a search engine would show them."""
    article = html[html.find("<article") :]
    texts = (re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", p)).strip() for p in re.findall(r"<p>(.*?)</p>", article, re.S))
    words = f"{heading.rstrip('.')}. {next((t for t in texts if len(t) > 40), '')}".strip()
    return words if len(words) <= 160 else words[:157].rsplit(" ", 1)[0] + " …"


def page_metadata(html: str, name: str, site: str, book: dict[str, str]) -> str:
    """Add description, Open Graph and schema.org to one page.

    Parameters
    ----------
    html : str
        The finished page.
    name : str
        Its path in the book, such as ``notebooks/01-introduction.html``.
    site : str
        The public address of the book with a slash at its end, or an empty string.
    book : dict
        ``title``, ``description``, ``author`` and ``licence`` of the book.
    """
    front = name == "book/index.html"
    title = re.search(r"<title>(.*?)</title>", html, re.S)
    heading = (title[1] if title else book["title"]).split(" — ")[0].strip()
    about = escape(book["description"] if front else _text(description(html, heading)), quote=True)
    tags = [
        f'<meta name="description" content="{about}">',
        f'<meta property="og:type" content="{"book" if front else "article"}">',
        f'<meta property="og:title" content="{escape(heading, quote=True)}">',
        f'<meta property="og:description" content="{about}">',
        f'<meta property="og:site_name" content="{escape(book["title"], quote=True)}">',
    ]
    if site:
        tags += [f'<link rel="canonical" href="{site}{name}">', f'<meta property="og:url" content="{site}{name}">']
    whole: dict[str, Any] = {
        "@type": "Book",
        "name": book["title"],
        "author": {"@type": "Organization", "name": book["author"]},
        "license": book["licence"],
        "inLanguage": LANGUAGE,
        **({"url": f"{site}book/index.html"} if site else {}),
    }
    one = whole if front else {"@type": "Chapter", "name": _text(heading), "inLanguage": LANGUAGE, "isPartOf": whole}
    tags.append(_script({"@context": "https://schema.org", **one}))
    return html.replace("</head>", "".join(tags) + "</head>", 1)


def _text(html: str) -> str:
    return re.sub(r"&(amp|lt|gt|quot|#x27);", lambda m: {"amp": "&", "lt": "<", "gt": ">"}.get(m[1], "'"), html)


def _script(data: dict[str, Any]) -> str:
    """JSON-LD that no text in it can end early."""
    text = json.dumps(data, ensure_ascii=False).replace("<", r"\u003c")
    return f'<script type="application/ld+json">{text}</script>'


def claim_reviews(root: Path, site: str) -> list[dict[str, Any]]:
    """A schema.org ClaimReview for each claim whose verdict is a finding about a fact."""
    sys.path.insert(0, str(root / "notebooks"))
    from sco import audit, page

    reviews = []
    for row in audit.verdicts().itertuples():
        if row.verdict in RATING:
            address = f"{page.ledger_of(row.claim_id).replace('.ipynb', '.html')}#{row.claim_id}"
            reviews.append(
                {
                    "@type": "ClaimReview",
                    "url": f"{site}notebooks/{address}",
                    "claimReviewed": row.statement,
                    "itemReviewed": {"@type": "Claim", "datePublished": "2004"},
                    "reviewRating": {
                        "@type": "Rating",
                        "ratingValue": RATING[row.verdict],
                        "bestRating": max(RATING.values()),
                        "worstRating": min(RATING.values()),
                        "alternateName": row.verdict,
                    },
                    "reviewBody": row.reason,
                }
            )
    return reviews


def review_of_page(html: str, name: str, reviews: list[dict[str, Any]]) -> str:
    """Put into a page of the ledger the reviews of the claims on it that do not hold; all are in one file."""
    here = [r for r in reviews if f"/{Path(name).name}#" in f"/{r['url']}" and r["reviewRating"]["ratingValue"] <= 2]
    if not here:
        return html
    alternate = '<link rel="alternate" type="application/ld+json" href="../data/claim-reviews.jsonld" title="Reviews">'
    short = [{k: v for k, v in r.items() if k != "reviewBody"} for r in here]
    return html.replace(
        "</head>", alternate + _script({"@context": "https://schema.org", "@graph": short}) + "</head>", 1
    )


def class_link(html: str, repository: str, branch: str) -> str:
    """On the page for teachers, the link that hands the notebooks out to a class by nbgitpuller."""
    query = urlencode({"repo": repository, "branch": branch, "urlpath": f"lab/tree/{Path(repository).name}/notebooks"})
    words = (
        "<p><strong>For a class on a JupyterHub.</strong> Put the address of your hub before this path, and each "
        "student gets a copy of the notebooks (nbgitpuller): "
        f"<code>/hub/user-redirect/git-pull?{escape(query)}</code></p>"
    )
    return html.replace("</article>", f"{words}</article>", 1)


def sitemap(pages: list[str], site: str) -> str:
    """The sitemap of the book."""
    rows = "".join(f"<url><loc>{escape(site + p)}</loc></url>" for p in sorted(pages))
    return f'<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>'


def redirects(file: Path, out: Path) -> list[str]:
    """Write a page for each moved address in ``book/redirects.csv`` (columns ``old``, ``new``).

    Raises
    ------
    ValueError
        If an old address is still a page or a new one is not; the message names file and row.
    """
    written = []
    with file.open(encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines), 2):
            target, (new, _, anchor) = out / row["old"], row["new"].partition("#")
            if target.exists() and 'http-equiv="refresh"' not in target.read_text(encoding="utf-8")[:400]:
                raise ValueError(f"{file.name}, row {number}: {row['old']} is still a page")
            if not (out / new).exists():
                raise ValueError(f"{file.name}, row {number}: there is no page {new}")
            up = "../" * (len(Path(row["old"]).parts) - 1) + new + (f"#{anchor}" if anchor else "")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(
                f'<!DOCTYPE html><html lang="{LANGUAGE}"><head><meta charset="utf-8"><title>Moved</title>'
                f'<meta http-equiv="refresh" content="0; url={up}"><link rel="canonical" href="{up}"></head>'
                f'<body><p>This page has moved to <a href="{up}">{escape(new)}</a>.</p></body></html>\n',
                encoding="utf-8",
            )
            written.append(row["old"])
    return written


def citation_keys(app: Sphinx) -> dict[str, str]:
    """The key of the bibliography behind each identifier that Sphinx made up for the page of sources."""
    return {c.citation_id: c.key for c in app.env.get_domain("cite").citations}


def citations_by_key(html: str, keys: dict[str, str], is_sources: bool) -> str:
    """Give each entry of the bibliography its key as address, and let links follow."""
    if is_sources:
        html = re.sub(
            r'<div class="citation" id="(id\d+)"', lambda m: f'<div class="citation" id="{keys.get(m[1], m[1])}"', html
        )
        html = re.sub(r'<span class="fn-bracket">([\[\]])</span>', r"\1", html)
    return re.sub(r'(href="[^"]*sources\.html#)(id\d+)"', lambda m: f'{m[1]}{keys.get(m[2], m[2])}"', html)


def places_of_use(root: Path) -> dict[str, str]:
    """For each source, as HTML, where it is cited: notes of the thesis and claims that it is compared with."""
    sys.path.insert(0, str(root / "notebooks"))
    from sco import load, page

    notes: dict[str, list[str]] = defaultdict(list)
    for row in load("footnotes").itertuples():
        for key in str(row.keys or "").split():
            notes[key].append(str(row.note))
    source = load("references").set_index("ref_id")["source"].to_dict()
    claims: dict[str, list[str]] = defaultdict(list)
    for row in load("claims").dropna(subset=["references"]).itertuples():
        for key in dict.fromkeys(source[r] for r in row.references.split() if r in source):
            claims[key].append(row.claim_id)
    used: dict[str, list[str]] = defaultdict(list)
    for key, numbers in notes.items():
        used[key].append(f"{'Note' if len(numbers) == 1 else 'Notes'} {', '.join(numbers)}")
    for key, ids in claims.items():
        links = [
            f'<a href="../notebooks/{page.ledger_of(i).replace(".ipynb", ".html")}#{i}">{i}</a>' for i in ids[:CITED]
        ]
        more = f" and {len(ids) - CITED} more" if len(ids) > CITED else ""
        used[key].append(f"Claims {', '.join(links)}{more}" if len(ids) > 1 else f"Claim {links[0]}")
    return {key: "; ".join(parts) for key, parts in used.items()}


def add_places(html: str, used: dict[str, str]) -> str:
    """Say under each entry of the bibliography where it is cited."""

    def entry(found: re.Match[str]) -> str:
        place = used.get(found[1])
        return f"{found[0]} <small>{place}.</small>" if place else found[0]

    return re.sub(r'<div class="citation" id="([^"]+)">.*?(?=</p>)', entry, html, flags=re.S)
