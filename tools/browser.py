"""Chromium, by the names it has in systems, in which the built forms are tested; and a server."""

import http.server
import shutil
import threading
from contextlib import contextmanager
from functools import partial

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER = next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def chromium():
    """Opens the browser for our own files; as root it does not start with its sandbox."""
    with sync_playwright() as playwright:
        with playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"]) as found:
            yield found


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files, and says nothing."""

    extensions_map = {
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".mjs": "text/javascript",
    }

    def log_message(self, *_):
        """Says nothing."""


@contextmanager
def served(folder):
    """Serves a folder to this machine alone; gives its address, which ends with a slash."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
