"""What a test must mean, beyond its grammar: every name stands for something, and what is asked can happen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn

from explorer.errors import Place, did_you_mean
from explorer.litmus.program import Atom, LitmusError, Operation, Program, atoms
from explorer.litmus.words import ERRNOS, PREDICATES

RELEASES = {"unpin": ("pin",), "put": ("get",), "set_page_dirty": ("pin", "get", "o_direct_read", "o_direct_write")}


def check(program: Program) -> None:
    """Raises LitmusError at the first name that stands for nothing."""
    check_actors(program)
    check_operations(program)
    for atom in atoms(program.condition):
        check_atom(program, atom)


def check_actors(program: Program) -> None:
    names = [c.name for c in program.columns]
    for column in program.columns:
        if column.process and column.name != column.process and column.process in names:
            fail(
                f"{column.process} alone is its only thread: name its threads {column.process}.a, {column.name}",
                column.place,
            )
    forks: dict[str, Operation] = {}
    started_by: dict[str, str] = {}
    for column, operation in program.operations:
        if operation.verb == "fork":
            child = operation.target
            if child not in program.processes:
                fail(
                    f"{child} has no column: add one, which may be empty{near(child, program.processes)}",
                    operation.place,
                )
            if child in forks:
                fail(f"{child} is forked already by another line", operation.place)
            forks[child], started_by[child] = operation, column.process
    for child, operation in forks.items():
        seen = [child]
        while (parent := started_by.get(seen[-1])) is not None:
            if parent in seen:
                fail(f"nobody starts {parent}: it is forked by {started_by[parent]}, which it forks", operation.place)
            seen.append(parent)
    for column, operation in program.operations:
        if operation.verb == "wait" and started_by.get(operation.target) != column.process:
            fail(
                f"{column.process} can wait only for a process that it forks, not for {operation.target}",
                operation.place,
            )
        if operation.verb == "pin" and operation.target and operation.target not in names:
            devices = [n for n in names if n.startswith("DEV")]
            fail(f"the device {operation.target} has no column{near(operation.target, devices)}", operation.place)


def check_operations(program: Program) -> None:
    locations = known_locations(program)
    files = {x.file for x in program.locations if x.file} | {o.file for _, o in program.operations if o.verb == "map"}
    for column, operation in program.operations:
        for name in (operation.location, operation.other):
            if name and name not in locations:
                fail(
                    f"no location is named {name!r}{near(name, locations)}; the initial block gives them",
                    operation.place,
                )
        if operation.file and operation.file not in files:
            fail(
                f"no location is a page of the file {operation.file!r}{near(operation.file, files)}; "
                f"write x = a file {operation.file} shared in the initial block",
                operation.place,
            )
        if operation.verb == "ksm_merge" and operation.location == operation.other:
            fail("ksm_merge takes two different pages", operation.place)
        needed = RELEASES.get(operation.verb)
        if needed is not None:
            took = any(
                o.verb in needed and o.location == operation.location and c.process == column.process
                for c, o in program.operations
            )
            if not took:
                fail(
                    f"no line of {column.process} takes a reference on {operation.location} that {operation.verb} is about: "
                    f"{' or '.join(needed)} {operation.location}",
                    operation.place,
                )


def check_atom(program: Program, atom: Atom) -> None:
    names = [c.name for c in program.columns]
    takes = "register" if atom.predicate == "register" else PREDICATES[atom.predicate].takes
    actors = {
        "register": names,
        "actor": list(dict.fromkeys([*names, *program.processes])),
        "pages": program.processes,
        "process": program.processes,
    }
    for actor in atom.actors:
        if actor not in actors[takes]:
            if takes in ("pages", "process") and actor in names and actor.partition(".")[0] in program.processes:
                process = actor.partition(".")[0]
                fail(f"{atom.predicate} is about a process, not a thread: write {process}", atom.place)
            what = {"register": "column", "actor": "column"}.get(takes, "process")
            fail(f"there is no {what} {actor}{near(actor, actors[takes])}", atom.place)
    if takes == "register":
        own = [r for c, r in program.registers if c == atom.actors[0]]
        if atom.name not in own:
            hint = f"; it sets {', '.join(own)}" if own else ""
            fail(f"no line of {atom.actors[0]} sets {atom.name}{hint}", atom.place)
    known = known_locations(program)
    for location in atom.locations:
        if location not in known:
            fail(f"no location is named {location!r}{near(location, known)}", atom.place)
        if takes == "location" and not any(x.name == location and x.file for x in program.locations):
            if not any(o.verb == "map" and o.location == location for _, o in program.operations):
                fail(f"{atom.predicate} is about a page of a file, and {location} is none", atom.place)
    if takes == "file" and atom.name not in dict(program.files):
        fail(f"no file is named {atom.name!r}{near(atom.name, dict(program.files))}", atom.place)
    if atom.value and atom.value not in (*program.values, *ERRNOS, "-"):
        fail(f"no byte of this test ever holds {atom.value!r}{near(atom.value, program.values)}", atom.place)


def known_locations(program: Program) -> tuple[str, ...]:
    """Those of the initial block, and those that a line maps."""
    mapped = [o.location for _, o in program.operations if o.verb == "map"]
    return tuple(dict.fromkeys([*(x.name for x in program.locations), *mapped]))


def near(name: str, known: Iterable[str]) -> str:
    return did_you_mean(name, known)


def fail(message: str, place: Place | None) -> NoReturn:
    raise LitmusError(message, place)
