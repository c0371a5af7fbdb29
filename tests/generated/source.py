"""Models as source text: well-typed, small, and using every construct of the language.

Everything is made from numbers that are drawn, and the smallest number stands for what is simplest: so smaller numbers
give a shorter model. Hypothesis can draw them (`models`), or a random generator (`random_model`), which gives larger models
than hypothesis likes to. Every model is inside the language: one that lowering refuses is a failure of the lowering, or of
this file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")
Draw = Callable[[int, int], int]  # a number between two, both included

PRELUDE = """\
from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Annotated

from explorer.language import (
    Atom, Model, Part, Range, Rules, Scalarset, always, always_step, any_of, array, before, choose, ghost, local, optional,
    pairs, record, replace, step, subset, var,
)


class Color(Enum):
    RED = 0
    GREEN = 1
    BLUE = 2

    def next(self) -> Color:
        if self is Color.RED:
            return Color.GREEN
        return Color.BLUE if self == Color.GREEN else Color.RED


class Frame(Atom): ...


@record
class Entry:
    color: Color
    count: Annotated[int, Range(0, 2)]
    flag: bool
    limit: Annotated[int, Range(0, 1)] | None = None

    def flipped(self) -> Entry:
        return replace(self, flag=not self.flag)

    def weight(self, more: int = 1) -> int:
        if self.flag:
            return self.count + more
        elif self.color is Color.RED:
            return more
        return self.count

    @property
    def plain(self) -> bool:
        return self.color is Color.RED and not self.flag


WEIGHTS = {Color.RED: 1, Color.GREEN: 2, Color.BLUE: 0}
SOME = {(Color.RED, True): 1, (Color.RED, False): 0, (Color.GREEN, True): 2}
TURNS = MappingProxyType({0: Color.GREEN, 1: Color.BLUE, 2: Color.RED, None: Color.RED})


@dataclass(frozen=True)
class Kernel(Rules):
    fast: bool = False
    mode: Color = Color.RED
    limit: int = 1


class Lock(Part):
    def __init__(self, m: Model, name: str) -> None:
        super().__init__(m, name)
        self.held = var(bool, False)

    async def __aenter__(self) -> int:
        await step(f"take {self.part_name}", when=lambda: not self.held)
        self.held = True
        return 1

    async def __aexit__(self, kind: object, error: object, traceback: object) -> None:
        self.held = False
"""

COLORS = ("Color.RED", "Color.GREEN", "Color.BLUE")
FIELDS = {"color": "color", "count": "int", "flag": "bool", "limit": "?int"}
SORTS = {
    "bool": "bool", "color": "Color", "frame": "frames", "entry": "Entry", "pair": "pairs(Color, bool)",
    "colors": "subset(Color)", "frames": "subset(frames)", "numbers": "subset(Range(0, 2))",
}  # fmt: skip
HINTS = {
    "bool": "bool", "int": "int", "color": "Color", "frame": "Frame", "entry": "Entry", "pair": "tuple[Color, bool]",
    "colors": "frozenset[Color]", "frames": "frozenset[Frame]", "numbers": "frozenset[int]",
}  # fmt: skip


def hint(kind: str) -> str:
    return HINTS[kind[1:]] + " | None" if kind.startswith("?") else HINTS[kind]


@dataclass(frozen=True)
class Variable:
    """A state variable: its kind (with "?" for optional), its range, the kind of its index ("" for none)."""

    name: str
    kind: str
    lo: int = 0
    hi: int = 2
    index: str = ""

    @property
    def size(self) -> int:
        """How many elements an array over integers has."""
        return 2


@dataclass(frozen=True)
class Helper:
    """A routine of the part: parameters, result ("" for none); `pure`: it neither changes the state nor chooses."""

    name: str
    parameters: tuple[tuple[str, str], ...]
    result: str
    pure: bool


@dataclass(frozen=True)
class Scope:
    """What may be named at a place. `part`: how state is reached. `names`: locals that are surely assigned, with kinds."""

    part: str
    names: dict[str, str] = field(default_factory=dict)
    fixed: frozenset[str] = frozenset()  # names that are not assigned: loop variables, parameters
    ranges: dict[str, tuple[int, int]] = field(default_factory=dict)  # of integer locals
    declared: frozenset[str] = frozenset()  # locals declared with local()
    pure: bool = False
    ghosts: bool = False
    before: bool = False  # before(...) may be used
    helpers: int = 0  # how many of the helpers may be called
    routines: int = 0
    handles: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()

    def with_name(self, name: str, kind: str) -> Scope:
        return replace(self, names={**self.names, name: kind}, fixed=self.fixed | {name})

    def quiet(self) -> Scope:
        """The same, where nothing may change the state."""
        return replace(self, pure=True)


@dataclass(frozen=True)
class Place:
    """What a statement may do here, besides what the scope says."""

    steps: bool = False  # await
    loop: bool = False  # break
    again: bool = False  # continue
    result: str | None = None  # kind of what return gives; "" for none; None: no return here
    depth: int = 2


class Maker:
    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.variables: list[Variable] = []
        self.ghosts: list[Variable] = []
        self.helpers: list[Helper] = []
        self.routines: list[Helper] = []
        self.count = 0
        self.kernel = False
        self.lock = False
        self.frames = False

    # ------------------------------------------------------------ drawing

    def pick(self, options: Sequence[T]) -> T:
        return options[self.number(0, len(options) - 1)]

    def way(self, *ways: Callable[[], str]) -> str:
        return self.pick(ways)()

    def number(self, lo: int, hi: int) -> int:
        return self.draw(lo, hi) if lo < hi else lo

    def chance(self, one_in: int = 2) -> bool:
        """True once in so many times, and never after shrinking."""
        return self.number(0, one_in - 1) == one_in - 1

    def fresh(self, letter: str) -> str:
        self.count += 1
        return f"{letter}{self.count}"

    # ------------------------------------------------------------ expressions

    def kinds(self, scope: Scope) -> list[str]:
        """The kinds of which a value can be written here."""
        found = ["bool", "int", "color", "entry", "pair", "colors", "numbers", "?int", "?color", "?entry", "?bool"]
        return found + (["frame", "?frame", "frames"] if self.frames else [])

    def value(self, kind: str, scope: Scope, depth: int) -> str:
        ways: list[Callable[[], str]] = [lambda: self.simple(kind, scope)]
        if depth > 0:
            ways += [lambda: self.simple(kind, scope), lambda: self.composite(kind, scope, depth - 1)]
        return self.pick(ways)()

    def simple(self, kind: str, scope: Scope) -> str:
        return self.pick(self.atoms(kind, scope))()

    def atoms(self, kind: str, scope: Scope) -> list[Callable[[], str]]:
        """Ways to write a value without sub-expressions: constants, locals, state."""
        ways: list[Callable[[], str]] = []
        constants = {
            "bool": ["False", "True"], "int": ["0", "1", "2"], "color": list(COLORS), "entry": ["Entry(Color.RED, 1, False)"],
            "pair": ["(Color.RED, True)"], "colors": ["frozenset()", "frozenset({Color.GREEN})"], "frames": ["frozenset()"],
            "numbers": ["frozenset()", "frozenset({1})"], "frame": [f"{scope.part}f0"],
        }  # fmt: skip
        if kind.startswith("?"):
            ways.append(lambda: "None")
        else:
            ways.append(lambda: self.pick(constants[kind]))
        for name, of in scope.names.items():
            if of == kind or kind == "?" + of:
                ways.append(lambda name=name: name)  # type: ignore[misc]
        for v in [*self.variables, *(self.ghosts if scope.ghosts else [])]:
            if v.kind == kind or kind == "?" + v.kind:
                ways.append(lambda v=v: self.read(v, scope))  # type: ignore[misc]
        if kind == "bool":
            ways += [lambda h=h: f"{h}.finished" for h in scope.handles]  # type: ignore[misc]
        if self.lock and kind == "bool":
            ways.append(lambda: f"{scope.part}lock.held")
        if self.kernel and kind in ("bool", "color", "int"):
            rule = {"bool": "fast", "color": "mode", "int": "limit"}[kind]
            ways.append(lambda: f"{scope.part}kernel.{rule}")
        return ways

    def read(self, v: Variable, scope: Scope) -> str:
        return f"{scope.part}{v.name}" + (f"[{self.index(v, scope, 1)}]" if v.index else "")

    def index(self, v: Variable, scope: Scope, depth: int) -> str:
        if v.index == "int":
            if self.chance(25):
                return self.value("int", scope, depth)  # may be outside
            inside = [n for n, kind in scope.names.items() if kind == "int" and n in scope.fixed and n.startswith("i")]
            ways: list[Callable[[], str]] = [lambda: str(self.number(0, v.size - 1))]
            ways += [lambda n=n: f"{n} % {v.size}" for n in inside]  # type: ignore[misc]
            ways.append(lambda: f"({self.value('int', scope, depth)}) % {v.size}")
            return self.pick(ways)()
        if v.index == "pair":
            return f"{self.value('color', scope, depth)}, {self.value('bool', scope, depth)}"
        return self.value(v.index, scope, depth)

    def composite(self, kind: str, scope: Scope, depth: int) -> str:
        ways: list[Callable[[], str]] = [self.conditional(kind, scope, depth)]
        ways += self.calls(kind, scope, depth)
        if scope.before and not self.chance(3):
            return f"before(lambda: {self.value(kind, replace(scope, before=False), depth)})"
        if kind.startswith("?"):
            ways.append(lambda: self.value(kind[1:], scope, depth))
            if kind == "?int":
                ways.append(lambda: f"{self.operand('entry', scope, depth)}.limit")
            return self.pick(ways)()
        ways += getattr(self, f"more_{kind}")(scope, depth)
        if self.chance(25) and kind in ("int", "bool", "color", "entry"):
            return self.unguarded(kind, scope, depth)
        ways.append(lambda: self.guarded(kind, scope, depth))
        return self.pick(ways)()

    def conditional(self, kind: str, scope: Scope, depth: int) -> Callable[[], str]:
        return lambda: (
            f"({self.value(kind, scope, depth)} if {self.condition(scope, depth)} else {self.value(kind, scope, depth)})"
        )

    def guarded(self, kind: str, scope: Scope, depth: int) -> str:
        """A value from an optional one, with a default."""
        held = self.holder("?" + kind, scope)
        return f"({held} if {held} is not None else {self.value(kind, scope, depth)})"

    def unguarded(self, kind: str, scope: Scope, depth: int) -> str:
        """May be None where it must not be."""
        entry = self.holder("?entry", scope)
        if kind == "int":
            return self.pick([f"({self.holder('?int', scope)} + 1)", f"{entry}.count"])
        if kind == "bool":
            return self.pick([f"{entry}.flag", f"({self.holder('?int', scope)} < 2)"])
        return f"{entry}.color" if kind == "color" else f"{entry}.flipped()"

    def holder(self, kind: str, scope: Scope) -> str:
        """A name of that optional kind (a state variable without index, or a local), if there is one."""
        names = [n for n, of in scope.names.items() if of == kind]
        names += [f"{scope.part}{v.name}" for v in self.variables if v.kind == kind and not v.index]
        if not names:
            return {"?int": "(None if True else 0)", "?entry": "Entry(Color.BLUE, 0, True)"}.get(
                kind, self.simple(kind[1:], scope)
            )
        return self.pick(names)

    def operand(self, kind: str, scope: Scope, depth: int) -> str:
        text = self.value(kind, scope, depth)
        return text if text.replace(".", "a").replace("_", "a").isalnum() or text.endswith((")", "]")) else f"({text})"

    def calls(self, kind: str, scope: Scope, depth: int) -> list[Callable[[], str]]:
        return [
            lambda h=h: self.call(h, scope, depth)  # type: ignore[misc]
            for h in self.helpers[: scope.helpers]
            if h.result == kind and (h.pure or not scope.pure)
        ]

    def call(self, h: Helper, scope: Scope, depth: int) -> str:
        arguments = [(name, self.value(kind, scope, min(depth, 1))) for name, kind in h.parameters]
        named = self.chance(4)
        return f"{scope.part}{h.name}({', '.join(f'{n}={v}' if named else v for n, v in arguments)})"

    # ------------------------------------------------------------ conditions

    def condition(self, scope: Scope, depth: int) -> str:
        """What may stand after if: mostly a bool, sometimes another value whose truth counts."""
        if self.chance(8):
            kind = self.pick(["int", "?int", "?color", "colors", "?entry"])
            ways = [lambda: self.value(kind, scope, depth)]
            if depth > 0:
                ways.append(lambda: f"({self.value(kind, scope, depth)} or {self.value('bool', scope, depth)})")
                ways.append(lambda: f"(not {self.value(kind, scope, depth)})")
            return self.pick(ways)()
        return self.value("bool", scope, depth)

    def more_bool(self, scope: Scope, depth: int) -> list[Callable[[], str]]:
        v, c = self.value, self.condition
        ways = [
            lambda: f"(not {v('bool', scope, depth)})",
            lambda: (
                f"({v('int', scope, depth)} {self.pick(['==', '!=', '<', '<=', '>', '>='])} {v('int', scope, depth)})"
            ),
            lambda: (
                f"({v('color', scope, depth)} {self.pick(['is', 'is not', '==', '!='])} {v('color', scope, depth)})"
            ),
            lambda: f"({v('bool', scope, depth)} and {v('bool', scope, depth)})",
            lambda: f"({v('bool', scope, depth)} or {v('bool', scope, depth)})",
            lambda: (
                f"({v('int', scope, depth)} {self.pick(['<', '<='])} {v('int', scope, depth)} <= {v('int', scope, depth)})"
            ),
            lambda: self.quantified(scope, depth),
            lambda: f"({v('color', scope, depth)} {self.pick(['in', 'not in'])} {v('colors', scope, depth)})",
            lambda: f"({v('color', scope, depth)} in ({', '.join(v('color', scope, 0) for _ in range(2))}))",
            lambda: f"({v('int', scope, depth)} in {v('numbers', scope, depth)})",
            lambda: f"({v('int', scope, depth)} in [{self.generator('int', scope, depth)}])",
            lambda: f"({v('int', scope, depth)} in ({self.generator('int', scope, depth)}))",
            lambda: f"({v('?int', scope, depth)} {self.pick(['is None', 'is not None', '== 1'])})",
            lambda: f"({v('?color', scope, depth)} == {v('?color', scope, depth)})",
            lambda: f"({v('entry', scope, depth)} == {v('entry', scope, depth)})",
            lambda: f"({v('?entry', scope, depth)} {self.pick(['==', '!='])} {v('?entry', scope, depth)})",
            lambda: f"{self.operand('entry', scope, depth)}.{self.pick(['flag', 'plain'])}",
            lambda: f"({v('pair', scope, depth)} == {v('pair', scope, depth)})",
            lambda: f"({v('pair', scope, depth)} in SOME)",
            lambda: f"{self.operand('pair', scope, depth)}[1]",
            lambda: f"({v('colors', scope, depth)} == {v('colors', scope, depth)})",
            lambda: f"bool({v('int', scope, depth)})",
            lambda: self.checked_entry(scope, depth),
            lambda: f"(not {c(scope, depth)})",
        ]
        if self.frames:
            ways.append(lambda: f"({v('frame', scope, depth)} == {v('frame', scope, depth)})")
            ways.append(lambda: f"({v('frame', scope, depth)} in {v('frames', scope, depth)})")
        return ways

    def checked_entry(self, scope: Scope, depth: int) -> str:
        held = self.holder("?entry", scope)
        rest = self.pick([f"{held}.flag", f"{held}.count > {self.value('int', scope, depth)}", f"{held}.plain"])
        return self.pick([f"({held} is not None and {rest})", f"({held} is None or {rest})"])

    def quantified(self, scope: Scope, depth: int) -> str:
        loops, inner = self.loops(scope, depth)
        function = self.pick(["any", "all"])
        element = self.condition(inner, depth)
        return f"{function}([{element} {loops}])" if self.chance(8) else f"{function}({element} {loops})"

    def loops(self, scope: Scope, depth: int) -> tuple[str, Scope]:
        """``for x in ... if ...`` of a comprehension, and the scope of its element."""
        inner = scope.quiet()
        text = ""
        for _ in range(1 + self.chance(5)):
            ways: list[tuple[str, str]] = [("int", "range(2)"), ("color", "Color"), ("int", "range(1, 3)")]
            ways += [("color", "(Color.RED, Color.BLUE)")]
            if self.frames:
                ways.append(("frame", f"{scope.part}frames"))
            kind, over = self.pick(ways)
            if self.chance(6):  # nested: what an element is may depend on the state
                kind = self.pick(["int", "color", "?int", "?color"])
                over = f"({self.generator(kind, inner, min(depth, 1))})"
                over = f"[{over[1:-1]}]" if self.chance(8) else over
            static = over[0] not in "([" or " for " not in over
            name = self.fresh({"int": "i" if static else "j", "color": "c", "frame": "f"}[kind.removeprefix("?")])
            inner = inner.with_name(name, kind)
            text += f"{' ' if text else ''}for {name} in {over}"
            if self.chance(3):
                text += f" if {self.condition(inner, min(depth, 1))}"
        return text, inner

    def generator(self, kind: str, scope: Scope, depth: int) -> str:
        loops, inner = self.loops(scope, depth)
        return f"{self.value(kind, inner, depth)} {loops}"

    # ------------------------------------------------------------ the other kinds

    def more_int(self, scope: Scope, depth: int) -> list[Callable[[], str]]:
        v = self.value

        def total() -> str:
            if self.chance(4):  # the elements that are there
                name = self.fresh("j")
                given = self.generator("?int", scope, min(depth, 1))
                more = self.pick(["sum({})", "max({}, default=0)", "min({}, default=2)"])
                text = f"{name} for {name} in ({given}) if {name} is not None"
                return more.format(f"({text})" if "default" in more else text)
            loops, inner = self.loops(scope, depth)
            return f"sum({self.pick(['1', v('int', inner, depth)])} {loops})"

        def count() -> str:
            return f"len([{self.generator('int', scope, depth)}])"

        def extreme() -> str:
            which = self.pick(["min", "max"])
            if self.chance(8):
                return f"{which}({self.generator('int', scope, depth)})"  # may be of nothing
            return f"{which}(({self.generator('int', scope, depth)}), default={v('int', scope, 0)})"

        def divided() -> str:
            by = v("int", scope, depth) if self.chance(4) else self.pick(["2", "3", "-2"])
            return f"({v('int', scope, depth)} {self.pick(['//', '%'])} {by})"

        def looked_up() -> str:
            if self.chance(4):
                return f"SOME[{v('pair', scope, depth)}]"  # may be outside
            return self.pick(
                [f"WEIGHTS[{v('color', scope, depth)}]", f"(2, 0, 1)[{self.clipped(scope, depth, -3, 2)}]"]
            )

        return [
            lambda: f"({v('int', scope, depth)} {self.pick(['+', '-', '*'])} {v('int', scope, depth)})",
            lambda: f"{self.pick(['min', 'max'])}({v('int', scope, depth)}, {v('int', scope, depth)})",
            lambda: f"{self.operand('entry', scope, depth)}.count",
            lambda: f"{self.operand('entry', scope, depth)}.weight({self.pick(['', v('int', scope, 0)])})",
            lambda: f"len({v(self.pick(['colors', 'numbers']), scope, depth)})",
            lambda: f"int({v('bool', scope, depth)})",
            lambda: f"(-{v('int', scope, depth)})",
            lambda: f"abs({v('int', scope, depth)})",
            lambda: f"({v('int', scope, depth)} {self.pick(['or', 'and'])} {v('int', scope, depth)})",
            lambda: f"({self.holder('?int', scope)} or {v('int', scope, depth)})",
            divided, total, count, extreme, looked_up,
        ]  # fmt: skip

    def more_color(self, scope: Scope, depth: int) -> list[Callable[[], str]]:
        return [
            lambda: f"{self.operand('entry', scope, depth)}.color",
            lambda: f"{self.operand('pair', scope, depth)}[0]",
            lambda: f"{self.operand('color', scope, depth)}.next()",
            lambda: f"TURNS[{self.clipped(scope, depth, 0, 2)}]",
            lambda: f"TURNS[{self.value('?int' if self.chance(4) else 'int', scope, 0)}]",  # may be outside
        ]

    def more_frame(self, scope: Scope, depth: int) -> list[Callable[[], str]]:
        return []

    def more_entry(self, scope: Scope, depth: int) -> list[Callable[[], str]]:
        def changed() -> str:
            name = self.pick(list(FIELDS))
            return f"replace({self.value('entry', scope, depth)}, {name}={self.field(name, scope, depth)})"

        def made() -> str:
            texts = [self.field(n, scope, depth) for n in FIELDS]
            return f"Entry({', '.join(texts)})" if self.chance(2) else f"Entry({', '.join(texts[:3])})"

        return [made, changed, lambda: f"{self.operand('entry', scope, depth)}.flipped()"]

    def field(self, name: str, scope: Scope, depth: int) -> str:
        if name == "count":
            return self.clipped(scope, depth, 0, 2)
        if name == "limit":
            return self.way(lambda: "None", lambda: self.clipped(scope, depth, 0, 1), lambda: self.entry_limit(scope))
        return self.value(FIELDS[name], scope, depth)

    def entry_limit(self, scope: Scope) -> str:
        return f"{self.operand('entry', scope, 0)}.limit"

    def more_pair(self, scope: Scope, depth: int) -> list[Callable[[], str]]:
        return [lambda: f"({self.value('color', scope, depth)}, {self.value('bool', scope, depth)})"]

    def more_colors(self, scope: Scope, depth: int) -> list[Callable[[], str]]:
        return self.sets("colors", "color", "Color", scope, depth)

    def more_frames(self, scope: Scope, depth: int) -> list[Callable[[], str]]:
        return self.sets("frames", "frame", f"{scope.part}frames", scope, depth)

    def more_numbers(self, scope: Scope, depth: int) -> list[Callable[[], str]]:
        return self.sets("numbers", "int", "range(3)", scope, depth)

    def sets(self, kind: str, of: str, over: str, scope: Scope, depth: int) -> list[Callable[[], str]]:
        def filtered() -> str:
            name = self.fresh("e")
            inner = scope.quiet().with_name(name, of)
            return f"frozenset({name} for {name} in {over} if {self.condition(inner, depth)})"

        def member() -> str:
            if kind == "numbers":
                return self.pick(["0", "1", "2", "3" if self.chance(6) else "2"])
            return self.value(of, scope, depth)

        return [
            lambda: f"({self.value(kind, scope, depth)} | {self.value(kind, scope, depth)})",
            lambda: f"({self.value(kind, scope, depth)} {self.pick(['&', '-'])} {self.value(kind, scope, depth)})",
            lambda: f"frozenset({{{member()}}})",
            lambda: f"({self.value(kind, scope, depth)} {self.pick(['|', '-'])} {{{member()}}})",
            filtered,
        ]

    def clipped(self, scope: Scope, depth: int, lo: int, hi: int) -> str:
        """An integer for a variable of that range: nearly always inside it."""
        if self.chance(20):
            return self.value("int", scope, depth)  # may be outside
        ways: list[Callable[[], str]] = [
            lambda: str(self.number(max(lo, 0), hi)),
            lambda: f"min(max({self.value('int', scope, depth)}, {lo}), {hi})",
            lambda: f"({self.value('int', scope, depth)}) % {hi + 1}",
        ]
        for name, (a, b) in scope.ranges.items():
            if lo <= a and b <= hi and scope.names.get(name) == "int":
                ways.append(lambda name=name: name)  # type: ignore[misc]
        return self.pick(ways)()

    def stored(self, kind: str, scope: Scope, depth: int, lo: int = 0, hi: int = 2) -> str:
        """A value for a variable of that kind and range."""
        if kind == "int":
            return self.clipped(scope, depth, lo, hi)
        if kind == "?int":
            held = [f"{scope.part}{v.name}" for v in self.variables if v.kind == kind and not v.index and v.hi <= hi]
            held += [n for n, k in scope.names.items() if k == kind and scope.ranges.get(n) == (lo, hi)]
            ways: list[Callable[[], str]] = [lambda: "None", lambda: self.clipped(scope, depth, lo, hi)]
            if held:
                ways.append(lambda: self.pick(held))
            if depth > 0:
                ways.append(
                    lambda: (
                        f"({self.clipped(scope, depth - 1, lo, hi)} if {self.condition(scope, depth - 1)} else None)"
                    )
                )
            return self.pick(ways)()
        return self.value(kind, scope, depth)

    # ------------------------------------------------------------ statements

    def block(self, scope: Scope, place: Place, most: int, least: int = 1) -> tuple[list[str], Scope, bool]:
        """Statements, at least one; the scope after them; whether the end is reached."""
        lines: list[str] = []
        for _ in range(self.number(least, most)):
            more, scope, goes_on = self.statement(scope, place)
            lines += more
            if not goes_on:
                return lines, scope, False
        return lines, scope, True

    def statement(self, scope: Scope, place: Place) -> tuple[list[str], Scope, bool]:
        simple: list[Callable[[Scope, Place], tuple[list[str], Scope, bool]]] = [self.store, self.store]
        if place.steps:
            simple += [self.step, self.step, self.step]
        simple += [self.local, self.local, self.chosen, self.augmented, self.several, self.asserted]
        if self.helpers[: scope.helpers]:
            simple.append(self.called)
        if place.steps and self.routines[: scope.routines]:
            simple += [self.awaited, self.awaited]
        if place.loop:
            simple += [self.leave, self.leave]
        if place.result is not None:
            simple.append(self.returned)
        if place.depth > 0:
            simple += [self.branch, self.branch, self.matched, self.counted]
            if place.steps:
                simple += [self.looped]
                if self.lock:
                    simple += [self.locked, self.locked]
            else:
                simple.append(self.looped_once)
        return self.pick(simple)(scope, place)

    def target(self, scope: Scope) -> tuple[str, str, int, int]:
        """Something to assign to: text, kind, range."""
        v = self.pick([*self.variables, *self.ghosts])
        return self.read(v, scope), v.kind, v.lo, v.hi

    def store(self, scope: Scope, place: Place) -> tuple[list[str], Scope, bool]:
        if self.ghosts and self.chance(6):
            v = self.ghosts[0]
            value = f"({self.value('int', replace(scope, ghosts=True), 1)}) % 3"
            return [f"{scope.part}{v.name} = {value}"], scope, True
        v = self.pick(self.variables)
        return [f"{self.read(v, scope)} = {self.stored(v.kind, scope, 2, v.lo, v.hi)}"], scope, True

    def augmented(self, scope: Scope, place: Place) -> tuple[list[str], Scope, bool]:
        inside = [v for v in self.variables if v.kind == "int" and not v.index and v.lo == 0]
        if inside and self.chance(2):  # out of its range and back within the step
            v = self.pick(inside)
            name = f"{scope.part}{v.name}"
            return [f"{name} {self.pick(['+=', '-='])} {self.bit(scope)}", f"{name} %= {v.hi + 1}"], scope, True
        ways: list[Callable[[], str]] = []
        for v in self.variables:
            if v.kind == "int":
                ways.append(lambda v=v: f"{self.read(v, scope)} {self.pick(['+=', '-=', '*='])} {self.bit(scope)}")  # type: ignore[misc]
                ways.append(lambda v=v: f"{self.read(v, scope)} {self.pick(['%=', '//='])} 2")  # type: ignore[misc]
            if v.kind == "colors":
                ways.append(
                    lambda v=v: (
                        f"{self.read(v, scope)} {self.pick(['|=', '-='])} frozenset({{{self.value('color', scope, 1)}}})"
                    )  # type: ignore[misc]
                )
        for name, kind in scope.names.items():
            if kind == "int" and name in scope.declared and name not in scope.fixed:
                ways.append(lambda name=name: f"{name} {self.pick(['+=', '-='])} {self.bit(scope)}")  # type: ignore[misc]
        counters = [n for n in scope.ranges if scope.names.get(n) == "int" and n not in scope.fixed | scope.declared]
        if counters and self.chance(3):  # it must not grow for ever
            name = self.pick(counters)
            return [f"{name} += {self.bit(scope)}", f"{name} %= {self.number(2, 3)}"], scope, True
        return ([self.pick(ways)()] if ways else ["pass"]), scope, True

    def bit(self, scope: Scope) -> str:
        return self.way(
            lambda: "1", lambda: f"int({self.value('bool', scope, 1)})", lambda: self.value("int", scope, 1)
        )

    def several(self, scope: Scope, place: Place) -> tuple[list[str], Scope, bool]:
        """Chained and tuple assignment."""
        first, second = self.pick(self.variables), self.pick(self.variables)
        if self.chance(2) and first.kind == second.kind:
            value = self.stored(first.kind, scope, 1, max(first.lo, second.lo), min(first.hi, second.hi))
            return [f"{self.read(first, scope)} = {self.read(second, scope)} = {value}"], scope, True
        left = f"{self.read(first, scope)}, {self.read(second, scope)}"
        values = [self.stored(v.kind, scope, 1, v.lo, v.hi) for v in (first, second)]
        return [f"{left} = {', '.join(values)}"], scope, True

    def local(self, scope: Scope, place: Place) -> tuple[list[str], Scope, bool]:
        assignable = [n for n in scope.names if n not in scope.fixed]
        if assignable and self.chance(2):
            name = self.pick(assignable)
            kind = scope.names[name]
            lo, hi = scope.ranges.get(name, (0, 2))
            return [f"{name} = {self.stored(kind, scope, 2, lo, hi)}"], scope, True
        kind = self.pick(["int", "bool", *self.kinds(scope)])
        name = self.fresh("x")
        after = replace(scope, names={**scope.names, name: kind})
        if kind == "int" and self.chance(2):
            lo, hi = 0, self.number(2, 3)
            after = replace(after, ranges={**scope.ranges, name: (lo, hi)}, declared=scope.declared | {name})
            return [f"{name} = local(Range({lo}, {hi}), {self.number(lo, hi)})"], after, True
        if kind in ("int", "?int"):
            after = replace(after, ranges={**scope.ranges, name: (0, 2)})
        if kind == "pair" and self.chance(3):
            one, two = self.fresh("x"), self.fresh("x")
            after = replace(scope, names={**scope.names, one: "color", two: "bool"})
            return [f"{one}, {two} = {self.value('pair', scope, 2)}"], after, True
        annotation = f": {hint(kind)}" if self.chance(4) else ""
        return [f"{name}{annotation} = {self.stored_local(kind, scope)}"], after, True

    def stored_local(self, kind: str, scope: Scope) -> str:
        """What an undeclared local may get: its range must be known, so integers are clipped."""
        if kind == "int":
            hi = 2
            return self.way(
                lambda: str(self.number(0, hi)),
                lambda: f"({self.value('int', scope, 2)}) % {hi + 1}",
                lambda: f"min(max({self.value('int', scope, 2)}, 0), {hi})",
            )
        return self.stored(kind, scope, 2)

    def chosen(self, scope: Scope, place: Place) -> tuple[list[str], Scope, bool]:
        if scope.pure:
            return self.store(scope, place)
        kind, source = self.choice(scope)
        fitting = [v for v in self.variables if v.kind == kind and v.hi >= 1]
        if fitting and self.chance(2):
            v = self.pick(fitting)
            return [f"{self.read(v, scope)} = choose({source})"], scope, True
        name = self.fresh("x")
        after = replace(scope, names={**scope.names, name: kind})
        if kind == "int":
            after = replace(after, ranges={**scope.ranges, name: (0, 2)})
        return [f"{name} = choose({source})"], after, True

    def choice(self, scope: Scope) -> tuple[str, str]:
        """The kind and the source of what is chosen from. There may be nothing."""
        over = [
            ("int", "range(2)"),
            ("color", "Color"),
            ("bool", "(False, True)"),
            ("color", "(Color.BLUE, Color.RED)"),
        ]
        if self.frames:
            over.append(("frame", f"{scope.part}frames"))
        sets = {"colors": "color", "numbers": "int"} | ({"frames": "frame"} if self.frames else {})
        kind, values = self.pick(over)
        name = self.fresh({"int": "i", "color": "c", "frame": "f", "bool": "b"}[kind])
        inner = scope.quiet().with_name(name, kind)
        ways: list[Callable[[], tuple[str, str]]] = [
            lambda: (kind, f"{name} for {name} in {values} if {self.condition(inner, 2)}"),
            lambda: (kind, f"{name} for {name} in {values}"),
            lambda: (kind, values),
            lambda: (kind, f"[{name} for {name} in {values} if {self.condition(inner, 1)}]"),
            lambda: self.pair_choice(scope),
        ]
        ways += [lambda s=s, k=k: (k, self.value(s, scope.quiet(), 1)) for s, k in sets.items()]  # type: ignore[misc]
        return self.pick(ways)()

    def pair_choice(self, scope: Scope) -> tuple[str, str]:
        a, b = self.fresh("c"), self.fresh("b")
        inner = scope.quiet().with_name(a, "color").with_name(b, "bool")
        return "pair", f"({a}, {b}) for {a} in Color for {b} in (True, False) if {self.condition(inner, 1)}"

    def asserted(self, scope: Scope, place: Place) -> tuple[list[str], Scope, bool]:
        message = ', "what must hold"' if self.chance(2) else ""
        kind = self.pick(["", "?entry", "?int"])
        named = [n for n, of in scope.names.items() if of == kind]
        if named:
            name = self.pick(named)
            after = replace(scope, names={**scope.names, name: kind[1:]}) if name in scope.fixed else scope
            return [f"assert {name} is not None{message}"], after, True
        claim = " or ".join(self.value("bool", scope, depth) for depth in (2, 1, 1))
        return [f"assert {claim}{message}"], scope, True

    def called(self, scope: Scope, place: Place) -> tuple[list[str], Scope, bool]:
        h = self.pick([h for h in self.helpers[: scope.helpers] if h.pure or not scope.pure] or [None])
        if h is None:
            return ["pass"], scope, True
        call = self.call(h, scope, 2)
        if not h.result or self.chance(3):
            return [call], scope, True
        return self.assigned(call, h.result, scope)

    def assigned(self, text: str, kind: str, scope: Scope) -> tuple[list[str], Scope, bool]:
        """The text of a value into a new local or a state variable."""
        fitting = [v for v in self.variables if v.kind == kind and kind not in ("int", "?int")]
        if fitting and self.chance(3):
            return [f"{self.read(self.pick(fitting), scope)} = {text}"], scope, True
        known = [n for n, of in scope.names.items() if of == kind and n not in scope.fixed and n not in scope.ranges]
        if known and self.chance(3):
            return [f"{self.pick(known)} = {text}"], scope, True
        name = self.fresh("x")
        if kind == "int":
            text = f"({text}) % 3" if not text.startswith("await") else text
        return [f"{name} = {text}"], replace(scope, names={**scope.names, name: kind}, fixed=scope.fixed | {name}), True

    def awaited(self, scope: Scope, place: Place) -> tuple[list[str], Scope, bool]:
        h = self.pick(self.routines[: scope.routines])
        call = self.call(h, scope, 1)
        if not h.result or self.chance(3):
            return [f"await {call}"], scope, True
        return self.assigned(f"await {call}", h.result, scope)

    def step(self, scope: Scope, place: Place) -> tuple[list[str], Scope, bool]:
        return [self.step_text(scope)], scope, True

    def step_text(self, scope: Scope) -> str:
        label = self.fresh("s")
        static = [n for n in scope.fixed if n.startswith("n") and scope.names.get(n) == "int"]
        text = f'await step(f"{label} {{{static[0]}}}"' if static and self.chance(4) else f'await step("{label}"'
        if self.chance(5):
            text += f", when=lambda: {self.condition(replace(scope, pure=True), 2)}"
        if self.chance(8):
            text += ", may_wait=True"
        return text + ")"

    def leave(self, scope: Scope, place: Place) -> tuple[list[str], Scope, bool]:
        return ["continue" if place.again and self.chance(2) else "break"], scope, False

    def returned(self, scope: Scope, place: Place) -> tuple[list[str], Scope, bool]:
        return [self.return_text(scope, place)], scope, False

    def return_text(self, scope: Scope, place: Place) -> str:
        assert place.result is not None
        if not place.result:
            return "return"
        if not scope.pure and self.chance(6):
            kind, source = self.choice(scope)
            if kind == place.result:
                return f"return choose({source})"
        if place.result == "int":
            return f"return ({self.value('int', scope, 2)}) % 3"
        return f"return {self.stored(place.result, scope, 2)}"

    def inner(self, place: Place) -> Place:
        return replace(place, depth=place.depth - 1)

    def branch(self, scope: Scope, place: Place) -> tuple[list[str], Scope, bool]:
        lines = []
        ends: list[Scope] = []
        word = "if"
        for _ in range(1 + self.chance(3)):
            body, after, goes_on = self.block(scope, self.inner(place), 2)
            lines += [f"{word} {self.condition(scope, 2)}:", *indent(body)]
            ends += [after] if goes_on else []
            word = "elif"
        if self.chance(2):
            body, after, goes_on = self.block(scope, self.inner(place), 2)
            lines += ["else:", *indent(body)]
            ends += [after] if goes_on else []
        else:
            ends.append(scope)
        return lines, meet(scope, ends), bool(ends)

    def matched(self, scope: Scope, place: Place) -> tuple[list[str], Scope, bool]:
        kind = self.pick(["color", "int", "?color", "?int", "bool"])
        patterns = {
            "color": [*COLORS, "Color.RED | Color.GREEN"], "int": ["0", "1", "0 | 2", "-1"], "bool": ["True", "False"],
            "?color": ["None", "Color.RED", "None | Color.BLUE"], "?int": ["None", "1", "0 | None"],
        }[kind]  # fmt: skip
        lines = [f"match {self.value(kind, scope, 2)}:"]
        ends = [scope]
        cases = [self.pick(patterns) for _ in range(self.number(1, 2))]
        if self.chance(2):
            cases.append("_")
            ends = []
        for case in cases:
            guard = f" if {self.condition(scope, 1)}" if case != "_" and self.chance(5) else ""
            body, after, goes_on = self.block(scope, self.inner(place), 2)
            lines += indent([f"case {case}{guard}:", *indent(body)])
            ends += [after] if goes_on else []
        return lines, meet(scope, ends), bool(ends)

    def counted(self, scope: Scope, place: Place) -> tuple[list[str], Scope, bool]:
        """A for over a static iterable, or a while that counts a static local."""
        if self.chance(8):
            name = self.fresh("n")
            inner = scope.with_name(name, "int")
            body, _, goes_on = self.block(inner, replace(self.inner(place), loop=False, again=False), 2)
            lines = [f"{name} = 0", f"while {name} < 2:", *indent(body)]
            return [*lines, *indent([f"{name} += 1"] if goes_on else [])], scope.with_name(name, "int"), True
        over, kind = self.pick(
            [
                ("range(2)", "int"),
                ("Color", "color"),
                ("(2, 0)", "int"),
                ("range(1, 3)", "int"),
                ("enumerate(Color)", "both"),
            ]
        )
        if kind == "both":
            a, b = self.fresh("n"), self.fresh("k")
            inner, name = scope.with_name(a, "int").with_name(b, "color"), f"{a}, {b}"
        else:
            name = self.fresh("n" if kind == "int" else "k")
            inner = scope.with_name(name, kind)
        body, _, _ = self.block(inner, replace(self.inner(place), loop=True, again=True), 3)
        return [f"for {name} in {over}:", *indent(body)], scope, True

    def looped(self, scope: Scope, place: Place) -> tuple[list[str], Scope, bool]:
        """A while with an await on the way round."""
        inside = replace(self.inner(place), loop=True, again=False)
        lines: list[str] = []
        within = scope
        if self.chance(3):
            before, within, goes_on = self.block(scope, replace(inside, depth=0), 1)
            lines += before
            if not goes_on:
                return [f"while {self.condition(scope, 2)}:", *indent(lines)], scope, True
        lines.append(self.step_text(within))
        body, _, _ = self.block(within, replace(inside, again=True), 3)
        test = "True" if self.chance(4) else self.condition(scope, 2)
        ends = test != "True" or "break" in " ".join(body)
        return [f"while {test}:", *indent(lines + body)], scope, ends

    def looped_once(self, scope: Scope, place: Place) -> tuple[list[str], Scope, bool]:
        """A while without await that is left after one round."""
        body, _, goes_on = self.block(scope, replace(self.inner(place), loop=True, again=False), 2)
        return [f"while {self.condition(scope, 2)}:", *indent(body + (["break"] if goes_on else []))], scope, True

    def locked(self, scope: Scope, place: Place) -> tuple[list[str], Scope, bool]:
        body, after, goes_on = self.block(scope, self.inner(place), 2)
        bind = ""
        if self.chance(6):
            name = self.fresh("x")
            bind, after = f" as {name}", replace(after, names={**after.names, name: "int"}, fixed=after.fixed | {name})
        return [f"async with {scope.part}lock{bind}:", *indent(body)], after, goes_on

    # ------------------------------------------------------------ routines

    def function(self, scope: Scope, place: Place, most: int) -> list[str]:
        lines, after, goes_on = self.block(scope, place, most)
        if goes_on and place.result:
            lines.append(self.return_text(after, place))
        return lines

    def routine(self, is_async: bool) -> list[str]:
        made = self.routines if is_async else self.helpers
        pure = not is_async and self.chance(2)
        kinds = self.kinds(Scope("self."))
        parameters = tuple((f"a{i}", self.pick(["int", "color", *kinds])) for i in range(self.number(0, 2)))
        result = self.pick(["bool", "int", *kinds]) if pure else self.pick(["", "bool", "int", *kinds])
        name = f"{'routine' if is_async else 'pure' if pure else 'helper'}{len(made)}"
        names = dict(parameters)
        scope = Scope(
            "self.", names, frozenset(names), pure=pure, helpers=len(self.helpers), routines=len(self.routines)
        )
        place = Place(steps=is_async, result=result, depth=2)
        if pure:
            body = self.pure_body(scope, result)
        else:
            body = self.function(scope, place, 3)
        made.append(Helper(name, parameters, result, pure))
        arguments = ", ".join(["self", *(f"{n}: {hint(k)}" for n, k in parameters)])
        head = f"{'async ' if is_async else ''}def {name}({arguments}) -> {hint(result) if result else 'None'}:"
        return [head, *indent(body)]

    def pure_body(self, scope: Scope, result: str) -> list[str]:
        """Branches, locals and returns, nothing that changes the state."""
        lines: list[str] = []
        place = Place(result=result)
        if self.chance(3):
            more, scope, _ = self.local(scope, place)
            lines += more
        if self.chance(4):
            name = self.fresh("n")
            inner = scope.with_name(name, "int")
            lines += [f"for {name} in range(2):", f"    if {self.condition(inner, 2)}:"]
            lines += [f"        {self.return_text(inner, place)}"]
        if self.chance(2):
            lines += [f"if {self.condition(scope, 2)}:", f"    {self.return_text(scope, place)}"]
        if self.chance(6):
            lines.append(f"assert {self.value('bool', scope, 0)} or {self.value('bool', scope, 2)}")
        return [*lines, self.return_text(scope, place)]

    # ------------------------------------------------------------ the model

    def declare(self, name: str) -> Variable:
        kinds = ["int", "bool", "color", *self.kinds(Scope("self."))]
        kind = self.pick(kinds)
        lo, hi = 0, 2
        if kind in ("int", "?int"):
            lo, hi = self.pick([(0, 2), (0, 1), (0, 3), (-1, 1)])
        index = ""
        if kind in ("bool", "int", "color", "?color", "?int", "entry") and self.chance(4):
            index = self.pick(["int", "color", "bool", "pair", *(["frame", "frame"] if self.frames else [])])
        return Variable(name, kind, lo, hi, index)

    def declaration(self, v: Variable) -> str:
        kind = v.kind.removeprefix("?")
        sort = f"Range({v.lo}, {v.hi})" if kind == "int" else SORTS[kind]
        sort = f"optional({sort})" if v.kind.startswith("?") else sort
        init = {
            "int": "1", "bool": "False", "color": "Color.GREEN", "frame": "frames.first", "entry": "Entry(Color.BLUE, 2, True)",
            "pair": "(Color.BLUE, False)", "colors": "frozenset({Color.RED})", "frames": "frozenset()",
            "numbers": "frozenset({0, 2})",
        }[kind]  # fmt: skip
        if v.kind.startswith("?") and self.chance(2):
            init = "None"
        if not v.index:
            return f"self.{v.name} = var({sort}, {init})"
        over = {
            "int": f"Range(0, {v.size - 1})", "color": "Color", "bool": "bool", "pair": "pairs(Color, bool)", "frame": "frames",
        }[v.index]  # fmt: skip
        return f"self.{v.name} = array({over}, {sort}, lambda i: {init})"

    def model(self) -> str:
        self.frames = self.chance(2)
        self.kernel = self.chance(4)
        self.lock = self.chance(2)
        if self.frames:
            self.variables.append(Variable("f0", "frame"))
        for i in range(self.number(1, 4)):
            self.variables.append(self.declare(f"v{i}"))
        if self.chance(4):
            self.ghosts.append(Variable("g0", "int"))
        body: list[str] = []
        for _ in range(self.number(0, 2)):
            body += ["", *self.routine(is_async=False)]
        for _ in range(self.number(0, 2)):
            body += ["", *self.routine(is_async=True)]
        part = ["class P(Part):", "    def __init__(self, m: Model, name: str, frames, kernel, lock) -> None:"]
        part += indent(
            indent(["super().__init__(m, name)", "self.frames, self.kernel, self.lock = frames, kernel, lock"])
        )
        part += indent(indent([self.declaration(v) for v in self.variables]))
        part += indent(indent(["self.g0 = ghost(var(Range(0, 2), 0))"] if self.ghosts else []))
        part += indent(body)
        claims, use = self.claims()
        return "\n".join([PRELUDE, "", *part, *claims, "", "", *self.build(use)]) + "\n"

    def build(self, use: list[str]) -> list[str]:
        parts = ("p.", "q.") if self.chance(6) else ("p.",)
        lines = ["m = Model()", f"frames = Scalarset(Frame, {self.number(1, 2) if self.frames else 1})"]
        kernel = "Kernel()"
        if self.kernel:
            fields = ["fast=any_of(False, True)", "mode=any_of(Color.BLUE, Color.RED)", "limit=any_of(0, 2)"]
            kernel = f"Kernel({', '.join(f for f in fields if self.chance(2))})"
        lines += [f"kernel = {kernel}", 'lock = Lock(m, "lock")' if self.lock else "lock = None"]
        lines += [f'{p[0]} = P(m, "{p[0]}", frames, kernel, lock)' for p in parts]
        handles: list[str] = []
        for i in range(self.pick([1, 2, 2, 2, 3])):
            lines += ["", *self.thread(f"t{i}", self.pick(parts), tuple(handles))]
            handles.append(f"t{i}")
        for i in range(self.chance(3)):
            lines += ["", *self.rule(f"r{i}", self.pick(parts), tuple(handles))]
        scope = Scope(self.pick(parts), pure=True, ghosts=True, helpers=len(self.helpers), handles=tuple(handles))
        lines += ["", *use]
        if self.chance(3):
            lines.append(f'm.reachable("reach", lambda: {self.value("bool", scope, 2)})')
        return ["def model() -> Model:", *indent([*lines, "return m"])]

    def thread(self, name: str, part: str, handles: tuple[str, ...]) -> list[str]:
        over, parameter = "", ""
        scope = Scope(part, helpers=len(self.helpers), routines=len(self.routines), handles=handles)
        if self.chance(5):
            over, parameter = ", n=range(2)", "n: int"
            scope = scope.with_name("n", "int")
        lines: list[str] = []
        if self.chance(6):
            lines.append(f"y = local(Range(0, 2), {self.number(0, 2)})")
            scope = replace(scope, names={**scope.names, "y": "int"}, ranges={"y": (0, 2)}, declared=frozenset({"y"}))
        lines.append(self.step_text(scope))
        body, _, _ = self.block(scope, Place(steps=True, result="", depth=3), 7, 3)
        return [f'@m.thread("{name}"{over})', f"async def {name}({parameter}) -> None:", *indent(lines + body)]

    def rule(self, name: str, part: str, handles: tuple[str, ...]) -> list[str]:
        over, parameter, arguments = "", "", ""
        scope = Scope(part, helpers=len(self.helpers), handles=handles)
        if self.chance(3):
            over, parameter, arguments = ", c=Color", "c: Color", " c"
            scope = scope.with_name("c", "color")
        when = f", when=lambda{arguments}: {self.condition(scope.quiet(), 2)}" if self.chance(2) else ""
        body = self.function(scope, Place(result="", depth=1), 2)
        return [f'@m.action("{name}", actor="dev"{when}{over})', f"def {name}({parameter}) -> None:", *indent(body)]

    def claims(self) -> tuple[list[str], list[str]]:
        """Properties, and the lines that require them."""
        lines: list[str] = []
        use: list[str] = []
        for i in range(self.number(0, 2)):
            kind = self.pick(["always", "always_step"])
            scope = Scope("p.", pure=True, ghosts=True, before=kind == "always_step", helpers=len(self.helpers))
            body = [f"return {self.value('bool', scope, 3)}"]
            if self.chance(3):
                body = [f"if {self.condition(scope, 2)}:", f"    return {self.value('bool', scope, 2)}", *body]
            lines += ["", "", f"@{kind}", f"def claim{i}(p: P) -> bool:", '    """A claim."""', *indent(body)]
            use.append(f"m.require(claim{i}(p))")
        return lines, use


def meet(scope: Scope, ends: list[Scope]) -> Scope:
    """The scope where several ways come together: names that each has assigned."""
    if not ends:
        return scope
    names = {n: k for n, k in ends[0].names.items() if all(e.names.get(n) == k for e in ends)}
    ranges = {n: r for n, r in ends[0].ranges.items() if n in names}
    fixed = frozenset(n for n in names if any(n in e.fixed for e in ends))
    return replace(scope, names=names, ranges=ranges, fixed=fixed)


def indent(lines: list[str]) -> list[str]:
    return [f"    {line}" if line else line for line in lines]


@st.composite
def models(draw: Any) -> str:
    """The source text of a module with a function `model`."""
    return Maker(lambda lo, hi: draw(st.integers(lo, hi))).model()


def random_model(seed: int) -> str:
    """The same, from a random generator: one text for each seed."""
    return Maker(Random(seed).randint).model()


class Replayed:
    """Draws given numbers one after the other, the smallest possible where there is none that fits."""

    def __init__(self, numbers: Sequence[int]) -> None:
        self.numbers = numbers
        self.drawn: list[int] = []

    def __call__(self, lo: int, hi: int) -> int:
        at = len(self.drawn)
        number = lo + self.numbers[at] if at < len(self.numbers) else lo
        self.drawn.append(min(number, hi) - lo)
        return lo + self.drawn[-1]


def drawn(seed: int) -> list[int]:
    """The numbers of `random_model(seed)`, each less its smallest possible: what `shrunk` starts from."""
    random, numbers = Random(seed), list[int]()

    def draw(lo: int, hi: int) -> int:
        numbers.append(random.randint(lo, hi) - lo)
        return lo + numbers[-1]

    Maker(draw).model()
    return numbers


def shrunk(numbers: list[int], fails: Callable[[str], bool], tries: int = 3000) -> str:
    """A shorter source text that still fails: numbers left out, numbers made smaller, as long as something helps."""

    def attempt(candidate: list[int]) -> list[int] | None:
        nonlocal tries
        tries -= 1
        replayed = Replayed(candidate)
        try:
            source = Maker(replayed).model()
        except RecursionError:
            return None
        key = (len(replayed.drawn), sum(replayed.drawn))
        return replayed.drawn if key < (len(numbers), sum(numbers)) and fails(source) else None

    size = len(numbers)
    while size and tries > 0:
        at, better = 0, False
        while at < len(numbers) and tries > 0:
            block = numbers[at : at + size]
            ways = [[], [0] * len(block), [n // 2 for n in block], [max(n - 1, 0) for n in block]]
            for way in ways:
                found = attempt([*numbers[:at], *way, *numbers[at + size :]])
                if found is not None:
                    numbers, better = found, True
                    break
            else:
                at += size
        if not better or size > 1:
            size = size // 2 if size > 1 or not better else 1
    return Maker(Replayed(numbers)).model()
