#!/usr/bin/python3
"""Runs one of the page's test files under Node, or skips, saying what is
missing: node, what `npm ci` puts into web/node_modules, chromium.

    run.py FILE [chromium]

SPDX-License-Identifier: GPL-3.0-or-later
"""
import pathlib
import shutil
import subprocess
import sys

SKIPPED = 77
WEB = pathlib.Path(__file__).resolve().parent.parent


def missing(wanted):
    """What is not here, in words; an empty text where all is."""
    if shutil.which("node") is None:
        return "node is not installed"
    if not (WEB / "node_modules" / "esbuild").is_dir():
        return "web/node_modules is not there (npm ci makes it)"
    browsers = ("chromium", "chromium-browser")
    if "chromium" in wanted and not any(map(shutil.which, browsers)):
        return "chromium is not installed"
    return ""


def main():
    why = missing(sys.argv[2:])
    if why:
        print(f"skipped: {why}")
        return SKIPPED
    command = ["node", "--test", str(WEB / "test" / sys.argv[1])]
    return subprocess.run(command, cwd=WEB, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
