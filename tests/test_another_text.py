"""The module serves another text: the miniature in examples/ loads, is judged and needs nothing of the book's data."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import frictionless
import pytest
import sco
from sco import audit, page
from sco.argument import ArgumentMap, contradicted
from sco.crossimpact import CrossImpact
from sco.figures import canvas
from sco.tables import WORDS

MINIATURE = Path(__file__).resolve().parents[1] / "examples" / "polk-1848" / "data"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the miniature that a test may damage."""
    return Path(shutil.copytree(MINIATURE, tmp_path / "data"))


def drop(folder: Path, *tables: str, keys: tuple[str, ...] = ()) -> None:
    """Take tables out of a package, with the foreign keys that name them or columns in `keys`."""
    file = folder / "datapackage.json"
    package = json.loads(file.read_text(encoding="utf-8"))
    package["resources"] = [r for r in package["resources"] if r["name"] not in tables]
    for resource in package["resources"]:
        schema = resource["schema"]
        schema["foreignKeys"] = [
            k
            for k in schema.get("foreignKeys", [])
            if not {k["reference"]["resource"], *k["fields"]} & {*tables, *keys}
        ]
    file.write_text(json.dumps(package), encoding="utf-8")
    for name in tables:
        (folder / f"{name}.csv").unlink()


def words(folder: Path, **more: object) -> dict[str, str]:
    """The verdict of each claim of a package."""
    return dict(audit.verdicts(folder=folder, **more).set_index("claim_id")["verdict"].astype(str))


@pytest.mark.parametrize("name", sco.tables(MINIATURE))
def test_every_table_loads_and_frictionless_agrees(name: str) -> None:
    """The miniature's tables keep to their own description, by two judges."""
    assert len(sco.load(name, MINIATURE)) > 0
    package = frictionless.Package(str(MINIATURE / "datapackage.json"))
    assert package.get_resource(name).validate().valid


def test_no_file_lacks_a_description() -> None:
    """The package and its folder hold the same tables."""
    assert {p.stem for p in MINIATURE.glob("*.csv")} == set(sco.tables(MINIATURE))


def test_every_figure_names_a_source_that_says_what_was_read() -> None:
    """No independent figure stands without an entry in the bibliography, and no entry without a reader."""
    references, sources = sco.load("references", MINIATURE), sco.load("sources", MINIATURE)
    assert set(references["source"]) == set(sources["source"]) - {"polk1848", "reclus"}
    assert references["locator"].str.contains("reclus").any(), "the area of Russia comes from there"
    assert sources["read"].str.len().min() > 10


def test_sums_and_shares_among_the_figures_follow_from_what_was_read() -> None:
    """The computed rows are what their notes say: sums of census areas and shares of them."""
    value = sco.load("references", MINIATURE).set_index("ref_id")["value"]
    assert value["ARE001"] == 384_958 + 283_439 + 530_706
    assert value["ARE002"] == value["ARE001"] - 283_439
    assert value["ARE003"] == 891_364 + 831_321 + 69_866
    shares = {"SHA001": ("ARE001", "ARE003"), "SHA002": ("ARE002", "ARE003"), "COA006": ("COA005", "COA003")}
    for share, (part, whole) in shares.items():
        assert value[share] == pytest.approx(100 * value[part] / value[whole], abs=0.05)
    for share, europe in {"SHA003": 3_756_545, "SHA004": 3_570_030}.items():
        assert value[share] == pytest.approx(100 * value["ARE001"] / (europe - 2_000_000), abs=0.05)
    for share, europe in {"SHA005": 3_756_545, "SHA006": 3_570_030}.items():
        assert value[share] == pytest.approx(100 * (value["ARE001"] + value["ARE003"]) / europe, abs=0.05)
    assert value["COA005"] == value["COA001"] + value["COA002"]


def test_verdicts_of_each_kind() -> None:
    """One claim of each verdict, worked out by hand from the printed and the independent figure."""
    found = words(MINIATURE)
    assert set(found.values()) == set(audit.VERDICTS)
    assert found["c021-01"] == "agrees"  # 1,193,061 against 1,199,103: 0.5 per cent
    assert found["c021-07"] == "close"  # 851,598 against 915,664: 7 per cent
    assert found["c021-04"] == "differs"  # 2,059,513 against 1,792,551: 15 per cent
    assert found["c021-10"] == "differs"  # nearly all of Europe without Russia against three quarters of it
    assert found["c002-01"] == found["c046-02"] == "conflicts"  # peace reigns, and is to return
    assert found["c021-15"] == "unverified"
    assert found["c032-01"] == "judgement"


def test_acres_are_checked_digit_by_digit() -> None:
    """An acre is a counted unit: one wrong digit is found, and counts as a conflict where nothing is close enough."""
    assert 851_598 * 640 == 545_022_720  # printed: 545,012,720
    strict = audit.Tables.load(MINIATURE, audit.Tolerances(close=0))
    found = dict(audit.verdicts(strict).set_index("claim_id")["verdict"].astype(str))
    assert (found["c021-02"], found["c021-05"], found["c021-08"]) == ("agrees", "conflicts", "conflicts")


def test_reasons_speak_of_paragraphs() -> None:
    """What is told otherwise elsewhere is cited in the words of the other text, not of the thesis."""
    reasons = audit.verdicts(folder=MINIATURE).set_index("claim_id")["reason"]
    assert "on par. 46 (c046-02)" in reasons["c002-01"]
    assert not reasons.str.contains(r"\bp\. \d|preface").any()


def test_nothing_outside_the_folder_is_read(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the book's own data out of reach the miniature gives the same verdicts, map, scenarios and table."""
    before = words(MINIATURE)
    monkeypatch.setitem(sco.load.__globals__, "DATA", copy / "nowhere")
    with pytest.raises(sco.DataError, match="cannot be read"):
        sco.tables()
    assert words(copy) == before
    nodes, edges = (sco.load(f"argument_{n}", copy) for n in ("nodes", "edges"))
    assert ArgumentMap(nodes, edges).evaluate()["1-c1"] == "in"
    assert len(CrossImpact(sco.load("cib_judgements", copy)).consistent()) == 2
    view = page.table(sco.load("units", copy), "M.1", folder=copy)
    assert "Source: message, pars. 2, 21–22" in view.html


def test_three_tables_are_enough_for_the_audit(copy: Path) -> None:
    """With claims, references and units alone nothing changes but what the questions decided."""
    before = words(copy)
    extra = set(sco.tables(copy)) - {"claims", "references", "units"}
    drop(copy, *sorted(extra), keys=("source",))
    assert sco.tables(copy) == ["units", "references", "claims"]
    after = words(copy)
    assert {c for c in before if before[c] != after[c]} == {"c002-01", "c046-02"}


@pytest.mark.parametrize("name", ["claims", "references", "units"])
def test_a_package_without_a_required_table_is_refused(copy: Path, name: str) -> None:
    """What the audit cannot do without is named when it is missing."""
    drop(copy, name)
    with pytest.raises(sco.DataError, match=f"'{name}'"):
        audit.verdicts(folder=copy)


def test_columns_may_be_left_out_but_not_those_that_carry_the_claim() -> None:
    """The miniature's claims have no footnotes and no ranges; the book's have."""
    mini, book = (set(sco.load("claims", f).columns) for f in (MINIATURE, None))
    assert book - mini == {"section", "value_high", "footnote"}
    assert not {"claim_id", "page", "kind", "statement", "subject"} & set(audit.OPTIONAL["claims"])


def test_the_premise_that_the_audit_contradicts() -> None:
    """Rejecting it takes one conclusion away and leaves the two that do not rest on it alone."""
    nodes, edges = (sco.load(f"argument_{n}", MINIATURE) for n in ("nodes", "edges"))
    struck = contradicted(nodes, audit.verdicts(folder=MINIATURE), "differs")
    labels = ArgumentMap(nodes, edges).evaluate(rejected=struck)
    assert struck == ["1-p2"]
    assert labels[["1-c1", "1-c2", "1-c3"]].tolist() == ["out", "in", "in"]


def test_two_scenarios_by_hand() -> None:
    """Both consistent scenarios, with the balances added up by hand."""
    matrix = CrossImpact(sco.load("cib_judgements", MINIATURE))
    good = {"government": "organised", "slavery": "compromise", "union": "harmony", "wealth": "rapid"}
    bad = {"government": "withheld", "slavery": "agitation", "union": "division", "wealth": "slow"}
    found = matrix.consistent()
    assert sorted(found.to_dict("records"), key=str) == sorted([good, bad], key=str)
    score = matrix.balance(good).set_index(["descriptor", "variant"])["score"]
    assert score["union", "harmony"] == 1 + 3 and score["slavery", "compromise"] == 2 + 1
    assert matrix.margins(found).loc[found["union"] == "division", "margin"].item() == 0


def test_words_for_the_text() -> None:
    """The package names its text; what it leaves out has a plain default; the book's is a thesis."""
    assert sco.about()["name"] == "thesis"
    assert sco.about(MINIATURE) == {"name": "message", "page": "par.", "pages": "pars.", "start": "salutation"}
    assert page.thesis_pages("21 22 24", MINIATURE) == "pars. 21–22, 24"
    assert page.thesis_pages("0 3", MINIATURE) == "salutation, par. 3"
    assert page.thesis_pages("0 3") == "preface, p. 3"


def test_defaults_where_the_package_says_nothing(copy: Path) -> None:
    """A package without the property is cited as a text with pages; a broken one is refused."""
    file = copy / "datapackage.json"
    package = json.loads(file.read_text(encoding="utf-8"))
    del package["sco:text"]
    file.write_text(json.dumps(package), encoding="utf-8")
    assert sco.about(copy) == WORDS
    file.write_text("{", encoding="utf-8")
    with pytest.raises(sco.DataError, match="is not a data package"):
        sco.about(copy)


def test_claims_of_another_text_do_not_link_into_the_ledger() -> None:
    """c021-04 is a claim of the message here and one of the thesis in the ledger: only the latter has an address."""
    frame = audit.verdicts(folder=MINIATURE)[["claim_id", "verdict"]].head(2)
    assert "href" not in page.table(frame, "M.1", folder=MINIATURE, download=False).html.replace('href="#table', "")
    assert 'href="ledger-2.ipynb#c021-04"' in page.table(frame.assign(claim_id="c021-04"), "W.1").html


def test_figures_and_exhibits_of_another_text() -> None:
    """A figure is captioned from the miniature's own exhibits, and the thesis's are unknown there."""
    fig, _ = canvas(2, 1)
    alt = "A frame without any marks, only to see its caption below it."
    assert "Source: message, par. 21." in page.figure(fig, "M.2", alt=alt, folder=MINIATURE).html
    with pytest.raises(KeyError, match=r"no exhibit '1\.3'; there are: M\.1"):
        page.figure(fig, "1.3", alt=alt, folder=MINIATURE)
