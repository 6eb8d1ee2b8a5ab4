"""Which piece may come next: the grammar of requests, read from the table. What it allows can be taken apart."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from facegpt_lab.train.one_reader.table import END, ITEMS, Slot, kind_of, pieces


class Position:
    """Where in a request its writer stands.

    A request is an act, then items, then the end; an item is a key and what its slots hold (table.ITEMS).
    """

    def __init__(self) -> None:
        self._begun = False
        self._slots: list[Slot] = []
        self._held = 0
        self.done = False

    def kinds(self) -> frozenset[str]:
        """The kinds of pieces that may come next."""
        if self.done:
            return frozenset()
        if not self._begun:
            return frozenset({"act"})
        found: set[str] = set()
        for k, slot in enumerate(self._slots):
            if slot.most == 0 or self._held < slot.most or k:
                found |= {*slot.kinds}
            if slot.most == 0:
                return frozenset(found)
        return frozenset(found | {*ITEMS, END})

    def holds(self, kind: str) -> bool:
        """Whether a piece of this kind fills a slot of the item that is begun."""
        for k, slot in enumerate(self._slots):
            if kind in slot.kinds and (slot.most == 0 or self._held < slot.most or k > 0):
                return True
            if slot.most == 0:
                return False
        return False

    def step(self, piece: str) -> None:
        """Go on past a piece. Raises ValueError if it may not come here."""
        kind = kind_of(piece)
        if kind not in self.kinds():
            raise ValueError(f"'{piece}' may not come here")
        if kind == "act":
            self._begun = True
            return
        while self._slots:
            slot = self._slots[0]
            if kind in slot.kinds and (slot.most == 0 or self._held < slot.most):
                self._held += 1
                if slot.most == 0 or self._held == slot.most:
                    self._slots, self._held = self._slots[1:], 0
                return
            self._slots, self._held = self._slots[1:], 0
        self.done = kind == END
        self._slots, self._held = list(ITEMS.get(kind, ())), 0


@cache
def allowed(kinds: frozenset[str]) -> NDArray[np.bool_]:
    """(P,) which pieces are of these kinds."""
    return np.array([kind_of(piece) in kinds for piece in pieces()])


def is_whole(request: Sequence[str]) -> bool:
    """Whether pieces are a request from its act to its end."""
    position = Position()
    try:
        for piece in request:
            position.step(piece)
    except ValueError:
        return False
    return position.done
