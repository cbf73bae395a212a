#!/usr/bin/env bash
# Expected: the reference evaluator of the onnx package computes a recurrent operator as the standard describes it, or refuses what it
#   does not know.
# Happens: RNN, GRU and LSTM take the lengths of the sequences (sequence_lens) and run on through the padding: states and last states are,
#   bit for bit, those without lengths. clip, other activations and input_forget are taken as well and change nothing, but for RNN, which
#   heeds or refuses other activations. Direction, first states and peepholes are right. onnxruntime agrees with a loop in NumPy in
#   all cases here.
# Versions: onnx 1.23.2, onnxruntime 1.32.0, NumPy 2.4.6, Python 3.11.
# Read before: onnx' Operators.md (RNN, GRU, LSTM: sequence_lens, clip, activations, input_forget), the docstring of the evaluator ("a pure
#   python implementation of ONNX specifications. Mismatches may remain"), and a search of the issues: pull request 7935 mended the
#   direction in 2026, issues of runtimes tell the same of them; of the evaluator's lengths none was found.
# Matters: two runtimes differ on a batch of records of unequal length, and the reference says that the one that ignores the lengths is
#   right. A net that was moved by hand is "checked against ONNX" and passes with last states of the padding.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check onnx==1.23.2 onnxruntime==1.32.0 numpy==2.4.6
cd "$folder"
venv/bin/python -W error - <<'EOF'
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

T, B, D, H = 6, 2, 3, 4
GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}
LENGTHS = np.array([6, 3], "i4")
rng = np.random.default_rng(0)
x = rng.normal(size=(T, B, D)).astype("f4")
weights = {
    name: {"W": rng.normal(size=(1, g * H, D)), "R": rng.normal(size=(1, g * H, H)), "B": rng.normal(size=(1, 2 * g * H))}
    for name, g in GATES.items()
}


def model(name, with_lengths=False, **attributes):
    """Returns a checked model with one operator."""
    outputs = {"Y": (T, 1, B, H), "Y_h": (1, B, H)}
    inputs = ["X", "W", "R", "B"] + ["lengths"] * with_lengths
    node = helper.make_node(name, inputs, list(outputs), hidden_size=H, **attributes)
    given = [helper.make_tensor_value_info("X", TensorProto.FLOAT, x.shape)]
    given += [helper.make_tensor_value_info("lengths", TensorProto.INT32, (B,))] * with_lengths
    found = [helper.make_tensor_value_info(k, TensorProto.FLOAT, s) for k, s in outputs.items()]
    arrays = [numpy_helper.from_array(a.astype("f4"), k) for k, a in weights[name].items()]
    made = helper.make_model(
        helper.make_graph([node], "net", given, found, arrays), opset_imports=[helper.make_opsetid("", 17)], ir_version=8
    )
    onnx.checker.check_model(made, full_check=True)
    return made


def both(name, **changes):
    """Returns states and last state of the reference, and those of onnxruntime."""
    made = model(name, **changes)
    feed = {"X": x} | ({"lengths": LENGTHS} if changes.get("with_lengths") else {})
    session = onnxruntime.InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])
    return ReferenceEvaluator(made).run(None, feed), session.run(None, feed)


def by_hand(name, lengths=(T, T), f=lambda v: 1 / (1 + np.exp(-v)), g=np.tanh, clip=np.inf, coupled=False):
    """Returns the last state of each sequence, by a loop that stops at its end."""
    W, R, b = (weights[name][k][0] for k in "WRB")
    bw, br = np.split(b, 2)
    cut = lambda v: np.clip(v, -clip, clip)
    last = []
    for k, length in enumerate(lengths):
        h = c = np.zeros(H)
        for t in range(length):
            u, v = W @ x[t, k] + bw, R @ h + br
            if name == "RNN":
                h = g(cut(u + v))
            elif name == "GRU":
                (uz, ur, uh), (vz, vr, _) = np.split(u, 3), np.split(v, 3)
                z, r = f(cut(uz + vz)), f(cut(ur + vr))
                h = (1 - z) * g(cut(uh + R[2 * H :] @ (r * h) + br[2 * H :])) + z * h
            else:
                i, o, forget, candidate = np.split(u + v, 4)
                i = f(cut(i))
                c = (1 - i if coupled else f(cut(forget))) * c + i * g(cut(candidate))
                h = f(cut(o)) * g(c)
        last.append(h)
    return np.stack(last)


hard = lambda v: np.clip(0.2 * v + 0.5, 0, 1)
soft = lambda v: v / (1 + np.abs(v))
CASES = [(name, dict(with_lengths=True), dict(lengths=LENGTHS)) for name in GATES]
CASES += [(name, dict(clip=0.3), dict(clip=0.3)) for name in ("RNN", "GRU")]  # of an LSTM the standard leaves the clip of the cell open
CASES += [
    ("GRU", dict(activations=["HardSigmoid", "Softsign"]), dict(f=hard, g=soft)),
    ("LSTM", dict(activations=["HardSigmoid", "Softsign", "Softsign"]), dict(f=hard, g=soft)),
    ("LSTM", dict(input_forget=1), dict(coupled=True)),
]
print(f"onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}: largest errors of the last states")
for name in GATES:
    reference, runtime = both(name)
    assert max(np.abs(a[-1][0] - by_hand(name)).max() for a in (reference, runtime)) < 1e-5
for name, changes, meant in CASES:
    plain, _ = both(name)
    reference, runtime = both(name, **changes)
    right = by_hand(name, **meant)
    off, fine = (np.abs(r[-1][0] - right).max() for r in (reference, runtime))
    same = all(np.array_equal(a, b) for a, b in zip(plain, reference, strict=True))
    print(f"  {name:4s} {changes}: reference {off:.2f}, onnxruntime {fine:.0e}; reference as without: {same}")
    assert same and off > 0.02 and fine < 1e-5
reference, runtime = both("GRU", direction="reverse")
print(f"  GRU  reverse: reference and onnxruntime differ by {np.abs(reference[0] - runtime[0]).max():.0e}")
assert np.abs(reference[0] - runtime[0]).max() < 1e-5
padded = both("LSTM", with_lengths=True)
print("  LSTM, states behind the end: reference", padded[0][0][3:, 0, 1, 0].round(2), "onnxruntime", padded[1][0][3:, 0, 1, 0])
assert not padded[1][0][3:, 0, 1].any() and np.abs(padded[0][0][3:, 0, 1]).max() > 0.02
EOF
