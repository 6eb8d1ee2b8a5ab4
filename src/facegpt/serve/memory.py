"""How much memory this process holds."""

from __future__ import annotations

import os
from pathlib import Path


def memory_bytes() -> int:
    """Resident bytes now; the most there ever were where the system tells no more; 0 where it tells nothing."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        pass
    try:
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    except ImportError:
        return 0
