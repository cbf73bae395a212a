"""What Keras means, on the backend that KERAS_BACKEND names."""

import keras
import numpy as np
from observe import (
    gates_and_sense,
    of,
    orthogonality,
    radius,
    reset_place,
    short,
)  # fmt: skip

keras.utils.set_random_seed(0)
array, layers = keras.ops.convert_to_numpy, keras.layers
seen = of("Keras on PyTorch", "Keras on JAX")


def built(layer, D):
    layer.build((None, None, D))
    return layer


def zero(layer, D, **values):
    """A layer with all weights zero but those that are given by the number of their array."""
    arrays = [0 * w for w in built(layer, D).get_weights()]
    for name, value in values.items():
        arrays[int(name[1:])][...] = value
    layer.set_weights(arrays)
    return layer


def counter(**options):
    return layers.SimpleRNN(1, activation="linear", use_bias=False, **options)


def ones(layer, D=1):
    layer.build((None, None, D))
    layer.set_weights([np.ones_like(w) for w in layer.get_weights()])
    return layer


def series(*numbers):
    return np.array(numbers, "float32").reshape(1, -1, 1)


def start(*values):
    return [np.array([[v]], "float32") for v in values]


def lstm_step(biases, c=2.0):
    layer = zero(layers.LSTM(1, return_state=True), 1, w2=biases)
    _, h, c = layer(series(0), initial_state=start(0, c))
    return float(array(h).item()), float(array(c).item())


def gru_step(biases):
    layer = zero(layers.GRU(1), 1, w2=[biases, [0, 0, 0]])
    return float(array(layer(series(0), initial_state=start(2)[0])).item())


gates_and_sense(seen, lstm_step, gru_step)


@seen
def gru_reset():
    # u, r, n: the candidate taken, the reset gate of unit 0 shut, that of unit 1 open
    W_h = np.zeros((2, 6))
    W_h[:, 4:] = [[0, 1], [1, 0]]
    layer = zero(layers.GRU(2), 1, w1=W_h, w2=[[-20, -20, -20, 20, 0, 0], [0] * 6])
    h = np.array([[1.0, 0.0]], "float32")
    return reset_place(lambda: array(layer(series(0), initial_state=h))[0])


@seen
def biases():
    kinds = layers.SimpleRNN(5), layers.LSTM(5), layers.GRU(5)
    return short(*(built(layer, 3).get_weights()[2].size for layer in kinds))


@seen
def forget_in_forward():
    return short(lstm_step([0, 0, 0, 0], 1.0)[1])


@seen
def forget_start():
    return f"{built(layers.LSTM(400), 3).get_weights()[2][400:800].mean():.1f}"


@seen
def recurrent_start():
    return orthogonality(built(layers.LSTM(50), 3).get_weights()[1].T, 4)


@seen
def plain_radius():
    return radius(built(layers.SimpleRNN(400), 3).get_weights()[1])


@seen
def candidate_radius():
    return radius(built(layers.LSTM(400), 3).get_weights()[1][:, 800:1200])


@seen
def dense_start():
    return short(built(layers.Dense(400), 400).get_weights()[0].std() * 20, digits=1)


@seen
def dense_bias_start():
    return "drawn" if built(layers.Dense(4), 4).get_weights()[1].any() else "zero"


@seen
def first_axis():
    x = np.zeros((3, 2, 1), "float32")
    x[0] = 1
    moved = array(ones(counter(return_sequences=True))(x)).reshape(3, -1).any(1)
    return "time" if moved.all() else "batch"


@seen
def returns():
    states = layers.LSTM(1)(np.zeros((1, 5, 1), "float32"))
    return "all steps" if len(states.shape) == 3 else "the last step"


def masked(x, mask, initial=None, **options):
    layer = ones(counter(return_sequences=True, **options))
    state = {} if initial is None else {"initial_state": start(initial)[0]}
    return short(*array(layer(series(*x), mask=np.array([mask]), **state)).ravel(), digits=4)


@seen
def behind_the_end():
    return masked((1, 1, 1, 1), (True, True, False, False))


@of("Keras on PyTorch")
def last_state():
    layer = ones(counter())
    return short(array(layer(series(1, 1, 1, 1), mask=np.array([[True, True, False, False]])))[0])


@seen
def backward_lengths():
    layer = layers.Bidirectional(counter(return_sequences=True))
    ones(layer)
    out = layer(series(1, 10, 100, 1000), mask=np.array([[True, True, False, False]]))
    return short(*array(out)[0, :, 1], digits=4)


@seen
def backward_order():
    layer = ones(counter(return_sequences=True, go_backwards=True))
    return short(*array(layer(series(1, 10, 100))).ravel())


@seen
def masked_first():
    return masked((1, 1, 1, 1), (False, True, False, True), 7)


@seen
def masked_unrolled():
    mask = (False, True, False, True)
    return masked((1, 1, 1, 1), mask, 7, unroll=True, zero_output_for_mask=True)


@of("Keras on PyTorch")
def empty_sequence():
    layer, mask = ones(counter()), np.zeros((1, 4), bool)
    return short(array(layer(series(1, 1, 1, 1), mask=mask, initial_state=start(7)[0]))[0])


@seen
def second_call():
    layer = ones(counter(return_sequences=True))
    layer(series(1, 1, 1))
    return short(*array(layer(series(1, 1, 1))).ravel())


@seen
def stateful_predict():
    inputs = keras.Input(batch_shape=(1, 3, 1))
    layer = counter(stateful=True)
    model = keras.Model(inputs, layer(inputs))
    ones(layer)
    return short(*(model.predict(series(1, 1, 1), verbose=0).item() for _ in range(3)))


def optimized(optimizer, gradient, rates=(None,), start=1.0):
    w = keras.Variable([start], dtype="float64")
    for rate in rates:
        if rate is not None:
            optimizer.learning_rate.assign(rate)
        g = gradient(float(array(w.value).item())) if callable(gradient) else gradient
        optimizer.apply([keras.ops.array([g], dtype="float64")], [w])
    return float(array(w.value).item())


@seen
def nesterov():
    return short(optimized(keras.optimizers.SGD(0.1, 0.9, nesterov=True), lambda w: w))


@seen
def rate_in_velocity():
    return short(optimized(keras.optimizers.SGD(0.1, 0.9), 1.0, (0.1, 0.0), 0.0))


def clipped(*gradient):
    w = keras.Variable([0.0, 0.0], dtype="float64")
    optimizer = keras.optimizers.SGD(1.0, global_clipnorm=5.0)
    optimizer.apply([keras.ops.array(gradient, dtype="float64")], [w])
    return -array(w.value)


@seen
def clip_at_the_limit():
    off = clipped(3.0, 4.0)[0] - 3
    return f"{off:.0e}" if off else "0"


@seen
def clip_infinite():
    return short(*clipped(np.inf, 1.0))


@seen
def adam_epsilon():
    return short(-optimized(keras.optimizers.Adam(1.0, epsilon=1e-8), 1e-8, start=0.0))


@seen
def adam_defaults():
    adam = keras.optimizers.Adam()
    return f"{float(array(adam.learning_rate)):g}, {adam.epsilon:g}"


@seen
def adam_decay():
    return short(optimized(keras.optimizers.Adam(0.1, weight_decay=0.1), 0.0))


@seen
def rmsprop():
    rms = keras.optimizers.RMSprop(1.0, rho=0.99, epsilon=1e-8)
    return short(-optimized(rms, 1e-8, start=0.0))


@seen
def l2():
    return short(2 * array(keras.regularizers.L2(0.1)(np.ones(1, "float32"))))


@seen
def squared_error():
    return short(array(keras.losses.MeanSquaredError()(np.ones((1, 1)), np.full((1, 1), 3.0))))


@seen
def weighted_mean():
    loss = keras.losses.MeanSquaredError()
    y, y_hat = np.zeros((1, 2, 1)), np.array([[[1.0], [0.0]]])
    return short(array(loss(y, y_hat, sample_weight=np.array([[1.0, 0.0]]))))


@seen
def cross_entropy():
    loss = keras.losses.SparseCategoricalCrossentropy()
    return short(abs(array(loss(np.array([0]), np.array([[2.0, 0.0]])))))


@seen
def layer_dropout():
    layer = ones(counter(dropout=0.5))
    out = array(layer(np.ones((99, 1, 1), "float32"), training=True))
    return "changes nothing" if (out == 1).all() else "drops inputs"


@seen
def dropout_mask():
    layer = ones(counter(dropout=0.5))
    out = array(layer(np.ones((1000, 4, 1), "float32"), training=True))
    return "one for all steps" if len(np.unique(out)) == 2 else "one for each step"


@seen
def recurrent_dropout():
    layer = ones(counter(recurrent_dropout=0.5))
    out = array(layer(np.ones((1000, 4, 1), "float32"), training=True))
    return short(*np.unique(out))


@seen
def double_asked():
    layer = layers.SimpleRNN(5, dtype="float64")
    x = keras.ops.convert_to_tensor(np.random.default_rng(0).normal(size=(1, 2, 3)))
    h = array(layer(x))
    W, R, b = layer.get_weights()
    x = array(x).astype(float)[0]
    exact = np.tanh(x[1] @ W + np.tanh(x[0] @ W + b) @ R + b)
    return f"{h.dtype}, right to {1e-8 if abs(h - exact).max() > 1e-12 else 1e-16:.0e}"


@seen
def double_scalar():
    return str(array(np.float64(2) * keras.ops.ones(1)).dtype)


@seen
def standard_deviation():
    return short(array(keras.ops.std(np.array([0.0, 2.0], "float32"))))


@seen
def batch_norm():
    layer = layers.BatchNormalization()
    layer(np.ones((4, 1), "float32"), training=True)
    return short(array(layer.moving_mean.value)[0])


@seen
def layer_norm():
    return f"{layers.LayerNormalization().epsilon:g}"


@seen
def gelu():
    return short(array(keras.activations.gelu(np.float32(1))), digits=5)


@seen
def hard_sigmoid():
    return short(array(keras.activations.hard_sigmoid(np.float32(1))))
