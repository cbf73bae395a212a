"""Forecasts in physics: nothing looks ahead, scores are right for known answers, records agree."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from rnncourse import physics
from rnncourse.experiments import forecasts, records
from rnncourse.experiments.forecasts.systems import (
    DUFFING_DT,
    PAST,
    SYSTEMS,
    System,
    driven_duffing_slope,
)
from rnncourse.experiments.four_ways.methods import METHODS


def made(values, horizons=(1, 3, 9), **options):
    """A system that sees what it forecasts."""
    blocks = slice(0, 800), slice(800, 1100), slice(1100, len(values))
    return System("made", values, values, horizons, *blocks, "units", 0.1, **options)


@pytest.fixture
def wobble():
    t = np.arange(1700)[:, np.newaxis]
    return made(3 * np.cos(t / 7) + 2 * np.sin(t / 3 + [0, 1]), periods=(14 * np.pi, 6 * np.pi))


@pytest.fixture
def logistic():
    x = np.full((1700, 1), 0.3)
    for t in range(1699):
        x[t + 1] = 3.9 * x[t] * (1 - x[t])  # the logistic map
    return made(x)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"values": np.full((1700, 1), np.nan)}, "values holds nan at index"),
        ({"values": np.zeros(1700)}, r"values has shape \(1700,\), expected \(1700, C\)"),
        ({"inputs": np.zeros((1600, 1))}, r"inputs has shape \(1600, 1\), expected \(1700, C\)"),
        ({"test": slice(1100, None)}, "test.stop is None, expected an integer from 1101 to 1700"),
        ({"validation": slice(700, 1100)}, "validation.start is 700, expected .* from 800, after"),
    ],
)
def test_series_and_blocks_that_do_not_fit_are_named(change, message):
    with pytest.raises(ValueError, match=message):
        replace(made(np.random.default_rng(0).normal(size=(1700, 1))), **change)


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_forecast_reads_the_past_and_stays_in_its_block(name):
    system = SYSTEMS[name]()
    assert np.isfinite(system.inputs).all() and len(system.inputs) == len(system.values)
    assert system.train.stop == system.validation.start
    assert system.validation.stop == system.test.start
    for block in ("train", "validation", "test"):
        starts, cut = system.starts(block), getattr(system, block)
        assert starts[0] >= max(cut.start, PAST)
        assert starts[-1] + max(system.horizons) < cut.stop
    past, changes = system.past(starts), system.changes(starts)
    assert past.shape == (PAST, len(starts), system.inputs.shape[1])
    assert changes.shape == (len(starts), *system.scale.shape)
    for n in (0, 7, len(starts) - 1):
        s = starts[n]
        np.testing.assert_array_equal(past[-1, n], system.inputs[s])
        np.testing.assert_array_equal(past[:, n], system.inputs[s - PAST + 1 : s + 1])
        for k, h in enumerate(system.horizons):
            np.testing.assert_array_equal(changes[n, k], system.values[s + h] - system.values[s])


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_net_learns_from_the_training_block_only(name):
    system = SYSTEMS[name]()
    task = forecasts.Forecast(system)
    x, y, mask = task.batch(np.random.default_rng(0), 30, 300)
    assert x.dtype == y.dtype == np.float32 and not mask.any()
    assert x.shape == (30, 300, task.n_in) and y.shape == (30, 300, task.n_out)
    inputs = system.inputs.astype(np.float32)
    for b in range(0, 300, 60):
        (start,) = np.flatnonzero((inputs == x[0, b]).all(axis=1))
        assert start + 29 + max(system.horizons) < system.train.stop
        np.testing.assert_array_equal(x[:, b], inputs[start : start + 30])
        true = system.changes(np.arange(start, start + 30)) / system.scale
        np.testing.assert_allclose(y[:, b], true.reshape(30, -1), rtol=1e-5, atol=1e-6)
    mask = task.batch(np.random.default_rng(0), forecasts.WINDOW, 2)[2]
    np.testing.assert_array_equal(mask.sum(axis=0), 60)
    known = system.values[system.train]
    h = system.horizons[-1]
    np.testing.assert_allclose(system.scale[-1], (known[h:] - known[:-h]).std(axis=0))


def test_polar_motion_is_cut_at_the_years():
    system = SYSTEMS["polar motion"]()
    first, second = system.validation.start, system.test.start
    days = 41684 + 10 * np.array([first - 1, first, second - 1, second])
    assert days[0] < 53371 <= days[1] and days[2] < 57023 <= days[3]  # 1 January 2005 and 2015
    moved = system.inputs * system.inputs[1, 0] ** -1 * (system.values[1, 0] - system.values[0, 0])
    np.testing.assert_allclose(moved[1:], np.diff(system.values, axis=0), atol=1e-9)


@pytest.mark.equation("9.2", code="experiments.forecasts.systems.driven_duffing_slope")
def test_the_duffing_oscillator_is_the_one_of_physics():
    fine = 40  # samples of the force a sample of the system, since F is a polygon in `duffing`
    times = DUFFING_DT / fine * np.arange(100 * fine)
    force = 0.3 * np.cos(times)
    x, v = physics.duffing(
        force, DUFFING_DT / fine, 0.25, stiffness=-1, cubic=1, x_0=0.1, substeps=1
    )
    y = physics.rk4(driven_duffing_slope, np.array([0.1, 0.0, 1.0, 0.0]), times[::fine], 5)
    np.testing.assert_allclose(y[:, 2], np.cos(times[::fine]), atol=1e-5)
    np.testing.assert_allclose(y[:, 0], x[::fine], atol=1e-3)
    np.testing.assert_allclose(y[:, 1], v[::fine], atol=1e-3)


@pytest.mark.parametrize(("name", "slope"), [
    ("lorenz", physics.lorenz_slope), ("duffing", driven_duffing_slope),
])  # fmt: skip
def test_lyapunov_exponents(name, slope):
    start = np.random.default_rng(0).uniform(-1, 1, size=(3, 20))
    if name == "duffing":
        start = np.concatenate([start[:2], np.ones((1, 20)), np.zeros((1, 20))])
    start = physics.rk4(slope, start, np.linspace(0, 100, 501), 20)[-1]
    found = physics.lyapunov_exponent(slope, start, 1.0, 400, substeps=40).mean()
    assert abs(found / SYSTEMS[name]().lyapunov - 1) < 0.1


def test_baselines_are_exact_where_they_should_be(wobble):
    starts = wobble.starts("test")
    found, true = forecasts.baselines.forecasts(wobble, "test"), wobble.changes(starts)
    assert list(found) == ["mean", "persistence", "linear", "polynomial", "sinusoids"]
    np.testing.assert_allclose(found["sinusoids"], true, atol=1e-9)
    np.testing.assert_allclose(found["linear"], true, atol=1e-6)
    assert not found["persistence"].any()
    there = found["mean"] + wobble.values[starts][:, np.newaxis]
    np.testing.assert_allclose(there, np.broadcast_to(wobble.values[:800].mean(axis=0), true.shape))
    assert "sinusoids" not in forecasts.baselines.forecasts(made(wobble.values), "test")


@pytest.mark.parametrize("fit", [
    lambda system: forecasts.baselines.linear_model(system, 10),
    lambda system: forecasts.baselines.polynomial_model(system, 2),
    lambda system: forecasts.baselines.dense_net(system, 0, units=8, updates=20),
])  # fmt: skip
def test_fits_do_not_look_ahead(wobble, fit):
    starts = np.array([1200, 1300])
    at_once = fit(wobble)(wobble.past(starts))
    unknown = wobble.values.copy()
    unknown[800:] = 99  # what is not to be learned from
    np.testing.assert_allclose(fit(made(unknown))(wobble.past(starts)), at_once, atol=1e-12)


def test_the_error_of_a_model_is_in_the_unit_of_the_system_and_over_the_test_block(wobble):
    found = forecasts.scores.model_error(wobble, lambda past: np.zeros((past.shape[1], 6)))
    parts = np.array_split(np.abs(wobble.changes(wobble.starts("test"))).mean(axis=2), 10)
    np.testing.assert_allclose(found, np.mean([part.mean(axis=0) for part in parts], axis=0))


def test_monomials_are_all_up_to_a_degree_of_as_many_samples_as_their_number_allows(monkeypatch):
    monkeypatch.setattr(forecasts.baselines, "MONOMIALS", 5)
    order, factors = forecasts.baselines.monomials(2, 2)  # 1, x, y: x, y, x^2, x y, y^2
    assert order == 1 and factors.tolist() == [[0, 1], [0, 2], [1, 1], [1, 2], [2, 2]]
    order, factors = forecasts.baselines.monomials(1, 2)  # two samples
    assert order == 2 and len(factors) == 5
    assert forecasts.baselines.monomials(1, 1)[0] == 5


def test_a_polynomial_knows_a_map_that_is_one(logistic):
    system, starts = logistic, logistic.starts("test")
    model = forecasts.baselines.polynomial_model(system, 2)
    changes = model(system.past(starts))[:, 0] * system.scale[0, 0]
    np.testing.assert_allclose(changes, system.changes(starts)[:, 0, 0], atol=1e-7)
    held = forecasts.baselines.polynomial_model(system, 2, ridge=1e12)(system.past(starts))
    assert np.ptp(held[:, 0]) < 1e-3 * np.ptp(changes)  # so large a ridge leaves the mean alone
    linear = forecasts.baselines.linear_model(system, 40)(system.past(starts))[:, 0]
    assert np.abs(linear * system.scale[0, 0] - system.changes(starts)[:, 0, 0]).mean() > 0.1


def test_a_polynomial_by_steps_is_chosen_by_its_last_step_in_the_validation_block(monkeypatch):
    """A model that forecasts zero but for so much a step: its errors of all steps are known."""
    slopes = dict(zip(itertools.product((2, 3), (0.1, 1.0)), (0.3, 0.1, 0.2, 0.4), strict=True))
    monkeypatch.setattr(forecasts.baselines, "DEGREES", (2, 3))
    monkeypatch.setattr(forecasts.baselines, "RIDGES", (0.1, 1.0))
    monkeypatch.setattr(forecasts.baselines, "polynomial_model", lambda system, *s: slopes[s])
    seen = []

    def errors(system, slope, starts, n_steps):
        seen.append((starts.tolist(), n_steps))
        first = np.full((n_steps - 1, len(starts)), 1 - slope)  # best at first who is worst at last
        return np.concatenate([first, np.full((1, len(starts)), slope)])

    monkeypatch.setattr(forecasts.baselines, "step_errors", errors)
    system = made(np.random.default_rng(0).normal(size=(1700, 1)))
    chosen = forecasts.baselines.polynomial_by_steps(system, 7)
    assert chosen == ((2, 1.0), 0.1)
    assert seen == [(system.starts("validation")[::4].tolist(), 7)] * 4


def test_a_dense_net_learns_what_a_linear_model_cannot(logistic):
    system, starts = logistic, logistic.starts("test")
    model = forecasts.baselines.dense_net(system, 0, order=2, units=32, updates=1000)
    changes = model(system.past(starts))[:, 0] * system.scale[0, 0]
    assert np.abs(changes - system.changes(starts)[:, 0, 0]).mean() < 0.03  # linear: above 0.1


def test_the_rate_of_the_dense_net_falls_to_zero(wobble, monkeypatch):
    """By which it learns: with a constant one it is behind the nets of the race."""
    rates, adam = [], forecasts.baselines.adam

    def spy(batches, theta, learning_rate):
        rates.extend(learning_rate(n) for n in range(10))
        return adam(batches, theta, learning_rate)

    monkeypatch.setattr(forecasts.baselines, "adam", spy)
    forecasts.baselines.dense_net(wobble, 0, units=4, updates=10, learning_rate=0.5)
    np.testing.assert_allclose(rates, 0.5 * np.arange(10, 0, -1) / 10)


@pytest.mark.parametrize("name", ["lorenz", "duffing"])
def test_no_fit_ends_at_an_edge_of_its_settings(name):
    order, degree = (fit(SYSTEMS[name]())[0] for fit in (
        forecasts.baselines.linear, forecasts.baselines.polynomial))  # fmt: skip
    orders, degrees = forecasts.baselines.ORDERS, forecasts.baselines.DEGREES
    assert min(orders) < order < max(orders) and min(degrees) < degree < max(degrees)


def test_baselines_do_not_look_ahead(wobble):
    starts = np.array([1200, 1300])
    before = forecasts.baselines.sinusoids(wobble, 60, starts)
    model = forecasts.baselines.linear_model(wobble, 10)
    at_once = model(wobble.past(starts))
    values = wobble.values.copy()
    values[1301:] = 99
    values[: 1300 - 60] = 99  # and not farther back than the window
    changed = made(values, periods=wobble.periods)
    after = forecasts.baselines.sinusoids(changed, 60, starts[1:])
    np.testing.assert_allclose(after, before[1:], atol=1e-12)
    np.testing.assert_allclose(model(changed.past(starts[1:])), at_once[1:], atol=1e-12)


def test_the_linear_model_has_the_order_that_is_best_in_the_validation_block(wobble, monkeypatch):
    tried = []

    def spy(system, order):
        tried.append(order)
        return lambda past: np.full((past.shape[1], 6), 50.0 if order == 40 else 100.0)

    monkeypatch.setattr(forecasts.baselines, "linear_model", spy)
    assert forecasts.baselines.linear(wobble)[0] == 40
    assert tuple(tried) == forecasts.baselines.ORDERS


def test_the_window_is_chosen_in_the_validation_block(wobble, monkeypatch):
    seen = []

    def spy(system, setting, starts):
        seen.append((setting, starts[0], starts[-1]))
        return np.full((len(starts), 3, 2), 100.0 if setting != 110 else 50.0)

    monkeypatch.setattr(forecasts.baselines, "sinusoids", spy)
    forecasts.baselines.forecasts(wobble, "test")
    tried, last = seen[:-1], seen[-1]
    assert [n for n, *_ in tried] == list(forecasts.baselines.WINDOWS)
    assert all(a >= 800 and b + 9 < 1100 for _, a, b in tried)
    assert last[0] == 110 and last[1] >= 1100


def test_errors_and_their_bars(wobble):
    starts = wobble.starts("test")
    true = wobble.changes(starts)
    off = true + np.array([1.0, -2.0, 3.0])[:, np.newaxis]
    np.testing.assert_allclose(forecasts.scores.error(wobble, off, starts), [1, 2, 3])
    parts = forecasts.scores.by_parts(wobble, off, starts)
    np.testing.assert_allclose(parts, np.broadcast_to([1, 2, 3], (10, 3)))
    assert forecasts.scores.overall([1, np.e**2]) == pytest.approx(1)
    noise = np.random.default_rng(0).normal(5, 1, size=(4000, 1, 10, 1))
    means, bars = np.array([forecasts.scores.mean_and_bar(parts) for parts in noise]).T[0]
    assert np.std(means) == pytest.approx(np.mean(bars), rel=0.05)
    parts = np.zeros((3, 4, 1))
    parts[:, :, 0] = [[0], [0], [3]]  # seeds differ, parts do not
    assert forecasts.scores.mean_and_bar(parts)[1] == pytest.approx(1)


def test_a_free_run_of_the_truth_is_the_truth():
    system = SYSTEMS["duffing"]()
    starts = forecasts.scores.run_starts(system)
    assert starts[0] == system.test.start
    assert starts[-1] + forecasts.scores.RUN_STEPS < system.test.stop
    calls = iter(range(forecasts.scores.RUN_STEPS))

    def knows(past):
        k = next(calls)
        np.testing.assert_allclose(past[..., 1], system.past(starts + k)[..., 1])  # the force
        step = system.values[starts + k + 1] - system.values[starts + k]
        return step / system.scale[0, 0] * np.ones(4)

    x, truth = forecasts.scores.free_run(system, knows), forecasts.scores.run_truth(system)
    np.testing.assert_allclose(x, truth, atol=1e-9)
    longest = forecasts.scores.RUN_STEPS * system.dt * system.lyapunov
    np.testing.assert_allclose(forecasts.scores.valid_times(system, x), longest)

    def stays(past):
        return np.zeros((past.shape[1], 4))

    still = forecasts.scores.free_run(system, stays)
    np.testing.assert_array_equal(still, np.broadcast_to(system.values[starts, 0], still.shape))
    away = forecasts.scores.free_run(system, lambda past: np.full((past.shape[1], 4), 1e6))
    assert np.abs(away).max() == 100
    few = forecasts.scores.free_run(system, stays, starts[3:5], 2)
    np.testing.assert_array_equal(few, still[:2, 3:5])
    off = forecasts.scores.step_errors(system, stays, starts, 7)
    np.testing.assert_array_equal(off, np.abs(system.values[starts, 0] - truth[:7]))


def test_spectra_are_compared_in_decibels():
    truth = forecasts.scores.run_truth(SYSTEMS["lorenz"]())
    assert forecasts.scores.spectrum_distance(truth, truth) == 0
    assert forecasts.scores.spectrum_distance(10 * truth, truth) == pytest.approx(20, abs=0.5)
    still = np.zeros_like(truth)
    assert 40 < forecasts.scores.spectrum_distance(still, truth) < 80


def test_a_line_between_two_frequencies_stays_where_it_is():
    """It leaks into all others where the series is cut off; a window lets it fade out."""
    line = np.sin(2 * np.pi * 10.5 * np.arange(400) / 400)[:, np.newaxis]
    power = forecasts.scores.spectrum(line)
    assert power[60:].max() < 1e-8 * power.max()


@pytest.mark.equation("9.4", code="experiments.forecasts.scores.energy_leak")
def test_energy_that_no_force_explains():
    system = SYSTEMS["duffing"]()
    truth = forecasts.scores.run_truth(system)
    at = forecasts.scores.run_starts(system) + np.arange(1, 301)[:, np.newaxis]
    force = system.inputs[at, 1]
    assert abs(forecasts.scores.energy_leak(truth, force, truth)) < 0.02
    # An oscillator with twice the friction loses once more what the true friction takes from it.
    times = DUFFING_DT * np.arange(400)

    def damped_twice(t, y):
        return driven_duffing_slope(t, y) - 0.25 * np.stack((0 * y[1], y[1], 0 * y[1], 0 * y[1]))

    start = np.array([[1.2, 1.0], [0.5, 0.0], [1.0, 0.0], [0.0, 1.0]])
    x, _, force, _ = np.moveaxis(physics.rk4(damped_twice, start, times, 10)[100:], 1, 0)
    assert forecasts.scores.energy_leak(x, force, x) == pytest.approx(1, abs=0.02)
    # Beside one without friction, which gains as much: the sizes are averaged, not the gains.
    slopes = (damped_twice, lambda t, y: 2 * driven_duffing_slope(t, y) - damped_twice(t, y))
    runs = [np.moveaxis(physics.rk4(slope, start, times, 10)[100:], 1, 0) for slope in slopes]
    x, _, force, _ = np.concatenate(runs, axis=-1)
    assert forecasts.scores.energy_leak(x, force, x) == pytest.approx(1, abs=0.02)


def test_the_two_wobbles_are_told_apart():
    days = 10.0 * np.arange(420)
    z = 30 * np.exp(2j * np.pi * days / 433) + 90 * np.exp(1j + 2j * np.pi * days / 365.25)
    z += 5 * np.exp(-2j * np.pi * days / 365.25) + 100 + 0.01 * days
    pole = np.stack([z.real, z.imag], axis=1)
    np.testing.assert_allclose(forecasts.scores.lines(days, pole), [30, 90], atol=1e-6)
    assert forecasts.scores.lines(days, pole * [1, -1]).max() < 20  # with +y both turn backward


def test_physics_of_persistence_on_polar_motion():
    system = SYSTEMS["polar motion"]()
    found = forecasts.scores.physics(system, lambda past: np.zeros((past.shape[1], 10)))
    starts = system.starts("test")
    chandler, annual = forecasts.scores.lines(10 * starts, system.values[starts + 18])
    # After half a year the two lines have turned by 150 and 177 degrees.
    assert found["chandler_missed"] == pytest.approx(2 * np.sin(np.radians(75)) * chandler, rel=0.1)
    assert found["annual_missed"] == pytest.approx(2 * np.sin(np.radians(88.7)) * annual, rel=0.05)


def test_a_forecast_is_recorded(monkeypatch):
    monkeypatch.setattr(forecasts.runs, "BUDGET", 1.0)  # enough beside a busy neighbor, too
    (result,) = forecasts.run_group("polar motion esn 2", 1, (2,))
    assert result["trial"] == 2 and result["seconds"] >= 1.0
    assert np.shape(result["validation"]) == (5,) and np.shape(result["test"]) == (11, 5)
    assert np.mean(result["test"], axis=0)[0] < 5
    assert list(forecasts.run_group("lorenz esn 3", 1, (2,), deadline=0.0)) == []


def test_a_net_that_never_was_or_ran_away_has_a_finite_error():
    for predict in (None, lambda x: np.full((*x.shape[:2], 4), np.nan)):
        model = forecasts.model(predict)
        scores = forecasts.runs._scores(SYSTEMS["duffing"](), model)
        assert min(scores["validation"]) > 1e4 and np.isfinite(scores["test"]).all()
        assert scores["valid_time"] < 0.1
    never = forecasts.runs._scores(SYSTEMS["polar motion"](), forecasts.model(None))
    assert np.isfinite([never["chandler_missed"], never["annual_missed"]]).all()


def test_settings_are_chosen_by_the_validation_block(tmp_path):
    path = tmp_path / "results.jsonl"
    for row, trial, validation, test in (
        ("lorenz esn 0", 0, 0.5, 0.1),
        ("lorenz esn 1", 0, 0.4, 0.7),
        ("lorenz esn 2", 0, 0.6, 0.1),
        ("lorenz esn 3", 0, 0.7, 0.1),
        ("lorenz esn 1", 1, 0.9, 0.8),
        ("lorenz adam 2", 0, 0.1, 0.1),  # not all settings tried: nothing is chosen
    ):
        trials = [{"trial": trial, "validation": [validation] * 4, "test": test}]
        records.append(path, {"row": row, "seed": 1997, "trials": trials})
    assert forecasts.results.winners(path) == {("lorenz", "esn"): 1}
    found = forecasts.results.results("lorenz", path)
    assert list(found) == ["esn"] and [trial["test"] for trial in found["esn"]] == [0.7, 0.8]


def test_recorded_forecasts_are_complete():
    rows = forecasts.ROWS.values()
    assert forecasts.results.winners() == forecasts.CHOSEN
    assert sum(row.trials for row in rows if row.times == 1) == 3 * 6 * (4 + 4)
    for name in SYSTEMS:
        found = forecasts.results.results(name)
        assert list(found) == list(METHODS)
        assert {len(trials) for trials in found.values()} == {5}
    longer = forecasts.results.longer()
    assert sorted(longer) == sorted(set(METHODS) - {"esn"})
    for row in rows:
        if row.times > 1:
            assert row.number == forecasts.CHOSEN["polar motion", row.method]
            assert longer[row.method]["seconds"] >= 12 * forecasts.BUDGET
