"""A trace as text: the diagram of kernel commit messages, what each step changed, the string that replays it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from explorer.answer.trace import Trace
from explorer.render.lines import Lane, Line, depth, endings, harm, lanes, step_lines, summary
from explorer.render.plain import clip, to_ascii, wrap
from explorer.render.steps import steps_table

COLUMN = 25  # a lane narrower than this can't be read
MARGIN, GAP, NARROW = 2, 2, 16


def text(trace: Trace) -> str:
    """The diagram, what changed at each step, the schedule string and the command that replays it."""
    parts = ["\n".join(wrap(to_ascii(summary(trace)), 75)), diagram(trace).rstrip("\n")]
    if trace.note:
        parts.append("\n".join(wrap(to_ascii(trace.note), 75)))
    if trace.steps:
        parts.append(steps_table(trace).rstrip("\n"))
    # these two are for copying: on a line of their own, never wrapped
    parts.append(f"schedule: {trace.schedule}")
    if trace.reproduce:
        parts.append(f"replay:   {trace.reproduce}")
    return "\n\n".join(parts[:-1]) + f"\n{parts[-1]}\n" if trace.reproduce else "\n\n".join(parts) + "\n"


def diagram(trace: Trace, width: int = 75) -> str:
    """The interleaving as a commit message shows it: ASCII, no line longer than `width` (at least 40).

    One lane for each actor, one acting per line, one more space for each call. More actors than columns of 25 fit:
    the table of Documentation/mm/mmu_notifier.rst.
    """
    if width < 40:
        raise ValueError(f"a diagram needs a width of at least 40, not {width}")
    columns = lanes(trace)
    said = to_ascii(harm(trace))
    rulers = {at: ruler(said, width) for at, said in endings(trace)}
    if not trace.steps and not rulers:
        return "\n".join(["(initial state)", *wrap(f"// {said}", width, width)] if said else ["(initial state)"]) + "\n"
    if not trace.steps:
        return "\n".join(["(initial state)", *rulers.values(), *wrap(f"// {said}", width, width)]) + "\n"
    ascii_lines = [[Line(line.depth, to_ascii(line.text), line.kind) for line in lines] for lines in step_lines(trace)]
    if said and not rulers:
        last = trace.steps[-1]
        ascii_lines[-1].append(Line(depth(last.stack), f"// {said}", "note"))
    titled = [Lane(lane.actor, to_ascii(lane.title)) for lane in columns]
    acted = [(step.actor, lines) for step, lines in zip(trace.steps, ascii_lines, strict=True)]
    if len(titled) * COLUMN <= width:
        out = _columns(titled, acted, width, rulers)
    else:
        out = _times(titled, acted, width, rulers)
    if said and rulers:
        out += wrap(f"// {said}", width, width)
    return "\n".join(line.rstrip() for line in out) + "\n"


def ruler(said: str, width: int) -> str:
    """A line across all lanes: what holds from here on."""
    return f"---- {said} ".ljust(width, "-")


# ---------------------------------------------------------------- columns


def _columns(
    titled: list[Lane], acted: list[tuple[str, list[Line]]], width: int, rulers: Mapping[int, str]
) -> list[str]:
    place = {lane.actor: i for i, lane in enumerate(titled)}
    said: list[Counter[Line]] = [Counter({Line(2, lane.title, "step"): 1}) for lane in titled]
    for actor, lines in acted:
        said[place[actor]].update(line for line in lines if not line.note)
    widths = share(said, width - MARGIN - GAP * (len(titled) - 1))
    starts = [MARGIN + sum(widths[:i]) + GAP * i for i in range(len(titled))]
    out = _heads(titled, starts, widths)
    for number, (actor, lines) in enumerate(acted):
        out += [rulers[number]] if number in rulers else []
        at = place[actor]
        for line in lines:
            out += _in_lane(line, starts[at], widths[at], width)
    return [*out, rulers[len(acted)]] if len(acted) in rulers else out


def share(said: list[Counter[Line]], total: int) -> list[int]:
    """How wide each lane is, `total` together: so that fewest lines are wrapped, then as even as can be.

    `said`: what each lane has to hold, and how often.
    """
    least = min(NARROW, total // len(said))
    even = total // len(said)
    # best[w]: the lanes so far in w columns together, as (lines, unevenness, widths)
    best: dict[int, tuple[int, int, list[int]]] = {0: (0, 0, [])}
    for i, lines in enumerate(said):
        rest = least * (len(said) - i - 1)
        costs = {w: _lines_needed(lines, w) for w in range(least, total - rest + 1)}
        following: dict[int, tuple[int, int, list[int]]] = {}
        for used, (cost, uneven, widths) in best.items():
            for w, more in costs.items():
                if used + w + rest > total:
                    break
                found = (cost + more, uneven + abs(w - even), [*widths, w])
                if used + w not in following or found < following[used + w]:
                    following[used + w] = found
        best = following
    return best[total][2]


def _lines_needed(lines: Counter[Line], width: int) -> int:
    """How many lines it takes in that width; a broken word is as bad as another line."""
    needed = 0
    for line, count in lines.items():
        room = width - _indent(line, width)
        broken = sum(len(word) > room for word in line.text.split())
        needed += (len(_pieces(line, width)) + broken) * count
    return needed


def _heads(titled: list[Lane], starts: list[int], widths: list[int]) -> list[str]:
    """The titles, indented a little where there is room, wrapped where they are longer than their lane."""
    rows = [wrap(lane.title, widths[i]) for i, lane in enumerate(titled)]
    out = []
    for r in range(max(len(row) for row in rows)):
        line = ""
        for i, row in enumerate(rows):
            if r < len(row):
                indent = min(4, widths[i] - max(len(part) for part in row))
                line = line.ljust(starts[i] + indent) + row[r]
        out.append(line)
    return out


def _in_lane(line: Line, start: int, lane: int, width: int) -> list[str]:
    """One line of a lane. A note may run on into the lanes to its right, which are empty there, if it then fits."""
    indent = _indent(line, lane)
    if line.note and start + indent + len(line.text) <= width:
        return [" " * (start + indent) + line.text]
    return [" " * (start + indent) + piece for piece in _pieces(line, lane)]


def _indent(line: Line, lane: int) -> int:
    return min(line.depth, lane // 3)


def _pieces(line: Line, lane: int) -> list[str]:
    """The line wrapped to its lane, what follows the first piece set in a little."""
    room = lane - _indent(line, lane)
    hang = 3 if line.text.startswith(("// ", "<- ")) else 2
    first, *others = wrap(line.text, max(room, 1), max(room - hang, 1))
    return [first, *(" " * hang + piece for piece in others)]


# ---------------------------------------------------------------- times


def _times(titled: list[Lane], acted: list[tuple[str, list[Line]]], width: int, rulers: Mapping[int, str]) -> list[str]:
    """One block for each stretch between two context switches, its actor's name before every line."""
    titles = {lane.actor: clip(lane.title, width // 3) for lane in titled}
    name = max(len(t) for t in titles.values())
    out: list[str] = []
    time, previous = 0, None
    for number, (actor, lines) in enumerate(acted):
        out += [rulers[number]] if number in rulers else []
        if actor != previous:
            time += 1
            out.append(f"[Time {time}] ".ljust(width, "-"))
            previous = actor
        for line in lines:
            start = name + 2 + min(line.depth, (width - name) // 3)
            content = line.text if line.note else f"{{{line.text}}}"
            pieces = wrap(content, width - start, width - start - 2)
            out.append(titles[actor].ljust(start) + pieces[0])
            out += [" " * (start + 2) + piece for piece in pieces[1:]]
    return [*out, rulers[len(acted)]] if len(acted) in rulers else out
