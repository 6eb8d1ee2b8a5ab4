"""Heads by the addresses that answers hold: for people, and for programs that show pictures."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import FileResponse

from facegpt.serve.routes import heads
from facegpt.serve.routes.common import PROBLEMS, EngineOf
from facegpt.serve.shapes import Key

router = APIRouter(prefix="/heads", tags=["heads"], responses=PROBLEMS)


@router.get("/{key}/picture.png", response_class=FileResponse)
async def picture(key: Key, engine: EngineOf) -> FileResponse:
    """A picture of a head, as answers show it: on grey, for pages that are light or dark."""
    return await heads.file(key, "picture", engine)


@router.get("/{key}/head.glb", response_class=FileResponse)
async def glb(key: Key, engine: EngineOf) -> FileResponse:
    """The GLB of a head, as answers link it."""
    return await heads.file(key, "glb", engine)
