"""A trace as a Graphviz picture: a lane for each actor, time going down, memory beside every step that changed it."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.answer.trace import Step, Trace
from explorer.language.picture import Picture
from explorer.render import picture as memory
from explorer.render.canvas import CHAR, GREY, PAD_X, PALE, RED, Canvas, Rect, columns, end, fitted_lines, text_size
from explorer.render.lines import Lane, endings, harm, lanes, step_lines, summary
from explorer.render.steps import place

LANE_COLUMNS = {1: 40, 2: 34, 3: 28}  # by the number of lanes
MANY_LANES_COLUMNS = 26
CHANGE_COLUMNS = 44
DARK, GREEN = "#404040", "#2e7d32"
HARM_WIDTH = 36 * CHAR + PAD_X
LANE_GAP, STEP_GAP, SWITCH_GAP, PANEL_GAP = 20.0, 12.0, 22.0, 14.0


def trace_dot(trace: Trace) -> str:
    """The trace as DOT. The graph is named by the schedule string, which so becomes the title of the SVG."""
    return _Drawing(trace).draw()


@dataclass
class _Column:
    """A lane on paper: the name of its nodes, its title's lines, its left edge and its width."""

    name: str
    lane: Lane
    title: list[str]
    x: float
    width: float

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


class _Drawing:
    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.canvas = Canvas()
        self.pictures = memory.pictures(trace)
        self.room = memory.frame(self.pictures)
        self.texts = self._texts()
        self.columns = self._lay_lanes()
        # what broke stands under the lanes and needs some width of its own
        self.lanes_right = max([HARM_WIDTH, *(c.x + c.width for c in self.columns.values())])
        self.panel_x = self.lanes_right + 22.0
        self.panel_bottom = 0.0

    def lane_columns(self) -> int:
        """What a lane's text is wrapped to."""
        return LANE_COLUMNS.get(len(lanes(self.trace)), MANY_LANES_COLUMNS)

    def _texts(self) -> list[list[str]]:
        """The lines in each step's box, numbered and indented by how deep they are in it."""
        room = self.lane_columns()
        result = []
        for i, lines in enumerate(step_lines(self.trace)):
            number = f"{i + 1}. "
            least = min(line.depth for line in lines)
            text: list[str] = []
            for line in lines:
                indent = len(number) + min(line.depth - least, 6)
                pieces = fitted_lines(line.text, room - indent, room - indent - 2)
                text.append(" " * indent + pieces[0])
                text += [" " * (indent + 2) + piece for piece in pieces[1:]]
            text[0] = number + text[0][len(number) :]
            result.append(text)
        return result

    def _lay_lanes(self) -> dict[str, _Column]:
        x = 0.0
        result: dict[str, _Column] = {}
        room = self.lane_columns()
        for lane in lanes(self.trace):
            title = fitted_lines(lane.title, room)
            said = list(title)
            for step, text in zip(self.trace.steps, self.texts, strict=True):
                said += text if step.actor == lane.actor else []
            width = max(columns(t) for t in said) * CHAR + PAD_X
            result[lane.actor] = _Column(f"lane {len(result)}", lane, title, x, width)
            x += width + LANE_GAP
        return result

    def draw(self) -> str:
        y = self._draw_title()
        y = self._draw_heads(y)
        last = ""
        said = dict(endings(self.trace))
        for i, step in enumerate(self.trace.steps):
            gap = SWITCH_GAP if last and last != step.actor else STEP_GAP
            y = self._draw_ending(i, said[i], y + gap) if i in said else y
            y = self._draw_step(i, step, y + gap)
            last = step.actor
        if len(self.trace.steps) in said:
            y = self._draw_ending(len(self.trace.steps), said[len(self.trace.steps)], y + SWITCH_GAP)
        for column in self.columns.values():
            head, foot = f"{column.name} head", f"{column.name} end"
            self.canvas.point(foot, column.middle, y + STEP_GAP)
            self.canvas.edge(end(head), end(foot), color=GREY, style="dotted", arrowhead="none")
        self._draw_harm(y + STEP_GAP)
        self._draw_legend()
        schedule = self.trace.schedule or "(initial state)"
        return self.canvas.dot(schedule, schedule)

    def _draw_title(self) -> float:
        right = self.panel_x + self.room.width if self.pictures else self.lanes_right
        lines = fitted_lines(summary(self.trace), max(int(right / CHAR) - 2, 40))
        width, tall = text_size(lines)
        self.canvas.box("title", Rect(0.0, 0.0, width, tall), lines, shape="plaintext")
        return tall + 6

    def _draw_heads(self, y: float) -> float:
        tall = max((text_size(c.title)[1] for c in self.columns.values()), default=0.0)
        for c in self.columns.values():
            at = Rect(c.x, y, c.width, tall)
            self.canvas.box(f"{c.name} head", at, c.title, style="filled", fillcolor=PALE, tooltip=c.lane.title)
        if self.pictures:
            self._draw_picture(0, y, "at first" if self.trace.from_start else "before (may be unreachable)")
        return y + tall

    def _draw_step(self, i: int, step: Step, y: float) -> float:
        panel = self._panel(i)
        if panel:
            y = max(y, self.panel_bottom + PANEL_GAP)
        column, text, name = self.columns[step.actor], self.texts[i], f"step {i + 1}"
        at = Rect(column.x, y, column.width, text_size(text)[1])
        culprit = self.trace.violated and i == len(self.trace.steps) - 1 and self.trace.loop is None
        border = {"color": RED, "penwidth": "2"} if culprit else {"color": DARK}
        tip = place(step) or step.label or name
        self.canvas.box(name, at, text, style="filled", fillcolor="white", tooltip=tip, **border)
        if i > 0 and i != self.trace.loop:
            self.canvas.edge(end(f"step {i}", "", "s"), end(name, "", "n"), color=DARK)
        if panel:
            self.canvas.point(f"{name} beside", self.panel_x, y + at.height / 2)
            self.canvas.edge(end(name, "", "e"), end(f"{name} beside"), color=GREY, style="dotted", arrowhead="none")
            if self.pictures:
                self._draw_picture(i + 1, y, f"after step {i + 1}")
            else:
                self._draw_changes(i, y)
        return y + at.height

    def _draw_ending(self, at: int, said: str, y: float) -> float:
        """A line across the lanes: where the run begins to repeat, and that it does for ever."""
        lines = fitted_lines(said, int((self.lanes_right - PAD_X) / CHAR))
        box = Rect(0.0, y, self.lanes_right, text_size(lines)[1])
        self.canvas.box(f"for ever {at}", box, lines, style="dashed", color=DARK)
        loop = self.trace.loop
        if loop is not None and at == len(self.trace.steps) and loop < at:
            self.canvas.edge(
                end(f"for ever {at}", "", "e"), end(f"for ever {loop}", "", "e"), color=DARK, style="dashed"
            )
        return y + box.height

    def _panel(self, i: int) -> bool:
        """True where step i (from 0) has something beside it."""
        if self.pictures:
            return i + 1 < len(self.pictures) and self.pictures[i + 1] != self.pictures[i]
        return bool(self.trace.steps[i].changes)

    def _draw_picture(self, state: int, y: float, title: str) -> None:
        before: Picture | None = self.pictures[state - 1] if state else None
        memory.draw(self.canvas, f"memory {state}", title, self.pictures[state], before, self.room, self.panel_x, y)
        self.panel_bottom = y + memory.height(self.pictures[state], self.room)

    def _draw_changes(self, i: int, y: float) -> None:
        """Where no part draws itself: the variables that changed."""
        lines: list[str] = []
        for name, (old, new) in self.trace.steps[i].changes.items():
            pieces = fitted_lines(f"{name}: {old} -> {new}", CHANGE_COLUMNS, CHANGE_COLUMNS - 2)
            lines += [pieces[0], *("  " + piece for piece in pieces[1:])]
        at = Rect(self.panel_x, y, *text_size(lines))
        self.canvas.box(f"changes {i + 1}", at, lines, color=GREY, style="rounded")
        self.panel_bottom = y + at.height

    def _draw_harm(self, y: float) -> None:
        said = harm(self.trace)
        if not said:
            return
        color, fill = (RED, "#fdeaea") if self.trace.violated else (GREEN, "#eaf3ea")
        lines = fitted_lines(said, int((self.lanes_right - PAD_X) / CHAR))
        at = Rect(0.0, y, self.lanes_right, text_size(lines)[1])
        self.canvas.box("harm", at, lines, style="filled", fillcolor=fill, color=color, penwidth="2", fontcolor=color)
        if self.trace.steps and self.trace.loop is None:
            self.canvas.point("harm top", self.columns[self.trace.steps[-1].actor].middle, y)
            last = end(f"step {len(self.trace.steps)}", "", "s")
            self.canvas.edge(last, end("harm top"), arrowhead="none", color=color, penwidth="2")

    def _draw_legend(self) -> None:
        if not self.pictures:
            return
        told = ["blue: changed by the step"]
        arrows = [a for p in self.pictures for a in p.arrows]
        if any(a.dashed for a in arrows):
            told.append("dashed: stale or temporary")
        if any(a.alarm for a in arrows):
            told.append("red: what broke")
        at = Rect(self.panel_x, self.canvas.bottom + 6, *text_size(told))
        self.canvas.box("legend", at, told, shape="plaintext", fontcolor=GREY)
