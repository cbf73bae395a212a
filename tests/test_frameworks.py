"""Our weights in the layers of PyTorch and Keras: there and back, outputs, gradients."""

import os
import re
import subprocess
import sys

import nbformat
import numpy as np
import pytest

import course
import notebooks
from rnncourse import frameworks, gru, linear, lstm, rnn
from rnncourse.checks import relative_error
from rnncourse.params import ravel

CELLS = (rnn, lstm, gru, linear)
EXACT = {np.float32: 1e-6, np.float64: 1e-10}
T, B, D, H = 20, 8, 3, 5


def torch_of():
    return pytest.importorskip("torch", reason="PyTorch is not installed (extra `frameworks`)")


def keras_of():
    torch_of()
    os.environ["KERAS_BACKEND"] = "torch"
    return pytest.importorskip("keras", reason="Keras is not installed (extra `frameworks`)")


def drawn(cell, dtype):
    rng = np.random.default_rng(3)
    params = cell.Params(*(0.5 * rng.normal(size=s).astype(dtype) for s in cell.shapes(D, H)))
    x, e = (rng.normal(size=(T, B, n)).astype(dtype) for n in (D, H))
    return params, x, e


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("dtype", EXACT)
def test_torch_gives_the_same(cell, dtype):
    torch = torch_of()
    params, x, e = drawn(cell, dtype)
    layer = frameworks.to_torch(params)
    x_torch = torch.tensor(x, requires_grad=True)
    h_torch = layer(x_torch) if cell is linear else layer(x_torch)[0]
    (h_torch * torch.tensor(e)).sum().backward()
    h, tape = cell.forward(params, x)
    gradient, d_x = cell.backward(params, tape, e)
    assert relative_error(h_torch.detach().numpy(), h) < EXACT[dtype]
    assert relative_error(x_torch.grad.numpy(), d_x) < EXACT[dtype]
    assert relative_error(ravel(frameworks.torch_gradient(layer)), ravel(gradient)) < EXACT[dtype]
    assert np.array_equal(ravel(frameworks.from_torch(layer)), ravel(params))


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("dtype", EXACT)
def test_keras_gives_the_same(cell, dtype):
    keras_of()
    torch = torch_of()
    # On torch's backend Keras multiplies matrices of float64 in float32, but for LSTM and GRU.
    tolerance = 1e-6 if cell in (rnn, linear) else EXACT[dtype]
    params, x, e = drawn(cell, dtype)
    layer = frameworks.to_keras(params)
    x_keras = torch.tensor(x.swapaxes(0, 1).copy(), requires_grad=True)
    h_keras = layer(x_keras)
    (h_keras * torch.tensor(e.swapaxes(0, 1).copy())).sum().backward()
    h, tape = cell.forward(params, x)
    gradient, d_x = cell.backward(params, tape, e)
    assert relative_error(h_keras.detach().numpy().swapaxes(0, 1), h) < tolerance
    assert relative_error(x_keras.grad.numpy().swapaxes(0, 1), d_x) < tolerance
    assert relative_error(ravel(frameworks.keras_gradient(layer)), ravel(gradient)) < tolerance
    assert np.array_equal(ravel(frameworks.from_keras(layer)), ravel(params))


def test_other_layers_are_refused():
    torch, keras = torch_of(), keras_of()
    for options in ({"num_layers": 2}, {"bidirectional": True}, {"bias": False}):
        with pytest.raises(ValueError, match="layer has .*expected"):
            frameworks.from_torch(torch.nn.LSTM(2, 3, **options))
    with pytest.raises(ValueError, match="layer is a Conv1d, expected RNN, LSTM, GRU, Linear"):
        frameworks.from_torch(torch.nn.Conv1d(2, 3, 1))
    with pytest.raises(ValueError, match="reset_after = False, expected True"):
        frameworks.from_keras(keras.layers.GRU(3, reset_after=False))
    with pytest.raises(ValueError, match="no gradient, expected one"):
        frameworks.torch_gradient(torch.nn.Linear(2, 3))


def test_arrays_have_the_shapes_of_the_layers():
    params = drawn(gru, np.float64)[0]
    assert [a.shape for a in frameworks.keras_arrays(params)] == [(D, 15), (H, 15), (2, 15)]
    params = drawn(lstm, np.float64)[0]
    assert [a.shape for a in frameworks.torch_arrays(params)] == [(20, D), (20, H), (20,), (20,)]
    with pytest.raises(ValueError, match="params is a tuple, expected Params of"):
        frameworks.torch_arrays((1, 2))
    with pytest.raises(ValueError, match="b has shape"):
        frameworks.keras_arrays(params._replace(b=np.zeros(3)))


def test_cells_are_passed_over_up_to_a_line():
    class Shell:
        input_transformers_cleanup = []

    frameworks.skip_cells(Shell, until="from a import b")
    (transform,) = Shell.input_transformers_cleanup
    assert transform(["import torch\n"]) == [] and transform(["%pip install torch\n"])
    assert transform(["from a import b\n"]) and Shell.input_transformers_cleanup == []


def fake(folder, **sources):
    """Returns a PYTHONPATH that has modules of these names before those that are installed."""
    for name, source in sources.items():
        (folder / f"{name}.py").write_text(source, encoding="utf-8")
    return os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")]))


ABSENT = "raise ImportError('not installed')"
KERAS = "import importlib, os; importlib.import_module(os.environ.get('KERAS_BACKEND', 'absent'))"


@pytest.mark.parametrize(
    ("set_to", "torch", "keras", "expected"),
    [
        (None, "", KERAS, "[] torch"),
        (None, "", ABSENT, "['Keras'] torch"),
        (None, ABSENT, KERAS, "['PyTorch', 'Keras'] torch"),
        ("own", ABSENT, KERAS, "['PyTorch'] own"),
    ],
    ids=["nothing", "keras", "both", "torch"],
)
def test_what_is_missing_is_named(set_to, torch, keras, expected, tmp_path):
    """Keras is asked for with torch below it, unless the environment names something else."""
    environment = {k: v for k, v in os.environ.items() if k != "KERAS_BACKEND"}
    environment |= {"KERAS_BACKEND": set_to} if set_to else {}
    environment["PYTHONPATH"] = fake(tmp_path, torch=torch, keras=keras, own="")
    code = (
        "import os; from rnncourse import frameworks\n"
        "print(frameworks.missing(), os.environ['KERAS_BACKEND'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.stdout == expected + "\n", done.stderr


def test_the_lecture_runs_where_both_are_missing(tmp_path, monkeypatch):
    """In a kernel of its own: one line says so, and the exercises are those of everywhere."""
    lecture = course.TEXT / "week10_frameworks.md"
    notebook = notebooks.read_text(lecture)
    stored = notebooks.code_cells(nbformat.read(course.notebook_of(lecture), as_version=4))
    monkeypatch.setenv("PYTHONPATH", fake(tmp_path, torch=ABSENT, keras=ABSENT))
    notebooks.execute(notebook, course.NOTEBOOKS)

    cells = notebooks.code_cells(notebook)
    (at,) = [n for n, cell in enumerate(cells) if "frameworks.skip_cells(" in cell.source]
    until = re.search(r'until="(.+?)"', cells[at].source)[1]
    (end,) = [n for n, cell in enumerate(cells) if cell.source.splitlines()[0] == until]
    (said,) = cells[at].outputs
    assert re.fullmatch(r".*PyTorch and Keras.*\n", said.text)
    assert any("import torch" in cell.source for cell in cells[at + 1 : end])
    assert not [cell.source for cell in cells[at + 1 : end] if cell.outputs]

    def shown(cell):
        return [o.get("text") or o["data"]["text/plain"] for o in cell.outputs]

    assert [shown(cell) for cell in cells[end:]] == [shown(cell) for cell in stored[end:]]
    exercises = [cell for cell in cells if "exercise" in cell.metadata.get("tags", [])]
    assert len(exercises) >= 3 and all(cell in cells[end:] and cell.outputs for cell in exercises)


def test_nothing_is_imported_before_it_is_needed():
    code = "import sys, rnncourse.frameworks; print({'torch', 'keras'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout == "set()\n"
