"""Say of each claim whether it holds, against what, and why.

Every verdict is computed from the claim's printed value, its hedge and the tolerances below; none
is stored. A rule looks at one claim and returns findings; `verdicts` sums the findings up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from math import inf, isclose, log
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from sco.tables import WORDS, about, load, tables

VERDICTS = ["agrees", "close", "differs", "conflicts", "unverified", "judgement"]
JUDGEMENTS = {"causal", "evaluation", "prediction", "prescription"}

# How far an independent figure may lie below and above the printed one, as a share of the printed
# one, for the printed one to agree with it. "More than 100" is still true of 125, and a claim
# that "nearly 100" were there is made of 92 rather than of 108.
HEDGES: dict[str, tuple[float, float]] = {
    "exact": (0.02, 0.02),
    "about": (0.075, 0.075),
    "nearly": (0.10, 0.02),
    "more-than": (0.0, 0.25),
    "at-least": (0.0, 0.25),
    "less-than": (0.25, 0.0),
    "at-most": (0.25, 0.0),
    "between": (0.02, 0.02),
}
# Beyond those limits a figure is still close within this share, and a date within these days.
CLOSE = 0.10
CLOSE_DAYS = 3
# "Early", "mid" and "late" stand for the first, second and last third of the period named.
THIRDS = {"early": 0, "mid": 1, "late": 2}


class Finding(NamedTuple):
    """What one rule says of one claim: ``outcome`` is agrees, close, differs or conflicts."""

    claim_id: str
    rule: str
    outcome: str
    sentence: str


class Span(NamedTuple):
    """The days that a partial ISO date may mean, first and last."""

    first: date
    last: date


@dataclass(frozen=True)
class Tolerances:
    """The limits by which `verdicts` judges; the defaults are the book's."""

    hedges: dict[str, tuple[float, float]] = field(default_factory=lambda: dict(HEDGES))
    close: float = CLOSE
    close_days: int = CLOSE_DAYS


# -- dates -----------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def span(text: str) -> Span:
    """The days that an ISO date, partial date or span of dates covers.

    Parameters
    ----------
    text : str
        ``2001``, ``2001-06``, ``2001-06-14`` or ``2001-06-14/2001-06-15``.

    Returns
    -------
    Span

    Raises
    ------
    ValueError
        If the text is none of these.
    """
    first, _, last = text.partition("/")
    return Span(_edge(first, False), _edge(last or first, True))


def _edge(text: str, end: bool) -> date:
    parts = [int(p) for p in text.split("-")]
    if len(parts) == 3:
        return date(*parts)
    year, month = parts[0], parts[1] if len(parts) == 2 else 12 if end else 1
    if not end:
        return date(year, month, 1)
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def in_words(text: str) -> str:
    """A partial ISO date or span as prose has it: ``14–15 June 2001``, ``April 1990``, ``1801–1900``."""
    first, _, last = text.partition("/")
    start, end = first.split("-")[::-1], (last or first).split("-")[::-1]
    shared = 0
    while shared < min(len(start), len(end)) - 1 and start[-1 - shared :] == end[-1 - shared :]:
        shared += 1
    said = _date_words(end)
    return said if not last or first == last else f"{_date_words(start[: len(start) - shared], end)}–{said}"


def _date_words(parts: list[str], full: list[str] | None = None) -> str:
    named = [str(int(p)) for p in parts]
    month = len(full or parts) - 2 if len(full or parts) > 1 else None
    if month is not None and month < len(parts):
        named[month] = MONTHS[int(parts[month]) - 1]
    return " ".join(named)


def hedged_span(text: str, hedge: str) -> Span:
    """The span of a date as hedged: early, mid and late narrow it to a third, about widens it by its length."""
    days = span(text)
    length = (days.last - days.first).days + 1
    if hedge in THIRDS and length > 2:
        third = length // 3
        first = days.first + timedelta(days=third * THIRDS[hedge])
        return Span(first, days.last if hedge == "late" else first + timedelta(days=third))
    if hedge == "about":
        return Span(days.first - timedelta(days=length), days.last + timedelta(days=length))
    return days


def compare_dates(claimed: Span, other: Span, close_days: int = CLOSE_DAYS) -> str:
    """agrees where the two spans share a day, close within `close_days`, else differs."""
    gap = max((claimed.first - other.last).days, (other.first - claimed.last).days)
    return "agrees" if gap <= 0 else "close" if gap <= close_days else "differs"


# -- values ----------------------------------------------------------------------------------


def interval(
    value: float, high: float | None, hedge: str, half_unit: float, tolerances: Tolerances
) -> tuple[float, float]:
    """The values with which a printed, hedged number agrees.

    Parameters
    ----------
    value, high : float
        The printed number, or the two ends of a printed range.
    hedge : str
        A key of `HEDGES`; any other counts as ``exact``.
    half_unit : float
        Half a unit of the last printed digit: 0.05 for 5.4.
    tolerances : Tolerances

    Returns
    -------
    tuple of float
        Lower and upper end, in the unit of `value`.
    """
    below, above = tolerances.hedges.get(hedge, tolerances.hedges["exact"])
    low, top = value, value if high is None else high
    return low - max(abs(low) * below, half_unit if below else 0), top + max(
        abs(top) * above, half_unit if above else 0
    )


def compare_values(limits: tuple[float, float], actual: float, close: float = CLOSE) -> str:
    """agrees inside the limits, close within the share `close` of the nearer limit, else differs."""
    low, high = limits
    if low <= actual <= high:
        return "agrees"
    near = low if actual < low else high
    return "close" if abs(actual - near) <= close * abs(near) else "differs"


def half_unit(value: float, unit_factor: float = 1.0) -> float:
    """Half a unit of the last digit of `value`; trailing zeros of whole numbers count as printed."""
    decimals = len(repr(value).partition(".")[2].rstrip("0"))
    return 0.5 * 10.0**-decimals * unit_factor


# -- the tables that the rules read ----------------------------------------------------------


class Row:
    """A row whose cells are attributes; an empty cell is None."""

    def __init__(self, cells: Mapping[str, Any] | None = None, **more: Any) -> None:
        self.__dict__.update(cells or {}, **more)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...


# Columns that a text may do without: they are read as empty where its package leaves them out.
OPTIONAL = {
    "claims": ["value_high", "unit", "date", "term", "hedge", "footnote", "check", "operands", "references"],
    "references": ["value", "unit", "date", "term", "vintage"],
}


def _rows(frame: pd.DataFrame, optional: Iterable[str] = ()) -> list[Row]:
    heads, empty = list(frame.columns), dict.fromkeys(optional)
    columns = [_cells(frame[name]) for name in heads]
    return [Row(empty | dict(zip(heads, cells, strict=True))) for cells in zip(*columns, strict=True)]


def _cells(column: pd.Series) -> list[Any]:
    """The values of a column as Python has them, None for a gap."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        known = [*column.cat.categories, None]  # a gap has the code -1
        return [known[code] for code in column.cat.codes]
    return list(column.to_numpy(object, na_value=None))


@dataclass
class Tables:
    """The tables that the audit reads, as rows and indices."""

    claims: list[Row]
    references: dict[str, Row]
    units: dict[str, Row]
    events: dict[str, Row]
    footnotes: dict[int, Row]
    memberships: dict[str, list[Row]]
    states: dict[str, Row]
    questions: dict[str, Row]
    names: dict[str, str] = field(default_factory=dict)
    tolerances: Tolerances = field(default_factory=Tolerances)
    text: dict[str, str] = field(default_factory=lambda: dict(WORDS))
    by_id: dict[str, Row] = field(default_factory=dict)
    by_subject: dict[str, list[Row]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.by_id = {c.claim_id: c for c in self.claims}
        subjects = defaultdict(list)
        for claim in self.claims:
            subjects[claim.subject].append(claim)
        self.by_subject = dict(subjects)

    @classmethod
    def load(cls, folder: str | Path | None = None, tolerances: Tolerances | None = None) -> Tables:
        """Read the tables from `folder`, by default the book's own ``data/``.

        Claims, references and units must be there. A package that has no events, footnotes,
        memberships, states, questions, glossary or term_names is read as one in which these are empty.
        """
        there = tables(folder)

        def rows(name: str) -> list[Row]:
            required = name in {"claims", "references", "units"}
            return _rows(load(name, folder), OPTIONAL.get(name, ())) if required or name in there else []

        memberships = defaultdict(list)
        for row in rows("memberships"):
            memberships[row.body].append(row)
        return cls(
            claims=rows("claims"),
            references={r.ref_id: r for r in rows("references")},
            units={r.unit: r for r in rows("units")},
            events={r.event_id: r for r in rows("events")},
            footnotes={r.note: r for r in rows("footnotes")},
            memberships=dict(memberships),
            states={r.state: r for r in rows("states")},
            questions={r.subject: r for r in rows("questions")},
            names={r.term: r.name for r in rows("glossary") + rows("term_names")},
            tolerances=tolerances or Tolerances(),
            text=about(folder),
        )

    def limits(self, claim: Row, unit: str | None = None) -> tuple[float, float]:
        """The interval of a claim in the base unit of its dimension, read in `unit` if given."""
        factor = self.units[unit or claim.unit].factor
        hedge = claim.hedge or "exact"
        if hedge == "exact" and self.units[claim.unit].counted:
            return claim.value * factor, (claim.value_high or claim.value) * factor
        low, high = interval(claim.value, claim.value_high, hedge, half_unit(claim.value), self.tolerances)
        return low * factor, high * factor

    def base(self, row: Row) -> float:
        """The value of a claim or reference in the base unit of its dimension."""
        return float(row.value) * float(self.units[row.unit].factor)

    def same_dimension(self, a: Row, b: Row) -> bool:
        """Whether two rows have values in units of one dimension."""
        if a.value is None or b.value is None or a.unit is None or b.unit is None:
            return False
        return bool(self.units[a.unit].dimension == self.units[b.unit].dimension)

    def amount(self, value: float, unit: str) -> str:
        """A number with its unit in words."""
        text = f"{value:,.0f}" if value == round(value) and abs(value) < 1e15 else f"{value:,.4g}"
        label = str(self.units[unit].label)
        if text == "1" and " " not in label:
            label = label.removesuffix("s")
        return label.replace("{}", text) if "{}" in label else f"{text} {label}"

    def printed(self, claim: Row) -> str:
        """The claim's value as the reader sees it in a reason."""
        text = self.amount(claim.value, claim.unit)
        if claim.value_high is not None:
            text = f"{claim.value:,g} to {self.amount(claim.value_high, claim.unit)}"
        words = {"exact": "", "between": ""}
        hedge = words.get(claim.hedge or "exact", f"{(claim.hedge or '').replace('-', ' ')} ")
        return f"{hedge}{text}"

    def words(self, term: str) -> str:
        """A term as a reason prints it: states, bodies and proper names as they are written, other keys as words."""
        parts = term.split("+")
        return ", ".join(
            self.states[p.upper()].name if p.upper() in self.states else self.names.get(p, p.replace("-", " "))
            for p in parts
        )

    def references_of(self, claim: Row) -> list[Row]:
        """Independent rows for a claim: those it names, and for a date those that its event names."""
        names = claim.references.split() if claim.references else []
        if claim.date and claim.subject.startswith("event.") and claim.value is None:
            event = self.events.get(claim.subject.removeprefix("event."))
            names += [n for n in ((event.references or "").split() if event else []) if n not in names]
        return [self.references[n] for n in names]


def _source(reference: Row) -> str:
    year = f", {reference.vintage}" if reference.vintage else ""
    return f"{reference.publisher}{year}"


ORDER = {"agrees": 0, "close": 1, "differs": 2}


# -- rules: against an independent source ----------------------------------------------------


def rule_value(claim: Row, t: Tables) -> Iterator[Finding]:
    """A number against every independent figure of the same thing; the best match decides."""
    if claim.value is None or not claim.references:
        return
    others = [r for r in t.references_of(claim) if t.same_dimension(claim, r)]
    if not others:
        return
    limits, close = t.limits(claim), t.tolerances.close
    judged = sorted(
        ((compare_values(limits, t.base(r), close), r) for r in others),
        key=lambda p: (ORDER[p[0]], _distance(claim, p[1], t)),
    )
    outcome, best = judged[0]
    sentence = f"Printed: {t.printed(claim)}; {_source(best)}: {t.amount(best.value, best.unit)}"
    sentence += f" ({_gap(claim, best, outcome, t)})."
    contrary = [r for o, r in judged if ORDER[o] > ORDER[outcome]]
    if contrary:
        sentence += (
            " Not all figures agree: "
            + "; ".join(f"{_source(r)}: {t.amount(r.value, r.unit)}" for r in contrary[:2])
            + "."
        )
    if outcome == "differs":
        sentence += _other_unit(claim, others, t)
    yield Finding(claim.claim_id, "value", outcome, sentence)


def _distance(claim: Row, reference: Row, t: Tables) -> float:
    claimed, actual = t.base(claim), t.base(reference)
    return abs(log(claimed / actual)) if claimed * actual > 0 else inf


def _nearest(claim: Row, reference: Row, t: Tables) -> float:
    """The printed number or, of a printed range, the end that lies nearer to the other figure."""
    ends = [t.base(claim)]
    if claim.value_high is not None:
        ends.append(claim.value_high * t.units[claim.unit].factor)
    return min(ends, key=lambda end: abs(end - t.base(reference)))


def _gap(claim: Row, reference: Row, outcome: str, t: Tables) -> str:
    """How far the printed number is from an independent one, and what allows for it where it agrees."""
    claimed, actual = _nearest(claim, reference, t), t.base(reference)
    if isclose(claimed, actual, rel_tol=1e-9):
        return "the same"
    if actual == 0 or claimed == 0:
        return "one of the two is zero"
    if t.units[claim.unit].counted:
        return f"off by {abs(claimed - actual):g}"
    ratio = claimed / actual
    if abs(ratio - 1) < 0.005:
        return "the same to within half a per cent"
    if 0.5 <= ratio <= 2:
        if outcome != "agrees":
            return f"{abs(ratio - 1):.0%} too {'high' if ratio > 1 else 'low'}"
        below, above = t.tolerances.hedges.get(claim.hedge or "exact", t.tolerances.hedges["exact"])
        rounded = actual < claimed * (1 - below) or actual > claimed * (1 + above)
        how = ", which is within its rounding" if rounded else ""
        return f"printed {abs(ratio - 1):.0%} {'higher' if ratio > 1 else 'lower'}{how}"
    return f"{ratio:.3g} times the independent figure"


def _other_unit(claim: Row, others: list[Row], t: Tables) -> str:
    """A sentence when the printed number is right in another unit of the same dimension."""
    stated = t.units[claim.unit]
    for unit in t.units.values():
        if unit.dimension == stated.dimension and unit.factor != stated.factor:
            limits = t.limits(claim, unit.unit)
            for r in others:
                if compare_values(limits, t.base(r), t.tolerances.close) != "differs":
                    fits = f"the number would fit {_source(r)}"
                    return f" Read as {unit.label} {fits}: the unit is wrong rather than the number."
    return ""


def rule_date(claim: Row, t: Tables) -> Iterator[Finding]:
    """A date against every independent date of the same event; the best match decides."""
    if not claim.date or not (claim.kind == "date" or claim.subject.startswith("event.")):
        return
    others = [r for r in t.references_of(claim) if r.date]
    if not others:
        return
    claimed = hedged_span(claim.date, claim.hedge or "exact")
    judged = [(compare_dates(claimed, span(r.date), t.tolerances.close_days), r) for r in others]
    outcome, best = min(judged, key=lambda p: ORDER[p[0]])
    sentence = f"Printed date: {in_words(claim.date)}; {_source(best)}: {in_words(best.date)}."
    yield Finding(claim.claim_id, "date", outcome, sentence)


def rule_term(claim: Row, t: Tables) -> Iterator[Finding]:
    """The answer to a question that has one answer, against the independent answer."""
    question = t.questions.get(claim.subject)
    if question is None or not claim.term:
        return
    others = [r for r in t.references_of(claim) if r.term and r.term in (question.answers or r.term).split()]
    if not others:
        return
    match = next((r for r in others if r.term == claim.term), None)
    best = match or others[0]
    asked = f"{question.question} " if claim.term in {"yes", "no"} else ""
    sentence = f"{asked}Printed: {t.words(claim.term)}; {_source(best)}: {t.words(best.term)}."
    yield Finding(claim.claim_id, "term", "agrees" if match else "differs", sentence)


def members_at(body: str, when: Span, t: Tables) -> dict[str, Row] | None:
    """Members of a body on a day of the span, by state; None where the table has nothing dated."""
    dated = [r for r in t.memberships.get(body, []) if r.start and r.status == "member"]
    if not dated:
        return None
    return {
        r.state: r for r in dated if span(r.start).first <= when.last and (not r.end or span(r.end).last > when.first)
    }


def rule_members(claim: Row, t: Tables) -> Iterator[Finding]:
    """A stated membership against the dated membership table."""
    if claim.check not in {"members", "member", "not-member"} or not claim.date:
        return
    body, *named = claim.operands.split()
    members = members_at(body, span(claim.date), t)
    if members is None:
        return
    if claim.check == "members":
        missing, extra = sorted(set(members) - set(named)), sorted(set(named) - set(members))
        wrong = [f"leaves out {_names(missing, t)}"] * bool(missing) + [f"adds {_names(extra, t)}"] * bool(extra)
        said = " and ".join(wrong) or f"all {len(members)} members are named and no other"
        right = not wrong
    else:
        state = named[0]
        right = (state in members) == (claim.check == "member")
        said = f"{_names([state], t)} {'was' if state in members else 'was not'} a member"
    sentence = f"Against the dated membership of {t.words(body)} ({in_words(claim.date)}): {said}."
    yield Finding(claim.claim_id, "members", "agrees" if right else "differs", sentence)


def _names(codes: list[str], t: Tables) -> str:
    return ", ".join(t.states[c].name for c in codes)


def rule_order(claim: Row, t: Tables) -> Iterator[Finding]:
    """A stated order of two events against their dates, independent ones where there are any."""
    if claim.check != "before":
        return
    dates = [_event_date(slug, t) for slug in claim.operands.split()]
    if len(dates) != 2 or None in dates:
        return
    (first, first_own), (second, second_own) = dates  # type: ignore[misc]
    right = span(first).first <= span(second).last
    outcome = "agrees" if right else "conflicts" if first_own and second_own else "differs"
    said = "holds" if right else "does not hold"
    sentence = f"The first event is dated {in_words(first)}, the second {in_words(second)}: the order {said}."
    yield Finding(claim.claim_id, "order", outcome, sentence)


def _event_date(slug: str, t: Tables) -> tuple[str, bool] | None:
    """The date of an event, an independent one where there is any, and whether it is the thesis's own."""
    event = t.events.get(slug)
    if event is None:
        return None
    dated = [t.references[n] for n in (event.references or "").split() if t.references[n].date]
    if dated:
        return dated[0].date, False
    return (event.date, True) if event.date else None


# -- rules: against the thesis itself --------------------------------------------------------

ARITHMETIC: dict[str, tuple[str, Callable[[list[float]], float | None]]] = {
    "sum": ("the parts add up to", sum),
    "difference": ("the difference comes to", lambda v: v[0] - sum(v[1:])),
    "product": ("the product comes to", lambda v: v[0] * v[1]),
    "ratio": ("the division gives", lambda v: v[0] / v[1] if v[1] else None),
    "percent": ("the share comes to", lambda v: 100 * v[0] / v[1] if v[1] else None),
}


def rule_arithmetic(claim: Row, t: Tables) -> Iterator[Finding]:
    """A number against what follows from its own parts."""
    if claim.value is None or claim.check not in {*ARITHMETIC, "count"}:
        return
    operands = claim.operands.split()
    if claim.check == "count":
        result, words, factor = float(len(operands)), "counted from the items named:", t.units[claim.unit].factor
    else:
        parts = [t.by_id[o] for o in operands]
        if any(p.value is None for p in parts):
            return
        words, function = ARITHMETIC[claim.check]
        computed = function([t.base(p) for p in parts])
        if computed is None:
            return
        factor = t.units[claim.unit].factor
        result = computed if claim.check == "percent" else computed / factor
    limits = tuple(x / factor for x in t.limits(claim))
    outcome = compare_values((limits[0], limits[1]), result, t.tolerances.close)
    sentence = f"Printed: {t.printed(claim)}; {words} {t.amount(result, claim.unit)}."
    yield Finding(claim.claim_id, "arithmetic", "conflicts" if outcome == "differs" else outcome, sentence)


def rule_pages(claim: Row, t: Tables) -> Iterator[Finding]:
    """A claim against every other claim on the same subject."""
    same = t.by_subject[claim.subject]
    for other in same if len(same) > 1 else ():
        if other is not claim and (difference := _contradiction(claim, other, t)):
            where = f"in the {t.text['start']}" if other.page == 0 else f"on {t.text['page']} {other.page}"
            where += f" ({other.claim_id})"
            sentence = f"Stated otherwise {where}: {difference}."
            if {claim.term, other.term} == {"yes", "no"}:
                question = t.questions[claim.subject].question
                sentence = f"{question} {str(claim.term).capitalize()} here, {other.term} {where}."
            yield Finding(claim.claim_id, "pages", "conflicts", sentence)


def _contradiction(a: Row, b: Row, t: Tables) -> str | None:
    if a.term and b.term and a.subject in t.questions:
        return f"{t.words(b.term)} against {t.words(a.term)}" if a.term != b.term else None
    if a.kind in JUDGEMENTS or b.kind in JUDGEMENTS:
        return None
    if a.value is not None and t.same_dimension(a, b):
        if a.date and b.date and compare_dates(span(a.date), span(b.date), 0) == "differs":
            return None
        low, high = t.limits(a)
        other_low, other_high = t.limits(b)
        return f"{t.printed(b)} against {t.printed(a)}" if other_low > high or other_high < low else None
    if a.date and b.date and a.value is None and b.value is None and a.subject.startswith("event."):
        apart = compare_dates(hedged_span(a.date, a.hedge or ""), hedged_span(b.date, b.hedge or ""), 0)
        return f"{in_words(b.date)} against {in_words(a.date)}" if apart != "agrees" else None
    return None


def rule_source(claim: Row, t: Tables) -> Iterator[Finding]:
    """A source that is older than what it is cited for."""
    note = t.footnotes.get(claim.footnote) if claim.footnote is not None else None
    if note is not None and note.date is None and note.ibid_of is not None:
        note = t.footnotes.get(note.ibid_of)
    if note is None or not note.date or not claim.date or claim.kind in JUDGEMENTS:
        return
    if span(note.date).last < span(claim.date).first:
        sentence = (
            f"Note {claim.footnote} cites a source of {in_words(note.date)} for something dated {in_words(claim.date)}."
        )
        yield Finding(claim.claim_id, "source", "conflicts", sentence)


INDEPENDENT = (rule_value, rule_date, rule_term, rule_members, rule_order)
INTERNAL = (rule_arithmetic, rule_pages, rule_source)


# -- the verdict -----------------------------------------------------------------------------


def verdict(kind: str, findings: list[Finding]) -> str:
    """Sum the findings on one claim up.

    An independent source that contradicts the claim comes first; then the claim's own arithmetic;
    then another page or its own source, unless an independent source bears the claim out. What
    nothing speaks to is a judgement or unverified, by its kind.
    """
    if not findings:
        return "judgement" if kind in JUDGEMENTS else "unverified"
    internal = {"arithmetic", "pages", "source"}
    outside = [f.outcome for f in findings if f.rule not in internal]
    arithmetic = [f.outcome for f in findings if f.rule == "arithmetic"]
    elsewhere = [f for f in findings if f.rule in {"pages", "source"}]
    if "differs" in outside:
        return "differs"
    if "conflicts" in outside + arithmetic or (elsewhere and not outside):
        return "conflicts"
    return max(outside or arithmetic, key=lambda o: ORDER[o])


def findings(tables: Tables | None = None, *, folder: str | Path | None = None) -> pd.DataFrame:
    """Everything that a rule has to say, a row a finding.

    Parameters
    ----------
    tables : Tables, optional
        By default those of `folder`.
    folder : path, optional
        Another copy of ``data/``; by default the book's own.

    Returns
    -------
    pandas.DataFrame
        Columns ``claim_id, rule, outcome, sentence``.
    """
    t = tables or Tables.load(folder)
    found = [f for claim in t.claims for rule in INDEPENDENT + INTERNAL for f in rule(claim, t)]
    return pd.DataFrame(found, columns=list(Finding._fields))


def verdicts(tables: Tables | None = None, *, folder: str | Path | None = None) -> pd.DataFrame:
    """The verdict on every claim.

    Parameters
    ----------
    tables : Tables, optional
        By default those of `folder`.
    folder : path, optional
        Another copy of ``data/``; by default the book's own.

    Returns
    -------
    pandas.DataFrame
        One row per claim, in the ledger's order: ``claim_id, page, kind, statement, verdict,
        reason``; ``verdict`` is a category of `VERDICTS`, ``reason`` a sentence or several.

    Raises
    ------
    sco.DataError
        If a table does not fit its description.
    """
    t = tables or Tables.load(folder)
    rows = []
    for claim in t.claims:
        found = [f for rule in INDEPENDENT + INTERNAL for f in rule(claim, t)]
        word = verdict(claim.kind, found)
        rows.append((claim.claim_id, claim.page, claim.kind, claim.statement, word, _reason(word, found)))
    frame = pd.DataFrame(rows, columns=["claim_id", "page", "kind", "statement", "verdict", "reason"])
    frame["verdict"] = pd.Categorical(frame["verdict"], categories=VERDICTS)
    return frame


SO_DO = {1: " So does one more claim."}


def _reason(word: str, found: list[Finding]) -> str:
    if found:
        elsewhere = [f.sentence for f in found if f.rule == "pages"]
        said = dict.fromkeys(f.sentence for f in found if f.rule != "pages" or f.sentence in elsewhere[:3])
        rest = len(elsewhere) - 3
        return " ".join(_asked_once(said)) + (SO_DO.get(rest, f" So do {rest} more claims.") if rest > 0 else "")
    if word == "judgement":
        return "A judgement, not a matter of fact: there is nothing to compare it with."
    return "No independent figure or date is at hand."


def _asked_once(sentences: Iterable[str]) -> Iterator[str]:
    """The sentences, a question that opens several of them only before the first."""
    asked = set()
    for sentence in sentences:
        question, mark, rest = sentence.partition("? ")
        yield rest if mark and question in asked else sentence
        asked.add(question)


def comparisons(tables: Tables | None = None, *, folder: str | Path | None = None) -> pd.DataFrame:
    """Every printed number beside every independent figure for it, a row a pair.

    Parameters
    ----------
    tables : Tables, optional
        By default those of `folder`.
    folder : path, optional
        Another copy of ``data/``; by default the book's own.

    Returns
    -------
    pandas.DataFrame
        Columns ``claim_id, page, subject, printed, independent, unit, ratio, outcome, ref_id,
        source, vintage``; both figures stand in the claim's unit, ``ratio`` is the first over the
        second.
    """
    t = tables or Tables.load(folder)
    rows = []
    for claim in t.claims:
        for r in t.references_of(claim) if claim.value is not None else ():
            if t.same_dimension(claim, r):
                unit, actual = t.units[claim.unit], t.base(r)
                outcome = compare_values(t.limits(claim), actual, t.tolerances.close)
                ratio = t.base(claim) / actual if actual else None
                row = (claim.claim_id, claim.page, claim.subject, claim.value, actual / unit.factor, unit.label, ratio)
                rows.append((*row, outcome, r.ref_id, r.publisher, r.vintage))
    names = [
        "claim_id",
        "page",
        "subject",
        "printed",
        "independent",
        "unit",
        "ratio",
        "outcome",
        "ref_id",
        "source",
        "vintage",
    ]
    return pd.DataFrame(rows, columns=names).astype({"vintage": "Int64"})


def beside(pairs: pd.DataFrame) -> pd.DataFrame:
    """Gather `comparisons` to a row a claim, the independent figures side by side.

    Parameters
    ----------
    pairs : pandas.DataFrame
        `comparisons` or a part of it.

    Returns
    -------
    pandas.DataFrame
        Columns ``claim_id, page, subject, printed, unit, independent, ratio, outcome``:
        ``independent`` lists the figures with source and vintage, ``ratio`` and ``outcome`` are
        those of the one that fits best, as in a verdict.
    """
    rows = []
    for claim_id, group in pairs.groupby("claim_id", sort=False):
        fit = group["outcome"].map(ORDER).to_list(), group["ratio"].map(log).abs().fillna(inf).to_list()
        best = group.iloc[min(range(len(group)), key=lambda i: (fit[0][i], fit[1][i]))]
        figures: dict[str, list[str]] = {}
        for row in group.itertuples():
            year = "" if pd.isna(row.vintage) else f" {row.vintage}"
            figures.setdefault(
                f"{row.independent:,.4g}" if row.independent < 1000 else f"{row.independent:,.0f}", []
            ).append(f"{row.source}{year}")
        said = "; ".join(f"{figure} ({', '.join(dict.fromkeys(sources))})" for figure, sources in figures.items())
        rows.append(
            (
                claim_id,
                best["page"],
                best["subject"],
                best["printed"],
                best["unit"],
                said,
                best["ratio"],
                best["outcome"],
            )
        )
    return pd.DataFrame(
        rows, columns=["claim_id", "page", "subject", "printed", "unit", "independent", "ratio", "outcome"]
    )
