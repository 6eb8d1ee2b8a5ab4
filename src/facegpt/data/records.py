"""What an earlier run says of its results, in a file that it wrote last: what is whole is not made again."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from facegpt.data.stores import Place
from facegpt.errors import FaceGPTError


def known_record(
    file: Place, settings: Callable[[], dict[str, Any]], whole: Callable[[dict[str, Any]], bool]
) -> dict[str, Any] | None:
    """The record that an earlier run wrote to its end; None for a damaged one, or one of another run.

    Args:
        file: of the record, JSON.
        settings: gives what the record must hold; called only where there is one.
        whole: tells whether all that the record names is there.
    """
    try:
        record: dict[str, Any] = json.loads(file.read_text("utf-8"))
        same = all(record[key] == value for key, value in settings().items())
        return record if same and whole(record) else None
    except (OSError, ValueError, KeyError, TypeError, FaceGPTError):
        return None
