"""Text for terminals and commit messages: ASCII, cut to a width."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

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
