"""Many photos → a stream of results: in order, in constant memory, and no good photo lost to a broken one."""

from __future__ import annotations

import os
import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sized
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol, TypeVar, cast

from facegpt.data.images import ImageSource, Photo, read_image
from facegpt.face import Face
from facegpt.morphable.base import MorphableModel
from facegpt.reconstruct.sources import called
from facegpt.runtime.job_stream import results_in_order
from facegpt.types import AssetError, FaceGPTError

Result = TypeVar("Result")
#: Heads of a photo, or why there are none.
_Made = tuple[list[Face], "FaceGPTError | None"]


@dataclass(frozen=True, eq=False)
class PhotoResult:
    """What became of one photo.

    Attributes:
        source: the photo, as it was given.
        faces: its heads, the largest first; [] where it shows no face, or failed.
        error: why it failed, or None.
    """

    source: ImageSource | Photo
    faces: list[Face] = field(default_factory=list)
    error: FaceGPTError | None = None


class Reconstructs(Protocol):
    """What makes the heads of one photo: `facegpt.api.FaceGPT`."""

    @property
    def head(self) -> MorphableModel:
        """The head model."""

    def reconstruct(self, image: ImageSource | Photo, quality: str, detail: str | None = None) -> list[Face]:
        """Make the heads of a photo."""
        ...


def stream_photos(
    model: Reconstructs,
    images: Iterable[ImageSource | Photo],
    quality: str,
    workers: int,
    on_progress: Callable[[int, int | None], None] | None = None,
    detail: str | None = None,
) -> Iterator[PhotoResult]:
    """Results of photos, in their order; photos are taken from their iterable as they are needed.

    Args:
        model: is sent to the processes if there are several.
        images: photos, each as `read_image` takes it.
        quality: of `reconstruct`.
        workers: processes; one works in this process.
        on_progress: called with the number of photos done and of all, None where that is not known.
        detail: of `reconstruct`.

    Raises:
        AssetError: if a data file is damaged: every photo would fail of it.
        FaceGPTError: if the model cannot be sent to processes.
    """
    total = len(images) if isinstance(images, Sized) else None
    sources: deque[ImageSource | Photo] = deque()

    def jobs() -> Iterator[_Job]:
        for image in images:
            sources.append(image)
            yield _Job(image if workers == 1 else _sendable(image), quality, detail)

    here = workers == 1
    work, make = (_faces_of, partial(_given, model)) if here else (_bare_faces_of, _recipe(model))
    for done, (faces, error) in enumerate(results_in_order(jobs(), work, make, workers, _died), start=1):
        if on_progress is not None:
            on_progress(done, total)
        whole = faces if here else [replace(face, model=model.head) for face in faces]
        yield PhotoResult(sources.popleft(), whole, error)


def attempt(what: str, work: Callable[[], Result]) -> Result | FaceGPTError:
    """What `work` gives, or the error that is to be told of `what`.

    Raises:
        AssetError: a damaged data file is no matter of one photo.
    """
    try:
        return work()
    except AssetError:
        raise
    except FaceGPTError as error:
        return error
    except MemoryError:
        return FaceGPTError(f"{what} does not fit into the memory")
    except Exception as error:  # a mistake of ours must not cost the other photos
        return FaceGPTError(f"{what}: an error in facegpt, please report it ({type(error).__name__}: {error})")


@dataclass(frozen=True, eq=False)
class _Job:
    """A photo, or why it cannot be sent to a process; and the quality and detail that are wanted."""

    image: ImageSource | Photo | FaceGPTError
    quality: str
    detail: str | None


def _sendable(image: ImageSource | Photo) -> ImageSource | Photo | FaceGPTError:
    """A photo as a process can take it: what is no path and no bytes is read here."""
    if isinstance(image, (str, os.PathLike, bytes, Photo)):
        return image
    return attempt("the picture", lambda: read_image(image))


def _given(model: Reconstructs) -> Reconstructs:
    return model


def _recipe(model: Reconstructs) -> Callable[[], Reconstructs]:
    """What makes the same model in another process."""
    try:
        return partial(pickle.loads, pickle.dumps(model))
    except Exception as error:  # pickle raises many kinds
        raise FaceGPTError(f"this model cannot be sent to other processes ({error}); use workers=1") from None


def _faces_of(job: _Job, model: Callable[[], Reconstructs]) -> _Made:
    """Heads of a photo, or its error."""
    image = job.image
    if isinstance(image, FaceGPTError):
        return [], image
    made = attempt(called(image), lambda: model().reconstruct(image, job.quality, job.detail))
    return ([], made) if isinstance(made, FaceGPTError) else (made, None)


def _bare_faces_of(job: _Job, model: Callable[[], Reconstructs]) -> _Made:
    """The same without the head model in each of them: it is large, and whoever asked has it."""
    faces, error = _faces_of(job, model)
    return [replace(face, model=cast(MorphableModel, None)) for face in faces], error


def _died(job: _Job) -> _Made:
    what = "the picture" if isinstance(job.image, FaceGPTError) else called(job.image)
    return [], FaceGPTError(f"{what}: the process that worked on it died (is the memory enough? try workers=1)")
