"""The page that writes a cell: its code is the module, and what it shows comes out."""

import doctest
import importlib
import re
import sys

import pytest

import course
from rnncourse import checks

PAGE = course.ROOT / "docs" / "book" / "package" / "own_cell.md"
BLOCKS = re.findall(
    r"^```(python|text)\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder for mgu.py, from which it can be imported."""
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    sys.modules.pop("mgu", None)


def imported(folder, source):
    (folder / "mgu.py").write_text(source, encoding="utf-8")
    importlib.invalidate_caches()
    sys.modules.pop("mgu", None)
    return importlib.import_module("mgu")


def test_the_page_says_what_is_lacking_and_shows_what_comes_out(folder, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    source, said, examples = "", 0, ""
    for kind, block in BLOCKS:
        if kind == "text":
            assert checks.cell(imported(folder, source)) == block.splitlines()
            said += 1
        elif ">>>" in block:
            examples += block
        else:
            source += "\n\n" + block
    assert said == 2
    module = imported(folder, source)
    assert set(module.Params._fields) == {"W_fx", "W_fh", "b_f", "W_nx", "W_nh", "b_n"}
    test = doctest.DocTestParser().get_doctest(examples, {}, "own_cell", str(PAGE), 0)
    result = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(test)
    assert result.attempted > 10 and result.failed == 0
