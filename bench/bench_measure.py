#!/usr/bin/python3
"""Measuring a recording: ours beside the usual way of others, on the same
recordings in the same run.

    bench_measure.py COATSCOPE [WIDTH FRAMES PARTICLES]…

Simulates recordings with known truth and prints for each program: seconds,
MB of pixels a second, peak memory, particles and frames found of those there
are, the median error of an area, and how many outlines belong to none; for
the others also the ratio to ours. No more than some hundred frames are
simulated: of a longer recording the row "long" is ours on those frames there
and back until there are as many; the others work frame by frame, so that
their MB/s do not depend on the length. The others' way is the protocol's: blur,
Otsu's threshold, fill holes, watershed, areas of what is left. Needs Debian's
python3-skimage, python3-opencv, imagej with xvfb and xauth; what is not
installed is said to be missing.
SPDX-License-Identifier: GPL-3.0-or-later"""
import csv
import math
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import time

RECORDINGS = [(1024, 2000, 1), (1024, 2000, 6), (4096, 100, 6)]
# Frames that are simulated: so many, or fewer of large ones.
MOST_SIMULATED, LEAST_SIMULATED, MOST_PX = 100, 20, 1 << 27
NM_PER_PX = 0.6
BLUR_PX = 2.0
# The smallest area that counts, in pixels: 20 px across.
LEAST_PX2 = 314

RECIPE = """
recording: {{ name: bench, seed: 5, width: {side}, height: {side},
  frames: {frames}, interval_s: 2, exposure_s: 1, nm_per_px: {scale} }}
scene: {{ layout: scattered, count: {count}, diameter_nm: 80 }}
particle: {{ coat: TiO2, thickness_nm: 5, law: interface, tau_s: 100,
  onset_s: 12 }}
needle: {{ contact_s: 8 }}
"""

MACRO = """
setBatchMode(true);
arg = split(getArgument(), "|");
open(arg[0]);
run("Properties...", "unit=pixel pixel_width=1 pixel_height=1");
run("Gaussian Blur...", "sigma=" + arg[2] + " stack");
setOption("BlackBackground", true);
setAutoThreshold("Otsu");
run("Convert to Mask", "method=Otsu background=Light calculate black");
run("Fill Holes", "stack");
run("Watershed", "stack");
run("Set Measurements...", "area centroid stack redirect=None decimal=3");
run("Analyze Particles...", "size=" + arg[3] + "-Infinity display clear stack");
text = "frame,x,y,area\\n";
for (i = 0; i < nResults; i++)
    text += "" + (getResult("Slice", i) - 1) + "," + getResult("X", i) + ","
        + getResult("Y", i) + "," + getResult("Area", i) + "\\n";
File.saveString(text, arg[1]);
run("Quit");
"""


def skimage_way(recording, out):
    """The usual pipeline in scikit-image, one frame after another."""
    import numpy
    import tifffile
    from scipy import ndimage
    from skimage import feature, filters, measure, segmentation

    rows = []
    with tifffile.TiffFile(recording) as tiff:
        for index, page in enumerate(tiff.pages):
            image = filters.gaussian(page.asarray().astype(float), BLUR_PX)
            mask = ndimage.binary_fill_holes(
                image < filters.threshold_otsu(image))
            distance = ndimage.distance_transform_edt(mask)
            labels = measure.label(mask)
            peaks = feature.peak_local_max(distance, min_distance=20,
                                           labels=labels)
            markers = numpy.zeros(mask.shape, int)
            markers[tuple(peaks.T)] = numpy.arange(1, len(peaks) + 1)
            parts = segmentation.watershed(-distance, markers, mask=mask)
            rows += [(index, r.centroid[1] + 0.5, r.centroid[0] + 0.5, r.area)
                     for r in measure.regionprops(parts)
                     if r.area >= LEAST_PX2]
    write_rows(out, rows)


def opencv_way(recording, out):
    """The usual pipeline in OpenCV, one frame after another."""
    import cv2
    import numpy
    import tifffile

    rows = []
    with tifffile.TiffFile(recording) as tiff:
        for index, page in enumerate(tiff.pages):
            image = cv2.GaussianBlur(page.asarray(), (0, 0), BLUR_PX)
            _, mask = cv2.threshold(image, 0, 255,
                                    cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
            mask = mask.astype(numpy.uint8)
            found, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL,
                                        cv2.CHAIN_APPROX_NONE)
            cv2.drawContours(mask, found, -1, 255, cv2.FILLED)
            distance = cv2.distanceTransform(mask, cv2.DIST_L2, 5)
            sure = (distance > 0.6 * distance.max()).astype(numpy.uint8)
            _, markers = cv2.connectedComponents(sure)
            markers += 1
            markers[(mask > 0) & (sure == 0)] = 0
            grey = cv2.normalize(image, None, 0, 255, cv2.NORM_MINMAX,
                                 cv2.CV_8U)
            cv2.watershed(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), markers)
            for label in range(2, markers.max() + 1):
                y, x = numpy.nonzero(markers == label)
                if len(x) >= LEAST_PX2:
                    rows.append((index, x.mean() + 0.5, y.mean() + 0.5,
                                 len(x)))
    write_rows(out, rows)


WAYS = {"scikit-image": (skimage_way, "skimage"),
        "OpenCV": (opencv_way, "cv2")}


def write_rows(path, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["frame", "x", "y", "area"])
        writer.writerows(rows)


def read_rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return [(int(float(r["frame"])), float(r["x"]), float(r["y"]),
                 float(r["area"])) for r in csv.DictReader(file)]


def read_areas(path):
    """Rows of our own table of areas, in pixels."""
    with open(path, newline="", encoding="utf-8") as file:
        return [(int(r["frame"]), float(r["centroid_x_px"]),
                 float(r["centroid_y_px"]),
                 float(r["area_nm2"]) / NM_PER_PX ** 2)
                for r in csv.DictReader(file) if r["area_nm2"]]


def run(argv):
    """Seconds and peak MiB of a program with all it starts; None where it
    failed."""
    start = time.monotonic()
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return time.monotonic() - start, usage.ru_maxrss / 1024


def compare(rows, truth):
    """Found, of how many, median error of an area in percent, and how many
    rows belong to no particle. A row is that of the particle whose centre is
    nearest, if it lies within half its radius."""
    errors, invented = {}, 0
    for frame, x, y, area in rows:
        best = min((math.hypot(x - t[1], y - t[2]), k)
                   for k, t in enumerate(truth) if t[0] == frame)
        radius = math.sqrt(truth[best[1]][3] / math.pi)
        if best[0] > radius / 2 or best[1] in errors:
            invented += 1
        else:
            errors[best[1]] = 100 * abs(area / truth[best[1]][3] - 1)
    sizes = sorted(errors.values())
    return (len(sizes), len(truth),
            sizes[len(sizes) // 2] if sizes else math.nan, invented)


def show(name, cost, result, megabytes, ours):
    seconds, mib = cost
    line = (f"{name:13} {seconds:8.2f} s {megabytes / seconds:7.1f} MB/s "
            f"{mib:6.0f} MiB  found {result[0]}/{result[1]}  "
            f"error {result[2]:.2f} %  invented {result[3]}")
    if ours is not None:
        line += (f"  | theirs / ours: time {seconds / ours[0][0]:.2f}, memory "
                 f"{mib / ours[0][1]:.2f}, error {result[2] / ours[1][2]:.1f}")
    print(line, flush=True)


def bench_imagej(folder, recording):
    if not (shutil.which("imagej") and shutil.which("xvfb-run")):
        return None
    macro, out = folder / "protocol.ijm", folder / "imagej.csv"
    macro.write_text(MACRO, encoding="utf-8")
    argument = "|".join(map(str, (recording, out, BLUR_PX, LEAST_PX2)))
    cost = run(["xvfb-run", "-a", "imagej", "-b", str(macro), argument])
    return (cost, read_rows(out)) if out.exists() else None


def bench_way(folder, recording, name):
    out = folder / (name + ".csv")
    cost = run([sys.executable, __file__, "--way", name, str(recording),
                str(out)])
    return (cost, read_rows(out)) if out.exists() else None


def lengthen(coatscope, recording, n_frames):
    """The recording there and back until it has that many frames, as MRC."""
    short = recording.with_name("short.mrc")
    long = recording.with_name("long.mrc")
    subprocess.run([coatscope, "convert", recording, short], check=True,
                   stdout=subprocess.DEVNULL)
    with open(short, "rb") as file, open(long, "wb") as out:
        header = bytearray(file.read(1024))
        width, height, n = struct.unpack_from("<3i", header)
        start = 1024 + struct.unpack_from("<i", header, 92)[0]
        n_bytes = 2 * width * height
        struct.pack_into("<i", header, 8, n_frames)
        struct.pack_into("<i", header, 36, n_frames)
        struct.pack_into("<i", header, 92, 0)
        out.write(header)
        there_and_back = [*range(n), *range(n - 2, 0, -1)]
        for i in range(n_frames):
            k = there_and_back[i % len(there_and_back)]
            file.seek(start + k * n_bytes)
            out.write(file.read(n_bytes))
    short.unlink()
    return long


def bench_long(coatscope, folder, recording, n_frames, megabytes):
    """Speed and memory of a long recording, from the page cache."""
    long = lengthen(coatscope, recording, n_frames)
    with open(long, "rb") as file:
        while file.read(1 << 24):
            pass
    seconds, mib = run([coatscope, "measure", "-q", "--scale", str(NM_PER_PX),
                        "--interval", "2", str(long), "-o",
                        str(folder / "long")])
    print(f"{'long':13} {seconds:8.2f} s {megabytes / seconds:7.1f} MB/s "
          f"{mib:6.0f} MiB  {n_frames} frames", flush=True)
    long.unlink()


def bench_one(coatscope, folder, side, all_frames, count):
    frames = min(all_frames, MOST_SIMULATED,
                 max(LEAST_SIMULATED, MOST_PX // side ** 2))
    recipe, made = folder / "bench.yaml", folder / "made"
    recipe.write_text(RECIPE.format(side=side, frames=frames, count=count,
                                    scale=NM_PER_PX), encoding="utf-8")
    subprocess.run([coatscope, "simulate", recipe, "-o", made], check=True,
                   stdout=subprocess.DEVNULL)
    recording, results = made / "recording.tif", folder / "results"
    recording.read_bytes()  # into the page cache
    truth = read_areas(made / "truth" / "areas.csv")
    megabytes = side * side * 2 * frames / 1e6
    print(f"\n{frames} frames of {side} x {side}, 16 bit, {count} particles:")
    cost = run([coatscope, "measure", str(recording), "-o", str(results)])
    ours = cost, compare(read_areas(results / "areas.csv"), truth)
    show("coatscope", *ours, megabytes, None)
    if all_frames > frames:
        bench_long(coatscope, folder, recording, all_frames,
                   side * side * 2 * all_frames / 1e6)
    others = {"ImageJ": lambda: bench_imagej(folder, recording)}
    for name in WAYS:
        others[name] = lambda name=name: bench_way(folder, recording, name)
    for name, bench in others.items():
        theirs = bench()
        if theirs is None:
            print(f"{name:13} missing: not installed, or it failed")
            continue
        show(name, theirs[0], compare(theirs[1], truth), megabytes, ours)


def main():
    if sys.argv[1] == "--way":
        WAYS[sys.argv[2]][0](*sys.argv[3:])
        return
    sizes = list(map(int, sys.argv[2:]))
    wanted = list(zip(*[iter(sizes)] * 3)) or RECORDINGS
    for side, frames, count in wanted:
        with tempfile.TemporaryDirectory() as folder:
            bench_one(str(pathlib.Path(sys.argv[1]).resolve()),
                      pathlib.Path(folder), side, frames, count)


main()
