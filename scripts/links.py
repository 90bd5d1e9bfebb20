"""Ask every outside address that a page of the book links to, and report those that are dead; nothing fails.

Needs a network. An address that refuses programs (401, 403, 405, 429) is counted apart: it may be alive.
"""

from __future__ import annotations

import re
import sys
import urllib.error
import urllib.request
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from pathlib import Path

HTML = Path(__file__).resolve().parents[1] / "_build" / "html"
AGENT = "Mozilla/5.0 (link check of an open book)"
SHY = {401, 403, 405, 429}


def outside_links(folder: Path) -> dict[str, list[str]]:
    """Every outside address and the pages that link to it."""
    found: dict[str, list[str]] = defaultdict(list)
    for page in sorted(folder.rglob("*.html")):
        if "_static" in page.parts:
            continue
        for address in set(re.findall(r'<a [^>]*href="(https?://[^"]+)"', page.read_text(encoding="utf-8"))):
            found[unescape(address).split("#")[0]].append(page.relative_to(folder).as_posix())
    return dict(found)


def state(address: str, seconds: float = 20) -> str:
    """``alive``, ``shy`` (it does not answer programs) or what went wrong."""
    request = urllib.request.Request(address, headers={"User-Agent": AGENT})
    try:
        with urllib.request.urlopen(request, timeout=seconds):
            return "alive"
    except urllib.error.HTTPError as error:
        return "shy" if error.code in SHY else f"dead: {error.code} {error.reason}"
    except (OSError, ValueError) as error:
        return f"no answer: {getattr(error, 'reason', error)}"


def main() -> int:
    links = outside_links(HTML)
    if not links:
        print("make: there is no built book; say make book first", file=sys.stderr)
        return 1
    with ThreadPoolExecutor(16) as pool:
        states = dict(zip(links, pool.map(state, links), strict=True))
    for address, said in states.items():
        if said not in {"alive", "shy"}:
            print(f"{said}: {address} (in {', '.join(links[address])})")
    kinds = {kind: sum(s == kind for s in states.values()) for kind in ("alive", "shy")}
    rest = len(links) - sum(kinds.values())
    print(f"{len(links)} addresses: {kinds['alive']} alive, {kinds['shy']} refuse programs, {rest} to look at")
    return 0


if __name__ == "__main__":
    sys.exit(main())
