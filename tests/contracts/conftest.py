"""What the contract suites share."""

from __future__ import annotations

import pytest
from renderer_scenes import RENDERERS

from facegpt.render.base import Renderer


@pytest.fixture(params=RENDERERS, ids=lambda part: part.name)
def renderer(request) -> Renderer:
    made = request.param.factory()()
    if not getattr(made, "is_available", True):
        pytest.skip(f"{made.name} cannot run here")
    return made
