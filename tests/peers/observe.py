"""Asks one package what its words mean: python tests/peers/observe.py COLUMN prints what was found.

Each question is a row of src/rnncourse/frameworks/peers.toml, each package a column. The answers
are functions in the files of_*.py beside this one, named as the row; they return a short text.
"""

import importlib
import importlib.metadata
import json
import sys
import warnings

# Column: the file that answers, what it needs in the environment, and the packages it asks.
COLUMNS = {
    "here": ("of_here", {}, ["rnncourse"]),
    "PyTorch": ("of_torch", {}, ["torch"]),
    "Keras on PyTorch": ("of_keras", {"KERAS_BACKEND": "torch"}, ["keras", "torch"]),
    "Keras on JAX": ("of_keras", {"KERAS_BACKEND": "jax"}, ["keras", "jax"]),
    "JAX, Optax": ("of_jax", {}, ["jax", "optax"]),
    "Flax": ("of_flax", {}, ["flax"]),
    "Equinox": ("of_equinox", {}, ["equinox"]),
    "Haiku": ("of_haiku", {}, ["dm-haiku"]),
    "ONNX Runtime": ("of_onnx", {"RUNNER": "runtime"}, ["onnxruntime"]),
    "onnx, evaluator": ("of_onnx", {"RUNNER": "evaluator"}, ["onnx"]),
    "ReservoirPy": ("of_reservoirs", {}, ["reservoirpy"]),
    "PyRCN": ("of_reservoirs", {}, ["pyrcn"]),
    "others": ("of_others", {}, [
        "scipy", "scikit-learn", "torchdiffeq", "diffrax", "ddeint", "safetensors", "pandas",
        "neurokit2", "scikit-image", "skorch", "torchmetrics",
    ]),
}  # fmt: skip
ANSWERS = {}


def of(*columns):
    """Registers a function as the answer of columns to the row of its name, up to a "__"."""

    def register(function):
        row = function.__name__.partition("__")[0]
        ANSWERS.update({(column, row): function for column in columns})
        return function

    return register


def short(*numbers, digits=3):
    """Returns numbers as a text, rounded."""
    import numpy as np

    arrays = (n.detach() if hasattr(n, "detach") else n for n in numbers)
    flat = [float(n) for array in arrays for n in np.ravel(array)]
    return ", ".join(f"{n:.{digits}g}" for n in flat)


def outcome(function, *arguments, **options):
    """Returns what a call returns, as a text, or the name of the exception that it raises."""
    try:
        return function(*arguments, **options)
    except Exception as error:  # whatever it is: its name is the answer
        return type(error).__name__


def lstm_order(step):
    """Returns the gates in the order of their blocks.

    Args:
        step: function of four biases, with all weights zero, from c = 2, to (h, c).
    """
    h_0, c_0 = step([0.0] * 4)
    gates = []
    for block in range(4):
        h, c = step([20.0 * (n == block) for n in range(4)])
        if abs(c - 2) < 1e-3:
            gates.append("f")
        elif abs(c - c_0) > 1e-3:
            gates.append("g")
        else:
            gates.append("o" if abs(h - h_0) > 1e-3 else "i")
    return " ".join(gates)


def gru_order(step):
    """Returns the gates in the order of their blocks.

    Args:
        step: function of three biases, with all weights zero, from h = 2, to h.
    """
    gates = []
    for block in range(3):
        h = step([20.0 * (n == block) for n in range(3)])
        gates.append("r" if abs(h - 1) < 1e-3 else "n" if abs(h - 1.5) < 1e-3 else "u")
    return " ".join(gates)


def gru_sense(step):
    """Returns what an update gate of one does to the state; arguments as of `gru_order`."""
    block = gru_order(step).split().index("u")
    h = step([20.0 * (n == block) for n in range(3)])
    return "1 keeps" if abs(h - 2) < 1e-3 else "1 replaces"


def gates_and_sense(seen, lstm_step, gru_step):
    """Registers what two cells say of the order of their gates, and of an update gate of one.

    Args:
        seen: what `of` returns.
        lstm_step: as `lstm_order` takes it.
        gru_step: as `gru_order` takes it.
    """

    @seen
    def lstm_gates():
        return lstm_order(lstm_step)

    @seen
    def gru_gates():
        return gru_order(gru_step)

    @seen
    def gru_update():
        return gru_sense(gru_step)


def reset_place(step):
    """Returns where the reset gate acts.

    Args:
        step: function of no argument: one step from h = (1, 0) of a GRU of two units whose
            candidate sees the other unit with weight one, the reset gate of unit 0 shut, that of
            unit 1 open, the candidate taken: the next h.
    """
    return "after the product" if step()[1] > 0.5 else "before the product"


def orthogonality(W_h, gates):
    """Returns which blocks of recurrent weights, one unit a row, are orthogonal."""
    import numpy as np

    H = W_h.shape[1]
    blocks = [W_h[n * H : (n + 1) * H] for n in range(gates)]
    if all(np.allclose(block @ block.T, np.eye(H), atol=1e-4) for block in blocks):
        return "each gate"
    return "all gates as one" if np.allclose(W_h.T @ W_h, np.eye(H), atol=1e-4) else "none"


def narma_indices(u, y, behind):
    """Returns which indices the recursion of a NARMA series of order ten has.

    Args:
        u: (T,) inputs.
        y: (T,) series, with the coefficients 0.3, 0.05, 1.5 and 0.1.
        behind: steps that the newest input is behind the value that it makes.
    """
    import numpy as np

    t, now = np.arange(100, 200), np.arange(100, 200) - behind
    for first, reach in ((first, reach) for first in (1, 2) for reach in range(8, 12)):
        total = sum(y[t - n] for n in range(first, first + 10))
        made = 0.3 * y[t - 1] + 0.05 * y[t - 1] * total + 1.5 * u[now - reach] * u[now] + 0.1
        if np.allclose(made, y[t], atol=1e-9):
            return f"y {first} to {first + 9} steps back, inputs {reach} apart"
    return "another recursion"


def radius(W):
    import numpy as np

    return short(np.abs(np.linalg.eigvals(np.asarray(W, float))).max(), digits=1)


def versions(column):
    """Returns the versions of the packages of a column."""
    names = COLUMNS[column][2]
    return {name: importlib.metadata.version(name) for name in names if name != "rnncourse"}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    (column,) = sys.argv[1:]
    shown, sys.stdout = sys.stdout, sys.stderr
    import observe  # the one that the answers import

    importlib.import_module(COLUMNS[column][0])
    answers = {row: answer for (of_, row), answer in observe.ANSWERS.items() if of_ == column}
    found = {row: outcome(answer) for row, answer in answers.items()}
    print(json.dumps({"found": found, "versions": versions(column)}), file=shown)
