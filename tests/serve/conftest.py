"""The server that most tests of this folder share, and an end to tests that would wait for ever."""

from __future__ import annotations

import faulthandler
import io
import signal
import threading
from collections.abc import Iterator

import pytest

pytest.importorskip("fastapi")
pytest.importorskip("uvicorn")
pytest.importorskip("python_multipart")
pytest.importorskip("httpx")


#: A test that takes longer, with all that it sets up, waits for what will not come, seconds.
LONGEST_S = 900


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol() -> Iterator[None]:
    """End a test that hangs, and say where each thread was."""
    if not hasattr(signal, "SIGALRM") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ended(*_: object) -> None:
        faulthandler.dump_traceback()
        raise TimeoutError(f"the test took longer than {LONGEST_S} s")

    before = signal.signal(signal.SIGALRM, ended)
    signal.alarm(LONGEST_S)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """A server that most tests share; the order of tests does not matter to it."""
    from serving import serving

    with serving(tmp_path_factory.mktemp("store"), queue=6) as running:
        running.ready()
        yield running


@pytest.fixture(scope="session")
def photo() -> bytes:
    """A photo of two faces as the stand-in finds them: red rectangles."""
    from stand_in import picture

    data = io.BytesIO()
    picture((20, 30, 100, 130), (180, 60, 240, 140)).save(data, format="PNG")
    return data.getvalue()
