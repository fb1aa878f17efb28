"""The files of the catalogue, read by us and by HyperSpy: pixels, scale, unit
and interval. Where the two differ the reason stands here; a difference that
has none fails.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import logging
import math
import os
import pathlib
import subprocess
import sys
import tempfile
import warnings

import peers

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)
numpy = peers.need("numpy")
io = peers.need("hyperspy.io")

SUFFIXES = {".dm3", ".dm4", ".ser", ".emd", ".hspy", ".mrc", ".map", ".tif",
            ".png", ".jpg"}

# What of a file is not compared, and why. "all": HyperSpy cannot open it.
DIFFERENT = (
    ("emd/rsciio/Si100_2x1x1_3D.emd", "pixels scale",
     "HyperSpy turns the axes of NCEM EMD round"),
    ("derived/agx512_ncem.emd", "pixels scale",
     "HyperSpy turns the axes of NCEM EMD round"),
    ("emd/rsciio/example_", "pixels scale",
     "HyperSpy turns the axes of NCEM EMD round"),
    ("emd/openncem/Acquisition_18", "pixels scale",
     "HyperSpy turns the axes of NCEM EMD round"),
    ("emd/openncem/", "type scale",
     "HyperSpy turns Velox's integers into floats and picks a unit"),
    ("emd/rsciio/fei_example", "type time",
     "HyperSpy turns Velox's integers into floats, and takes the nominal"
     " frame time where we take the stamps of the frames (0.799976 s)"),
    ("derived/agx512.ome", "scale", "HyperSpy 1.7 does not read OME-XML"),
    ("derived/agx512_imagej", "scale",
     "HyperSpy knows no unit of ImageJ's but the micron"),
    ("mrc/mrcfile/", "scale time",
     "HyperSpy gives the cell of the map by the grid of another axis"),
    ("mrc/rsciio/", "scale time",
     "HyperSpy reads no _info.txt and takes negative cells as sizes"),
    ("mrc/openncem/", "scale time",
     "HyperSpy gives 20 nm where the header, as mrcfile reads it, has 2 Å"),
    ("ser/rsciio/old/03_Scanning", "pixels scale",
     "HyperSpy pads the 5 frames there are to the 200 declared"),
    ("ser/", "scale", "HyperSpy takes the unit from the .emi file alone"),
    ("tif/rsciio/FEI", "scale", "HyperSpy swaps the axes of FEI files"),
    ("tif/rsciio/JEOL", "scale", "HyperSpy 1.7 does not know JEOL's TIFF"),
    ("tif/rsciio/TVIPS", "scale", "HyperSpy 1.7 does not know TVIPS's TIFF"),
    ("tif/rsciio/optical_Zeiss", "scale",
     "HyperSpy takes a printer's resolution for a scale"),
    ("tif/latex/", "scale", "HyperSpy 1.7 does not know this TIFF's scale"),
    ("tif/lptem/", "scale pixels",
     "ImageJ's signed 16 bit: we keep the stored values and their offset"),
    ("tif/nanoparticles/", "scale",
     "HyperSpy 1.7 does not know Olympus's tags in this file"),
    ("tif/synthetic/", "scale", "a scale in Olympus's tags"),
    ("png/", "channels", "HyperSpy gives RGBA as one structured pixel"),
    ("jpg/", "channels", "HyperSpy decodes by another JPEG library"),
)


def left_out(path):
    """Words for what is not compared of a path."""
    words = set()
    for start, what, _ in DIFFERENT:
        if path.startswith(start):
            words |= set(what.split())
    return words


def find(folder):
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if (path.is_file() and path.suffix in SUFFIXES
                and not name.startswith(("negative/", "series/", "png/",
                                         "jpg/", "hspy/nanoparticles/tr"))):
            yield name


def ours(folder, names):
    """What read_frames says of each: fields and pixels, or an error."""
    with tempfile.TemporaryDirectory(prefix="coatscope-peers-") as out:
        done = subprocess.run(
            [sys.argv[1], out, *(str(folder / name) for name in names)],
            check=True, stdout=subprocess.PIPE, encoding="utf-8")
        for line in done.stdout.splitlines():
            fields = line.split("\t")
            raw = pathlib.Path(out, fields[0] + ".raw")
            yield fields, raw.read_bytes() if len(fields) > 2 else b""


def nm(step, unit):
    """A length in nm, NaN for anything else."""
    factors = {"nm": 1, "µm": 1e3, "um": 1e3, "pm": 1e-3, "A": 0.1, "Å": 0.1,
               "m": 1e9, "mm": 1e6, "cm": 1e7, "micron": 1e3}
    return step * factors.get(str(unit), math.nan)


def same(a, b):
    return (math.isnan(a) and math.isnan(b)) or math.isclose(
        a, b, rel_tol=1e-5)


def theirs(path):
    """HyperSpy's first signal of two image axes, or None."""
    try:
        signals = io.load(str(path))
    except Exception:  # pylint: disable=broad-except
        return None
    for signal in signals if isinstance(signals, list) else [signals]:
        if signal.axes_manager.signal_dimension == 2:
            return signal
    return None


def compare(name, fields, pixels, signal):
    """Sentences about what differs."""
    without = left_out(name)
    shape = tuple(int(x) for x in fields[1:4])
    data = signal.data
    if data.dtype.fields is None:
        mine = numpy.frombuffer(pixels, fields[5]).reshape(
            shape + ((int(fields[4]),) if fields[4] != "1" else ()))
        if "type" not in without and data.dtype != mine.dtype:
            yield f"type {mine.dtype}, HyperSpy {data.dtype}"
        if "pixels" not in without:
            if data.size != mine.size:
                yield f"shape {mine.shape}, HyperSpy {data.shape}"
            elif not numpy.array_equal(data.reshape(mine.shape), mine,
                                       equal_nan=data.dtype.kind in "fc"):
                yield "other pixels"
    axes = signal.axes_manager.signal_axes
    for axis, step, unit in ((axes[0], *fields[6:8]), (axes[1], *fields[8:10])):
        mine, other = nm(float(step), unit), nm(axis.scale, axis.units)
        if "scale" not in without and not same(mine, other):
            yield f"scale {step} {unit}, HyperSpy {axis.scale} {axis.units}"
    time = signal.axes_manager.navigation_axes
    if time and time[0].units == "s" and "time" not in without:
        if not same(float(fields[10]), time[0].scale):
            yield f"interval {fields[10]} s, HyperSpy {time[0].scale} s"


def main():
    folder = pathlib.Path(os.environ.get("COATSCOPE_TEST_DATA", "."))
    if not (folder / "CATALOGUE.tsv").exists():
        peers.skip("no folder of real files")
    names = list(find(folder))
    n_same = n_unread = n_bad = 0
    for name, (fields, pixels) in zip(names, ours(folder, names)):
        signal = theirs(folder / name)
        if signal is None or len(fields) == 2:
            n_unread += 1
            continue
        complaints = list(compare(name, fields, pixels, signal))
        for complaint in complaints:
            print(f"not so: {name}: {complaint}")
        n_bad += bool(complaints)
        n_same += not complaints
    print(f"{n_same} files are the same, {n_bad} are not, {n_unread} only one"
          " of us reads; named differences:")
    for start, what, why in DIFFERENT:
        print(f"  {start}: {what}: {why}")
    sys.exit(n_bad > 0 or n_same == 0)


main()
