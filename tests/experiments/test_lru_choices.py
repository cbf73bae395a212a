"""The choices of the linear recurrent unit: a row differs in what it says, in nothing else."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from rnncourse import checks, lru
from rnncourse.experiments import lru_choices, records
from rnncourse.experiments.lru_choices import ROWS, trials
from rnncourse.experiments.lru_choices.cell import Plain
from rnncourse.params import unravel

LRU = [name for name, row in ROWS.items() if row.cell is lru and not row.states]


def started(name):
    network, theta, moves = lru_choices.start(ROWS[name], np.random.default_rng(3))
    like = network.zeros()
    return network, unravel(theta, like), unravel(moves, like)


@pytest.mark.parametrize("unit", [1.0, 0.01])
def test_plain_eigenvalues_keep_the_contract(unit):
    assert checks.cell(Plain(unit)) == []


@pytest.mark.parametrize("unit", [1.0, 0.01])
def test_plain_eigenvalues_are_those_of_the_unit(unit):
    x = np.random.default_rng(1).normal(size=(30, 2, 3))
    ours, plain = (c.init(np.random.default_rng(2), 3, 8) for c in (lru, Plain(unit)))
    assert_allclose(
        Plain(unit).forward(plain, x)[0], lru.forward(ours, x)[0], rtol=1e-10, atol=1e-12
    )
    assert_allclose(unit * (plain.real + 1j * plain.imag), lru.eigenvalues(ours), rtol=1e-12)


def test_plain_eigenvalues_may_leave_the_circle():
    cell = Plain()
    p = cell.init(np.random.default_rng(2), 1, 2)._replace(real=np.array([1.1]), imag=np.zeros(1))
    h, _ = cell.forward(p, np.eye(50)[:, :1, np.newaxis])
    assert_allclose(np.linalg.norm(h[-1]) / np.linalg.norm(h[0]), 1.1**49)


def test_there_are_32_words_a_thousand_steps_back():
    x, y, mask = lru_choices.words()
    asked = y[mask].reshape(5, 32)
    assert len(np.unique(asked, axis=1).T) == 32
    assert_array_equal(x[:5].argmax(axis=-1), asked)
    assert x.shape == (1011, 32, 4) and np.all(x[5:1005].argmax(axis=-1) == 2)
    assert_array_equal(np.flatnonzero(mask.any(axis=1)), np.arange(1006, 1011))


@pytest.mark.parametrize("name", LRU)
def test_a_row_differs_in_its_choice_alone(name):
    row, (_, params, moves), (_, reference, _) = ROWS[name], started(name), started("all choices")
    for part, expected in zip(
        (params[0], *params[2:]), (reference[0], *reference[2:]), strict=True
    ):
        for a, b in zip(part, expected, strict=True):
            assert_array_equal(a, b)
    held = {k for k, m in moves[1]._asdict().items() if not m.any()}
    assert held == set(row.fixed) and all(
        m.all() for k, m in moves[1]._asdict().items() if k not in held
    )
    p, size = lru.eigenvalues(params[1]), np.exp(params[1].log_gain)
    if row.no_gain:
        assert_array_equal(size, 1)
    else:
        assert_allclose(size, np.sqrt(1 - np.abs(p) ** 2), rtol=1e-2)
    assert (np.abs(p).min() < 0.9) == (name == "uniform disc")
    assert (np.abs(p.imag).max() < 1e-9) == row.real
    assert (np.abs(np.angle(p)).max() < 0.4) == (row.real or name == "tenth of the phase")


def test_what_is_not_learned_stays(monkeypatch):
    monkeypatch.setattr(trials, "BLANKS", 5)
    row, batch = ROWS["phase not learned"], trials.words(5)
    network, theta, moves = trials.start(row, np.random.default_rng(0))
    gradient = trials.objective(network, moves, batch).value_and_gradient(theta)[1]
    of_cell = unravel(gradient, network.zeros())[1]
    assert not of_cell.log_omega.any() and of_cell.log_rate.all() and of_cell.W_hx.any()


def test_a_short_lag_is_learned_and_recorded(monkeypatch):
    monkeypatch.setattr(trials, "words", lambda blanks=5, words=trials.words: words(blanks))
    monkeypatch.setattr(trials, "EVERY", 10)
    (first,), (again,) = (list(trials.run_group("all choices", 1, (0,))) for _ in range(2))
    assert first["outcome"] == "solved" and first["wrong"] == 0 and first["shares"][0] > 0
    assert first["updates"] == 10 * len(first["shares"]) and 0.9 < first["largest"] < 1
    assert {**first, "seconds": 0} == {**again, "seconds": 0}
    assert list(trials.run_group("all choices", 1, (0,), deadline=0.0)) == []


def test_the_recorded_trials_say_what_they_may():
    found = records.trials_by_row(records.RECORDED / "lru_choices.jsonl", 1997)
    assert set(found) <= set(ROWS) and len(found["all choices"]) == 3
    for ran in (trial for row in found.values() for trial in row):
        assert (ran["wrong"] == 0) == (ran["outcome"] == "solved") and ran["updates"] <= trials.CAP


def test_the_recorded_ridge_regressions_are_those_of_today():
    found = records.trials_by_row(records.RECORDED / "lru_choices.jsonl", 1997)
    for name in ("ridge on a drawn ring", "ridge on averages"):
        (again,) = trials.run_group(name, 1997, (0,))
        assert {**again, "seconds": 0} == {**found[name][0], "seconds": 0}
