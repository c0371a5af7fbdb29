"""O_DIRECT: the pages of the user's buffer are a bio's until the device is done with them.

| kernel | here | abstracted away |
|---|---|---|
| bio_iov_iter_get_pages(), fuse_get_user_pages() | GUP-fast; FOLL_GET or FOLL_PIN, by kernel | buffers of several pages |
| the transfer | the bytes of the buffer, a step each, at any time: a local disk, or a target far away | |
| completion, bio_release_pages() | a step each | bio_set_pages_dirty(): anonymous memory here |
"""

from __future__ import annotations

from enum import Enum

from explorer.language import Model
from explorer.models.linux.gup import Gup, UserPages
from explorer.models.linux.memory import Memory
from explorer.models.linux.rules.driver import Reference


class File(Enum):
    """What direct I/O is done to: a block device or a file system on one, or FUSE."""

    BLOCK = "block"
    FUSE = "fuse"


class DirectIoPages(UserPages):
    """The pages of a buffer of direct I/O. `write`: memory is written, as by read(2)."""

    def __init__(self, m: Model, memory: Memory, process: Enum, file: File, *, write: bool) -> None:
        super().__init__(m, "bio", memory, process, Gup.PIN, write=write)
        self.file = file

    def foll_pin(self) -> bool:
        """The references are FOLL_PIN."""
        kernel = self.memory.kernel
        asked = kernel.fuse_dio if self.file is File.FUSE else kernel.block_dio
        return kernel.foll_pin and asked == Reference.PIN
