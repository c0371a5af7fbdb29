"""APP_SURVIVES: the process whose buffer it is goes on."""

from __future__ import annotations

from explorer.language import always
from explorer.models.linux.storage import FileUser


@always
def app_survives(user: FileUser) -> bool:
    """The process that has the file as its device's buffer is not killed, nor is its device taken down.

    Harm: the process is lost, or its device

    It has got no SIGKILL, and no aborted DMA has taken the device or the machine down. A DMA that completes with an error
    is survived.

    "What would worry me is if there was an expectation that processes could continue working properly after such a
    scenario." (J. Hubbard, "mm: introduce put_user_page*()", 2018-12-12).
    """
    return not user.killed and not user.device_lost
