"""The live figures: each slider is moved as a front end would move it, and the figure changes."""

import base64
import builtins
import html
import re
import time

import nbformat
import numpy as np
import pytest
from jupyter_client.manager import start_new_kernel

import run_notebooks
from rnncourse import live, lstm, plotting
from rnncourse.live import edge, gates, gradients, unit, valley

SLIDERS = {"FloatSliderModel", "FloatLogSliderModel"}
every_figure = pytest.mark.parametrize("name", live.ALL)
every_slider = pytest.mark.parametrize(
    ("name", "number"),
    [(name, k) for name, figure in live.ALL.items() for k in range(len(figure.sliders))],
)


def picture(value):
    """The bytes and the alt text of what the HTML of a widget shows."""
    alt, data = re.search(r'<img alt="([^"]*)" src="data:image/png;base64,([^"]*)"', value).groups()
    return base64.b64decode(data), html.unescape(alt)


def moved(figure, number):
    """The values after one slider was moved to another place than where it starts."""
    slider, values = figure.sliders[number], list(figure.start)
    values[number] = slider.low if values[number] != slider.low else slider.high
    return values


def drawn(figure, values):
    fig, alt = figure.draw(*values)
    data = plotting.png(fig)
    plotting.close(fig)
    return data, alt


# ---- the sliders --------------------------------------------------------------------------------


class FrontEnd:
    """A kernel, and what a front end knows of its widgets: their states, kept by its messages."""

    def __init__(self):
        self.manager, self.client = start_new_kernel(kernel_name="python3")
        self.models, self.displayed = {}, []
        self.execute("from rnncourse import live")

    def listen(self, request):
        """Follows the kernel until it has answered a request."""
        while True:
            message = self.client.get_iopub_msg(timeout=60)
            kind, content = message["msg_type"], message["content"]
            if message["parent_header"].get("msg_id") != request:
                continue
            if kind == "error":
                raise AssertionError("\n".join(content["traceback"]))
            if kind == "comm_open":
                self.models[content["comm_id"]] = dict(content["data"]["state"])
            if kind == "comm_msg" and content["data"]["method"] == "update":
                self.models[content["comm_id"]].update(content["data"]["state"])
            if kind == "display_data":
                self.displayed.append(content)
            if kind == "status" and content["execution_state"] == "idle":
                return

    def execute(self, code):
        self.models, self.displayed = {}, []
        self.listen(self.client.execute(code))

    def move(self, model, value):
        """Sends what a slider sends when the reader has moved it."""
        data = {"method": "update", "state": {"value": value}, "buffer_paths": []}
        content = {"comm_id": model, "data": data}
        message = self.client.session.msg("comm_msg", content)
        self.client.shell_channel.send(message)
        self.listen(message["header"]["msg_id"])

    def find(self, names):
        """The models of some kinds, in the order in which they were made."""
        return [key for key, state in self.models.items() if state["_model_name"] in names]


@pytest.fixture(scope="module")
def front_end():
    made = FrontEnd()
    yield made
    made.client.stop_channels()
    made.manager.shutdown_kernel(now=True)


@every_slider
def test_a_slider_moved_in_a_front_end_changes_the_figure(front_end, name, number):
    figure = live.ALL[name]
    front_end.execute(f"live.show(live.ALL[{name!r}])")
    still, line, sliders = front_end.displayed
    assert line["data"] == {"text/plain": live.sliders.PLACE_OF_SLIDERS}
    assert still["metadata"]["image/png"]["alt"] == figure.alt
    box = front_end.models[sliders["data"][run_notebooks.WIDGET_VIEW]["model_id"]]
    *moving, shown = [key.removeprefix("IPY_MODEL_") for key in box["children"]]
    assert moving == front_end.find(SLIDERS)

    before = picture(front_end.models[shown]["value"])
    assert before == drawn(figure, figure.start)
    values = moved(figure, number)
    began = time.monotonic()
    front_end.move(moving[number], values[number])
    seconds = time.monotonic() - began
    after = picture(front_end.models[shown]["value"])
    assert after[0] != before[0] and after[1] != before[1]
    assert after == drawn(figure, values)
    assert seconds < 3  # about 0.2 on an idle processor


@every_slider
def test_a_slider_moved_from_python_changes_the_figure(name, number):
    figure = live.ALL[name]
    box = live.widget(figure)
    assert box.children[number].description == figure.sliders[number].description
    values = moved(figure, number)
    box.children[number].value = values[number]
    assert picture(box.children[-1].value) == drawn(figure, values)


def test_a_logarithmic_slider_reaches_its_ends():
    (slider,) = live.VALLEY.sliders
    made, shown = live.widget(live.VALLEY).children
    made.value = slider.high  # the slider holds its decimal logarithm, and may round it
    assert made.value == pytest.approx(slider.high)
    assert "number 1000:" in picture(shown.value)[1]


# ---- what stands in their place -----------------------------------------------------------------


def shown_by(front_end, name, without):
    """What a cell shows: with ipywidgets, or where its import fails."""
    hide = "import sys; sys.modules['ipywidgets'] = None" if without else "pass"
    code = f"{hide}\ntry:\n    live.show(live.ALL[{name!r}])\nfinally:\n    "
    front_end.execute(code + ("del sys.modules['ipywidgets']" if without else "pass"))
    return front_end.displayed


def test_without_ipywidgets_there_is_the_picture_and_one_line(front_end):
    still, line = shown_by(front_end, "unit", without=True)
    assert set(still["data"]) == {"image/png", "text/plain"}
    (text,) = line["data"].values()
    assert "ipywidgets" in text and "\n" not in text
    # The line does not depend on it, so that stored outputs compare equal.
    assert shown_by(front_end, "unit", without=False)[1]["data"]["text/plain"] == text


def test_a_stored_notebook_keeps_the_line_and_not_the_widget():
    line = {"text/plain": "a line", run_notebooks.WIDGET_VIEW: {"model_id": "1"}}
    bare = {run_notebooks.WIDGET_VIEW: {"model_id": "2"}}
    outputs = [nbformat.v4.new_output("display_data", data) for data in (line, bare)]
    outputs.append(nbformat.v4.new_output("stream", text="printed"))
    cell = nbformat.v4.new_code_cell("", outputs=outputs)
    run_notebooks.drop_widgets(nbformat.v4.new_notebook(cells=[cell]))
    kept, printed = cell.outputs
    assert kept.data == {"text/plain": "a line"} and printed.text == "printed"


def test_outside_of_a_notebook_there_is_the_picture(monkeypatch):
    called = []
    monkeypatch.setattr(plotting.style.plt, "show", lambda: called.append(True))
    assert live.show(live.UNIT) is None and called == [True]


def test_widget_needs_ipywidgets(monkeypatch):
    real = builtins.__import__

    def without(name, *arguments, **options):
        if name.startswith("ipywidgets"):
            raise ImportError(name)
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError):
        live.widget(live.UNIT)


@every_figure
def test_the_still_picture_shows_positions_of_the_sliders(name):
    figure = live.ALL[name]
    fig, alt = figure.still()
    assert len(fig.axes) == figure.panels * len(figure.shown) and len(figure.shown) >= 3
    plotting.png(fig)
    box = fig.legends[0].get_window_extent()
    for ax in fig.axes:
        assert not box.overlaps(ax.get_tightbbox())
    plotting.close(fig)
    assert alt.isascii() and 20 <= len(alt.split()) <= 100
    alts = {drawn(figure, values)[1] for values in (*figure.shown, figure.start)}
    assert len(alts) == len(figure.shown) + 1


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((), "values has 0 entries"),
        ((1, 2), "values has 2 entries"),
        ((9.0,), "w is 9.0, expected"),
    ],
)
def test_values_that_no_slider_takes_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        live.UNIT.draw(*values)


# ---- what they draw -----------------------------------------------------------------------------


@pytest.mark.parametrize("w", [-2.0, -0.7, 0.9, 1.4, 2.5])
def test_the_unit_ends_where_it_rests(w):
    h = unit.states(w, 0.5, 2000)
    rest = unit.resting_value(w)
    np.testing.assert_allclose(np.abs(h[-2:]), rest, atol=1e-9)
    assert (rest > 0) == (abs(w) > 1)
    if w < -1:
        assert h[-1] * h[-2] < 0


def test_errors_of_linear_units_follow_the_power_of_the_radius():
    at_one, _ = gradients.sizes(1.0)
    for radius in (0.6, 1.3):
        linear, tanh = gradients.sizes(radius)
        np.testing.assert_allclose(linear, at_one * radius ** np.arange(gradients.N_LAGS))
        assert np.all(tanh[10:] < linear[10:])


@pytest.mark.parametrize("values", [(0.7, 0.95, 0.4), (0.2, 0.5, 0.9)])
def test_the_cell_is_that_of_the_package(values):
    i, f, o = values
    logit = np.log(np.array([i, f, 0.5, o]) / (1 - np.array([i, f, 0.5, o])))
    logit[2] = 0.0
    params = lstm.Params(np.array([[0.0], [0.0], [1.0], [0.0]]), np.zeros((4, 1)), logit)
    g, c, h = gates.cell(i, f, o)
    states, tape = lstm.forward(params, np.arctanh(g)[:, np.newaxis, np.newaxis])
    np.testing.assert_allclose(tape.c[:, 0, 0], c, atol=1e-14)
    np.testing.assert_allclose(states[:, 0, 0], h, atol=1e-14)
    e = np.zeros_like(states)
    e[-1] = 1.0
    d_x = lstm.backward(params, tape, e)[1][:, 0, 0]
    np.testing.assert_allclose(gates.error_back(i, f, o), d_x / (1 - g**2), rtol=1e-10)


@pytest.mark.parametrize("setting", [(0.9, 0.0), (0.9, 0.5), (1.5, 1.5), (2.0, 1.5)])
def test_the_distance_goes_as_the_exponent_says(setting):
    radius, scale = setting
    apart = edge.distance(radius, scale)
    end = np.argmax((apart < 1e-13) | (apart > 0.1)) or len(apart) - 1
    rate = np.log(apart[end] / apart[0]) / end
    exponent = edge.exponents(scale)[np.argmin(np.abs(edge.RADII - radius))]
    assert rate == pytest.approx(exponent, abs=0.03) and rate * exponent > 0


@pytest.mark.parametrize("condition", [2.0, 30.0, 1000.0])
def test_two_steps_of_conjugate_gradients_are_enough(condition):
    steepest, conjugate = (valley.heights(d, condition) for d in valley.paths(condition))
    assert conjugate[2] < 1e-20 < steepest[2]
    rate = ((condition - 1) / (condition + 1)) ** 2
    np.testing.assert_allclose(steepest[1:6] / steepest[:5], rate, rtol=1e-6)
