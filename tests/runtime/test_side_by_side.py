"""Work shared out between threads: results in order, little in memory, errors where they belong."""

from __future__ import annotations

import threading
import time

import pytest
import torch

from facegpt.runtime import side_by_side
from facegpt.runtime.side_by_side import in_order


def test_results_come_in_the_order_of_the_items_however_long_each_takes():
    def work(number):
        time.sleep(0.02 if number % 3 == 0 else 0.0)
        return number**2

    assert list(in_order(work, range(20), 3)) == [(number, number**2) for number in range(20)]


def test_two_items_are_worked_on_at_once():
    meeting = threading.Barrier(2, timeout=20)  # broken, and an error, if one waits alone
    assert len(list(in_order(lambda number: meeting.wait(), range(4), 2))) == 4


def test_no_more_items_are_taken_than_can_be_held():
    taken = []

    def items():
        for number in range(100):
            taken.append(number)
            yield number

    results = in_order(lambda number: number, items(), 2)
    for _ in range(5):
        next(results)
    assert len(taken) <= 5 + 2
    results.close()


def test_an_error_is_raised_when_its_item_has_its_turn():
    def work(number):
        if number == 3:
            raise ValueError("three")
        return number

    done = []
    with pytest.raises(ValueError, match="three"):
        for number, _ in in_order(work, range(10), 2):
            done.append(number)
    assert done == [0, 1, 2]


def test_who_leaves_early_waits_for_what_was_begun():
    busy = []

    def work(number):
        busy.append(number)
        time.sleep(0.05)
        busy.remove(number)

    results = in_order(work, range(10), 2)
    next(results)
    results.close()
    assert busy == []


def test_libraries_use_one_thread_inside_and_as_many_as_before_afterwards():
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        assert [count for _, count in in_order(lambda _: torch.get_num_threads(), range(6), 2)] == [1] * 6
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_two_pieces_of_work_run_at_once_and_each_gives_its_own(monkeypatch):
    monkeypatch.setattr(side_by_side, "cores", lambda: 2)
    meet = threading.Barrier(2, timeout=10)  # passed only by two that wait at the same time
    assert side_by_side.both(lambda: (meet.wait() >= 0, "one"), lambda: (meet.wait() >= 0, 2)) == (
        (True, "one"),
        (True, 2),
    )


@pytest.mark.parametrize("count", [1, 2])
def test_an_error_of_either_is_raised_when_both_have_ended(monkeypatch, count):
    monkeypatch.setattr(side_by_side, "cores", lambda: count)
    with pytest.raises(ZeroDivisionError):
        side_by_side.both(lambda: 1 // 0, lambda: 2)
    with pytest.raises(KeyError):
        side_by_side.both(lambda: 1, lambda: {}["nothing"])
