"""Text that goes into another language: one function for each place where it may stand.

Names, labels, docstrings and paths are whatever their author wrote: quotes, line ends, comment signs, markup, control
characters. What these functions give reads as that text in its language and can't be anything else there. Nothing else in the
tool writes such text: `test_quoting.py` says of each output what it does with hostile text.
"""

from __future__ import annotations

import html
import re
import shlex
import unicodedata
from collections.abc import Iterable

CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
COMMENT_SIGNS = ("*/", "/*", "(*", "*)", "\\")


def visible(char: str) -> bool:
    """Whether a character, no blank, shows as something: no control, no half of a pair, nothing that turns the line around."""
    return unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp")


def clean(text: str) -> str:
    """The text on one line, without characters that XML can't hold or a terminal obeys; line ends and tabs become spaces."""
    return "".join(" " if c.isspace() else c if visible(c) else "?" for c in text)


def lines(text: str) -> str:
    """The text as it is, its line ends kept, without characters that a terminal obeys or XML can't hold."""
    if text.isascii() and not CONTROLS.search(text):
        return text
    return "\n".join(map(_but_spaces, text.split("\n")))


def _but_spaces(text: str) -> str:
    return "".join(c if c in " \xa0\t" or visible(c) and not c.isspace() else " " if c.isspace() else "?" for c in text)


# ---------------------------------------------------------------- Python


def python_string(text: str) -> str:
    """A literal in double quotes, on one line."""
    return '"' + "".join(map(_python_char, text)) + '"'


def _python_char(char: str) -> str:
    if char in '"\\':
        return "\\" + char
    if char.isprintable():
        return char
    named = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(char)
    code = ord(char)
    return named or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")


def python_docstring(text: str) -> str:
    """A docstring that says the text: in three quotes, as one writes it, where nothing in it needs an escape."""
    plain = text and all(c.isprintable() and c not in '\\"' for c in text)
    return f'"""{text}"""' if plain else python_string(text)


def python_name(text: str) -> str:
    """The text as part of an identifier: letters, digits and underscores of ASCII."""
    return re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_") or "unnamed"


# ---------------------------------------------------------------- shell


def shell_word(text: str) -> str:
    """A word of a POSIX shell; one with control characters as bash, ksh, zsh and POSIX.1-2024 write it, which shows them."""
    if all(c.isprintable() for c in text):
        return shlex.quote(text)
    return "$'" + "".join(map(_shell_char, text)) + "'"


def _shell_char(char: str) -> str:
    if char in "'\\":
        return "\\" + char
    if char.isprintable():
        return char
    return "".join(f"\\{byte:03o}" for byte in char.encode("utf-8", "surrogateescape"))


def shell_command(words: Iterable[str]) -> str:
    """A command as one line."""
    return " ".join(map(shell_word, words))


# ---------------------------------------------------------------- DOT


def dot_name(text: str) -> str:
    """A DOT identifier (a name, not a label) that shows as the text."""
    return '"' + dot_text(text) + '"'


def dot_text(text: str) -> str:
    """The text inside a label or tooltip: nothing in it is an escape or an entity."""
    return clean(text).replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')


def dot_field(text: str) -> str:
    """The text inside a field of a record label, where braces, bars, angle brackets and spaces also mean something.

    Empty where nothing is seen: Graphviz drops spaces at the beginning.
    """
    return "".join("\\" + c if c in "{}|<> " else c for c in dot_text(text).strip(" "))


# ---------------------------------------------------------------- HTML, Markdown


def html_text(text: str) -> str:
    """Text of HTML or XML, also inside an attribute in quotes; line ends are kept."""
    return html.escape(lines(text))


def markdown_plain(text: str) -> str:
    """Text of Markdown on one line, in a paragraph, a heading or a cell of a table: no markup, no HTML, no link.

    Only what would be markup there is escaped, so that names are read as they are written.
    """
    return re.sub(r"([\\`*\[\]<|&]|(?<!\w)_|_(?!\w))", r"\\\1", clean(text))


def markdown_code(text: str, table: bool = False) -> str:
    """A code span that shows the text; `table`: in a cell of one, where a bar would end it."""
    text = clean(text)
    text = text.replace("|", "\\|") if table else text
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") or not text.strip() else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def markdown_block(text: str, language: str = "") -> list[str]:
    """The text as a fenced block of code."""
    fence = "`" * max(3, max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    return [f"{fence}{language}", *lines(text).split("\n"), fence]


# ---------------------------------------------------------------- Promela, TLA+, SMT-LIB


def identifier(text: str) -> str:
    """Letters, digits and single underscores, beginning with a letter: what all of these take as a name."""
    word = re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_")
    if not word:
        return "unnamed"
    return word if word[0].isalpha() else f"n_{word}"


def comment(text: str) -> str:
    """Text that may stand in a comment of any of them: one line, no comment signs, printable ASCII."""
    text = " ".join(clean(text).split())
    for sign in COMMENT_SIGNS:
        text = text.replace(sign, " ")
    return text.encode("ascii", "replace").decode()
