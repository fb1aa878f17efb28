#!/usr/bin/env python3
# A page of the documentation must end with what the program lists:
# PROGRAM PAGE [VERB OPTION], by default docs/recipes.md and its keys.
# SPDX-License-Identifier: GPL-3.0-or-later
import subprocess
import sys
from pathlib import Path

ask = sys.argv[3:] or ["simulate", "--list-keys"]
listed = subprocess.run([sys.argv[1], *ask],
                        check=True, capture_output=True, text=True).stdout
page = Path(sys.argv[2]).read_text(encoding="utf-8")
ok = page.rstrip().endswith(listed.rstrip())
print("1..1")
print(("ok" if ok else "not ok") + f" 1 - {Path(sys.argv[2]).name} lists all")
sys.exit(0 if ok else 1)
