"""Names that another language accepts: readable, each used once, the same on every run."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from explorer.errors import UsageError
from explorer.process.quoting import comment, identifier
from explorer.system.form import LIVENESS, Action, System


class Names:
    """What the cells, codes, actions and properties of a system are called in an exported file.

    `reserved`: words of the language and of the file itself, that nothing may be called; `prefixes`: what no name may
    begin with. `cells`, `actions`: by position; `properties`: by name. `code()` gives the names of values and remembers
    which were asked for.
    """

    def __init__(self, system: System, reserved: Iterable[str], prefixes: tuple[str, ...] = ()) -> None:
        self.system, self.prefixes = system, prefixes
        self.taken: set[str] = set(reserved)
        self.cells = [
            self.take(c.name.removesuffix("?") + (" present" if c.name.endswith("?") else "")) for c in system.cells
        ]
        self.properties = {p.name: self.take(p.name) for p in system.properties}
        self.actions = [self.take(action_words(a)) for a in system.actions]
        self.codes: list[dict[int, str]] = []  # for each cell, the names of its codes
        shared: dict[tuple[str, str, int], str] = {}
        for cell, name in zip(system.cells, self.cells, strict=True):
            domain = cell.domain
            words: dict[int, str] = {}
            if domain.kind in ("enum", "location"):
                owner = name if domain.kind == "location" else domain.name or name
                words = {domain.lo + i: f"{owner} {label}" for i, label in enumerate(domain.labels)}
            elif domain.kind == "scalarset":
                words = {code: f"{domain.name} {code}" for code in range(domain.lo, domain.hi + 1)}
            if domain.top > domain.hi:
                words[domain.none] = f"none {domain.none}"
            found: dict[int, str] = {}
            for code, text in words.items():
                key = (domain.kind if code != domain.none else "", text, code)
                if key not in shared:
                    shared[key] = self.take(text)
                found[code] = shared[key]
            self.codes.append(found)
        self.asked: set[tuple[str, int]] = set()

    def take(self, text: str) -> str:
        """A name made of the text that nothing else has yet."""
        word = identifier(text)
        if f"{word}_".startswith(self.prefixes):
            word = f"n_{word}"
        name, count = word, 2
        while name in self.taken:
            name, count = f"{word}_{count}", count + 1
        self.taken.add(name)
        return name

    def code(self, cell: int, value: int) -> str | None:
        """The name of a value of the cell; None where numbers are as good."""
        name = self.codes[cell].get(value)
        if name is not None:
            self.asked.add((name, value))
        return name

    def used_names(self) -> list[tuple[str, int]]:
        """The names of values that were asked for, with the values, in the order of the cells."""
        order = dict.fromkeys((name, value) for codes in self.codes for value, name in codes.items())
        return [item for item in order if item in self.asked]


def file_name(title: str) -> str:
    """A file's name, without its ending, for a model called so: "tests/cow.py:cow(frames=2)" gives "cow"."""
    return identifier(title.split("(")[0].split("/")[-1].split(":")[-1])


def action_words(action: Action) -> str:
    """What an action is called: actor, step or name, and what it chose."""
    words = [action.actor, action.label if not action.name else action.name]
    words += [f"{name} {value}" for name, value in action.choices]
    if action.outcome == "failure":
        words.append("fails")
    return " ".join(words)


def about_action(action: Action) -> str:
    """One line about an action: who does what, where it is in the model and what it mirrors in the kernel."""
    from os.path import basename

    chosen = "".join(f", {name} = {value}" for name, value in action.choices)
    parts = [
        f"{action.actor}: {action.label}{chosen}",
        f"{basename(action.span.file)}:{action.span.line}",
        action.kernel,
    ]
    if action.failure is not None:
        parts.append(f"{action.failure.kind}: {action.failure.text.replace('{value}', '...')}")
    return "; ".join(comment(p) for p in parts if p)


def headline(title: str, system: System) -> list[str]:
    """A model's name and parameters as lines for the top of a file, and which of its properties are not in it."""
    import textwrap

    lines = textwrap.wrap(comment(title), 110, subsequent_indent="    ", break_on_hyphens=False)
    whole = ", ".join(comment(p.name) for p in system.properties if p.kind in LIVENESS)
    if whole:
        lines += textwrap.wrap(f"Not in this file, as they speak about whole runs under fairness: {whole}.", 110)
    return lines


def of_states(system: System, chosen: Sequence[str] = ()) -> System:
    """The system without its liveness properties, which no exported file holds. Raises UsageError where one is chosen."""
    for prop in system.properties:
        if prop.kind in LIVENESS and prop.name in chosen:
            raise UsageError(
                f"{prop.name} is a liveness property ({prop.kind}): it speaks about whole runs under fairness, which are not "
                "exported; explore run decides it"
            )
    return dataclasses.replace(system, properties=tuple(p for p in system.properties if p.kind not in LIVENESS))
