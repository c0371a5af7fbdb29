"""TRUNC_NO_REFUSE: truncate does not fail because of a pin."""

from __future__ import annotations

from explorer.language import always
from explorer.models.linux.break_layouts import Error, Truncate


@always
def truncate_not_refused(truncate: Truncate) -> bool:
    """Truncate does not fail because somebody holds the page.

    Harm: the file can't be truncated

    It has not returned -ETXTBSY. To be interrupted by a signal is not to be refused.

    "the only other data-integrity-preserving approach is to block/fail ftruncate/etc." (J. Hubbard, "mm: introduce
    put_user_page*()", 2018-12-12).
    """
    return truncate.error != Error.ETXTBSY
