"""Our weights in the layers of PyTorch and Keras: there and back, outputs, gradients."""

import importlib
import os
import re
import subprocess
import sys

import nbformat
import numpy as np
import pytest

import course
import run_notebooks
from rnncourse import checks, frameworks, gru, linear, losses, lstm, rnn
from rnncourse.arrays import sigmoid
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
    gradient, d_x, _ = cell.backward(params, tape, e)
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
    gradient, d_x, _ = cell.backward(params, tape, e)
    assert relative_error(h_keras.detach().numpy().swapaxes(0, 1), h) < tolerance
    assert relative_error(x_keras.grad.numpy().swapaxes(0, 1), d_x) < tolerance
    assert relative_error(ravel(frameworks.keras_gradient(layer)), ravel(gradient)) < tolerance
    assert np.array_equal(ravel(frameworks.from_keras(layer)), ravel(params))


def torch_layer(name, **options):
    """A layer of torch with four inputs and four outputs, in float64 unless told otherwise."""
    torch = torch_of()
    torch.manual_seed(5)
    return getattr(torch.nn, name)(4, 4, **{"dtype": torch.float64, **options})


def keras_layer(name, built=True, **options):
    layer = getattr(keras_of().layers, name)(4, **options)
    if built:
        layer.build((None, None, 4))
    return layer


OF_TORCH = {
    "num_layers = 2": ("LSTM", {"num_layers": 2}),
    "bidirectional = True": ("GRU", {"bidirectional": True}),
    "proj_size = 2": ("LSTM", {"proj_size": 2}),
    "batch_first = True": ("RNN", {"batch_first": True}),
    "nonlinearity = 'relu'": ("RNN", {"nonlinearity": "relu"}),
    "no bias_ih_l0": ("LSTM", {"bias": False}),
    "no bias,": ("Linear", {"bias": False}),
    "weight_ih_l0 is in float16": ("GRU", {"dtype": "float16"}),
    "weight is in bfloat16": ("Linear", {"dtype": "bfloat16"}),
    "weight_ih_l0 is in complex64": ("RNN", {"dtype": "complex64"}),
    "weight_ih_l0 holds no numbers yet": ("LSTM", {"device": "meta"}),
    "torch.nn.modules.rnn.LSTMCell, expected": ("LSTMCell", {}),
    "torch.nn.modules.conv.Conv1d, expected": ("Conv1d", {"kernel_size": 1}),
}
OF_KERAS = {
    "no weights yet": ("LSTM", {"built": False}),
    "no weights yet, expected a built": ("Dense", {"built": False}),
    "use_bias = False": ("SimpleRNN", {"use_bias": False}),
    "activation = 'relu', expected 'tanh'": ("LSTM", {"activation": "relu"}),
    "activation = 'relu', expected 'linear'": ("Dense", {"activation": "relu"}),
    "activation = <.*>, expected 'tanh'": ("GRU", {"activation": np.vectorize(np.tanh)}),
    "recurrent_activation = 'hard_sigmoid'": ("GRU", {"recurrent_activation": "hard_sigmoid"}),
    "reset_after = False": ("GRU", {"reset_after": False}),
    "go_backwards = True": ("LSTM", {"go_backwards": True}),
    "stateful = True": ("LSTM", {"stateful": True, "built": False}),
    "holds float32 and computes in bfloat16": ("LSTM", {"dtype": "mixed_bfloat16"}),
    "layer is in float16": ("Dense", {"dtype": "float16"}),
}


@pytest.mark.parametrize("message", OF_TORCH)
def test_layers_of_torch_that_are_not_ours_are_refused(message):
    name, options = OF_TORCH[message]
    if isinstance(dtype := options.get("dtype"), str):
        options = {"dtype": getattr(torch_of(), dtype)}
    with pytest.raises(ValueError, match=message) as of_weights:
        frameworks.from_torch(torch_layer(name, **options))
    with pytest.raises(ValueError, match=message) as of_gradient:
        frameworks.torch_gradient(torch_layer(name, **options))
    assert "expected" in str(of_weights.value) and str(of_weights.value) == str(of_gradient.value)


@pytest.mark.parametrize("message", OF_KERAS)
def test_layers_of_keras_that_are_not_ours_are_refused(message):
    name, options = OF_KERAS[message]
    layer = keras_layer(name, **options)
    for function in (frameworks.from_keras, frameworks.keras_gradient):
        with pytest.raises(ValueError, match=f"{message}.*expected|{message}"):
            function(layer)


def test_layers_of_other_kinds_are_refused():
    torch, keras = torch_of(), keras_of()

    class Own(torch.nn.LSTM):
        def forward(self, x):
            return super().forward(x[::-1])

    class OwnCell(keras.layers.LSTMCell):
        def call(self, *arguments, **options):
            return super().call(*arguments, **options)

    with pytest.raises(ValueError, match="Own with a forward of its own, expected RNN, LSTM"):
        frameworks.from_torch(Own(2, 3))
    with pytest.raises(ValueError, match="OptimizedModule, expected RNN"):
        frameworks.from_torch(torch.compile(torch.nn.LSTM(2, 3)))
    with pytest.raises(ValueError, match="keras.src.layers.rnn.lstm.LSTM, expected .* of torch"):
        frameworks.from_torch(keras.layers.LSTM(3))
    for layer in (
        keras.layers.Bidirectional(keras.layers.LSTM(3)),
        keras.layers.RNN(keras.layers.LSTMCell(3)),
        torch.nn.LSTM(2, 3),
        3,
    ):
        with pytest.raises(ValueError, match=f"{type(layer).__name__}, expected SimpleRNN, LSTM"):
            frameworks.from_keras(layer)
    layer = keras.layers.LSTM(3)
    layer.cell = OwnCell(3)
    with pytest.raises(ValueError, match="OwnCell with a call of its own, expected LSTMCell"):
        frameworks.from_keras(layer)


@pytest.mark.parametrize("options", [{"dropout": 0.5}, {"unroll": True}, {"return_state": True}])
def test_what_changes_no_weight_is_accepted(options):
    layer = keras_layer("LSTM", unit_forget_bias=False, **options)
    kernel, recurrent_kernel, bias = layer.get_weights()
    params = frameworks.from_keras(layer)
    for ours, theirs in zip(params, (kernel.T, recurrent_kernel.T, bias), strict=True):
        assert np.array_equal(ours, theirs) and ours.flags.writeable
    before = [a.copy() for a in params]
    layer.set_weights([2 * w + 1 for w in layer.get_weights()])
    assert all(map(np.array_equal, params, before))


def pruned(layer, name):
    return importlib.import_module("torch.nn.utils.prune").random_unstructured(layer, name, 0.5)


def pruned_for_good(layer, name):
    return importlib.import_module("torch.nn.utils.prune").remove(pruned(layer, name), name)


def weight_norm(layer, name):
    return torch_of().nn.utils.parametrizations.weight_norm(layer, name)


def orthogonal(layer, name):
    return torch_of().nn.utils.parametrizations.orthogonal(layer, name)


def spectral_norm(layer, name):
    return torch_of().nn.utils.parametrizations.spectral_norm(layer, name).eval()


def old_spectral_norm(layer, name):
    return torch_of().nn.utils.spectral_norm(layer, name).eval()


def replaced(layer, name):
    weight = 2 * getattr(layer, name).detach()
    delattr(layer, name)
    setattr(layer, name, torch_of().nn.Parameter(weight))
    return layer


def compiled(layer, name):
    layer.compile(backend="eager")
    return layer


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(
    "change",
    [
        *(pruned, pruned_for_good, weight_norm, orthogonal, spectral_norm, old_spectral_norm),
        *(replaced, compiled),
    ],
)
def test_a_changed_layer_of_torch_gives_the_weights_it_computes_with(cell, change):
    """After a step of an optimizer, too, before it is called again."""
    torch = torch_of()
    name = frameworks.TORCH[cell]
    changed = "weight" if cell is linear else "weight_ih_l0"
    layer = change(torch_layer(name), changed)
    x = np.random.default_rng(6).normal(size=(T, B, 4))

    def states():
        h = layer(torch.tensor(x))
        return h if cell is linear else h[0]

    states().square().sum().backward()
    gradient = cell.backward(
        params := frameworks.from_torch(layer),
        cell.forward(params, x)[1],
        2 * cell.forward(params, x)[0],
    )[0]
    if hasattr(layer, changed) and changed in dict(layer.named_parameters()):
        found = ravel(frameworks.torch_gradient(layer))
        assert relative_error(found, ravel(gradient)) < 1e-12
    else:
        with pytest.raises(ValueError, match=f"{changed} is no parameter of the layer.*expected"):
            frameworks.torch_gradient(layer)
    torch.optim.SGD(layer.parameters(), 0.1).step()
    state = {key: value.clone() for key, value in layer.state_dict().items()}
    h = cell.forward(frameworks.from_torch(layer), x)[0]
    assert all(torch.equal(state[key], value) for key, value in layer.state_dict().items())
    assert relative_error(h, states().detach().numpy()) < 1e-12
    assert relative_error(h, cell.forward(params, x)[0]) > 1e-3


@pytest.mark.parametrize("norm", ["spectral_norm", "parametrizations.spectral_norm"])
def test_a_layer_that_computes_its_weights_otherwise_in_training_is_refused(norm):
    torch = torch_of()
    where = torch.nn.utils.parametrizations if "." in norm else torch.nn.utils
    layer = where.spectral_norm(torch_layer("GRU"), "weight_hh_l0")
    state = {key: value.clone() for key, value in layer.state_dict().items()}
    with pytest.raises(ValueError, match="weight_hh_l0 differs .*expected a layer in evaluation"):
        frameworks.from_torch(layer)
    assert all(torch.equal(state[key], value) for key, value in layer.state_dict().items())
    assert layer.training


def test_gradients_that_are_not_of_one_weight_are_refused():
    torch = torch_of()
    layer = torch_layer("LSTM")
    with pytest.raises(ValueError, match="weight_ih_l0 has no gradient, expected one"):
        frameworks.torch_gradient(layer)
    layer.weight_hh_l0.requires_grad_(False)
    layer(torch.ones(T, B, 4, dtype=torch.float64))[0].sum().backward()
    with pytest.raises(ValueError, match="weight_hh_l0 has no gradient.*frozen"):
        frameworks.torch_gradient(layer)
    layer = torch_layer("LSTM")
    layer.bias_hh_l0 = layer.bias_ih_l0
    assert np.array_equal(frameworks.from_torch(layer).b, 2 * layer.bias_ih_l0.detach().numpy())
    layer(torch.ones(T, B, 4, dtype=torch.float64))[0].sum().backward()
    with pytest.raises(ValueError, match="bias_hh_l0 are one parameter, expected one each"):
        frameworks.torch_gradient(layer)
    layer = torch_layer("LSTM")
    layer.weight_hh_l0 = torch.nn.Parameter(layer.weight_hh_l0.detach().float())
    with pytest.raises(ValueError, match="W_h has dtype float32, expected float64"):
        frameworks.from_torch(layer)


def test_low_rank_additions_of_keras_are_added():
    keras, torch = keras_of(), torch_of()
    layer = keras_layer("Dense")
    layer.enable_lora(2)
    layer.lora_kernel_b.assign(np.ones((2, 4)))
    x = np.random.default_rng(7).normal(size=(T, B, 4)).astype(np.float32)
    h = linear.forward(frameworks.from_keras(layer), x)[0]
    assert relative_error(h, layer(torch.tensor(x)).detach().numpy()) < 1e-6
    with pytest.raises(ValueError, match="kernel is computed from others"):
        frameworks.keras_gradient(layer)
    layer = keras.layers.Dense(4)
    layer.build((None, 4))
    layer.quantize("int8")
    with pytest.raises(ValueError, match="quantization_mode = 'int8', expected None"):
        frameworks.from_keras(layer)


@pytest.mark.parametrize("cell", CELLS)
def test_arrays_of_any_layout_arrive(cell):
    torch_of(), keras_of()
    params = drawn(cell, np.float64)[0]
    turned = [np.asfortranarray(a[::-1, ...])[::-1, ...] for a in params]
    for array in turned:
        array.flags.writeable = False
    assert any(min(array.strides) < 0 for array in turned)
    for to, back in (
        (frameworks.to_torch, frameworks.from_torch),
        (frameworks.to_keras, frameworks.from_keras),
    ):
        assert all(map(np.array_equal, back(to(cell.Params(*turned))), params))
        with pytest.raises(ValueError, match="has dtype >f8, expected float32 or float64"):
            to(cell.Params(*(a.astype(">f8") for a in params)))
        with pytest.raises(ValueError, match="has dtype float16, expected"):
            to(cell.Params(*(a.astype(np.float16) for a in params)))
        with pytest.raises(ValueError, match="is a list, expected"):
            to(cell.Params(*(a.tolist() for a in params)))
    with pytest.raises(ValueError, match="params is in complex128, expected"):
        frameworks.to_keras(cell.Params(*(a.astype(complex) for a in params)))


@pytest.mark.parametrize(
    ("backend", "expected"),
    [
        (None, "float64 torch"),
        ("jax", "Keras holds float32 with jax, expected float64"),
        ("tensorflow", "Keras, which here computes with tensorflow as KERAS_BACKEND says, cannot"),
    ],
)
def test_keras_computes_with_torch_unless_told_otherwise(backend, expected, tmp_path):
    """In a process of its own, with a layer before anything else of Keras."""
    keras_of()
    environment = {k: v for k, v in os.environ.items() if k != "KERAS_BACKEND"}
    environment |= {"KERAS_BACKEND": backend} if backend else {}
    environment["PYTHONPATH"] = fake(tmp_path, tensorflow=ABSENT)
    code = (
        "import numpy as np; from rnncourse import frameworks, linear\n"
        "layer = frameworks.to_keras(linear.init(np.random.default_rng(0), 2, 3))\n"
        "import keras; print(layer.dtype, keras.backend.backend())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60
    )
    assert expected in done.stdout + done.stderr


def test_without_torch_one_line_says_what_to_install(tmp_path):
    code = (
        "import numpy as np; from rnncourse import frameworks, linear\n"
        "frameworks.to_torch(linear.init(np.random.default_rng(0), 2, 3))"
    )
    environment = os.environ | {"PYTHONPATH": fake(tmp_path, torch=ABSENT)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60
    )
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: PyTorch cannot be imported (not installed): pip install")


def test_arrays_have_the_shapes_of_the_layers():
    params = drawn(gru, np.float64)[0]
    assert [a.shape for a in frameworks.keras_arrays(params)] == [(D, 15), (H, 15), (2, 15)]
    params = drawn(lstm, np.float64)[0]
    assert [a.shape for a in frameworks.torch_arrays(params)] == [(20, D), (20, H), (20,), (20,)]
    with pytest.raises(ValueError, match="params is a tuple, expected Params of"):
        frameworks.torch_arrays((1, 2))


@pytest.mark.parametrize("cell", [rnn, lstm, gru, linear], ids=lambda cell: cell.__name__)
def test_an_array_that_does_not_fit_is_named_with_its_cell(cell):
    params = drawn(cell, np.float64)[0]
    for field in params._fields[1:]:
        array, name = getattr(params, field), f"^{cell.__name__.removeprefix('rnncourse.')}.{field}"
        more = (array.shape[0] + 1, *array.shape[1:])
        for wrong, message in (
            (np.zeros(more), f"has shape {re.escape(f'{more}, expected {array.shape}')}"),
            (array.astype(np.float32), "has dtype float32, expected float64"),
            (array[np.newaxis], rf"has shape {re.escape(str((1, *array.shape)))}, expected \("),
            (array.tolist(), "is a list, expected a NumPy array of floats"),
        ):
            with pytest.raises(ValueError, match=f"{name} {message}"):
                frameworks.torch_arrays(params._replace(**{field: wrong}))


def test_cells_are_passed_over_up_to_a_line():
    class Shell:
        input_transformers_cleanup = []

    frameworks.skip_cells(Shell, until="from a import b")
    (transform,) = Shell.input_transformers_cleanup
    (instead,) = transform(["import torch\n"])
    assert "show_stored([])" in instead and transform(["%pip install torch\n"])
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
    if not lecture.exists():
        pytest.skip("week 10 is left out")
    notebook = run_notebooks.read_text(lecture)
    stored = course.code_cells(nbformat.read(course.notebook_of(lecture), as_version=4))
    monkeypatch.setenv("PYTHONPATH", fake(tmp_path, torch=ABSENT, keras=ABSENT))
    run_notebooks.execute(notebook, course.NOTEBOOKS)

    cells = course.code_cells(notebook)
    (at,) = [n for n, cell in enumerate(cells) if "frameworks.skip_cells(" in cell.source]
    until = re.search(r'until="(.+?)"', cells[at].source)[1]
    (end,) = [n for n, cell in enumerate(cells) if cell.source.splitlines()[0] == until]
    (said,) = cells[at].outputs
    assert re.fullmatch(r".*PyTorch and Keras.*\n", said.text)
    assert any("import torch" in cell.source for cell in cells[at + 1 : end])

    def shown(cell):
        return [o.get("text") or o["data"]["text/plain"] for o in cell.outputs]

    def pictures(cell):
        return [o["data"]["image/png"] for o in cell.outputs if "image/png" in o.get("data", {})]

    # What was stored is shown again, and said to be that.
    for cell, before in zip(cells[at + 1 : end], stored[at + 1 : end], strict=True):
        assert shown(cell) == [frameworks.stored.STORED] * bool(before.outputs) + shown(before)
        assert pictures(cell) == pictures(before)
    assert [shown(cell) for cell in cells[end:]] == [shown(cell) for cell in stored[end:]]
    exercises = [cell for cell in cells if "exercise" in cell.metadata.get("tags", [])]
    assert len(exercises) >= 3 and all(cell in cells[end:] and cell.outputs for cell in exercises)


def test_nothing_is_imported_before_it_is_needed():
    code = "import sys, rnncourse.frameworks; print({'torch', 'keras'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout == "set()\n"


# The differences that week 10 lists, one test for each.


def ported(framework, params):
    """Returns a function from inputs, as the framework wants them, to the states of all steps."""
    torch, keras = torch_of(), framework == "keras" and keras_of()
    layer = frameworks.to_keras(params) if keras else frameworks.to_torch(params)

    def states(x, **options):
        h = layer(torch.tensor(x), **options)
        return (h if keras else h[0]).detach().numpy()

    return states


def fresh(framework, cell, n_hidden):
    """Returns the weights of a layer as the framework draws them."""
    torch, keras = torch_of(), framework == "keras" and keras_of()
    if keras:
        keras.utils.set_random_seed(4)
        layer = getattr(keras.layers, frameworks.KERAS[cell])(n_hidden)
        layer.build((None, None, D))
        return layer.get_weights()
    torch.manual_seed(4)
    layer = getattr(torch.nn, frameworks.TORCH[cell])(D, n_hidden)
    return [weight.detach().numpy() for weight in layer.parameters()]


def two(**expected):
    """Parametrizes a test by the framework and by what is expected of it."""
    return pytest.mark.parametrize(("framework", "expected"), expected.items(), ids=expected)


@two(torch="time", keras="batch")
def test_the_first_axis_is_time_or_batch(framework, expected):
    params, x, _ = drawn(lstm, np.float64)
    states = ported(framework, params)
    moved = (states(np.concatenate([x[:1] + 1, x[1:]])) != states(x)).any(axis=(1, 2))
    assert list(moved) == [True] + (T - 1) * [expected == "time"]


@two(torch={rnn: 2, lstm: 8, gru: 6}, keras={rnn: 1, lstm: 4, gru: 6})
def test_biases_are_counted(framework, expected):
    for cell, times in expected.items():
        assert sum(w.size for w in fresh(framework, cell, H)[2:]) == times * H


def test_keras_resets_before_the_product_if_told_so():
    torch, keras = torch_of(), keras_of()
    params, x, _ = drawn(gru, np.float64)
    assert keras.layers.GRU(H).reset_after
    layer = keras.layers.GRU(H, return_sequences=True, reset_after=False, dtype="float64")
    layer.build((None, None, D))
    kernel, recurrent_kernel, bias = frameworks.keras_arrays(params)
    layer.set_weights([kernel, recurrent_kernel, bias.sum(axis=0)])
    found = layer(torch.tensor(x.swapaxes(0, 1).copy())).detach().numpy().swapaxes(0, 1)

    W_x, W_h, b_x, b_h = (np.split(a, 3) for a in params)
    h = np.zeros((B, H))
    for x_t, h_t in zip(x, found, strict=True):  # (10.2)
        z = [x_t @ W.T + b + b_ for W, b, b_ in zip(W_x, b_x, b_h, strict=True)]
        r, u = (sigmoid(z[n] + h @ W_h[n].T) for n in (0, 1))
        h = (1 - u) * np.tanh(z[2] + (r * h) @ W_h[2].T) + u * h
        np.testing.assert_allclose(h_t, h, atol=1e-6)
    assert relative_error(found, gru.forward(params, x)[0]) > 0.01


@two(torch=1 / np.sqrt(3), keras=1.0)
def test_a_fresh_plain_layer_has_this_radius(framework, expected):
    W_h = fresh(framework, rnn, 400)[1]
    assert abs(np.abs(np.linalg.eigvals(W_h)).max() - expected) < 0.05


@two(torch=0.0, keras=1.0)
def test_a_fresh_forget_gate_has_this_bias(framework, expected):
    biases = fresh(framework, lstm, 300)[2:]
    assert abs(sum(b[300:600].mean() for b in biases) - expected) < 0.02


@two(torch=(1e-3, 1e-8), keras=(1e-3, 1e-7))
def test_adam_comes_with_this_rate_and_epsilon(framework, expected):
    if framework == "keras":
        adam = keras_of().optimizers.Adam()
        found = float(adam.learning_rate.numpy()), adam.epsilon
    else:
        torch = torch_of()
        defaults = torch.optim.Adam([torch.zeros(1)]).defaults
        found = defaults["lr"], defaults["eps"]
    assert found == pytest.approx(expected, rel=1e-6)


@two(torch=1.0, keras=1 / np.sqrt(1 - 0.999))
def test_adam_adds_epsilon_to_this_root(framework, expected):
    """At the first step, where g = epsilon: how many times larger epsilon acts, (10.4)."""
    torch, keras = torch_of(), framework == "keras" and keras_of()
    g = torch.full((1,), 1e-8, dtype=torch.float64)
    if keras:
        weight = keras.Variable([0.0], dtype="float64")
        keras.optimizers.Adam(1.0, epsilon=1e-8).apply([g], [weight])
        step = -float(weight.numpy()[0])
    else:
        weight = torch.zeros(1, dtype=torch.float64)
        weight.grad = g
        torch.optim.Adam([weight], lr=1.0, eps=1e-8).step()
        step = -weight.item()
    assert 1 / step - 1 == pytest.approx(expected, rel=1e-5)


@two(torch=4.0, keras=4.0)
def test_the_squared_error_has_no_half(framework, expected):
    if framework == "keras":
        found = keras_of().losses.MeanSquaredError()(np.array([[1.0]]), np.array([[3.0]]))
    else:
        torch = torch_of()
        found = torch.nn.functional.mse_loss(torch.tensor([3.0]), torch.tensor([1.0]))
    ours = losses.squared_error.value(np.array([[[3.0]]]), np.array([[[1.0]]]))
    assert float(found) == expected == 2 * ours


def test_a_layer_returns_all_states_or_the_last():
    torch, keras = torch_of(), keras_of()
    states, (h, c) = torch.nn.LSTM(D, H)(torch.zeros(T, B, D))
    assert (states.shape, h.shape, c.shape) == ((T, B, H), (1, B, H), (1, B, H))
    assert keras.layers.LSTM(H)(torch.zeros(B, T, D)).shape == (B, H)
    assert keras.layers.LSTM(H, return_sequences=True)(torch.zeros(B, T, D)).shape == (B, T, H)


def of_different_length():
    """Returns weights, a padded batch, its lengths, and the last state of each alone."""
    params, x, _ = drawn(lstm, np.float64)
    lengths = np.arange(B) + T - B + 1
    x[np.arange(T)[:, np.newaxis] >= lengths] = 0.0
    alone = [lstm.forward(params, x[:n, b : b + 1])[0][-1, 0] for b, n in enumerate(lengths)]
    return params, x, lengths, np.array(alone)


def test_packed_and_masked_each_sequence_ends_where_it_ends():
    torch, (params, x, lengths, alone) = torch_of(), of_different_length()
    pack = torch.nn.utils.rnn.pack_padded_sequence
    packed = pack(torch.tensor(x), lengths, enforce_sorted=False)
    _, (h, _) = frameworks.to_torch(params)(packed)
    assert relative_error(h[0].detach().numpy(), alone) < 1e-14 and len(packed.data) == sum(lengths)

    valid = torch.tensor(np.arange(T) < lengths[:, np.newaxis])
    h = ported("keras", params)(x.swapaxes(0, 1).copy(), mask=valid)
    assert relative_error(h[:, -1], alone) < 1e-6


def test_read_backward_padding_must_be_known():
    torch, keras = torch_of(), keras_of()
    params, x, lengths, _ = of_different_length()
    alone = np.array(
        [lstm.forward(params, x[:n, b : b + 1][::-1])[0][-1, 0] for b, n in enumerate(lengths)]
    )
    short = lengths < T
    padded = lstm.forward(params, x[::-1])[0][-1]
    assert np.abs(padded - alone)[short].max(axis=1).min() > 1e-4
    np.testing.assert_allclose(padded[~short], alone[~short], rtol=1e-12)

    layer = torch.nn.LSTM(D, H, bidirectional=True, dtype=torch.float64)
    with torch.no_grad():
        arrays = 2 * frameworks.torch_arrays(params)  # forward, then backward
        for weight, array in zip(layer.parameters(), arrays, strict=True):
            weight.copy_(torch.tensor(array))
    pack = torch.nn.utils.rnn.pack_padded_sequence
    _, (h, _) = layer(pack(torch.tensor(x), lengths, enforce_sorted=False))
    assert relative_error(h[1].detach().numpy(), alone) < 1e-14

    layer = keras.layers.LSTM(H, go_backwards=True, dtype="float64")
    layer.build((None, None, D))
    layer.set_weights(frameworks.keras_arrays(params))
    x, valid = (torch.tensor(a.copy()) for a in (x.swapaxes(0, 1), np.arange(T) < lengths[:, None]))
    assert relative_error(layer(x, mask=valid).detach().numpy(), alone) < 1e-6
    assert relative_error(layer(x).detach().numpy(), padded) < 1e-6


@pytest.mark.parametrize("cell", (rnn, lstm, gru))
def test_the_finite_difference_judges_the_gradient_of_torch(cell):
    torch = torch_of()
    params, x, _ = drawn(cell, np.float64)
    v = np.random.default_rng(5).normal(size=x.size)
    layer, x_torch = frameworks.to_torch(params), torch.tensor(x, requires_grad=True)

    def cost(x):
        return (layer(x)[0] ** 2).sum()

    cost(x_torch).backward()
    central = checks.finite_difference(
        lambda theta: cost(torch.tensor(theta.reshape(x.shape))).item(), x.ravel(), v
    )
    assert central == pytest.approx(x_torch.grad.numpy().ravel() @ v, rel=1e-7)
