"""LLVM IR as text, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class Writer:
    """Lines of IR. A value written in a block is used again in the blocks inside it (`scope`), never beside it."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.next = 0
        self.scopes: list[dict[object, str]] = [{}]

    def name(self, prefix: str = "") -> str:
        self.next += 1
        return f"{prefix}{self.next}"

    def value(self, text: str) -> str:
        """Write one instruction, once; gives the name of its value."""
        for scope in self.scopes:
            if text in scope:
                return scope[text]
        name = self.name("%v")
        self.lines.append(f"  {name} = {text}")
        self.scopes[-1][text] = name
        return name

    def field(self, word: str, shift: int, bits: int) -> str:
        """Some bits of a word, as a number."""
        if shift:
            word = self.value(f"lshr i64 {word}, {shift}")
        return word if shift + bits == 64 else self.value(f"and i64 {word}, {(1 << bits) - 1}")

    def line(self, text: str) -> None:
        self.lines.append(f"  {text}")

    def label(self, name: str) -> None:
        self.lines.append(f"{name}:")

    @contextmanager
    def scope(self) -> Iterator[None]:
        self.scopes.append({})
        try:
            yield
        finally:
            self.scopes.pop()

    @contextmanager
    def when(self, condition: str) -> Iterator[None]:
        """The block is executed where the i1 is true."""
        if condition == "false":
            inside, after = self.name("dead"), self.name("after")
        else:
            inside, after = self.name("then"), self.name("after")
        self.line(f"br i1 {condition}, label %{inside}, label %{after}")
        self.label(inside)
        with self.scope():
            yield
        self.line(f"br label %{after}")
        self.label(after)


def signed_pattern(value: int) -> int:
    """A 64-bit pattern as LLVM writes it."""
    value &= (1 << 64) - 1
    return value - (1 << 64) if value >> 63 else value
