"""All states of a model, counted with CPython alone: no System, no lowering, no search of the tool.

What a state is follows from the language: the variables, where each coroutine is parked, and the values of the locals that it
still needs there. Which locals those are is read from the bytecode; how far a `for` has come, from its iterator.
"""

from __future__ import annotations

import dis
import functools
import gc
import types
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from explorer.language.model import Model
from explorer.language.steps import step
from explorer.witness.run import Move, Run, enumerate_moves


@dataclass
class Counted:
    """What a complete breadth-first search finds. `first`: the depth of the first deadlock and of the first failed assertion."""

    states: int = 0
    transitions: int = 0
    depth: int = 0
    first: dict[str, int] = field(default_factory=dict)


def count(
    model: Model, constants: list[dict[str, Any]], most: int, forgotten: Callable[[str], bool] = lambda name: False
) -> Counted | None:
    """None where there are more states than `most`, or where a step ends in an error of the model.

    `constants`: each valuation of the rules left open. `forgotten`: variables that do not tell states apart.
    """
    counted = Counted()
    seen: set[Any] = set()
    level: list[tuple[int, tuple[Move, ...]]] = []

    def add(which: int, schedule: tuple[Move, ...], to: list[tuple[int, tuple[Move, ...]]]) -> None:
        run = Run(model, constants[which])
        try:
            for move in schedule:
                run.take(move.who, named=list(move.choices))
            state = (which, snapshot(run, forgotten))
        finally:
            run.close()
        if state not in seen:
            seen.add(state)
            to.append((which, schedule))

    for which in range(len(constants)):
        add(which, (), level)
    while level:
        following: list[tuple[int, tuple[Move, ...]]] = []
        for which, schedule in level:
            here = enumerate_moves(model, list(schedule), constants[which])
            if here.deadlocked:
                counted.first.setdefault("deadlock_freedom", counted.depth)
            for happened in here.happened:
                counted.transitions += 1
                if happened.fault is None:
                    add(which, (*schedule, happened.move), following)
                elif happened.fault.kind == "assert":
                    counted.first.setdefault("assertions", counted.depth + 1)
                else:
                    return None
            if len(seen) > most:
                return None
        level = following
        counted.depth += bool(level)
    counted.states = len(seen)
    return counted


def snapshot(run: Run, forgotten: Callable[[str], bool]) -> Any:
    """The state that a run is in."""
    variables = tuple((k, v) for k, v in run.variables().items() if not forgotten(k))
    return variables, tuple(place(actor.coroutine) for actor in run.actors.values())


def place(coroutine: Any) -> Any:
    """Where a coroutine is parked, outermost routine first, with what it still needs."""
    found: list[Any] = []
    at = coroutine
    while at is not None and getattr(at, "cr_frame", None) is not None:
        frame, inner = at.cr_frame, at.cr_await
        if frame.f_code is step.__code__:
            break
        needed = live_after(frame.f_code).get(frame.f_lasti, frozenset())
        if inner is not None and getattr(inner, "cr_code", None) is step.__code__:
            needed |= named_in_call(frame.f_code, frame.f_lasti)
        values = tuple((name, value(frame.f_locals[name])) for name in sorted(needed) if name in frame.f_locals)
        found.append((frame.f_code, frame.f_lasti, values, tuple(map(left, filter(is_iterator, gc.get_referents(at))))))
        at = inner
    return tuple(found)


@functools.lru_cache(maxsize=1000)
def named_in_call(code: types.CodeType, at: int) -> frozenset[str]:
    """The locals that the awaited call names: the condition of a step is still to be evaluated."""
    instructions = list(dis.get_instructions(code))
    first, last = extent(next(i for i in instructions if i.offset == at))
    names = set[str]()
    for i in instructions:
        if i.opname.startswith("LOAD_") and i.opname.endswith(("_FAST", "_DEREF", "_CLOSURE")):
            begins, ends = extent(i)
            if first <= begins and ends <= last:
                names.add(str(i.argval))
    return frozenset(names)


def extent(instruction: dis.Instruction) -> tuple[tuple[int, int], tuple[int, int]]:
    """Where in the source the expression of an instruction begins and ends."""
    p = instruction.positions
    assert p is not None
    return (p.lineno or 0, p.col_offset or 0), (p.end_lineno or 0, p.end_col_offset or 0)


def is_iterator(found: Any) -> bool:
    return hasattr(found, "__next__")


def left(iterator: Any) -> Any:
    """What an iterator still gives: `for` over an Enum is a generator, which has an iterator inside."""
    if isinstance(iterator, types.GeneratorType | enumerate):
        inside = tuple(map(left, filter(is_iterator, gc.get_referents(iterator))))
        return inside, iterator.__reduce__()[1][1] if isinstance(iterator, enumerate) else 0
    return tuple(map(value, iterator.__reduce__()[1:]))


def value(found: Any) -> Any:
    """Something to compare: values by value, and True is not 1; everything else by identity."""
    if isinstance(found, tuple):
        return tuple(map(value, found))
    try:
        hash(found)
    except TypeError:
        return id(found)
    return (type(found).__name__, found) if not isinstance(found, types.FunctionType | types.MethodType) else id(found)


@functools.lru_cache(maxsize=1000)
def live_after(code: types.CodeType) -> dict[int, frozenset[str]]:
    """For each instruction, the locals whose values may be read after it before they are assigned again."""
    instructions = [i for i in dis.get_instructions(code) if i.opname != "CACHE"]
    following: dict[int, list[int]] = {}
    for i, now in enumerate(instructions):
        ways = []
        if now.opcode in dis.hasjrel or now.opcode in dis.hasjabs:
            ways.append(int(now.argval))
        stops = now.opname in ("RETURN_VALUE", "RETURN_CONST", "RERAISE", "RAISE_VARARGS") or now.opname in (
            "JUMP_FORWARD",
            "JUMP_BACKWARD",
            "JUMP_BACKWARD_NO_INTERRUPT",
        )
        if not stops and i + 1 < len(instructions):
            ways.append(instructions[i + 1].offset)
        following[now.offset] = ways
    before: dict[int, frozenset[str]] = {i.offset: frozenset() for i in instructions}
    after = dict(before)
    changed = True
    while changed:
        changed = False
        for now in reversed(instructions):
            out = frozenset().union(*(before[o] for o in following[now.offset]))
            name = {str(now.argval)} if now.opname.endswith(("_FAST", "_DEREF", "_CLOSURE")) else set[str]()
            reads = now.opname.startswith("LOAD")
            into = out | name if reads else out - name
            if into != before[now.offset] or out != after[now.offset]:
                before[now.offset], after[now.offset], changed = into, out, True
    return after
