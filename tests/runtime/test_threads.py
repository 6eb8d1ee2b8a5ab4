"""Inside `one_thread` there is one thread; outside, the program has what it had before."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
import scipy.linalg  # noqa: F401
import torch
from threadpoolctl import threadpool_info, threadpool_limits

import facegpt
from facegpt.runtime.threads import one_thread


def blas_threads() -> set[int]:
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


@pytest.fixture(autouse=True)
def three_threads():
    """What the program around has set, on a machine of any size."""
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    with threadpool_limits(limits=3, user_api="blas"):
        yield
    torch.set_num_threads(before)


def test_there_is_one_thread_inside_and_as_many_as_before_outside():
    with one_thread():
        assert torch.get_num_threads() == 1 and blas_threads() == {1}
        with one_thread():
            assert torch.get_num_threads() == 1 and blas_threads() == {1}
        assert torch.get_num_threads() == 1 and blas_threads() == {1}
    assert torch.get_num_threads() == 3 and blas_threads() == {3}


def test_an_error_inside_leaves_the_threads_as_they_were():
    @one_thread()
    def fail():
        assert torch.get_num_threads() == 1
        raise ValueError

    for _ in range(2):
        with pytest.raises(ValueError):
            fail()
        assert torch.get_num_threads() == 3 and blas_threads() == {3}


#: A program whose threads come and go in three orders: the first leaves first, the second does, one comes in between.
OVERLAPPING = """
import threading
import numpy, scipy.linalg, torch
from threadpoolctl import threadpool_info
from facegpt.runtime.threads import one_thread

def counts():
    blas = {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}
    return torch.get_num_threads(), blas

def stay(entered, leave):
    with one_thread():
        assert counts() == (1, {1})
        entered.set()
        assert leave.wait(60)

def start():
    entered, leave = threading.Event(), threading.Event()
    thread = threading.Thread(target=stay, args=(entered, leave))
    thread.start()
    assert entered.wait(60)
    return thread, leave

def end(thread, leave):
    leave.set()
    thread.join(60)
    assert not thread.is_alive()

torch.set_num_threads(3)
before = counts()
for order in ("first first", "second first", "one between"):
    first, second = start(), start()
    if order == "one between":
        end(*first)
        third = start()
        end(*second)
        end(*third)
    else:
        for one in (first, second) if order == "first first" else (second, first):
            end(*one)
    assert counts() == before, (order, counts(), before)
print(before)
"""


def test_threads_that_overlap_leave_the_program_its_own():
    told = {**os.environ, "OPENBLAS_NUM_THREADS": "2"}
    told.pop("OMP_NUM_THREADS", None)
    done = subprocess.run([sys.executable, "-c", OVERLAPPING], env=told, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().startswith("(3, {")


@pytest.mark.parametrize("quality", ["fast", "balanced"])
def test_a_head_is_fitted_on_one_thread_and_leaves_the_program_its_own(astronaut, monkeypatch, quality):
    from facegpt.fitting import gauss_newton

    during = []
    step = gauss_newton.bounded_step

    def noted(*arguments, **options):
        during.append((torch.get_num_threads(), *blas_threads()))
        return step(*arguments, **options)

    monkeypatch.setattr(gauss_newton, "bounded_step", noted)
    assert len(facegpt.load().reconstruct(astronaut, quality)) == 1
    assert set(during) == {(1, 1)}
    assert torch.get_num_threads() == 3 and blas_threads() == {3}


def test_a_head_of_words_is_solved_on_one_thread(head, monkeypatch):
    from facegpt.generate import request_to_head
    from facegpt.language.head_request import HeadRequest
    from facegpt.language.targets import ATTRIBUTES

    during = []
    solve = request_to_head.imagine_identity

    def noted(*arguments, **options):
        during.append((torch.get_num_threads(), *blas_threads()))
        return solve(*arguments, **options)

    monkeypatch.setattr(request_to_head, "imagine_identity", noted)
    open_to_all = HeadRequest(np.zeros(len(ATTRIBUTES)), np.ones(len(ATTRIBUTES)))
    params = request_to_head.imagine_params(head, open_to_all)
    request_to_head.edit_params(head, params, open_to_all)
    assert set(during) == {(1, 1)}
    assert torch.get_num_threads() == 3 and blas_threads() == {3}
