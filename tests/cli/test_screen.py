#!/usr/bin/python3
"""A campaign from outside: the protocol's two recordings, screened.

    test_screen.py COATSCOPE

SPDX-License-Identifier: GPL-3.0-or-later
"""
import csv
import pathlib
import subprocess
import sys
import tempfile

PROGRAM = sys.argv[1]
CAMPAIGN = """host: Si
ion: Li
coatings:
- name: 10 nm
  recordings:
  - path: jove-10nm/recording.tif
- name: 5 nm
  recordings:
  - path: jove-5nm/recording.tif
    contact_s: 15
"""


def run(*args):
    return subprocess.run([PROGRAM, *map(str, args)], text=True, check=True,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=600).stdout


def rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def check_ranking(out):
    fast, slow = rows(out / "ranking.csv")
    assert (fast["coating"], slow["coating"]) == ("5 nm", "10 nm")
    assert float(fast["rate_ratio_to_best"]) == 1
    # six times slower in the paper; rates are slopes between 20 and 80 % of a
    # curve's own change, so the ratio need not be that to the digit
    assert 1 / 8 < float(slow["rate_ratio_to_best"]) < 1 / 4, slow
    assert abs(float(fast["expansion"]) - 2.0) < 0.05, fast
    assert abs(float(slow["expansion"]) - 1.2) < 0.05, slow
    # one particle each: no interval, no probability
    for row in fast, slow:
        assert row["n_particles"] == "1", row
        assert row["rate_lo"] == row["p_best"] == "", row
        assert (row["n_judged"] == "0") == (row["p_intact"] == ""), row


def check_particles(out):
    by_coating = {row["coating"]: row for row in rows(out / "particles.csv")}
    fast = by_coating["5 nm"]
    assert abs(float(fast["onset_s"]) - 20) < 2, fast  # a frame
    assert fast["contact_s"] == "15" and fast["verdict"] != "broken", fast
    slow = by_coating["10 nm"]
    assert slow["contact_s"] == "" and slow["verdict"] != "intact", slow


def main():
    with tempfile.TemporaryDirectory() as folder:
        tmp = pathlib.Path(folder)
        out = tmp / "out"
        for preset in ("jove-5nm", "jove-10nm"):
            run("simulate", preset, "-o", tmp / preset)
        (tmp / "c.yaml").write_text(CAMPAIGN, encoding="utf-8")
        run("screen", tmp / "c.yaml", "-o", out)
        check_ranking(out)
        check_particles(out)
        page = (out / "report.html").read_text(encoding="utf-8")
        assert "too few particles to tell" in page

        before = (out / "ranking.csv").read_bytes()
        again = run("screen", tmp / "c.yaml", "-o", out)
        assert "2 of 2 recordings were measured before" in again, again
        assert (out / "ranking.csv").read_bytes() == before
    print("1..1\nok 1 - the protocol's two coatings, ranked")


if __name__ == "__main__":
    main()
