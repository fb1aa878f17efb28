#!/usr/bin/python3
"""Sums the test cases of several build folders from Meson's JUnit logs.

    count_tests.py BUILD_FOLDER...

Prints one line, `N passed, N failed, N skipped`; exit status 1 if any failed.
A folder that was not built or whose run failed without a failing case counts
as one failure.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import pathlib
import sys
import xml.etree.ElementTree as ElementTree


def count_log(log):
    """(passed, failed, skipped) of one JUnit file."""
    passed = failed = skipped = 0
    for case in ElementTree.parse(log).getroot().iter("testcase"):
        kinds = {child.tag for child in case}
        if kinds & {"failure", "error"}:
            failed += 1
        elif "skipped" in kinds:
            skipped += 1
        else:
            passed += 1
    return passed, failed, skipped


def count_folder(folder):
    """(passed, failed, skipped) of one build folder."""
    logs = folder / "meson-logs"
    log = logs / "testlog.junit.xml"
    try:
        status = int((logs / "testlog.status").read_text())
        if status == 0 and not log.exists():  # a suite without tests
            return 0, 0, 0
        passed, failed, skipped = count_log(log)
    except (OSError, ValueError, ElementTree.ParseError):
        return 0, 1, 0
    if status != 0 and failed == 0:
        failed = 1
    return passed, failed, skipped


def main():
    counts = [count_folder(pathlib.Path(name)) for name in sys.argv[1:]]
    passed, failed, skipped = (sum(column) for column in zip(*counts))
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
