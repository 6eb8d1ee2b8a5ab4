"""Batches on a Ray cluster: every photo once, in order, whatever dies; and parts of a batch without one."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest
from PIL import Image
from stand_in import photo_folder, stand_in_model
from stand_in_words import word_model

from facegpt import __version__
from facegpt.analyze.files import analyze_files
from facegpt.batch.clip import TrackSettings
from facegpt.batch.clips import track_files
from facegpt.batch.from_words import Words, imagine_files
from facegpt.batch.photos import default_model, reconstruct_files
from facegpt.errors import FaceGPTError
from facegpt.runtime import ray_stream
from facegpt_lab.synthesis.texts.text_shards import synthesize_words


def test_parts_of_a_batch_share_out_the_photos_under_the_same_names(tmp_path):
    photos = photo_folder(tmp_path / "in", 5)
    run = {"make_model": stand_in_model, "workers": 1, "quality": "fast"}
    parts = [reconstruct_files(photos, tmp_path / "parts", shard=(k, 3), **run) for k in (1, 2, 3)]
    whole = reconstruct_files(photos, tmp_path / "whole", **run)
    assert sorted(o.photo for part in parts for o in part) == sorted(photos)
    names = [{path.name for path in (tmp_path / folder).iterdir()} for folder in ("parts", "whole")]
    assert names[0] == names[1] and len(whole) == 5


@pytest.fixture(scope="module")
def ray():
    return pytest.importorskip("ray")


@pytest.fixture(scope="module")
def cluster(ray):
    """A cluster of two nodes of one core each, on this machine."""
    from ray.cluster_utils import Cluster

    here = os.pathsep.join(sys.path)
    made = Cluster(
        initialize_head=True,
        head_node_args={"num_cpus": 1, "include_dashboard": False, "env_vars": {"PYTHONPATH": here}},
    )
    made.add_node(num_cpus=1, env_vars={"PYTHONPATH": here})
    yield made
    made.shutdown()


def doubled(job: int, make) -> int:
    return 2 * job


def dies_once(job: tuple[int, Path], make) -> int:
    """Kills its own process at the first try of job 3."""
    number, marks = job
    mark = marks / f"{number}"
    first = not mark.exists()
    mark.touch()
    if number == 3 and first:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def always_dies(job: int, make) -> int:
    if job == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return job


def says_wrong(job: int, make) -> int:
    raise FaceGPTError(f"job {job} is wrong")


@pytest.mark.slow
def test_results_come_in_order_and_jobs_are_taken_as_needed(cluster):
    taken = []

    def jobs():
        for k in range(40):
            taken.append(k)
            yield k

    results = ray_stream.results_in_order(cluster.address, jobs(), doubled, object, 2, str)
    assert next(results) == 0 and len(taken) < 10
    assert list(results) == [2 * k for k in range(1, 40)]


@pytest.mark.slow
def test_a_job_whose_process_was_killed_is_begun_again(cluster, tmp_path):
    jobs = [(k, tmp_path) for k in range(6)]
    assert list(ray_stream.results_in_order(cluster.address, jobs, dies_once, object, 2, str)) == list(range(6))


@pytest.mark.slow
def test_a_job_that_always_kills_its_process_is_told_and_the_others_are_done(cluster):
    results = ray_stream.results_in_order(cluster.address, range(4), always_dies, object, 2, lambda job: f"lost {job}")
    assert list(results) == [0, 1, "lost 2", 3]


@pytest.mark.slow
def test_an_error_of_a_job_comes_back_as_it_is(cluster):
    with pytest.raises(FaceGPTError, match="job 0 is wrong"):
        list(ray_stream.results_in_order(cluster.address, range(2), says_wrong, object, 1, str))


@pytest.mark.slow
def test_photos_are_done_once_though_a_node_goes_away(cluster, tmp_path):
    node = cluster.add_node(num_cpus=1, env_vars={"PYTHONPATH": os.pathsep.join(sys.path)})
    photos = photo_folder(tmp_path / "in", 24)
    run = {"make_model": stand_in_model, "workers": 3, "quality": "fast", "on": cluster.address}

    def remove_once_a_photo_is_done():
        while not list((tmp_path / "out").glob("*/source.json")):
            time.sleep(0.05)
        cluster.remove_node(node)

    threading.Thread(target=remove_once_a_photo_is_done, daemon=True).start()
    outcomes = reconstruct_files(photos, tmp_path / "out", **run)
    assert [o.photo for o in outcomes] == photos and {o.status for o in outcomes} == {"done"}
    again = reconstruct_files(photos, tmp_path / "out", **{**run, "workers": 1})
    assert {o.status for o in again} == {"skipped"}


@pytest.mark.slow
def test_another_version_on_a_node_is_refused_and_both_are_named(cluster, monkeypatch):
    monkeypatch.setattr(ray_stream, "_version", lambda: "9.9.9")  # of this machine only
    with pytest.raises(FaceGPTError, match=rf"{__version__} and this machine 9\.9\.9; install the same"):
        list(ray_stream.results_in_order(cluster.address, [1], doubled, object, 1, str))


class SeesNobody:
    """Stands for the model: finds no face."""

    def analyze(self, image) -> list:
        return []


@pytest.mark.slow
def test_photos_are_analyzed_on_a_cluster_and_all_are_in_the_table(cluster, tmp_path):
    photos = photo_folder(tmp_path / "in", 4)
    done = list(analyze_files(photos, SeesNobody, tmp_path / "out", 2, on=cluster.address))
    assert [one.photo for one in done] == photos and not any(one.error for one in done)
    assert all(photo.name in (tmp_path / "out" / "faces.csv").read_text("utf-8") for photo in photos)


@pytest.mark.slow
def test_clips_are_tracked_on_a_cluster_and_a_broken_one_is_a_row(cluster, tmp_path, astronaut):
    (tmp_path / "clip").mkdir()
    for k in range(2):
        Image.fromarray(astronaut[:320, 60 + 4 * k : 380 + 4 * k]).save(tmp_path / "clip" / f"{k}.png")
    (tmp_path / "broken.mp4").write_bytes(b"no film")
    clips = [str(tmp_path / name) for name in ("broken.mp4", "clip")]
    how = TrackSettings(colours=False, overlay=False)
    rows = list(track_files(clips, tmp_path / "out", default_model, how, workers=1, on=cluster.address))
    assert [bool(row.error) for row in rows] == [True, False]
    assert (tmp_path / "out" / "clip" / "curves.npz").exists()


@pytest.mark.slow
def test_training_data_of_a_cluster_are_those_of_one_process(cluster, tmp_path):
    alone = synthesize_words(tmp_path / "alone", 90, seed=3, shard_size=30)
    shared = synthesize_words(tmp_path / "shared", 90, seed=3, workers=2, shard_size=30, on=cluster.address)
    assert shared["shards"] == alone["shards"]


@pytest.mark.slow
def test_heads_of_words_made_on_a_cluster_are_those_of_one_process(cluster, tmp_path):
    def made(folder: str, count: int, **how) -> list[bytes]:
        folders = tuple(tmp_path / folder / str(k) for k in range(count))
        heads = [
            head
            for done in imagine_files(Words("a woman", 5, count, folders), word_model, **how)
            for head in done.heads
        ]
        assert [head["seed"] for head in heads] == list(range(5, 5 + count))
        return [(Path(head["folder"]) / "params.json").read_bytes() for head in heads]

    assert made("shared", 9, workers=2, on=cluster.address)[::4] == made("alone", 9)[::4]


def test_a_cluster_that_is_not_there_is_told_in_a_sentence(ray, tmp_path):
    with pytest.raises(FaceGPTError, match="no Ray cluster answers"):
        list(ray_stream.results_in_order("127.0.0.1:1", [1], doubled, object, 1, str))


def test_without_ray_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(FaceGPTError, match=r"\[ray\]"):
        list(ray_stream.results_in_order("ray", [1], doubled, object, 1, str))
