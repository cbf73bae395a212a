"""A net of the course in a web page: it gives what NumPy gives, and follows the slider."""

import numpy as np
import pytest

import build_web_net
from browser import BROWSER, chromium, served
from rnncourse import params, physics

pytestmark = [
    pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine"),
    pytest.mark.skipif(not build_web_net.BUILT.exists(), reason="not built: make web-net"),
]


@pytest.fixture(scope="module")
def page():
    with chromium() as browser, served(build_web_net.BUILT) as address:
        found = browser.new_page(viewport={"width": 900, "height": 800})
        found.requested, found.complaints = [], []
        found.on("request", lambda request: found.requested.append(request.url))
        found.on("pageerror", lambda error: found.complaints.append(str(error)))
        found.goto(address)
        found.wait_for_selector("body[data-amplitude]", timeout=120_000)
        yield found
        assert found.complaints == []
        assert [url for url in found.requested if not url.startswith(address)] == []


@pytest.mark.parametrize("amplitude", [0.0, 0.5, 2.0])
def test_the_browser_computes_what_numpy_computes(page, amplitude):
    found = page.evaluate("amplitude => compute(amplitude)", amplitude)
    force = np.array(found["force"])
    np.testing.assert_allclose(force, amplitude * np.cos(0.2 * np.arange(100)), atol=1e-6)
    position = physics.duffing(force, dt=0.2).x
    np.testing.assert_allclose(found["position"], position, atol=1e-9)
    net = params.load(build_web_net.BUILT / "net.npz", build_web_net.NETWORK)
    y_hat, _ = build_web_net.NETWORK.forward(net, force[:, np.newaxis, np.newaxis])
    np.testing.assert_allclose(found["net"], y_hat[:, 0, 0], atol=1e-5)


def test_the_net_knows_the_oscillator_under_a_force_of_another_kind(page):
    for amplitude in (0.5, 1.0, 1.5):
        found = page.evaluate("amplitude => compute(amplitude)", amplitude)
        error = np.subtract(found["net"], found["position"])
        assert np.mean(error**2) < 0.1 * np.var(found["position"]), amplitude


def test_the_picture_and_its_words_follow_the_slider(page):
    seen = set()
    for amplitude in ("0.5", "1.5"):
        page.fill("#amplitude", amplitude)
        page.wait_for_selector(f'body[data-amplitude="{amplitude}"]')
        words, label = page.inner_text("#words"), page.get_attribute("#picture", "aria-label")
        largest = np.max(np.abs(page.evaluate("a => compute(a)", float(amplitude))["position"]))
        assert f"the oscillator reaches {largest:.2f}" in words and words in label
        seen.add(page.evaluate("document.getElementById('picture').toDataURL()"))
    assert len(seen) == 2
