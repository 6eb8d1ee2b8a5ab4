"""Names in a row, as a sentence has them."""

from __future__ import annotations

from collections.abc import Sequence


def listed(names: Sequence[str], by: str = "and") -> str:
    """Names in a row: "a, b and c", "" for none; `by` stands before the last one."""
    return f" {by} ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
