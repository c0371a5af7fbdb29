"""The alternating bit protocol: items over a wire that holds one message and may lose it, acknowledged over another.

The sender repeats an item until its bit is acknowledged; the receiver takes a message only if it carries the bit that
it expects. One that does not look at the bit (`checks` False) takes a repetition for the next item.
"""

from __future__ import annotations

from typing import Annotated

from explorer.language import Model, Part, Range, always_step, before, optional, record, step, var


@record
class Message:
    bit: bool
    item: Annotated[int, Range(0, 3)]


class Wire(Part):
    def __init__(self, m: Model, items: int) -> None:
        super().__init__(m, "wire")
        self.message = var(optional(Message), None)
        self.ack = var(optional(bool), None)
        self.delivered = var(Range(0, items), 0)


@always_step
def one_item_at_a_time(wire: Wire) -> bool:
    """A step delivers one item or none, and takes none back."""
    old = before(lambda: wire.delivered)
    return old <= wire.delivered <= old + 1


def alternating_bit(*, items: int = 2, checks: bool = True) -> Model:
    """`items` items (at most 4) go over the wire."""
    m = Model()
    wire = Wire(m, items)

    @m.thread("sender")
    async def sender() -> None:
        bit = False
        for item in range(items):
            while True:
                await step("send")
                wire.message = Message(bit, item)
                await step("acknowledged or timed out")
                got = wire.ack
                wire.ack = None
                if got == bit:
                    break
            bit = not bit

    @m.thread("receiver")
    async def receiver() -> None:
        expected = False
        while True:
            await step("receive", when=lambda: wire.message is not None, may_wait=True)
            message = wire.message
            assert message is not None
            wire.message = None
            if not checks or message.bit == expected:
                assert message.item == wire.delivered, "wrong item"
                wire.delivered += 1
                expected = not expected
            await step("acknowledge")
            wire.ack = message.bit

    @m.action("lose message", actor="wire", when=lambda: wire.message is not None)
    def lose_message() -> None:
        wire.message = None

    @m.action("lose acknowledgement", actor="wire", when=lambda: wire.ack is not None)
    def lose_ack() -> None:
        wire.ack = None

    m.require(one_item_at_a_time(wire))
    m.reachable("all delivered", lambda: sender.finished and wire.delivered == items)
    return m
