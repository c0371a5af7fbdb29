"""Copy-on-write, counted by hand.

A state: for parent and child (where, frame and permission as the fault saw them, new frame), their page table
entries, reference counts, data, and what each should read. Frames are 0, 1, ...
"""

from collections.abc import Callable, Iterator

Entry = tuple[int, bool] | None
State = tuple[tuple[tuple[str, Entry, int], ...], tuple[Entry, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...]]


def successors(s: State, careless: bool) -> Iterator[State]:
    for p in (0, 1):
        where, old, new = s[0][p]
        at, pte, refs, data, expected = list(s[0]), list(s[1]), list(s[2]), list(s[3]), list(s[4])
        mine = pte[p]
        if where == "fork":
            assert mine is not None
            pte[0] = pte[1] = (mine[0], False)
            refs[mine[0]] += 1
            at[p] = ("store", None, 0)
        elif where == "run" and at[0][0] != "fork":
            at[p] = ("store", None, 0)
        elif where == "store" and mine is not None and mine[1]:
            data[mine[0]] = expected[p] = p + 1
            at[p] = ("exit" if p else "done", None, 0)
        elif where == "store":
            at[p] = ("fault", None, 0)
        elif where == "fault" and mine is not None:
            if careless or refs[mine[0]] == 1:
                pte[p] = (mine[0], True)
                at[p] = ("store", None, 0)
            else:
                at[p] = ("copy", mine, 0)
        elif where == "copy" and old is not None:
            for f in range(len(refs)):
                if refs[f] == 0:
                    yield (
                        (*at[:p], ("install", old, f), *at[p + 1 :]),
                        s[1],
                        (*refs[:f], 1, *refs[f + 1 :]),
                        (*data[:f], data[old[0]], *data[f + 1 :]),
                        s[4],
                    )
            continue
        elif where == "install" and old is not None:
            pte[p] = (new, True)
            refs[old[0]] -= 1
            at[p] = ("store", None, 0)
        elif where == "exit" and mine is not None:
            refs[mine[0]] -= 1
            pte[p] = None
            at[p] = ("done", None, 0)
        else:
            continue
        yield tuple(at), tuple(pte), tuple(refs), tuple(data), tuple(expected)


def count(frames: int = 3, careless: bool = False) -> tuple[int, int, int, dict[str, int | None]]:
    start: State = (
        (("fork", None, 0), ("run", None, 0)),
        ((0, True), None),
        (1, *(0,) * (frames - 1)),
        (0,) * frames,
        (0, 0),
    )
    depth: dict[State, int] = {start: 0}
    queue: list[State] = [start]
    edges: list[tuple[State, State]] = []
    for s in queue:
        for t in successors(s, careless):
            edges.append((s, t))
            if t not in depth:
                depth[t] = depth[s] + 1
                queue.append(t)

    def first(bad: Callable[[State], bool]) -> int | None:
        return min((d for s, d in depth.items() if bad(s)), default=None)

    moving = {s for s, _ in edges}
    return (
        len(depth),
        len(edges),
        max(depth.values()),
        {
            "writes_stay_private": first(
                lambda s: any(e is not None and s[3][e[0]] != want for e, want in zip(s[1], s[4], strict=True))
            ),
            "mapped_frames_are_counted": first(lambda s: any(e is not None and s[2][e[0]] == 0 for e in s[1])),
            "both have written": first(lambda s: s[0][0][0] == s[0][1][0] == "done"),
            "deadlock_freedom": first(lambda s: s not in moving and any(w[0] != "done" for w in s[0])),
        },
    )
