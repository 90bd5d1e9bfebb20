"""Turn a matplotlib figure into compact SVG markup that follows the page's colours.

What matplotlib writes is three to four times as long as what a page needs: every mark stands in a
group of its own, repeats its whole style and is clipped to an area that it does not leave. Here
groups without meaning are opened, neighbours of one style share it, and coordinates are kept to a
tenth of a point. Text stays text, ink takes the page's colour, identifiers are stable.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from html import escape
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from sco.figures import THEME

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHAPES = {"path", "text", "use", "rect", "circle", "line", "image"}
# What a mark has when nothing is said, under the root that `markup` writes.
INITIAL = {"stroke": "none", "text-anchor": "start", "stroke-dasharray": "none", "opacity": "1"}
# Properties of text and ends of lines that the page's own style sheet settles.
DROPPED = {"font-family", "font-style", "font-stretch", "stroke-linecap", "stroke-linejoin", "stroke-dashoffset"}


class _Mark:
    """A shape with its style apart from its place."""

    def __init__(self, tag: str, style: dict[str, str], place: dict[str, str], text: str) -> None:
        self.tag, self.style, self.place, self.text = tag, style, place, text


def markup(fig: Figure, alt: str, salt: str) -> str:
    """A figure as compact SVG.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        What is drawn; sizes are in points.
    alt : str
        What the figure shows, for those who do not see it.
    salt : str
        The anchor of the exhibit; it begins each identifier in the markup.

    Returns
    -------
    str
        One ``<svg>`` element without line breaks.
    """
    import matplotlib as mpl

    buffer = io.StringIO()
    # A figure that lays itself out is cut to what it shows; one without a layout is drawn once, as it is.
    bounds = "tight" if fig.get_layout_engine() else None
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": salt, "savefig.bbox": bounds}):
        fig.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    root = ElementTree.fromstring(buffer.getvalue())
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        for name in [n for n in element.attrib if "}" in n]:
            element.set(name.rpartition("}")[2], element.attrib.pop(name))
    clips = {
        f"url(#{c.get('id')})": area
        for c in root.iter("clipPath")
        if (r := c.find("rect")) is not None and (area := [float(r.get(k, "0")) for k in ("x", "y", "width", "height")])
    }
    marks = _marks(root, {}, clips)
    defs = _definitions(root, marks)
    size = Counter(m.style.get("font-size", "") for m in marks if m.tag == "text").most_common(1)
    base = {"fill": "currentColor", **({"font-size": size[0][0]} if size else {})}
    body = _written(marks, base)
    view = f'viewBox="{root.get("viewBox")}"{_attributes(base)}'
    head = f'<svg {view} role="img" aria-label="{escape(alt, quote=True)}">'
    names = {
        old: f"{salt.replace('figure-', 'f')}-{n}"
        for n, old in enumerate(sorted(set(re.findall(r'(?:id="|href="#|url\(#)([^")]+)', body + defs))), 1)
    }
    inner = re.sub(r'(id="|href="#|url\(#)([^")]+)', lambda m: m[1] + names[m[2]], defs + body)
    return f"{head}{inner}</svg>"


def _marks(element: ElementTree.Element, style: dict[str, str], clips: dict[str, list[float]]) -> list[_Mark]:
    """The shapes under an element in the order in which they are painted, groups opened."""
    found: list[_Mark] = []
    for child in element:
        own = {**style, **_style(child)}
        if child.tag in SHAPES:
            place = {k: v for k, v in child.attrib.items() if k not in {"style", "id", "clip-path"}}
            points = place.get("d") or f"{place.get('x', 'NaN')} {place.get('y', 'NaN')}"
            clip = child.get("clip-path") or own.pop("clip-path", "")
            if clip and not (clip in clips and _inside(points, clips[clip])):
                own["clip-path"] = clip
            if child.tag == "path":
                place["d"] = path(place["d"])
            if re.fullmatch(r"rotate\(-?0 .*\)", place.get("transform", "")):
                del place["transform"]
            if child.tag == "path" and own.get("fill") == "none" and own.get("stroke", "none") == "none":
                continue
            found.append(_Mark(child.tag, own, place, child.text or ""))
        elif child.tag in {"g", "a"}:
            if "clip-path" in child.attrib:
                own["clip-path"] = child.attrib["clip-path"]
            inner = _marks(child, own, clips)
            for mark in inner if "transform" in child.attrib else []:
                mark.place["transform"] = f"{child.attrib['transform']} {mark.place.get('transform', '')}".strip()
            if child.get("id", "").startswith("matplotlib.axis"):  # ticks together, then their labels
                inner.sort(key=lambda mark: (mark.tag == "text", mark.tag))
            found += inner
    return found


def _style(element: ElementTree.Element) -> dict[str, str]:
    """The style of an element as properties."""
    style: dict[str, str] = {}
    for part in element.get("style", "").split(";"):
        name, _, value = (p.strip() for p in part.partition(":"))
        if name == "font":
            size = re.search(r"[\d.]+px", value)
            weight = re.match(r"(bold|\d00)\b", value)
            style |= {"font-size": size[0] if size else ""} | ({"font-weight": weight[0]} if weight else {})
        elif name and name not in DROPPED:
            style[name] = THEME.get(value, re.sub(r"(\d+\.\d\d)\d+", r"\1", value))
    return style


def _inside(data: str, area: list[float]) -> bool:
    """Whether a path stays in the rectangle (x, y, width, height) that it is clipped to."""
    points = [(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+) (-?[\d.]+)", data)]
    left, top, width, height = area
    slack = 1.0  # half of the widest line
    if not points:
        return False
    return all(
        left - slack <= x <= left + width + slack and top - slack <= y <= top + height + slack for x, y in points
    )


def _definitions(root: ElementTree.Element, marks: list[_Mark]) -> str:
    """The markers, patterns and clipping areas that the marks use."""
    used = set(re.findall(r"#([^)\s\"]+)", " ".join(v for m in marks for v in (*m.place.values(), *m.style.values()))))
    kept = []
    for defs in root.iter("defs"):
        for item in defs:
            if item.get("id") in used:
                kept.append(_plain(item))
    return f"<defs>{''.join(kept)}</defs>" if kept else ""


def _plain(element: ElementTree.Element) -> str:
    """An element of the definitions as markup."""
    style = {
        k: v for k, v in _style(element).items() if element.tag != "path" or k in {"fill", "stroke", "stroke-width"}
    }
    attributes = {k: path(v) if k == "d" else v for k, v in element.attrib.items() if k != "style"}
    inner = "".join(_plain(child) for child in element)
    return f"<{element.tag}{_attributes({**attributes, **style})}" + (f">{inner}</{element.tag}>" if inner else "/>")


def _written(marks: list[_Mark], base: dict[str, str]) -> str:
    """The marks as markup; neighbours of one style stand in a group that has it."""
    runs: list[tuple[dict[str, str], list[str]]] = []
    for mark in marks:
        style = {k: v for k, v in mark.style.items() if v and base.get(k, INITIAL.get(k)) != v}
        if mark.tag == "text":
            style = {k: v for k, v in style.items() if not k.startswith("stroke")}
        else:
            style.pop("font-size", None)
        place = {k: (_short(v) if k in {"x", "y", "transform"} else v) for k, v in mark.place.items()}
        one = f"<{mark.tag}{_attributes(place)}" + (
            f">{escape(mark.text, quote=False)}</{mark.tag}>" if mark.text else "/>"
        )
        if runs and runs[-1][0] == style:
            runs[-1][1].append(one)
        else:
            runs.append((style, [one]))
    parts = []
    for style, items in runs:
        # A clip on <use> itself would move with the mark; on a group around it, it stays where it is.
        if len(items) == 1 and style and not ("clip-path" in style and items[0].startswith("<use")):
            tag, rest = re.findall(r"^(<\w+)(.*)$", items[0], re.S)[0]
            parts.append(f"{tag}{_attributes(style)}{rest}")
        elif style:
            parts.append(f"<g{_attributes(style)}>{''.join(items)}</g>")
        else:
            parts += items
    return "".join(parts)


def _attributes(values: dict[str, str]) -> str:
    return "".join(f' {k}="{escape(v, quote=True)}"' for k, v in values.items())


def _short(numbers: str) -> str:
    """Numbers to a tenth."""
    return re.sub(r"-?\d+\.\d+", lambda m: f"{round(float(m[0]), 1):g}", numbers)


def path(data: str) -> str:
    """Path data in steps of a tenth of a point; straight lines are written as relative moves."""
    if set(re.findall(r"[A-Za-z]", data)) - set("MLz"):
        return re.sub(r"\s*([A-Za-z])\s*", r"\1", _short(data)).strip()
    parts, x, y = [], 0, 0
    for letter, across, down in re.findall(r"([MLz])(?: (-?[\d.]+) (-?[\d.]+))?", data):
        if letter == "z":
            parts.append("z")
            continue
        new_x, new_y = round(float(across) * 10), round(float(down) * 10)
        if letter == "M":
            parts.append(f"M{new_x / 10:g} {new_y / 10:g}l")
        elif (new_x, new_y) != (x, y):
            parts.append(f"{(new_x - x) / 10:g} {(new_y - y) / 10:g} ")
        x, y = new_x, new_y
    text = re.sub(r"(?<!\d)0\.", ".", "".join(parts)).replace(" -", "-").replace(" z", "z").replace("lz", "z")
    return re.sub(r"l(?=M|$)", "", text.strip())  # a line that goes nowhere
