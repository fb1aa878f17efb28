"""What the tests with other programs share: the files we wrote for them, and
what these must say.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import math
import subprocess
import sys
import tempfile

SKIPPED = 77
N_FRAMES, HEIGHT, WIDTH = 4, 48, 64
NM_X, NM_Y, INTERVAL_S = 0.25, 0.5, 0.4
UNEVEN_S = [0, 0.4, 0.9, 1.7]


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


def need(module):
    """Imports a module that may not be there."""
    try:
        return __import__(module, fromlist=["_"])
    except ImportError as error:
        skip(str(error))


def pixels(kind="even"):
    """The frames as write_samples.c draws them."""
    numpy = need("numpy")
    k, j, i = numpy.mgrid[:N_FRAMES, :HEIGHT, :WIDTH]
    values = (7 * i + 13 * j + 1000 * k) % 60000
    types = {"byte": "uint8", "float": "float32"}
    return values.astype(types.get(kind, "uint16"))


def same_pixels(got, kind, what):
    numpy = need("numpy")
    want = pixels(kind)
    check(got.shape == want.shape, f"{what}: shape {got.shape}")
    check(numpy.array_equal(got, want), f"{what}: other pixels")


def check(ok, what):
    if not ok:
        print(f"not so: {what}")
        sys.exit(1)


def near(got, want, what, tolerance=1e-6):
    check(math.isclose(float(got), want, rel_tol=tolerance),
          f"{what} is {got}, not {want}")


def samples():
    """A folder, which goes away at the end, with the files in it."""
    folder = tempfile.TemporaryDirectory(prefix="coatscope-peers-")
    subprocess.run([sys.argv[1], folder.name], check=True)
    return folder
