"""The measure of how far apart two pictures are tells a changed figure from the same one."""

import base64
import io

import numpy as np
import pytest

import pictures
from rnncourse import plotting

T = np.linspace(0, 20, 200)


def png(draw):
    """A figure of one panel as base64 text."""
    fig, ax = plotting.subplots(size=(8, 4))
    ax.set(xlim=(0, 20), ylim=(-2.2, 2.2), xlabel="time")
    draw(ax)
    buffer = io.BytesIO()
    fig.savefig(buffer, format="png")
    return base64.b64encode(buffer.getvalue()).decode()


SINE = png(lambda ax: ax.plot(T, np.sin(T)))


@pytest.mark.parametrize(
    "draw",
    [
        lambda ax: None,
        lambda ax: ax.plot(T, 2 * np.sin(T)),
        lambda ax: ax.plot(T, -np.sin(T)),
        lambda ax: ax.plot(T, np.sin(1.2 * T)),
    ],
    ids=["empty axes", "twice as large", "the sign", "faster"],
)
def test_a_figure_that_says_something_else_is_far(draw):
    assert pictures.distance(png(draw), SINE) > 0.1


def test_a_figure_that_says_the_same_is_near():
    assert pictures.distance(png(lambda ax: ax.plot(T, np.sin(T))), SINE) == 0
    nearly = png(lambda ax: ax.plot(T, np.sin(T) + 0.005))
    assert pictures.distance(nearly, SINE) < 0.1


def test_a_blank_page_is_one_away():
    white = png(lambda ax: ax.set_axis_off())
    assert pictures.distance(white, SINE) == pytest.approx(1)
