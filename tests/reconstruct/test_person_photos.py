"""Which photos of many show the person: in bounded memory, and without those of somebody else."""

from __future__ import annotations

import gc
import weakref
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from facegpt.conventions import rotation_from_euler_deg
from facegpt.data.images import Photo, read_image
from facegpt.reconstruct import person_photos
from facegpt.reconstruct.person_photos import seen_person
from facegpt.reconstruct.strangers import Stranger
from facegpt.types import Detection, FaceGPTError

MOST, MANY = 4, 30


class Detector:
    """Finds one face in each picture whose first pixel is not black; its yaw is that pixel's red."""

    def __init__(self) -> None:
        self.seen: list[weakref.ref] = []
        self.most_alive = 0

    def detect(self, pixels: np.ndarray) -> list[Detection]:
        self.seen.append(weakref.ref(pixels))
        gc.collect()
        self.most_alive = max(self.most_alive, sum(one() is not None for one in self.seen))
        if pixels[0, 0, 0] == 0:
            return []
        points = np.zeros((478, 3))
        points[1] = [40, 50, 0]
        turn = rotation_from_euler_deg(float(pixels[0, 0, 0]) - 100, 0, 0)
        return [Detection(points, np.zeros(52), 1.0, turn)]


@pytest.fixture
def model(monkeypatch):
    monkeypatch.setattr(person_photos, "looked_at", lambda _, photo, face: SimpleNamespace(photo=photo, detection=face))
    monkeypatch.setattr(person_photos, "strangers_among", lambda seen: [])
    gc.freeze()  # what was there before takes no part in the collections below: they would take a second each
    yield SimpleNamespace(detector=Detector(), device="cpu")
    gc.unfreeze()


def album(folder, count: int):
    """Photos of a head turned by -15, -14 … degrees, one without a face at the end."""
    for k in range(count):
        Image.new("RGB", (64, 64), (0 if k == count - 1 else 85 + k, 0, 0)).save(folder / f"{k}.png")
        yield read_image(folder / f"{k}.png")


def test_of_many_files_few_are_in_memory_and_those_that_count_are_read_again(model, tmp_path):
    rows, seen, others = seen_person(model, album(tmp_path, MANY), MOST)
    assert model.detector.most_alive <= MOST + 2
    assert len(rows) == MOST and {0, MANY - 2} <= set(rows), "both ends of the turn"
    assert [int(one.photo.pixels[0, 0, 0]) for one in seen] == [85 + row for row in rows]
    assert others.faceless == (MANY - 1,)
    assert sorted([*rows, *others.spare, *others.faceless]) == list(range(MANY))


def test_in_the_place_of_strangers_other_photos_are_taken(model, tmp_path, monkeypatch):
    def strangers(seen):
        return [Stranger(k, 0.9) for k, one in enumerate(seen) if one.photo.pixels[0, 0, 0] in (85, 85 + MANY - 2)]

    monkeypatch.setattr(person_photos, "strangers_among", strangers)
    rows, seen, others = seen_person(model, album(tmp_path, MANY), MOST)
    assert len(rows) == len(seen) == MOST and {one.row for one in others.strangers} == {0, MANY - 2}
    assert not {0, MANY - 2} & set(rows) and {1, MANY - 3} <= set(rows)


def test_all_photos_are_taken_where_nobody_says_how_many(model):
    photos = [Photo(np.full((64, 64, 3), 90 + k, np.uint8)) for k in range(6)]
    rows, seen, others = seen_person(model, photos, None)
    assert rows == list(range(6)) and others.rows == [] and [one.photo for one in seen] == photos


def test_photos_without_a_face_are_an_error(model):
    with pytest.raises(FaceGPTError, match="none of the photos shows a face"):
        seen_person(model, [Photo(np.zeros((64, 64, 3), np.uint8))], MOST)
    with pytest.raises(FaceGPTError, match="no photo"):
        seen_person(model, [], MOST)
