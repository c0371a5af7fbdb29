"""GUP_PROGRESS: who asks for a page gets an answer."""

from __future__ import annotations

from explorer.language import leads_to
from explorer.models.linux.region_holder import RegionHolder


@leads_to
def gup_progress(region: RegionHolder) -> tuple[bool, bool]:
    """get_user_pages() ends: with the page, or with an error; and so does a device's request for a page.

    Harm: GUP, or the device's page request, goes round for ever

    "we can always rely on the fact that if we fail to pin on the fast path, the code will fall back to the slow path"
    (commit a6e79df92e4a).
    """
    return region.asking(), not region.asking()
