"""Text for terminals and commit messages: ASCII, cut to a width."""

from __future__ import annotations

import unicodedata

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


def wrap(text: str, first: int, rest: int | None = None) -> list[str]:
    """The text as lines of at most `first` characters (the first) and `rest` (the others; `first` where not given).

    It breaks at spaces; a word longer than its line, after a punctuation mark; failing that, anywhere. Always at least
    one line. Both widths must be at least 1.
    """
    rest = first if rest is None else rest
    lines: list[str] = []
    line, width = "", first
    for word in _units(text.split(), min(first, rest)):
        if line and len(line) + 1 + len(word) <= width:
            line += " " + word
            continue
        if line:
            lines.append(line)
            line, width = "", rest
        while len(word) > width:
            at = _break(word, width)
            lines.append(word[:at])
            word, width = word[at:], rest
        line = word
    return [*lines, line] if line or not lines else lines


def _units(words: list[str], width: int) -> list[str]:
    """The words, an operator kept with what follows it where the two fit on a line."""
    units: list[str] = []
    for word in words:
        if units and units[-1] in OPERATORS and len(units[-1]) + 1 + len(word) <= width:
            units[-1] += f" {word}"
        else:
            units.append(word)
    return units


def _break(word: str, width: int) -> int:
    """Where to cut a word that is longer than `width`: after punctuation, but not so early that the line is a stub."""
    for at in range(width, width // 3, -1):
        if word[at - 1] in BREAKS and word[at] not in BREAKS and word[at] not in CLOSERS:
            return at
    return width


def clip(text: str, width: int) -> str:
    """The text, its end replaced by ".." where it is longer than `width`."""
    return text if len(text) <= width else text[: max(width - 2, 0)] + ".."[:width]
