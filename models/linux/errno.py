"""What system calls return: success, or an error as the kernel has it."""

from __future__ import annotations

from enum import Enum


class Errno(Enum):
    """include/uapi/asm-generic/errno-base.h"""

    OK = "0"
    ENOMEM = "ENOMEM"
    EFAULT = "EFAULT"
    EINVAL = "EINVAL"
    EOPNOTSUPP = "EOPNOTSUPP"
