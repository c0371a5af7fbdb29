"""Arbitrary traces, with arbitrary text in every place that a model can fill."""

from __future__ import annotations

from hypothesis import strategies as st

from explorer.answer.trace import Step, TakenBranch, Trace
from explorer.language.picture import Arrow, Box, Picture

texts = st.one_of(
    st.text(max_size=60),
    st.sampled_from(["set_pte_at", "do_wp_page", "a b c", "x" * 120, "f() -> g", '<>&{}|"\\ →', "mm.pte[parent,0]"]),
    st.text('ab_ ().,=!<>{}|&\\"', max_size=80),
)
conditions = st.one_of(
    texts, st.sampled_from(["not self.f(x)", "a and not b", "a is None or b < 3", "1 < x < 3", "True"])
)
functions = st.tuples(texts, st.one_of(st.just(""), st.just("mm/gup.c:gup_pte_range()"), texts))


@st.composite
def steps(draw: st.DrawFn, actors: list[str]) -> Step:
    actor = draw(st.sampled_from(actors))
    stack = tuple(draw(st.lists(functions, max_size=12)))
    branches = st.builds(TakenBranch, conditions, st.integers(1, 999), st.booleans(), st.just(""), texts)
    return Step(
        actor=actor,
        label=draw(texts),
        function=stack[-1][0] if stack else draw(texts),
        kernel=stack[-1][1] if stack else draw(texts),
        stack=stack,
        file=draw(st.sampled_from(["", "/a/models/linux/x.py", "m.py", "/deep/" * 30 + "x.py"])),
        line=draw(st.integers(1, 99999)),
        branches=tuple(draw(st.lists(branches, max_size=3))),
        choices=tuple(draw(st.lists(st.tuples(texts, texts), max_size=2))),
        schedule=draw(st.sampled_from([actor, f"{actor}.rule(p=0)", f"{actor}:frame=1"])),
        changes=draw(st.dictionaries(texts, st.tuples(texts, texts), max_size=3)),
        failure=draw(st.one_of(st.just(""), texts)),
    )


@st.composite
def drawn(draw: st.DrawFn) -> Picture:
    names = draw(st.lists(texts, min_size=1, max_size=4, unique=True))
    rows = st.lists(texts, max_size=3).map(tuple)
    boxes = [Box(n, draw(texts), draw(rows), draw(st.sampled_from(["mapper", "memory"]))) for n in names]
    ends = st.sampled_from([*names, "somebody else"])
    arrows = draw(st.lists(st.builds(Arrow, ends, ends, texts, st.booleans(), st.booleans()), max_size=4))
    return Picture(tuple(boxes), tuple(arrows), draw(texts))


@st.composite
def traces(draw: st.DrawFn) -> Trace:
    actors = draw(
        st.lists(st.one_of(texts, st.sampled_from(["parent", "child", "hca"])), min_size=1, max_size=6, unique=True)
    )
    taken = draw(st.lists(steps(actors), max_size=6))
    pictures = draw(
        st.lists(st.lists(drawn(), min_size=len(taken) + 1, max_size=len(taken) + 1).map(tuple), max_size=2)
    )
    return Trace(
        model=draw(texts),
        claim=draw(texts),
        violated=draw(st.booleans()),
        harm=draw(texts),
        steps=tuple(taken),
        initial=draw(st.dictionaries(texts, texts, max_size=2)),
        pictures=tuple(pictures),
        actors=tuple(draw(st.permutations(actors))) if draw(st.booleans()) else (),
        note=draw(texts),
        loop=draw(st.one_of(st.none(), st.integers(0, len(taken)))),
    )
