"""The verbs analyze and compare: many photos, broken ones, and what programs are told. Faces are red rectangles."""

from __future__ import annotations

import csv
import json

import pytest
from stand_in import photo_folder, picture, stand_in_model

import facegpt.api
from facegpt.analyze.files import analyze_files
from facegpt.cli.main import main
from facegpt.types import FaceGPTError


@pytest.fixture(autouse=True)
def stand_in(monkeypatch):
    monkeypatch.setattr(facegpt.api, "load", stand_in_model)


def run(capsys, *words) -> tuple[int, str, str]:
    code = main([str(word) for word in words])
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return code, out, err


@pytest.fixture
def photos(tmp_path):
    """A photo of two faces, one of none, and a file that is no photo."""
    folder = tmp_path / "photos"
    folder.mkdir()
    picture((10, 20, 50, 80), (100, 60, 220, 200)).save(folder / "a_pair.png")
    picture().save(folder / "b_empty.png")
    (folder / "c_broken.jpg").write_bytes(b"\xff\xd8 no photo")
    return folder


def test_the_faces_of_a_photo_are_told_largest_first(capsys, photos):
    code, out, _ = run(capsys, "analyze", photos / "a_pair.png", "--json")
    [told] = json.loads(out)["photos"]
    widths = [face["box"][2] - face["box"][0] for face in told["faces"]]
    assert code == 0 and len(widths) == 2 and widths[0] > widths[1]
    assert len(told["faces"][0]["points"]["ibug68"]) == 68 and len(told["faces"][0]["blendshapes"]) == 52


def test_a_broken_photo_is_a_row_with_its_error_and_costs_no_other(capsys, photos, tmp_path):
    code, out, err = run(capsys, "analyze", photos, "-o", tmp_path / "seen", "--json")
    told = {row["photo"].split("/")[-1]: row for row in json.loads(out)["photos"]}
    assert code == 1 and "c_broken.jpg" in err
    assert len(told["a_pair.png"]["faces"]) == 2 and told["b_empty.png"]["faces"] == []
    assert told["b_empty.png"]["error"] is None and "c_broken" in told["c_broken.jpg"]["error"]
    rows = list(csv.DictReader((tmp_path / "seen" / "faces.csv").read_text("utf-8").splitlines()))
    assert [row["face"] for row in rows] == ["0", "1", "", ""] and rows[-1]["error"]
    assert {file.name for file in (tmp_path / "seen").iterdir()} >= {"a_pair.json", "a_pair_1.png", "b_empty.json"}


def test_a_photo_without_a_face_is_told_in_words(capsys, photos):
    code, out, _ = run(capsys, "analyze", photos / "b_empty.png")
    assert code == 0 and "no face was found" in out


def test_points_can_be_left_out(capsys, photos):
    _, out, _ = run(capsys, "analyze", photos / "a_pair.png", "--json", "--no-points")
    assert "points" not in json.loads(out)["photos"][0]["faces"][0]


@pytest.mark.parametrize("verb", ["analyze", "compare"])
def test_a_photo_that_is_not_there_is_a_sentence(capsys, tmp_path, verb):
    words = [tmp_path / "none.jpg"] * (1 if verb == "analyze" else 2)
    code, out, err = run(capsys, verb, *words)
    assert code == 1 and out == "" and "there is no file" in err


def test_without_a_face_a_comparison_says_so_and_knows_nothing(capsys, photos):
    code, out, _ = run(capsys, "compare", photos / "a_pair.png", photos / "b_empty.png", "--json")
    told = json.loads(out)
    assert code == 0 and told["same"] is None and told["likelihood"] == 0.5 and told["distance"] is None
    assert any("no face was found in the second photo" in reason for reason in told["reasons"])
    assert any("2 faces" in reason for reason in told["reasons"])


def test_parts_of_a_batch_share_out_the_photos_and_write_tables_of_their_own(capsys, photos, tmp_path):
    told = []
    for part in ("1/2", "2/2"):
        _, out, _ = run(capsys, "analyze", photos, "-o", tmp_path / "seen", "--shard", part, "--json")
        told += [row["photo"].split("/")[-1] for row in json.loads(out)["photos"]]
    assert sorted(told) == ["a_pair.png", "b_empty.png", "c_broken.jpg"]
    tables = {
        file.name: list(csv.DictReader(file.read_text("utf-8").splitlines())) for file in tmp_path.glob("seen/*.csv")
    }
    assert set(tables) == {"faces_1_of_2.csv", "faces_2_of_2.csv"} and sum(map(len, tables.values())) == 4


@pytest.mark.slow
def test_two_processes_see_what_one_sees(capsys, tmp_path):
    photos = photo_folder(tmp_path / "in", 3)
    seen = [list(analyze_files(photos, stand_in_model, None, workers)) for workers in (1, 2)]
    assert [[face.to_dict() for one in run for face in one.faces] for run in seen[:1]] == [
        [face.to_dict() for one in run for face in one.faces] for run in seen[1:]
    ]


def test_what_an_earlier_run_wrote_is_left_out_and_stays_in_the_table(photos, tmp_path):
    files, seen = sorted(photos.iterdir()), tmp_path / "seen"
    first = list(analyze_files(files, stand_in_model, seen, 1))
    before = {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in seen.iterdir()}
    again = list(analyze_files(files, refuses_to_load, seen, 1))
    after = {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in seen.iterdir()}
    assert [one.known is None for one in again] == [False, False, True]  # the broken one is tried again
    assert [one.rows() for one in again[:2]] == [one.rows() for one in first[:2]]
    assert {name: kept for name, kept in after.items() if name != "faces.csv"} == {
        name: kept for name, kept in before.items() if name != "faces.csv"
    }
    assert after["faces.csv"][0].count(b"\n") == before["faces.csv"][0].count(b"\n")


def test_a_photo_that_changed_or_lost_a_file_is_analyzed_again(photos, tmp_path):
    files, seen = sorted(photos.iterdir())[:2], tmp_path / "seen"
    list(analyze_files(files, stand_in_model, seen, 1))
    (seen / "a_pair_2.png").unlink()
    picture((10, 20, 50, 80)).save(files[1])
    again = list(analyze_files(files, stand_in_model, seen, 1))
    assert [len(one.faces) for one in again] == [2, 1] and (seen / "a_pair_2.png").is_file()


def test_an_interrupted_run_leaves_no_table_and_no_unfinished_file(photos, tmp_path):
    run = analyze_files(sorted(photos.iterdir()), stand_in_model, tmp_path / "seen", 1)
    next(run)
    run.close()
    assert {file.suffix for file in (tmp_path / "seen").iterdir()} == {".json", ".png"}


def refuses_to_load():
    raise FaceGPTError("no model is needed")
