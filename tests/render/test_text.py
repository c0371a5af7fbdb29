"""The text form of a trace: golden files, widths, the wording of conditions."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explorer.answer.trace import Step, TakenBranch, Trace
from explorer.render.conditions import readable
from explorer.render.diagram import diagram, text
from explorer.render.lines import lanes, step_lines
from explorer.render.plain import clip, to_ascii, wrap
from explorer.render.steps import steps_table
from tests.render.golden import check_golden
from tests.render.samples import FIVE, GUP_FAST, INITIAL, LONG, SAMPLES, step, trace
from tests.render.strategies import texts, traces

# the diagram of commit 57efa1fe5957: (lane, line)
COMMIT = [
    (0, "get_user_pages_fast()"),
    (0, "internal_get_user_pages_fast()"),
    (1, "copy_page_range()"),
    (1, "pte_alloc_map_lock()"),
    (1, "copy_present_page()"),
    (1, "atomic_read(has_pinned) == 0"),
    (1, "page_maybe_dma_pinned() == false"),
    (0, "atomic_set(has_pinned, 1);"),
    (0, "gup_pgd_range()"),
    (0, "gup_pte_range()"),
    (0, "pte_t pte = gup_get_pte(ptep)"),
    (0, "pte_access_permitted(pte)"),
    (0, "try_grab_compound_head()"),
    (1, "pte = pte_wrprotect(pte)"),
    (1, "set_pte_at();"),
    (1, "pte_unmap_unlock()"),
    (0, "// GUP now returns with a write protected page"),
]


@pytest.mark.parametrize("name", SAMPLES)
def test_golden_text(name: str) -> None:
    check_golden(f"{name}.txt", text(SAMPLES[name]))


def test_the_diagram_of_the_commit() -> None:
    head, *lines = diagram(GUP_FAST).splitlines()
    assert head.split() == ["CPU", "0", "(gup)", "CPU", "1", "(fork)"]
    second = head.index("CPU 1") - 4
    shown = [(int(len(line) - len(line.lstrip()) >= second), line.strip()) for line in lines]
    assert [row for row in shown if row != (0, "return")] == COMMIT
    depth = {line.strip(): len(line) - len(line.lstrip()) for line in lines}
    for outer, inner in (
        ("get_user_pages_fast()", "internal_get_user_pages_fast()"),
        ("gup_pgd_range()", "gup_pte_range()"),
    ):
        assert depth[inner] == depth[outer] + 1


def test_more_actors_than_columns_are_a_table_of_times() -> None:
    lines = diagram(FIVE).splitlines()
    times = [line for line in lines if line.startswith("[Time ")]
    assert len(times) == FIVE.switches + 1
    assert all(len(line) == 75 and line.endswith("---") for line in times)
    assert lines[1].startswith("CPU 0 (writer[0])")
    assert any(line.startswith("disk ") for line in lines)


def test_devices_go_by_their_own_name_and_cpus_are_numbered() -> None:
    steps = [step("parent", "a"), step("nic", "b", rule="receive"), step("child", "c"), step("hca[0]", "d")]
    titles = [lane.title for lane in lanes(trace(steps, ["parent", "nic", "hca[0]", "child"]))]
    assert titles == ["CPU 0 (parent)", "nic", "hca[0]", "CPU 1 (child)"]


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        (step("p", "do_wp_page", ("fault", "do_wp_page")), ["fault()", " do_wp_page()"]),
        (step("p", "do_wp_page()", ("do_wp_page",)), ["do_wp_page()"]),
        (step("p", "alloc", ("do_wp_page",), chosen=[("frame", "1")]), ["do_wp_page()", " alloc -> frame 1"]),
        (step("p", "f", ("f",), chosen=[("value", "3"), ("writer", "child")]), ["f() -> 3, writer child"]),
        (step("p", "set_pte_at", ("f",)), ["f()", " set_pte_at()"]),
        (step("p", "lock", ("down_read",), changes={"lock.readers": ("0", "1")}), ["down_read(lock)"]),
        (step("p", "go", failure="page_count(page) < 0"), ["go", "<- page_count(page) < 0"]),
        (step("p", ""), ["p()"]),
    ],
)
def test_the_lines_of_a_step(taken: Step, expected: list[str]) -> None:
    (lines,) = step_lines(trace([taken], ["p"]))
    assert [" " * line.depth + line.text for line in lines] == expected


def test_a_routine_is_named_when_it_is_entered_and_not_again() -> None:
    steps = [
        step("p", "one", ("f", "g")),
        step("q", "other", ("f",)),
        step("p", "two", ("f", "g")),
        step("p", "f", ("f",)),
    ]
    shown = [[line.text for line in lines] for lines in step_lines(trace(steps, ["p", "q"]))]
    assert shown == [["f()", "g()", "one"], ["f()", "other"], ["two"], ["f()"]]


def test_a_part_of_the_kernel_function_that_calls_it_is_no_call() -> None:
    """Two routines may stand for one kernel function: it is written once, and what the inner one calls is one deeper."""
    fault = "arch/x86/mm/fault.c:do_user_addr_fault()"
    stack = (
        ("do_user_addr_fault", fault),
        ("fault_in_vma", fault),
        ("handle_mm_fault", "mm/memory.c:handle_mm_fault()"),
    )
    inside = (
        TakenBranch("x == 1", 3, True, function="fault_in_vma"),
        TakenBranch("y", 4, True, function="handle_mm_fault"),
    )
    taken = [
        replace(step("p", "lock"), stack=stack[:1]),
        replace(step("p", "look", failure="wrong"), stack=stack[:2], branches=inside[:1]),
        replace(step("p", "go"), stack=stack, branches=inside),
    ]
    shown = [[" " * line.depth + line.text for line in lines] for lines in step_lines(trace(taken, ["p"]))]
    assert shown == [
        ["do_user_addr_fault()", " lock"],
        [" look", " x == 1", " <- wrong"],
        [" handle_mm_fault()", "  go", " x == 1", "  y == true"],
    ]
    assert diagram(trace(taken[:2], ["p"])).splitlines()[-1] == "   // pinned_page_stays is violated"


@pytest.mark.parametrize(
    ("source", "outcome", "expected"),
    [
        ("self.page_maybe_dma_pinned(page)", False, ["page_maybe_dma_pinned() == false"]),
        ("not self.mm.page_maybe_dma_pinned(page)", True, ["page_maybe_dma_pinned() == false"]),
        ("self.mapcount[orig.frame] == 1", True, ["mapcount[orig.frame] == 1"]),
        ("self.mapcount[orig.frame] == 1", False, ["mapcount[orig.frame] != 1"]),
        ("pte is None", False, ["pte != None"]),
        ("kernel.reuse is not Reuse.MAPCOUNT", True, ["kernel.reuse != MAPCOUNT"]),
        ("self.forked and not self.pte[p].writable", True, ["forked == true", "pte[p].writable == false"]),
        ("self.forked and not self.a == b", False, ["(forked && !(a == b)) == false"]),
        ("a or b", False, ["a == false", "b == false"]),
        ("a or (b and c)", True, ["a || (b && c)"]),
        ("1 < x <= 3", False, ["(1 < x <= 3) == false"]),
        ("x in (Mode.ONE, Mode.TWO)", False, ["x not in (ONE, TWO)"]),
        ("any(self.pin[f] for f in frames)", True, ["any((pin[f] for f in frames)) == true"]),
        ("a if b else c", True, ["(a if b else c) == true"]),
        ("True", True, []),
        ("", True, []),
        ("not a condition at all", False, ["not a condition at all == false"]),
    ],
)
def test_conditions_read_as_in_a_commit_message(source: str, outcome: bool, expected: list[str]) -> None:
    assert list(readable(source, outcome)) == expected


@settings(deadline=None)
@given(texts, st.booleans())
def test_any_text_is_readable(source: str, outcome: bool) -> None:
    for line in readable(source, outcome):
        assert "\n" not in line


@settings(deadline=None)
@given(st.text(), st.integers(1, 30), st.integers(1, 30))
def test_wrapping_keeps_to_the_width_and_loses_nothing(source: str, first: int, rest: int) -> None:
    plain = to_ascii(source)
    lines = wrap(plain, first, rest)
    assert len(lines[0]) <= first
    assert all(len(line) <= rest for line in lines[1:])
    assert "".join(lines).replace(" ", "") == plain.replace(" ", "")


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(traces(), st.sampled_from([75, 75, 40, 100]))
def test_any_diagram_is_ascii_and_no_wider_than_asked(made: Trace, width: int) -> None:
    shown = diagram(made, width)
    assert shown.isascii()
    assert all(len(line) <= width for line in shown.splitlines())
    assert all(char == "\n" or char.isprintable() for char in shown)
    if made.steps:
        acting = {taken.actor for taken in made.steps}
        for lane in (lane for lane in lanes(made) if lane.actor in acting):
            title = to_ascii(lane.title)
            whole = clip(title, width // 3) in shown
            assert whole or all(word in shown for word in title.split() if len(word) <= 10), title


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(traces())
def test_any_table_of_steps_is_ascii_and_no_wider_than_100(made: Trace) -> None:
    shown = steps_table(made)
    assert shown.isascii()
    assert all(len(line) <= 100 for line in shown.splitlines())


def test_very_long_labels_are_wrapped_not_lost() -> None:
    squeezed = "".join(diagram(LONG).split())
    for said in ("x" * 200, "y" * 90, to_ascii(LONG.harm)):
        assert "".join(said.split()) in squeezed


def test_a_trace_without_steps_tells_of_the_initial_state() -> None:
    assert diagram(INITIAL) == "(initial state)\n// it is broken from the start\n"


def test_too_narrow_is_refused() -> None:
    with pytest.raises(ValueError, match="^a diagram needs a width of at least 40, not 20$"):
        diagram(GUP_FAST, 20)


def test_the_schedule_is_on_a_line_of_its_own() -> None:
    lines = text(GUP_FAST).splitlines()
    assert "schedule: gup/fork/gup*4/fork*3/gup" in lines
    assert f"replay:   {GUP_FAST.reproduce}" in lines
