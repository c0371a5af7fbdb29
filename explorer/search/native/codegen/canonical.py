"""The representative of a state, as LLVM IR: the same one for all states that differ by a permutation of a symmetry.

The values of a sort are put in the order of all that a state says of each: its own cells, and which cells name it. Two of
whom it says the same are alike, so this is exact, and no permutation is tried. Where cells relate values of two sorts, or two
of one sort, one sort is left to that order and the permutations of the other are tried: those that bring its values in the
order of what is their own. The least of the states made is the representative.
"""

from __future__ import annotations

from explorer.reduction.orders import MOST_CODES, NIBBLE, Sort, sorts_of
from explorer.reduction.symmetry import Generator, Symmetry
from explorer.search.native.codegen.layout import Layout
from explorer.search.native.codegen.text import Writer, signed_pattern
from explorer.system.form import System


def walk(counts: list[int]) -> list[tuple[int, int]]:
    """Exchanges of neighbours, each (number of the sort, position), one after the other from any order of the values of some
    sorts to all others: `counts` of values. The order is that of Steinhaus, Johnson and Trotter."""
    steps: list[tuple[int, int]] = []
    for number, count in enumerate(counts):
        outer = [(number, at) for at in neighbours(count)]
        steps = [*steps, *(step for change in outer for step in (change, *steps))]
    return steps


def neighbours(count: int) -> list[int]:
    """Positions whose exchange with the next gives one order of `count` things after the other."""
    if count == 1:
        return []
    steps: list[int] = []
    down = True
    for change in [*neighbours(count - 1), None]:
        steps += range(count - 2, -1, -1) if down else range(count - 1)
        if change is not None:
            steps.append(change + 1 if down else change)
        down = not down
    return steps


class Canonical:
    """The text of `canonical`, from the words of a state to those of its representative, and of `canon`, in place."""

    def __init__(self, system: System, layout: Layout, symmetry: Symmetry) -> None:
        self.system, self.layout = system, layout
        self.ordered, self.tried = sorts_of(system, symmetry)
        self.w = Writer()
        self.words = [f"%w{i}" for i in range(layout.words)]
        self.kind = "{" + ", ".join(["i64"] * layout.words) + "}"
        self.parameters = ", ".join(f"i64 {word}" for word in self.words)

    def text(self) -> str:
        """All functions."""
        parts = [self.in_order()]
        if self.tried:
            parts.append(self.least())
        return "\n".join([*parts, self.in_place()])

    # ------------------------------------------------------------ cells

    def raw(self, words: list[str], cell: int) -> str:
        """The bits of a cell, as a number."""
        field = self.layout.fields[cell]
        if not field.bits:
            return "0"
        return self.w.field(words[field.word], field.shift, field.bits)

    def with_cells(self, words: list[str], new: dict[int, str]) -> list[str]:
        """The words with other bits in some cells."""
        after = list(words)
        for number in range(self.layout.words):
            here = {c: value for c, value in new.items() if self.layout.fields[c].word == number}
            here = {c: value for c, value in here.items() if self.layout.fields[c].bits}
            if not here:
                continue
            mask = sum(self.layout.fields[c].mask for c in here)
            value = self.w.value(f"and i64 {words[number]}, {signed_pattern(~mask)}")
            for c, bits in here.items():
                shift = self.layout.fields[c].shift
                value = self.w.value(f"or i64 {value}, {self.w.value(f'shl i64 {bits}, {shift}') if shift else bits}")
            after[number] = value
        return after

    # ------------------------------------------------------------ values in order

    def keys(self, words: list[str], sort: Sort) -> tuple[list[list[str]], list[tuple[int, int]]]:
        """For each value the words to compare, its code in the low bits of the first, the first compared last; and for each of
        the value's own cells the word and the shift in it."""
        parts: list[tuple[int, list[str]]] = []  # (bits, for each value)
        for i in range(len(sort.own[0])):
            bits = self.layout.fields[sort.own[0][i]].bits
            parts.append((bits, [self.raw(words, cells[i]) for cells in sort.own]))
        own = len(parts)
        lanes = max((self.system.cells[c].domain.top + 1 for c in sort.naming), default=1)
        most = 64 // lanes
        for first in range(0, len(sort.naming), most):
            chunk = sort.naming[first : first + most]
            sums = "0"
            for j, cell in enumerate(chunk):
                lane = self.w.value(f"mul i64 {self.raw(words, cell)}, {most}")
                sums = self.w.value(f"or i64 {sums}, {self.w.value(f'shl i64 {1 << j}, {lane}')}")
            shifted = [self.w.value(f"lshr i64 {sums}, {code * most}") if code else sums for code in sort.codes]
            parts.append((len(chunk), [self.w.value(f"and i64 {s}, {(1 << len(chunk)) - 1}") for s in shifted]))
        keys = [[str(code)] for code in sort.codes]
        used = [NIBBLE]
        places = []
        for bits, values in parts:
            at = next((n for n, u in enumerate(used) if u + bits <= 64), len(used))
            if at == len(used):
                used.append(0)
                for key in keys:
                    key.append("0")
            for key, value in zip(keys, values, strict=True):
                moved = self.w.value(f"shl i64 {value}, {used[at]}") if used[at] else value
                key[at] = self.w.value(f"or i64 {key[at]}, {moved}")
            places.append((at, used[at]))
            used[at] += bits
        return keys, places[:own]

    def below(self, a: list[str], b: list[str]) -> str:
        """An i1: the words of the one come before those of the other; the first is compared last."""
        result = self.w.value(f"icmp ult i64 {a[0]}, {b[0]}")
        for x, y in zip(a[1:], b[1:], strict=True):
            less = self.w.value(f"icmp ult i64 {x}, {y}")
            same = self.w.value(f"icmp eq i64 {x}, {y}")
            result = self.w.value(f"select i1 {same}, i1 {result}, i1 {less}")
        return result

    def put_in_order(self, words: list[str], sort: Sort) -> list[str]:
        """The words with the values of the sort in order."""
        w = self.w
        keys, places = self.keys(words, sort)
        count = len(keys)
        for last in range(count - 1, 0, -1):
            for i in range(last):
                a, b = keys[i], keys[i + 1]
                swap = self.below(b, a)
                keys[i] = [w.value(f"select i1 {swap}, i64 {y}, i64 {x}") for x, y in zip(a, b, strict=True)]
                keys[i + 1] = [w.value(f"select i1 {swap}, i64 {x}, i64 {y}") for x, y in zip(a, b, strict=True)]
        new: dict[int, str] = {}
        for cells, key in zip(sort.own, keys, strict=True):
            for cell, (at, shift) in zip(cells, places, strict=True):
                value = w.value(f"lshr i64 {key[at]}, {shift}") if shift else key[at]
                bits = self.layout.fields[cell].bits
                new[cell] = w.value(f"and i64 {value}, {signed_pattern((1 << bits) - 1)}")
        if sort.naming:
            table = str(signed_pattern(sum(c << NIBBLE * c for c in range(MOST_CODES) if c not in sort.codes)))
            for code, key in zip(sort.codes, keys, strict=True):
                old = w.value(f"shl i64 {w.value(f'and i64 {key[0]}, {MOST_CODES - 1}')}, 2")
                table = w.value(f"or i64 {table}, {w.value(f'shl i64 {code}, {old}')}")
            for cell in sort.naming:
                old = w.value(f"shl i64 {self.raw(words, cell)}, 2")
                new[cell] = w.value(f"and i64 {w.value(f'lshr i64 {table}, {old}')}, {MOST_CODES - 1}")
        return self.with_cells(words, new)

    def in_order(self) -> str:
        """The text of `in_order`: the values of sorts are put in order. It is called `canonical` where these are all."""
        self.w = w = Writer()
        name = "in_order" if self.tried else "canonical"
        w.lines.append(f"define internal fastcc {self.kind} @{name}({self.parameters}) {{")
        w.label("entry")
        words = self.words
        for sort in self.ordered:
            words = self.put_in_order(words, sort)
        self.give(words)
        return "\n".join([*w.lines, "}"])

    # ------------------------------------------------------------ permutations tried

    def least(self) -> str:
        """The text of `canonical`: the least of the states in order that permutations of the other sorts make."""
        self.w = w = Writer()
        steps = walk([len(sort.own) for sort in self.tried])
        numbers = [(n, at) for n, sort in enumerate(self.tried) for at in range(len(sort.generators))]
        table = ", ".join(f"i8 {numbers.index(step)}" for step in [*steps, numbers[0]])  # the last is not looked at
        w.lines.append(f"@steps = internal constant [{len(steps) + 1} x i8] [{table}]")
        w.lines.append(f"define internal fastcc {self.kind} @canonical({self.parameters}) {{")
        w.label("entry")
        size = len(self.words)
        for i, word in enumerate(self.words):
            w.line(f"%now{i} = alloca i64")
            w.line(f"%best{i} = alloca i64")
            w.line(f"store i64 {word}, ptr %now{i}")
            w.line(f"store i64 -1, ptr %best{i}")
        w.line("br label %head")
        w.label("head")
        w.line("%i = phi i64 [ 0, %entry ], [ %following, %next ]")
        now = [f"%n{i}" for i in range(size)]
        for i, word in enumerate(now):
            w.line(f"{word} = load i64, ptr %now{i}")
        with w.scope():
            sorted_ = "true"
            for sort in self.tried:
                keys, _ = self.keys(now, sort)
                plain = [[w.value(f"and i64 {k[0]}, {-MOST_CODES}"), *k[1:]] for k in keys]
                for a, b in zip(plain, plain[1:], strict=False):
                    sorted_ = w.value(f"select i1 {self.below(b, a)}, i1 false, i1 {sorted_}")
            with w.when(sorted_):
                found = self.call("in_order", now)
                best = [w.name("%b") for _ in range(size)]
                for i, word in enumerate(best):
                    w.line(f"{word} = load i64, ptr %best{i}")
                with w.when(self.below(found, best)):
                    for i, word in enumerate(found):
                        w.line(f"store i64 {word}, ptr %best{i}")
        w.line("%at = getelementptr i8, ptr @steps, i64 %i")
        w.line("%number = load i8, ptr %at")
        cases = " ".join(f"i8 {n}, label %exchange{n}" for n in range(len(numbers)))
        w.line(f"switch i8 %number, label %next [ {cases} ]")
        for n, (number, at) in enumerate(numbers):
            w.label(f"exchange{n}")
            with w.scope():
                for i, word in enumerate(self.exchange(now, self.tried[number].generators[at])):
                    if word != now[i]:
                        w.line(f"store i64 {word}, ptr %now{i}")
            w.line("br label %next")
        w.label("next")
        w.line("%following = add nuw i64 %i, 1")
        w.line(f"%more = icmp ule i64 %following, {len(steps)}")
        w.line("br i1 %more, label %head, label %done")
        w.label("done")
        result = [w.name("%b") for _ in range(size)]
        for i, word in enumerate(result):
            w.line(f"{word} = load i64, ptr %best{i}")
        self.give(result)
        return "\n".join([*w.lines, "}"])

    def exchange(self, words: list[str], generator: Generator) -> list[str]:
        """The words with two neighbouring values exchanged."""
        new: dict[int, str] = {}
        for cell, (target, codes) in enumerate(zip(generator.cells, generator.codes, strict=True)):
            if target == cell and codes is None:
                continue
            value = old = self.raw(words, cell)
            lo = self.system.cells[cell].domain.lo
            for code, after in enumerate(codes or ()):
                if after - lo != code:
                    same = self.w.value(f"icmp eq i64 {old}, {code}")
                    value = self.w.value(f"select i1 {same}, i64 {after - lo}, i64 {value}")
            new[target] = value
        return self.with_cells(words, new)

    # ------------------------------------------------------------ functions

    def in_place(self) -> str:
        """The text of `canon`."""
        self.w = w = Writer()
        w.lines.append("define void @canon(ptr noalias %state) {")
        w.label("entry")
        words = []
        for i in range(len(self.words)):
            at = w.value(f"getelementptr i64, ptr %state, i64 {i}")
            words.append(w.value(f"load i64, ptr {at}, align 8"))
        for i, word in enumerate(self.call("canonical", words)):
            w.line(f"store i64 {word}, ptr {w.value(f'getelementptr i64, ptr %state, i64 {i}')}")
        w.line("ret void")
        return "\n".join([*w.lines, "}"])

    def call(self, name: str, words: list[str]) -> list[str]:
        return call(self.w, name, words)

    def give(self, words: list[str]) -> None:
        """Return them."""
        whole = "poison"
        for i, word in enumerate(words):
            whole = self.w.value(f"insertvalue {self.kind} {whole}, i64 {word}, {i}")
        self.w.line(f"ret {self.kind} {whole}")


def call(w: Writer, name: str, words: list[str]) -> list[str]:
    """Call a function from words to words; gives what it returns."""
    kind = "{" + ", ".join(["i64"] * len(words)) + "}"
    given = ", ".join(f"i64 {word}" for word in words)
    whole = w.value(f"call fastcc {kind} @{name}({given})")
    return [w.value(f"extractvalue {kind} {whole}, {i}") for i in range(len(words))]
