#!/usr/bin/python3
"""Results written again: the same bytes from results.db alone.

    test_report.py COATSCOPE

SPDX-License-Identifier: GPL-3.0-or-later
"""
import json
import os
import pathlib
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
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


# ---- stopped in the middle ----

def small_campaign(tmp):
    for number, name in enumerate("abc", 1):
        simulate(tmp, name, number)
    (tmp / "c.yaml").write_text(
        CAMPAIGN + "  - {path: c/recording.tif, name: c}\n",
        encoding="utf-8")
    return tmp / "c.yaml"


def content_of(store):
    """All rows of a store, whatever their ids: those depend on the order."""
    db = sqlite3.connect(f"file:{store}?mode=ro", uri=True)
    names = dict(db.execute("SELECT id, name FROM recordings"))
    tables = [name for (name,) in db.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table'")]
    rows = {}
    for table in tables:
        found = [(names.get(row[0], row[0]),) + row[1:]
                 for row in db.execute(f"SELECT * FROM {table}")]
        rows[table] = sorted(found, key=repr)
    db.close()
    return rows


def assert_same_results(one, other):
    before, after = files(one), files(other)
    before.pop("results.db")
    after.pop("results.db")
    assert_same(before, after)
    assert content_of(one / "results.db") == content_of(other / "results.db")


def one_error(done):
    """The one line that is no warning."""
    lines = [line for line in done.stderr.splitlines()
             if not line.startswith("coatscope: warning: ")]
    assert len(lines) == 1, done.stderr
    return lines[0]


def killed_screenings_end_alike(tmp):
    """SIGKILL at random moments, then the same command again."""
    campaign, out = small_campaign(tmp), tmp / "out"
    n_kills = int(os.environ.get("COATSCOPE_KILLS", "4"))
    before = time.monotonic()
    run("screen", campaign, "-o", out)
    takes_s = time.monotonic() - before
    out.rename(tmp / "whole")  # the command, with -o, is in the results
    dice = random.Random(6)
    for kill in range(n_kills):
        if kill % 5 == 0:
            shutil.rmtree(out, ignore_errors=True)
        with subprocess.Popen([PROGRAM, "screen", campaign, "-o", out],
                              stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as child:
            time.sleep(dice.uniform(0, takes_s))
            child.kill()
        if kill % 5 == 4 or kill == n_kills - 1:
            run("screen", campaign, "-o", out)
            assert_same_results(tmp / "whole", out)


def a_full_disk_leaves_the_store_intact(tmp):
    """No file may grow beyond a limit: as on a full disk, writing fails."""
    campaign = small_campaign(tmp)
    out = tmp / "out"

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))

    done = subprocess.run([PROGRAM, "screen", campaign, "-o", out],
                          text=True, capture_output=True, timeout=300,
                          preexec_fn=limit, restore_signals=False,
                          check=False)
    assert done.returncode == 1, (done.returncode, done.stderr)
    assert str(out) in one_error(done), done.stderr
    with sqlite3.connect(out / "results.db") as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    db.close()
    run("screen", campaign, "-o", out)
    out.rename(tmp / "resumed")
    run("screen", campaign, "-o", out)
    assert_same_results(tmp / "resumed", out)


def a_vanished_recording_is_one_error(tmp):
    campaign = small_campaign(tmp)
    run("screen", campaign, "-o", tmp / "out")
    before = files(tmp / "out")
    shutil.rmtree(tmp / "b")
    done = run("screen", campaign, "-o", tmp / "out", status=1)
    assert "recording b" in one_error(done), done.stderr
    assert_same(before, files(tmp / "out"))
    run("report", tmp / "out")
    assert_same(before, files(tmp / "out"))


TESTS = (killed_screenings_end_alike, a_full_disk_leaves_the_store_intact,
         a_vanished_recording_is_one_error, only_what_changed_is_made_again,
         is_written_again,
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
