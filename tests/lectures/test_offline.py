"""The network guard refuses what leaves the machine, notes it, and lets the loopback through."""

import os
import subprocess
import sys

import pytest

import course


def run(code, tmp_path):
    """Runs code in a new Python under the guard; returns its output and the noted attempts."""
    attempts = tmp_path / "attempts"
    environment = {
        **os.environ,
        "PYTHONPATH": str(course.OFFLINE),
        "OFFLINE_ATTEMPTS": str(attempts),
    }
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60
    )
    return done, attempts.read_text() if attempts.exists() else ""


# 192.0.2.1 and example.invalid are reserved for examples: nobody is there.
@pytest.mark.parametrize(
    ("code", "noted"),
    [
        ("socket.create_connection(('192.0.2.1', 80), 1)", "192.0.2.1"),
        ("socket.create_connection(('example.invalid', 80), 1)", "example.invalid"),
        ("socket.getaddrinfo('example.invalid', 443)", "example.invalid"),
        ("socket.gethostbyname('example.invalid')", "example.invalid"),
        ("socket.socket(socket.AF_INET6).connect(('2001:db8::1', 80))", "2001:db8::1"),
        (
            "socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))",
            "192.0.2.1",
        ),
        ("urllib.request.urlopen('http://example.invalid/x.csv')", "example.invalid"),
    ],
)
def test_what_leaves_the_machine_is_refused_and_noted(code, noted, tmp_path):
    done, attempts = run(f"import socket, urllib.request\n{code}", tmp_path)
    assert done.returncode != 0
    assert "the network is off in this course" in done.stderr
    assert noted in attempts


def test_a_swallowed_refusal_is_still_noted(tmp_path):
    code = """
import socket
try:
    socket.create_connection(("192.0.2.1", 80), 1)
except OSError:
    print("went on")
"""
    done, attempts = run(code, tmp_path)
    assert done.stdout == "went on\n"
    assert attempts == "socket.getaddrinfo 192.0.2.1\n"


def test_the_loopback_stays_open(tmp_path):
    code = """
import socket
for host in ("127.0.0.1", "localhost"):
    with socket.create_server((host, 0)) as server:
        with socket.create_connection((host, server.getsockname()[1]), 5) as client:
            peer = server.accept()[0]
            client.sendall(b"here")
            print(peer.recv(4).decode())
            peer.close()
"""
    done, attempts = run(code, tmp_path)
    assert done.stdout == "here\nhere\n", done.stderr
    assert attempts == ""
