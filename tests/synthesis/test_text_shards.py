"""Shards of words: the same bytes for the same seed, resumed after a stop, and refused when they do not belong."""

from __future__ import annotations

import json
from itertools import islice

import pytest

from facegpt.cli.main import main
from facegpt.types import FaceGPTError
from facegpt_lab.synthesis.texts import text_shards as shards
from facegpt_lab.synthesis.texts.dialogues import samples
from facegpt_lab.synthesis.texts.text_shards import read_shards, synthesize_words


def test_shards_read_back_as_the_stream_they_were_written_from(tmp_path):
    card = synthesize_words(tmp_path, 130, seed=8, shard_size=50)
    assert [shard["samples"] for shard in card["shards"]] == [50, 50, 30]
    assert list(read_shards(tmp_path)) == list(islice(samples(seed=8), 130))


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(tmp_path):
    one, two, other = (synthesize_words(tmp_path / n, 60, s, shard_size=30) for n, s in (("a", 1), ("b", 1), ("c", 2)))
    assert one["shards"] == two["shards"]
    assert one["shards"] != other["shards"]


@pytest.mark.slow
def test_several_processes_write_the_same_bytes(tmp_path):
    alone = synthesize_words(tmp_path / "alone", 90, seed=3, shard_size=30)
    together = synthesize_words(tmp_path / "together", 90, seed=3, workers=2, shard_size=30)
    assert alone == together


def test_an_interrupted_run_goes_on_where_it_stopped(tmp_path, monkeypatch):
    written = []

    def stop_after_one(job):
        if written:
            raise KeyboardInterrupt
        written.append(job)
        return write(job)

    write = shards.write_shard
    monkeypatch.setattr(shards, "write_shard", stop_after_one)
    with pytest.raises(KeyboardInterrupt):
        synthesize_words(tmp_path, 90, seed=5, shard_size=30)
    monkeypatch.undo()
    assert not json.loads((tmp_path / "card.json").read_text(encoding="utf-8"))["complete"]
    kept = (tmp_path / "words-000000.tar").stat().st_mtime_ns
    card = synthesize_words(tmp_path, 90, seed=5, shard_size=30)
    assert card["complete"]
    assert (tmp_path / "words-000000.tar").stat().st_mtime_ns == kept
    assert list(read_shards(tmp_path)) == list(islice(samples(seed=5), 90))


def test_parts_write_the_same_shards_and_the_last_to_end_completes_the_card(tmp_path):
    whole = synthesize_words(tmp_path / "whole", 110, seed=4, shard_size=30)
    parts = [synthesize_words(tmp_path / "parts", 110, seed=4, shard_size=30, part=(k, 3)) for k in (3, 1, 2)]
    assert [[shard["name"][-5] for shard in card["shards"]] for card in parts[:2]] == [["2"], ["0", "3"]]
    assert [card["complete"] for card in parts] == [False, False, True]
    assert parts[2] == whole == json.loads((tmp_path / "parts" / "card.json").read_text(encoding="utf-8"))


def test_an_empty_part_is_no_failure_and_one_started_late_leaves_a_complete_card(tmp_path, capsys):
    words = ["synthesize", "words", "--count", "20", "-o", str(tmp_path), "--shard"]
    assert main([*words, "2/2"]) == 0 and "part 2 of 2 is empty" in capsys.readouterr().out
    assert main([*words, "1/2"]) == 0 and main([*words, "2/2"]) == 0
    assert json.loads((tmp_path / "card.json").read_text(encoding="utf-8"))["complete"]


def test_a_folder_with_other_settings_is_refused(tmp_path):
    synthesize_words(tmp_path, 20, seed=1, shard_size=20)
    with pytest.raises(FaceGPTError, match="another seed"):
        synthesize_words(tmp_path, 20, seed=2, shard_size=20)


def test_a_damaged_shard_is_named(tmp_path):
    synthesize_words(tmp_path, 40, seed=1, shard_size=20)
    path = tmp_path / "words-000001.tar"
    path.write_bytes(path.read_bytes()[:700])
    with pytest.raises(FaceGPTError, match=r"words-000001\.tar"):
        list(read_shards(tmp_path))
    with pytest.raises(FaceGPTError, match=r"words-000001\.tar"):
        synthesize_words(tmp_path, 40, seed=1, shard_size=20)


def test_an_empty_folder_and_a_count_of_none_are_refused(tmp_path):
    with pytest.raises(FaceGPTError, match="no shards"):
        list(read_shards(tmp_path))
    with pytest.raises(FaceGPTError, match="above 0"):
        synthesize_words(tmp_path, 0)


def test_the_card_counts_what_is_in_the_shards(tmp_path):
    card = synthesize_words(tmp_path, 200, seed=9, shard_size=100)
    assert sum(card["kinds"].values()) == sum(card["tasks"].values()) == 200
    assert card["licence"] == "CC0-1.0"
