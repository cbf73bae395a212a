"""What is deprecated and used by a test or a tool of the course is an error, as in the package."""

from pathlib import Path

ROOT = Path(__file__).parents[1]


def pytest_configure(config):
    """Names the modules, so that pyproject.toml needs no list of them."""
    ours = sorted(
        path.stem for folder in ("tests", "tools") for path in (ROOT / folder).rglob("*.py")
    )
    for category in ("DeprecationWarning", "PendingDeprecationWarning", "FutureWarning"):
        config.addinivalue_line(
            "filterwarnings", rf"error::{category}:(tests\.|tools\.)?(\w+\.)*({'|'.join(ours)})$"
        )
