#!/usr/bin/python3
"""What is installed is whole: program, library, headers, pkg-config file and
documents; a stranger's program builds against it, in C and in C++, and runs.

    test_install.py BUILD_FOLDER

SPDX-License-Identifier: GPL-3.0-or-later
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
EXPECTED = (
    "bin/coatscope",
    "include/coatscope/frame.h",
    "share/doc/coatscope/README.md",
    "share/doc/coatscope/LICENSE",
    "share/doc/coatscope/howto/add-a-reader.md",
)


def run(*command, **options):
    """Runs a command; what it printed, or an explained failure."""
    done = subprocess.run([str(word) for word in command], text=True,
                          capture_output=True, check=False, **options)
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stdout}{done.stderr}")
    return done.stdout


def install(build, destination):
    """Installs into a folder; the prefix in it."""
    run("meson", "install", "-C", build, "--no-rebuild", "--destdir",
        destination)
    found = list(pathlib.Path(destination).rglob("bin/coatscope"))
    if len(found) != 1:
        raise RuntimeError(f"the program was installed {len(found)} times")
    return found[0].parent.parent


def is_whole(prefix):
    """All files a user looks for are there, and the program runs."""
    for name in EXPECTED:
        if not (prefix / name).exists():
            raise RuntimeError(f"{name} is not there")
    run(prefix / "bin" / "coatscope", "--version")


def flags_for(prefix):
    """The compiler's flags by pkg-config, as if the staged copy lay where it
    is going to."""
    (folder,) = {path.parent for path in prefix.rglob("coatscope.pc")}
    environment = {**os.environ, "PKG_CONFIG_PATH": str(folder)}
    planned = run("pkg-config", "--variable=prefix", "coatscope",
                  env=environment).strip()
    flags = run("pkg-config", "--cflags", "--libs", "--static", "coatscope",
                env=environment).split()
    return [flag[:2] + str(prefix) + flag[2 + len(planned):]
            if flag[2:].startswith(planned + "/") else flag for flag in flags]


def serves(prefix, language, compiler):
    """A stranger's program builds and runs."""
    program = prefix / f"stranger-{compiler}"
    run(compiler, "-Wall", "-Werror", "-x", language,
        HERE / "stranger.c", "-x", "none", "-o", program, *flags_for(prefix))
    said = run(program)
    if said != "70 reads\n":
        raise RuntimeError(f"the stranger said {said!r}")


def main():
    build = sys.argv[1]
    with tempfile.TemporaryDirectory() as destination:
        prefix = install(build, destination)
        steps = [("is whole", lambda: is_whole(prefix))]
        for language, compiler in (("c", "gcc"), ("c++", "g++")):
            if shutil.which(compiler):
                steps.append((f"serves a stranger's {language} program",
                              lambda l=language, c=compiler:
                              serves(prefix, l, c)))
        return report(steps)


def report(steps):
    """Runs the steps and prints TAP; the exit status."""
    print(f"1..{len(steps)}")
    failed = 0
    for number, (name, step) in enumerate(steps, 1):
        try:
            step()
            print(f"ok {number} - {name}")
        except (RuntimeError, ValueError, OSError) as error:
            failed += 1
            print("# " + str(error).replace("\n", "\n# "))
            print(f"not ok {number} - {name}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
