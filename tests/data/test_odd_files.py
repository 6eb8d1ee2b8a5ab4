"""Links in a circle, pipes, sockets and devices among photos: none ends a batch, none makes it wait."""

from __future__ import annotations

import os
import signal
import socket

import pytest
from stand_in import photo_folder, stand_in_model

from facegpt.batch.photos import RECORD, reconstruct_files
from facegpt.data.files import find_photos
from facegpt.data.images import read_image
from facegpt.types import ImageError

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")


@pytest.fixture(autouse=True)
def no_waiting():
    """Whoever opens a pipe that nobody writes to would wait for ever."""

    def stop(*_):
        raise AssertionError("this waits for ever")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(120)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def odd_folder(tmp_path, monkeypatch):
    """A folder with two photos, one of them deeper, among all that is no file."""
    folder = tmp_path / "in"
    photos = photo_folder(folder, 2)
    (folder / "sub").mkdir()
    photos[1].rename(folder / "sub" / "deep.png")
    for name, target in {
        "circle.png": "circle.png",
        "there.png": "back.png",
        "back.png": "there.png",
        "nothing.png": "gone",
        "sub/up": "..",
        "sub/up.png": "../..",
    }.items():
        (folder / name).symlink_to(target)
    os.mkfifo(folder / "pipe.jpg")
    monkeypatch.chdir(folder)  # the path of a socket may be 100 letters long
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.png")
        yield folder


@pytest.mark.parametrize("pattern", ["", "**/*", "**", "**/*.png", "*/../**/*"])
def test_a_folder_or_pattern_gives_the_files_alone(odd_folder, tmp_path, pattern):
    found = find_photos([odd_folder / pattern], tmp_path / "out")
    assert sorted({os.path.normpath(path.relative_to(odd_folder)) for path in found}) == [
        "photo_00.png",
        "sub/deep.png",
    ]
    assert find_photos(["*.png"]) == [find_photos(["photo_00.png"])[0]]


def test_links_to_photos_are_photos(odd_folder, tmp_path):
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "a.png").symlink_to(odd_folder / "photo_00.png")
    (tmp_path / "album").symlink_to(odd_folder / "sub")
    assert [path.name for path in find_photos([tmp_path / "links", tmp_path / "album"])] == ["a.png", "deep.png"]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("pipe.jpg", "pipe"),
        ("socket.png", "socket"),
        ("/dev/zero", "device"),
        ("circle.png", "symbolic links"),
        ("nothing.png", "no file"),
        ("sub/up.png", "folder"),
    ],
)
def test_what_is_no_file_is_refused_with_a_sentence(odd_folder, name, says):
    with pytest.raises(ImageError, match=says):
        read_image(name)


def test_an_output_folder_that_is_a_link_in_a_circle_is_no_result(odd_folder, tmp_path):
    (tmp_path / "out").symlink_to("out")
    assert len(find_photos([odd_folder], tmp_path / "out")) == 2


def test_a_batch_goes_on_past_them(odd_folder, tmp_path):
    photos = [odd_folder / name for name in ("photo_00.png", "pipe.jpg", "circle.png", "socket.png")]
    (tmp_path / "out" / "pipe").mkdir(parents=True)
    (tmp_path / "out" / "pipe" / RECORD).write_text('{"faces": []}')  # as if a photo of this name had been done
    outcomes = reconstruct_files(photos, tmp_path / "out", workers=1, make_model=stand_in_model)
    assert [outcome.status for outcome in outcomes] == ["done", "failed", "failed", "failed"]
    assert all("error in facegpt" not in outcome.error for outcome in outcomes)
