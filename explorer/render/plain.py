"""Text for terminals and commit messages: ASCII, cut to a width, paragraphs, numbers with their nouns."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Callable, Iterable

SPELLED = {
    "→": "->",
    "←": "<-",
    "↔": "<->",
    "⇒": "=>",
    "…": "...",
    "–": "-",
    "—": "-",
    "‘": "'",
    "’": "'",
    "“": '"',
    "”": '"',
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "×": "x",
    "∧": "&&",
    "∨": "||",
    "¬": "!",
    "∅": "{}",
    "∈": " in ",
    "ß": "ss",
}
WIDTH = 100  # of an answer that is no diagram
OPERATORS = frozenset({"==", "!=", "<", ">", "<=", ">=", "&&", "||", "->"})
CLOSERS = ")]}"
BREAKS = "_.,:;=([{/>|&"  # a word that is too long for its line is broken after one of these


def to_ascii(text: str) -> str:
    """The text on one line in printable ASCII: arrows and quotes spelled out, accents dropped, the rest as "?"."""
    out: list[str] = []
    for char in text:
        if char in SPELLED:
            out.append(SPELLED[char])
        elif char.isspace():
            out.append(" ")
        elif " " <= char <= "~":
            out.append(char)
        else:
            base = "".join(c for c in unicodedata.normalize("NFKD", char) if " " < c <= "~")
            out.append(base or "?")
    return " ".join("".join(out).split())


def wrap(text: str, first: int, rest: int | None = None, size: Callable[[str], int] = len) -> list[str]:
    """The text as lines of at most `first` columns (the first) and `rest` (the others; `first` where not given).

    It breaks at spaces; a word longer than its line, after a punctuation mark; failing that, anywhere. Always at least
    one line. Both widths must be at least 1. `size`: how many columns a piece of text takes.
    """
    rest = first if rest is None else rest
    lines: list[str] = []
    line, width = "", first
    for word in _units(text.split(), min(first, rest), size):
        if line and size(f"{line} {word}") <= width:
            line += " " + word
            continue
        if line:
            lines.append(line)
            line, width = "", rest
        while size(word) > width and len(word) > 1:
            at = _break(word, width, size)
            lines.append(word[:at])
            word, width = word[at:], rest
        line = word
    return [*lines, line] if line or not lines else lines


def _units(words: list[str], width: int, size: Callable[[str], int]) -> list[str]:
    """The words, an operator kept with what follows it where the two fit on a line."""
    units: list[str] = []
    for word in words:
        if units and units[-1] in OPERATORS and size(f"{units[-1]} {word}") <= width:
            units[-1] += f" {word}"
        else:
            units.append(word)
    return units


def _break(word: str, width: int, size: Callable[[str], int]) -> int:
    """Where to cut a word that is longer than `width`: after punctuation, but not so early that the line is a stub."""
    most = next((n for n in range(min(width, len(word) - 1), 1, -1) if size(word[:n]) <= width), 1)
    for at in range(most, most // 3, -1):
        if word[at - 1] in BREAKS and word[at] not in BREAKS and word[at] not in CLOSERS:
            return at
    return most


def clip(text: str, width: int) -> str:
    """The text, its end replaced by ".." where it is longer than `width`."""
    return text if len(text) <= width else text[: max(width - 2, 0)] + ".."[:width]


# ---------------------------------------------------------------- paragraphs


def paragraph(
    text: str, first: int = 0, rest: int = 0, width: int = WIDTH, *, hyphens: bool = False, cut: bool = False
) -> list[str]:
    """The text as lines of at most `width` columns: the first behind `first` blanks, the others behind `rest`.

    It breaks at blanks; with `hyphens` also behind a hyphen. A word that is longer than a line stays whole, unless it may be
    `cut`.
    """
    return textwrap.wrap(
        text,
        width,
        initial_indent=" " * first,
        subsequent_indent=" " * rest,
        break_on_hyphens=hyphens,
        break_long_words=cut,
    )


def one_line(text: str) -> str:
    """The text with single blanks in place of line ends and other white space."""
    return " ".join(text.split())


def row(words: Iterable[str], indent: str, width: int = 98) -> list[str]:
    """Words behind each other, as many on a line as there is room for; a word with blanks in it stays whole."""
    lines, current = [], indent
    for word in words:
        if len(current) + len(word) + 1 > width and current.strip():
            lines.append(current.rstrip())
            current = indent
        current += word + " "
    return [*lines, current.rstrip()]


# ---------------------------------------------------------------- words


def plural(noun: str, number: int = 2, several: str = "") -> str:
    """The noun as it stands behind the number; `several`: its plural, where that is not made by the rule."""
    if number == 1:
        return noun
    return several or f"{noun}{'es' if noun.endswith(('s', 'ch')) else 's'}"


def number_of(number: int, noun: str, several: str = "", *, grouped: bool = True) -> str:
    """``1 state``, ``1,000 states``; without commas if they are not to be `grouped`."""
    return f"{number:{',' if grouped else ''}} {plural(noun, number, several)}"


def enumeration(words: list[str]) -> str:
    """``a, b and c``"""
    return " and ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)
