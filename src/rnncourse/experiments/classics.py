"""The papers that are run again: every printed number, ours beside it.

python -m rnncourse.experiments.classics    # the tables of the page "The classics, reproduced"
"""

from rnncourse.experiments import names

EXPERIMENTS = ("lstm1997", "echo_state", "hessian_free", "momentum2013")


def published():
    """Return the rows of all four papers, as {experiment: list of `Published`}."""
    modules = {name: names.module(name) for name in EXPERIMENTS}
    return {
        name: module.published() for name, module in modules.items() if hasattr(module, "published")
    }
