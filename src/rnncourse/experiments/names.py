"""The experiments by the names that the command line, the tables and the records know them by."""

import importlib

MODULES = {
    "echo_state": "echo_state",
    "four_ways_forecast": "forecasts",
    "hessian_free": "hessian_free",
    "lags": "lags",
    "long_race": "long_race",
    "lru_choices": "lru_choices",
    "lstm1997": "lstm1997",
    "momentum2013": "momentum2013",
    "race": "race",
    "race_tuning": "race.tuning",
}


def module(name):
    """Return the module of an experiment, which has its `ROWS` and its `run_group`.

    Raises:
        ValueError: if there is no experiment of this name.
    """
    if name not in MODULES:
        raise ValueError(f"name is {name!r}, expected one of {list(MODULES)}")
    return importlib.import_module(f"rnncourse.experiments.{MODULES[name]}")
