"""Chapter 5: its tables say what the claims say, and its conclusions lean on earlier chapters."""

from __future__ import annotations

import pytest
import sco
from sco import audit
from sco.argument import ArgumentMap, contradicted


@pytest.fixture(scope="module")
def whole() -> ArgumentMap:
    return ArgumentMap(sco.load("argument_nodes"), sco.load("argument_edges"))


def test_counts_of_the_exhibits() -> None:
    sizes = sco.load("conclusion_points")["group"].value_counts()
    assert sizes.to_dict() == {"layer": 2, "reason": 3, "lesson": 3, "answer": 3, "cause": 4}


def test_points_cite_claims_of_their_own_pages() -> None:
    pages = sco.load("claims").set_index("claim_id")["page"]
    for row in sco.load("conclusion_points").itertuples():
        first, _, last = row.pages.partition("-")
        for claim in row.claims.split():
            assert int(first) <= pages[claim] <= int(last or first), (row.point, claim)


def test_the_layers_hold_the_six_members() -> None:
    layers = sco.load("conclusion_points").query("group == 'layer'")["states"]
    members = sco.load("states").query("sco_member_2001")["state"]
    assert sorted(" ".join(layers).split()) == sorted(members)


def test_almaty_attendance_fits_the_ledger_and_the_dated_membership() -> None:
    verdicts = audit.verdicts().set_index("claim_id")["verdict"]
    claims = sco.load("claims").set_index("claim_id")
    almaty = sco.load("almaty_2002")
    assert set(verdicts[almaty["claims"]]) == {"agrees"}
    assert (claims.loc["c119-07", "value"], claims.loc["c119-12", "value"]) == (16, 10)
    for row in almaty.itertuples():
        check = claims.loc[row.claims, "check"]
        assert check == ("member" if row.role == "participant" else "not-member")


def test_a_premise_of_chapter_1_can_bring_a_conclusion_of_chapter_5_down(whole: ArgumentMap) -> None:
    assert whole.evaluate()["5.0-c8"] == "in"
    assert whole.evaluate(rejected=["1.5-p1"])["5.0-c8"] == "out"
    assert whole.evaluate(rejected=["1.5-p1"])["5.0-c3"] == "in"


def test_most_conclusions_lean_on_earlier_sections(whole: ArgumentMap) -> None:
    ends = [n for n, k in whole.graph.nodes(data="kind") if k == "conclusion" and n.startswith("5.0")]
    own = [n for n in ends if all(g.startswith("5.0") for g in whole.grounds(n))]
    assert len(ends) == 13 and own == ["5.0-c10"]


def test_any_one_of_three_answers_is_enough(whole: ArgumentMap) -> None:
    answers = ["5.0-p12", "5.0-p13", "5.0-p14"]
    for kept in answers:
        assert whole.evaluate(rejected=[a for a in answers if a != kept])["5.0-c10"] == "in"
    fallen = whole.evaluate(rejected=answers)
    assert (fallen["5.0-c10"], fallen["5.0-r4"], fallen["5.0-c11"]) == ("out", "in", "out")


def test_the_wider_strike_includes_the_narrower(whole: ArgumentMap) -> None:
    nodes, verdicts = sco.load("argument_nodes"), audit.verdicts()
    narrow = contradicted(nodes, verdicts, "differs")
    wide = contradicted(nodes, verdicts, "differs", "conflicts")
    assert set(narrow) < set(wide)
    assert whole.evaluate(rejected=narrow)["5.0-c1"] == "in"
    assert whole.evaluate(rejected=wide)["5.0-c1"] == "out"
