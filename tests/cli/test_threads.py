"""The same bytes on any number of threads, through the program.

    test_threads.py COATSCOPE

SPDX-License-Identifier: GPL-3.0-or-later"""
import os
import pathlib
import subprocess
import sys
import tempfile

RECIPE = """
recording: { name: threads, seed: 3, width: 288, height: 256, frames: 24,
  interval_s: 2, exposure_s: 1, nm_per_px: 0.8 }
scene: { layout: scattered, count: 3, diameter_nm: 45 }
particle: { coat: TiO2, thickness_nm: 5, law: interface, tau_s: 60,
  onset_s: 12 }
"""
# What says how it was measured (the number of threads) is left out.
TOLD = {"provenance.json", "report.html", "results.db"}


def run(program, *arguments):
    subprocess.run([program, *map(str, arguments)], check=True,
                   stdout=subprocess.DEVNULL,
                   env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000"})


def files_of(folder):
    return {str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.name not in TOLD}


def measure(program, recording, folder, n_threads):
    run(program, "measure", "-q", f"--threads={n_threads}", recording,
        "-o", folder)
    return files_of(folder)


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    print("1..3")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        recipe = folder / "threads.yaml"
        recipe.write_text(RECIPE, encoding="utf-8")
        run(program, "simulate", recipe, "-o", folder / "made")
        recording = folder / "made" / "recording.tif"
        one = measure(program, recording, folder / "one", 1)
        rows = one["areas.csv"].count(b"\n")
        print("ok" if rows > 24 else "not ok", 1,
              f"- something is measured: {rows} rows, {len(one)} files")
        for k, n_threads in enumerate((2, 7)):
            other = measure(program, recording, folder / str(n_threads),
                            n_threads)
            differ = sorted(path for path in one.keys() | other.keys()
                            if one.get(path) != other.get(path))
            print("not ok" if differ else "ok", 2 + k,
                  f"- {n_threads} threads give the same bytes as one",
                  *differ)


main()
