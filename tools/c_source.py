"""Just enough of a C parser to measure functions: tokens without comments and
preprocessor lines, the functions of a file, and their statements.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import re

TOKEN = re.compile(
    r"""(?P<comment>/\*.*?\*/|//[^\n]*)
      | (?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
      | (?P<directive>(?<![^\n])[ \t]*\#(?:\\\n|/\*.*?\*/|[^\n])*)
      | (?P<name>[A-Za-z_]\w*)
      | (?P<number>\.?\d(?:[eEpP][+-]|[\w.])*)
      | (?P<mark>&&|\|\||->|[^\s])""",
    re.VERBOSE | re.DOTALL)

OPEN = {"(": ")", "[": "]", "{": "}"}
BRANCHES = {"if", "for", "while", "case", "&&", "||", "?"}


class Token:
    """A word of the source and the line it is on."""

    def __init__(self, kind, text, line):
        self.kind, self.text, self.line = kind, text, line


def tokens(source, keep=()):
    """The tokens of a file; comments and directives only if kept."""
    found = []
    line, at = 1, 0
    for match in TOKEN.finditer(source):
        line += source.count("\n", at, match.start())
        at = match.start()
        kind = match.lastgroup
        if kind not in ("comment", "directive") or kind in keep:
            found.append(Token(kind, match[kind].strip(), line))
    return found


def closing(words, i):
    """Index of what closes the bracket at words[i], or the end."""
    depth = 0
    for k in range(i, len(words)):
        if words[k].kind == "mark":
            if words[k].text in OPEN:
                depth += 1
            elif words[k].text in OPEN.values():
                depth -= 1
                if depth == 0:
                    return k
    return len(words) - 1


class Function:
    """A function definition and what budgets count about it."""

    def __init__(self, declaration, body):
        group = last_group(declaration)
        self.name = declaration[group - 1].text
        self.first_line = declaration[0].line
        self.n_lines = body[-1].line - self.first_line + 1
        self.n_params = count_params(declaration[group:])
        self.n_paths = 1 + sum(word.text in BRANCHES
                               and word.kind in ("name", "mark")
                               for word in body)
        self.nesting = Nesting(body).deepest


def last_group(declaration):
    """Index of the "(" that opens the parameter list."""
    i, group = 0, 0
    while i < len(declaration):
        if declaration[i].text == "(" and i > 0:
            name = declaration[i - 1]
            if name.kind == "name" and not name.text.startswith("G_GNUC_"):
                group = i
            i = closing(declaration, i)
        i += 1
    return group


def count_params(group):
    """Parameters in "( … )"."""
    end = closing(group, 0)
    inside = group[1:end]
    if not inside or (len(inside) == 1 and inside[0].text == "void"):
        return 0
    depth, commas = 0, 0
    for word in inside:
        if word.text in OPEN:
            depth += 1
        elif word.text in OPEN.values():
            depth -= 1
        elif word.text == "," and depth == 0:
            commas += 1
    return commas + 1


class Nesting:
    """How deep control statements lie in each other; else-if adds nothing."""

    def __init__(self, body):
        self.words, self.deepest = body, 0
        self.statement(0, 0)

    def text(self, i):
        return self.words[i].text if i < len(self.words) else ""

    def statement(self, i, depth):
        """Walks one statement; returns the index after it."""
        word = self.text(i)
        if word == "{":
            end = closing(self.words, i)
            i += 1
            while i < end:
                i = self.statement(i, depth)
            return end + 1
        if word in ("if", "for", "while", "switch", "do"):
            return self.control(i, depth + 1)
        if word in ("case", "default") or (
                self.text(i + 1) == ":" and self.text(i + 2) != ":"
                and i < len(self.words) and self.words[i].kind == "name"):
            while i < len(self.words) and self.text(i) != ":":
                i += 1
            return i + 1
        return self.expression(i)

    def control(self, i, depth):
        self.deepest = max(self.deepest, depth)
        word = self.text(i)
        if word == "do":
            return self.expression(self.statement(i + 1, depth))
        is_if = word == "if"
        i = self.statement(closing(self.words, i + 1) + 1, depth)
        while is_if and self.text(i) == "else":
            if self.text(i + 1) == "if":
                i = closing(self.words, i + 2) + 1
            else:
                i, is_if = i + 1, False
            i = self.statement(i, depth)
        return i

    def expression(self, i):
        while i < len(self.words) and self.text(i) != ";":
            i = closing(self.words, i) if self.text(i) in OPEN else i
            i += 1
        return i + 1


def functions(source):
    """Every function defined in a file."""
    words = tokens(source)
    found, i, start = [], 0, 0
    while i < len(words):
        text = words[i].text
        if text == "{":
            end = closing(words, i)
            declaration = words[start:i]
            if is_function(declaration):
                found.append(Function(declaration, words[i:end + 1]))
                start = end + 1
            i = end
        elif text in ("(", "["):
            i = closing(words, i)
            if words[start].text.startswith("G_DEFINE_"):
                start = i + 1
        elif text == ";":
            start = i + 1
        i += 1
    return found


def is_function(declaration):
    """True if what stands before a "{" declares a function."""
    texts = [word.text for word in declaration]
    return (len(texts) > 2 and texts[-1] == ")" and "=" not in texts
            and texts[0] != "typedef")
