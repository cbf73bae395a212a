"""The settings of each method that are tried on a forecast: four each, from trials by hand."""


def _esn(spectral_radius, input_scale, leak, bias_scale):
    return {
        "spectral_radius": spectral_radius,
        "input_scale": input_scale,
        "leak": leak,
        "bias_scale": bias_scale,
    }


GRIDS = {
    "lstm": [
        {"learning_rate": rate, "forget_bias": bias} for rate in (3e-3, 1e-2) for bias in (1, 3)
    ],
    "hessian_free": [
        {"structural": structural, "input_scale": scale}
        for structural in (0.0, 0.03)
        for scale in (0.3, 1.0)
    ],
    "esn": [
        _esn(1.0, 0.3, 0.1, 0.5),
        _esn(1.0, 1.0, 0.03, 0.5),
        _esn(0.99, 0.01, 1.0, 0.0),
        _esn(0.95, 0.3, 1.0, 0.2),
    ],
    "momentum": [
        {"learning_rate": rate, "input_scale": scale}
        for rate in (3e-3, 1e-2)
        for scale in (0.01, 0.3)
    ],
    "sgd": [{"learning_rate": rate} for rate in (0.01, 0.03, 0.1, 0.3)],
    "adam": [{"learning_rate": rate} for rate in (3e-4, 1e-3, 3e-3, 1e-2)],
}
