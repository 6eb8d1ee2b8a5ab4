"""Photos of a published set with the heads fitted to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from facegpt.types import FaceParams
from facegpt_lab.evaluate.shared_networks import fit_file, head


class HasPhoto(Protocol):
    """An entry of a published list."""

    @property
    def photo(self) -> Path:
        """The file."""


Entry = TypeVar("Entry", bound=HasPhoto)


def fitted(photos: Sequence[Entry]) -> Iterator[tuple[Entry, FaceParams]]:
    """Each photo in which a face is found, with its head by `balanced`."""
    for one in photos:
        params = fit_file(one.photo)
        if params is not None:
            yield one, params


def skin_triangles() -> NDArray[np.integer]:
    """Triangles (F, 3) of the default head's skin, which scans are compared with."""
    model = head()
    return model.triangles[model.part == model.part_names.index("skin")]
