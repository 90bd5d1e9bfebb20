"""Shared fixtures: a copy of the data to damage, the built book on a local server, a real browser."""

from __future__ import annotations

import functools
import http.server
import shutil
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# No test fails by the clock: a machine may be slow, or busy with something else.
settings.register_profile("without a clock", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("without a clock")

ROOT = Path(__file__).resolve().parents[1]
HTML = ROOT / "_build" / "html"
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
CHROMIUM += ["--disable-component-update", "--disable-sync"]
# How often each kind of damage came to each ending (tests/test_faults.py).
ENDINGS = ("caught", "harmless", "cannot be told")
TALLY: pytest.StashKey[Counter[tuple[str, str]]] = pytest.StashKey()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say how many damages were tried on the tables and how they ended."""
    tally = config.stash.get(TALLY, Counter())
    if not tally:
        return
    terminalreporter.section("damages to data/")
    terminalreporter.write_line(f"{'kind':<44}" + "".join(f"{ending:>16}" for ending in ENDINGS))
    for kind in dict.fromkeys(kind for kind, _ in tally):
        terminalreporter.write_line(f"{kind:<44}" + "".join(f"{tally[kind, ending]:>16,}" for ending in ENDINGS))
    sums = [sum(n for (_, ending), n in tally.items() if ending == one) for one in ENDINGS]
    terminalreporter.write_line(f"{'all, ' + format(sum(sums), ','):<44}" + "".join(f"{n:>16,}" for n in sums))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker of a run on several cores hands its count over."""
    if hasattr(session.config, "workeroutput"):
        tally = session.config.stash.get(TALLY, Counter())
        session.config.workeroutput["damages"] = [[*key, n] for key, n in tally.items()]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Take the count of a worker that has ended."""
    tally = node.config.stash.setdefault(TALLY, Counter())
    for kind, ending, n in getattr(node, "workeroutput", {}).get("damages", []):
        tally[kind, ending] += n


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A copy of ``data/`` that a test may damage."""
    return Path(shutil.copytree(ROOT / "data", tmp_path / "data"))


@pytest.fixture(scope="session")
def site() -> str:
    """The address of the built book, served from ``_build/html``."""
    if not (HTML / "index.html").exists():
        pytest.fail("there is no built book; run make book first")

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(HTML)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="session")
def chromium():
    """The system's Chromium, driven by Playwright."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.fail("no Chromium on this machine; on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM)
        yield browser
        browser.close()
