"""Addresses of stores: what they hold, how results get there, and that no secret is shown. Faces are rectangles."""

from __future__ import annotations

import csv
import io
import json
import pickle
import sys
import tarfile
import zipfile

import pytest
from stand_in import picture, stand_in_model

import facegpt.api
from facegpt.analyze.files import analyze_files
from facegpt.batch.photos import reconstruct_files
from facegpt.cli.main import main
from facegpt.data.files import find_photos, output_names
from facegpt.data.stores import StoredPath, fetched, is_address, place_of, staged
from facegpt.errors import FaceGPTError

fsspec = pytest.importorskip("fsspec")
FACE = (10, 20, 50, 80)


def png(*faces) -> bytes:
    data = io.BytesIO()
    picture(*faces).save(data, "PNG")
    return data.getvalue()


def archive(path, **members) -> None:
    with zipfile.ZipFile(path, "w") as file:
        for name, data in members.items():
            file.writestr(f"{name}.png", data)


@pytest.fixture
def store():
    """The root of an empty store in memory."""
    system = fsspec.filesystem("memory")
    system.store.clear()
    yield StoredPath("memory://studio")
    system.store.clear()


@pytest.fixture
def photos(store):
    (store / "in/anna.png").write_bytes(png(FACE))
    (store / "in/more/empty.png").write_bytes(png())
    (store / "in/broken.jpg").write_bytes(b"\xff\xd8 no photo")
    (store / "in/notes.txt").write_bytes(b"no photo")
    return store / "in"


def test_a_path_is_no_address_and_an_address_is_no_path():
    assert is_address("s3://bucket/a.jpg") and is_address("zip://a.jpg::s3://bucket/all.zip")
    assert not any(map(is_address, ("photos/a.jpg", "C:/photos", "https://host/a.jpg", "a://"[:2])))
    assert place_of("s3://b/a") == StoredPath("s3://b/a") and str(place_of("a/b")) == "a/b"


def test_photos_of_a_store_are_found_by_folder_pattern_and_name(photos):
    names = [str(photo).removeprefix(f"{photos}/") for photo in find_photos([photos.address])]
    assert names == ["anna.png", "broken.jpg", "more/empty.png"]
    assert [photo.name for photo in find_photos([f"{photos.address}/*.png"])] == ["anna.png"]
    assert find_photos([f"{photos.address}/anna.png"]) == [photos / "anna.png"]
    assert output_names(find_photos([photos.address])) == ["anna", "broken", "empty"]
    with pytest.raises(FaceGPTError, match="holds no photo"):
        find_photos(["memory://studio/nowhere"])


def test_heads_go_from_a_store_to_a_store_and_are_made_once(photos, store):
    found = find_photos([photos.address])
    first = reconstruct_files(found, store / "out", workers=1, make_model=stand_in_model)
    assert {one.photo.name: one.status for one in first} == {
        **{"anna.png": "done", "broken.jpg": "failed", "empty.png": "failed"}
    }
    record = json.loads((store / "out/anna/source.json").read_text())
    assert all((store / "out/anna" / name).is_file() for name in record["faces"][0]["files"])
    again = reconstruct_files(find_photos([photos.address]), store / "out", workers=1, make_model=stand_in_model)
    assert [one.status for one in again] == ["skipped", "failed", "failed"]


def test_records_and_the_table_go_to_a_store(photos, store):
    found = find_photos([photos.address])
    list(analyze_files(found, stand_in_model, store / "seen", 1))
    rows = list(csv.DictReader((store / "seen/faces.csv").read_text().splitlines()))
    assert [row["photo"] for row in rows] == [str(photo) for photo in found] and "broken" in rows[1]["error"]
    again = list(analyze_files(found, stand_in_model, store / "seen", 1))
    assert [one.known is not None for one in again] == [True, False, True]


def test_the_command_line_takes_addresses(photos, store, capsys, monkeypatch):
    monkeypatch.setattr(facegpt.api, "load", stand_in_model)
    out = store / "cli"
    code = main(["reconstruct", f"{photos.address}/anna.png", "-o", out.address, "--workers", "1", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert code == 0 and told["photos"][0]["folder"] == str(out) and (out / "face.glb").is_file()
    assert main(["analyze", photos.address, "-o", f"{out.address}/seen", "--workers", "1"]) == 1
    assert "broken.jpg" in capsys.readouterr().err and (out / "seen/faces.csv").is_file()


def test_other_verbs_say_that_they_write_to_this_machine_only(capsys):
    with pytest.raises(SystemExit) as left:
        main(["track", "clip.mp4", "-o", "s3://bucket/takes"])
    assert left.value.code == 2 and "a folder of this machine" in capsys.readouterr().err


def test_an_archive_gives_the_photos_inside_and_a_damaged_one_is_a_row(tmp_path, store):
    archive(tmp_path / "a.zip", anna=png(FACE), bob=png(FACE))
    (tmp_path / "b.zip").write_bytes((tmp_path / "a.zip").read_bytes()[:-60])
    (store / "c.zip").write_bytes((tmp_path / "a.zip").read_bytes())
    found = find_photos([tmp_path / "a.zip", tmp_path / "b.zip", f"{store.address}/c.zip"])
    assert [photo.name for photo in found] == ["anna.png", "bob.png", "b.zip", "anna.png", "bob.png"]
    done = list(analyze_files(found, stand_in_model, None, 1))
    assert [len(one.faces) for one in done] == [1, 1, 0, 1, 1]
    assert [one.error is None for one in done] == [True, True, False, True, True]
    assert done[2].error.startswith(f"'{tmp_path / 'b.zip'}' is a broken archive")


def test_a_tar_that_is_cut_off_is_told_as_a_broken_archive_and_a_whole_one_is_no_photo(tmp_path, capsys):
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        for name in ("anna.png", "bob.png"):
            member = tarfile.TarInfo(name)
            member.size = len(png(FACE))
            tar.addfile(member, io.BytesIO(png(FACE)))
    (tmp_path / "cut.tar").write_bytes((tmp_path / "a.tar").read_bytes()[: len(png(FACE)) // 2])
    for verb in (["analyze"], ["reconstruct", "-o", str(tmp_path / "out")]):
        assert main([*verb, str(tmp_path / "cut.tar")]) == 1
        assert f"facegpt: '{tmp_path / 'cut.tar'}' is a broken archive" in capsys.readouterr().err
    assert main(["describe", str(tmp_path / "a.tar")]) == 1
    assert "is an archive, not a photo" in capsys.readouterr().err


def test_a_damaged_photo_inside_an_archive_costs_no_other(tmp_path):
    archive(tmp_path / "a.zip", anna=png(FACE), bob=png(FACE))
    data = bytearray((tmp_path / "a.zip").read_bytes())
    data[60:90] = bytes(30)
    (tmp_path / "a.zip").write_bytes(data)
    done = list(analyze_files(find_photos([tmp_path / "a.zip"]), stand_in_model, None, 1))
    assert [one.error is None for one in done] == [False, True] and "anna.png" in done[0].error


@pytest.mark.parametrize(
    "address",
    [
        "s3://KEY:hunter2@bucket/a.jpg?token=hunter2",
        "memory://x/a.jpg?sig=hunter2#hunter2",
        "zip://a.jpg::sftp://user:hunter2@host/all.zip",
        "nosuch://hunter2@host/a.jpg",
        "s3://bucket/a.jpg?X-Amz-Signature=hunter2",
    ],
)
def test_no_secret_of_an_address_is_shown(address, tmp_path, capsys):
    place = StoredPath(address)
    shown = [str(place), repr(place), f"{place / 'b'}", place.name, str([place])]
    for ask in (place.is_file, place.read_bytes, place.files, lambda: place.write_bytes(b"")):
        with pytest.raises(FaceGPTError) if address[0] != "m" else pytest.raises((FaceGPTError, StopIteration)) as told:
            ask()
            raise StopIteration
        shown.append(str(told.value))
        assert address[0] == "m" or told.value.__suppress_context__
    main(["reconstruct", address, "-o", str(tmp_path / "out"), "--json"])
    shown += capsys.readouterr()
    assert "hunter2" not in " ".join(shown) and "a.jpg" in shown[0]


def test_a_store_whose_driver_is_missing_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(FaceGPTError, match="install it: s3fs"):
        StoredPath("s3://bucket/a.jpg").is_file()
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(FaceGPTError, match=r"needs the package fsspec; run: .*stores"):
        StoredPath("memory://a.jpg").is_file()


def test_what_is_interrupted_is_not_sent(store):
    with pytest.raises(KeyboardInterrupt), staged(store / "out") as folder:
        (folder / "half.txt").write_text("half")
        raise KeyboardInterrupt
    assert not (store / "out" / "half.txt").exists()


def test_a_clip_is_fetched_under_its_own_name(store):
    (store / "shot.mp4").write_bytes(b"frames")
    with fetched(store / "shot.mp4") as copy:
        assert copy.name == "shot.mp4" and copy.read_bytes() == b"frames"
    assert not copy.exists()


def test_places_are_sent_to_other_processes(photos):
    assert pickle.loads(pickle.dumps(photos / "anna.png")).read_bytes() == png(FACE)
