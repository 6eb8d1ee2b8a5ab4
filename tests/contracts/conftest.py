"""What the contract suites share."""

from __future__ import annotations

import pytest
from renderer_scenes import ENTRY_POINTS

from facegpt.render.base import Renderer


@pytest.fixture(params=ENTRY_POINTS, ids=lambda entry: entry.name)
def renderer(request) -> Renderer:
    made = request.param.load()()
    if not getattr(made, "is_available", True):
        pytest.skip(f"{made.name} cannot run here")
    return made
