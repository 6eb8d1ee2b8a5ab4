"""Many heads from words: several processes or machines, each head in a folder, in constant memory."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from facegpt.export.bundle import USUAL, FileOptions
from facegpt.render.plots import on_background
from facegpt.runtime.remarks import remarked
from facegpt.runtime.sharing import LOCAL, stream_on

if TYPE_CHECKING:
    from facegpt.api import FaceGPT

#: Heads of one job: their words are read once.
HEADS_A_JOB = 8
#: Side of a head's picture on a sheet, pixels.
TILE_PX = 320


@dataclass(frozen=True)
class Words:
    """Heads to be made of words.

    Attributes:
        text: what they look like.
        first, count: the heads of seeds `first` to `first + count - 1`.
        folders: one for each.
        hair_lod: detail of their hair in 3D files, as in `Face.save_folder`.
        files: what files of heads hold beside the usual.
    """

    text: str
    first: int
    count: int
    folders: tuple[Path, ...]
    hair_lod: int | None = 0
    files: FileOptions = USUAL

    def parts(self) -> list[Words]:
        """The same heads in jobs of at most HEADS_A_JOB."""
        starts = range(0, self.count, HEADS_A_JOB)
        cut = [self.folders[k : k + HEADS_A_JOB] for k in starts]
        return [
            replace(self, first=self.first + k, count=len(places), folders=places)
            for k, places in zip(starts, cut, strict=True)
        ]


@dataclass(frozen=True, eq=False)
class Imagined:
    """Heads of one job.

    Attributes:
        heads: for each its folder, the names of its files and its seed.
        understood, ignored: what was read of the words, and what of them is not shown.
        tiles: a picture of each, (TILE_PX, TILE_PX, 3) uint8.
        remarks: warnings while they were made.
        error: why they could not be made, or None.
    """

    heads: tuple[dict[str, Any], ...] = ()
    understood: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    tiles: tuple[NDArray[np.uint8], ...] = ()
    remarks: tuple[str, ...] = ()
    error: str | None = None


def imagine_files(
    words: Words,
    make_model: Callable[[], FaceGPT],
    workers: int | None = None,
    shard: tuple[int, int] = (1, 1),
    on: str = LOCAL,
) -> Generator[Imagined, None, None]:
    """Make heads and write them, some at a time and in the order of their seeds.

    The same seed gives the same head wherever it is made.

    Args:
        words: what to make.
        make_model: gives the model, once in each process; with several a function at the top of a module.
        workers: processes, at most one for HEADS_A_JOB heads; by default 1 on this machine, else one a core.
        shard: (I, N): the I-th of N parts of the jobs, counted from 1; the parts may write into one folder.
        on: "local", or the address of a Ray cluster (runtime/ray_stream.py), whose nodes see the same folders.

    Raises:
        FaceGPTError: if nothing can be made of the words, a file cannot be written, or no cluster answers.
    """
    whole = words if on == LOCAL else replace(words, folders=tuple(folder.resolve() for folder in words.folders))
    jobs = whole.parts()[shard[0] - 1 :: shard[1]]
    if on == LOCAL:
        workers = min(workers or 1, len(jobs))
    return stream_on(on)(jobs, _imagined, make_model, workers, _died)


def _imagined(job: Words, model: Callable[[], FaceGPT]) -> Imagined:
    """Make and write the heads of one job."""
    with remarked() as remarks:
        faces = model().imagine_many(job.text, job.count, job.first)
        heads = []
        for k, (face, folder) in enumerate(zip(faces, job.folders, strict=True)):
            files = face.save_folder(folder, job.hair_lod, job.files)
            heads.append({"folder": str(folder), "files": [path.name for path in files], "seed": job.first + k})
        tiles = tuple(np.asarray(on_background(face.render(TILE_PX, None, None))) for face in faces)
    told = tuple(faces[0].understood), tuple(faces[0].ignored)
    return Imagined(tuple(heads), *told, tiles, tuple(remarks))


def _died(job: Words) -> Imagined:
    seeds = f"seeds {job.first} to {job.first + job.count - 1}"
    return Imagined(error=f"the process that made the heads of {seeds} died (is the memory enough? try --workers 1)")
