"""Many photos as a stream: in order, lazily, through processes, and with broken ones among good ones."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from stand_in import damaged_model, dying_model, photo_folder, picture, stand_in_model

from facegpt import FaceGPTError, PhotoResult
from facegpt.runtime.job_stream import results_in_order
from facegpt.types import AssetError


@pytest.fixture(scope="module")
def model():
    return stand_in_model()


def test_every_photo_gets_a_result_in_order_and_the_same_as_alone(model, tmp_path):
    photos = [*photo_folder(tmp_path, 2), picture(), picture((10, 10, 60, 60), (100, 20, 220, 160))]
    results = list(model.reconstruct_many(photos, quality="fast"))
    assert all(isinstance(result, PhotoResult) and result.error is None for result in results)
    assert [result.source for result in results] == photos
    assert [len(result.faces) for result in results] == [1, 1, 0, 2]
    for result, photo in zip(results, photos, strict=True):
        for face, alone in zip(result.faces, model.reconstruct(photo, "fast"), strict=True):
            np.testing.assert_array_equal(face.vertices("camera"), alone.vertices("camera"))


def test_a_broken_photo_is_a_result_with_its_error_and_not_the_end(model, tmp_path):
    photos = [*photo_folder(tmp_path, 3), tmp_path / "missing.png", b"no picture", 7]
    photos[1].write_bytes(photos[1].read_bytes()[:60])
    results = list(model.reconstruct_many(photos))
    assert [len(result.faces) for result in results] == [1, 0, 1, 0, 0, 0]
    for result, says in zip(results, (None, "photo_01.png", None, "missing.png", "not a picture", "int"), strict=True):
        assert (result.error is None) == (says is None) and (says or "") in str(result.error or "")
        assert result.error is None or isinstance(result.error, FaceGPTError)


def test_an_error_of_ours_is_told_and_a_damaged_model_ends_it(model):
    def fit(*arguments, dense):
        raise RuntimeError("oh")

    [result] = replace(model, fit=fit).reconstruct_many([picture((10, 10, 60, 60))])
    assert "please report" in str(result.error) and "oh" in str(result.error)

    def damaged(*arguments, dense):
        damaged_model()

    with pytest.raises(AssetError, match="damaged"):
        list(replace(model, fit=damaged).reconstruct_many([picture((10, 10, 60, 60))]))


def test_photos_are_taken_one_by_one_and_progress_is_told(model):
    taken, told = [], []

    def endless():
        while True:
            taken.append(1)
            yield picture((10, 10, 60, 60))

    stream = model.reconstruct_many(endless(), "fast", on_progress=lambda done, total: told.append((done, total)))
    assert taken == [] and len(next(stream).faces) == 1 and len(taken) == 1
    next(stream)
    stream.close()
    assert len(taken) == 2 and told == [(1, None), (2, None)]
    told.clear()
    list(model.reconstruct_many([picture()] * 3, on_progress=lambda *numbers: told.append(numbers)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_wrong_arguments_are_told_at_the_call(model):
    for call, says in (
        (lambda: model.reconstruct_many([], quality="super"), "one of fast"),
        (lambda: model.reconstruct_many([], workers=0), "workers"),
        (lambda: model.reconstruct_many("photo.jpg"), "several photos"),
    ):
        with pytest.raises(FaceGPTError, match=says):
            call()
    assert list(model.reconstruct_many([])) == []


def test_a_model_that_cannot_be_sent_says_so(model):
    with pytest.raises(FaceGPTError, match="workers=1"):
        list(replace(model, fit=lambda *arguments, dense: None).reconstruct_many([picture()], workers=2))


@pytest.mark.slow
def test_processes_give_the_same_as_one(model, tmp_path):
    photos = [*photo_folder(tmp_path, 3), picture((20, 20, 90, 90)), tmp_path / "missing.png"]
    data = photos[0].read_bytes()
    photos += [data, io.BytesIO(data), io.StringIO("text"), np.asarray(picture((30, 30, 90, 110)))]
    one, two = (list(model.reconstruct_many(photos, workers=workers)) for workers in (1, 2))
    assert [result.source for result in two] == photos
    assert [str(result.error) for result in one] == [str(result.error) for result in two]
    for first, second in zip(one, two, strict=True):
        assert len(first.faces) == len(second.faces)
        for face, other in zip(first.faces, second.faces, strict=True):
            assert other.model is model.head
            np.testing.assert_array_equal(face.vertices("camera"), other.vertices("camera"))
            np.testing.assert_array_equal(face.texture, other.texture)


@pytest.mark.slow
def test_a_process_that_dies_costs_only_its_photo(tmp_path):
    photos = photo_folder(tmp_path, 6)  # the fourth is 66 px wide
    results = results_in_order(photos, faces_of, dying_model, 2, lambda photo: f"died of {photo.name}")
    assert list(results) == [1, 1, 1, "died of photo_03.png", 1, 1]


def faces_of(photo, model):
    return len(model().reconstruct(photo))


@pytest.mark.slow
def test_few_photos_wait_for_a_slow_consumer():
    taken = []

    def jobs():
        for number in range(100):
            taken.append(number)
            yield number

    stream = results_in_order(jobs(), doubled, int, 2, lambda job: None)
    assert [next(stream) for _ in range(3)] == [0, 2, 4]
    assert len(taken) <= 8
    stream.close()


def doubled(number, state):
    return 2 * number
