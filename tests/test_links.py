"""The check of outside links tells a dead address from a live one, and finds the page that has it."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import links
import pytest


@pytest.fixture
def server() -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response({"/here": 200, "/shy": 403}.get(self.path, 404))
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    served = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=served.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{served.server_port}"
    served.shutdown()


@pytest.mark.parametrize(("path", "said"), [("/here", "alive"), ("/shy", "shy"), ("/gone", "dead: 404 Not Found")])
def test_what_an_address_says(server: str, path: str, said: str) -> None:
    assert links.state(server + path) == said


def test_an_address_without_a_server_does_not_answer() -> None:
    assert links.state("http://127.0.0.1:1/").startswith("no answer")


def test_links_are_found_with_their_pages(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(
        '<a class="x" href="https://example.org/?a=1&amp;b=2#c">x</a> <a href="b.html">y</a>'
    )
    assert links.outside_links(tmp_path) == {"https://example.org/?a=1&b=2": ["a.html"]}
