"""mrcfile reads our MRC files and finds nothing wrong with them.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import io

import peers

mrcfile = peers.need("mrcfile")


def test_file(path, kind):
    words = io.StringIO()
    peers.check(mrcfile.validate(path, print_file=words), words.getvalue())
    with mrcfile.open(path) as mrc:
        # Unsigned bytes are kept as 16 bits.
        got = mrc.data.astype("uint8") if kind == "byte" else mrc.data
        peers.same_pixels(got, kind, path)
        peers.check(mrc.is_image_stack(), "a stack of images")
        peers.near(mrc.voxel_size.x, 10 * peers.NM_X, "x in Angstrom")
        peers.near(mrc.voxel_size.y, 10 * peers.NM_Y, "y in Angstrom")
        days = mrc.extended_header["Timestamp"]
        last = (days[3] - days[0]) * 86400
        want = peers.UNEVEN_S[3] if kind == "uneven" else 3 * peers.INTERVAL_S
        # Days in double precision are good to a microsecond.
        peers.near(last, want, "time of the last frame", 1e-5)
        peers.near(mrc.extended_header["Pixel size X"][0], peers.NM_X * 1e-9,
                   "x in metres")


with peers.samples() as folder:
    for kind in "even", "uneven", "float", "byte":
        test_file(f"{folder}/{kind}.mrc", kind)
