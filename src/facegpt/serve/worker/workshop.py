"""What a worker can do: the kinds of tasks, each a function."""

from __future__ import annotations

import queue
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from facegpt.api import FaceGPT
from facegpt.serve.worker import again, changes, clips, files, heads, live, photos, speech, takes, talk
from facegpt.serve.worker.casts import Casts
from facegpt.serve.worker.model import let_words_go
from facegpt.serve.worker.shelf import Shelf
from facegpt.serve.worker.task import Task
from facegpt.serve.worker.told import vocabulary

#: Kind of job → what carries it out, told the shelf and the task.
TASKS: dict[str, Callable[[Shelf, Task], dict[str, Any]]] = {
    "photo": heads.from_photo,
    "person": heads.from_person,
    "mean": heads.mean,
    "words": heads.from_words,
    "edit": heads.edited,
    "change": changes.changed,
    "without": again.made_without,
    "describe": heads.described,
    "distance": heads.apart,
    "render": files.rendered,
    "file": files.made,
    "turntable": files.turned,
    "analyze": photos.analyzed,
    "compare": photos.compared,
    "photo_edit": photos.edited,
    "shown": photos.shown,
    "clip": clips.tracked,
    "take": takes.animated,
    "say": speech.said,
    "avatar": clips.personalized,
}


@dataclass
class Workshop:
    """One worker's model, its shelf of heads, and the pictures that a camera sends.

    Attributes:
        model: makes the heads. folder: of the store. frames: of the camera; None ends it.
    """

    model: FaceGPT
    folder: Path
    frames: queue.SimpleQueue[bytes | None]
    shelf: Shelf = field(init=False)
    casts: Casts = field(init=False)

    def __post_init__(self) -> None:
        self.shelf = Shelf(self.model, self.folder)
        self.casts = Casts(self.shelf)

    def handler(self, kind: str) -> Callable[[Task], dict[str, Any]]:
        """What carries out tasks of a kind."""
        if kind == "chat":
            return partial(talk.answered, self.casts)
        if kind == "live":
            return partial(live.followed, self.shelf, self.frames)
        return partial(_with_files, TASKS[kind], self.shelf)

    def make_room(self) -> None:
        """Hold less memory until the next words come."""
        let_words_go(self.model)

    def vocabulary(self) -> dict[str, Any]:
        """The names that heads are told and changed by."""
        return vocabulary(self.model)


def _with_files(handler: Callable[[Shelf, Task], dict[str, Any]], shelf: Shelf, task: Task) -> dict[str, Any]:
    """What a task gives, with the files of its heads where they are wanted at once."""
    result = handler(shelf, task)
    files.write_ahead(shelf, task, result.get("heads", ()))
    return result
