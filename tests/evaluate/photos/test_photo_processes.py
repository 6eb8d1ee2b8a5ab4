"""Evaluations in several processes: results don't depend on their number, and what is done is not done again."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from facegpt.runtime.processes import MOST_WORKERS, cores
from facegpt.types import FaceGPTError
from facegpt_lab.evaluate import photo_processes as processes
from facegpt_lab.evaluate.benchmarks.memory import peak_memory_mb
from facegpt_lab.evaluate.photo_processes import Kept, in_processes, plain


def squared(number: int) -> dict[str, object]:
    """Work of one job: it leaves a trace of having been done."""
    trace = Path(os.environ["FACEGPT_HOME"]) / f"did_{number}"
    trace.write_text(trace.read_text() + "x" if trace.exists() else "x")
    if number == 13:
        os._exit(9)
    return {"square": number**2, "threads": os.environ["OMP_NUM_THREADS"]}


def done(folder: Path) -> dict[int, int]:
    return {int(path.name.split("_")[1]): len(path.read_text()) for path in folder.glob("did_*")}


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("FACEGPT_HOME", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2] / "helpers"))
    return tmp_path


@pytest.fixture
def same_code(monkeypatch):
    """The package's files may be edited while a test runs; its results stay of use."""
    monkeypatch.setattr(processes, "_fingerprint", lambda: "0" * 64)


@pytest.mark.slow
def test_results_come_in_order_and_what_is_kept_is_not_done_again(home, same_code, monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    kept = Kept("toy", dict)
    first = in_processes(squared, range(3), "toys", 1, kept)
    assert first == [{"square": k**2, "threads": "1"} for k in range(3)]
    assert "OMP_NUM_THREADS" not in os.environ
    more = in_processes(squared, range(5), "toys", 2, kept)
    assert more[:3] == first and [one["square"] for one in more] == [0, 1, 4, 9, 16]
    assert done(home) == dict.fromkeys(range(5), 1)


@pytest.mark.slow
def test_a_process_that_dies_is_told_and_what_was_done_is_kept(home, same_code):
    kept = Kept("toy", dict)
    in_processes(squared, [1, 2], "toys", 1, kept)
    with pytest.raises(FaceGPTError, match=r"a process died.*what is done is kept"):
        in_processes(squared, [1, 2, 13], "toys", 1, kept)
    assert done(home) == {1: 1, 2: 1, 13: 1}


def test_results_by_other_data_or_code_are_not_taken(home, monkeypatch):
    kept = Kept("toy", dict)
    before = kept.folder()
    assert kept.folder() == before and before.is_relative_to(home)
    monkeypatch.setattr(processes, "version", lambda name: "another")
    assert kept.folder() != before


@pytest.mark.parametrize(
    "file, counts", [("fitting/solver.py", True), ("a_new_room/a.py", True), ("cli/main.py", False)]
)
def test_results_by_other_code_of_any_room_but_the_command_line_and_training_are_not_taken(
    tmp_path, monkeypatch, file, counts
):
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "SHA256SUMS.json").write_text("{}")
    monkeypatch.setattr(processes, "FOLDER", tmp_path / "assets")
    before = processes._fingerprint()
    (tmp_path / file).parent.mkdir()
    (tmp_path / file).write_text("print(1)")
    assert (processes._fingerprint() != before) == counts


def test_numbers_are_kept_to_the_last_bit():
    single = np.array([1 / 3, np.pi], np.float32)
    told = plain({"a": single, "b": (np.float64(0.1), None), "c": np.int64(3)})
    assert told == {"a": [float(single[0]), float(single[1])], "b": [0.1, None], "c": 3}
    assert np.array_equal(np.array(told["a"], np.float32), single)


def test_there_is_a_core_to_work_on_and_memory_is_told_in_megabytes():
    assert 1 <= cores() <= MOST_WORKERS
    peak = peak_memory_mb()
    assert peak is None or 50 < peak < 50_000
