"""States as 64-bit words: where each cell lies, and the way there and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from explorer.system.form import System

WORD = 64


class Unfit(Exception):
    """What 64-bit integers can't hold or compute, with the reason: the evaluator can."""


@dataclass(frozen=True)
class Field:
    """A cell's place: `bits` bits of word `word` from bit `shift` up hold its code less `lo`. No bits: it is always `lo`."""

    word: int
    shift: int
    bits: int
    lo: int

    @property
    def mask(self) -> int:
        """The field's bits, in place."""
        return ((1 << self.bits) - 1) << self.shift


@dataclass(frozen=True)
class Layout:
    """The places of all cells. `words`: 64-bit words of a state, at least one."""

    fields: tuple[Field, ...]
    words: int

    def pack(self, state: Sequence[int]) -> tuple[int, ...]:
        """The words of a state."""
        words = [0] * self.words
        for field, code in zip(self.fields, state, strict=True):
            words[field.word] |= (code - field.lo) << field.shift
        return tuple(words)

    def unpack(self, words: Sequence[int]) -> tuple[int, ...]:
        """The state in these words."""
        return tuple((int(words[f.word]) >> f.shift & (1 << f.bits) - 1) + f.lo for f in self.fields)


def layout(system: System) -> Layout:
    """Place every cell in as few words as first-fit decreasing finds; no cell lies in two words. Raises Unfit."""
    widths = [(cell.domain.top - cell.domain.lo).bit_length() for cell in system.cells]
    free: list[int] = [WORD]
    places: dict[int, tuple[int, int]] = {}
    for index in sorted(range(len(widths)), key=lambda i: (-widths[i], i)):
        width = widths[index]
        if width > WORD:
            raise Unfit(f"the variable {system.cells[index].name} has more than 2^{WORD} values")
        word = next((w for w, left in enumerate(free) if left >= width), len(free))
        if word == len(free):
            free.append(WORD)
        places[index] = (word, WORD - free[word])
        free[word] -= width
    fields = tuple(
        Field(*places[i], width, cell.domain.lo)
        for i, (width, cell) in enumerate(zip(widths, system.cells, strict=True))
    )
    return Layout(fields, len(free))
