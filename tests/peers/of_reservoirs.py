"""What ReservoirPy and PyRCN mean."""

import importlib

import numpy as np
from observe import narma_indices, of, short

of_reservoirpy, of_pyrcn = of("ReservoirPy"), of("PyRCN")
ALTERNATING = np.tile([1.0, -1.0], 50)[:, np.newaxis]


def reservoirpy(name):
    return importlib.import_module(f"reservoirpy.{name}")


def unit(**options):
    given = {"W": np.ones((1, 1)), "Win": np.ones((1, 1)), "bias": 0.0, "lr": 1.0}
    return reservoirpy("nodes").Reservoir(1, **{**given, **options})


def dense(W):
    return W.toarray() if hasattr(W, "toarray") else np.asarray(W)


@of_reservoirpy
def second_call():
    layer, x = unit(activation="identity"), np.ones((3, 1))
    layer.run(x)
    return short(*layer.run(x))


@of_reservoirpy
def radius_asked():
    """Its own measure, by which it scales, asks ARPACK for one eigenvalue: not the largest here."""
    layer = reservoirpy("nodes").Reservoir(500, sr=0.9, seed=0)
    layer.run(np.ones((1, 1)))
    measured = reservoirpy("observables").spectral_radius(layer.W)
    return f"{short(np.abs(np.linalg.eigvals(dense(layer.W))).max())}, measured {short(measured)}"


@of_reservoirpy
def input_start():
    layer = reservoirpy("nodes").Reservoir(500, seed=0)
    layer.run(np.ones((1, 1)))
    values = np.unique(np.abs(dense(layer.Win)))
    return "uniform" if len(values) > 50 else f"{(dense(layer.Win) != 0).mean():.0%} are +1 or -1"


@of_reservoirpy
def leak():
    return short(unit(lr=0.25).run(np.ones((1, 1))))


@of_reservoirpy
def ridge_intercept():
    readout = reservoirpy("nodes").Ridge(ridge=100.0).fit(ALTERNATING, np.full((100, 1), 5.0))
    return short(readout.bias)


@of_reservoirpy
def ridge_scale():
    return short(reservoirpy("nodes").Ridge(ridge=100.0).fit(ALTERNATING, ALTERNATING).Wout)


@of_reservoirpy
def narma():
    """Which of the last values the sum takes, and how far the product of the inputs reaches."""
    given = {"order": 10, "a1": 0.3, "a2": 0.05, "b": 1.5, "c": 0.1, "seed": 0}
    u, y = (a[:, 0] for a in reservoirpy("datasets").narma(300, **given))
    return narma_indices(u[10:], y, behind=1)


@of_reservoirpy
def narma_order():
    import inspect

    order = inspect.signature(reservoirpy("datasets").narma).parameters["order"].default
    return f"order {order}"


@of_reservoirpy
def mackey_glass():
    """Whether a step of half the length moves half as far."""
    moved = []
    for h in (1.0, 0.5):
        series = reservoirpy("datasets").mackey_glass(
            2, tau=16, b=0.0, h=h, history=np.full(int(16 / h), 1.2)
        )
        moved.append(np.diff(series[:, 0])[0])
    return f"half a step moves {moved[1] / moved[0]:.1f} as far"


@of_reservoirpy
def nrmse():
    y = np.arange(-1.0, 4)[:, np.newaxis]
    return short(reservoirpy("observables").nrmse(y, y + 1))


@of_reservoirpy
def capacity():
    """Of a delay line of ten units, which remembers ten inputs without a fault."""
    Win = np.eye(10, 1)
    line = reservoirpy("nodes").Reservoir(
        10, W=np.eye(10, k=-1), Win=Win, bias=0.0, lr=1.0, activation="identity"
    )
    model = line >> reservoirpy("nodes").Ridge(ridge=1e-8)
    found = reservoirpy("observables").memory_capacity(model, k_max=20, seed=1)
    return short(found, digits=2)


@of_pyrcn
def radius_asked__pyrcn():
    blocks = importlib.import_module("pyrcn.base.blocks")
    layer = blocks.NodeToNode(hidden_layer_size=500, k_rec=5, spectral_radius=0.5, random_state=0)
    layer.fit(np.random.default_rng(0).normal(size=(10, 500)))
    return short(np.abs(np.linalg.eigvals(dense(layer.recurrent_weights))).max())


@of_pyrcn
def ridge_intercept__pyrcn():
    linear_model = importlib.import_module("pyrcn.linear_model")
    readout = linear_model.IncrementalRegression(alpha=100.0)
    return short(readout.fit(ALTERNATING, np.full((100, 1), 5.0)).intercept_)


@of_pyrcn
def ridge_scale__pyrcn():
    linear_model = importlib.import_module("pyrcn.linear_model")
    readout = linear_model.IncrementalRegression(alpha=100.0)
    return short(readout.fit(ALTERNATING, ALTERNATING).coef_)


@of_pyrcn
def input_start__pyrcn():
    blocks = importlib.import_module("pyrcn.base.blocks")
    layer = blocks.InputToNode(hidden_layer_size=500).fit(np.ones((3, 1)))
    return "uniform" if len(np.unique(np.abs(dense(layer.input_weights)))) > 50 else "two values"
