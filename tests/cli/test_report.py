#!/usr/bin/python3
"""Results written again: the same bytes from results.db alone.

    test_report.py COATSCOPE

SPDX-License-Identifier: GPL-3.0-or-later
"""
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import traceback

PROGRAM = sys.argv[1]
RECIPE = """recording: {name: r, seed: %d, width: 160, height: 160, frames: 24,
  interval_s: 5, nm_per_px: 1.2}
particle: {law: exponential, onset_s: 25, tau_s: 30, conversion: 0.8}
"""
CAMPAIGN = """campaign: Two
host: Si
ion: Li
coatings:
- name: thin
  recordings:
  - {path: a/recording.tif, name: a, session: s1}
- name: thick
  recordings:
  - {path: b/recording.tif, name: b}
"""


def run(*args, status=0):
    done = subprocess.run([PROGRAM, *map(str, args)], text=True, check=False,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=300)
    assert done.returncode == status, (args, done.returncode, done.stderr)
    return done


def files(folder):
    return {str(p.relative_to(folder)): p.read_bytes()
            for p in sorted(folder.rglob("*")) if p.is_file()}


def assert_same(before, after):
    assert before.keys() == after.keys(), before.keys() ^ after.keys()
    for name, content in before.items():
        assert content == after[name], f"{name} changed"


def simulate(tmp, name, seed):
    recipe = tmp / f"{name}.yaml"
    recipe.write_text(RECIPE % seed, encoding="utf-8")
    run("simulate", recipe, "-o", tmp / name)


def is_written_again(tmp):
    """What screen and measure write comes again, without the recordings."""
    simulate(tmp, "a", 1)
    simulate(tmp, "b", 2)
    (tmp / "c.yaml").write_text(CAMPAIGN, encoding="utf-8")
    run("screen", tmp / "c.yaml", "-o", tmp / "screened")
    run("measure", tmp / "a/recording.tif", "-o", tmp / "measured")
    shutil.rmtree(tmp / "a")
    shutil.rmtree(tmp / "b")
    for name in ("screened", "measured"):
        before = files(tmp / name)
        assert {"results.db", "report.html", "areas.csv",
                "figures/areas.svg"} <= before.keys(), before.keys()
        for extra in ("areas.csv", "report.html"):
            (tmp / name / extra).unlink()
        run("report", tmp / name)
        assert_same(before, files(tmp / name))
    provenance = json.loads(before["provenance.json"])
    (one,) = provenance["recordings"]
    assert len(one["inputs"][0]["sha256"]) == 64, one
    assert len(provenance["program_sha256"]) == 64, provenance


def only_what_changed_is_made_again(tmp):
    """Contact told: fits anew, measures not; a new recording: that alone."""
    simulate(tmp, "a", 1)
    simulate(tmp, "b", 2)
    campaign, out = tmp / "c.yaml", tmp / "out"
    campaign.write_text(CAMPAIGN, encoding="utf-8")
    run("screen", campaign, "-o", out)
    before = files(out)
    campaign.write_text(CAMPAIGN.replace("session: s1", "contact_s: 15"),
                        encoding="utf-8")
    text = run("screen", campaign, "-o", out).stdout
    assert "2 of 2 recordings were measured before" in text, text
    after = files(out)
    assert before["areas.csv"] == after["areas.csv"]
    assert before["particles.csv"] != after["particles.csv"]
    simulate(tmp, "d", 3)
    shutil.copy(tmp / "d/recording.tif", tmp / "b/recording.tif")
    text = run("screen", campaign, "-o", out).stdout
    assert "1 of 2 recordings were measured before" in text, text


def bad_stores_are_one_error(tmp):
    simulate(tmp, "a", 1)
    out = tmp / "out"
    run("measure", tmp / "a/recording.tif", "-o", out)
    good = (out / "results.db").read_bytes()
    before = files(out)
    middle = len(good) // 2

    def fails(words):
        done = run("report", out, status=1)
        assert done.stderr.count("\n") == 1, done.stderr
        for word in words:
            assert word in done.stderr, (word, done.stderr)
        left = files(out)
        assert left["areas.csv"] == before["areas.csv"]

    (out / "results.db").write_bytes(good[:middle])
    fails(["results.db", "damaged"])
    (out / "results.db").write_bytes(good[:4096] + b"\x5a" * (len(good) - 4096))
    fails(["results.db", "damaged"])
    (out / "results.db").write_bytes(b"not a database at all" * 500)
    fails(["results.db"])
    (out / "results.db").unlink()
    fails(["no results.db"])
    with sqlite3.connect(out / "results.db") as db:
        db.execute("CREATE TABLE mine (x)")
    db.close()
    fails(["results.db", "version"])
    (out / "results.db").write_bytes(good)
    (out / "mine.txt").write_text("precious", encoding="utf-8")
    fails(["mine.txt"])
    (out / "mine.txt").unlink()
    run("report", out)
    assert_same(before, files(out))


def usage_is_told(tmp):
    assert "one results folder" in run("report", status=2).stderr
    assert "no results.db" in run("report", tmp, status=1).stderr
    assert "nowhere" in run("report", tmp / "nowhere", status=1).stderr


TESTS = (only_what_changed_is_made_again, is_written_again,
         bad_stores_are_one_error, usage_is_told)


def main():
    failed = 0
    print(f"1..{len(TESTS)}")
    os.environ["SOURCE_DATE_EPOCH"] = "1700000000"
    for number, test in enumerate(TESTS, 1):
        name = test.__name__.replace("_", " ")
        try:
            with tempfile.TemporaryDirectory() as folder:
                test(pathlib.Path(folder))
            print(f"ok {number} - {name}")
        except AssertionError as failure:
            failed += 1
            print(f"not ok {number} - {name}")
            where = traceback.extract_tb(failure.__traceback__)[-1]
            print(f"# line {where.lineno}: {where.line}")
            print("\n".join(f"# {line}" for line in
                            str(failure).splitlines()))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
