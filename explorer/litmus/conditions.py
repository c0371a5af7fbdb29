r"""Conditions of litmus tests: ``exists (P0:r0 = b /\ ~moved(P0:x))``. ``~`` binds more than ``/\``, that more than ``\/``."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping

from explorer.errors import did_you_mean
from explorer.litmus.program import Atom, Both, Condition, Either, Not
from explorer.litmus.reader import Reader
from explorer.litmus.words import PREDICATES

ELSEWHERE = {
    **dict.fromkeys(("&&", "&", "and"), "and is written /\\"),
    **dict.fromkeys(("||", "|", "or"), "or is written \\/"),
    **dict.fromkeys(("!", "not"), "not is written ~"),
    **dict.fromkeys(("!=", "<>"), "write ~(P0:r0 = v)"),
    "==": "equality is written =",
}


def holds(condition: Condition, truth: Mapping[Atom, bool]) -> bool:
    """Whether the condition is true where its atoms have these truth values."""
    match condition:
        case Not(of):
            return not holds(of, truth)
        case Both(left, right):
            return holds(left, truth) and holds(right, truth)
        case Either(left, right):
            return holds(left, truth) or holds(right, truth)
        case _:
            return truth[condition]


def condition(reader: Reader) -> Condition:
    """The condition that comes next. Raises LitmusError."""
    found = either(reader)
    hint = elsewhere(reader)
    if hint:
        reader.fail(hint)
    if reader.looks_at(")"):
        reader.fail("this ) closes nothing")
    return found


def either(reader: Reader) -> Condition:
    found = both(reader)
    while reader.accept("\\/"):
        found = Either(found, both(reader))
    return found


def both(reader: Reader) -> Condition:
    found = single(reader)
    while reader.accept("/\\"):
        found = Both(found, single(reader))
    return found


def single(reader: Reader) -> Condition:
    if reader.accept("~"):
        return Not(single(reader))
    if reader.looks_at("("):
        opened = reader.at
        reader.accept("(")
        found = either(reader)
        if not reader.accept(")"):
            hint = elsewhere(reader)
            if hint:
                reader.fail(hint)
            if not reader.piece() or reader.word() == "expect":
                reader.fail("this ( is not closed", opened)
            reader.fail(f"after `{found}` stands /\\, \\/ or ), not {reader.found_text()}")
        return found
    return atom(reader)


def elsewhere(reader: Reader) -> str:
    """What to write instead of a sign that other languages have; "" where none is next."""
    return ELSEWHERE.get(reader.piece(), "")


def atom(reader: Reader) -> Atom:
    word = reader.word()
    if not word or word in ELSEWHERE:
        hint = elsewhere(reader)
        reader.fail(
            hint or f"a condition is P0:r0 = v or a predicate as moved(P0:x), and here is {reader.found_text()}"
        )
    word, start, end = reader.take_word()
    if word in PREDICATES:
        found = predicate(reader, word)
        return dataclasses.replace(found, place=reader.place(start, reader.at))
    if reader.looks_at("(") or word == "expect":
        reader.fail(f"there is no predicate {word!r}{did_you_mean(word, PREDICATES)}", start, end)
    if not reader.accept(":"):
        if re.fullmatch(r"r\d+", word):
            reader.fail(f"say whose register it is: P0:{word}", start, end)
        hint = did_you_mean(word, PREDICATES) or f"; a register is P0:r0, a predicate is {PREDICATES['moved'].usage}"
        reader.fail(f"{word!r} says nothing about an end state{hint}", start, end)
    actor = process_name(word)
    name = reader.word()
    if not re.fullmatch(r"r\d+", name):
        hint = f"; a byte has no value of its own at the end, load it: r0 = load {name}" if name else ""
        reader.fail(f"after {actor}: stands a register, r0, r1, ..., not {reader.found_text()}{hint}")
    reader.take_word()
    held = value(reader)
    return Atom("register", (actor,), (), name, held, reader.place(start, reader.at))


def value(reader: Reader) -> str:
    """``= v``."""
    if reader.piece() in ("!=", "<>", "==") or not reader.accept("="):
        hint = elsewhere(reader)
        reader.fail(hint or f"here stands = and a value, not {reader.found_text()}")
    if reader.accept("-"):
        return "-"
    if not reader.word():
        reader.fail(f"a value is a name, 0, or - for unset, and here is {reader.found_text()}")
    return reader.take_word()[0]


def predicate(reader: Reader, name: str) -> Atom:
    shape = PREDICATES[name]
    if not reader.accept("("):
        reader.fail(f"write {shape.usage}: here is {reader.found_text()}")
    actors, locations = [], []
    for i in range(shape.number):
        if i and not reader.accept(","):
            reader.fail(f"write {shape.usage}: here is {reader.found_text()}")
        if not reader.word():
            reader.fail(f"write {shape.usage}: here is {reader.found_text()}")
        word, _, _ = reader.take_word()
        if shape.takes in ("location", "file"):
            if reader.looks_at(":"):
                reader.fail(f"write {shape.usage}, without a process")
            locations.append(word)
            continue
        actors.append(process_name(word))
        if shape.takes == "pages":
            if not reader.accept(":"):
                reader.fail(f"write {shape.usage}, with the process whose page is meant: here is {reader.found_text()}")
            if not reader.word():
                reader.fail(f"write {shape.usage}: here is {reader.found_text()}")
            locations.append(reader.take_word()[0])
    if not reader.accept(")"):
        reader.fail(f"write {shape.usage}: here is {reader.found_text()}")
    if shape.takes == "file":
        return Atom(name, (), (), locations[0], value(reader))
    return Atom(name, tuple(actors), tuple(locations))


def process_name(word: str) -> str:
    """``0`` is herd's for ``P0``."""
    return f"P{word}" if word.isdecimal() else word
