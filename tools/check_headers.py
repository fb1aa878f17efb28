#!/usr/bin/python3
"""Compiles every public header alone, as C and as C++.

    check_headers.py [ROOT]      CC, CXX: the compilers

Prints TAP, one test per header and language.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import os
import shutil
import subprocess
import sys

import house

LANGUAGES = (
    ("C", "CC", "gcc", ["-x", "c", "-std=gnu17"]),
    ("C++", "CXX", "g++", ["-x", "c++", "-std=gnu++17"]),
)


def compile_alone(root, path, command):
    """What the compiler says of a header on its own."""
    name = path.relative_to("include")
    run = subprocess.run([*command, "-"], input=f'#include "{name}"\n',
                         cwd=root, text=True, capture_output=True, check=False)
    return run.stderr.splitlines() if run.returncode else []


def main():
    root = house.root_from(sys.argv)
    flags = subprocess.run(["pkg-config", "--cflags", "gio-2.0"], text=True,
                           capture_output=True, check=True).stdout.split()
    found = {}
    for language, variable, default, options in LANGUAGES:
        compiler = os.environ.get(variable, default).split()
        if shutil.which(compiler[0]) is None:
            continue
        command = [*compiler, *options, "-fsyntax-only", "-Wall", "-Wextra",
                   "-Werror", "-Iinclude", *flags]
        for path in house.files(root, ("include",), (".h",)):
            found[f"{path} as {language}"] = compile_alone(root, path, command)
    return house.report("{} compiles alone", found)


if __name__ == "__main__":
    sys.exit(main())
