"""Which browser the tests of the built forms use: Chromium, by the names it has in systems."""

import shutil
from contextlib import contextmanager

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER = next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def chromium():
    """Opens the browser for our own files; as root it does not start with its sandbox."""
    with sync_playwright() as playwright:
        with playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"]) as found:
            yield found
