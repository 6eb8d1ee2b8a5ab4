"""What the package remarks while it works: warnings of its log, as sentences for whoever asked."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def remarked(on_remark: Callable[[str], None] | None = None) -> Iterator[list[str]]:
    """A list that grows by the warnings of the log "facegpt" as long as the context lasts; told one by one, too."""
    remarks: list[str] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            remarks.append(record.getMessage())
            if on_remark is not None:
                on_remark(remarks[-1])

    handler, log = Handler(logging.WARNING), logging.getLogger("facegpt")
    log.addHandler(handler)
    try:
        yield remarks
    finally:
        log.removeHandler(handler)
