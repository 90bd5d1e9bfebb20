"""A content security policy for each finished page: it runs the book's own scripts and nothing else.

Static hosts send no headers, so that the policy is an element of the page. Scripts and styles come
from the book's files; what stands in a page itself is allowed by its digest. No page may talk to
another host, be given another base address, or hold plugins or frames.
"""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

# The scripts and event handlers that the theme writes into a page. Any other that a page holds, say
# in a notebook's output, is a mistake: it fails the build instead of being allowed.
SCRIPTS = [
    re.compile(
        r'document\.documentElement\.dataset\.mode = localStorage\.getItem\("mode"\) \|\| "auto"; '
        r'document\.documentElement\.dataset\.theme = localStorage\.getItem\("theme"\) \|\| "auto";'
    ),
    re.compile(
        r"// Activate the search field on page load "
        r'let searchInput = document\.querySelector\("form\.bd-search input"\); '
        r"if \(searchInput\) \{ searchInput\.focus\(\); searchInput\.select\(\); "
        r'console\.log\("\[PST\]: Set focus on search field\."\); \}'
    ),
]
HANDLERS = {"toggleFullScreen()", "window.print()"}
JAVASCRIPT = {"", "module", "text/javascript", "application/javascript"}
CHARSET = re.compile(r"<head[^>]*>\s*<meta charset=[^>]*>")
MARK = '<meta http-equiv="Content-Security-Policy"'


class _Inline(HTMLParser):
    """Collects what a page itself holds of scripts, styles and event handlers."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.scripts: set[str] = set()
        self.styles: set[str] = set()
        self.handlers: set[str] = set()
        self.attributes: set[str] = set()
        self.searches = False
        self._inside: set[str] | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name.startswith("on"):
                self.handlers.add(value or "")
            elif name == "style":
                self.attributes.add(value or "")
            elif (value or "").strip().lower().startswith("javascript:"):
                raise ValueError(f"a link that is a script: {value}")
        given = {name: value or "" for name, value in attrs}
        self.searches |= "searchtools" in given.get("src", "")
        if tag == "script" and "src" not in given and given.get("type", "").strip().lower() in JAVASCRIPT:
            self._inside, self._text = self.scripts, ""
        elif tag == "style":
            self._inside, self._text = self.styles, ""

    def handle_data(self, data: str) -> None:
        if self._inside is not None:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style"} and self._inside is not None:
            self._inside.add(self._text)
            self._inside = None


def add_policy(html: str) -> str:
    """Give one finished page its policy.

    Parameters
    ----------
    html : str
        A whole page, just as it will be written; nothing in it may change afterwards.

    Returns
    -------
    str
        The page with the policy behind its declaration of the encoding, before anything that the
        policy is about. A page without a head (a redirection) or with a policy comes back unchanged.

    Raises
    ------
    ValueError
        If the page holds a script or an event handler that is not the theme's.
    """
    place = CHARSET.search(html)
    if place is None or MARK in html:
        return html
    inline = _Inline()
    inline.feed(html)
    inline.close()
    for script in sorted(inline.scripts):
        text = " ".join(script.split())
        if text and not any(known.fullmatch(text) for known in SCRIPTS):
            raise ValueError(f"a script in the page that is not the theme's: {text[:80]}")
    if foreign := sorted(inline.handlers - HANDLERS):
        raise ValueError(f"an event handler that is not the theme's: {foreign[0][:80]}")
    return f'{html[: place.end()]}\n{MARK} content="{policy(inline)}"/>{html[place.end() :]}'


def policy(inline: _Inline) -> str:
    """The policy for a page that holds just this."""
    # A page that is opened as a file has no origin that 'self' could mean; `file:` means nothing elsewhere.
    own = "'self' file:"
    rules = {
        "default-src": "'none'",
        "base-uri": "'none'",
        "connect-src": own,  # the search reads pages for its extracts
        "font-src": own,
        "form-action": own,
        "img-src": f"{own} data:",
        "script-src": " ".join([own, *_digests(inline.scripts)]),
        # All of the theme's, whatever the page has: the search takes other pages apart, handlers and all.
        "script-src-attr": _attributes(HANDLERS),
        "style-src": " ".join([own, *_digests(inline.styles)]),
        "style-src-attr": "'unsafe-inline'" if inline.searches else _attributes(inline.attributes),
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _digests(texts: set[str]) -> list[str]:
    digests = (hashlib.sha256(text.encode("utf-8")).digest() for text in texts)
    return sorted(f"'sha256-{base64.b64encode(digest).decode('ascii')}'" for digest in digests)


def _attributes(texts: set[str]) -> str:
    # The digests of attributes count only with this word, which allows nothing by itself.
    return " ".join(["'unsafe-hashes'", *_digests(texts)]) if texts else "'none'"
