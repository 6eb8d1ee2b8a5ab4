"""Freed memory goes back to the system."""

from __future__ import annotations

import sys

import pytest
from new_process import printed_by

USE = """
import os
import numpy as np
from facegpt.runtime.processes import give_back

def mb():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20

many = [np.ones(8_000) for _ in range(2_000)]  # 64 KB each: of the heap, not mapped one by one
last = np.ones(8_000)  # at its end, so that the heap cannot shrink by itself
del many
before = mb()
give_back()
print(before - mb() > 60)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only glibc keeps what is freed so")
def test_what_was_freed_before_a_piece_in_use_is_given_back():
    assert printed_by(USE).strip() == "True"
