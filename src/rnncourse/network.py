"""A stack of cells: which layers, of which sizes. It holds no arrays.

    h_1 = cell_1(x),  h_2 = cell_2(h_1),  ...,  y_hat = cell_L(h_{L-1})

A cell is a module with `Params, shapes, init, forward, last, backward, r_forward` (rnn, lstm,
linear...), or another object with these seven names; `rnn` says what each takes and returns, and
`checks.cell` what one lacks. Parameters, gradients and directions of a network are tuples with one
`Params` for each cell.

A cell that looks only back, whose output at step t depends on its input up to step t alone, says
so by CAUSAL = True. Where all cells do, `objective` leaves out what comes after the last scored
step. A cell that does not say so may look ahead, such as one that reads a sequence backward. Here
the contract ends: a cell is given no lengths, so it would read the padding of a shorter sequence
first, and be wrong; `sequences` says how each is read backward by itself.
"""

import sys
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from importlib import import_module
from inspect import signature
from types import ModuleType

import numpy as np

from rnncourse.inputs import check_rng, check_signal, integer, kind_of

CONTRACT = ("Params", "shapes", "init", "forward", "last", "backward", "r_forward")


@dataclass(frozen=True, repr=False)
class Network:
    """The specification of a network. Two of the same cells and sizes are equal.

    It can be pickled if its cells can; of one that is a module, the name is kept.

    Args:
        cells: one module for each layer, first layer first, such as (rnn, rnn, linear).
        sizes: (D, H_1, ..., K): width of the input, then of each layer's output.

    Raises:
        ValueError: if there is not one size more than there are cells, or a cell lacks a name.
    """

    cells: tuple[ModuleType, ...]
    sizes: tuple[int, ...]

    def __post_init__(self):
        """Check that cells and sizes fit together."""
        for name in ("cells", "sizes"):
            given = getattr(self, name)
            if not isinstance(given, Iterable):
                raise ValueError(f"{name} is {kind_of(given)}, expected a tuple")
            object.__setattr__(self, name, tuple(given))
        if len(self.cells) < 1 or len(self.sizes) != len(self.cells) + 1:
            raise ValueError(
                f"sizes has {len(self.sizes)} entries for {len(self.cells)} cells, "
                "expected at least one cell and one size more than cells"
            )
        for layer, size in enumerate(self.sizes):
            integer(f"sizes[{layer}]", size, 1)
        for layer, cell in enumerate(self.cells):
            lacks = [name for name in CONTRACT if not hasattr(cell, name)]
            if lacks:
                raise ValueError(
                    f"cells[{layer}] is {cell!r} and lacks {', '.join(lacks)}; expected a cell: a "
                    "module such as rnncourse.lstm"
                )

    def __repr__(self):
        """Return the call, with the names of the cells."""
        names = [_name(cell) for cell in self.cells]
        cells = ", ".join(names) + ("," if len(names) == 1 else "")
        return f"Network(({cells}), {self.sizes})"

    def __copy__(self):
        """Return the network itself: nothing of it can change."""
        return self

    def __deepcopy__(self, memo):
        """Return a network of copied cells; a module is not copied."""
        cells = (c if isinstance(c, ModuleType) else deepcopy(c, memo) for c in self.cells)
        return type(self)(tuple(cells), self.sizes)

    def __reduce__(self):
        """Say how pickle builds it anew: of a cell that is a module, by its name."""
        for layer, cell in enumerate(self.cells):
            if isinstance(cell, ModuleType) and sys.modules.get(cell.__name__) is not cell:
                raise TypeError(
                    f"cells[{layer}] is {cell!r}, which cannot be imported by that name, expected "
                    "a module from a file, or an object of a class"
                )
        cells = [c.__name__ if isinstance(c, ModuleType) else c for c in self.cells]
        return _rebuilt, (type(self), cells, self.sizes)

    @property
    def causal(self):
        """Whether every cell says that it looks only back."""
        return all(getattr(cell, "CAUSAL", False) for cell in self.cells)

    def init(self, rng, dtype=np.float64, options=None):
        """Draw starting parameters, each cell by its own `init`.

        Args:
            rng: a `numpy.random.Generator`.
            dtype: float32 or float64.
            options: further arguments of each cell's `init`, one dict or None for each cell, such
                as ({"forget_bias": 3.0}, None); the cells' own defaults if None.

        Raises:
            ValueError: if rng is no generator, if dtype is another, or if a cell's `init` does not
                take an option or refuses its value.
        """
        check_rng(rng)
        options = self._each(options)
        self._check_count(options=options)
        for layer, (cell, given) in enumerate(zip(self.cells, options, strict=True)):
            _check_options(f"options[{layer}]", cell, given)
        return tuple(
            cell.init(rng, n_in, n_out, dtype=dtype, **(given or {}))
            for (cell, n_in, n_out), given in zip(self._layers(), options, strict=True)
        )

    def zeros(self, dtype=np.float64):
        """Return parameters of zeros: the names, shapes and order that `unravel` needs."""
        return tuple(
            cell.Params(*(np.zeros(shape, dtype) for shape in cell.shapes(n_in, n_out)))
            for cell, n_in, n_out in self._layers()
        )

    def forward(self, params, x, h_0=None):
        """Run all layers.

        Args:
            params: one `Params` for each cell.
            x: (T, B, D) inputs.
            h_0: one initial state for each cell (a pair for lstm, None for a cell that starts from
                zero), or None.

        Returns:
            y_hat (T, B, K), and one tape for each cell.

        Raises:
            ValueError: if an argument has another length, shape or dtype.
        """
        h_0 = self._each(h_0)
        self._check_count(params=params, h_0=h_0)
        tapes = []
        for cell, p, start in zip(self.cells, params, h_0, strict=True):
            x, tape = cell.forward(p, x, start)
            tapes.append(tape)
        return x, tuple(tapes)

    def last(self, tapes):
        """Return the states after the last step, one entry for each cell: h_0 to go on from there.

        They are parts of the tapes, not copies: copy what is to be changed.

        Args:
            tapes: what `forward` returned.
        """
        self._check_count(tapes=tapes)
        return tuple(cell.last(tape) for cell, tape in zip(self.cells, tapes, strict=True))

    def backward(self, params, tapes, d_y_hat, d_hidden=None, e_last=None):
        """Carry the derivatives of C down through all layers; linear in what comes in.

        Args:
            params: one `Params` for each cell.
            tapes: what `forward` returned.
            d_y_hat: (T, B, K) derivatives of C with respect to y_hat.
            d_hidden: further derivatives, one (T, B, H) array for each cell but the last, where C
                depends on the hidden states directly (structural damping); none if None.
            e_last: derivatives of C with respect to `last(tapes)` by way of what comes after this
                sequence, one entry for each cell: d_h_0 of a call that went on from there; nothing
                comes after if None.

        Returns:
            The gradient, one `Params` for each cell; dC/dx (T, B, D); and dC/dh_0, one entry for
            each cell, of the form of h_0.

        Raises:
            ValueError: if an argument has another length, shape or dtype.
        """
        e_last = self._each(e_last)
        self._check_count(params=params, tapes=tapes, e_last=e_last)
        if d_hidden is not None and len(d_hidden) != len(self.cells) - 1:
            raise ValueError(
                f"d_hidden has {len(d_hidden)} entries, expected one for each of the "
                f"{len(self.cells) - 1} cells below the last"
            )
        gradient, d_h_0 = [], []
        d_h = d_y_hat
        for layer in reversed(range(len(self.cells))):
            if d_hidden is not None and layer < len(d_hidden):
                check_signal(f"d_hidden[{layer}]", d_hidden[layer], d_h.shape, d_h)
                d_h = d_h + d_hidden[layer]
            g, d_h, d_start = self.cells[layer].backward(
                params[layer], tapes[layer], d_h, e_last[layer]
            )
            gradient.append(g)
            d_h_0.append(d_start)
        return tuple(reversed(gradient)), d_h, tuple(reversed(d_h_0))

    def r_forward(self, params, tapes, v, R_x=None, R_h_0=None):
        """Differentiate the forward pass along v.

        Args:
            params: one `Params` for each cell.
            tapes: what `forward` returned.
            v: direction, one `Params` for each cell.
            R_x: (T, B, D) directional derivative of the input; zero if None.
            R_h_0: directional derivatives of the initial states, one entry for each cell; zero if
                None.

        Returns:
            The directional derivatives of the outputs of all layers; the last one is R_y_hat.

        Raises:
            ValueError: if there is not one entry for each cell.
        """
        R_h_0 = self._each(R_h_0)
        self._check_count(params=params, tapes=tapes, v=v, R_h_0=R_h_0)
        R_h = R_x
        R_outputs = []
        for cell, p, tape, v_cell, start in zip(self.cells, params, tapes, v, R_h_0, strict=True):
            R_h = cell.r_forward(p, tape, v_cell, R_h, start)
            R_outputs.append(R_h)
        return tuple(R_outputs)

    def _each(self, given):
        """Return what was given for each cell; None for each if nothing was."""
        return (None,) * len(self.cells) if given is None else given

    def _check_count(self, **arguments):
        for name, given in arguments.items():
            if len(given) != len(self.cells):
                raise ValueError(
                    f"{name} has {len(given)} entries, expected one for each of "
                    f"the {len(self.cells)} cells"
                )

    def _layers(self):
        return zip(self.cells, self.sizes[:-1], self.sizes[1:], strict=True)


def _name(cell):
    return getattr(cell, "__name__", repr(cell)).split(".")[-1]


def _check_options(name, cell, options):
    """Raise ValueError unless `cell.init` takes these options beside rng, both sizes and dtype."""
    if not isinstance(options, dict | None):
        raise ValueError(f"{name} is {kind_of(options)}, expected a dict, or None")
    arguments = signature(cell.init).parameters.values()
    takes = [a.name for a in list(arguments)[3:] if a.name != "dtype" and a.kind != a.VAR_KEYWORD]
    unknown = [option for option in options or () if option not in takes]
    if unknown and not any(a.kind == a.VAR_KEYWORD for a in arguments):
        raise ValueError(
            f"{name} holds {', '.join(map(str, unknown))}, expected options of {_name(cell)}.init: "
            f"{', '.join(takes) or 'none'}"
        )
    for option, value in (options or {}).items():
        if str(option).startswith("init") and not callable(value):
            raise ValueError(
                f"{name}[{option!r}] is {kind_of(value)}, expected a function of "
                "(rng, n_out, n_in), such as those of rnncourse.initializers"
            )


def _rebuilt(kind, cells, sizes):
    """Return the network that `Network.__reduce__` has taken apart."""
    return kind(tuple(import_module(c) if isinstance(c, str) else c for c in cells), sizes)
