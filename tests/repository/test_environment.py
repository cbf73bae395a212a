"""A set-up puts packages into its environment, whatever the user has told pip, and when it must."""

import os
import re
import subprocess
import sys

import pytest
import yaml
from packaging.requirements import Requirement

import course
import set_up

# A package that is its own build system, and all that the set-up imports: nothing is fetched.
PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "tiny"
version = "1"
[project.optional-dependencies]
lab = []
"""
BACKEND = """
import zipfile

def build_editable(folder, settings=None, metadata=None):
    name = "tiny-1-py3-none-any.whl"
    with zipfile.ZipFile(f"{folder}/{name}", "w") as wheel:
        wheel.writestr("matplotlib/font_manager.py", "")
        about = "Metadata-Version: 2.1\\nName: tiny\\nVersion: 1\\n"
        wheel.writestr("tiny-1.dist-info/METADATA", about)
        wheel.writestr("tiny-1.dist-info/WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any\\n")
        wheel.writestr("tiny-1.dist-info/RECORD", "")
    return name
"""


@pytest.mark.parametrize("said_by", ["variables", "pip.conf"])
def test_packages_go_into_the_environment_whatever_pip_was_told(said_by, tmp_path):
    root, elsewhere = tmp_path / "checkout", tmp_path / "elsewhere"
    (root / "tools").mkdir(parents=True)
    (root / "pyproject.toml").write_text(PYPROJECT)
    (root / "backend.py").write_text(BACKEND)
    script = (course.ROOT / "tools" / "set_up.py").read_text(encoding="utf-8")
    (root / "tools" / "set_up.py").write_text(script)
    (root / "constraints.txt").write_text("tiny==1 \\\n    --hash=sha256:0\n    --hash=sha256:1\n")
    told = {"user": "true", "target": str(elsewhere), "prefix": str(elsewhere)}
    if said_by == "variables":
        settings = {f"PIP_{key.upper()}": value for key, value in told.items()}
    else:
        lines = [f"{key} = {value}" for key, value in told.items()]
        (tmp_path / "pip.conf").write_text("\n".join(["[install]", *lines, ""]))
        settings = {"PIP_CONFIG_FILE": str(tmp_path / "pip.conf")}
    done = subprocess.run(
        [sys.executable, "tools/set_up.py", "lab"],
        cwd=root,
        # Without uv, and without a place to get it from.
        env={
            **os.environ,
            "PATH": os.defpath,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": "",
            **settings,
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert list((root / ".venv" / "lab").rglob("matplotlib/font_manager.py"))
    assert not elsewhere.exists() and not list((root / ".venv").glob("uv*"))


def test_uv_looks_for_packages_where_pip_does(tmp_path, monkeypatch):
    lines = ["[global]", "index-url = https://a.example/simple", "extra-index-url ="]
    lines += ["    https://b.example/simple", "    https://c.example/simple", ""]
    (tmp_path / "pip.conf").write_text("\n".join(lines))
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    monkeypatch.setenv("PIP_FIND_LINKS", "/d /e")
    told = {
        "UV_DEFAULT_INDEX": "https://a.example/simple",
        "UV_INDEX": "https://b.example/simple https://c.example/simple",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_FIND_LINKS": "/d,/e",
    }
    assert set_up.places().items() >= told.items()


def test_the_tested_versions_are_whole_and_without_an_address():
    """Each has its hashes, none says where it lies, and the bounds of pyproject.toml allow it."""
    text = (course.ROOT / "constraints.txt").read_text(encoding="utf-8")
    entries = [e for e in re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).split("\n") if e]
    pins = [Requirement(entry.rstrip(" \\")) for entry in entries if entry[0] != " "]
    assert re.fullmatch(
        r"([a-z].* \\\n(    --hash=sha256:[0-9a-f]{64}( \\)?\n)+)+", "\n".join(entries) + "\n"
    )
    assert all(re.fullmatch(r"==[\w.]+", str(pin.specifier)) and not pin.url for pin in pins)
    project = course.pyproject()["project"]
    extras = project["optional-dependencies"]
    asked = [*project["dependencies"], *(entry for extra in extras.values() for entry in extra)]
    for wanted in map(Requirement, asked):
        found = [pin for pin in pins if pin.name == wanted.name]
        assert found or wanted.name == "torch", wanted
        for pin in found:
            assert wanted.specifier.contains(str(pin.specifier)[2:]), pin


def test_the_versions_are_tested_with_every_python_that_is_given_them():
    path = course.ROOT / ".github" / "workflows" / "test.yml"
    matrix = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]["test"]["strategy"]["matrix"]
    assert matrix["python"][-1].split(".") == list(map(str, set_up.TESTED))


@pytest.mark.parametrize("name", ["lab", "author", "test", "frameworks", "site", "lite", "oldest"])
def test_what_an_environment_asks_for_is_read_as_a_parser_of_toml_reads_it(name):
    project = course.pyproject()["project"]
    wanted = {
        "requires": course.pyproject()["build-system"]["requires"],
        "requires-python": [project["requires-python"]],
        "dependencies": project["dependencies"],
        "packages": ["src/rnncourse"],
    }
    for extra in set_up.EXTRAS.get(name, name).split(","):
        wanted[extra] = project["optional-dependencies"][extra]
    assert dict(set_up.asked_for(name)) == wanted


def test_only_what_it_asks_for_makes_an_environment_anew(tmp_path, monkeypatch):
    text = (course.ROOT / "pyproject.toml").read_text(encoding="utf-8")
    monkeypatch.setattr(set_up, "ROOT", str(tmp_path))

    def stamp(name, old, new):
        assert old in text
        (tmp_path / "pyproject.toml").write_text(text.replace(old, new), encoding="utf-8")
        return set_up.stamp_text(name)

    as_it_is = stamp("lab", "", "")
    repository = course.address()[0]
    assert stamp("lab", repository, "someone/elsewhere") == as_it_is
    assert stamp("lab", "line-length = 100", "line-length = 99") == as_it_is
    assert stamp("lab", "[project]", "# A comment.\n[project]") == as_it_is
    assert stamp("lab", "pytest>=8.2", "pytest>=9") == as_it_is
    for old in ("scipy>=1.13", "jupyterlab>=4.2", ">=3.11", "hatchling>=1.26"):
        assert stamp("lab", old, old + ".1") != as_it_is
