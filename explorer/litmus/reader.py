"""The text of a litmus test, read from left to right; every complaint points at what it is about."""

from __future__ import annotations

import bisect
import re
from typing import NoReturn

from explorer.errors import Place
from explorer.litmus.program import LitmusError

BLANK = re.compile(r"\s+|//[^\n]*|#[^\n]*")
WORD = re.compile(r"[A-Za-z0-9_]+(?:[.-][A-Za-z0-9_]+)*")
PIECE = re.compile(r"[A-Za-z0-9_.+=-]+|/\\|\\/|&&|\|\||!=|==|<>|.", re.S)  # what a complaint calls by its text


class Reader:
    """A position in a text. `file`: how complaints name it."""

    def __init__(self, text: str, file: str) -> None:
        self.text, self.file, self.at = text, file, 0
        self.last = 0  # where the last word that was taken ends
        self.starts = [0, *(m.end() for m in re.finditer("\n", text))]

    def place(self, start: int, end: int) -> Place:
        """The piece of text between two positions, or what of it stands in its first line."""
        line = bisect.bisect_right(self.starts, start)
        first = self.starts[line - 1]
        text = self.text[first:].partition("\n")[0].rstrip("\r")
        shown = text.replace("\t", " ")
        return Place(self.file, line, start - first, max(min(end - first, len(text)), start - first + 1), shown)

    def fail(self, message: str, start: int | None = None, end: int | None = None) -> NoReturn:
        """Complain about a piece of text; by default the one that comes next."""
        if start is None:
            self.skip()
            start = self.at
            end = start + len(self.piece())
        raise LitmusError(message, self.place(start, start + 1 if end is None else end))

    def skip(self) -> None:
        """Over white space and comments: ``(* ... *)``, ``// ...``, ``# ...``."""
        while True:
            if self.text.startswith("(*", self.at):
                end = self.text.find("*)", self.at)
                if end < 0:
                    raise LitmusError("this comment does not end: write *)", self.place(self.at, self.at + 2))
                self.at = end + 2
            elif (blank := BLANK.match(self.text, self.at)) is not None:
                self.at = blank.end()
            else:
                return

    def piece(self) -> str:
        """The next word or sign, without moving; "" at the end."""
        self.skip()
        found = PIECE.match(self.text, self.at)
        return found.group() if found else ""

    def found_text(self) -> str:
        """The next word or sign as a complaint says it."""
        piece = self.piece()
        return repr(piece) if piece else "the end of the file"

    def looks_at(self, sign: str) -> bool:
        self.skip()
        return self.text.startswith(sign, self.at)

    def accept(self, sign: str) -> bool:
        """Move over the sign, if it is next."""
        if not self.looks_at(sign):
            return False
        self.at += len(sign)
        return True

    def word(self) -> str:
        """The next word, without moving; "" where none is next."""
        self.skip()
        found = WORD.match(self.text, self.at)
        return found.group() if found else ""

    def accept_word(self, *words: str) -> str:
        """Move over one of the words, if it is next; "" where none is."""
        word = self.word()
        if word not in words:
            return ""
        self.at = self.last = self.at + len(word)
        return word

    def take_word(self) -> tuple[str, int, int]:
        """The next word, which is there, and where it stands."""
        word = self.word()
        start = self.at
        self.at = self.last = start + len(word)
        return word, start, self.at

    def rest_of_line(self) -> tuple[str, int]:
        """What stands before the end of the line, and where it begins; moves there."""
        end = self.text.find("\n", self.at)
        end = len(self.text) if end < 0 else end
        raw = self.text[self.at : end]
        start = self.at + len(raw) - len(raw.lstrip())
        self.at = end
        return raw.strip(), start
