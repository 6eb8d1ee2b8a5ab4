"""The methods of a server's model that say what photos show, and set heads and photos in motion."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facegpt.client.motion import motion_of, settings_of, subject_of
from facegpt.client.seen import RemoteLikeness, RemoteSeen
from facegpt.client.take import RemoteTake
from facegpt.client.upload import photo_upload
from facegpt.client.wire import Progress, Wire


@dataclass(frozen=True)
class SeesAndMoves:
    """What `facegpt.client.RemoteModel` does with photos and takes."""

    wire: Wire

    def analyze(self, image: Any) -> list[RemoteSeen]:
        """Say what is seen on each face of a photo; the largest comes first, [] when there is none."""
        upload = photo_upload(image)
        data, _ = self.wire.form("/api/photos/analyze", {}, [("photo", *upload)])
        return [RemoteSeen(told, upload, k) for k, told in enumerate(json.loads(data)["faces"])]

    def compare(self, first: Any, second: Any) -> RemoteLikeness:
        """Say how likely two photos show one person, with the doubt.

        Of photos with several faces the largest is taken; for another one give what `analyze` saw of it.
        """
        fields: dict[str, str] = {}
        files: list[tuple[str, str, bytes | Path]] = []
        for name, each in (("first", first), ("second", second)):
            known = isinstance(each, RemoteSeen)
            files.append((name, *(each.upload if known else photo_upload(each))))
            fields |= {f"{name}_face": str(each.index)} if known else {}
        data, _ = self.wire.form("/api/photos/compare", fields, files)
        return RemoteLikeness.of(json.loads(data))

    def animate(
        self,
        source: Any,
        audio: str | os.PathLike[str] | tuple[Any, int] | None = None,
        *,
        driver: Any = None,
        curves: Any = None,
        words: str | None = None,
        say: str | None = None,
        on_progress: Progress | None = None,
        **how: Any,
    ) -> RemoteTake:
        """Set a head, or the face of a photo, in motion: by sound, a clip of somebody, curves, or words.

        Args:
            source: a head or a personal head of the server, a photo, or a clip, whose person keeps the turns of the
                head.
            audio: speech: a file, or samples with their rate.
            driver: a clip whose person moves the head; several clips move the faces of a photo, the largest first.
            curves: a file (.csv, .npz, .json), the folder of a take on this machine, or Curves.
            words: "slowly smiles, then winks, looks left and nods".
            say: English text that the head says aloud.
            on_progress: told the stage, and how much of it is done.
            **how: as of the library (give="photo", seed, gain, fps, alive, face_index, size, speech, voice), and
                video=False, background.

        Raises:
            FaceGPTError: if not exactly one source of motion is given, or something cannot be read.
        """
        given = {"audio": audio, "driver": driver, "curves": curves, "words": words, "say": say}
        (who, photos), (what, files) = subject_of(source), motion_of(given)
        fields = {**who, **what, **settings_of(how)}
        result = self.wire.job("/api/clips/animate", fields, [*photos, *files], on_progress)
        return RemoteTake(self.wire, result["clip"])
