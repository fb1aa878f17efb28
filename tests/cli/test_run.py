#!/usr/bin/env python3
"""`coatscope run` from outside: faults end safe and are gone on from.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROGRAM = sys.argv[1]
SHORT = """protocol: 1
name: short
steps:
  - id: drops
    kind: person
    title: Drops
    parameters:
      drops: { value: 10, least: 10, most: 10 }
  - id: cure
    kind: cure
    title: Cure
    parameters: { temperature: 23 }
  - id: film
    kind: record
    title: Record
    parameters: { name: film, coating: 5 nm, frames: 24, baseline: 4,
                  speed: 10 }
  - id: report
    kind: report
    title: Report
"""
SAYS = {
    "silence": "no answer in time",
    "garbage": "reply to",
    "half-reply": "no answer in time",
    "delay": "no answer in time",
    "disconnect": "hung up",
    "compliance": "short circuit",
    "short-circuit": "short circuit",
    "lost-contact": "contact lost",
    "drift-jump": "jumped by",
    "full-disk": "No space left",
}
# An instrument that answers nothing cannot say that it is off.
SAFE = ("outputs are off, the needle is back", "OUTPUT MAY STILL BE ON")
results = []


def check(name, ok, why=""):
    """One test of the plan."""
    results.append(ok)
    print(f"{'ok' if ok else 'not ok'} {len(results)} - {name}")
    if not ok:
        print("#", str(why).replace("\n", "\n# "))


def run(protocol, folder, *more, **kind):
    """The program's status, standard output and error together."""
    done = subprocess.run(
        [PROGRAM, "run", str(protocol), "-o", str(folder), "--simulate",
         "--quiet", *more],
        capture_output=True, text=True, timeout=200, check=False, **kind)
    return done.returncode, done.stdout + done.stderr


def journal(folder):
    """Its entries."""
    text = (folder / "journal.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def frames(path):
    """How many images the header of an MRC file counts."""
    return int.from_bytes(path.read_bytes()[8:12], "little")


def try_fault(name, protocol, folder):
    """A fault, then the same again without it."""
    status, said = run(protocol, folder, "--yes", "--fault", name)
    check(f"{name} ends with 1, safe, and says why",
          status == 1 and SAYS[name] in said and SAFE[name == "silence"] in said
          and journal(folder)[-2]["text"] == "outputs are off, nothing touches",
          said)
    kept = sorted((folder / "recordings").glob("*.mrc"))
    before = {path: path.read_bytes() for path in kept}
    check(f"{name} keeps what was recorded",
          len(kept) == 1 and frames(kept[0]) > 0
          and len(before[kept[0]]) >= 1024 + frames(kept[0]) * 512 * 512 * 2)
    check(f"{name} is in the report",
          SAYS[name] in (folder / "report.html").read_text(encoding="utf-8"))
    status, said = run(protocol, folder, "--yes")
    check(f"{name} is gone on from",
          status == 0 and "2 of 4 steps are done" in said
          and all(path.read_bytes() == old for path, old in before.items())
          and len(list((folder / "recordings").glob("*.mrc"))) == 2, said)


def test_person(protocol, folder):
    """Answers are kept; what is outside the protocol is a deviation."""
    status, said = run(protocol, folder, input="\n8\nspilt two\n")
    entries = journal(folder)
    deviations = [e["text"] for e in entries if e["event"] == "deviation"]
    check("a deviation is asked about and kept",
          status == 1 and len(deviations) == 1
          and "drops is 8" in deviations[0] and "spilt two" in deviations[0],
          said)
    check("it is in the report",
          "spilt two" in (folder / "report.html").read_text(encoding="utf-8"))
    done = [e["step"] for e in entries if e["event"] == "done"]
    check("where nobody answers it stops at that step", done == ["drops"], said)


def test_killed(protocol, folder):
    """A terminal that dies loses nothing."""
    with subprocess.Popen([PROGRAM, "run", str(protocol), "-o", str(folder),
                           "--simulate", "--yes", "--quiet"],
                          stdout=subprocess.DEVNULL) as program:
        film = folder / "recordings" / "film-1.mrc"
        for _ in range(600):
            if film.exists() and film.stat().st_size > 3 * 512 * 512 * 2:
                break
            time.sleep(0.05)
        os.kill(program.pid, signal.SIGKILL)
    n = frames(film)
    check("killed: all but the frame being written is there",
          n >= 1 and film.stat().st_size >= 1024 + n * 512 * 512 * 2)
    status, said = run(protocol, folder, "--yes")
    check("killed: gone on from", status == 0 and "2 of 4 steps" in said
          and frames(folder / "recordings" / "film-2.mrc") == 24, said)
    other = protocol.with_name("other.yaml")
    other.write_text(SHORT.replace("short", "other"), encoding="utf-8")
    status, said = run(other, folder, "--yes")
    check("another protocol is refused", status == 1 and "another protocol"
          in said, said)


def main():
    """All of it."""
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        protocol = scratch / "short.yaml"
        protocol.write_text(SHORT, encoding="utf-8")
        for name in SAYS:
            try_fault(name, protocol, scratch / name)
        test_person(protocol, scratch / "person")
        test_killed(protocol, scratch / "killed")
        status, said = run(protocol, scratch / "x", "--yes", "--fault", "rain")
        check("an unknown fault is refused", status == 1 and "silence" in said,
              said)
    print(f"1..{len(results)}")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
