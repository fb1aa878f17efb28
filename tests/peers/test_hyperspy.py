"""HyperSpy reads our TIFF, MRC and own-format files: pixels, axes.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import logging
import warnings

import peers

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
io = peers.need("hyperspy.io")


def axes_of(signal):
    axes = signal.axes_manager
    return axes.navigation_axes[0], axes.signal_axes[0], axes.signal_axes[1]


def test_file(path, kind, with_time=True):
    signal = io.load(path)
    time, x, y = axes_of(signal)
    peers.same_pixels(signal.data, "even" if kind == "uneven" else kind, path)
    for axis, scale in (x, peers.NM_X), (y, peers.NM_Y):
        peers.near(axis.scale, scale, f"{path}: scale of {axis}", 1e-5)
        peers.check(axis.units in ("nm", "nanometer"),
                    f"{path}: unit {axis.units}")
    if kind == "uneven" and with_time:
        for got, want in zip(time.axis[1:], peers.UNEVEN_S[1:]):
            peers.near(got, want, f"{path}: time")
    elif with_time:
        peers.near(time.scale, peers.INTERVAL_S, f"{path}: interval")
        peers.check(time.units == "s", f"{path}: unit {time.units}")


with peers.samples() as folder:
    for kind in "even", "float", "byte":
        test_file(f"{folder}/{kind}.tif", kind)
        test_file(f"{folder}/{kind}.hspy", kind)
    test_file(f"{folder}/uneven.hspy", "uneven")
