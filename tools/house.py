"""What the checks share: which files there are, and how to report.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import os
import pathlib

# Never looked into: what others made, and what is built.
SKIPPED = ("build", "demo", ".git", "node_modules", "__pycache__")


def root_from(argv):
    """The tree to look at: the first argument, or where this file lies."""
    if len(argv) > 1:
        return pathlib.Path(argv[1]).resolve()
    return pathlib.Path(__file__).resolve().parent.parent


def files(root, folders, suffixes=None):
    """Paths relative to root, sorted, of files in the named folders ("" is
    the whole tree) with one of the suffixes."""
    found = []
    for folder in folders:
        for where, below, names in os.walk(root / folder):
            below[:] = [name for name in below
                        if not any(name == skipped
                                   or name.startswith(skipped + "-")
                                   for skipped in SKIPPED)]
            for name in names:
                path = pathlib.Path(where, name).relative_to(root)
                if suffixes is None or path.suffix in suffixes:
                    found.append(path)
    return sorted(set(found))


def report(title, found):
    """Prints {name: [complaint]} as TAP; returns the exit status."""
    print(f"1..{len(found)}")
    failed = 0
    for number, (name, complaints) in enumerate(sorted(found.items()), 1):
        for complaint in complaints:
            print(f"# {complaint}")
        failed += bool(complaints)
        verdict = "not ok" if complaints else "ok"
        print(f"{verdict} {number} - {title.format(name)}")
    return 1 if failed else 0
