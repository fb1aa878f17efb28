#!/usr/bin/python3
"""Holds every #include of the tree against tools/layers.txt.

    check_layers.py [ROOT]

Prints TAP: one test per room, with the lines that break the rule.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import pathlib
import re
import sys

import house

INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')


class Layers:
    """What layers.txt says."""

    def __init__(self, path):
        self.height = {}  # room -> number of its layer, from the ground
        self.owner = {}  # public header -> room
        for number, line in enumerate(path.read_text().splitlines(), 1):
            words = line.split("#")[0].split()
            if not words:
                continue
            if words[0] == "layer":
                height = 1 + max(self.height.values(), default=-1)
                self.height.update((room, height) for room in words[1:])
            elif words[0] == "public" and words[1] in self.height:
                self.owner.update((name, words[1]) for name in words[2:])
            else:
                raise SystemExit(f"{path}:{number}: cannot read {line!r}")

        for room in self.height:
            self.owner.setdefault(room, room)

    def may_include(self, room, other):
        """True if a file of `room` may include one of room `other`."""
        return room == other or self.height[other] < self.height[room]


def room_of(layers, path):
    """The room a source file belongs to, or None."""
    if path.parts[0] == "include":
        return layers.owner.get(path.stem)
    if path.parts[0] == "app":
        return "app"
    return path.parts[1] if path.parts[1] in layers.height else None


def target_of(layers, root, path, name):
    """(room, complaint) of what `path` includes as "name"."""
    parts = pathlib.PurePosixPath(name).parts
    if parts[0] == "..":
        return None, "write the room's name, not .."
    if parts[0] == "coatscope":
        room = layers.owner.get(pathlib.PurePosixPath(name).stem)
        return room, None if room else "no room owns this public header"
    if name == "config.h" or (root / path.parent / name).exists():
        return room_of(layers, path), None
    if name.endswith("-resources.h") and len(parts) == 1:
        return room_of(layers, path), None  # made when built, by the room
    if path.parts[0] == "app":
        if (root / "app" / name).exists():
            return "app", None
        return None, "app/ sees public headers only"
    if len(parts) == 2 and parts[0] in layers.height:
        return parts[0], None
    return None, "what room is that?"


def complaints(layers, root, path):
    """What is wrong with the includes of one file."""
    room = room_of(layers, path)
    if room is None:
        yield f"{path}: no room in tools/layers.txt owns this file"
        return
    text = (root / path).read_text()
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        other, wrong = target_of(layers, root, path, match[1])
        if not wrong and not layers.may_include(room, other):
            wrong = f"{room} must not know {other}"
        if wrong:
            yield f"{path}:{number}: {match[1]}: {wrong}"


def main():
    root = house.root_from(sys.argv)
    layers = Layers(root / "tools" / "layers.txt")
    found = {}
    for path in house.files(root, ("include", "src", "app"), (".c", ".h")):
        room = room_of(layers, path) or str(path.parent)
        found.setdefault(room, []).extend(complaints(layers, root, path))
    for name in layers.owner.keys() - layers.height.keys():
        if not (root / "include" / "coatscope" / f"{name}.h").exists():
            found.setdefault("public headers", []).append(
                f"tools/layers.txt names {name}.h, which is not there")
    return house.report("layers of {}", found)


if __name__ == "__main__":
    sys.exit(main())
