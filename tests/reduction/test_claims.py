"""Nothing is left out on the word of a modeller: each claim of docs/claims.md that could, and what becomes of a false one."""

from __future__ import annotations

import ast
import contextlib
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from explorer import Model, check
from explorer.answer import catalogue
from explorer.errors import ModelError
from explorer.language.rules import reading
from explorer.lowering import kept, lower
from explorer.models.linux.access import load, store
from explorer.models.linux.fork import ForkCall
from explorer.models.linux.kernels import V6_8
from explorer.models.linux.memory import Memory, SwapEntry
from explorer.models.linux.migrate import migrate_page
from explorer.models.linux.parent_child import Cpu, Half, Process, Value, Writer, parent_memory
from explorer.models.linux.protect import madvise_dontneed, mremap
from explorer.models.linux.swap import reclaim_page
from explorer.models.linux.swap_slots import Swap
from explorer.questions import matrix
from explorer.questions.matrix import Question, Row

ROOT = Path(__file__).resolve().parents[2]
RULES = '''
import copy
from dataclasses import dataclass

from explorer import Model, Part, Range, Rules, always, step, var
from explorer.language.rules import with_values


@dataclass(frozen=True)
class Kernel(Rules):
    first: str
    second: str

    @classmethod
    def parse(cls, text: str) -> "Kernel":
        return cls(text[0], text[1])


class Cell(Part):
    def __init__(self, m: Model, kernel: Kernel) -> None:
        super().__init__(m, "cell")
        self.kernel, self.x = kernel, var(Range(0, 1), 0)


@always
def never(cell: Cell) -> bool:
    """x"""
    return cell.x == 0


def reads(*, kernel: Kernel = Kernel("a", "a")) -> Model:
    """A store, where the second rule is b."""
    m = Model()
    wanted = {wanted}
    cell = Cell(m, kernel)

    @m.thread("t")
    async def t() -> None:
        for _ in range({steps}):  # a system of so many actions is kept
            await step("go on")
        await step("go")
        if {test}:
            cell.x = 1

    m.require(never)
    return m
'''
WAYS = {  # how a rule may be read -> while the model is built, and in its step
    "compared": ("kernel == Kernel('a', 'b')", "wanted"),
    "compared in a step": ("Kernel('a', 'b')", "cell.kernel == wanted"),
    "among others": ("kernel in (Kernel('a', 'b'), Kernel('b', 'b'))", "wanted"),
    "as text": ("\"second='b'\" in repr(kernel)", "wanted"),
    "by its dictionary": ("vars(kernel)['second'] == 'b'", "wanted"),
    "by its hash": ("hash(kernel) == hash(Kernel('a', 'b'))", "wanted"),
    "of a copy": ("copy.copy(kernel).second == 'b'", "wanted"),
    "of a changed copy": ("with_values(kernel, first='c').second == 'b'", "wanted"),
    "of one made anew": ("Kernel('c', kernel.second).second == 'b'", "wanted"),
}


def rules_are_read_in_all_ways() -> None:
    """Rows of the matrix that differ in a rule are the same only if nothing reads it, in whatever way; and who asks is told."""
    for number, (way, (wanted, test)) in enumerate(WAYS.items()):
        with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            patch.setenv("XDG_CACHE_HOME", str(Path("cache").absolute()))
            file = Path(f"rules_{number}.py")
            text = RULES.replace("{wanted}", wanted).replace("{test}", test)
            file.write_text(text.replace("{steps}", str(2 * kept.LEAST)))
            rows = [Row(f"{file}:reads", (("kernel", k),)) for k in ("aa", "ab")]
            cells, _ = matrix.matrix(rows, Question(("never",)))
            assert [c.verdict.value for c in cells] == ["holds", "violated"], (way, cells)
            function = catalogue.load(f"{file}:reads")
            for _ in range(2):
                kernel = function.convert("kernel", "aa")
                with reading({"kernel": kernel}) as read:
                    lower(function(kernel=kernel))
                assert "second" in read["kernel"], way


def test_every_rule_that_is_read() -> None:
    rules_are_read_in_all_ways()


def test_rules_of_a_design(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a design makes of a kernel is read as the kernel is."""
    with tempfile.TemporaryDirectory() as folder:
        monkeypatch.setenv("XDG_CACHE_HOME", folder)
        rows = [Row("gup_writeback", (("design", "none"), ("kernel", k))) for k in ("v6.8", "v6.8+refuse_longterm=off")]
        cells, _ = matrix.matrix(rows, Question(("pin_allowed",)))
        assert [c.verdict.value for c in cells] == ["violated", "holds"]


def moving(m: Model, moves: bool | None) -> Memory:
    return parent_memory(m, 3, 2, V6_8, unmapped=1, background=True, moves=moves)


def moves(*, said: bool = False) -> Model:
    """mremap(), where a part was told that nothing moves pages; `said`: it was told that something does."""
    m = Model()
    memory = moving(m, True if said else False)

    @m.thread("user")
    async def user() -> None:
        await mremap(memory, Process.PARENT, 0, 1)

    return m


def switched(made: Callable[[Model], Memory], dontneed: bool) -> Model:
    m = Model()
    memory = made(m)

    @m.thread("kernel")
    async def kernel() -> None:
        if dontneed:
            await madvise_dontneed(memory, Process.PARENT, 0)
        else:
            await migrate_page(memory, 0)

    return m


def test_moves() -> None:
    """`moves=False`, and mremap() is called."""
    with pytest.raises(ModelError, match=r"protect\.py:\d+: .*Features\(moves=True\)"):
        check(moves())
    assert not check(moves(said=True)).violated


REFUSED: dict[str, tuple[Callable[[Model], Memory], str]] = {
    "deferred": (lambda m: parent_memory(m, 3, 1, V6_8), "tlb_flush_pending"),
    "migrates": (lambda m: parent_memory(m, 3, 1, V6_8, background=True, migrates=False), "MigrationEntry"),
    "background": (lambda m: parent_memory(m, 3, 1, V6_8, migrates=True), "pte_locked"),
}


@pytest.mark.parametrize("switch", REFUSED)
def test_switches(switch: str) -> None:
    """A switch says that something is absent: then it has no place in the state, and who needs it is refused."""
    made, named = REFUSED[switch]
    with pytest.raises(ModelError, match=named):
        check(switched(made, switch == "deferred"))


def two_pages() -> Model:
    """Parent and child have a page each, one that fork has left them; then one page is reclaimed."""
    m = Model()
    memory = parent_memory(m, 3, 1, V6_8, background=True, migrates=False)
    Swap(m, memory, 1)
    fork = ForkCall(m, memory, Process.PARENT, Process.CHILD)

    @m.thread("parent")
    async def parent() -> None:
        await fork.dup_mmap()
        await store(memory, Cpu.PARENT, 0, Half.LOW, Value.PARENT, Writer.PARENT)
        await reclaim_page(memory, 0)

    for process in Process:
        m.reachable(f"{process.value} swapped", lambda p=process: isinstance(memory.pte[p, 0], SwapEntry))  # type: ignore[misc]
    m.reachable("both", lambda: all(isinstance(memory.pte[p, 0], SwapEntry) for p in Process))
    return m


def test_reclaim_takes_any_page() -> None:
    """Not the page of the first process alone; and one page, not both."""
    found = {p.name: p.verdict.value for p in check(two_pages()).properties}
    swapped = [found[f"{process.value} swapped"] for process in Process]
    assert swapped == ["reached", "reached"] and found["both"] == "unreachable"


def test_an_absent_page_reads_as_zero_only_if_it_is_absent() -> None:
    """Without a zero page a load of nothing is zero; of a page that is swapped out it is what was stored."""
    m = Model()
    memory = parent_memory(m, 3, 1, V6_8, background=False, migrates=False)
    memory.entries_may_be(bits=("protnone",))
    assert not memory.demand_paging()
    source = ast.parse((ROOT / "models" / "linux" / "access.py").read_text())
    (test,) = [n.test for n in ast.walk(source) if isinstance(n, ast.If) and "demand_paging" in ast.unparse(n.test)]
    assert "memory.pte_none(process, page)" in ast.unparse(test)
    assert load.__name__ == "load"


def test_what_is_reached_in_spite_of_unless() -> None:
    m = Model()
    memory = parent_memory(m, 2, 1, V6_8)

    @m.thread("parent")
    async def parent() -> None:
        await store(memory, Cpu.PARENT, 0, Half.LOW, Value.PARENT, Writer.PARENT)

    m.reachable("stored", lambda: parent.finished, unless="nobody stores")
    assert check(m).warnings == ("stored is reached, and the model says that it can't be: nobody stores",)


def test_nobody_forks() -> None:
    """A model sets properties of fork aside because nobody forks: asked all the same, they hold."""
    from explorer.answer.catalogue import load as named
    from explorer.answer.catalogue import shipped_files

    asked = 0
    for name in sorted(shipped_files("models")):
        model = named(name)()
        facts = [p for p, why in model.excludes.items() if why == "nobody forks"]
        model.excludes = {}
        if facts and name in ("mprotect_pin", "tlb_flush_cow", "uffd_wp_race"):
            found = check(model, properties=facts)
            assert not found.violated and found.complete
            asked += 1
    assert asked == 3


def test_table() -> None:
    """Each row of docs/claims.md names a test that there is, or says that nothing checks the claim."""
    rows = re.findall(r"^\| (.+) \| (.+) \| (.+) \| (.+) \|$", (ROOT / "docs" / "claims.md").read_text(), re.MULTILINE)[
        2:
    ]
    assert len(rows) > 20
    for place, _, _, tests in rows:
        named = re.findall(r"`(test_\w+\.py)::(\w+)`", tests)
        assert named or tests.startswith("none:"), place
        for file, test in named:
            assert f"def {test}(" in next((ROOT / "tests").rglob(file)).read_text(), (file, test)


def test_a_rule_that_sets_a_property_aside_is_not_left_open(capsys: pytest.CaptureFixture[str]) -> None:
    """StoreHistory looks at `fork` though it may be left open. Whoever asks for what it sets aside has a system for each value;
    for what it does not, one system has all."""
    from explorer.cli.main import main

    apart = "what is built depends on fork, reuse"
    for name, there in (("anon_exclusive", True), ("pinned_page_stays", False)):
        main(["repair", "--model", "gup_fast_fork", "--kernel", "v6.18", "--property", name, "--vary", "fork,reuse"])
        assert (apart in capsys.readouterr().out) == there
