"""The house style: colors that everyone can tell apart, alt text that is stored, bad input."""

import base64
import itertools
import re

import matplotlib
import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from rnncourse import plotting

# Machado, Oliveira and Fernandes (2009), severity 1.0; they act on linear RGB.
VISION = {
    "normal": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
}
TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
APART = 15  # CIE76 units; about 2.3 is a just noticeable difference


def linear_rgb(color):
    c = np.array(matplotlib.colors.to_rgb(color))
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def contrast(color, other):
    """The WCAG 2 contrast ratio of two colors."""
    light = sorted(float(TO_XYZ[1] @ linear_rgb(c)) for c in (color, other))
    return (light[1] + 0.05) / (light[0] + 0.05)


def lab(rgb):
    f = TO_XYZ @ np.clip(rgb, 0, 1) / [0.95047, 1.0, 1.08883]
    f = np.where(f > 0.008856, np.cbrt(f), 7.787 * f + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.fixture(autouse=True)
def close_all():
    yield
    plt.close("all")


def test_contrast_is_that_of_wcag():
    assert contrast("black", "white") == pytest.approx(21)
    assert contrast("#767676", "white") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("name", plotting.PALETTE)
def test_strokes_stand_out_from_white_and_from_their_fill(name):
    assert contrast(plotting.PALETTE[name], "white") >= 3
    assert contrast("#111111", plotting.FILLS[name]) >= 7  # labels inside a node


@pytest.mark.parametrize("vision", VISION)
def test_colors_are_apart(vision):
    seen = {n: lab(VISION[vision] @ linear_rgb(c)) for n, c in plotting.PALETTE.items()}
    for a, b in itertools.combinations(seen, 2):
        assert np.linalg.norm(seen[a] - seen[b]) >= APART, f"{a} and {b}"


def test_series_differ_in_color_and_in_dash():
    styles = plotting.series_styles(6, markers=True)
    for key in ("color", "linestyle", "marker"):
        assert len({str(s[key]) for s in styles}) == 6
    assert all(s["marker"] == "" for s in plotting.series_styles(6))


def test_arrow_kinds_differ_in_more_than_color():
    from rnncourse.plotting.arrows import ARROWS

    assert len({(str(dash), filled) for _, dash, filled, _ in ARROWS.values()}) == len(ARROWS)


@pytest.mark.parametrize("n", [0, 7, -1])
def test_too_many_series_are_refused(n):
    with pytest.raises(ValueError, match=f"n is {n}, expected 1 to 6"):
        plotting.series_styles(n)


def test_nothing_is_set_globally():
    before = dict(matplotlib.rcParams)
    fig, ax = plotting.subplots()
    plotting.lines(ax, [0, 1], [[0, 1], [1, 0]], ["a", "b"], "x (1)", "y (1)")
    plotting.canvas(2, 2)
    assert dict(matplotlib.rcParams) == before
    assert ax.xaxis.label.get_size() >= 12
    assert ax.get_xticklabels()[0].get_size() >= 12
    assert all(text.get_size() >= 12 for text in ax.get_legend().get_texts())
    assert not ax.spines["top"].get_visible()


# ---- alt text -----------------------------------------------------------------------------------

ALT = 'A line "rises" from 0 to 1 & stays.'


def test_show_stores_the_alt_text_in_a_notebook():
    lines = (
        "import rnncourse.plotting as p",
        "import numpy as np",
        "fig, ax = p.subplots()",
        "p.lines(ax, np.arange(9), np.sin(np.arange(18)).reshape(2, 9), 'ab', 'step', 'y (m)')",
        f"p.show(fig, {ALT!r})",
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("\n".join(lines))])
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    (output,) = notebook.cells[0].outputs  # and no second picture of the open figure
    assert output.output_type == "display_data"
    assert output.metadata["image/png"]["alt"] == ALT
    assert output.data["text/plain"] == ALT
    png = base64.b64decode(output.data["image/png"])
    assert png.startswith(b"\x89PNG") and len(png) < 60_000


def test_show_outside_a_notebook_calls_matplotlib_and_closes(monkeypatch):
    called = []
    monkeypatch.setattr(plt, "show", lambda: called.append(True))
    fig, ax = plotting.subplots()
    ax.set(xlabel="t (s)", ylabel="x (m)")
    assert plotting.show(fig, ALT) is None
    assert called == [True] and not plt.fignum_exists(fig.number)


@pytest.mark.parametrize("alt", ["", "   ", None, 3, "A picture.", "no full stop at the end"])
def test_alt_that_is_no_sentence_is_refused(alt):
    fig, _ = plotting.canvas(2, 2)
    with pytest.raises(ValueError, match="alt is .* expected a sentence"):
        plotting.show(fig, alt)


def test_an_axis_without_label_is_refused():
    fig, axes = plotting.subplots(1, 2)
    axes[0].set(xlabel="t (s)", ylabel="x (m)")
    with pytest.raises(ValueError, match="axes 1 of fig has no label on x and y"):
        plotting.show(fig, ALT)
    axes[1].set(xlabel="t (s)")
    with pytest.raises(ValueError, match="axes 1 of fig has no label on y"):
        plotting.show(fig, ALT)


def test_axes_that_share_may_share_a_label(monkeypatch):
    monkeypatch.setattr(plt, "show", lambda: None)
    fig, axes = plotting.subplots(2, 2, sharex=True, sharey=True)
    axes[1, 0].set(xlabel="t (s)", ylabel="x (m)")
    plotting.show(fig, ALT)
    fig, ax = plotting.subplots()
    plotting.heatmap(ax, np.eye(3), "from", "to", "weight")
    plotting.show(fig, ALT)


# ---- plots of data ------------------------------------------------------------------------------


def test_band_is_median_and_range():
    fig, ax = plotting.subplots()
    runs = np.array([[1.0, 5.0], [2.0, 1.0], [9.0, 3.0]])
    line = plotting.band(ax, [0, 1], runs, "loss", plotting.series_styles(1)[0])
    np.testing.assert_array_equal(line.get_ydata(), [2, 3])
    assert "3" in line.get_label()
    heights = ax.collections[0].get_paths()[0].vertices
    assert {tuple(v) for v in [[0, 1], [0, 9], [1, 1], [1, 5]]} <= {tuple(v) for v in heights}


def test_stairs_hold_until_they_jump_and_their_band_is_between_0_and_1():
    _, ax = plotting.subplots()
    x, share, low, high = [1, 2, 4, 9], [0, 0.4, 1, 1], [0, 0.1, 0.6, 0.6], [0.4, 0.8, 1, 1]
    line = plotting.stairs(ax, x, share, low, high, "LSTM", plotting.series_styles(1)[0])
    assert line.get_drawstyle() == "steps-post" and line.get_label() == "LSTM"
    np.testing.assert_array_equal(line.get_ydata(), share)
    (path,) = ax.collections[0].get_paths()
    corners = {tuple(v) for v in path.vertices}
    assert path.vertices[:, 0].min() == 2 and path.vertices[:, 0].max() == 4
    assert {(2, 0.1), (2, 0.8), (4, 0.1), (4, 0.8)} <= corners


def test_heatmap_can_be_centered_on_zero():
    _, ax = plotting.subplots()
    image = plotting.heatmap(ax, [[-1.0, 3.0]], "from", "to", "weight", symmetric=True)
    assert image.get_clim() == (-3, 3)
    image = plotting.heatmap(ax, [[-1.0, 3.0]], "from", "to", "weight")
    assert image.get_clim() == (-1, 3)


def test_slope_guide_has_its_order():
    _, ax = plotting.subplots()
    line = plotting.slope_guide(ax, (1e-3, 1e-1), 1e-8, 4)
    x, y = np.log(line.get_xdata()), np.log(line.get_ydata())
    assert (y[1] - y[0]) / (x[1] - x[0]) == pytest.approx(4)
    assert ax.get_xscale() == ax.get_yscale() == "log"
    assert [t.get_text() for t in ax.texts] == ["order 4"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda ax: plotting.lines(ax, [0, 1], [[0, 1]], ["a", "b"], "x", "y"), "labels has 2"),
        (lambda ax: plotting.lines(ax, [0, 1], [[0, 1, 2]], ["a"], "x", "y"), "shape (3,)"),
        (lambda ax: plotting.lines(ax, [0, 1], [], [], "x", "y"), "n is 0"),
        (lambda ax: plotting.band(ax, [0, 1], [0, 1], "a", {}), "runs has shape (2,)"),
        (lambda ax: plotting.band(ax, [0, 1], [[0, 1, 2]], "a", {}), "expected (S, 2)"),
        (lambda ax: plotting.stairs(ax, [1, 2], [0, 1], [0], [1, 1], "", {}), "low has shape (1,)"),
        (lambda ax: plotting.heatmap(ax, [1, 2], "x", "y", "w"), "matrix has shape (2,)"),
        (lambda ax: plotting.slope_guide(ax, (0, 1), 1, 2), "two positive x"),
        (lambda ax: plotting.slope_guide(ax, (1, 2), -1, 2), "positive y"),
        (lambda ax: plotting.node(ax, (0, 0), kind="hiden"), "kind is 'hiden', expected one of"),
        (lambda ax: plotting.arrow(ax, (0, 0), (1, 1), kind="back"), "kind is 'back'"),
        (lambda ax: plotting.save_svg(ax.figure, "a.png", ALT), "path is 'a.png'"),
        (lambda ax: plotting.save_svg(ax.figure, "a.svg", ""), "alt is ''"),
    ],
)
def test_bad_input_is_named(call, message):
    _, ax = plotting.subplots()
    with pytest.raises(ValueError, match=re.escape(message)):
        call(ax)


# ---- drawings -----------------------------------------------------------------------------------


def test_an_arrow_starts_and_ends_at_the_edges():
    _, ax = plotting.canvas(4, 2)
    a, b = (plotting.node(ax, (x, 1), radius=0.5) for x in (1, 3))
    plotting.arrow(ax, a, b)
    shaft = ax.lines[-1].get_xdata()
    head = ax.patches[-1].get_path().vertices[:, 0]
    assert shaft[0] == pytest.approx(1.5, abs=0.01)
    assert head.max() == pytest.approx(2.47, abs=0.01)


def test_an_arrow_passes_its_corners_and_ends_at_the_edges():
    _, ax = plotting.canvas(4, 4)
    start = plotting.node(ax, (1, 1), radius=0.5)
    end = plotting.valve(ax, (3, 3), 0.5)
    plotting.arrow(ax, start, end, kind="error", via=[(1, 3)])
    x, y = ax.lines[-1].get_data()
    assert (x[0], y[0]) == pytest.approx((1, 1.5), abs=0.01)
    assert (x[1], y[1]) == (1, 3)
    assert (x[-1], y[-1]) == pytest.approx((2.47, 3), abs=0.01)


def test_an_arrow_can_be_wide_or_faded():
    _, ax = plotting.canvas(4, 2)
    widths = []
    for options in ({}, {"scale": 0.5}, {"scale": 3}, {"faded": True}):
        plotting.arrow(ax, (1, 1), (3, 1), kind="error", **options)
        widths.append(ax.lines[-1].get_linewidth())
    assert widths[1:3] == [0.5 * widths[0], 3 * widths[0]]
    assert widths[3] < widths[0]
    assert ax.lines[-1].get_color() != plotting.PALETTE["error"]


def test_svg_escapes_its_description(tmp_path):
    fig, ax = plotting.canvas(2, 1)
    plotting.label(ax, (1, 0.5), "$h$")
    plotting.save_svg(fig, tmp_path / "a_b.svg", 'If a < b & c, say "no" to it.')
    text = (tmp_path / "a_b.svg").read_text(encoding="utf-8")
    assert "If a &lt; b &amp; c" in text and ">a b</title>" in text
    assert "<dc:date>" not in text
