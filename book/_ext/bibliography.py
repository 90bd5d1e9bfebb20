"""Sphinx extension: the bibliography in the order in which a reader looks a work up.

A work stands under the name of its author, person or body, or under its title where it names none.
BibTeX's own styles put works without author first, by their dates, and bodies after all persons.
"""

from __future__ import annotations

import re
from typing import Any

from pybtex.database import Entry
from pybtex.plugin import register_plugin
from pybtex.style.formatting.plain import Style
from pybtex.style.sorting import BaseSortingStyle
from sphinx.application import Sphinx

NAME = "by_name"


def filed_under(entry: Entry) -> str:
    """The words under which a work is looked up: names of its authors, else its title."""
    people = entry.persons.get("author") or entry.persons.get("editor") or []
    names = [" ".join([*p.prelast_names, *p.last_names, *p.first_names, *p.middle_names]) for p in people]
    words = " ".join(names) or entry.fields.get("title", "")
    return re.sub(r"^(the|an?) ", "", re.sub(r"[^\w\s]", "", words.casefold()).strip())


class ByName(BaseSortingStyle):  # type: ignore[misc]
    """Name or title, then year, then title."""

    def sorting_key(self, entry: Entry) -> tuple[str, str, str]:
        """The key by which `sorted` puts an entry into its place."""
        year = re.search(r"\d{4}", entry.fields.get("year", ""))
        return filed_under(entry), year[0] if year else "", entry.fields.get("title", "").casefold()


class ByNameStyle(Style):  # type: ignore[misc]
    """The style ``plain`` in that order, with dollar signs as readers know them."""

    default_sorting_style = NAME

    def format_entry(self, label: str, entry: Entry, bib_data: Any = None) -> Any:
        """One entry; an escaped dollar sign is a dollar sign, which the decoder of LaTeX leaves alone."""
        plain = Entry(entry.type, {k: v.replace(r"\$", "$") for k, v in entry.fields.items()}, entry.persons)
        plain.key = entry.key
        return super().format_entry(label, plain, bib_data)


register_plugin("pybtex.style.sorting", NAME, ByName)
register_plugin("pybtex.style.formatting", NAME, ByNameStyle)


def setup(app: Sphinx) -> dict[str, Any]:
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
