#!/usr/bin/python3
"""ImageJ opens what `measure` wrote: the outlines lie on the right slices of
the recording, and ImageJ's own areas agree within its counting of pixels.

Usage: imagej_results.py COATSCOPE
Skips (exit 77) where ImageJ or a virtual display is missing.
SPDX-License-Identifier: GPL-3.0-or-later"""
import csv
import math
import pathlib
import shutil
import subprocess
import sys
import tempfile

MACRO = """
setBatchMode(true);
arg = split(getArgument(), "|");
open(arg[0]);
getPixelSize(unit, pw, ph);
text = "" + unit + "," + pw + "," + ph + "," + nSlices + "\\n";
roiManager("reset");
roiManager("open", arg[1]);
for (i = 0; i < roiManager("count"); i++) {
    roiManager("select", i);
    getStatistics(area);
    Roi.getPosition(c, z, t);
    text += Roi.getName + "," + getSliceNumber() + "," + area + "\\n";
}
File.saveString(text, arg[2]);
run("Quit");
"""


def skip(why):
    print("skipped:", why)
    sys.exit(77)


def imagej(macro, *args):
    """Runs a macro in a real ImageJ on a virtual screen. Its status is 1
    also when all went well: what it wrote is what counts."""
    subprocess.run(
        ["xvfb-run", "-a", "imagej", "-b", str(macro), "|".join(map(str, args))],
        check=False, timeout=300, stdin=subprocess.DEVNULL)


def measured_areas(results):
    with open(results / "areas.csv", newline="", encoding="utf-8") as file:
        return {(int(r["particle_id"]), int(r["frame"])): float(r["area_nm2"])
                for r in csv.DictReader(file) if r["area_nm2"]}


def main():
    coatscope = pathlib.Path(sys.argv[1]).resolve()
    for program in ("imagej", "xvfb-run"):
        if shutil.which(program) is None:
            skip(f"{program} is not installed")
    with tempfile.TemporaryDirectory() as folder:
        check(coatscope, pathlib.Path(folder))


def check(coatscope, folder):
    subprocess.run([coatscope, "simulate", "jove-5nm", "-o", folder / "sim"],
                   check=True)
    recording = folder / "sim" / "recording.tif"
    results = folder / "results"
    subprocess.run([coatscope, "measure", recording, "-o", results],
                   check=True)
    zips = list((results / "outlines").glob("*.zip"))
    assert len(zips) == 1, zips
    macro, out = folder / "m.ijm", folder / "out.csv"
    macro.write_text(MACRO, encoding="utf-8")
    imagej(macro, recording, zips[0], out)

    lines = out.read_text(encoding="utf-8").splitlines()
    unit, pixel_w, pixel_h, n_slices = lines[0].split(",")
    assert unit == "nm", unit
    pixel_nm2 = float(pixel_w) * float(pixel_h)
    areas = measured_areas(results)
    n_checked = 0
    for line in lines[1:]:
        name, slice_number, area = line.split(",")
        if name.endswith("_core"):
            continue
        particle, frame = (int(part[1:]) for part in name.split("_"))
        assert int(slice_number) == frame + 1, line
        assert 1 <= int(slice_number) <= int(n_slices), line
        ours = areas[particle, frame]
        # ImageJ counts pixels whose centres lie inside: for an outline of
        # perimeter P px the count scatters by about 0.68 sqrt(R) px (a disc);
        # five times that also covers its rounding of vertices.
        radius_px = math.sqrt(ours / pixel_nm2 / math.pi)
        allowed = 5 * 0.68 * math.sqrt(radius_px) * pixel_nm2
        assert abs(float(area) - ours) <= allowed, (line, ours, allowed)
        n_checked += 1
    assert n_checked == len(areas) > 0, (n_checked, len(areas))
    print(f"{n_checked} outlines agree with ImageJ")


if __name__ == "__main__":
    main()
