"""The form of every link of the texts, and how an answer of a server is read.

`test_repository.py` looks whether relative links and their headings exist; this looks at addresses
and at links inside a lecture. Whether an address is alive is asked by `make check-links`.
"""

import http.server
import re
import threading
from urllib.parse import urlsplit

import pytest

import alive
import course

PLACES = alive.named()


def complaint(address):
    """What is wrong with the form of an address, "" if nothing."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        return str(error)
    if not re.fullmatch(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}", parts.hostname or ""):
        return "its host is no name"
    if parts.username or port:
        return "it names a user or a port"
    if re.search(r"%(?![0-9A-Fa-f]{2})", address) or not address.isascii():
        return "a character is not encoded"
    if parts.scheme != "https":
        return "it is not https"
    if parts.hostname == "doi.org" and not re.fullmatch(r"/10\.\d{4,9}/\S+", parts.path):
        return "it is no doi"
    return ""


def test_every_address_is_well_formed():
    assert len(PLACES) > 20
    assert {a: (complaint(a), PLACES[a]) for a in PLACES if complaint(a)} == {}


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/a",
        "https://localhost/a",
        "https://example",
        "https://example.org:8888/a",
        "https://me@example.org/",
        "https://example.org/50%",
        "https://example..org/",
        "https://doi.org/abc",
    ],
)
def test_a_bad_address_is_noticed(address):
    assert alive.addresses(f"see [this]({address}).") == [address]
    assert complaint(address)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("[a](https://example.org/a), and", "https://example.org/a"),
        ("(see https://example.org/a_(b)).", "https://example.org/a_(b)"),
        ("<https://example.org/?x=1#y>", "https://example.org/?x=1#y"),
        ("url = {https://example.org/a},", "https://example.org/a"),
        ("**https://example.org**", "https://example.org"),
    ],
)
def test_where_an_address_ends(text, address):
    assert alive.addresses(text) == [address]
    assert complaint(address) == ""


@pytest.mark.parametrize("text", course.lectures() + course.solutions(), ids=course.relative)
def test_brackets_of_links_are_closed(text):
    prose = re.sub(r"```.*?```|`[^`]*`|\$[^$]*\$", "", text.read_text(encoding="utf-8"), flags=re.S)
    assert re.findall(r"\]\([^)\s]*\s(?!\")[^)]*$|\]\(\s*\)|\]\s\(https?:", prose, re.M) == []


class Server(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(int(self.path.strip("/")))
        self.end_headers()

    def log_message(self, *arguments):
        pass


def test_what_counts_as_gone():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        said = {
            code: alive.answer(f"http://127.0.0.1:{server.server_port}/{code}")
            for code in (200, 403, 404, 410, 500)
        }
        server.shutdown()
    assert said == {code: (code in (404, 410), str(code)) for code in said}
    gone, why = alive.answer("http://127.0.0.1:1/")  # nobody listens: says nothing about the page
    assert not gone and why
