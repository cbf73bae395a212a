"""The real data of the course: four small tables that are installed with the package.

`files/SOURCES.md` says where each file comes from and under which license; `files/make_data.py`
made it. A file is checked against its checksum each time it is read.
"""

import hashlib
import io
from importlib import resources
from typing import NamedTuple

import numpy as np

CHECKSUMS = {  # sha256 of each table in files/
    "breast_cancer.npz": "13307b0c00de2862d2ddd2a0bcc6d1574cf6d27a6e8799e2a0a0d5b8c993eacf",
    "digits.npz": "b3b9c8cc11d765ce4264d8748bf3edbafa5038d91c93cf713ddbd6ae8652b410",
    "japanese_vowels.npz": "dbb620a4328fb6b02f96887ad0172c2cb5e92e7f37f1988b64052e237fa9ed9e",
    "polar_motion.npz": "8ffef72f9f6e1c9139ff080a1ea9fcda8a620e6fc442e9a89c30b6d89e4770ed",
}


class JapaneseVowels(NamedTuple):
    """Utterances of nine speakers as sequences of different length, in the split of their source.

    Both parts are sorted by speaker, as in the source: shuffle before you train on minibatches.
    """

    train: list[np.ndarray]  # 270 utterances, each (T_i, 12) float64, T_i from 7 to 26
    train_speakers: np.ndarray  # (270,) int64, speakers 0 to 8, 30 utterances each
    test: list[np.ndarray]  # 370 utterances, each (T_i, 12) float64, T_i from 7 to 29
    test_speakers: np.ndarray  # (370,) int64: 31, 35, 88, 44, 29, 24, 40, 50 and 29 utterances


class BreastCancer(NamedTuple):
    """Measurements on images of cell nuclei, one patient per row: a table without any order."""

    features: np.ndarray  # (569, 30) float64, in the units of the source, not scaled
    feature_names: tuple[str, ...]  # 30 names: mean, standard error and worst of ten quantities
    malignant: np.ndarray  # (569,) int64, 1 malignant (212), 0 benign (357)


class Digits(NamedTuple):
    """Handwritten digits as small images, in the order of the source."""

    images: np.ndarray  # (1797, 8, 8) float64, image, row from the top, column from the left
    labels: np.ndarray  # (1797,) int64, digits 0 to 9, from 174 to 183 images each


class PolarMotion(NamedTuple):
    """Where the axis of rotation meets the Earth's crust, every tenth day from 2 January 1973.

    One milliarcsecond (mas) is 3.1 cm on the ground.
    """

    mjd: np.ndarray  # (1966,) int64, days: Modified Julian Date, 0 h UTC, 41684 to 61334
    x: np.ndarray  # (1966,) float64, mas, along the meridian of Greenwich
    y: np.ndarray  # (1966,) float64, mas, along the meridian of 90 degrees west
    x_error: np.ndarray  # (1966,) float64, mas, formal error of x: 10 in 1973, 0.04 today
    y_error: np.ndarray  # (1966,) float64, mas, formal error of y


def japanese_vowels() -> JapaneseVowels:
    """Return 640 utterances of the vowels /ae/ by nine male speakers: who is speaking?

    Each utterance is a sequence of frames; a frame holds the 12 cepstrum coefficients of a linear
    prediction of 25.6 ms of sound (dimensionless, from -1.86 to 2.21). A frame starts 6.4 ms after
    the one before it. The values are exact copies of the source, which has six decimals.

    Returns:
        JapaneseVowels(train, train_speakers, test, test_speakers), freshly read. Sorted by speaker.

    Raises:
        ValueError: the file is damaged.

    Source:
        Kudo, Toyama, Shimbo, Pattern Recognition Letters 20, 1103 (1999).
    """
    arrays = _read("japanese_vowels.npz")
    parts = []
    for split in "train", "test":
        frames = arrays[f"{split}_frames"] / 1e6  # (sum of T_i, 12); stored in units of 1e-6
        ends = np.cumsum(arrays[f"{split}_lengths"], dtype=np.int64)
        parts += [np.split(frames, ends[:-1]), arrays[f"{split}_speakers"].astype(np.int64)]
    return JapaneseVowels(*parts)


def breast_cancer() -> BreastCancer:
    """Return the diagnostic breast-cancer table of Wisconsin: 569 patients, 30 features each.

    The columns are in the order of the source, an order that means nothing.

    Returns:
        BreastCancer(features, feature_names, malignant), freshly read.

    Raises:
        ValueError: the file is damaged.

    Source:
        Street, Wolberg, Mangasarian, Proceedings of SPIE 1905, 861 (1993).
    """
    arrays = _read("breast_cancer.npz")
    names = tuple(str(name) for name in arrays["feature_names"])
    return BreastCancer(arrays["features"], names, arrays["malignant"].astype(np.int64))


def digits() -> Digits:
    """Return 1797 handwritten digits as images of 8 x 8 pixels: the test part of its source.

    A pixel counts the black points, 0 to 16, in a block of 4 x 4 of a bitmap of 32 x 32. Thirteen
    people wrote the digits. The table does not say who wrote which, so a random split has the
    same hands in both parts and its error is no estimate for a new hand.

    Returns:
        Digits(images, labels), freshly read, not scaled.

    Raises:
        ValueError: the file is damaged.

    Source:
        Alpaydin, Kaynak, Kybernetika 34, 369 (1998).
    """
    arrays = _read("digits.npz")
    return Digits(arrays["images"].astype(np.float64), arrays["labels"].astype(np.int64))


def polar_motion() -> PolarMotion:
    """Return the polar motion of the Earth, 1973 to October 2026, as it was measured.

    These are the observed values of Bulletin A (its predictions are left out), as combined and
    revised later: smoother than what was known on the day. x and y form a left-handed pair, since
    y points west; with z = x - i y the Chandler wobble turns in the positive sense.

    Returns:
        PolarMotion(mjd, x, y, x_error, y_error), freshly read. The values are exact copies of the
        source, which has six decimals of an arcsecond.

    Raises:
        ValueError: the file is damaged.

    Source:
        IERS Rapid Service/Prediction Centre at the US Naval Observatory, file finals2000A.all.
    """
    arrays = _read("polar_motion.npz")
    mjd = arrays["mjd"].astype(np.int64)
    names = ("x", "y", "x_error", "y_error")
    return PolarMotion(mjd, *(arrays[name] / 1000 for name in names))  # stored in 1e-6 arcsec


def _read(name):
    """Return all arrays of a data file, after its checksum was found right."""
    content = (resources.files("rnncourse.datasets") / "files" / name).read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != CHECKSUMS[name]:
        raise ValueError(
            f"data file {name} is damaged: its sha256 is {found}, expected {CHECKSUMS[name]}; "
            "install rnncourse again or restore the file from the repository"
        )
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        return {key: archive[key] for key in archive.files}
