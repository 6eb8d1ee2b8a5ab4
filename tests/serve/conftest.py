"""The server that most tests of this folder share."""

from __future__ import annotations

import io

import pytest

pytest.importorskip("fastapi")
pytest.importorskip("uvicorn")
pytest.importorskip("python_multipart")
pytest.importorskip("httpx")


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
