#!/usr/bin/python3
"""The command line from outside: exit statuses, one line on standard error,
nothing half written.

    test_cli.py COATSCOPE [DATA]

DATA is the folder of real files; what needs it is skipped where it is not.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import json
import os
import pathlib
import signal
import struct
import subprocess
import sys
import tempfile
import time

PROGRAM = sys.argv[1]
DATA = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None


def write_mrc(path, n_frames=1, width=6, height=4, nm=1.0, first=0):
    """A small 16-bit MRC stack; frame k holds first + k."""
    path.parent.mkdir(parents=True, exist_ok=True)
    head = bytearray(1024)
    struct.pack_into("<4i", head, 0, width, height, n_frames, 6)
    struct.pack_into("<3i3f", head, 28, width, height, 1,
                     10 * nm * width, 10 * nm * height, 10)
    struct.pack_into("<3i", head, 64, 1, 2, 3)
    struct.pack_into("<i", head, 108, 20140)
    head[208:216] = b"MAP DD\0\0"
    body = b"".join(struct.pack("<H", first + k) * (width * height)
                    for k in range(n_frames))
    path.write_bytes(bytes(head) + body)


def run(*args):
    return subprocess.run([PROGRAM, *map(str, args)], text=True,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=60, check=False)


def fails(status, words, *args):
    """It ends with status and one line on standard error with all words."""
    done = run(*args)
    assert done.returncode == status, (args, done.returncode, done.stderr)
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("coatscope: "), done.stderr
    for word in words:
        assert word in done.stderr, (word, done.stderr)
    return done


def succeeds(*args):
    done = run(*args)
    assert done.returncode == 0, (args, done.stderr)
    return done


# ---- info ----

def info_describes_a_file(tmp):
    write_mrc(tmp / "a.mrc", 3, nm=0.5)
    text = succeeds("info", tmp / "a.mrc").stdout
    assert "0.5 nm/px" in text and "6 × 4 px, uint16" in text, text
    assert "will refuse it" in text and "--interval" in text, text


def info_json_is_json(tmp):
    write_mrc(tmp / "a.mrc", 3, nm=0.5, first=5)
    done = succeeds("info", "--json", "--stats", "--interval", "2",
                    tmp / "a.mrc")
    (one,) = json.loads(done.stdout)["recordings"]
    assert one["n_frames"] == 3 and one["width"] == 6
    assert abs(one["scale"]["nm_per_px_y"] - 0.5) < 1e-6
    assert one["clock"]["n_assumed"] == 3
    assert one["clock"]["interval_median_s"] == 2
    assert one["clock"]["duration_s"] == 6
    assert one["samples"]["min"] == 5 and one["samples"]["max"] == 7
    assert one["samples"]["mean"] == 6
    assert abs(one["samples"]["std"] - (2 / 3) ** 0.5) < 1e-12
    assert one["measurable"] is True


def info_goes_on_after_an_error(tmp):
    write_mrc(tmp / "a.mrc")
    write_mrc(tmp / "b.mrc")
    done = fails(1, ["nothing.mrc", "no such file"], "info", tmp / "a.mrc",
                 tmp / "nothing.mrc", tmp / "b.mrc")
    assert "a.mrc\n" in done.stdout and "b.mrc\n" in done.stdout
    done = fails(1, ["nothing.mrc"], "info", "--json", tmp / "a.mrc",
                 tmp / "nothing.mrc")
    found = json.loads(done.stdout)["recordings"]
    assert "error" not in found[0] and "no such file" in found[1]["error"]


def statistics_do_not_depend_on_threads(tmp):
    write_mrc(tmp / "a.mrc", 50, first=3)
    texts = {succeeds("info", "--json", "--stats", "--threads", n,
                      tmp / "a.mrc").stdout for n in (1, 2, 7)}
    assert len(texts) == 1


# ---- bad input ----

def wrong_usage_is_2(tmp):
    fails(2, ["needs a recording", "--help"], "info")
    fails(2, ["--nonsense"], "info", "--nonsense", "x")
    fails(2, ["--scale", "above 0"], "info", "--scale", "0", "x")
    fails(2, ["--scale", "above 0"], "info", "--scale", "nan", "x")
    fails(2, ["--interval", "above 0"], "info", "--interval=-1", "x")
    fails(2, ["--threads", "1 to 1024"], "info", "--threads", "0", "x")
    fails(2, ["no verb"], "measrue")
    fails(2, ["IN and OUT"], "convert", tmp / "a.mrc")
    fails(2, ["--frames"], "convert", "--frames", "3:1", "a", "b.tif")
    fails(2, ["no format"], "convert", "--format", "docx", "a", "b")
    fails(2, ["--log-offset", "step"], "info", "--log-offset", "soon", "x")
    fails(2, ["--bias-log"], "info", "--log-zone", "UTC", "x")
    fails(2, ["one recording"], "measure", "--bias-log", "l", "a", "b", "-o",
          "c")


def an_empty_folder_is_said(tmp):
    (tmp / "empty").mkdir()
    fails(1, ["empty"], "info", tmp / "empty")


def a_missing_frame_is_said(tmp):
    for k in (1, 2, 4):
        write_mrc(tmp / f"s/f_{k:04}.mrc")
    fails(1, ["number 3 is missing", "--allow-gaps"], "info", tmp / "s")
    fails(1, ["number 3 is missing"], "info", tmp / "s" / "f_%04d.mrc")
    done = succeeds("info", "--allow-gaps", "--interval", "2", "--json",
                    tmp / "s")
    (one,) = json.loads(done.stdout)["recordings"]
    assert one["clock"]["interval_max_s"] == 4, one["clock"]
    assert one["clock"]["duration_s"] == 9, one["clock"]
    for word in ("from number 2 to 4 it is 4 s", "--interval-per file"):
        assert word in done.stderr, done.stderr
    done = succeeds("info", "--allow-gaps", "--interval", "2",
                    "--interval-per", "file", "--json", tmp / "s")
    (one,) = json.loads(done.stdout)["recordings"]
    assert one["clock"]["interval_max_s"] == 2 and not done.stderr, one
    fails(2, ["file or number"], "info", "--interval-per", "frame", "x")


def mixed_sizes_are_said(tmp):
    write_mrc(tmp / "f_1.mrc")
    write_mrc(tmp / "f_2.mrc", width=8)
    fails(1, ["f_2.mrc", "8 × 4", "6 × 4"], "info", tmp)


def file_names_cannot_break_the_line(tmp):
    fails(1, ["no file fits"], "info", str(tmp / "a\nb\x1b[2J"))


def a_full_disk_is_said(tmp):
    if not os.path.exists("/dev/full"):
        return
    write_mrc(tmp / "a.mrc")
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([PROGRAM, "info", str(tmp / "a.mrc")],
                              stdout=full, stderr=subprocess.PIPE, text=True,
                              timeout=60, check=False)
    assert done.returncode == 1, done
    assert done.stderr.startswith("coatscope: cannot write"), done.stderr


# ---- convert ----

def convert_keeps_pixels_scale_and_times(tmp):
    write_mrc(tmp / "a.mrc", 5, nm=0.5, first=10)
    succeeds("convert", "--interval", "2", "--frames", "1:4", tmp / "a.mrc",
             tmp / "b.ome.tif")
    done = succeeds("info", "--json", "--stats", tmp / "b.ome.tif")
    (one,) = json.loads(done.stdout)["recordings"]
    assert one["n_frames"] == 3
    assert (one["samples"]["min"], one["samples"]["max"]) == (11, 13)
    assert abs(one["scale"]["nm_per_px_x"] - 0.5) < 1e-6
    assert abs(one["clock"]["interval_median_s"] - 2) < 1e-9


def convert_replaces_only_when_told(tmp):
    write_mrc(tmp / "a.mrc", 2)
    out = tmp / "b.tif"
    out.write_text("precious")
    fails(1, ["--force"], "convert", tmp / "a.mrc", out)
    assert out.read_text() == "precious"
    succeeds("convert", "--force", tmp / "a.mrc", out)
    assert out.read_bytes()[:2] in (b"II", b"MM")


def convert_leaves_nothing_half_written(tmp):
    write_mrc(tmp / "in/a.mrc", 4)
    (tmp / "out").mkdir()
    fails(1, ["no such file"], "convert", tmp / "nothing", tmp / "out/b.tif")
    fails(1, ["frame 9", "4"], "convert", "--frames", "0:10",
          tmp / "in/a.mrc", tmp / "out/b.tif")
    fails(2, ["b.docx"], "convert", tmp / "in/a.mrc", tmp / "out/b.docx")
    fails(1, ["nowhere"], "convert", tmp / "in/a.mrc", tmp / "nowhere/b.tif")
    assert not list((tmp / "out").iterdir())
    assert not (tmp / "nowhere").exists()


# ---- real files ----

def negative_files_fail_in_one_line(_tmp):
    for path in sorted((DATA / "negative").rglob("*")):
        if path.is_file() and path.suffix in (
                ".dm3", ".dm4", ".tif", ".tiff", ".mrc"):
            done = run("info", path)
            if done.returncode == 0:
                assert "will refuse it" in done.stdout, path
            else:
                fails(1, [path.name], "info", path)


def a_diffraction_pattern_is_described(_tmp):
    path = DATA / "dm3/rsciio/test_diffraction_pattern.dm3"
    text = succeeds("info", path).stdout
    assert "0.174432859 1/nm" in text, text
    assert "will refuse it" in text and "diffraction" in text, text


def text_beside_images_is_left_out(_tmp):
    text = succeeds("info", DATA / "tif/lptem").stdout
    assert "SAMPLE_0001.txt" in text, text


# ---- measure ----

def an_output_folder_is_tried_first(tmp):
    if not os.path.isdir("/proc/self"):
        return
    fails(1, ["cannot make /proc/out"], "measure", tmp / "nothing.mrc", "-o",
          "/proc/out")


def decimal_commas_are_named(tmp):
    fails(2, ["--scale", "0.41, not 0,41"], "info", "--scale", "0,41", "x")
    write_mrc(tmp / "a.mrc", 2)
    (tmp / "t.csv").write_text("frame;time_s\n0;0\n1;2,5\n")
    fails(1, ["t.csv", "separated by “;”"], "info", "--times", tmp / "t.csv",
          tmp / "a.mrc")


def no_particle_is_said(tmp):
    write_mrc(tmp / "a.mrc", width=64, height=64, nm=0.5)
    done = succeeds("measure", tmp / "a.mrc", "-o", tmp / "out")
    assert done.stderr.count("\n") == 1, done.stderr
    for word in ("no particle was found", "7 px (3.5 nm)", "--roi"):
        assert word in done.stderr, done.stderr
    assert "1 frame, 0 particles" in done.stdout, done.stdout


def recordings_of_one_name_are_told_apart(tmp):
    for name in ("a/film.mrc", "b/film.mrc", "b/other.mrc"):
        write_mrc(tmp / name, 2, width=32, height=32)
    paths = (tmp / "a/film.mrc", tmp / "b/film.mrc", tmp / "b/other.mrc")
    done = succeeds("measure", *paths, "--pixels", "-o", tmp / "out")
    names = [line.split(":")[0] for line in done.stdout.splitlines()[:3]]
    assert names == ["a-film", "b-film", "other"], done.stdout
    fails(1, ["given twice"], "measure", paths[0], paths[0], "--pixels", "-o",
          tmp / "out2")


def ctrl_c_leaves_nothing(tmp):
    with subprocess.Popen([PROGRAM, "simulate", "jove-5nm", "-o",
                           str(tmp / "out")], stdin=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True) as child:
        while not list(tmp.iterdir()) and child.poll() is None:
            time.sleep(0.02)
        child.send_signal(signal.SIGINT)
        said = child.communicate(timeout=60)[1]
    assert child.returncode == 130, (child.returncode, said)
    assert said == "coatscope: stopped: nothing was written\n", said
    assert not list(tmp.iterdir()), list(tmp.iterdir())


def screen_names_what_is_wrong_before_it_measures(tmp):
    campaign = tmp / "c.yaml"
    head = "host: Si\nion: Li\ncoatings:\n- name: a\n  recordings:\n"
    fails(2, ["CAMPAIGN.yaml"], "screen", "-o", tmp / "out")
    fails(2, ["-o DIR"], "screen", campaign)
    fails(1, ["c.yaml"], "screen", campaign, "-o", tmp / "out")
    campaign.write_text(head + "  - file: x.mrc\n", encoding="utf-8")
    fails(1, ["c.yaml, line 6", "no key file", "allowed are path"],
          "screen", campaign, "-o", tmp / "out")
    campaign.write_text(head + "  - path: x.mrc\n", encoding="utf-8")
    fails(1, ["recording x.mrc", str(tmp / "x.mrc")],
          "screen", campaign, "-o", tmp / "out")
    write_mrc(tmp / "x.mrc", n_frames=2)
    fails(1, ["x.mrc", "interval_s"], "screen", campaign, "-o", tmp / "out")
    assert [p.name for p in tmp.iterdir()
            if p.name not in ("c.yaml", "x.mrc")] == []


def a_bias_log_is_described(tmp):
    write_mrc(tmp / "a.mrc", 4)
    (tmp / "smu.csv").write_text("time_s,bias_V\n0,0\n1,0\n2,2\n3,2\n")
    done = succeeds("info", "--json", "--interval", "1", "--bias-log",
                    tmp / "smu.csv", tmp / "a.mrc")
    log = json.loads(done.stdout)["recordings"][0]["bias_log"]
    assert log["n_samples"] == 4, log
    assert [(e["event"], e["time_lo_s"], e["time_hi_s"])
            for e in log["events"]] == [("bias-on", 1, 2)], log
    fails(1, ["frame 0 has no time"], "info", "--bias-log", tmp / "smu.csv",
          tmp / "a.mrc")
    (tmp / "smu.csv").write_text("time_s,bias_V\n0,0\n1,zero\n")
    fails(1, ["smu.csv, line 3", "“zero”"], "info", "--interval", "1",
          "--bias-log", tmp / "smu.csv", tmp / "a.mrc")


def a_dose_says_where_it_is_from(tmp):
    write_mrc(tmp / "a.mrc", 3)
    done = succeeds("info", "--interval", "1", "--dose-rate", "1000 e/nm2/s",
                    "--unrecorded-beam-s", "60@20,30", tmp / "a.mrc")
    for words in ("the dose rate is 10 e/Å²/s, as given",
                  "1500 e/Å² before the first frame", "between exposures"):
        assert words in done.stdout, done.stdout
    fails(2, ["--dose-rate", "e/nm2/s"], "info", "--dose-rate", "10 pA", "x")
    fails(2, ["--unrecorded-beam-s"], "info", "--unrecorded-beam-s", "x", "x")
    fails(1, ["--counts-per-electron"], "info", "--vacuum-counts", "9",
          tmp / "a.mrc")


def outlines_go_from_format_to_format(tmp):
    write_mrc(tmp / "a.mrc", 2, 30, 20)
    shape = {"label": "p", "points": [[4, 4], [16, 4], [16, 14], [4, 14]],
             "group_id": 3, "shape_type": "polygon"}
    (tmp / "a.json").write_text(json.dumps({"shapes": [shape]}))
    before = tmp / "a.json"
    for number, name in enumerate(("coco", "geojson", "labels", "napari",
                                   "imagej", "labelme")):
        suffix = {"labels": ".tif", "napari": ".csv", "imagej": ".zip",
                  "labelme": ""}.get(name, ".json")
        after = tmp / f"{number}{suffix}"
        succeeds("export", before, "--to", name, "-o", after, "--image",
                 tmp / "a.mrc")
        before = after
    back = json.loads((before / "frame_000000.json").read_text())["shapes"]
    assert len(back) == 1, back
    corners = sorted(map(tuple, back[0]["points"]))
    assert corners == [(4, 4), (4, 14), (16, 4), (16, 14)], corners
    succeeds("export", tmp / "a.json", "--to", "imagej-results", "-o",
             tmp / "r.csv", "--image", tmp / "a.mrc", "--scale", "2")
    row = (tmp / "r.csv").read_text().splitlines()[1].split(",")
    assert row[2] == "480" and row[-1] == "480", row
    fails(1, ["r.csv", "is there already"], "export", tmp / "a.json", "--to",
          "coco", "-o", tmp / "r.csv", "--image", tmp / "a.mrc")
    fails(1, ["--image"], "export", tmp / "a.json", "--to", "overlay", "-o",
          tmp / "o.tif")
    fails(2, ["there is no format pdf", "coco"], "export", tmp / "a.json",
          "--to", "pdf", "-o", tmp / "o")
    fails(2, ["-o OUT"], "export", tmp / "a.json", "--to", "coco")


def materials_are_listed_with_sources(tmp):
    done = succeeds("materials")
    assert "Sn with Na to Na15Sn4" in done.stdout, done.stdout
    assert "A/A0 3.018 when free" in done.stdout, done.stdout
    (tmp / "m.yaml").write_text(
        "coats:\n  - {name: TiO2, young_GPa: {value: 99, range: [90, 110], "
        "source: nanoindentation}}\n")
    done = succeeds("materials", tmp / "m.yaml")
    assert "99 (90 to 110): nanoindentation" in done.stdout, done.stdout
    (tmp / "m.yaml").write_text("coats:\n  - {name: TiO2, young: 99}\n")
    fails(1, ["m.yaml, line 2", "young_GPa"], "materials", tmp / "m.yaml")


def convert_says_what_is_lost_and_what_is_wrong(tmp):
    """Facts that a format has no place for are named; the rest is kept."""
    write_mrc(tmp / "a.mrc", n_frames=3)
    given = ("--interval", "2")
    for name in ("b.hspy", "b.zarr", "b.mrc", "b.ome.tif", "b.tif"):
        done = succeeds("convert", tmp / "a.mrc", tmp / name, *given)
        assert done.stderr == "", (name, done.stderr)
        told = succeeds("info", tmp / name).stdout
        assert "clock          assumed" in told, told
        assert "interval       2 s" in told, told
    succeeds("convert", tmp / "a.mrc", tmp / "one.zarr", "--frames", "1:2",
             *given)
    assert "no time" not in succeeds("info", tmp / "one.zarr").stdout
    fails(2, [".mrc", "--help"], "convert", tmp / "a.mrc", tmp / "b.nonsense")
    fails(1, ["the last one is frame 2"], "convert", tmp / "a.mrc",
          tmp / "c.mrc", "--frames", "3:5")


def what_the_user_drew_has_to_be_measured(tmp):
    """Polygons beside the picture, or on nothing, are no success."""
    write_mrc(tmp / "a.mrc", width=64, height=64)
    geo = ('{"type": "FeatureCollection", "features": [{"type": "Feature", '
           '"properties": {}, "geometry": {"type": "Polygon", "coordinates": '
           '[[[%d, 20], [%d, 20], [%d, 40], [%d, 40], [%d, 20]]]}}]}')
    for x, words in ((100, ["x 100 to 120", "64 × 64"]), (20, ["drawn"])):
        (tmp / "r.geojson").write_text(geo % (x, x + 20, x + 20, x, x))
        done = run("measure", tmp / "a.mrc", "--roi", tmp / "r.geojson", "-o",
                   tmp / "out")
        assert done.returncode == 1, done.stdout + done.stderr
        for word in words:
            assert word in done.stderr, done.stderr
        assert not (tmp / "out").exists()
    (tmp / "r.geojson").write_text(geo % (50, 70, 70, 50, 50))
    done = succeeds("measure", tmp / "a.mrc", "--roi", tmp / "r.geojson",
                    "--roi-only", "-o", tmp / "out")
    assert "1 edge" in done.stdout, done.stdout
    assert "crosses the edge" in done.stderr, done.stderr
    fails(2, ["--pixels"], "measure", tmp / "a.mrc", "--pixels", "--scale",
          "2", "-o", tmp / "o")
    fails(1, ["make it first"], "measure", tmp / "a.mrc", "-o",
          tmp / "no/where/o")


TESTS = (
    what_the_user_drew_has_to_be_measured,
    convert_says_what_is_lost_and_what_is_wrong,
    materials_are_listed_with_sources,
    a_bias_log_is_described, a_dose_says_where_it_is_from,
    outlines_go_from_format_to_format,
    screen_names_what_is_wrong_before_it_measures,
    info_describes_a_file, info_json_is_json, info_goes_on_after_an_error,
    statistics_do_not_depend_on_threads, wrong_usage_is_2,
    an_empty_folder_is_said, a_missing_frame_is_said, mixed_sizes_are_said,
    file_names_cannot_break_the_line, a_full_disk_is_said,
    convert_keeps_pixels_scale_and_times, convert_replaces_only_when_told,
    convert_leaves_nothing_half_written, an_output_folder_is_tried_first,
    decimal_commas_are_named, no_particle_is_said,
    recordings_of_one_name_are_told_apart, ctrl_c_leaves_nothing,
)
REAL = (
    negative_files_fail_in_one_line, a_diffraction_pattern_is_described,
    text_beside_images_is_left_out,
)


def main():
    has_data = DATA is not None and DATA.is_dir()
    n_failed = 0
    print(f"1..{len(TESTS) + len(REAL)}")
    for number, test in enumerate(TESTS + REAL, 1):
        name = test.__name__.replace("_", " ")
        if test in REAL and not has_data:
            print(f"ok {number} - {name} # SKIP no real files here")
            continue
        try:
            with tempfile.TemporaryDirectory() as tmp:
                test(pathlib.Path(tmp))
            print(f"ok {number} - {name}")
        except AssertionError as failure:
            n_failed += 1
            print(f"not ok {number} - {name}")
            print("\n".join(f"# {line}" for line in
                            str(failure).splitlines()))
    return 1 if n_failed else 0


if __name__ == "__main__":
    sys.exit(main())
