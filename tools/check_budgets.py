#!/usr/bin/python3
"""Holds functions and files against the budgets of CONTRIBUTING.md.

    check_budgets.py [ROOT]

What is over budget must stand in tools/budget-exceptions.txt with a reason,
and what stands there must be over budget: the list only shrinks. Prints TAP,
one test per folder.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import re
import sys

import c_source
import house

PER_FUNCTION = (
    ("n_lines", 60, "lines"),
    ("n_paths", 15, "paths (McCabe)"),
    ("nesting", 4, "levels of nesting"),
    ("n_params", 7, "parameters"),
)
MAX_FILE_LINES = 800
MAX_LINE_WIDTH = 90
MAX_INCLUDES = 12
FREE_INCLUDE = re.compile(r'^\s*#\s*include\s*<(?:glib|gio/)')
INCLUDE = re.compile(r"^\s*#\s*include\b")


def over_function(path, source):
    """(key, complaint) of each function that is over a budget."""
    for function in c_source.functions(source):
        # A test program's main is a list of tests, not logic.
        if function.name == "main" and path.parts[0] == "tests":
            continue
        for name, limit, words in PER_FUNCTION:
            value = getattr(function, name)
            if value > limit:
                yield (f"{path} {function.name} {name}",
                       f"{path}:{function.first_line}: {function.name} has "
                       f"{value} {words}, allowed are {limit}")


def over_file(path, source):
    """(key, complaint) of what is over budget about the file itself."""
    lines = source.splitlines()
    if len(lines) > MAX_FILE_LINES:
        yield (f"{path} - file_lines",
               f"{path} has {len(lines)} lines, allowed are {MAX_FILE_LINES}")
    includes = sum(bool(INCLUDE.match(line)) and not FREE_INCLUDE.match(line)
                   for line in lines)
    if includes > MAX_INCLUDES:
        yield (f"{path} - includes",
               f"{path} has {includes} includes besides GLib's, allowed are "
               f"{MAX_INCLUDES}")
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_LINE_WIDTH:
            yield (f"{path} - line_width",
                   f"{path}:{number} is {len(line)} characters wide, allowed "
                   f"are {MAX_LINE_WIDTH}")


def read_exceptions(path):
    """{key: reason}; a line is `FILE FUNCTION BUDGET: reason`."""
    excused = {}
    if not path.exists():
        return excused
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        key, _, reason = line.partition(": ")
        if len(key.split()) != 3 or not reason.strip():
            raise SystemExit(f"{path}:{number}: want FILE FUNCTION BUDGET: "
                             "reason")
        excused[key] = reason
    return excused


def main():
    root = house.root_from(sys.argv)
    excused = read_exceptions(root / "tools" / "budget-exceptions.txt")
    used = set()
    found = {}
    for path in house.files(
            root, ("include", "src", "app", "tests", "bench", "fuzz"),
            (".c", ".h")):
        complaints = found.setdefault(str(path.parent), [])
        source = (root / path).read_text()
        for key, complaint in (*over_function(path, source),
                               *over_file(path, source)):
            if key in excused:
                used.add(key)
            else:
                complaints.append(complaint)
    found["exceptions"] = [
        f"{key} is within its budget: take it off "
        "tools/budget-exceptions.txt" for key in excused if key not in used]
    return house.report("budgets of {}", found)


if __name__ == "__main__":
    sys.exit(main())
