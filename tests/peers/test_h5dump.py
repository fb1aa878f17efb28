"""h5dump reads our HyperSpy files: shape, type, axes, pixels.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import re
import shutil
import subprocess

import peers

if shutil.which("h5dump") is None:
    peers.skip("there is no h5dump")


def dump(*words):
    done = subprocess.run(["h5dump", *words], capture_output=True, text=True,
                          check=False)
    peers.check(done.returncode == 0 and done.stderr == "",
                f"h5dump {words}: {done.stderr}")
    return done.stdout


def attribute(path, name):
    text = dump("-a", name, path)
    return re.search(r'\(0\): "?([^"\n]*)', text).group(1)


def test_file(path, kind, stored):
    words = dump("-H", path)
    root = re.search(r'GROUP "Experiments" \{\s*GROUP "([^"]*)"', words)
    peers.check(root is not None, f"{path}: an experiment")
    at = f"/Experiments/{root.group(1)}"
    data = dump("-H", "-d", f"{at}/data", path)
    peers.check(stored in data, f"{path}: {stored} in {data}")
    peers.check("( 4, 48, 64 )" in data, f"{path}: shape in {data}")
    for axis, unit, scale in (("0", "s", peers.INTERVAL_S),
                              ("1", "nm", peers.NM_Y),
                              ("2", "nm", peers.NM_X)):
        group = f"{at}/axis-{axis}"
        peers.check(attribute(path, f"{group}/units") == unit,
                    f"{path}: unit of axis {axis}")
        peers.near(attribute(path, f"{group}/scale"), scale,
                   f"{path}: scale of axis {axis}", 1e-5)
    text = dump("-d", f"{at}/data", "-s", "2,5,7", "-c", "1,1,3", path)
    numbers = re.search(r"\(2,5,7\): ([^\n]*)", text).group(1).split(", ")
    want = peers.pixels(kind)[2, 5, 7:10]
    peers.check([float(n) for n in numbers] == [float(n) for n in want],
                f"{path}: {numbers}, not {want}")


with peers.samples() as folder:
    test_file(f"{folder}/even.hspy", "even", "H5T_STD_U16LE")
    test_file(f"{folder}/float.hspy", "float", "H5T_IEEE_F32LE")
