"""Many photos: all cores, resuming, broken ones among good ones, Ctrl-C, and folders that cannot be written."""

from __future__ import annotations

import errno
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from stand_in import dying_model, photo_folder, picture, stand_in_model

from facegpt.batch import photos as batch
from facegpt.batch.photos import reconstruct_files
from facegpt.cli.main import main
from facegpt.export.bundle import FileOptions
from facegpt.runtime import atomic_files
from facegpt.runtime.progress import Progress, step, steps
from facegpt.types import FaceGPTError


def run(photos, output, **options):
    return reconstruct_files(
        photos, output, make_model=stand_in_model, **{"workers": 1, "quality": "balanced", **options}
    )


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_one_photo_writes_straight_into_the_folder(tmp_path):
    [photo] = photo_folder(tmp_path / "in", 1)
    [outcome] = run([photo], tmp_path / "out", subfolders=False)
    assert outcome.status == "done" and len(outcome.faces) == 1
    assert {"params.json", "face.glb", "overlay.png", "source.json"} <= {p.name for p in (tmp_path / "out").iterdir()}
    assert json.loads((tmp_path / "out" / "source.json").read_text())["photo"] == "photo_00.png"


def test_fbx_comes_where_it_is_asked_for_and_a_folder_without_it_is_made_again(tmp_path):
    [photo] = photo_folder(tmp_path / "in", 1)
    without, first, again = (
        run([photo], tmp_path / "out", subfolders=False, files=FileOptions(fbx=fbx))[0] for fbx in (False, True, True)
    )
    assert [each.status for each in (without, first, again)] == ["done", "done", "skipped"]
    assert (tmp_path / "out" / "face.fbx").read_bytes()[:18] == b"Kaydara FBX Binary"


def test_the_help_says_how_several_heads_of_a_photo_are_numbered(capsys):
    with pytest.raises(SystemExit):
        main(["reconstruct", "--help"])
    assert "face_0, the largest" in " ".join(capsys.readouterr().out.split())


def test_several_faces_get_a_folder_each_largest_first(tmp_path):
    picture((10, 10, 60, 60), (100, 20, 220, 160)).save(tmp_path / "two.png")
    [outcome] = run([tmp_path / "two.png"], tmp_path / "out", subfolders=False)
    assert [Path(face["folder"]).name for face in outcome.faces] == ["face_0", "face_1"]
    widths = [face["box"][2] - face["box"][0] for face in outcome.faces]
    assert widths[0] > widths[1]
    assert (tmp_path / "out" / "face_1" / "face.glb").exists() and not (tmp_path / "out" / "face.glb").exists()


def test_broken_photos_do_not_stop_the_good_ones(tmp_path):
    photos = photo_folder(tmp_path, 3)
    photos[1].write_bytes(photos[1].read_bytes()[:60])
    picture().save(tmp_path / "nobody.png")
    outcomes = run([*photos, tmp_path / "nobody.png", tmp_path / "missing.png"], tmp_path / "out")
    assert [o.status for o in outcomes] == ["done", "failed", "done", "failed", "failed"]
    for outcome, says in zip(outcomes, ("", "photo_01.png", "", "no face", "no file"), strict=True):
        assert says in outcome.error
    assert not (tmp_path / "out" / "photo_01").exists()


def test_a_photo_without_a_face_leaves_no_empty_folder_and_takes_none_away(tmp_path):
    picture().save(tmp_path / "nobody.png")
    (tmp_path / "mine").mkdir()
    for output in (tmp_path / "new" / "out", tmp_path / "mine"):
        [outcome] = run([tmp_path / "nobody.png"], output, subfolders=False)
        assert outcome.status == "failed"
    assert {path.name for path in tmp_path.iterdir()} == {"nobody.png", "mine"}
    run([*photo_folder(tmp_path / "in", 1), tmp_path / "nobody.png"], tmp_path / "new" / "out")
    assert [path.name for path in (tmp_path / "new" / "out").iterdir()] == ["photo_00"]


def test_a_second_run_leaves_out_what_is_done(tmp_path):
    photos = photo_folder(tmp_path / "in", 3)
    run(photos[:2], tmp_path / "out")
    before = contents(tmp_path / "out")
    outcomes = run(photos, tmp_path / "out")
    assert [o.status for o in outcomes] == ["skipped", "skipped", "done"]
    assert outcomes[0].faces[0]["folder"] == str(tmp_path / "out" / "photo_00")
    assert before.items() <= contents(tmp_path / "out").items()
    assert {o.status for o in run(photos, tmp_path / "out", resume=False)} == {"done"}


def test_a_changed_photo_setting_or_result_is_done_again(tmp_path):
    photos = photo_folder(tmp_path / "in", 1)
    out = tmp_path / "out"

    def again(**options):
        return run(photos, out, **options)[0].status

    assert [again(), again()] == ["done", "skipped"]
    assert [again(quality="fast"), again(quality="fast"), again()] == ["done", "skipped", "done"]
    picture((90, 60, 200, 140)).save(photos[0])
    assert [again(), again()] == ["done", "skipped"]
    (out / "photo_00" / "params.json").unlink()
    assert [again(), again()] == ["done", "skipped"]
    (out / "photo_00" / "source.json").write_text("{ half a fi")
    assert [again(), again()] == ["done", "skipped"]


@pytest.mark.slow
def test_several_processes_give_the_same_files_as_one(tmp_path):
    photos = photo_folder(tmp_path / "in", 4)
    (tmp_path / "in" / "broken.png").write_bytes(b"broken")
    photos.append(tmp_path / "in" / "broken.png")
    one, two = run(photos, tmp_path / "one"), run(photos, tmp_path / "two", workers=2)
    assert [o.status for o in one] == [o.status for o in two] == ["done"] * 4 + ["failed"]
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


@pytest.mark.slow
def test_a_process_that_dies_costs_only_its_photo(tmp_path):
    photos = photo_folder(tmp_path / "in", 6)  # the fourth is 66 px wide
    outcomes = reconstruct_files(photos, tmp_path / "out", workers=2, make_model=dying_model)
    assert [k for k, o in enumerate(outcomes) if o.status == "failed"] == [3]
    assert len(list((tmp_path / "out").rglob("source.json"))) == 5
    assert "died" in outcomes[3].error and "photo_03" in outcomes[3].error


def test_an_error_of_ours_is_told_and_costs_only_its_photo(tmp_path):
    photos = photo_folder(tmp_path / "in", 2)

    class Broken:
        def reconstruct(self, photo, quality, detail="off"):
            raise RuntimeError("oh")

    outcomes = reconstruct_files(photos, tmp_path / "out", workers=1, make_model=Broken)  # type: ignore[arg-type]
    assert all(o.status == "failed" and "please report" in o.error and "oh" in o.error for o in outcomes)


def test_a_folder_that_cannot_be_written_is_told_before_the_work(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(FaceGPTError, match="output folder"):
        run(photo_folder(tmp_path / "in", 1), tmp_path / "file" / "out")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a system where the user may be refused")
def test_a_read_only_folder_is_told_before_the_work(tmp_path):
    (tmp_path / "out").mkdir(mode=0o500)
    with pytest.raises(FaceGPTError, match="cannot write"):
        run(photo_folder(tmp_path / "in", 1), tmp_path / "out")


SLOW_COMMAND = """
import sys
from facegpt.batch import photos as batch
from facegpt.cli import main as cli
from stand_in import slow_model
if __name__ == "__main__":
    whole = batch.reconstruct_files
    batch.reconstruct_files = lambda *args, **options: whole(*args, make_model=slow_model, **options)
    sys.exit(cli.main(sys.argv[1:]))
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="sends the signal of Ctrl-C to a process group")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c_leaves_no_half_written_file_and_the_next_run_goes_on(tmp_path, workers):
    photo_folder(tmp_path / "in", 12)
    script = tmp_path / "slow.py"
    script.write_text(SLOW_COMMAND)
    command = [sys.executable, str(script), "reconstruct", str(tmp_path / "in"), "-o", str(tmp_path / "out")]
    command += ["--workers", workers]
    helpers, told = str(Path(__file__).parents[1] / "helpers"), os.environ.get("PYTHONPATH")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([helpers, *([told] if told else [])])}
    process = subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # shells have it ignored in the background
    )
    until = time.monotonic() + 120
    while len(list((tmp_path / "out").rglob("source.json"))) < 2 and time.monotonic() < until:
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    begun = time.time()
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130 and out == "" and "Traceback" not in err
    assert not list((tmp_path / "out").rglob("*.tmp"))
    done = list((tmp_path / "out").rglob("source.json"))
    assert 2 <= len(done) < 12
    assert f"stopped with {12 - len(done)} of 12 photos to go; the same command goes on from here" in err
    later = [folder for folder in (tmp_path / "out").iterdir() if folder.stat().st_ctime > begun + 3]
    assert not later  # seconds: whoever was stopped begins nothing more
    outcomes = run(sorted((tmp_path / "in").iterdir()), tmp_path / "out")
    assert sum(o.status == "skipped" for o in outcomes) == len(done)
    assert {o.status for o in outcomes} == {"skipped", "done"}


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_disk_that_fills_costs_the_photos_it_has_no_room_for_and_a_second_run_does_them(tmp_path, monkeypatch):
    photos, replaced, moves = photo_folder(tmp_path / "in", 3), atomic_files.os.replace, []

    def until_full(*paths):
        moves.append(paths)
        if len(moves) > 15:
            raise OSError(errno.ENOSPC, "No space left on device")
        replaced(*paths)

    monkeypatch.setattr(atomic_files.os, "replace", until_full)
    full = run(photos, tmp_path / "out")
    monkeypatch.undo()
    states = [outcome.status for outcome in full]
    assert states[0] == "done" and states[2] == "failed" and "No space left" in full[2].error
    assert not [path for path in (tmp_path / "out").rglob("*") if path.name.endswith(".tmp")]
    again = run(photos, tmp_path / "out")
    assert [outcome.status for outcome in again] == ["skipped" if state == "done" else "done" for state in states]


def test_a_bar_is_drawn_on_a_terminal_and_lines_elsewhere():
    terminal, log = Terminal(), io.StringIO()
    for stream in (terminal, log):
        with Progress("photos", 4, stream) as progress:
            for done in range(1, 5):
                progress(done)
            progress.note("a note")
    assert "[#######....................." in terminal.getvalue() and "4/4" in terminal.getvalue()
    assert log.getvalue().splitlines() == ["photos: 4 of 4", "a note"]


def test_one_photo_has_a_bar_of_its_steps_on_a_terminal_alone():
    terminal, log = Terminal(), io.StringIO()
    for stream in (terminal, log):
        with steps(3, stream):
            for label in ("finding faces", "shape and skin", "writing files"):
                step(label)
    shown = terminal.getvalue().split("\r")[1:]
    assert [line.split(" [")[0] for line in shown] == ["finding faces", "shape and skin", "writing files", "done"]
    assert "1/3" in shown[1] and "3/3" in shown[3]
    assert log.getvalue() == ""
    step("without a bar")  # says nothing


def test_a_photo_is_worked_on_in_the_steps_of_its_bar(tmp_path, monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    photos = photo_folder(tmp_path / "in", 1)
    reconstruct_files(photos, tmp_path / "out", subfolders=False, make_model=stand_in_model)
    assert "reading the photo [" in terminal.getvalue() and "writing files [" in terminal.getvalue()


def test_photos_are_looked_at_as_they_are_needed_not_all_before_the_first(tmp_path, monkeypatch):
    looked: list[str] = []

    def note(job):
        looked.append(job.photo.name)

    def count_and_stop(job, model):
        raise KeyboardInterrupt

    monkeypatch.setattr(batch, "_already_there", note)
    monkeypatch.setattr(batch, "process", count_and_stop)
    monkeypatch.setattr(batch._Batch, "stopped", lambda self: "")
    photos = photo_folder(tmp_path / "in", 5)
    with pytest.raises(KeyboardInterrupt):
        reconstruct_files(photos, tmp_path / "out", workers=1, make_model=stand_in_model)
    assert looked == [photos[0].name]


@pytest.mark.parametrize("verb", ["reconstruct", "analyze", "imagine", "track"])
def test_an_empty_part_of_an_array_is_no_failure_and_says_that_it_is_empty(tmp_path, capsys, verb):
    photos = photo_folder(tmp_path / "in", 1)
    clips = [str(tmp_path / "in"), str(tmp_path / "in")]  # folders of pictures
    what = {"imagine": ["a man"], "track": clips}.get(verb, [str(photos[0])])
    assert main([verb, *what, "--shard", "3/3", "-o", str(tmp_path / "out")]) == 0
    assert "part 3 of 3 is empty" in capsys.readouterr().out
