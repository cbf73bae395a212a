"""Which layers of PyTorch and Keras are ours, and their weights by name.

    torch    weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0; of Linear: weight, bias
    keras    kernel, recurrent_kernel, bias of layer.cell; of Dense: kernel, bias

Names, since the order in which a layer lists its parameters changes: pruned, parametrized, replaced
or extended weights go to its end. What a layer of ours cannot do is refused by name.
"""

import importlib

from rnncourse import gru, linear, lstm, rnn

TORCH = {rnn: "RNN", lstm: "LSTM", gru: "GRU", linear: "Linear"}
KERAS = {rnn: "SimpleRNN", lstm: "LSTM", gru: "GRU", linear: "Dense"}
PRECISIONS = ("float32", "float64")

# What a layer must be to be one of ours, by attribute.
TORCH_OPTIONS = {
    "num_layers": 1,
    "bidirectional": False,
    "proj_size": 0,
    "nonlinearity": "tanh",
    "batch_first": False,
}
ANY = object()  # what is expected of an option that may be anything
KERAS_OPTIONS = {
    "activation": "tanh",
    "recurrent_activation": "sigmoid",
    "reset_after": True,
    "use_bias": True,
    "go_backwards": False,
    "stateful": False,
    "quantization_mode": None,
}


def torch_weights(layer, which=None):
    """Return the cell of ours that a layer of torch is, and its tensors, as {name: tensor}.

    Args:
        layer: the layer of torch.
        which: the number of the layer in it that is asked for; if None, it must have only one.
    """
    cell = _kind(layer, TORCH, "torch.nn.modules.", "forward")
    _check_options(layer, TORCH_OPTIONS | ({} if which is None else {"num_layers": ANY}))
    k = which or 0
    ends = ("",) if cell is linear else (f"_ih_l{k}", f"_hh_l{k}")
    names = [kind + end for kind in ("weight", "bias") for end in ends]
    weights = dict(zip(names, _next_tensors(layer, names), strict=True))
    for name, weight in weights.items():
        if type(weight).__name__ == "UninitializedParameter" or weight.device.type == "meta":
            raise ValueError(f"{name} holds no numbers yet, expected a layer with weights")
        check_precision(name, str(weight.dtype).removeprefix("torch."))
    return cell, weights


def torch_gradients(layer):
    """Return the cell, and what torch has left as the gradients, as {name: tensor}."""
    cell, weights = torch_weights(layer)
    for name in weights:
        if name not in layer._parameters:
            raise ValueError(
                f"{name} is no parameter of the layer, which computes it from others (pruned, "
                f"parametrized), expected one: torch keeps no gradient of it"
            )
    return cell, gradients(weights)


def keras_weights(layer):
    """Return the cell of ours that a layer of Keras is, and its variables, as {name: variable}."""
    cell = _kind(layer, KERAS, "keras.", "call")
    keras = importlib.import_module("keras")
    expected = KERAS_OPTIONS | ({"activation": "linear"} if cell is linear else {})
    activations = {name: getattr(keras.activations, name) for name in ("tanh", "sigmoid", "linear")}
    _check_options(layer, {name: activations.get(value, value) for name, value in expected.items()})
    owner, names = layer, ("kernel", "bias")
    if cell is not linear:
        owner, names = layer.cell, ("kernel", "recurrent_kernel", "bias")
        _kind(owner, {cell: f"{KERAS[cell]}Cell"}, "keras.", "call")
    check_precision("layer", layer.variable_dtype)
    if layer.compute_dtype != layer.variable_dtype:
        raise ValueError(
            f"layer holds {layer.variable_dtype} and computes in {layer.compute_dtype}, "
            f"expected one precision throughout"
        )
    if not owner.built:
        raise ValueError("layer has no weights yet, expected a built one")
    return cell, {name: getattr(owner, name) for name in names}


def keras_gradients(layer):
    """Return the cell, and what torch has left below Keras as the gradients, as {name: tensor}."""
    cell, variables = keras_weights(layer)
    keras = importlib.import_module("keras")
    if keras.backend.backend() != "torch":
        raise ValueError(
            f"Keras computes with {keras.backend.backend()}, expected torch, which keeps gradients"
        )
    for name, variable in variables.items():
        if not isinstance(variable, keras.Variable):
            raise ValueError(f"{name} is computed from others, expected a variable of the layer")
    return cell, gradients({name: variable.value for name, variable in variables.items()})


def gradients(weights):
    """Return the gradient of each parameter of torch, as {name: tensor}."""
    if len(set(map(id, weights.values()))) < len(weights):
        raise ValueError(
            f"two of {', '.join(weights)} are one parameter, expected one each: its gradient is "
            f"the sum of theirs"
        )
    for name, weight in weights.items():
        if weight.grad is None:
            raise ValueError(
                f"{name} has no gradient, expected one: no backward pass has come by yet, "
                f"or it is frozen"
            )
        check_precision(f"gradient of {name}", str(weight.grad.dtype).removeprefix("torch."))
    return {name: weight.grad for name, weight in weights.items()}


def check_precision(name, dtype):
    """Raise ValueError unless a dtype, by its name, is one of ours."""
    if dtype not in PRECISIONS:
        raise ValueError(f"{name} is in {dtype}, expected {' or '.join(PRECISIONS)}")


def _next_tensors(layer, names):
    """Return the tensors with which the layer computes when it is called next.

    Pruning and the older weight_norm and spectral_norm compute a weight in a hook before each call,
    parametrizations whenever it is read. spectral_norm moves its buffers as it does so in training,
    and they are put back: what is read is left as it was.

    Raises:
        ValueError: if one is missing, or the layer in training computes with others than in
            evaluation.
    """
    for name in names:  # without reading it, which may compute it
        there = name in vars(layer) or hasattr(type(layer), name)
        if layer._parameters.get(name) is None and not there:
            raise ValueError(f"layer has no {name}, expected one")
    if all(name in layer._parameters for name in names):
        return [layer._parameters[name] for name in names]
    torch = importlib.import_module("torch")
    modes = [(module, module.training) for module in layer.modules()]
    buffers = [(buffer, buffer.clone()) for buffer in layer.buffers()]
    with torch.no_grad(), torch.random.fork_rng(devices=()):
        for module, _ in modes:
            module.training = False
        evaluated = _read(layer, names)
        for module, was in modes:
            module.training = was
        now = _read(layer, names)
        for buffer, was in buffers:
            buffer.copy_(was)
    for name, a, b in zip(names, now, evaluated, strict=True):
        if not torch.equal(a, b):
            raise ValueError(
                f"{name} differs between training and evaluation, expected a layer in evaluation: "
                f"layer.eval() first"
            )
    return evaluated


def _read(layer, names):
    for hook in layer._forward_pre_hooks.values():
        if any(c.__module__.startswith("torch.nn.utils.") for c in type(hook).__mro__):
            hook(layer, ())
    return [getattr(layer, name).clone() for name in names]


def _kind(layer, names, package, method):
    """Return whose layer this is; one that computes in its own way is nobody's."""
    its = type(layer)
    came = f"layer is a {its.__module__}.{its.__qualname__}"
    expected = f"expected {', '.join(names.values())} of {package.split('.')[0]}"
    for base in its.__mro__:
        for cell, name in names.items():
            if base.__name__ == name and base.__module__.startswith(package):
                own = getattr(its, method) is not getattr(base, method) or method in vars(layer)
                if own:
                    raise ValueError(f"{came} with a {method} of its own, {expected}")
                return cell
    raise ValueError(f"{came}, {expected}")


def _check_options(layer, expected):
    for name, value in expected.items():
        found = getattr(layer, name, value)
        if value is not ANY and found != value:
            came, wanted = (getattr(v, "__name__", v) for v in (found, value))
            came = found if came == wanted else came  # another function of the same name
            raise ValueError(f"layer has {name} = {came!r}, expected {wanted!r}")
