"""One environment, one address, pinned parts: what the repository promises about itself."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import launch
import nbformat
import pytest
import yaml
from outputs import COMPARED
from packaging.requirements import Requirement

from conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
DIRECT = [Requirement(r) for r in PROJECT["project"]["dependencies"]]
DEV = [Requirement(r) for r in PROJECT["dependency-groups"]["dev"]]
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.M)


def pins(file: str) -> dict[str, str]:
    text = (ROOT / file).read_text(encoding="utf-8")
    return {name.lower().replace("_", "-"): version for name, version in PIN.findall(text)}


def roots(file: str) -> set[str]:
    """The packages that a requirements file says come from pyproject.toml itself."""
    text = (ROOT / file).read_text(encoding="utf-8")
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.M)
    return {
        PIN.match(b)[1].lower()
        for b in blocks
        if PIN.match(b) and re.search(r"via[^A-Za-z]+(?:.*\n    #   )*?.*sco-rerun", b)
    }


@pytest.mark.parametrize(("file", "wanted"), [("requirements.txt", DIRECT), ("requirements-dev.txt", DIRECT + DEV)])
def test_requirements_follow_from_the_short_list(file: str, wanted: list[Requirement]) -> None:
    pinned = pins(file)
    for requirement in wanted:
        assert requirement.name in pinned, f"{requirement.name} is not in {file}; run make lock"
        assert requirement.specifier.contains(pinned[requirement.name]), f"{file} pins {requirement} outside its range"
    assert roots("requirements.txt") == {r.name for r in DIRECT}, (
        "requirements.txt drifted from pyproject.toml; run make lock"
    )


def test_both_files_pin_the_same_versions_with_hashes() -> None:
    launch, dev = pins("requirements.txt"), pins("requirements-dev.txt")
    assert {n: dev.get(n) for n in launch} == launch
    for file in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / file).read_text(encoding="utf-8")
        blocks = [b for b in re.split(r"^(?=[A-Za-z0-9])", text, flags=re.M) if PIN.match(b)]
        assert all("--hash=sha256:" in b for b in blocks)
        assert "://" not in text, "a lock file must not record download addresses"


def test_the_launch_environment_holds_what_was_asked_for() -> None:
    asked = {"jupyter-book", "pandas", "matplotlib", "ipywidgets", "pytest", "nbval", "jupyterlab", "networkx"}
    assert {r.name for r in DIRECT} == asked
    assert int(pins("requirements.txt")["jupyter-book"].split(".")[0]) == 1
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert environment["channels"] == ["conda-forge"]
    assert environment["dependencies"][-1] == {"pip": ["--requirement requirements.txt"]}
    comment = (ROOT / "environment.yml").read_text(encoding="utf-8")
    assert all(name in comment.lower() for name in asked)


def test_repo2docker_accepts_the_checkout() -> None:
    tool = Path(sys.executable).with_name("jupyter-repo2docker")
    done = subprocess.run([tool, "--no-build", str(ROOT)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "environment.yml" in done.stderr + done.stdout


def test_the_address_stands_in_one_place() -> None:
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    address = config["repository"]["url"]
    assert isinstance(address, str)
    if address:
        listed = subprocess.run(
            ["git", "grep", "-lF", address], cwd=ROOT, capture_output=True, text=True
        ).stdout.split()
        assert listed == ["_config.yml"]


@pytest.mark.parametrize("path", sorted((ROOT / ".github" / "workflows").glob("*.yml")), ids=lambda p: p.name)
def test_workflows_are_pinned_and_have_least_rights(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    uses = re.findall(r"uses:\s*(\S+)", path.read_text(encoding="utf-8"))
    assert uses and all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", u) for u in uses)
    for job in workflow["jobs"].values():
        # More rights only where a step publishes, and there no code of the checkout runs.
        more = job.get("permissions", {})
        assert set(more) <= {"pages", "id-token"}
        assert not more or not any("run" in step or "checkout" in step["uses"] for step in job["steps"])
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False


def notebooks() -> list[Path]:
    return sorted([*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("book/*.ipynb")])


@pytest.mark.parametrize("path", notebooks(), ids=lambda p: p.name)
def test_notebooks_are_stored_tidy(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    toc = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    assert str(path.relative_to(ROOT).with_suffix("")) in toc, "a notebook that is not in the book"
    assert [c.id for c in notebook.cells] == [f"c{n:02}" for n in range(1, len(notebook.cells) + 1)]
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        checked = "# NBVAL_CHECK_OUTPUT" in cell.source
        assert bool(cell.outputs) == checked, (
            f"{cell.id}: outputs are stored on checked cells and on no other; run make outputs"
        )
        assert all("text/plain" in o.data and set(o.data) <= COMPARED for o in cell.outputs)
        assert (cell.execution_count is not None) == checked


def test_every_notebook_compares_a_result() -> None:
    for path in notebooks():
        assert "NBVAL_CHECK_OUTPUT" in path.read_text(encoding="utf-8"), path.name


def test_every_exhibit_is_on_a_page() -> None:
    import sco

    exhibits = sco.load("exhibits")["exhibit"]
    source = "\n".join(p.read_text(encoding="utf-8") for p in notebooks())
    for exhibit in exhibits:
        assert f'\\"{exhibit}\\"' in source, f"exhibit {exhibit} is on no page"


def test_every_source_is_in_the_bibliography() -> None:
    import sco
    from pybtex.database import parse_file

    known = set(parse_file(ROOT / "book" / "references.bib").entries)
    cited = set(sco.load("references")["source"])
    assert cited <= known, sorted(cited - known)


def test_no_page_is_in_the_bibliography_twice() -> None:
    """One address is one source; only repositories of data hold several."""
    from pybtex.database import parse_file

    seen: dict[str, str] = {}
    for key, entry in parse_file(ROOT / "book" / "references.bib").entries.items():
        address = entry.fields.get("url", "").split("://")[-1].rstrip("/")
        if address and not address.startswith("github.com/"):
            assert address not in seen, f"{key} and {seen[address]} are one page, {address}"
            seen[address] = key


def test_a_work_is_looked_up_under_its_author_or_title() -> None:
    """Bodies stand among persons, works without author under their title; articles and brackets do not count."""
    from bibliography import ByName, ByNameStyle
    from pybtex.database import parse_string

    entries = parse_string(
        """
        @misc{a, author = {{The Hindu}}, title = {{Z}}, year = {2010}}
        @misc{b, author = {Yasmin Melet}, title = {{A}}, year = {1998}}
        @misc{c, title = {{[Krasnaia zvezda, without title]}}, year = {30 April 1996}}
        @misc{d, author = {{24.kg}}, title = {{Costs US\\$14}}, year = {2026}}
        @misc{e, author = {{24.kg}}, title = {{B}}, year = {2024}}
        """,
        "bibtex",
    ).entries.values()
    assert [e.key for e in ByName().sort(entries)] == ["e", "d", "a", "c", "b"]
    from pybtex.backends.plaintext import Backend

    [last] = [e for e in entries if e.key == "d"]
    assert "Costs US$14" in ByNameStyle().format_entry("1", last).text.render(Backend())


def test_the_launch_environment_that_the_page_tells_is_the_present_one() -> None:
    """What was measured names as many packages as are asked for, and no more than are pinned."""
    with launch.RESULTS.open(encoding="utf-8", newline="") as file:
        told = {row["What"]: row["Measured"] for row in csv.DictReader(file)}
    assert int(told["Packages asked for"]) == len(launch.asked())
    assert len(launch.asked()) < int(told["Packages in all, with what these need"]) <= len(pins("requirements.txt"))
    assert len(told) == 6 and all(value.split()[0].replace(".", "").isdigit() for value in told.values())
