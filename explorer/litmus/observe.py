"""What the end states of a litmus test show: the table, and the observation as herd7 prints it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from explorer.litmus.conditions import holds
from explorer.litmus.program import Atom, Program

KINDS = {"exists": "Allowed", "~exists": "Forbidden", "forall": "Required"}


@dataclass(frozen=True, order=True)
class Row:
    """One end state as a test sees it: the value of each register ("-" for unset), the truth of each other atom.

    `bug`: the kernel stopped with that text; "" if it did not.
    """

    registers: tuple[str, ...]
    atoms: tuple[bool, ...]
    bug: str = ""


@dataclass(frozen=True)
class Observation:
    """The distinct end states of a test on one kernel. `positive`, `negative`: those where its condition is true, and not.

    `complete`: every run was followed to its end.
    """

    program: Program
    rows: tuple[Row, ...]
    positive: int
    negative: int
    complete: bool

    @property
    def word(self) -> str:
        """Never, Sometimes or Always; Blocked where no run ends."""
        if not self.rows:
            return "Blocked"
        return "Never" if not self.positive else "Sometimes" if self.negative else "Always"

    @property
    def validated(self) -> bool:
        """What the test asks is so."""
        return {"exists": self.positive > 0, "~exists": not self.positive, "forall": not self.negative}[
            self.program.quantifier
        ]

    def agrees(self, expected: str) -> bool:
        """The expectation holds; where not every run was followed: it still may."""
        if self.complete:
            return self.word == expected
        return {"Never": not self.positive, "Always": not self.negative, "Blocked": not self.rows}.get(expected, True)

    def outcomes(self) -> list[dict[str, str | bool]]:
        """The table as plain data, a row each. Where the kernel stopped, "BUG" says with what."""
        titles = [*registers(self.program), *map(str, others(self.program))]
        found: list[dict[str, str | bool]] = []
        for row in self.rows:
            found.append(dict(zip(titles, (*row.registers, *row.atoms), strict=True)))
            if row.bug:
                found[-1]["BUG"] = row.bug
        return found


def registers(program: Program) -> list[str]:
    return [f"{column}:{name}" for column, name in program.registers]


def others(program: Program) -> tuple[Atom, ...]:
    """The atoms that registers do not decide."""
    return tuple(a for a in program.atoms if a.predicate != "register")


def satisfies(program: Program, row: Row) -> bool:
    """The condition is true in the end state; whether the test asks for that or for the opposite is not looked at."""
    value = dict(zip(program.registers, row.registers, strict=True))
    truth = dict(zip(others(program), row.atoms, strict=True))
    for atom in program.atoms:
        if atom.predicate == "register":
            truth[atom] = value[atom.actors[0], atom.name] == atom.value
    return holds(program.condition, truth)


def observe(program: Program, rows: Iterable[Row], complete: bool) -> Observation:
    """What the end states show, each as often as it comes."""
    distinct = tuple(sorted(set(rows)))
    positive = sum(satisfies(program, row) for row in distinct)
    return Observation(program, distinct, positive, len(distinct) - positive, complete)


def text(seen: Observation, kernel: str) -> str:
    """The answer as herd7 lays it out. A row that satisfies the condition begins with ``*>``."""
    program = seen.program
    lines = [f"Test {program.name} {KINDS[program.quantifier]}  kernel {kernel}", f"States {len(seen.rows)}"]
    lines += [f"{'*>' if satisfies(program, row) else ':>'} {row_text(program, row)}".rstrip() for row in seen.rows]
    lines.append("Ok" if seen.validated else "No")
    lines += ["Witnesses", f"Positive: {seen.positive} Negative: {seen.negative}"]
    lines.append(f"Condition {program.quantifier} ({program.condition})")
    lines.append(observation_line(seen))
    return "\n".join(lines)


def row_text(program: Program, row: Row) -> str:
    """``P0:r0=b; ~moved(P0:x);``, and what the kernel stopped with."""
    held = [f"{title}={value};" for title, value in zip(registers(program), row.registers, strict=True)]
    held += [f"{'' if true else '~'}{atom_text(atom)};" for atom, true in zip(others(program), row.atoms, strict=True)]
    return " ".join([*held, row.bug] if row.bug else held)


def atom_text(atom: Atom) -> str:
    """The atom so that ~ may stand before it."""
    return f"({atom})" if atom.predicate == "disk" else str(atom)


def observation_line(seen: Observation) -> str:
    """``Observation NAME Never 0 3``"""
    return f"Observation {seen.program.name} {seen.word} {seen.positive} {seen.negative}"
