#!/usr/bin/python3
"""Rules a machine can keep: banned functions, a licence line in every file, a
comment on every public declaration, nothing left to do, no path of one
machine, spelling.

    check_rules.py [ROOT]

Prints TAP, one test per rule.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import re
import shutil
import subprocess
import sys

import c_source
import house

# Anywhere in C: why not.
BANNED = {
    "strcpy": "use g_strlcpy or GString",
    "strcat": "use g_strlcat or GString",
    "sprintf": "use g_snprintf",
    "vsprintf": "use g_vsnprintf",
    "gets": "it cannot be used safely",
    "strtok": "use g_strsplit",
    "atoi": "it cannot fail: use g_ascii_string_to_signed",
    "atol": "it cannot fail: use g_ascii_string_to_signed",
    "atof": "it cannot fail and heeds the locale: use cs_text_to_double",
    "strtod": "it heeds the locale: use cs_text_to_double",
    "rand": "it is global: use a generator with the job's seed",
    "srand": "it is global: use a generator with the job's seed",
    "alloca": "sizes from data must not reach the stack",
    "system": "use GSubprocess",
    "popen": "use GSubprocess",
}
# In the library, which never prints and never exits.
BANNED_IN_LIBRARY = dict.fromkeys(
    ("printf", "puts", "putchar", "perror", "stdout", "stderr", "exit",
     "_exit", "abort", "g_print", "g_printerr", "g_error", "setlocale"),
    "the library never prints or exits: return an error")

CODE = (".c", ".h", ".py", ".sh", ".awk", ".ts", ".css")
CODE_FOLDERS = ("include", "src", "app", "tests", "bench", "fuzz", "tools",
                "web")
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|root|home)/\w")
UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")

# What every type has and STYLE explains once.
SELF_EXPLAINING = re.compile(r"_(?:clear|free|ref|unref)$")


def banned(root, path):
    """Complaints about calls of banned functions and standard streams."""
    words = c_source.tokens((root / path).read_text())
    for word, after in zip(words, words[1:]):
        if after.text != "(" and word.text not in ("stdout", "stderr"):
            continue
        why = BANNED.get(word.text)
        if why is None and path.parts[0] == "src":
            why = BANNED_IN_LIBRARY.get(word.text)
        if why:
            yield f"{path}:{word.line}: {word.text}: {why}"


def declarations(source):
    """(name, line) of each function declared at file level in a header."""
    words = c_source.tokens(source)
    start = i = 0
    while i < len(words):
        text = words[i].text
        if text in c_source.OPEN:
            i = c_source.closing(words, i)
            if words[start].text.startswith(("G_DEFINE_", "G_BEGIN", "G_END")):
                start = i + 1
        elif text == ";":
            declaration = words[start:i]
            group = c_source.last_group(declaration) if declaration else 0
            if group and declaration[0].text != "typedef":
                yield declaration[group - 1].text, declaration[0].line
            start = i + 1
        elif text in ("G_BEGIN_DECLS", "G_END_DECLS"):
            start = i + 1
        i += 1


def undocumented(root, path):
    """Complaints about public functions whose paragraph has no comment."""
    source = (root / path).read_text()
    lines = source.splitlines()
    for name, line in declarations(source):
        if SELF_EXPLAINING.search(name):
            continue
        first = line - 1  # up to a blank line or the head of the file
        while (first > 0 and lines[first - 1].strip()
               and "SPDX" not in lines[first - 1]):
            first -= 1
        if "/*" not in "\n".join(lines[first:line]) and (
                not re.search(r"/\*.*\*/", lines[line - 1])):
            yield f"{path}:{line}: {name} has no comment"


def not_for_cpp(root, path):
    """A complaint if a C++ program could not link what a header declares."""
    source = (root / path).read_text()
    if any(declarations(source)) and "G_BEGIN_DECLS" not in source:
        yield f"{path}: put the declarations in G_BEGIN_DECLS … G_END_DECLS"


def unlicensed(root, path):
    """A complaint if a file does not name its licence near its top."""
    head = (root / path).read_text(errors="replace")[:4000]
    if "SPDX-License-Identifier: GPL-3.0-or-later" not in head:
        yield f"{path}: no SPDX-License-Identifier: GPL-3.0-or-later"


def matching(root, path, pattern, words):
    """Complaints about each line that a pattern matches."""
    text = (root / path).read_text(errors="replace")
    for number, line in enumerate(text.splitlines(), 1):
        if pattern.search(line):
            yield f"{path}:{number}: {words}: {line.strip()[:60]}"


def misspelt(root, paths):
    """Complaints of codespell; none where it is not installed."""
    if shutil.which("codespell") is None:
        return []
    words = root / "tools" / "spelling.txt"
    command = ["codespell", "--quiet-level=3"]
    if words.exists():
        command.append(f"--ignore-words={words}")
    run = subprocess.run([*command, *map(str, paths)], cwd=root, text=True,
                         capture_output=True, check=False)
    return run.stdout.splitlines()


def gather(check, root, paths, *rest):
    """All complaints of one check over many files."""
    return [complaint for path in paths
            for complaint in check(root, path, *rest)]


def main():
    root = house.root_from(sys.argv)
    c_files = house.files(root, ("include", "src", "app", "tests", "bench",
                                 "fuzz"), (".c", ".h"))
    code = house.files(root, CODE_FOLDERS, CODE)
    text = [path for path in house.files(root, ("",), (
        *CODE, ".md", ".build", ".txt", ".yaml", ".html", ".json"))
        if path.name not in ("LICENSE", "package-lock.json")]
    headers = [path for path in c_files if path.parts[0] == "include"]
    return house.report("{}", {
        "no banned function": gather(banned, root, c_files),
        "every public function has a comment":
            gather(undocumented, root, headers),
        "public headers serve C++ too": gather(not_for_cpp, root, headers),
        "every file names its licence": gather(unlicensed, root, code),
        "nothing is left to do":
            gather(matching, root, code, UNFINISHED, "unfinished"),
        "no path of one machine":
            gather(matching, root, text, MACHINE_PATH, "machine path"),
        "spelling": misspelt(root, text),
    })


if __name__ == "__main__":
    sys.exit(main())
