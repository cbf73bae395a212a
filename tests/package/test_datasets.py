"""The installed data: what they hold, that damage is found, and how the files are made."""

import hashlib
import json
import time
from importlib import resources

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from rnncourse import datasets
from rnncourse.datasets.files import make_data
from rnncourse.experiments import records

DATA = resources.files("rnncourse.datasets") / "files"
RECORDED = sorted(records.RECORDED.glob("*.jsonl"))


def test_japanese_vowels_holds_what_its_source_describes():
    data = datasets.japanese_vowels()
    assert len(data.train) == 270 and len(data.test) == 370
    for utterances, speakers in data[:2], data[2:]:
        assert speakers.shape == (len(utterances),) and speakers.dtype == np.int64
        assert np.all(np.diff(speakers) >= 0)  # sorted by speaker, as the docstring says
        for u in utterances:
            assert u.dtype == np.float64 and u.shape[1:] == (12,) and np.isfinite(u).all()
    assert_array_equal(np.bincount(data.train_speakers), [30] * 9)
    assert_array_equal(np.bincount(data.test_speakers), [31, 35, 88, 44, 29, 24, 40, 50, 29])
    train, test = [len(u) for u in data.train], [len(u) for u in data.test]
    assert (min(train), max(train), sum(train)) == (7, 26, 4274)
    assert (min(test), max(test), sum(test)) == (7, 29, 5687)
    frames = np.concatenate(data.train + data.test)
    assert (frames.min(), frames.max()) == (-1.852765, 2.203141)


def test_japanese_vowels_are_exact_copies():
    # The first frame of the first utterance and the end of the first channel, from the .ts file.
    first = datasets.japanese_vowels().train[0]
    assert_array_equal(first[0, :3], [1.860936, -0.207383, 0.261557])
    assert_array_equal(first[-2:, 0], [1.250698, 1.261441])


def test_breast_cancer_holds_what_its_source_describes():
    data = datasets.breast_cancer()
    assert data.features.shape == (569, 30) and data.features.dtype == np.float64
    assert np.isfinite(data.features).all() and data.features.min() == 0
    assert len(set(data.feature_names)) == 30 and data.feature_names[0] == "mean radius"
    assert_array_equal(np.bincount(data.malignant), [357, 212])
    assert data.malignant.dtype == np.int64
    radius = data.features[:, 0]  # malignant nuclei are the larger ones: the label is not reversed
    assert radius[data.malignant == 1].mean() > radius[data.malignant == 0].mean() + 4


def test_breast_cancer_equals_the_copy_of_scikit_learn():
    sklearn = pytest.importorskip("sklearn.datasets", reason="scikit-learn is not installed")
    table, data = sklearn.load_breast_cancer(), datasets.breast_cancer()
    assert_array_equal(data.features, table.data)
    assert_array_equal(data.malignant, 1 - table.target)
    assert list(data.feature_names) == list(table.feature_names)


def test_digits_holds_what_its_source_describes():
    data = datasets.digits()
    assert data.images.shape == (1797, 8, 8) and data.images.dtype == np.float64
    assert data.labels.shape == (1797,) and data.labels.dtype == np.int64
    assert_array_equal(np.bincount(data.labels), [178, 182, 177, 183, 181, 182, 181, 179, 174, 180])
    assert np.isfinite(data.images).all()
    assert_array_equal(np.unique(data.images), np.arange(17))  # every count from 0 to 16 occurs
    empty = np.flatnonzero((data.images == 0).all(axis=0))  # corner and edges where nobody wrote
    assert_array_equal(empty, [0, 32, 39])


def test_digits_are_exact_and_upright():
    data = datasets.digits()
    assert_array_equal(data.labels[:12], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1])
    assert_array_equal(data.images[0, 1], [0, 0, 13, 15, 10, 15, 5, 0])  # row 1 of a zero
    ones, sevens = (data.images[data.labels == digit].mean(axis=0) for digit in (1, 7))
    assert ones.sum(axis=0).max() > 2 * ones.sum(axis=1).max()  # a one is a column, not a row
    assert sevens[:4].sum() > sevens[4:].sum()  # and the bar of a seven is at the top


def test_digits_equal_the_copy_of_scikit_learn():
    sklearn = pytest.importorskip("sklearn.datasets", reason="scikit-learn is not installed")
    table, data = sklearn.load_digits(), datasets.digits()
    assert_array_equal(data.images, table.images)
    assert_array_equal(data.labels, table.target)


def test_polar_motion_holds_what_its_source_describes():
    data = datasets.polar_motion()
    assert data.mjd.dtype == np.int64 and (data.mjd[0], data.mjd[-1]) == (41684, 61334)
    assert_array_equal(np.diff(data.mjd), 10)
    for values in data[1:]:
        assert values.shape == (1966,) and values.dtype == np.float64 and np.isfinite(values).all()
    assert (data.x.min(), data.x.max()) == (-247.547, 325.025)
    assert (data.y.min(), data.y.max()) == (14.910, 596.660)
    assert min(data.x_error.min(), data.y_error.min()) > 0
    assert np.median(data.x_error[:100]) > 100 * np.median(data.x_error[-100:])


def test_polar_motion_is_an_exact_copy():
    # The first row of the file, and that of 1 January 2000 (MJD 51544).
    data = datasets.polar_motion()
    first = [float(values[0]) for values in data[1:]]
    assert first == [120.733, 136.966, 9.786, 15.902]
    at = np.searchsorted(data.mjd, 51544)
    assert data.mjd[at] == 51544
    assert (data.x[at], data.y[at]) == (43.301, 377.867)


def test_the_pole_turns_eastward_by_the_chandler_and_the_annual_wobble():
    data = datasets.polar_motion()
    years = slice(365, 1169)  # 1983 to 2004
    t, z = data.mjd[years] / 365.25, (data.x - 1j * data.y)[years]
    z = z - np.polyval(np.polyfit(t, z, 1), t)
    periods = np.arange(300, 500)  # days
    lines = np.exp(-2j * np.pi * t * 365.25 / periods[:, np.newaxis])
    forward, backward = (np.abs(lines @ a) / len(t) for a in (z, z.conj()))
    chandler = periods[100 + forward[100:].argmax()]
    assert 428 < chandler < 438 and 360 < periods[:90][forward[:90].argmax()] < 371
    assert forward.max() > 100 > 5 * backward.max()  # mas


def test_the_parser_of_finals():
    def line(mjd, flag, x):
        text = f"73 1 2 {mjd:8.2f} {flag} {x:9.6f}{0.001:9.6f} {-x:9.6f}{0.002:9.6f}"
        return text.ljust(187)

    rows = [line(41684 + k, "I" if k < 25 else "P", 0.1 + 0.001 * k) for k in range(40)]
    found = make_data.read_finals(rows)
    assert_array_equal(found["mjd"], [41684, 41694, 41704])
    assert_array_equal(found["x"], [100000, 110000, 120000])
    assert_array_equal(found["y"], [-100000, -110000, -120000])
    assert_array_equal(found["x_error"], [1000] * 3)
    assert_array_equal(found["y_error"], [2000] * 3)
    with pytest.raises(ValueError, match="days are missing"):
        make_data.read_finals(rows[:3] + rows[4:])


def test_each_call_returns_its_own_arrays():
    data = datasets.japanese_vowels()
    data.train[0][:] = 0
    assert datasets.japanese_vowels().train[0].any()


@pytest.mark.parametrize("name", sorted(datasets.CHECKSUMS))
def test_a_damaged_file_is_found(name, tmp_path, monkeypatch):
    content = bytearray((DATA / name).read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / name).write_bytes(content)
    monkeypatch.setattr(datasets.resources, "files", lambda package: tmp_path)
    with pytest.raises(
        ValueError, match=f"{name} is damaged: .* expected {datasets.CHECKSUMS[name]}"
    ):
        getattr(datasets, name.removesuffix(".npz"))()


def test_sources_and_checksums_cover_every_file():
    sources = (DATA / "SOURCES.md").read_text(encoding="utf-8")
    files = {path.name for path in DATA.iterdir() if path.name.endswith(".npz")}
    assert files == set(datasets.CHECKSUMS)
    for name, checksum in datasets.CHECKSUMS.items():
        assert hashlib.sha256((DATA / name).read_bytes()).hexdigest() == checksum
        assert f"| `{name}` | `{checksum}` |" in sources
    assert sum((DATA / name).stat().st_size for name in files) < 550_000


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.name)
def test_recorded_results_are_those_whose_checksum_is_written_down(path):
    checksum = hashlib.sha256(path.read_bytes()).hexdigest()
    assert f"| `{path.name}` | `{checksum}` |" in path.with_name("README.md").read_text("utf-8")
    every = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert every and records.read(path) == every if "trials" in every[0] else "card" in every[0]


def test_data_files_are_made_without_a_clock(tmp_path, monkeypatch):
    arrays = {"a": np.arange(5, dtype=np.int32), "names": np.array(["x", "yz"])}
    first = make_data.write_npz(tmp_path / "a.npz", **arrays)
    monkeypatch.setattr(time, "time", lambda: 2e9)
    assert make_data.write_npz(tmp_path / "b.npz", **arrays) == first
    with np.load(tmp_path / "b.npz", allow_pickle=False) as archive:
        assert archive.files == ["a", "names"]
        assert_array_equal(archive["a"], arrays["a"])


def test_the_ts_parser():
    text = "# about\n@dimensions 2\n@data\n0.5,-0.25:1,2.000001:3\n7:8:1\n"
    series, labels = make_data.read_ts(text)
    assert_array_equal(labels, [3, 1])
    assert_array_equal(series[0], [[500000, 1000000], [-250000, 2000001]])
    assert_array_equal(series[1], [[7000000, 8000000]])
    with pytest.raises(ValueError, match="six decimals"):
        make_data.read_ts("@data\n0.1234567:1\n")
