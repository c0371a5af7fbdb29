"""The matrix: which cells, how they are kept, how they are shown. `reports/matrix.md` is what the sources give."""

from __future__ import annotations

import contextlib
import io
import json
import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import explorer.answer.checking
from explorer.answer.catalogue import load
from explorer.answer.matrix import Cell
from explorer.answer.result import Verdict
from explorer.cache import content, kept
from explorer.cli import matrix as verb
from explorer.cli.main import Parser, main
from explorer.questions import matrix, workers
from explorer.questions.matrix import Question, Row
from explorer.render.matrix import heads, markdown, page, tables, text

ROOT = Path(__file__).resolve().parents[2]
REPORT = ROOT / "reports" / "matrix.md"
MODEL = '''
"""Two CPUs increment."""

from enum import Enum

from explorer import Model, Part, Range, always, step, var


class Design(Enum):
    NONE = "none"
    WAIT = "wait"
    SAME = "same"
    STOP = "stop"


class Counter(Part):
    def __init__(self, m: Model, design: Design) -> None:
        super().__init__(m, "counter")
        self.design = design
        self.x = var(Range(0, 9), 0)
        self.held = var(bool, False)

    async def grow(self) -> None:
        await step("read", when=lambda: not self.held)
        self.held = self.design is Design.WAIT
        seen = self.x
        await step("write")
        self.x = seen + 1
        self.held = False


@always
def both_count(counter: Counter) -> bool:
    """Nothing is lost: x grows to 2 and no further."""
    return counter.x <= 2


def grow(*, design: Design = Design.NONE, rounds: int = 1) -> Model:
    """Two CPUs increment."""
    m = Model()
    counter = Counter(m, design)

    @m.thread("cpu", cpu=(0, 1))
    async def cpu(cpu: int) -> None:
        for _ in range(rounds):
            await counter.grow()

    m.require(both_count)
    m.reachable("two", lambda: counter.x == 2)
    m.reachable("five", lambda: counter.x == 5, unless="" if design is Design.SAME else "too few rounds")
    if design is Design.STOP:
        m.excludes = {"both_count": "it stops"}
    return m


def wrong(*, kernel: str = "v1") -> Model:
    """A model in error."""
    m = Model()
    counter = Counter(m, Design.NONE)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("fall")
        counter.x -= 1

    return m
'''
GOLDEN = """\
grow.py:grow
        states  bc     asse   df
  none      12  holds  holds  holds
  wait       8  holds  holds  holds
  same      12  holds  holds  holds
  stop      12  -      holds  holds
  note: five is unreachable (same)

  bc     both_count
  asse   assertions
  df     deadlock_freedom
  holds  in every reachable state
  X N    violated; the shortest counterexample has N steps, with its loop if it goes on for ever
  to N   holds to depth N: a bound was reached
  ?      undecided: a bound was reached
  -      not applicable

order-0 pages only
a cell's counterexample: explore --model MODEL --kernel KERNEL -p design=DESIGN --property PROPERTY
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with the model in it, where nothing is kept yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "grow.py").write_text(MODEL)
    content.of_file.cache_clear()
    content.imported_files.cache_clear()
    yield tmp_path


def explore(command: str) -> tuple[int, str]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        code = main(shlex.split(command))
    return code, out.getvalue()


def counting(monkeypatch: pytest.MonkeyPatch, place: Any, name: str) -> list[Any]:
    """Lets calls of a function go through and notes them."""
    calls: list[Any] = []
    real: Callable[..., Any] = getattr(place, name)

    def note(*args: Any, **kwargs: Any) -> Any:
        calls.append(args)
        return real(*args, **kwargs)

    monkeypatch.setattr(place, name, note)
    return calls


def rows(*designs: str, rounds: str = "1") -> list[Row]:
    return [Row("grow.py:grow", (("design", design), ("rounds", rounds))) for design in designs]


# ---------------------------------------------------------------- the cells


def test_golden_text() -> None:
    code, shown = explore("matrix --model grow.py:grow --jobs 1")
    assert shown == GOLDEN and code == 0


def test_cells() -> None:
    """Each cell says what a run says, and one that is violated has the command that shows it."""
    code, shown = explore("matrix --model grow.py:grow --design none,wait --jobs 1 --format json")
    cells = json.loads(shown)
    assert code == 0
    assert [(c["parameters"]["design"], c["property"], c["verdict"], c["states"], c["transitions"]) for c in cells] == [
        ("none", "both_count", "holds", 12, 14),
        ("none", "assertions", "holds", 12, 14),
        ("none", "deadlock_freedom", "holds", 12, 14),
        ("wait", "both_count", "holds", 8, 8),
        ("wait", "assertions", "holds", 8, 8),
        ("wait", "deadlock_freedom", "holds", 8, 8),
    ]
    cells, _ = matrix.matrix(rows("none", "wait", rounds="2"), Question(("both_count",)))
    assert [(c.verdict, c.depth, c.trace and c.trace.schedule) for c in cells] == [
        (Verdict.VIOLATED, 6, "cpu[0]*4/cpu[1]*2"),
        (Verdict.VIOLATED, 6, "cpu[0]*4/cpu[1]*2"),
    ]
    for cell in cells:
        assert cell.trace is not None and "both_count is violated" in cell.trace.diagram
        code, shown = explore(cell.trace.replay.removeprefix("explore "))
        assert code == 1 and "violated at the end: both_count" in shown


def test_bounds() -> None:
    code, shown = explore("matrix --model grow.py:grow --design none,stop --depth 2 --jobs 1")
    assert code == 4
    assert "  none       6  to 2  to 2  to 2\n  stop       6  -     to 2  to 2\n" in shown
    code, shown = explore("matrix --model grow.py:grow --design none --max-states 4 --jobs 1")
    assert code == 4 and "to 1" in shown


def test_model_in_error() -> None:
    """It does not take the others with it."""
    command = "matrix --model grow.py:grow,grow.py:wrong,missing.py:f --design none --kernel v4.19 --jobs 1"
    assert explore(command) == (2, "explore: there is no model file missing.py\n")
    (Path("missing.py")).write_text("1/0")
    code, shown = explore(command)
    assert code == 3
    assert "  none      12  holds  holds  holds\n" in shown
    shown = " ".join(shown.split())
    assert "v4.19 model in error: grow.py:64: counter.x would become -1; its range is 0..9" in shown
    assert "model in error: missing.py:1: importing missing.py failed: ZeroDivisionError" in shown


WRONG = [
    ("--model grow.py:grow --design nine", "the parameter design must be one of none, wait, same, stop, not 'nine'"),
    ("--model rdma_fork --design none", "none of the models has a parameter design"),
    ("--model rdma_fork --kernel v4.1", "v4.15"),
    ("--model rdma_frok", "there is no model 'rdma_frok'; did you mean rdma_fork?"),
    ("--model rdma_fork --family file", "none of the models is of the family file"),
    ("--model rdma_fork --property pinned_page", "did you mean pinned_page_stays?"),
]


@pytest.mark.parametrize(("options", "said"), WRONG)
def test_wrong_usage(options: str, said: str) -> None:
    code, shown = explore(f"matrix {options}")
    assert code == 2 and said in shown


def test_rows() -> None:
    """What a model is spread over: its own constants, its designs, kernels."""
    Path("own.py").write_text(
        MODEL + '\n\nFAMILY = "anon"\nMATRIX = {"design": ("none", "wait"), "rounds": ("1", "2")}\n'
    )
    Path("kernels.py").write_text(
        MODEL.replace("design: Design = Design.NONE, rounds", "kernel: str = 'v1', rounds")
        .replace("(m, design)", "(m, Design.NONE)")
        .replace("design is", "Design.NONE is")
    )
    own, other = load("own.py:grow"), load("kernels.py:grow")
    assert matrix.family(own) == "anon" and matrix.family(load("grow.py:grow")) == "file"
    assert matrix.family(other) == "anon"
    assert [dict(r.parameters) for r in matrix.rows(own, {}, {})] == [
        {"design": "none", "rounds": "1"},
        {"design": "none", "rounds": "2"},
        {"design": "wait", "rounds": "1"},
        {"design": "wait", "rounds": "2"},
    ]
    assert [r.parameters for r in matrix.rows(own, {}, {"design": ["stop"]})] == [
        (("design", "stop"), ("rounds", "1")),
        (("design", "stop"), ("rounds", "2")),
    ]
    assert [r.parameters for r in matrix.rows(other, {"kernel": ["v1", "v2"]}, {})] == [
        (("kernel", "v1"),),
        (("kernel", "v2"),),
    ]
    assert [r.parameters for r in matrix.rows(load("grow.py:grow"), {}, {})] == [
        (("design", d),) for d in ("none", "wait", "same", "stop")
    ]


def test_rdma_fork() -> None:
    """Of kernels that differ in nothing that the model reads, one line."""
    code, shown = explore(
        "matrix --model rdma_fork --kernel v4.19,v5.4,v6.8 --property pinned_page_stays --depth 12 --jobs 1"
    )
    assert code == 4
    assert re.search(r"^  v4\.19 \.\. v5\.4 +[\d,]+  X 12\n  v6\.8 +[\d,]+  to 12\n", shown, re.M)


# ---------------------------------------------------------------- what is kept


def test_second_run_searches_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted, question = rows("none", "wait"), Question()
    first = matrix.matrix(wanted, question)
    monkeypatch.setattr(explorer.answer.checking, "judge", None)
    assert matrix.matrix(wanted, question) == first


def test_second_run_of_shipped_models_lowers_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted, question = [Row("dirty_cow")], Question()
    first = matrix.matrix(wanted, question)
    monkeypatch.setattr(matrix, "answer", None)
    assert matrix.matrix(wanted, question) == first


def test_a_file_beside_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a model of the user's own reads besides its sources is no reason for an old verdict."""
    Path("most.txt").write_text("9")
    Path("reads.py").write_text(
        "from pathlib import Path\n"
        + MODEL.replace("var(Range(0, 9), 0)", "var(Range(0, 9), int(Path('most.txt').read_text()))")
    )
    cells = [matrix.matrix([Row("reads.py:grow")], Question())[0] for _ in "ab"]
    assert cells[0] == cells[1] and {c.verdict for c in cells[0]} == {Verdict.IN_ERROR}, "9 + 1 is out of range"
    Path("most.txt").write_text("0")
    assert matrix.matrix([Row("reads.py:grow")], Question())[0] != cells[0]


def test_damaged_entries_are_computed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted, question = rows("none", "wait"), Question()
    first = matrix.matrix(wanted, question)
    for path in (kept.cache_folder() / "matrix").iterdir():
        path.write_bytes(path.read_bytes()[:-9] + b'"holds"}]')
    for path in (kept.cache_folder() / "systems").iterdir():
        path.write_bytes(b"")
    answered = counting(monkeypatch, matrix, "answer")
    assert matrix.matrix(wanted, question) == first and len(answered) == 2


def test_equal_systems_are_searched_once(monkeypatch: pytest.MonkeyPatch) -> None:
    import explorer.answer.checking

    searched = counting(monkeypatch, explorer.answer.checking, "judge")
    cells, _ = matrix.matrix(rows("none", "wait", "same"), Question(("both_count",)))
    assert len(searched) == 2 and [c.states for c in cells] == [12, 8, 12]
    cells, _ = matrix.matrix(rows("none", "same", rounds="2"), Question())
    assert len(searched) == 3
    replay = [c.trace.replay for c in cells if c.trace is not None]
    assert ["design=same" in words for words in replay] == [False, True]


RULES = '''
"""What is read where."""

from dataclasses import dataclass

from explorer import Model, Part, Range, Rules, always, step, var


@dataclass(frozen=True)
class Kernel(Rules):
    built: bool = False  # decides what is built
    taken: bool = False
    nested: bool = False  # read only where `taken` is set
    unread: bool = False

    @staticmethod
    def parse(text: str) -> "Kernel":
        return Kernel(*(c == "1" for c in text))

    @property
    def name(self) -> str:
        return "".join("01"[object.__getattribute__(self, n)] for n in ("built", "taken", "nested", "unread"))


class Counter(Part):
    def __init__(self, m: Model, kernel: Kernel) -> None:
        super().__init__(m, "counter")
        self.kernel = kernel
        self.x = var(Range(0, 9), 1 if kernel.built else 0)

    async def grow(self) -> None:
        await step("grow")
        if self.kernel.taken:
            self.x += 2
            if self.kernel.nested:
                self.x += 3


@always
def small(counter: Counter) -> bool:
    """x stays below 3."""
    return counter.x < 3


def grows(kernel: Kernel = Kernel()) -> Model:
    m = Model()
    counter = Counter(m, kernel)
    m.thread("cpu")(counter.grow)
    m.require(small(counter))
    return m
'''


def test_rows_that_differ_in_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read while the model is built, always, or only where another rule is set: no row is taken for another."""
    import explorer.answer.checking

    Path("rules.py").write_text(RULES)
    searched = counting(monkeypatch, explorer.answer.checking, "judge")
    kernels = [f"{i:04b}" for i in range(16)]
    cells, _ = matrix.matrix([Row("rules.py:grows", (("kernel", k),)) for k in kernels], Question(("small",)))
    assert [c.kernel for c in cells] == kernels and len(searched) == 6, "equal systems are searched once"
    for cell in cells:
        built, taken, nested, _ = (c == "1" for c in cell.kernel or "")
        most = built + (5 if nested else 2) * taken
        assert (cell.verdict is Verdict.HOLDS) == (most < 3), cell
        assert cell.trace is None or f"--kernel {cell.kernel} " in cell.trace.replay


def test_what_an_edit_touches() -> None:
    """The digest of a row is that of all sources it is made from, and of no other's."""
    Path("one.py").write_text("import shared\n" + MODEL)
    Path("two.py").write_text(MODEL)
    Path("shared.py").write_text("X = 1\n")
    question = Question()

    def stamps() -> list[str]:
        content.of_file.cache_clear()
        return [matrix.stamp(Row(name), question) for name in ("one.py:grow", "two.py:grow")]

    before = stamps()
    assert stamps() == before
    Path("shared.py").write_text("X = 2\n")
    after = stamps()
    assert after[0] != before[0] and after[1] == before[1]
    assert matrix.stamp(Row("two.py:grow", (("rounds", "2"),)), question) != after[1]
    assert matrix.stamp(Row("two.py:grow"), Question(depth=3)) != after[1]


def test_sources_of_a_shipped_model() -> None:
    files = {p.name for p in content.closure([ROOT / "models" / "rdma_fork.py"])}
    assert {"rdma_fork.py", "kernels.py", "fork.py", "gup.py", "pinned_page_stays.py"} <= files


def test_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cells do not depend on how many processes computed them."""
    wanted, question = rows("none", "wait", "same", "stop"), Question()
    alone = matrix.matrix(wanted, question, jobs=1)
    monkeypatch.setenv("XDG_CACHE_HOME", str(Path.cwd() / "another"))
    assert matrix.matrix(wanted, question, jobs=2) == alone


def test_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows so far are an answer, and the others say that they were not searched."""
    real = workers.each

    def stopped(*args: Any) -> Iterator[Any]:
        yield next(real(*args))
        raise KeyboardInterrupt

    monkeypatch.setattr(workers, "each", stopped)
    code, shown = explore("matrix --model grow.py:grow --design none,wait --jobs 1")
    assert code == 130
    assert "  none      12  holds  holds  holds\n  wait  not searched\n" in shown
    code, shown = explore("matrix --model grow.py:grow --design none,wait,same --jobs 1 --format markdown")
    assert code == 130 and "Incomplete: it was interrupted." in shown


# ---------------------------------------------------------------- how it is shown


def test_pages_from_the_json_alone() -> None:
    """Every violated cell leads to its counterexample, in Markdown and in HTML."""
    cells, _ = matrix.matrix(rows("none", "wait", "stop", rounds="2"), Question())
    cells = [Cell.from_json(json.loads(json.dumps(c.to_json()))) for c in cells]
    made = markdown(cells, ["Made by hand."])
    links = re.findall(r"\[violated at 6\]\(#([\w-]+)\)", made)
    assert len(links) == 2 and all(f'<a id="{link}"></a>`both_count`' in made for link in links)
    assert "explore replay --model grow.py:grow -p rounds=2 --schedule 'cpu[0]*4/cpu[1]*2'" in made
    assert "order-0 pages only" in made and "Made by hand." in made
    shown = page(cells)
    links = re.findall(r'<td class="violated"><a href="#([\w-]+)">violated at 6</a></td>', shown)
    assert len(links) == 2 and all(f'<h3 id="{link}">both_count: ' in shown for link in links)
    assert '<td class="" title="it stops">not applicable</td>' in shown and "CPU 0 (cpu[0])" in shown


def test_wide_tables_fit_a_terminal() -> None:
    """More properties than fit beside each other go below; long names of rows take a line."""
    names = [f"a_property_that_is_number_{i}" for i in range(40)]
    cells = [
        replace(matrix.whole_row(Row("m", (("design", d),)), Verdict.VIOLATED, ""), name=n, states=10**7, depth=17)
        for d in ("none", "d" * 60)
        for n in names
    ]
    shown = text(cells)
    assert max(map(len, shown.splitlines())) <= 100
    assert shown.count("X 17") == 80
    assert len(tables(cells)[0].lines) == 2


@given(st.lists(st.from_regex(r"[a-c](_?[a-c]){0,3}", fullmatch=True), unique=True))
def test_heads_differ(names: list[str]) -> None:
    assert len(set(heads(names).values())) == len(names)


def test_report_is_current() -> None:
    """`reports/matrix.md` was made from the sources as they are. It says the command that makes it anew."""
    said = REPORT.read_text()
    command = re.findall(r"Made by `explore matrix (.*?)`", said)[0]
    parser = Parser()
    verb.arguments(parser)
    options = parser.parse_args(shlex.split(command))
    plan = verb.plan(options)
    assert not plan.broken
    stamp = matrix.stamp_of(plan.rows, verb.question(options))
    assert f"Sources: `{stamp}`" in said, f"it is stale: explore matrix {command}"
    assert "order-0 pages only" in said
