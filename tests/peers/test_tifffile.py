"""tifffile reads our TIFF and OME-TIFF files: pixels, scale, times.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import re

import peers

tifffile = peers.need("tifffile")


def test_imagej(path, kind):
    with tifffile.TiffFile(path) as tiff:
        peers.check(tiff.is_imagej, "an ImageJ file")
        peers.check(len(tiff.pages) == peers.N_FRAMES, "a page a frame")
        peers.same_pixels(tiff.asarray(), kind, path)
        meta = tiff.imagej_metadata
        tags = {tag.code: tag.value for tag in tiff.pages[0].tags}
    peers.check(meta["unit"] == "nm", "the unit is nm")
    peers.check(meta["frames"] == peers.N_FRAMES, "its frames are frames")
    x, y = tags[282], tags[283]
    peers.near(x[1] / x[0], peers.NM_X, "x scale")
    peers.near(y[1] / y[0], peers.NM_Y, "y scale")
    peers.near(tags[65009], peers.NM_X, "Gatan's x scale")
    peers.near(tags[65010], peers.NM_Y, "Gatan's y scale")
    labels = [re.match(r"t=(\S+) s exposure=(\S+) s$", label)
              for label in meta["Labels"]]
    times = [float(label[1]) for label in labels]
    if kind == "uneven":
        peers.check(times == peers.UNEVEN_S, f"labels with times: {times}")
        peers.check("finterval" not in meta, "no interval is invented")
    else:
        peers.near(meta["finterval"], peers.INTERVAL_S, "finterval")
        peers.near(times[3], 3 * peers.INTERVAL_S, "the last label")


def test_ome(path, kind):
    with tifffile.TiffFile(path) as tiff:
        peers.check(tiff.is_ome, "an OME file")
        peers.same_pixels(tiff.asarray(), kind, path)
        peers.check(tiff.series[0].axes == "TYX", "axes TYX")
        meta = tifffile.xml2dict(tiff.ome_metadata)["OME"]["Image"]["Pixels"]
    peers.near(meta["PhysicalSizeX"], peers.NM_X, "PhysicalSizeX")
    peers.near(meta["PhysicalSizeY"], peers.NM_Y, "PhysicalSizeY")
    peers.check(meta["PhysicalSizeXUnit"] == "nm", "in nm")
    times = [plane["DeltaT"] for plane in meta["Plane"]]
    if kind == "uneven":
        peers.check(times == peers.UNEVEN_S, f"DeltaT: {times}")
        peers.check("TimeIncrement" not in meta, "no interval is invented")
    else:
        peers.near(meta["TimeIncrement"], peers.INTERVAL_S, "TimeIncrement")


with peers.samples() as folder:
    for kind in "even", "uneven", "float", "byte":
        test_imagej(f"{folder}/{kind}.tif", kind)
        test_ome(f"{folder}/{kind}.ome.tif", kind)
