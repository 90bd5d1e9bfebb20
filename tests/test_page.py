"""What a page shows: tables, figures, sentences and explorers, and that data cannot inject markup."""

from __future__ import annotations

import base64
import io
import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sco import audit, figures, page, svg
from sco.explore import Explorer

HOSTILE = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "=HYPERLINK(1)", "../../etc/passwd", "a & b"]


def csv_of(view: page.View) -> pd.DataFrame:
    data = re.search(r"base64,([^\"]+)\"", view.html)
    assert data is not None
    return pd.read_csv(io.BytesIO(base64.b64decode(data[1])))


def test_a_table_has_number_caption_source_and_download() -> None:
    view = page.table(pd.DataFrame({"page": [4, 5], "value": [5.4, None]}), "1.3", note="a remark")
    assert 'id="table-1-3"' in view.html
    assert "Table 1.3" in view.html and "Oil and gas reserves" in view.html
    assert "Source: thesis, pp. 4–5; a remark." in view.html
    assert '<table class="n1 n2">' in view.html and "<td>–</td>" in view.html
    assert csv_of(view).iloc[0].tolist() == [4, 5.4]


def test_a_column_may_show_one_number_of_decimals_and_a_part_its_own_pages() -> None:
    frame = pd.DataFrame({"pair": ["a", "b", "c"], "s": [1.0, -0.5, float("nan")]})
    view = page.table(frame, "1.3", pages="0 8-9", decimals={"s": 2})
    assert re.findall(r"<td>([^<]*)</td>", view.html) == ["1.00", "−0.50", "–"]
    assert "Source: thesis, preface, pp. 8–9." in view.html
    assert csv_of(view)["S"].tolist()[:2] == [1, -0.5], "the download keeps the numbers"


def test_hostile_cells_stay_text() -> None:
    view = page.table(pd.DataFrame({"name": HOSTILE}), "1.3", title=HOSTILE[0], note=HOSTILE[1])
    shown = re.sub(r"data:text/csv[^\"]*", "", view.html)
    assert "<script" not in shown and "<img" not in shown
    assert csv_of(view).iloc[2, 0] == "'=HYPERLINK(1)"


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1))
def test_any_text_survives_as_text(text: str) -> None:
    html = page._grid(pd.DataFrame({"name": [text]}), {"name": "Name"})
    body = re.search(r"<tbody>.*</tbody>", html, re.S)
    assert body is not None
    assert set(re.findall(r"<(\w+)", body[0])) == {"tbody", "tr", "th"}


def test_unknown_exhibits_and_states_are_named_with_what_there_is() -> None:
    with pytest.raises(KeyError, match=r"no exhibit '9\.9'; there are: 1\.1"):
        page.table(pd.DataFrame({"a": [1]}), "9.9")
    with pytest.raises(KeyError, match=r"no state 'XXX'; there are: CHN"):
        page.names("CHN XXX")
    with pytest.raises(KeyError, match="no ledger '9'; there are: 1 2"):
        page.ledger_range("9")


def test_a_figure_needs_words() -> None:
    fig, _ = figures.canvas()
    with pytest.raises(ValueError, match="says too little"):
        page.figure(fig, "1.3", alt="a chart")


def test_figures_are_the_same_every_time_and_follow_the_page() -> None:
    def draw() -> str:
        fig, ax = figures.canvas()
        ax.plot([0, 1], [0, 1], color=figures.BLUE)
        ax.text(0, 0, "words", color=figures.INK)
        return page.figure(fig, "1.3", alt="A line that rises from nought to one, as a test of drawing.").html

    one = draw()
    assert one == draw()
    assert "var(--sco-blue" in one and "currentColor" in one
    assert ">words</text>" in one, "text must stay text"
    assert 'role="img" aria-label="A line' in one
    assert not re.search(r"\d{4}-\d\d-\d\dT", one), "a figure holds the time it was drawn"


@given(st.lists(st.tuples(st.floats(-999, 999), st.floats(-999, 999)), min_size=2, max_size=12), st.booleans())
def test_shortened_paths_go_through_the_same_points(points: list[tuple[float, float]], closed: bool) -> None:
    long = " ".join(f"{'M' if i == 0 else 'L'} {x:.6f} {y:.6f}" for i, (x, y) in enumerate(points)) + (
        " z" if closed else ""
    )
    short = svg.path(long)
    numbers = [float(n) for n in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", short)]
    x, y = numbers[:2]
    seen = [(x, y)]
    for dx, dy in zip(numbers[2::2], numbers[3::2], strict=True):
        x, y = x + dx, y + dy
        seen.append((x, y))
    for px, py in points:
        assert min(max(abs(px - sx), abs(py - sy)) for sx, sy in seen) < 0.0501


@pytest.mark.parametrize(
    ("pages", "words"),
    [
        ("4", "p. 4"),
        ("4 5", "pp. 4–5"),
        ("0", "preface"),
        ("0 8 9 10 29", "preface, pp. 8–10, 29"),
        ("7-9 33", "pp. 7–9, 33"),
    ],
)
def test_pages_in_words(pages: str, words: str) -> None:
    assert page.thesis_pages(pages) == words


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (float("nan"), "–"),
        (True, "yes"),
        (False, "no"),
        (1999, "1999"),
        (12000, "12,000"),
        (5.4, "5.4"),
        (7000.0, "7,000"),
        ("2001-06-15", "15 June 2001"),
        ("0601/0800", "601–800"),
        ("7 33 34", "7, 33, 34"),
        ("30-31 39", "30–31, 39"),
        ("01-05", "1–5"),
        ("1-2-3", "1-2-3"),
    ],
)
def test_values_as_the_reader_sees_them(value: object, text: str) -> None:
    assert page.shown(value) == text


def test_small_words() -> None:
    assert page.number(3) == "three" and page.number(40) == "40"
    assert page.listing([]) == "" and page.listing(["a"]) == "a" and page.listing(["a", "b", "c"]) == "a, b and c"
    assert page.words("no-ocean-access") == "no ocean access" and page.words(None) is None
    assert page.between("chn-kaz.west") == "China and Kazakhstan, west"
    assert page.names("CHN RUS") == "China, Russia" and page.names(None) == ""


@pytest.mark.parametrize(("key", "column"), [("claim_id", "verdict"), ("forecast_id", "outcome")])
def test_holds_stops_a_sentence_that_is_no_longer_true(key: str, column: str) -> None:
    """The guard passes what is so and names the key whose value has changed or that has gone."""
    table = pd.DataFrame({key: ["x1"], column: ["agrees"]})
    page.holds(table, "agrees", "x1", column=column)
    with pytest.raises(ValueError, match=f"x1 differs; its {column} is agrees"):
        page.holds(table, "differs", "x1", column=column)
    with pytest.raises(ValueError, match=f"its {column} is missing"):
        page.holds(table, "agrees", "x1", "x9", column=column)


def test_every_claim_has_one_address_in_the_ledger() -> None:
    seen: list[str] = []
    for part in page.LEDGERS:
        seen += re.findall(r'<tr id="(c\d{3}-\d\d)"', page.ledger(part).html)
    verdicts = audit.verdicts()
    assert sorted(seen) == sorted(verdicts["claim_id"])
    assert page.ledger_of("c045-01") == "ledger-2.ipynb" and page.ledger_of("c046-01") == "ledger-3a.ipynb"


def test_counts_and_dictionary() -> None:
    verdicts = pd.DataFrame({"verdict": pd.Categorical(["agrees", "agrees"], audit.VERDICTS)})
    assert page.verdict_counts(verdicts).text.startswith("2 agrees, 0 close")
    html = page.dictionary().html
    assert 'id="data-claims"' in html and "href=#data-sections" in html


def test_the_data_page_links_every_table_and_counts_its_rows() -> None:
    """Each table of the package has a download and an entry in the index that leads to its description."""
    import sco

    links, index, whole = page.downloads().html, page.dictionary_index({"claims": 1234}), page.dictionary().html
    for name in sco.tables():
        assert f'href="../data/{name}.csv"' in links and f'id="data-{name}"' in whole
    assert 'href="#data-claims"' in index.html and ">1,234<" in index.html and index.text == "claims: 1234"


def test_what_is_doubtful_comes_in_the_order_of_its_weight() -> None:
    """Contradicted claims first, then conflicts, then close ones, each in the order of the ledger; no others."""
    words = ["close", "agrees", "differs", "conflicts", "differs", "unverified"]
    verdicts = pd.DataFrame({"claim_id": list("abcdef"), "verdict": pd.Categorical(words, audit.VERDICTS)})
    found = page.doubtful(verdicts.assign(statement="s", reason="r", kind="k"))
    assert list(found["claim_id"]) == ["c", "e", "d", "a"]
    assert list(found.columns) == ["claim_id", "statement", "verdict", "reason"]


def test_cells_with_a_meaning_are_marked() -> None:
    """A claim's number is a link to its place in the ledger, a verdict has its sign, page 0 is the preface."""
    frame = pd.DataFrame({"claim_id": ["c046-01"], "page": [0], "verdict": ["differs"], "empty": [""]})
    html = page.table(frame, "1.3").html
    assert 'href="ledger-3a.ipynb#c046-01">c046-01</a>' in html
    assert "✗</span> differs" in html and ">preface</td>" in html and ">–</td>" in html


def test_a_view_is_html_and_text_and_a_sentence_is_markdown(monkeypatch: pytest.MonkeyPatch) -> None:
    """What Jupyter is handed: markup for readers and words for terminals; computed prose as Markdown."""
    monkeypatch.setenv("SCO_STYLED", "1")
    assert page.View("<p>a</p>", "a")._repr_mimebundle_() == {"text/html": "<p>a</p>", "text/plain": "a"}
    monkeypatch.delenv("SCO_STYLED")
    live = page.View("<p>a</p>", "a")._repr_mimebundle_()
    assert live == {"text/html": f"{page.LOOK}<p>a</p>", "text/plain": "a"}, "an open notebook has no style sheet"
    assert page.Prose("*a*")._repr_mimebundle_() == {"text/markdown": "*a*", "text/plain": "*a*"}


VIEWS = {"yes": page.View("<p>one</p>", "one"), "no": page.View("<p>two</p>", "two")}


def test_an_explorer_offers_widget_html_and_text() -> None:
    explorer = Explorer("unit", "Which <unit>?", VIEWS)
    bundle = explorer._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["text/html"].count('type="radio"') == 2 and bundle["text/html"].count(" checked") == 1
    assert "Which &lt;unit&gt;?" in bundle["text/html"]
    assert bundle["text/plain"] == "Which <unit>? yes: one | no: two"


def test_the_widget_answers_to_a_choice() -> None:
    choice, panel = Explorer("unit", "Which?", VIEWS).widget().children
    assert panel.value == page.dressed("<p>one</p>")
    choice.value = "no"
    assert panel.value == page.dressed("<p>two</p>")


def test_bad_explorers_are_refused() -> None:
    with pytest.raises(ValueError, match="made of a-z"):
        Explorer("My unit", "Which?", VIEWS)
    with pytest.raises(ValueError, match="may be 2 to 20"):
        Explorer("unit", "Which?", {"yes": VIEWS["yes"]})
    with pytest.raises(ValueError, match="21 views"):
        Explorer("unit", "Which?", {str(n): VIEWS["yes"] for n in range(21)})


def test_claims_in_cells_lead_to_the_ledger() -> None:
    """One claim or several in a cell are links to their addresses; other words stay words."""
    frame = pd.DataFrame({"reason": ["x"], "claims": ["c052-01 c089-02"], "other": ["c052-01 and more"]})
    html = page.table(frame, "1.3").html
    assert '<a href="ledger-3a.ipynb#c052-01">c052-01</a> <a href="ledger-3b.ipynb#c089-02">c089-02</a>' in html
    assert "<td>c052-01 and more</td>" in html


def test_tables_of_claims_can_be_stacked_and_their_numbers_keep_their_head() -> None:
    """A table that begins with claim, statement and verdict is marked for the style sheet, any other is not."""
    claims = {"claim_id": ["c001-01"], "statement": ["s"], "verdict": ["agrees"], "conclusions": [7]}
    html = page.table(pd.DataFrame(claims), "1.3", labels={"conclusions": "Resting"}).html
    assert 'stack"><thead>' in html and '<td data-h="Resting">7</td>' in html
    other = page.table(pd.DataFrame({"state": ["KAZ"], "page": [7]}), "1.3").html
    assert "stack" not in other and "data-h" not in other
