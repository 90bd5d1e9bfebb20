"""Rate a page of each kind with Lighthouse, as a phone on a slow network meets it; fail below the limits.

Needs Node.js and Chromium. The pages are served compressed, as a static host serves them.
"""

from __future__ import annotations

import gzip
import http.server
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HTML = ROOT / "_build" / "html"
LIGHTHOUSE = "lighthouse@12.8.2"
LIMITS = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 95}
PAGES = [
    "book/index.html",
    "book/method.html",
    "book/codebook.html",
    "book/data.html",
    "book/sources.html",
    "notebooks/01-introduction.html",
    "notebooks/04b-scenarios.html",
    "notebooks/05-conclusion.html",
    "notebooks/07-audit.html",
    "notebooks/08-hindsight.html",
    "notebooks/ledger-1.html",
    "notebooks/maps-2.html",
    "search.html",
]
TEXT = {".html", ".css", ".js", ".svg", ".json", ".csv"}


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves the book compressed and lets a browser keep what it has."""

    def do_GET(self) -> None:
        file = Path(self.translate_path(self.path))
        if not file.is_file() or file.suffix not in TEXT:
            super().do_GET()
            return
        body = gzip.compress(file.read_bytes(), mtime=0)
        self.send_response(200)
        self.send_header("Content-Type", f"{self.guess_type(str(file))}; charset=utf-8")
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=31536000")
        self.end_headers()
        self.wfile.write(body)

    def handle(self) -> None:
        with suppress(ConnectionError):  # the browser may leave before the answer is whole
            super().handle()

    def log_message(self, *args: object) -> None:
        pass


def rate(address: str, folder: str) -> dict[str, object]:
    """The report of one page."""
    out = Path(folder) / "report.json"
    command = [
        *("npx", "--yes", LIGHTHOUSE, address, "--quiet", "--output=json", f"--output-path={out}"),
        *("--only-categories=" + ",".join(LIMITS), "--chrome-flags=--headless=new --no-sandbox --disable-gpu"),
    ]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    report: dict[str, object] = json.loads(out.read_text(encoding="utf-8"))
    return report


def main() -> int:
    if not shutil.which("npx"):
        print("make: Lighthouse needs Node.js (npx), which was not found", file=sys.stderr)
        return 1
    browser = next((b for n in ("chromium", "chromium-browser", "google-chrome") if (b := shutil.which(n))), None)
    os.environ.setdefault("CHROME_PATH", browser or "")
    handler = lambda *a: Handler(*a, directory=str(HTML))  # noqa: E731
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    good = True
    with tempfile.TemporaryDirectory() as folder:
        for page in sys.argv[1:] or PAGES:
            report = rate(f"http://127.0.0.1:{server.server_port}/{page}", folder)
            scores = {k: round(100 * (report["categories"][k]["score"] or 0)) for k in LIMITS}  # type: ignore[index]
            audits: dict[str, dict] = report["audits"]  # type: ignore[assignment]
            sent = audits["total-byte-weight"]["numericValue"] / 1000
            print(
                f"{page:40} " + "  ".join(f"{k} {v}" for k, v in scores.items()) + f"  {sent:.0f} kB sent", flush=True
            )
            for name in (k for k, limit in LIMITS.items() if scores[k] < limit):
                good = False
                for part in report["categories"][name]["auditRefs"]:  # type: ignore[index]
                    found = audits[part["id"]]
                    if part["weight"] and (found["score"] or 0) < 0.9:
                        print(f"    {name}: {found['title']} {found.get('displayValue', '')}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
