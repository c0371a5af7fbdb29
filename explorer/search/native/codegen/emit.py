"""A System as LLVM IR: its step function, with every check that a search makes of a state or a step.

The text is made here, and not with llvmlite's builder, which takes ten times as long. Actions are not tested one by one:
they stand in a tree that branches on control points and on conditions that several guards share.

Functions, all on packed states (`Layout`):

    expand(states, n, fired, events, fill, shift)
        the successors of n states, each appended to the buffer of its partition (its hash shifted right by `shift`), whose
        end is in `fill`; counts each action in `fired`, sets bits in `events`
    check(states, n, events)
        sets the bits of the state properties that are violated, reached or can't be evaluated
    label(state, out)
        for each liveness property two bits: its trigger, and whether it holds
    moves(state, out, actions, events) -> number of moves
        the moves of one state, each with its action and the bits of its step; failures are among them, with any successor

and for a search that leaves steps out (`stubborn.py`)

    expand_chosen(states, n, fired, events, fill, shift, chosen)
        as `expand`, of a step only where its bit is set in the state's row of `chosen`; what has no successor is always there
    truths(state, out)
        a bit for each condition: whether it holds

and under symmetry (`canonical.py`)

    canon(state)
        puts what stands for the state in its place
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from explorer.reduction.symmetry import Symmetry
from explorer.search.native.codegen.canonical import Canonical, call
from explorer.search.native.codegen.layout import Layout, Unfit
from explorer.search.native.codegen.text import Writer, signed_pattern
from explorer.system.expressions import conjuncts, tested_cell
from explorer.system.form import LIVENESS, Action, Apply, Constant, Expr, Property, Read, System
from explorer.system.intervals import Intervals

LIMIT = 1 << 62
HASH_FACTORS = (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53)  # of MurmurHash3's finalizer
HASH_SHIFTS = (32, 29)
INLINED = 300  # actions up to which the code that hands over a successor is repeated in each
DEADLOCK = "deadlock"


@dataclass(frozen=True)
class Event:
    """What a bit of `events` says: a deadlock, or of a property that it `claims` (violated or reached) or is `undefined`."""

    kind: str
    property: str = ""


def events_of(system: System) -> tuple[Event, ...]:
    """The meaning of the bits of `events`, from bit 0 of its first word on."""
    found = [Event(DEADLOCK)]
    for given in system.properties:
        found.append(Event("claim", given.name))
        if given.undefined:
            found.append(Event("undefined", given.name))
    return tuple(found)


def event_words(system: System) -> int:
    return -(-len(events_of(system)) // 64)


def label_words(system: System) -> int:
    return -(-sum(p.kind in LIVENESS for p in system.properties) // 32)


# ---------------------------------------------------------------- intervals


class Fitting(Intervals):
    """Intervals that fit in 64 bits."""

    def of(self, expr: Expr) -> tuple[int, int]:
        """(least, largest). Raises Unfit where they do not fit."""
        found = super().of(expr)
        if found[0] <= -LIMIT or found[1] >= LIMIT:
            raise Unfit("an expression of the model may leave 64 bits")
        return found


# ---------------------------------------------------------------- text

COMPARE = {"eq": "eq", "lt": "slt", "le": "sle"}
ARITHMETIC = {"add": "add nsw", "sub": "sub nsw", "mul": "mul nsw"}
Values = Callable[[int, bool], str]  # (cell, before) -> the i64 that holds its code


class Emitter:
    def __init__(self, system: System, layout: Layout, symmetry: Symmetry | None = None) -> None:
        self.system, self.layout, self.symmetry = system, layout, symmetry
        self.w = Writer()
        self.intervals = Fitting(system)
        self.events = {e: i for i, e in enumerate(events_of(system))}
        self.words: list[str] = []
        self.loaded = 0  # how often

    # ------------------------------------------------------------ reading

    def load(self, pointer: str) -> None:
        """The words of the state at the pointer."""
        self.words = []
        self.loaded += 1
        for i in range(self.layout.words):
            at = pointer if i == 0 else self.w.value(f"getelementptr i64, ptr {pointer}, i64 {i}")
            self.words.append(self.w.value(f"load i64, ptr {at}, align 8"))

    def code(self, cell: int, before: bool = False) -> str:
        """The code of a cell in the state loaded."""
        field = self.layout.fields[cell]
        if not field.bits:
            return str(field.lo)
        value = self.w.field(self.words[field.word], field.shift, field.bits)
        return self.w.value(f"add nsw i64 {value}, {field.lo}") if field.lo else value

    def expr(self, expr: Expr, read: Values) -> str:
        """The value: an i1 for a truth value, else an i64."""
        if isinstance(expr, Constant):
            return ("true" if expr.value else "false") if expr.type == "bool" else str(expr.value)
        if isinstance(expr, Read):
            code = read(expr.cell, expr.before)
            return self.w.value(f"icmp ne i64 {code}, 0") if expr.type == "bool" else code
        key = (expr, read, self.loaded)
        for scope in self.w.scopes:
            if key in scope:
                return scope[key]
        self.intervals.of(expr)
        args = [self.expr(a, read) for a in expr.args]
        value = self.w.scopes[-1][key] = self.operation(expr.op, args)
        return value

    def operation(self, op: str, args: list[str]) -> str:
        w = self.w
        if op in ("and", "or"):
            result = args[0]
            for other in args[1:]:
                result = w.value(f"{op} i1 {result}, {other}")
            return result
        if op == "not":
            return w.value(f"xor i1 {args[0]}, true")
        if op == "iff":
            return w.value(f"icmp eq i1 {args[0]}, {args[1]}")
        if op in COMPARE:
            return w.value(f"icmp {COMPARE[op]} i64 {args[0]}, {args[1]}")
        if op in ARITHMETIC:
            return w.value(f"{ARITHMETIC[op]} i64 {args[0]}, {args[1]}")
        if op in ("min", "max"):
            first = w.value(f"icmp {'slt' if op == 'min' else 'sgt'} i64 {args[0]}, {args[1]}")
            return w.value(f"select i1 {first}, i64 {args[0]}, i64 {args[1]}")
        if op == "ite":
            return w.value(f"select i1 {args[0]}, i64 {args[1]}, i64 {args[2]}")
        if op == "choose":
            return w.value(f"select i1 {args[0]}, i1 {args[1]}, i1 {args[2]}")
        if op == "int":
            return w.value(f"zext i1 {args[0]} to i64")
        assert op in ("floordiv", "mod"), op
        a, b = args
        none = w.value(f"icmp eq i64 {b}, 0")
        divisor = w.value(f"select i1 {none}, i64 1, i64 {b}")
        rest = w.value(f"srem i64 {a}, {divisor}")
        signs = w.value(f"xor i64 {rest}, {divisor}")
        other_sign = w.value(f"icmp slt i64 {signs}, 0")
        inexact = w.value(f"icmp ne i64 {rest}, 0")
        down = w.value(f"and i1 {other_sign}, {inexact}")  # Python rounds down, the machine towards zero
        if op == "mod":
            moved = w.value(f"add nsw i64 {rest}, {divisor}")
            result = w.value(f"select i1 {down}, i64 {moved}, i64 {rest}")
        else:
            quotient = w.value(f"sdiv i64 {a}, {divisor}")
            less = w.value(f"sub nsw i64 {quotient}, 1")
            result = w.value(f"select i1 {down}, i64 {less}, i64 {quotient}")
        return w.value(f"select i1 {none}, i64 0, i64 {result}")

    # ------------------------------------------------------------ successors

    def successor(self, action: Action) -> list[str]:
        """The words of the state after the action."""
        changes: dict[int, list[tuple[int, Expr]]] = {}
        for cell, expr in action.updates:
            changes.setdefault(self.layout.fields[cell].word, []).append((cell, expr))
        if action.location is not None:
            cell, _, target = action.location
            changes.setdefault(self.layout.fields[cell].word, []).append((cell, Constant(target)))
        after = list(self.words)
        for word, updates in sorted(changes.items()):
            cleared, constant, parts = 0, 0, []
            for cell, expr in updates:
                field = self.layout.fields[cell]
                cleared |= field.mask
                if isinstance(expr, Constant):
                    constant |= (int(expr.value) - field.lo) << field.shift
                elif field.bits:
                    parts.append(self.placed_code(cell, expr))
            value = self.words[word]
            if cleared:
                value = self.w.value(f"and i64 {value}, {signed_pattern(~cleared)}")
            for part in parts:
                value = self.w.value(f"or i64 {value}, {part}")
            if constant:
                value = self.w.value(f"or i64 {value}, {signed_pattern(constant)}")
            after[word] = value
        return after

    def placed_code(self, cell: int, expr: Expr) -> str:
        """The code that the expression gives the cell, shifted to its place."""
        field = self.layout.fields[cell]
        value = self.expr(expr, self.code)
        if expr.type == "bool":
            value = self.w.value(f"zext i1 {value} to i64")
        else:
            if field.lo:
                value = self.w.value(f"sub nsw i64 {value}, {field.lo}")
            lo, hi = self.intervals.of(expr)
            if (
                lo < field.lo or hi - field.lo >= 1 << field.bits
            ):  # the guard excludes it; a neighbour is never overwritten
                value = self.w.value(f"and i64 {value}, {signed_pattern((1 << field.bits) - 1)}")
        return self.w.value(f"shl i64 {value}, {field.shift}") if field.shift else value

    def after_values(self, action: Action) -> Values:
        """How a property of steps reads cells: after the action, or before it."""
        updates: dict[int, Expr] = dict(action.updates)
        if action.location is not None:
            updates[action.location[0]] = Constant(action.location[2])

        def read(cell: int, before: bool) -> str:
            if before or cell not in updates:
                return self.code(cell)
            value = self.expr(updates[cell], self.code)
            return self.w.value(f"zext i1 {value} to i64") if updates[cell].type == "bool" else value

        return read

    # ------------------------------------------------------------ events

    def claims(self, properties: Sequence[Property], read: Values) -> list[tuple[str, int]]:
        """(i1 under which an event happens, its bit)."""
        found = []
        for given in properties:
            if given.kind not in LIVENESS:
                holds = self.expr(given.holds, read)
                shown = holds if given.kind == "reachable" else self.w.value(f"xor i1 {holds}, true")
                found.append((shown, self.events[Event("claim", given.name)]))
            for condition, _ in given.undefined:
                found.append((self.expr(condition, read), self.events[Event("undefined", given.name)]))
        return found

    def raise_events(self, found: list[tuple[str, int]], pointer: str) -> None:
        """Set the bits, where any is to be set at all."""
        if not found:
            return
        anything = found[0][0]
        for condition, _ in found[1:]:
            anything = self.w.value(f"or i1 {anything}, {condition}")
        with self.w.when(anything):
            for condition, bit in found:
                with self.w.when(condition):
                    at = self.w.value(f"getelementptr i64, ptr {pointer}, i64 {bit // 64}")
                    old, new = self.w.name("%o"), self.w.name("%o")
                    self.w.line(f"{old} = load i64, ptr {at}")
                    self.w.line(f"{new} = or i64 {old}, {signed_pattern(1 << bit % 64)}")
                    self.w.line(f"store i64 {new}, ptr {at}")

    # ------------------------------------------------------------ the tree

    def tree(self, actions: list[tuple[int, tuple[Expr, ...]]], body: Callable[[int], None]) -> None:
        """Call `body` where an action's conditions hold, sharing the tests that several actions make."""
        while actions:
            for index, conditions in actions:
                if not conditions:
                    body(index)
            actions = [a for a in actions if a[1]]
            by_cell: dict[int, int] = {}
            by_expr: dict[Expr, int] = {}
            for _, conditions in actions:
                for cell in dict.fromkeys(c for c, _ in map(equality, conditions) if c is not None):
                    by_cell[cell] = by_cell.get(cell, 0) + 1
                for expr in dict.fromkeys(positive(c)[0] for c in conditions if equality(c)[0] is None):
                    by_expr[expr] = by_expr.get(expr, 0) + 1
            cell, most = max(by_cell.items(), key=lambda item: (item[1], -item[0]), default=(0, 0))
            shared, shares = max(by_expr.items(), key=lambda item: item[1], default=(None, 0))
            if max(most, shares) <= 1:
                for index, conditions in actions:
                    with self.w.when(self.operation("and", [self.expr(c, self.code) for c in conditions])):
                        body(index)
                return
            if most >= shares:
                actions = self.branch_on_cell(cell, actions, body)
            else:
                assert shared is not None
                actions = self.branch_on(shared, actions, body)

    def branch_on_cell(
        self, cell: int, actions: list[tuple[int, tuple[Expr, ...]]], body: Callable[[int], None]
    ) -> list[tuple[int, tuple[Expr, ...]]]:
        """A switch on the cell for the actions that test it; gives the others."""
        cases: dict[int, list[tuple[int, tuple[Expr, ...]]]] = {}
        others = []
        for index, conditions in actions:
            codes = {code for c, code in map(equality, conditions) if c == cell}
            if not codes:
                others.append((index, conditions))
            elif len(codes) == 1:
                rest = tuple(c for c in conditions if equality(c)[0] != cell)
                cases.setdefault(codes.pop(), []).append((index, rest))
        value = self.code(cell)
        after = self.w.name("after")
        labels = {code: self.w.name("case") for code in sorted(cases)}
        table = " ".join(f"i64 {code}, label %{label}" for code, label in labels.items())
        self.w.line(f"switch i64 {value}, label %{after} [ {table} ]")
        for code, label in labels.items():
            self.w.label(label)
            with self.w.scope():
                self.tree(cases[code], body)
            self.w.line(f"br label %{after}")
        self.w.label(after)
        return others

    def branch_on(
        self, shared: Expr, actions: list[tuple[int, tuple[Expr, ...]]], body: Callable[[int], None]
    ) -> list[tuple[int, tuple[Expr, ...]]]:
        """A branch on the condition for the actions that test it or its negation; gives the others."""
        sides: dict[bool, list[tuple[int, tuple[Expr, ...]]]] = {True: [], False: []}
        others = []
        for index, conditions in actions:
            ways = {way for expr, way in map(positive, conditions) if expr == shared}
            if not ways:
                others.append((index, conditions))
            elif len(ways) == 1:
                sides[ways.pop()].append((index, tuple(c for c in conditions if positive(c)[0] != shared)))
        value = self.expr(shared, self.code)
        yes, no, after = self.w.name("then"), self.w.name("else"), self.w.name("after")
        self.w.line(f"br i1 {value}, label %{yes}, label %{no}")
        for label, way in ((yes, True), (no, False)):
            self.w.label(label)
            with self.w.scope():
                self.tree(sides[way], body)
            self.w.line(f"br label %{after}")
        self.w.label(after)
        return others

    # ------------------------------------------------------------ functions

    def expand(self) -> str:
        """The text of `expand`."""
        return self.expand_text("expand", "")

    def expand_chosen(self) -> str:
        """The text of `expand_chosen`."""
        return self.expand_text("expand_chosen", ", ptr noalias %chosen")

    def expand_text(self, name: str, chosen: str) -> str:
        """The text of `expand`, with or without the parameter of steps that are chosen."""
        self.w = w = Writer()
        steps = [p for p in self.system.properties if p.kind == "always_step"]
        self.open_loop(f"define void @{name}(ptr noalias %states, i64 %n, ptr noalias %fired, ptr noalias %events, "
                       f"ptr noalias %fill, i64 %shift{chosen})", ("%moved",))  # fmt: skip
        w.line("store i64 0, ptr %moved")
        if chosen:
            w.line(f"%row = mul i64 %i, {words_for(len(self.system.actions))}")

        def body(index: int) -> None:
            action = self.system.actions[index]
            if chosen and action.outcome == "step":
                w.line("store i64 1, ptr %moved")
                with w.when(self.is_chosen(index)):
                    take(index)
            else:
                take(index)

        def take(index: int) -> None:
            action = self.system.actions[index]
            count = f"%count{w.name()}"
            w.line(f"{count}p = getelementptr i64, ptr %fired, i64 {index}")
            w.line(f"{count}o = load i64, ptr {count}p")
            w.line(f"{count}n = add i64 {count}o, 1")
            w.line(f"store i64 {count}n, ptr {count}p")
            if action.outcome != "blocked":
                w.line("store i64 1, ptr %moved")
            if action.outcome == "step":
                words = "".join(f", i64 {word}" for word in self.successor(action))
                w.line(f"call fastcc void @put(ptr %fill, i64 %shift{words})")
                self.raise_events(self.claims(steps, self.after_values(action)), "%events")

        self.tree(self.conditions(), body)
        w.line("%moves = load i64, ptr %moved")
        w.line("%stuck = icmp eq i64 %moves, 0")
        with w.when("%stuck"):
            dead = w.value(f"xor i1 {self.at_rest()}, true")
            self.raise_events([(dead, self.events[Event(DEADLOCK)])], "%events")
        self.close_loop()
        w.line("ret void")
        return "\n".join([self.put_text(), "", *w.lines, "}"])

    def is_chosen(self, index: int) -> str:
        """An i1: the step is among those chosen for the state."""
        at = self.w.value(f"add i64 %row, {index // 64}")
        word = self.w.value(f"load i64, ptr {self.w.value(f'getelementptr i64, ptr %chosen, i64 {at}')}")
        bit = self.w.value(f"and i64 {word}, {signed_pattern(1 << index % 64)}")
        return self.w.value(f"icmp ne i64 {bit}, 0")

    def truths(self, conditions: Sequence[Expr]) -> str:
        """The text of `truths`."""
        return self.bits("truths", conditions, words_for(len(conditions)))

    def bits(self, name: str, conditions: Iterable[Expr], size: int) -> str:
        """The text of a function from a state to `size` words: the truth of each condition as a bit."""
        self.w = w = Writer()
        w.lines.append(f"define void @{name}(ptr noalias %state, ptr noalias %out) {{")
        w.label("entry")
        self.load("%state")
        words = ["0"] * size
        for place, condition in enumerate(conditions):
            wide = w.value(f"zext i1 {self.expr(condition, self.code)} to i64")
            moved = w.value(f"shl i64 {wide}, {place % 64}")
            words[place // 64] = w.value(f"or i64 {words[place // 64]}, {moved}")
        for i, word in enumerate(words):
            w.line(f"store i64 {word}, ptr {w.value(f'getelementptr i64, ptr %out, i64 {i}')}")
        w.line("ret void")
        return "\n".join([*w.lines, "}"])

    def put_text(self) -> str:
        """The text of `put`: append a state, or what stands for it under symmetry, to the buffer of its partition."""
        w = Writer()
        count = self.layout.words
        words = [f"%w{i}" for i in range(count)]
        parameters = "".join(f", i64 %w{i}" for i in range(count))
        small = len(self.system.actions) <= INLINED and self.symmetry is None
        inline = "alwaysinline" if small else "noinline"
        w.lines.append(f"define internal fastcc void @put(ptr noalias %fill, i64 %shift{parameters}) {inline} {{")
        w.label("entry")
        if self.symmetry is not None:
            words = call(w, "canonical", words)
        mixed = "0"
        for word in words:
            mixed = w.value(f"xor i64 {mixed}, {word}")
            for factor, right in zip(HASH_FACTORS, HASH_SHIFTS, strict=True):
                mixed = w.value(f"mul i64 {mixed}, {signed_pattern(factor)}")
                high = w.value(f"lshr i64 {mixed}, {right}")
                mixed = w.value(f"xor i64 {mixed}, {high}")
        partition = w.value(f"lshr i64 {mixed}, %shift")
        counter = w.value(f"getelementptr ptr, ptr %fill, i64 {partition}")
        to = w.value(f"load ptr, ptr {counter}")
        for i, word in enumerate(words):
            w.line(f"store i64 {word}, ptr {w.value(f'getelementptr i64, ptr {to}, i64 {i}')}")
        w.line(f"store ptr {w.value(f'getelementptr i64, ptr {to}, i64 {count}')}, ptr {counter}")
        w.line("ret void")
        return "\n".join([*w.lines, "}"])

    def moves(self) -> str:
        """The text of `moves`."""
        self.w = w = Writer()
        steps = [p for p in self.system.properties if p.kind == "always_step"]
        words = event_words(self.system)
        w.lines.append(
            "define i64 @moves(ptr noalias %states, ptr noalias %out, ptr noalias %actions, ptr noalias %events) {"
        )
        w.label("entry")
        w.line("%to = alloca i64")
        w.line("store i64 0, ptr %to")
        w.line("%count = alloca i64")
        w.line("store i64 0, ptr %count")
        self.load("%states")

        def body(index: int) -> None:
            action = self.system.actions[index]
            if action.outcome == "blocked":
                return
            at = f"%at{w.name()}"
            w.line(f"{at} = load i64, ptr %count")
            w.line(f"{at}p = getelementptr i64, ptr %actions, i64 {at}")
            w.line(f"store i64 {index}, ptr {at}p")
            w.line(f"{at}b = mul i64 {at}, {words}")
            w.line(f"{at}e = getelementptr i64, ptr %events, i64 {at}b")
            for i in range(words):
                w.line(f"{at}e{i} = getelementptr i64, ptr {at}e, i64 {i}")
                w.line(f"store i64 0, ptr {at}e{i}")
            if action.outcome == "step":
                self.put(self.successor(action))
                self.raise_events(self.claims(steps, self.after_values(action)), f"{at}e")
            else:
                self.put(self.words)
            w.line(f"{at}n = add i64 {at}, 1")
            w.line(f"store i64 {at}n, ptr %count")

        self.tree(self.conditions(), body)
        w.line("%all = load i64, ptr %count")
        w.line("ret i64 %all")
        return "\n".join([*w.lines, "}"])

    def check(self) -> str:
        """The text of `check`."""
        self.w = w = Writer()
        self.open_loop("define void @check(ptr noalias %states, i64 %n, ptr noalias %events)", ())
        states = [p for p in self.system.properties if p.kind != "always_step"]
        self.raise_events(self.claims(states, self.code), "%events")
        self.close_loop()
        w.line("ret void")
        return "\n".join([*w.lines, "}"])

    def label(self) -> str:
        """The text of `label`."""
        claims = [p for p in self.system.properties if p.kind in LIVENESS]
        return self.bits("label", (e for p in claims for e in (p.trigger, p.holds)), label_words(self.system))

    def conditions(self) -> list[tuple[int, tuple[Expr, ...]]]:
        return [(i, conjuncts(a.guard)) for i, a in enumerate(self.system.actions)]

    def put(self, words: list[str]) -> None:
        """Append a state to the output."""
        at = f"%to{self.w.name()}"
        self.w.line(f"{at} = load i64, ptr %to")
        for i, word in enumerate(words):
            offset = at if i == 0 else self.w.value(f"add nuw i64 {at}, {i}")
            pointer = self.w.value(f"getelementptr i64, ptr %out, i64 {offset}")
            self.w.line(f"store i64 {word}, ptr {pointer}, align 8")
        self.w.line(f"{at}n = add nuw i64 {at}, {len(words)}")
        self.w.line(f"store i64 {at}n, ptr %to")

    def at_rest(self) -> str:
        """An i1: every thread is finished or parked where it may wait for ever."""
        result = "true"
        for thread in self.system.threads:
            code = self.code(thread.cell)
            codes = sorted({*thread.may_wait, *(() if thread.finished is None else (thread.finished,))})
            rests = "false"
            for known in codes:
                here = self.w.value(f"icmp eq i64 {code}, {known}")
                rests = self.w.value(f"or i1 {rests}, {here}")
            result = self.w.value(f"and i1 {result}, {rests}")
        return result

    def open_loop(self, signature: str, variables: Sequence[str]) -> None:
        """for i in 0..n-1: the words of states[i]."""
        w = self.w
        w.lines.append(signature + " {")
        w.label("entry")
        for variable in variables:
            w.line(f"{variable} = alloca i64")
            w.line(f"store i64 0, ptr {variable}")
        w.line("br label %head")
        w.label("head")
        w.line("%i = phi i64 [ 0, %entry ], [ %i.next, %next ]")
        w.line("%over = icmp uge i64 %i, %n")
        w.line("br i1 %over, label %done, label %inside")
        w.label("inside")
        w.line(f"%base = mul i64 %i, {self.layout.words}")
        w.line("%state = getelementptr i64, ptr %states, i64 %base")
        self.load("%state")

    def close_loop(self) -> None:
        w = self.w
        w.line("br label %next")
        w.label("next")
        w.line("%i.next = add nuw i64 %i, 1")
        w.line("br label %head")
        w.label("done")


def words_for(bits: int) -> int:
    """How many words hold so many bits."""
    return max(1, -(-bits // 64))


def emit(
    system: System, layout: Layout, *functions: str, symmetry: Symmetry | None = None, conditions: Sequence[Expr] = ()
) -> str:
    """The IR of the functions named: "expand", "expand_chosen", "check", "moves", "label", "truths". Raises Unfit.

    `symmetry`: what `expand` appends is what stands for a successor, and `canon` is there besides.
    """
    emitter = Emitter(system, layout, symmetry)
    texts = [emitter.truths(conditions) if name == "truths" else getattr(emitter, name)() for name in functions]
    if symmetry is not None:
        texts.append(Canonical(system, layout, symmetry).text())
    return "\n\n".join(texts) + "\n"


def equality(condition: Expr) -> tuple[int | None, int]:
    """(cell, code) of a test of one cell for one code; (None, 0) for any other condition."""
    read, code = tested_cell(condition)
    return (None if read is None else read.cell), code


def positive(condition: Expr) -> tuple[Expr, bool]:
    """The condition without `not`, and whether it is asked to hold."""
    if isinstance(condition, Apply) and condition.op == "not":
        return condition.args[0], False
    return condition, True
