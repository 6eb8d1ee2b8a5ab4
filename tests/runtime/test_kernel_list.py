"""What numba has kept of a kernel counts if it is of the source as it is now."""

from __future__ import annotations

import os
import sysconfig

import pytest

from facegpt.runtime.start import kernel_list
from facegpt.runtime.start.kernel_list import Kernel, missing, renew


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """A kernel of a module of its own, and the index that numba kept of it a minute after the source was written."""
    monkeypatch.setattr(kernel_list, "_ROOT", tmp_path)
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "elsewhere"))
    kernel = Kernel("sums", "add", 1, "(int64,)")
    monkeypatch.setattr(kernel_list, "kernels", lambda: (kernel,))
    kernel.source.write_text("def add(x):\n    return x\n")
    index = tmp_path / "__pycache__" / f"sums.add-1.py{sysconfig.get_python_version().replace('.', '')}.nbi"
    index.parent.mkdir()
    index.write_bytes(b"")
    dated(kernel.source, 1000.0)
    dated(index, 1060.0)
    return kernel


def dated(path, seconds):
    os.utime(path, (seconds, seconds))
    kernel_list._in_folder.cache_clear()
    kernel_list._below.cache_clear()


def test_a_source_that_was_only_touched_is_compiled_once_and_not_at_each_start(kept):
    kernel = kept
    dated(kernel.source, 2000.0)
    assert missing() == [kernel]
    renew(kernel)
    dated(kernel.source, 2000.0)
    assert missing() == []
