"""One small style sheet and one small icon font in place of what the theme ships.

The theme's style sheets hold rules for hundreds of parts that this book does not have. A rule stays
when every class and identifier that it asks for stands in some page or script of the book.
"""

from __future__ import annotations

import io
import posixpath
import re
from pathlib import Path

import tinycss2
from fontTools import subset
from fontTools.ttLib import TTFont

SHEET = "book.css"
ICONS = Path("vendor/fontawesome/webfonts")
NAME = re.compile(r"[A-Za-z_][\w-]*")
GROUPS = {"media", "supports", "layer"}  # at-rules with rules in them


def words(out: Path) -> set[str]:
    """Every name in the pages and scripts: what a class or identifier can be."""
    known: set[str] = set()
    for file in [*out.rglob("*.html"), *(out / "_static").rglob("*.js")]:
        if not file.name.startswith("fontawesome"):
            known |= set(NAME.findall(file.read_text(encoding="utf-8")))
    return known


def bundle(sheets: list[str], static: Path, known: set[str]) -> str:
    """The style sheets, in order, as one without the rules that nothing on a page can match.

    Parameters
    ----------
    sheets : list of str
        Paths below `static`.
    static : pathlib.Path
        The folder ``_static`` of the built book; places named in a sheet are made relative to it.
    known : set of str
        Names that occur in the book, from `words`.
    """
    parts = []
    for sheet in sheets:
        text = (static / sheet).read_text(encoding="utf-8")
        rules = tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True)
        kept = "".join(filter(None, (_rule(rule, known) for rule in rules)))
        folder = posixpath.dirname(sheet)
        parts.append(re.sub(r"url\((['\"]?)(?!data:|#|/)([^)'\"]+)\1\)", lambda m, f=folder: _place(m[2], f), kept))
    return "".join(parts)


def _place(address: str, folder: str) -> str:
    return f'url("{posixpath.normpath(posixpath.join(folder, address))}")'


def _rule(rule: tinycss2.ast.Node, known: set[str]) -> str:
    """One rule as text, or nothing if no page needs it."""
    if rule.type == "at-rule" and rule.lower_at_keyword in GROUPS and rule.content is not None:
        inner = tinycss2.parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True)
        body = "".join(filter(None, (_rule(r, known) for r in inner)))
        return f"@{rule.at_keyword} {tinycss2.serialize(rule.prelude).strip()}{{{body}}}" if body else ""
    if rule.type == "at-rule" and rule.lower_at_keyword in {"import", "charset"}:
        return ""
    if rule.type != "qualified-rule":
        return _short(rule.serialize())
    selectors = [s.strip() for s in _split(tinycss2.serialize(rule.prelude)) if _needed(s, known)]
    return f"{','.join(selectors)}{{{_short(tinycss2.serialize(rule.content))}}}" if selectors else ""


def _split(selectors: str) -> list[str]:
    """A list of selectors at its outer commas."""
    parts, depth = [""], 0
    for sign in selectors:
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += sign
    return parts


def _needed(selector: str, known: set[str]) -> bool:
    """Whether all classes and identifiers of a selector occur; what stands in brackets is not asked."""
    outside = re.sub(r"\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\]]*\]", "", selector)
    return all(name.replace("\\", "") in known for name in re.findall(r"[.#]((?:[\w-]|\\.)+)", outside))


def _short(css: str) -> str:
    return re.sub(r"\s*([{};])\s*", r"\1", re.sub(r"\s+", " ", css)).replace(";}", "}").strip().rstrip(";")


def icon_font(css: str, static: Path) -> str:
    """Cut the icon font to the icons whose rules stayed; other faces of it go.

    Returns
    -------
    str
        The style sheet with one face, `_static/icons.woff`.
    """
    signs = {ord(sign) for sign in css if "\ue000" <= sign <= "\uf8ff"}
    font = TTFont(io.BytesIO((static / ICONS / "fa-solid-900.ttf").read_bytes()), recalcTimestamp=False)
    options = subset.Options(flavor="woff", desubroutinize=True, layout_features=[], name_IDs=[1, 2])
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=signs)
    cutter.subset(font)
    font.flavor = "woff"
    font.save(static / "icons.woff")
    css = re.sub(r"@font-face ?\{[^}]*Font Awesome\\? \d Free[^}]*\}", "", css)  # brands load only where one is shown
    face = (
        '@font-face{font-family:"Font Awesome %s Free";font-weight:900;font-display:block;'
        'src:url("icons.woff") format("woff")}'
    )
    version = re.search(r"Font Awesome (\d) Free", css)
    return face % (version[1] if version else 6) + css
