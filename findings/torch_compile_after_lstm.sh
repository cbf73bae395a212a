#!/usr/bin/env bash
# Expected: torch.compile leaves a recurrent layer out and compiles what stands before and after it; torch._dynamo.explain
#   counts one break and two graphs.
# Happens: called in the net's own forward, as usual, the layer ends the compilation: what stands after it is never
#   compiled, and explain counts one graph and no break. With the call moved into a method of its own both parts are
#   compiled, and one break is counted. A loop over nn.LSTMCell is compiled with all the rest. Nothing warns.
# Versions: PyTorch 2.13.0, NumPy 2.4.6, Python 3.11.
# Read before: PyTorch's pages torch.compile and "Working with graph breaks" (the code before and after a break is compiled).
# Matters: "just compile it" changes nothing for the decoder, the loss or the physics behind an LSTM, and whoever looks at
#   graph_break_count sees 0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check torch==2.13.0 numpy==2.4.6
cd "$folder"
cat > nets.py <<'EOF_PYTHON'
import torch
from torch import nn


class Net(nn.Module):
    """sin before the recurrent part, cos after it."""

    def __init__(self, name):
        super().__init__()
        self.encoder, self.decoder = nn.Linear(3, 4), nn.Linear(5, 1)
        self.core = getattr(nn, name)(4, 5)


class InForward(Net):
    def forward(self, x):
        x = torch.sin(self.encoder(x))
        states, _ = self.core(x)
        return torch.cos(self.decoder(states))


class InMethod(Net):
    def states(self, x):
        return self.core(x)[0]

    def forward(self, x):
        return torch.cos(self.decoder(self.states(torch.sin(self.encoder(x)))))


class Loop(Net):
    def forward(self, x):
        state, states = None, []
        for x_t in torch.sin(self.encoder(x)):
            state = self.core(x_t, state)
            states.append(state[0])
        return torch.cos(self.decoder(torch.stack(states)))


def compiled(net):
    """Which of sin and cos each compiled graph has, and what explain counts."""
    graphs = []

    def backend(graph, example):
        names = {getattr(node.target, "__name__", "") for node in graph.graph.nodes}
        graphs.append(" and ".join(sorted(names & {"sin", "cos"}, reverse=True)))
        return graph.forward

    x = torch.ones(6, 2, 3)
    torch._dynamo.reset()
    assert torch.equal(torch.compile(net, backend=backend)(x), net(x))
    torch._dynamo.reset()
    told = torch._dynamo.explain(net)(x)
    return graphs, told.graph_count, told.graph_break_count


print(f"PyTorch {torch.__version__}: what each graph has, and the graphs and breaks that explain counts")
cases = [(kind, name) for kind in (InForward, InMethod) for name in ("RNN", "GRU", "LSTM")]
expected = {InForward: (["sin"], 1, 0), InMethod: (["sin", "cos"], 2, 1), Loop: (["sin and cos"], 1, 0)}
for kind, name in [*cases, (Loop, "LSTMCell")]:
    found = compiled(kind(name))
    print(f"{kind.__name__:9s} nn.{name:8s}", *found)
    assert found == expected[kind], (found, expected[kind])
EOF_PYTHON
venv/bin/python nets.py
