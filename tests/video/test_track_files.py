"""Many clips to takes: a folder each, a broken one costs no other, and parts and processes give the same takes."""

from __future__ import annotations

import pytest
from PIL import Image
from scripted_look import scripted_frames
from test_track_folder import SETTINGS, scripted_model

from facegpt.batch.clip import TrackSettings, track_to_folder
from facegpt.batch.clips import track_files
from facegpt.batch.photos import default_model
from facegpt.cli.main import main
from facegpt.export.curves import read_curves_npz

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    """Two short clips and between them one that cannot be read."""
    folder = tmp_path_factory.mktemp("clips")
    for name, count in (("one", 6), ("two", 4)):
        (folder / name).mkdir()
        for frame in scripted_frames(count):
            Image.fromarray(frame.pixels).save(folder / name / f"{frame.index}.png", compress_level=1)
    (folder / "broken.mp4").write_bytes(b"no film")
    return [str(folder / name) for name in ("one", "broken.mp4", "two")]


def curves(folder):
    return read_curves_npz(folder / "curves.npz").expression.tolist()


def test_a_broken_clip_is_a_row_with_its_error_and_costs_no_other(head, clips, tmp_path):
    rows = list(track_files(clips, tmp_path, lambda: scripted_model(head), SETTINGS))
    assert [bool(row.error) for row in rows] == [False, True, False] and "broken.mp4" in rows[1].error
    assert [row.record.get("frames") for row in rows] == [6, None, 4]
    track_to_folder(scripted_model(head), clips[0], tmp_path / "alone", SETTINGS)
    assert curves(rows[0].folder) == curves(tmp_path / "alone")


def test_parts_of_the_clips_are_all_of_them_and_what_is_done_is_not_done_again(head, clips, tmp_path):
    whole = [clip for clip in clips if "broken" not in clip]
    parts = [list(track_files(whole, tmp_path, lambda: scripted_model(head), SETTINGS, shard=(k, 2))) for k in (1, 2)]
    assert [row.clip for part in parts for row in part] == whole
    again = list(track_files(whole, tmp_path, lambda: scripted_model(head), SETTINGS))
    assert [row.record["resumed"] for row in again] == [6, 4]


def test_two_processes_track_as_one_does(astronaut, tmp_path):
    clips = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for k in range(3):
            picture = Image.fromarray(astronaut[:320, 60 + 4 * k : 380 + 4 * k])
            picture.save(tmp_path / name / f"{k}.png", compress_level=1)
        clips.append(str(tmp_path / name))
    how = TrackSettings(colours=False, overlay=False)
    for workers in (1, 2):
        rows = list(track_files(clips, tmp_path / str(workers), default_model, how, workers=workers))
        assert [row.error for row in rows] == ["", ""]
    assert curves(tmp_path / "1" / "a") == curves(tmp_path / "2" / "a")


def test_what_takes_one_clip_says_so(clips, tmp_path, capsys):
    asked = [(["--live"], "takes one clip"), (["--shard", "1/2"], "share out several")]
    for options, said in asked:
        named = clips if "--live" in options else clips[:1]
        assert main(["track", *named, *options, "-o", str(tmp_path)]) == 1
        assert said in capsys.readouterr().err
