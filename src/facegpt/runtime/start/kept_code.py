"""Code of dataclasses, kept in a file of the cache folder from one process to the next.

Python writes the methods of each dataclass as text and compiles it whenever the class is defined: for this package a
thousand texts, two fifths of what importing it costs. What is kept is found by the whole text.
"""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import marshal
import sys
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from types import CodeType
from typing import Any

from facegpt.errors import FaceGPTError
from facegpt.runtime.atomic_files import make_folder, write_bytes
from facegpt.runtime.cache import cache_folder

#: Texts that are kept at most; when there are more, those that a process did not need go.
MOST_KEPT = 4000


def keep_code_of_dataclasses() -> None:
    """From here on, compile the text of a dataclass only where no earlier process did."""
    code = _Code(_place())
    dataclasses.exec = code.run  # type: ignore[attr-defined]  # its own name for the built-in
    atexit.register(code.keep)


def _place() -> Path:
    return cache_folder() / "code" / f"{sys.implementation.cache_tag}_{MAGIC_NUMBER.hex()}.marshal"


class _Code:
    """Compiled texts, with those of earlier processes."""

    def __init__(self, place: Path) -> None:
        self._place, self._used, self._new = place, set[str](), False
        self._known: dict[str, CodeType] = {}
        with contextlib.suppress(OSError, ValueError, EOFError, TypeError):
            known = marshal.loads(place.read_bytes())
            self._known = known if isinstance(known, dict) else {}

    def run(self, text: str, names: dict[str, Any], local: dict[str, Any] | None = None) -> None:
        """What the built-in `exec` does with a text."""
        code = self._known.get(text)
        if code is None:
            code = self._known[text] = compile(text, "<string>", "exec")
            self._new = True
        self._used.add(text)
        exec(code, names, local)

    def keep(self) -> None:
        """Write what this process compiled, beside what was kept before."""
        if not self._new:
            return
        if len(self._known) > MOST_KEPT:
            self._known = {text: self._known[text] for text in self._used}
        with contextlib.suppress(FaceGPTError, OSError):  # a cache that cannot be written costs time, nothing else
            make_folder(self._place.parent)
            write_bytes(self._place, marshal.dumps(self._known))
