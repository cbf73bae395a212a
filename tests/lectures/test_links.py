"""The form of every link of the texts, and how an answer of a server is read.

`test_repository.py` looks whether relative links and their headings exist; this looks at addresses
and at links inside a lecture. Whether an address is alive is asked by `make check-links`.
"""

import http.server
import re
import threading
from urllib.parse import urlsplit

import pytest

import check_addresses
import course

PAGES, PLACES = check_addresses.pages(), check_addresses.named()


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
    assert {"benchmarks/README.md", "src/rnncourse/lstm.py"} <= set(map(course.relative, PAGES))
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
    assert check_addresses.addresses(f"see [this]({address}).") == [address]
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
    assert check_addresses.addresses(text) == [address]
    assert complaint(address) == ""


SCHEME = re.compile(r"\b(?!https?://)[a-z+]+:/+[\w.]+")
BROKEN = re.compile(r"\]\([^)\s]*\s(?!\")[^)]*$|\]\(\s*\)|\]\s\(https?:|" + SCHEME.pattern, re.M)
NAMED = re.compile(r"\[[^\]\n]+\]\[([^\]\n]+)\]")


def broken(text):
    """Lines and links of a Markdown text that no reader or no browser can follow."""
    prose = re.sub(
        r"```.*?```|`[^`]*`|\$[^$]*\$", lambda m: "\n" * m[0].count("\n"), text, flags=re.S
    )
    defined = re.findall(r"^\[([^\]\n]+)\]: ", prose, re.M)
    nowhere = [link for link in NAMED.finditer(prose) if link[1] not in defined]
    return [
        f"line {prose.count(chr(10), 0, link.start()) + 1}: {link[0]}"
        for link in [*BROKEN.finditer(prose), *nowhere]
    ]


@pytest.mark.parametrize("path", PAGES, ids=course.relative)
def test_no_link_is_broken(path):
    text = path.read_text(encoding="utf-8")
    assert (broken(text) if path.suffix == ".md" else SCHEME.findall(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "[a](htps://example.org/a)",
        "[a](https:/example.org/a)",
        "see http:/example.org",
        "[a][nowhere]",
        "[a]( )",
        "[a] (https://example.org/a)",
    ],
)
def test_a_broken_link_is_noticed(text):
    (found,) = broken(f"```\n[a]( )\n```\n{text}\n")
    assert found.startswith("line 4: ")
    assert not broken(f"`{text}`, [a](https://example.org/a), [a][b]\n\n[b]: https://example.org")


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
            code: check_addresses.answer(f"http://127.0.0.1:{server.server_port}/{code}")
            for code in (200, 403, 404, 410, 500)
        }
        server.shutdown()
    assert said == {code: (code in (404, 410), str(code)) for code in said}
    gone, why = check_addresses.answer("http://127.0.0.1:1/")  # nobody listens, which says nothing
    assert not gone and why
