"""Anybody's photos as examples without truth: what each shows of its skin, and where its light may be believed.

What was seen of a photo is kept, so that a run which was stopped goes on where it was. Photos that cannot be used are
named, one line each.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from facegpt.appearance.texture import tone_from_photo
from facegpt.data.images import read_image
from facegpt.detail.from_photo import resolved_share, trusted
from facegpt.detail.observation import Observation, observe
from facegpt.detail.skin_window import Maps
from facegpt.detect.base import Detector
from facegpt.encode.base import Landmarker
from facegpt.fitting import FitError, fit_photo
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.runtime import registry
from facegpt.runtime.atomic_files import make_folder, write_text
from facegpt.runtime.progress import Progress
from facegpt.types import FaceGPTError, ImageError
from facegpt_lab.train.detail.examples import stored_example

#: Photos that bear less of the detail than this share teach nothing.
LEAST_SHARE = 0.3


@dataclass(frozen=True)
class Looker:
    """What photos are looked at with."""

    model: MakeHumanHead
    detector: Detector
    landmarker: Landmarker

    @staticmethod
    def ready() -> Looker:
        """The default head and networks."""
        from facegpt.morphable.makehuman import head as makehuman

        return Looker(makehuman.load(), registry.load("detect"), registry.load("encode"))

    def observation(self, path: Path) -> Observation:
        """What the largest face of a photo shows.

        Raises:
            ImageError: if the photo cannot be read, or shows no face with skin that is sharp enough.
        """
        photo = read_image(path)
        found = self.detector.detect(photo.pixels)
        if not found:
            raise ImageError(f"'{path.name}' shows no face")
        dense = self.landmarker.predict(photo.pixels, found[0])
        try:
            params = fit_photo(self.model, found[0], photo.pixels, photo.focal_px, dense=dense).params
        except FitError as error:
            raise ImageError(f"'{path.name}': {error}") from None
        albedo, lighting = tone_from_photo(photo.pixels, self.model, params)
        seen = observe(self.model, photo.pixels, params.replace(albedo=albedo, lighting=lighting), dense)
        if resolved_share(seen) < LEAST_SHARE:
            raise ImageError(f"'{path.name}': the face is too small or too blurred to show folds")
        return seen


def look_at(photos: Sequence[Path], looker: Looker, mask: Maps, kept: Path) -> list[Path]:
    """Files with an example each of photos: as those of sculptures, with trust (HEIGHT, WIDTH) 0..1 for the relief.

    Args:
        photos: files. Those that cannot be used are named on stderr and left out.
        looker: looks.
        mask: (HEIGHT, WIDTH), where detail may live.
        kept: folder for what was seen; what is there already is not looked at again.

    Raises:
        FaceGPTError: if no photo can be used.
    """
    make_folder(kept)
    files: list[Path] = []
    with Progress("photos", len(photos)) as show:
        for number, photo in enumerate(photos, start=1):
            state = photo.stat()
            record = kept / f"{number:05d}.json"
            path = record.with_suffix(".npy")
            known = {"photo": str(photo), "bytes": state.st_size, "changed": state.st_mtime_ns}
            told = _told(record)
            if {name: told.get(name) for name in known} != known or not (told["left out"] or path.is_file()):
                told = {**known, "left out": _kept_example(photo, looker, mask, path)}
                write_text(record, json.dumps(told))
            if told["left out"]:
                show.note(f"left out: {told['left out']}")
            else:
                files.append(path)
            show(number)
        if not files:
            raise FaceGPTError(f"none of the {len(photos)} photos can be learnt from")
        show.note(f"photos to learn from: {len(files)} of {len(photos)}")
    return files


def _kept_example(photo: Path, looker: Looker, mask: Maps, path: Path) -> str:
    """Look at a photo and keep what was seen; why not, where it cannot be used."""
    try:
        seen = looker.observation(photo)
    except ImageError as error:
        return str(error)
    stored_example(path, seen, trusted(seen, mask))
    return ""


def _told(record: Path) -> dict[str, object]:
    """What was written of a photo, {} for nothing."""
    try:
        told = json.loads(record.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) and "left out" in told else {}
