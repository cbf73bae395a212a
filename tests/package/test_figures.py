"""The drawings: redrawn they equal the committed ones, and they speak to who cannot see them."""

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import rnncourse
from rnncourse import figures, plotting

FIGURES = Path(__file__).parents[2] / "figures"
SVG = "{http://www.w3.org/2000/svg}"
VERSION = re.compile(r"<dc:title>(Matplotlib v[\d.]+\S*),")
NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?|-?\d+")


def drawing(text):
    """What a drawing shows, whatever the version of matplotlib that drew it."""
    root = ElementTree.fromstring(text)
    groups = [g.get("id", "").rsplit("_", 1)[0] for g in root.iter(f"{SVG}g") if g.get("id")]
    return {
        "title": root.findtext(f"{SVG}title"),
        "desc": root.findtext(f"{SVG}desc"),
        "labels": re.findall(r"<!-- (.*?) -->", text, flags=re.S),
        "parts": {name: groups.count(name) for name in ("patch", "line2d", "text")},
        "size": (root.get("width"), root.get("height")),
    }


def differences(drawn, committed):
    """Say in what two SVG texts differ: what they show, and, if one version drew both, where."""
    if drawn == committed:
        return []
    a, b = drawing(drawn), drawing(committed)
    found = [key for key in a if a[key] != b[key]]
    if not found and VERSION.findall(drawn) == VERSION.findall(committed):
        # Another processor or font library may round the last digit otherwise: 0.02 points.
        ours, theirs = (
            np.array([float(n) for n in NUMBER.findall(re.sub(r'"[#\w-]*[A-Za-z][\w-]*"', "", t))])
            for t in (drawn, committed)
        )
        if ours.shape != theirs.shape or not np.allclose(ours, theirs, rtol=0, atol=0.02):
            found.append("coordinates or colors")
    return found


@pytest.fixture(scope="module")
def redrawn(tmp_path_factory):
    folder = tmp_path_factory.mktemp("figures")
    paths = figures.write_all(folder)
    return {path.stem: path.read_text(encoding="utf-8") for path in paths}


def test_every_drawing_is_committed_and_nothing_else():
    assert {p.stem for p in FIGURES.glob("*.svg")} == set(figures.ALL)


@pytest.mark.parametrize("name", figures.ALL)
def test_redrawn_equals_committed(name, redrawn):
    committed = (FIGURES / f"{name}.svg").read_text(encoding="utf-8")
    assert differences(redrawn[name], committed) == [], "run `make figures` and look at the result"


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("<!-- $W_{hh}$ -->", "<!-- $W_{hx}$ -->", "labels"),
        ("from left to right", "from right to left", "desc"),
        ("unfolded single layer</title>", "unfolded</title>", "title"),
        ('<g id="line2d_3">', '<g id="other_3">', "parts"),
        ("fill: #cfe6f5", "fill: #ffffff", "coordinates or colors"),
        ("M 0 331.2", "M 0 330.2", "coordinates or colors"),
    ],
)
def test_a_changed_drawing_is_noticed(old, new, key, redrawn):
    drawn = redrawn["unfolded_single_layer"]
    assert old in drawn
    assert differences(drawn.replace(old, new, 1), drawn) == [key]


def test_another_version_is_compared_by_what_it_shows(redrawn):
    drawn = redrawn["unfolded_single_layer"]
    other = VERSION.sub("<dc:title>Matplotlib v3.8.0,", drawn).replace("M 0 331.2", "M 0 331.0")
    assert differences(drawn, other) == []
    assert differences(drawn, other.replace("<!-- $W_{yh}$ -->", "<!-- $W$ -->")) == ["labels"]


def test_two_processes_draw_the_same_bytes(redrawn, tmp_path):
    source = str(Path(rnncourse.__file__).parent.parent)
    code = (
        f"import sys; sys.path.insert(0, {source!r}); import matplotlib; matplotlib.use('Agg')\n"
        "matplotlib.rcParams['font.size'] = 5\n"  # a user's own settings do not matter
        "matplotlib.rcParams['lines.dash_capstyle'] = 'round'\n"
        "from rnncourse import figures, plotting\n"
        "name = 'backward_arbitrary_node'; fig, alt = figures.ALL[name]()\n"
        f"plotting.save_svg(fig, {str(tmp_path)!r} + '/' + name + '.svg', alt)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
    drawn = (tmp_path / "backward_arbitrary_node.svg").read_text(encoding="utf-8")
    assert drawn == redrawn["backward_arbitrary_node"]


@pytest.mark.parametrize("name", figures.ALL)
def test_a_drawing_speaks_to_a_screen_reader(name, redrawn):
    root = ElementTree.fromstring(redrawn[name])
    fig, alt = figures.ALL[name]()
    plotting.close(fig)
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{name}-title {name}-desc"
    assert root.find(f"{SVG}title").get("id") == f"{name}-title"
    assert root.find(f"{SVG}desc").get("id") == f"{name}-desc"
    assert root.findtext(f"{SVG}desc") == alt
    assert 12 <= len(alt.split()) and alt.isascii()
    assert 1 <= len(re.findall(r"[.](?=\s|$)", alt)) <= 5


@pytest.mark.parametrize("name", figures.ALL)
def test_labels_are_large_and_inside(name):
    fig, _ = figures.ALL[name]()
    fig.canvas.draw()
    page = fig.bbox
    for text in fig.axes[0].texts:
        assert text.get_fontsize() >= 14, text.get_text()
        box = text.get_window_extent()
        assert page.x0 <= box.x0 and box.x1 <= page.x1, text.get_text()
        assert page.y0 <= box.y0 and box.y1 <= page.y1, text.get_text()
    plotting.close(fig)


@pytest.mark.parametrize("name", figures.ALL)
def test_labels_do_not_overlap(name):
    fig, _ = figures.ALL[name]()
    fig.canvas.draw()
    boxes = [(t.get_text(), t.get_window_extent()) for t in fig.axes[0].texts if t.get_text()]
    for i, (text, a) in enumerate(boxes):
        for other, b in boxes[i + 1 :]:
            assert not a.overlaps(b), f"{text} and {other}"
    plotting.close(fig)


def test_the_letters_of_the_weights_are_in_the_drawings(redrawn):
    for letter in ("W_{hx}", "W_{hh}", "W_{yh}", r"x^{(t)}", r"h^{(t)}", r"\hat{y}^{(t)}"):
        assert any(letter in label for label in drawing(redrawn["weight_matrices"])["labels"])
    assert any(r"\delta" in s for s in drawing(redrawn["backward_arbitrary_node"])["labels"])
