"""Zarr and ffprobe read what we write; we read what HyperSpy writes as ZSPY.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import json
import logging
import pathlib
import shutil
import subprocess
import sys
import tempfile
import warnings

import peers

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)
numpy = peers.need("numpy")
zarr = peers.need("zarr")


def test_ome_zarr(path, is_uneven):
    group = zarr.open(path, mode="r")
    image = group.attrs["multiscales"][0]
    (transformation,) = image["datasets"][0]["coordinateTransformations"]
    peers.same_pixels(group["0"][:], "even", path)
    peers.check([a["name"] for a in image["axes"]] == ["t", "y", "x"],
                f"{path}: axes {image['axes']}")
    peers.check(image["axes"][1]["unit"] == "nanometer", f"{path}: unit")
    peers.near(transformation["scale"][1], peers.NM_Y, f"{path}: scale y")
    peers.near(transformation["scale"][2], peers.NM_X, f"{path}: scale x")
    if is_uneven:
        times = group.attrs["coatscope"]["time_s"]
        peers.check(numpy.allclose(times, peers.UNEVEN_S), f"{path}: {times}")
    else:
        peers.check(image["axes"][0]["unit"] == "second", f"{path}: unit t")
        peers.near(transformation["scale"][0], peers.INTERVAL_S,
                   f"{path}: interval")


def test_video(path, codec):
    done = subprocess.run(
        ["ffprobe", "-v", "error", "-count_frames", "-show_streams", "-of",
         "json", path], check=True, stdout=subprocess.PIPE)
    (stream,) = json.loads(done.stdout)["streams"]
    peers.check(stream["codec_name"] == codec, f"{path}: {stream}")
    peers.check(stream["nb_read_frames"] == str(peers.N_FRAMES),
                f"{path}: {stream['nb_read_frames']} frames")
    peers.check((stream["width"], stream["height"])
                == (peers.WIDTH, peers.HEIGHT), f"{path}: size")


def fields_of(path, folder):
    done = subprocess.run([sys.argv[2], folder, path], check=True,
                          stdout=subprocess.PIPE, encoding="utf-8")
    return done.stdout.rstrip("\n").split("\t")


def test_zspy(folder):
    """Chunks that span frames, packed by blosc with zstd, even and uneven."""
    hyperspy = peers.need("hyperspy.api")
    path = f"{folder}/theirs.zspy"
    signal = hyperspy.signals.Signal2D(peers.pixels())
    time = signal.axes_manager.navigation_axes[0]
    time.scale, time.units = 0.5, "s"
    for axis in signal.axes_manager.signal_axes:
        axis.scale, axis.units = 0.25, "nm"
    signal.save(path, chunks=(3, 32, 32))
    fields = fields_of(path, folder)
    peers.check(fields[1:8] == ["4", "48", "64", "1", "uint16", "0.25", "nm"],
                f"{path}: {fields}")
    peers.near(fields[10], 0.5, f"{path}: interval")
    got = numpy.fromfile(f"{folder}/0.raw", "uint16").reshape(4, 48, 64)
    peers.same_pixels(got, "even", path)


def test_packings(folder):
    """What zarr packs otherwise."""
    codecs = peers.need("numcodecs")
    for name, packing in (("zlib", codecs.Zlib()), ("gzip", codecs.GZip()),
                          ("zstd", codecs.Zstd()), ("plain", None),
                          ("blosclz", codecs.Blosc("blosclz", shuffle=2)),
                          ("lz4hc", codecs.Blosc("lz4hc", shuffle=0))):
        path = f"{folder}/{name}.zarr"
        array = zarr.open(path, mode="w", shape=(4, 48, 64), dtype=">u2",
                          chunks=(2, 20, 30), compressor=packing)
        array[:] = peers.pixels()
        fields = fields_of(path, folder)
        peers.check(fields[1:6] == ["4", "48", "64", "1", "uint16"],
                    f"{path}: {fields}")
        got = numpy.fromfile(f"{folder}/0.raw", "uint16").reshape(4, 48, 64)
        peers.same_pixels(got, "even", path)


with peers.samples() as samples:
    test_ome_zarr(f"{samples}/even.zarr", False)
    test_ome_zarr(f"{samples}/uneven.zarr", True)
    if shutil.which("ffprobe") and pathlib.Path(samples, "even.mp4").exists():
        test_video(f"{samples}/even.mp4", "h264")
        test_video(f"{samples}/even.avi", "mjpeg")
with tempfile.TemporaryDirectory(prefix="coatscope-peers-") as own:
    test_packings(own)
    test_zspy(own)
