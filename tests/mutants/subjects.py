"""Small models, each about one construct that a faulty lowering may lose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from types import MappingProxyType

from explorer.language import Model, Part, Range, array, choose, optional, record, step, var


class Color(Enum):
    RED = 0
    GREEN = 1
    BLUE = 2


@record
class Entry:
    color: Color
    flag: bool


class Lock(Part):
    def __init__(self, m: Model, name: str = "lock") -> None:
        super().__init__(m, name)
        self.held = var(bool, False)

    async def __aenter__(self) -> None:
        await step("take", when=lambda: not self.held)
        self.held = True

    async def __aexit__(self, kind: object, error: object, traceback: object) -> None:
        self.held = False


class State(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "s")
        self.lock = Lock(m)
        self.a = var(bool, False)
        self.n = var(Range(0, 3), 0)
        self.k = var(Range(-3, 3), 0)
        self.color = var(Color, Color.RED)
        self.entry = var(optional(Entry), None)
        self.slots = array(Range(0, 1), Range(0, 2), lambda i: 0)

    def large(self) -> bool:
        """Asked for in conditions, and goes several ways."""
        if self.n > 1:
            return True
        if self.color == Color.GREEN:
            return self.a
        return False

    async def search(self) -> int:
        """Leaves its loop by return."""
        for i in range(3):
            await step("look")
            if self.n == i:
                return i
        return 3

    async def locked(self) -> bool:
        async with self.lock:
            if self.a:
                return self.lock.held
            await step("inside")
        return False


def modelled(build: Callable[[Model, State], None]) -> Callable[[], Model]:
    def model() -> Model:
        m = Model()
        s = State(m)
        build(m, s)

        @m.thread("other")
        async def other() -> None:
            await step("set a")
            s.a = True
            await step("set n")
            s.n = 1
            await step("clear a")
            s.a = False

        return m

    return model


@modelled
def branches(m: Model, s: State) -> None:
    @m.thread("t")
    async def t() -> None:
        await step("if")
        if s.a:
            s.n = 2
        else:
            s.n = 3
        await step("and")
        s.entry = Entry(s.color, True) if s.n == 1 else None
        if s.entry is not None and s.entry.flag:
            s.color = Color.BLUE
        await step("order")
        if s.n <= 1:
            s.k = -3 // 2
            s.slots[0] = s.n
        elif s.n <= 2:
            s.k = -3 % 2


@modelled
def choices(m: Model, s: State) -> None:
    @m.thread("t")
    async def t() -> None:
        await step("choose")
        s.color = choose(Color)
        i = choose(i for i in range(2) if s.slots[i] == 0)
        s.slots[i] = 2


@modelled
def loops(m: Model, s: State) -> None:
    @m.thread("t")
    async def t() -> None:
        await step("begin")
        while not s.a:
            await step("wait")
        for i in range(3):
            await step("round")
            if s.a:
                break
            s.n = i
        await step("after")
        s.k = -1


@modelled
def returns(m: Model, s: State) -> None:
    @m.thread("t")
    async def t() -> None:
        await step("go")
        found = await s.search()
        s.k = found


@modelled
def locks(m: Model, s: State) -> None:
    @m.thread("t", i=range(2))
    async def t(i: int) -> None:
        done = await s.locked()
        for _ in range(2):
            async with s.lock:
                if s.n == i:
                    break
                s.k = i
        s.color = Color.GREEN if done else Color.BLUE


@modelled
def conditions(m: Model, s: State) -> None:
    @m.thread("t")
    async def t() -> None:
        await step("before")
        wanted = s.n
        await step("when", when=lambda: s.a and wanted < 2)
        s.k = 1


@modelled
def errors(m: Model, s: State) -> None:
    @m.thread("t")
    async def t() -> None:
        await step("index")
        s.slots[s.n] = 1
        await step("range")
        s.n += 3
        await step("index again")
        s.slots[s.n - 1] = 2
        assert s.n < 3, "n is small"


@modelled
def static(m: Model, s: State) -> None:
    @m.thread("t")
    async def t() -> None:
        await step("decide")
        if s.a:
            way = 1
        else:
            way = 2
        await step("rest")
        s.k = way


@modelled
def bounds(m: Model, s: State) -> None:
    @m.thread("t")
    async def t() -> None:
        await step("choose")
        s.n = choose(range(4))
        await step("divide")
        s.slots[0] = 3 % (s.n + 1)
        await step("divide by a negative number")
        s.slots[1] = s.n // -1


@modelled
def mixed(m: Model, s: State) -> None:
    @m.thread("t")
    async def t() -> None:
        await step("decide")
        if s.a:
            x = 1
        else:
            x = s.n
        await step("use")
        s.k = x


@modelled
def generators(m: Model, s: State) -> None:
    @m.thread("t")
    async def t() -> None:
        await step("all of them")
        s.k = sum(e for e in (s.entry.flag if s.entry is not None else None for _ in range(2)) if e is not None) - 1
        await step("the first that settles it")
        if any(e > 0 for e in (6 // (s.n + 1 - i) for i in range(3))):
            s.color = Color.GREEN
        s.entry = Entry(s.color, s.a)


@modelled
def asked(m: Model, s: State) -> None:
    @m.thread("t")
    async def t() -> None:
        await step("ask", when=lambda: not s.large() or s.a)
        if s.a:
            s.color = Color.GREEN
        else:
            s.color = Color.BLUE
        s.k = 1 if s.n < 3 and s.large() else 0
        if s.slots[0] == 0:
            s.n = 0
        s.slots[0] = 1 if s.k < 1 and s.large() else 2
        await step("ask again", when=lambda: s.large() or s.n < 2)
        s.slots[1] = 1 if s.large() and s.large() else 0


@modelled
def mappings(m: Model, s: State) -> None:
    rank = {Color.RED: 1, Color.BLUE: 2}
    turned: Mapping[tuple[Color, bool], Color] = MappingProxyType(
        {(c, b): Color.GREEN if b else c for c in Color for b in (False, True) if b or c is not Color.RED}
    )
    named = {None: 3, Color.GREEN: 1, Color.RED: 0}
    locks = {Color.RED: s.lock, Color.GREEN: Lock(m, "green"), Color.BLUE: Lock(m, "blue")}
    steps = (2, 0, 1)

    @m.thread("t")
    async def t() -> None:
        await step("choose")
        s.color = choose(Color)
        s.k = choose((-3, 1, 3))
        await step("look")
        owner = s.color if s.a else None
        s.n = named[owner] if not s.a or s.color is not Color.BLUE else len(rank)
        lock = locks[s.color]
        await step("from the end")
        lock.held = s.color in rank
        s.slots[0] = steps[s.k]
        await step("not there")
        s.slots[1] = rank[s.color] if s.n > 0 else rank[Color.RED]
        s.color = turned[s.color, s.a]


SUBJECTS = [
    *(asked, branches, choices, loops, returns, locks, conditions, errors, static, bounds, mixed, generators, mappings)
]
