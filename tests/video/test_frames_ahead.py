"""Reading and looking one frame ahead: the same records, bit for bit, no frame more in memory, errors in their turn."""

from __future__ import annotations

import threading
from contextlib import closing

import numpy as np
import pytest
from scripted_look import ScriptedLook, head_at, scripted_frames

from facegpt.conventions import ARKIT_NAMES
from facegpt.video.clip import Frame
from facegpt.video.tracker import FaceTracker

JAW = ARKIT_NAMES.index("jawOpen")


def two_who_cross(head):
    """Anna goes right and Ben left and is hidden behind her; later both are gone for some frames."""

    def script(number):
        if 50 <= number < 55:
            return {}
        shift, weights = 8.0 * (number % 60 - 25), np.zeros(52, np.float32)
        weights[JAW] = 0.3 + 0.3 * np.sin(number / 4)
        faces = {"anna": head_at(head, shift, 700.0, expression=weights)}
        if abs(number - 25) > 4:
            faces["ben"] = head_at(head, -shift, 900.0)
        return faces

    return script


def one_who_stays(head):
    return lambda number: {"anna": head_at(head, 2.0 * number)}


def test_the_records_are_those_of_frame_by_frame_through_crossings_losses_and_a_cut(head):
    frames = scripted_frames(80, shots=(40,))
    plain, ahead = (FaceTracker(head, ScriptedLook(head, two_who_cross(head))) for _ in range(2))
    expected = [[row.tobytes() for row in plain.step(frame)] for frame in frames]
    found = [[row.tobytes() for row in rows] for _, rows in ahead.run(frames)]
    assert found == expected
    assert ahead.cuts == plain.cuts == 1
    assert sum(len(rows) == 2 for rows in expected) > 50
    assert [person.number for person in ahead.people] == [person.number for person in plain.people]


def test_what_was_seen_ahead_is_not_looked_for_again(head):
    look = ScriptedLook(head, one_who_stays(head))
    asked, threads, glimpse = [], set(), look.glimpse

    def watched(pixels, window):
        asked.append(int(pixels[0, 0, 0]))
        threads.add(threading.current_thread().name)
        return glimpse(pixels, window)

    look.glimpse = watched
    assert all(len(rows) == 1 for _, rows in FaceTracker(head, look).run(scripted_frames(20)))
    assert asked == list(range(1, 20))  # in the first frame she is found by a search
    assert len(threads) == 2  # in the second frame nobody knew the window beforehand; from then on all is ahead


def test_one_frame_is_read_ahead_and_no_more(head):
    read = []

    def frames():
        for frame in scripted_frames(12):
            read.append(frame.index)
            yield frame

    with closing(FaceTracker(head, ScriptedLook(head, one_who_stays(head))).run(frames())) as tracked:
        for frame, _ in tracked:
            assert max(read) <= frame.index + 1


@pytest.mark.parametrize("error", [OSError("unplugged"), KeyboardInterrupt()])
def test_an_error_in_reading_comes_after_the_frames_before_it(head, error):
    def frames():
        yield from scripted_frames(5)
        raise error

    done = []
    tracker = FaceTracker(head, ScriptedLook(head, one_who_stays(head)))
    with pytest.raises(type(error)), closing(tracker.run(frames())) as tracked:
        for frame, _ in tracked:
            done.append(frame.index)
    assert done == [0, 1, 2, 3, 4]


def test_what_fails_ahead_is_raised_only_if_it_is_asked_for(head):
    """The face is expected beyond a cut, where looking for it fails: nobody looks there."""
    look = ScriptedLook(head, one_who_stays(head))
    glimpse = look.glimpse

    def failing(pixels, window):
        if int(pixels[0, 0, 0]) == 6:
            raise RuntimeError("no such place")
        return glimpse(pixels, window)

    look.glimpse = failing
    tracker = FaceTracker(head, look)
    assert len(list(tracker.run(scripted_frames(10, shots=(6,))))) == 10
    with pytest.raises(RuntimeError, match="no such place"):
        list(FaceTracker(head, look).run(scripted_frames(10)))


def test_whoever_leaves_early_is_alone_with_the_source_afterwards(head):
    before = threading.active_count()
    tracked = FaceTracker(head, ScriptedLook(head, one_who_stays(head))).run(scripted_frames(10))
    next(tracked)
    tracked.close()
    assert threading.active_count() == before


@pytest.mark.slow
def test_the_real_networks_give_the_same_records(astronaut):
    """The bundled photo moves through the picture and is covered for a moment: through the shipped networks."""
    from facegpt.api import load

    model, frames = load(), []
    for number in range(14):
        shift = round(20 * np.sin(number / 3))
        pixels = np.ascontiguousarray(astronaut[:320, 60 - shift : 380 - shift])
        frames.append(Frame(number, number / 25, np.zeros_like(pixels) + 30 if number in (7, 8) else pixels))
    plain, ahead = (FaceTracker(model.head, model.face_look()) for _ in range(2))
    expected = [[row.tobytes() for row in plain.step(frame)] for frame in frames]
    assert [[row.tobytes() for row in rows] for _, rows in ahead.run(frames)] == expected
    assert [len(rows) for rows in expected] == [1] * 7 + [0] * 2 + [1] * 5
