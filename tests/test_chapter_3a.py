"""Chapter 3, first half: the tables rest on the ledger, and what the page concludes follows from them."""

from __future__ import annotations

import pandas as pd
import pytest
import sco
from sco import audit, page

CLAIMS = sco.load("claims").set_index("claim_id")
# Tables whose rows name the claims they rest on, with the column of pages.
RESTING = {
    "border_steps": "pages",
    "afghanistan_statements": "pages",
    "undertakings": "pages",
    "issue_mentions": "page",
    "economic_fields": "page",
    "projects": "pages",
    "posture": "page",
}


def numbers(pages: object) -> set[int]:
    """The page numbers of a list such as ``46-47 128``."""
    return {n for part in str(pages).split() for n in page._range(part)}


@pytest.mark.parametrize(("name", "column"), RESTING.items())
def test_every_row_has_a_claim_of_its_own_page(name: str, column: str) -> None:
    for row in sco.load(name).to_dict("records"):
        found = {int(CLAIMS.loc[c, "page"]) for c in row["claims"].split()}
        assert found & numbers(row[column]), f"{name}: {row['claims']} against p. {row[column]}"


@pytest.mark.parametrize("name", ["border_steps", "afghanistan_statements", "undertakings", "projects"])
def test_no_claim_lies_off_the_pages_of_its_row(name: str) -> None:
    for row in sco.load(name).to_dict("records"):
        off = [c for c in row["claims"].split() if int(CLAIMS.loc[c, "page"]) not in numbers(row["pages"])]
        assert not off, f"{name}: {off} against pp. {row['pages']}"


@pytest.mark.parametrize("name", ["afghanistan_statements", "undertakings", "economic_fields", "security_indicators"])
def test_the_notes_are_those_of_the_claims(name: str) -> None:
    for row in sco.load(name).to_dict("records"):
        claims = row.get("claims") or row["claim_id"]
        known = {int(n) for n in CLAIMS.loc[claims.split(), "footnote"].dropna()}
        assert pd.isna(row["footnote"]) or not known or int(row["footnote"]) in known, f"{name}: {row}"


def test_printed_values_are_those_of_the_ledger() -> None:
    for row in sco.load("cession").itertuples():
        claim = CLAIMS.loc[row.claim_id]
        assert (row.value, row.unit, row.hedge, row.page) == (claim.value, claim.unit, claim.hedge, claim.page)
    oil = sco.load("projects").set_index("project").loc["kaz-chn-oil-pipeline"]
    assert oil["cost"] == CLAIMS.loc["c064-13", "value"] and oil["length_km"] == CLAIMS.loc["c064-16", "value"]


def test_the_tables_have_the_rows_that_the_thesis_supports() -> None:
    steps = sco.load("border_steps")
    own = steps[steps["pages"].str.contains("4[678]")]
    assert len(own) == 10 and own["sector"].nunique() == 5
    assert len(sco.load("cession")) == 5
    assert len(sco.load("security_indicators")) == 10
    assert len(sco.load("undertakings")) >= 7
    assert len(sco.load("issues")) == 9 and sco.load("issue_mentions")["meeting"].nunique() == 4
    assert len(sco.load("projects")) >= 12
    assert set(sco.load("responses")["state"]) == {"CHN", "KAZ", "KGZ", "RUS", "TJK", "UZB"}


def test_open_sectors_add_up() -> None:
    steps = sco.load("border_steps").dropna(subset=["open_before", "settled", "open_after"])
    assert len(steps) >= 4
    assert (steps["open_before"] - steps["settled"] == steps["open_after"]).all()


def test_the_cession_report_implies_the_independent_claim_and_not_a_seventh() -> None:
    value = sco.load("cession").set_index("figure")["value"]
    references = sco.load("references").set_index("ref_id")["value"]
    claim = value["ceded-area"] / (value["ceded-share"] / 100)
    tajikistan = references["ARE005"]
    assert claim == pytest.approx(references["TER003"], rel=0.01)
    assert claim / tajikistan == pytest.approx(1 / 5, rel=0.01)
    assert claim > 1.3 * tajikistan / 7


def test_a_project_has_parties_for_its_format_and_a_source_for_its_outcome() -> None:
    projects = sco.load("projects")
    size = projects["parties"].str.split().str.len()
    assert (size[projects["format"] == "bilateral"] == 2).all()
    assert (size[projects["format"] == "trilateral"] == 3).all()
    assert (size[projects["format"] == "multilateral"] >= 4).all()
    told = projects["outcome_2026"] != "unverified"
    assert projects.loc[told, ["references", "outcome_date"]].notna().all().all()
    assert set(projects.loc[projects["outcome_2026"] == "built", "format"]) == {"bilateral"}


def test_every_code_of_the_posture_says_something() -> None:
    posture = sco.load("posture")
    assert (posture["standing"].notna() | posture["change"].notna()).all()
    assert posture["page"].between(65, 68).all()


def test_movements_on_both_sides_of_september_2001_are_reversed() -> None:
    posture = sco.load("posture").dropna(subset=["change"])
    up = posture.assign(up=posture["change"].astype("str") == "rising")
    table = up.pivot_table(index=["power", "domain"], columns="period", values="up", observed=True, aggfunc="first")
    both = table[["late-1990s", "after-2001"]].dropna()
    assert len(both) >= 6
    assert (both["late-1990s"] != both["after-2001"]).all()


def test_themes_of_issues_and_documents_resolve() -> None:
    clauses = sco.load("clauses").set_index(["document", "clause"])
    cited = sco.load("afghanistan_statements").dropna(subset=["clause"])
    assert len(cited) == 2
    for row in cited.itertuples():
        assert "afghanistan" in clauses.loc[(row.document, row.clause), "themes"].split()


def test_bases_of_the_responses_fit_the_audit() -> None:
    verdict = audit.verdicts().set_index("claim_id")["verdict"]
    for row in sco.load("responses").dropna(subset=["basing_claim_later"]).itertuples():
        assert (verdict[row.basing_claim_later] == "differs") == (row.basing_independent == "no-base"), row.state
    assert verdict["c057-07"] == "differs"
