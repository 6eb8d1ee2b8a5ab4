"""Which photos a user means: folders and patterns become files, and each file an output folder."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from facegpt.data.files import find_photos, output_names
from facegpt.types import ImageError


def test_a_folder_gives_its_photos_and_a_pattern_its_matches(tmp_path, monkeypatch):
    for name in ("b.JPG", "a.png", "notes.txt", "sub/c.webp", ".hidden/d.png", "._a.png"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    assert [p.name for p in find_photos([tmp_path])] == ["a.png", "b.JPG", "c.webp"]
    assert [p.name for p in find_photos([str(tmp_path / "*.png"), tmp_path / "a.png"])] == ["a.png"]
    assert [p.name for p in find_photos(["no-such-file.jpg"])] == ["no-such-file.jpg"]
    with pytest.raises(ImageError, match="holds no photo"):
        (tmp_path / "none").mkdir()
        find_photos([tmp_path / "none"])
    with pytest.raises(ImageError, match="no photo matches"):
        find_photos([str(tmp_path / "*.tiff")])


def test_a_name_with_brackets_is_a_file_first(tmp_path):
    (tmp_path / "me [1].jpg").write_bytes(b"x")
    assert find_photos([str(tmp_path / "me [1].jpg")]) == [tmp_path / "me [1].jpg"]


def test_output_folders_have_names_of_their_own():
    photos = [Path("x/a.jpg"), Path("x/a.png"), Path("y/A.jpg"), Path("b.jpg")]
    names = output_names(photos)
    assert len({name.lower() for name in names}) == 4 and names[3] == "b" and names == output_names(photos)


def test_many_names_of_a_folder_take_little_memory(tmp_path):
    for k in range(4000):
        (tmp_path / f"IMG_{k:07d}.jpg").touch()
    length = len(str(tmp_path)) + len("/IMG_0000000.jpg")
    tracemalloc.start()
    photos = find_photos([tmp_path])
    names = output_names(photos)
    held, most = (size / 4000 for size in tracemalloc.get_traced_memory())
    tracemalloc.stop()
    assert len(photos) == len(names) == 4000 and photos[3999] == tmp_path / "IMG_0003999.jpg"
    assert held < length + 250 and most < length + 500  # bytes a photo
