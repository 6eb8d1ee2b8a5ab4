"""Modules that are loaded without the search for garbage in cycles, and left out of it from then on.

A thousand modules make half a million objects that stay; Python would go through all of them again and again.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Context that collects no garbage; what lives at its end is looked at no more. For commands, not for libraries."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if enabled:
            gc.enable()
