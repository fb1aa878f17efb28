#!/usr/bin/python3
"""Every check finds what it is there to find: each is run on a small tree
that breaks one rule, and on the same tree without the fault.

    test_checks.py ROOT

SPDX-License-Identifier: GPL-3.0-or-later
"""
import pathlib
import subprocess
import sys
import tempfile

LICENCE = "/* SPDX-License-Identifier: GPL-3.0-or-later */\n"

SOUND = {
    "tools/layers.txt": "layer core\nlayer image drift\nlayer app\n",
    "include/coatscope/core.h":
        LICENCE + "#pragma once\n"
        "#include <glib.h>\nG_BEGIN_DECLS\n"
        "/* Adds one. */\nint cs_one(int a);\nG_END_DECLS\n",
    "src/core/core.c":
        LICENCE + '#include "coatscope/core.h"\n'
        "int\ncs_one(int a)\n{\n    return a + 1;\n}\n",
    "src/image/image.h": LICENCE + "#pragma once\n",
    "src/image/image.c": LICENCE + '#include "coatscope/core.h"\n',
    "app/main.c": LICENCE + '#include "coatscope/core.h"\n',
}

LONG = "int\nf(void)\n{\n" + "    ;\n" * 60 + "}\n"
DEEP = ("void\nf(int a)\n{\n" + "    if (a)\n" * 5 + "        a++;\n}\n")
PATHS = "void\nf(int a)\n{\n" + "    if (a && a)\n        a++;\n" * 8 + "}\n"
WIDE = "int f(int a, int b, int c, int d, int e, int g, int h, int i)\n{\n}\n"

# Check, file that is changed, what it holds then, what must be said.
FAULTS = (
    ("layers", "src/core/core.c", '#include "image/image.h"\n',
     "core must not know image"),
    ("layers", "src/drift/drift.c", '#include "image/image.h"\n',
     "drift must not know image"),
    ("layers", "app/main.c", '#include "image/image.h"\n',
     "app/ sees public headers only"),
    ("layers", "include/coatscope/new.h", "", "owns this file"),
    ("layers", "src/image/image.c", '#include "../core/core.h"\n',
     "write the room's name"),
    ("budgets", "src/core/core.c", LONG, "has 64 lines"),
    ("budgets", "src/core/core.c", DEEP, "has 5 levels of nesting"),
    ("budgets", "src/core/core.c", PATHS, "has 17 paths"),
    ("budgets", "src/core/core.c", WIDE, "has 8 parameters"),
    ("budgets", "src/core/core.c", "/* " + "x" * 90 + " */\n",
     "96 characters wide"),
    ("budgets", "src/core/core.c", "\n" * 801, "has 801 lines"),
    ("budgets", "src/core/core.c", "#include <math.h>\n" * 13,
     "has 13 includes"),
    ("budgets", "tools/budget-exceptions.txt", "a.c f n_lines: old\n",
     "within its budget"),
    ("rules", "src/core/core.c", LICENCE + "int a = atoi(x);\n", "atoi"),
    ("rules", "src/core/core.c", LICENCE + 'void f(void) { printf("a"); }\n',
     "never prints"),
    ("rules", "include/coatscope/core.h", LICENCE + "int cs_two(int a);\n",
     "cs_two has no comment"),
    ("rules", "include/coatscope/core.h", LICENCE + "int cs_two(int a);\n",
     "G_BEGIN_DECLS"),
    ("rules", "src/core/core.c", "int a;\n", "no SPDX"),
    ("rules", "src/core/core.c", LICENCE + "/* TO" "DO: more */\n",
     "unfinished"),
    ("rules", "src/core/core.c", LICENCE + '#define A "/ho' 'me/me/a"\n',
     "machine path"),
    ("headers", "include/coatscope/core.h", "size_t cs_one(void);\n",
     "size_t"),
    ("headers", "include/coatscope/core.h", "int cs_one(int class);\n",
     "class"),
)


def run_check(tools, check, tree):
    """(exit status, output) of a check on a tree {path: text}."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in tree.items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        run = subprocess.run(
            [sys.executable, tools / f"check_{check}.py", folder],
            text=True, capture_output=True, check=False)
        return run.returncode, run.stdout + run.stderr


def main():
    tools = pathlib.Path(sys.argv[1]) / "tools"
    checks = sorted({fault[0] for fault in FAULTS})
    failed = 0
    print(f"1..{len(checks) + len(FAULTS)}")
    for number, check in enumerate(checks, 1):
        status, output = run_check(tools, check, SOUND)
        failed += status != 0
        print("ok" if status == 0 else f"# {output}\nnot ok", number, "-",
              f"{check} accepts a sound tree")
    for number, (check, name, text, said) in enumerate(FAULTS,
                                                       1 + len(checks)):
        status, output = run_check(tools, check, {**SOUND, name: text})
        good = status == 1 and said in output
        failed += not good
        print("ok" if good else "# " + output.replace("\n", "\n# ")
              + "\nnot ok", number, "-", f"{check} says: {said}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
