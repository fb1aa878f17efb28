#!/usr/bin/env python3
# docs/recipes.md must end with what the program lists.
# SPDX-License-Identifier: GPL-3.0-or-later
import subprocess
import sys
from pathlib import Path

listed = subprocess.run([sys.argv[1], "simulate", "--list-keys"],
                        check=True, capture_output=True, text=True).stdout
page = Path(sys.argv[2]).read_text(encoding="utf-8")
ok = page.rstrip().endswith(listed.rstrip())
print("1..1")
print(("ok" if ok else "not ok") + " 1 - docs/recipes.md lists every key")
sys.exit(0 if ok else 1)
