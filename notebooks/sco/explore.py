"""Explorers: a choice the reader makes, as a widget in a live kernel and as plain HTML without one.

The HTML needs no script: radio buttons and a style sheet show the view that is chosen, and where
the style sheet is missing all views stand one below the other, each under its name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import Any

from sco.page import View, dressed

# As many answers as the style sheet has rules for.
MOST = 20


class Explorer(View):
    """Views under a choice.

    Parameters
    ----------
    name : str
        The explorer's address on the page, lower-case with hyphens.
    question : str
        What the reader chooses, as a question or a label.
    views : mapping of str to View
        The view for each answer; the first is shown at first.

    Raises
    ------
    ValueError
        If the name is no address or there are fewer than two views or more than `MOST`.
    """

    def __init__(self, name: str, question: str, views: Mapping[str, View]) -> None:
        if not re.fullmatch(r"[a-z0-9-]+", name):
            raise ValueError(f"an explorer's name is made of a-z, 0-9 and hyphens: {name!r}")
        if not 2 <= len(views) <= MOST:
            raise ValueError(f"explorer {name!r} has {len(views)} views; there may be 2 to {MOST}")
        self.name, self.question, self.views = name, question, dict(views)
        text = f"{question} " + " | ".join(f"{answer}: {view.text}" for answer, view in views.items())
        super().__init__(self._static(), text)

    def _static(self) -> str:
        parts = [f'<fieldset class="sco-explorer" id="{self.name}"><legend>{escape(self.question)}</legend>']
        for i, answer in enumerate(self.views):
            mark = " checked" if i == 0 else ""
            radio = f'<input type="radio" name="{self.name}" id="{self.name}-{i}"{mark}>'
            parts.append(f"<label>{radio}{escape(answer)}</label> ")
        for answer, view in self.views.items():
            parts.append(f'<div class="sco-panel"><p class="sco-answer">{escape(answer)}</p>{view.html}</div>')
        return "".join([*parts, "</fieldset>"])

    def widget(self) -> Any:
        """The explorer as an ipywidget that answers to Python."""
        import ipywidgets as widgets

        choice = widgets.RadioButtons(
            options=list(self.views), description=self.question, style={"description_width": "initial"}
        )
        choice.layout.width = "auto"
        panel = widgets.HTML(dressed(self.views[choice.value].html))
        choice.observe(lambda change: setattr(panel, "value", dressed(self.views[change["new"]].html)), names="value")
        return widgets.VBox([choice, panel])

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        bundle = self.widget()._repr_mimebundle_()
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        return {**data, "text/html": self.html, "text/plain": self.text}
