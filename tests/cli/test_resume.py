#!/usr/bin/python3
"""A tiny campaign: blind, killed at random moments, on a full disk, and with
a recording that is gone.

    test_resume.py COATSCOPE [KILLS]

KILLS is how often screen is killed and started again; the moments are drawn
with a seed from the time that a whole run takes.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import csv
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

PROGRAM = sys.argv[1]
KILLS = int(sys.argv[2]) if len(sys.argv) > 2 else 5
NAMES = ("Zinconium", "Carbonella")
RECIPE = """recording: {{name: t, seed: {seed}, width: 96, height: 96, frames: 12,
  interval_s: 2, exposure_s: 1, nm_per_px: 1}}
support: {{dirt: 0}}
needle: {{present: false}}
bias: {{log: false}}
particle: {{diameter_nm: 50, thickness_nm: 5, law: current, tau_s: {tau},
  onset_s: 6}}
"""


def run(*args, **more):
    return subprocess.run([PROGRAM, *map(str, args)], text=True,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=300, check=False,
                          env=dict(os.environ, SOURCE_DATE_EPOCH="1700000000"),
                          **more)


def ok(*args):
    done = run(*args)
    assert done.returncode == 0, done.stderr
    return done.stdout


def make_campaign(tmp):
    lines = ["host: Si", "ion: Li", "coatings:"]
    for i, name in enumerate(NAMES):
        lines += [f"- name: {name}", "  recordings:"]
        for k in range(2):
            folder = tmp / f"{name}-{k}"
            recipe = tmp / "recipe.yaml"
            recipe.write_text(RECIPE.format(seed=10 * i + k + 1,
                                            tau=60 + 60 * i),
                              encoding="utf-8")
            ok("simulate", recipe, "-o", folder)
            lines.append(f"  - path: {folder.name}/recording.tif")
    (tmp / "c.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def contents(folder, but=()):
    """Every file but the store, whose pages may lie differently."""
    return {str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file() and not path.name.startswith("results.db")
            and path.name not in but}


def rows_of_store(folder):
    """What the store holds, in an order of its own."""
    with sqlite3.connect(folder / "results.db") as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        tables = [row[0] for row in db.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {table: db.execute(
            f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in tables if not table.startswith("sqlite_")}


def check_blind(tmp):
    out = tmp / "blind"
    said = ok("screen", tmp / "c.yaml", "-o", out, "--blind")
    texts = contents(out)
    for name in NAMES:
        assert name not in said, said
        for path, data in texts.items():
            assert name.encode() not in data and name not in path, path
    with open(out / "ranking.csv", newline="", encoding="utf-8") as file:
        hidden = list(csv.DictReader(file))
    assert sorted(row["coating"] for row in hidden) \
        == ["coating A", "coating B"], hidden

    refused = run("screen", tmp / "c.yaml", "-o", out)
    assert refused.returncode == 1 and "--unblind" in refused.stderr
    ok("screen", tmp / "c.yaml", "-o", out, "--blind")  # resumes
    assert contents(out) == texts
    ok("report", out, "--unblind")
    with open(out / "ranking.csv", newline="", encoding="utf-8") as file:
        shown = list(csv.DictReader(file))
    assert sorted(row["coating"] for row in shown) == sorted(NAMES)
    assert [row["rate_lo"] for row in shown] \
        == [row["rate_lo"] for row in hidden]
    assert "as locked" in (out / "provenance.json").read_text("utf-8")
    assert run("report", out, "--unblind").returncode == 1
    refused = run("screen", tmp / "c.yaml", "-o", out, "--blind")
    assert refused.returncode == 1 and "seen" in refused.stderr


def screen_and_kill(tmp, out, after_s):
    """Whether it was still running then. Its children die with it: what they
    draw goes into a folder that nobody looks at."""
    child = subprocess.Popen(
        [PROGRAM, "screen", str(tmp / "c.yaml"), "-o", str(out)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=dict(os.environ, SOURCE_DATE_EPOCH="1700000000"))
    try:
        child.wait(timeout=after_s)
        return False
    except subprocess.TimeoutExpired:
        child.send_signal(signal.SIGKILL)
        child.wait()
        return True


def check_kills(tmp, whole_s):
    dice = random.Random(6)
    out = tmp / "killed"
    expected = contents(out)
    counts = rows_of_store(out)
    shutil.rmtree(out)
    n_killed = 0
    while n_killed < KILLS:
        n_killed += screen_and_kill(tmp, out, dice.uniform(0.01, whole_s))
        if dice.random() < 0.3 or n_killed == KILLS:
            ok("screen", tmp / "c.yaml", "-o", out)
            assert contents(out) == expected, "not the same bytes"
            assert rows_of_store(out) == counts, "lost, or there twice"
            shutil.rmtree(out)
    # what the dead left goes once it is old enough to be nobody's
    for path in tmp.glob(".killed.partial-*"):
        os.utime(path, (1e9, 1e9))
    ok("screen", tmp / "c.yaml", "-o", out)
    assert not list(tmp.glob(".killed.partial-*"))


def check_faults(tmp):
    out = tmp / "faults"
    ok("screen", tmp / "c.yaml", "-o", out)
    before = contents(out)

    def no_room():
        resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    full = run("report", out, preexec_fn=no_room)
    assert full.returncode == 1, full
    assert full.stderr.strip().count("\n") == 0, full.stderr
    assert str(out) in full.stderr or "cannot" in full.stderr, full.stderr
    assert contents(out) == before
    gone = tmp / f"{NAMES[1]}-1" / "recording.tif"
    aside = gone.with_suffix(".aside")
    gone.rename(aside)
    lost = run("screen", tmp / "c.yaml", "-o", out)
    assert lost.returncode == 1 and gone.name in lost.stderr, lost.stderr
    assert contents(out) == before
    ok("report", out)
    assert contents(out) == before
    aside.rename(gone)
    ok("screen", tmp / "c.yaml", "-o", out)
    assert contents(out) == before


def main():
    with tempfile.TemporaryDirectory() as folder:
        tmp = pathlib.Path(folder)
        print("1..3", flush=True)
        make_campaign(tmp)
        start = time.monotonic()
        ok("screen", tmp / "c.yaml", "-o", tmp / "killed")
        whole_s = time.monotonic() - start
        check_blind(tmp)
        print("ok 1 - blind until unblinded", flush=True)
        check_kills(tmp, whole_s)
        print(f"ok 2 - killed {KILLS} times, the same in the end", flush=True)
        check_faults(tmp)
        print("ok 3 - a full disk and a recording that is gone", flush=True)


if __name__ == "__main__":
    main()
