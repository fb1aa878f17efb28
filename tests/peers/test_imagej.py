"""ImageJ itself opens our TIFF with its scale and interval, and our RoiSet.zip
with every outline on its own frame.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import math
import os
import shutil
import subprocess

import peers

MACRO = """
f = File.open("{folder}/answers.txt");
open("{folder}/even.tif");
getVoxelSize(w, h, d, unit);
Stack.getDimensions(nx, ny, nc, nz, nt);
print(f, "scale " + w + " " + h + " " + unit);
print(f, "dimensions " + nx + " " + ny + " " + nc + " " + nz + " " + nt);
print(f, "interval " + Stack.getFrameInterval());
Stack.setFrame(4);
print(f, "pixel " + getPixel(5, 3));
print(f, "label " + getInfo("slice.label"));
roiManager("Open", "{folder}/RoiSet.zip");
n = roiManager("count");
print(f, "count " + n);
for (i = 0; i < n; i++) {{
    roiManager("select", i);
    Stack.getPosition(c, z, t);
    getStatistics(area);
    print(f, "roi " + t + " " + area + " " + Roi.getName);
}}
open("{folder}/overlay.tif");
print(f, "overlays " + Overlay.size);
for (i = 0; i < Overlay.size; i++) {{
    Overlay.activateSelection(i);
    Roi.getPosition(c, z, t);
    getStatistics(area);
    print(f, "over " + maxOf(maxOf(c, z), t) + " " + area + " "
             + Roi.getName);
}}
File.close(f);
run("Quit");
"""

for program in "imagej", "xvfb-run":
    if shutil.which(program) is None:
        peers.skip(f"there is no {program}")


def ask(folder):
    """The answers of ImageJ: word -> list of the rest of its lines."""
    macro = os.path.join(folder, "ask.ijm")
    with open(macro, "w", encoding="utf-8") as file:
        file.write(MACRO.format(folder=folder))
    environment = dict(os.environ, HOME=folder)
    with open(os.path.join(folder, "log"), "w", encoding="utf-8") as log:
        try:
            subprocess.run(["xvfb-run", "-a", "imagej", "-m", macro],
                           env=environment, stdout=log, stderr=log,
                           timeout=100, check=False)
        except subprocess.TimeoutExpired:
            pass  # it waits for a click: the answers tell how far it came
    answers = {}
    path = os.path.join(folder, "answers.txt")
    peers.check(os.path.exists(path), "ImageJ answered")
    with open(path, encoding="utf-8") as file:
        for line in file:
            word, _, rest = line.rstrip("\n").partition(" ")
            answers.setdefault(word, []).append(rest)
    return answers


def test_rois(lines):
    """Each region is on its frame, as large as drawn, with its name."""
    peers.check(len(lines) == peers.N_FRAMES, f"a region a frame: {lines}")
    for k, line in enumerate(lines):
        frame, area, name = line.split(" ", 2)
        radius = 8 + 2 * k
        want = 36 * math.sin(math.pi / 36) * radius**2
        peers.check(int(frame) == k + 1, f"region {k} is on frame {frame}")
        peers.check(name == f"particle 1 frame {k}", f"its name is {name}")
        # ImageJ counts the pixels whose centres are inside: the error is
        # about the square root of the number of pixels on the rim.
        px = float(area) / (peers.NM_X * peers.NM_Y)
        peers.check(abs(px - want) < math.sqrt(2 * math.pi * radius),
                    f"region {k} has {px} pixels, its polygon {want:.1f}")


with peers.samples() as folder:
    said = ask(folder)
    peers.check(said["scale"] == ["0.25 0.5 nm"], f"scale {said['scale']}")
    peers.check(said["dimensions"] == ["64 48 1 1 4"],
                f"dimensions {said['dimensions']}")
    peers.near(said["interval"][0], peers.INTERVAL_S, "interval")
    peers.check(said["pixel"] == [str(7 * 5 + 13 * 3 + 3000)],
                f"pixel {said['pixel']}")
    peers.check(said["label"][0].startswith("t=1.2"), f"label {said['label']}")
    test_rois(said["roi"])
    peers.check(said["overlays"] == [str(peers.N_FRAMES)],
                f"overlays {said['overlays']}")
    test_rois(said["over"])
