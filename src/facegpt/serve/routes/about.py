"""What the server is and how it does."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from fastapi import APIRouter
from starlette.responses import JSONResponse, PlainTextResponse

from facegpt import __version__
from facegpt.serve.formats import FORMATS
from facegpt.serve.problems import ProblemError
from facegpt.serve.routes.common import PROBLEMS, EngineOf
from facegpt.serve.shapes import DETAILS, QUALITIES

router = APIRouter(tags=["server"], responses=PROBLEMS)
#: How long a question about the model waits for it to load, seconds.
WAIT_S = 120.0
#: Sentences to begin with; somebody looked at the heads that they give.
EXAMPLES = (
    "an old fisherman with a weathered face and a grey beard",
    "a young woman with freckles and curly red hair, smiling",
    "an elderly woman with a narrow nose and a white bob, happily surprised",
    "a woman of thirty with round glasses and a black bob",
    "a slim man of sixty with short grey hair and a moustache",
)


@router.get("/api/about")
async def about(engine: EngineOf) -> dict[str, Any]:
    """Names, formats and limits: what a page needs to draw itself."""
    engine.check_ready()
    names = await engine.lanes["heads"].until_known(WAIT_S)
    if names is None:
        raise ProblemError(503, "not_ready", "the model is still being loaded; try again", {"Retry-After": "5"})
    limits, video = engine.limits, find_spec("av") is not None
    formats = [
        {
            "name": name,
            "label": one.label,
            "extension": one.extension,
            "needs_photo": one.needs_photo,
            "needs_detail": one.needs_detail,
            "needs_doubt": one.needs_doubt,
            "needs_matches": one.needs_matches,
        }
        for name, one in FORMATS.items()
        if one.available
    ]
    told_limits: dict[str, float] = {
        "photo_bytes": limits.photo_bytes,
        "clip_bytes": limits.clip_bytes,
        "heads": limits.heads,
    }
    told_limits |= {"text_characters": limits.text_characters, "unsaved_seconds": limits.unsaved_s}
    return {
        "version": __version__,
        **names,
        "formats": formats,
        "qualities": QUALITIES,
        "details": DETAILS,
        "limits": told_limits,
        "examples": EXAMPLES,
        "extras": {"video": video, "voice": find_spec("hibari") is not None},
    }


@router.get("/api/health")
async def health() -> dict[str, str]:
    """Whether the server answers."""
    return {"status": "ok"}


@router.get("/api/ready")
async def ready(engine: EngineOf) -> JSONResponse:
    """Whether the model is loaded: 200, or 503 while it is not."""
    lane = engine.lanes["heads"]
    told = {"ready": lane.ready, "queue": len(lane.waiting), "restarts": lane.restarts, "problem": lane.broken or None}
    return JSONResponse(told, 200 if lane.ready else 503)


@router.get("/metrics", response_class=PlainTextResponse)
async def metrics(engine: EngineOf) -> PlainTextResponse:
    """Figures in Prometheus' text format."""
    return PlainTextResponse(engine.figures(), media_type="text/plain; version=0.0.4")
