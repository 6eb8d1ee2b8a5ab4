"""What requests look like: bodies as JSON, checked before anything is done."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

#: Qualities and details, as `FaceGPT.reconstruct` has them.
QUALITIES, DETAILS = ("fast", "balanced", "best"), ("off", "normal", "mesh")
CLIP_QUALITIES = ("fast", "balanced")
#: What makes heads of photos: a fit (`FaceGPT.reconstruct`), or one pass of the language model (`FaceGPT.see`).
READERS = ("fit", "language")
#: What becomes of caps, hoods and scarves.
HEADWEAR = ("auto", "none")
#: Longest text; `Limits.text_characters` may ask for less.
MOST_TEXT = 4000
#: Longest text of a message that is not the last: programs send instructions, and answers with links, along.
MOST_HISTORY = 100_000
#: An id of the server: nothing else gets near a path.
KEY = r"^[A-Za-z0-9_-]{22}$"
#: Some of them, with commas between.
IDS = r"^([A-Za-z0-9_-]{22}(,[A-Za-z0-9_-]{22}){0,249})?$"
Key = Annotated[str, Path(pattern=KEY, description="an id that the server gave")]
Text = Annotated[str, Field(min_length=1, max_length=MOST_TEXT)]
Seed = Annotated[int, Field(ge=0, le=2**31 - 1)]
Finite = Annotated[float, Field(ge=-1000, le=1000)]


def shaped(**example: Any) -> ConfigDict:
    """How a body is read: it holds what it may hold and nothing else; an example of it for the page of addresses."""
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [example]})


class Body(BaseModel):
    """A body that holds what it may hold and nothing else."""

    model_config = shaped()


class Making(Body):
    """What makes a head."""

    ready: bool = Field(default=False, description="write its GLB and picture before the job ends")


class Words(Making):
    """Heads from words."""

    model_config = shaped(text="an old man with a broad nose, smiling", seed=3, count=2)

    text: Text
    seed: Seed = 0
    count: Annotated[int, Field(ge=1, le=8)] = 1


class Saying(Body):
    """A text that a head says aloud. `voice`: words, or numbers as pitch=180,speed=1.2; else the head's own."""

    model_config = shaped(text="Good morning! How are you?")

    text: Text
    head: Annotated[str, Field(pattern=KEY)] | None = None
    voice: Annotated[str, Field(max_length=200)] | None = None
    emotion: Annotated[str, Field(max_length=40)] | None = None
    intensity: Annotated[float, Field(ge=0, le=1)] = 0.7
    mouth: Annotated[float, Field(ge=0.2, le=2)] = 1.0


class Edit(Making):
    """A change by words."""

    model_config = shaped(text="make the nose 3 mm narrower")

    text: Text
    seed: Seed = 0


class Without(Making):
    """Parts of words to leave out, all of them; none puts everything back. `of`: the head on the way that they made."""

    model_config = shaped(parts=["broad nose"])

    parts: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=100)]
    of: Annotated[str, Field(pattern=KEY)] | None = None


class Question(Body):
    """A question about a head, and about others that it names; without one the head is described."""

    model_config = shaped(question="how wide is the nose?")

    question: Annotated[str | None, Field(max_length=MOST_TEXT)] = None
    others: Annotated[list[Annotated[str, Field(pattern=KEY)]], Field(max_length=8)] = Field(default_factory=list)


class Name(Body):
    """What a saved head is called."""

    model_config = shaped(name="Anna at fifty")

    name: Annotated[str, Field(max_length=200)] = ""


class Gaze(Body):
    """Where the eyes look from straight ahead: degrees towards the subject's left, and up."""

    x_deg: Annotated[float, Field(ge=-60, le=60)] = 0.0
    y_deg: Annotated[float, Field(ge=-60, le=60)] = 0.0


class Hair(Body):
    """Hair, brows and beard; what is left out stays.

    temples: share of grey there, where it is more than `grey`. beard_mm: length on the chin, 0 as `beard` says.
    """

    style: Annotated[str | None, Field(max_length=80)] = None
    colour: Annotated[str | None, Field(max_length=40)] = None
    highlight_colour: Annotated[str | None, Field(max_length=40)] = None
    grey: Annotated[float | None, Field(ge=0, le=1)] = None
    beard: Annotated[float | None, Field(ge=0, le=1)] = None
    moustache: Annotated[float | None, Field(ge=0, le=1)] = None
    highlights: Annotated[float | None, Field(ge=0, le=1)] = None
    roots: Annotated[float | None, Field(ge=0, le=1)] = None
    temples: Annotated[float | None, Field(ge=0, le=1)] = None
    beard_shape: Annotated[str | None, Field(max_length=40)] = None
    beard_mm: Annotated[float | None, Field(ge=0, le=400)] = None
    brow_thickness: Annotated[float | None, Field(ge=-5, le=3)] = None
    brow_arch: Annotated[float | None, Field(ge=-3, le=3)] = None
    brow_bridge: Annotated[float | None, Field(ge=0, le=1)] = None


class Glasses(Body):
    """Glasses; what is left out stays, or is as usual for the frame. Lenses: a name, #rrggbb or how dark, 0..1."""

    style: Annotated[str | None, Field(max_length=80)] = None
    colour: Annotated[str | None, Field(max_length=40)] = None
    tint: Annotated[str, Field(max_length=40)] | Annotated[float, Field(ge=0, le=1)] | None = None


class Change(Making):
    """A change by numbers; what is left out stays. `hair: null` takes the hair off, `glasses: null` the glasses.

    detail: how deep its wrinkles are, 1 as seen. folds_of: id of the head whose expressions fold its skin. neutral:
    first all of its expression goes, and its eyes look ahead. bareheaded: its cap, hood or scarf comes off. shirt: a
    colour's name or #rrggbb, null for none.
    """

    model_config = shaped(
        expression={"jawOpen": 0.4}, controls={"nose_width": 1.5}, hair={"style": "bob", "colour": "auburn"}
    )

    expression: dict[str, Annotated[float, Field(ge=0, le=1)]] = Field(default_factory=dict)
    gaze: Gaze | None = None
    controls: dict[str, Finite] = Field(default_factory=dict)
    skin: dict[str, Finite] = Field(default_factory=dict)
    hair: Hair | None = None
    glasses: Glasses | None = None
    shirt: Annotated[str | None, Field(max_length=40)] = None
    beard: Annotated[float | None, Field(ge=0, le=1)] = None
    detail: Annotated[float | None, Field(ge=0, le=3)] = None
    folds_of: Annotated[str, Field(pattern=KEY)] | None = None
    neutral: bool = False
    bareheaded: bool = False

    def payload(self) -> dict[str, Any]:
        """What the worker is told: only what was asked."""
        told: dict[str, Any] = {n: getattr(self, n) for n in ("expression", "controls", "skin") if getattr(self, n)}
        told |= {n: getattr(self, n) for n in ("detail", "folds_of") if getattr(self, n) is not None}
        told |= {n: True for n in ("neutral", "ready", "bareheaded") if getattr(self, n)}
        if self.gaze is not None:
            told["gaze"] = self.gaze.model_dump()
        if "hair" in self.model_fields_set:
            told["hair"] = None if self.hair is None else self.hair.model_dump(exclude_none=True)
        if "shirt" in self.model_fields_set:
            told["shirt"] = self.shirt
        if "glasses" in self.model_fields_set:
            told["glasses"] = None if self.glasses is None else self.glasses.model_dump(exclude_none=True)
        if "beard" in self.model_fields_set:
            told["hair"] = {**(told.get("hair") or {}), "beard": self.beard or 0.0}
        return told


class Part(BaseModel):
    """A part of a message: text, image_url or face."""

    model_config = ConfigDict(extra="allow")
    type: str
    text: Annotated[str | None, Field(max_length=MOST_HISTORY)] = None
    image_url: dict[str, Any] | None = None
    face: dict[str, Any] | None = None


class Message(BaseModel):
    """One message of a conversation."""

    model_config = ConfigDict(extra="allow")
    role: Literal["user", "assistant", "system", "developer", "tool"]
    tool_calls: Annotated[list[dict[str, Any]] | None, Field(max_length=100)] = None
    tool_call_id: Annotated[str | None, Field(max_length=200)] = None
    content: Annotated[str, Field(max_length=MOST_HISTORY)] | list[Part] | None = None

    @property
    def words(self) -> str:
        """Its texts, without photos and heads."""
        if isinstance(self.content, str):
            return self.content
        return " ".join(part.text or "" for part in self.content or () if part.type == "text")


class Completion(BaseModel):
    """A request of OpenAI's chat protocol; what is not named here is accepted and left alone."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [{"messages": [{"role": "user", "content": "make an old man with a broad nose"}]}]
        },
    )
    messages: Annotated[list[Message], Field(min_length=1, max_length=200)]
    model: Annotated[str, Field(max_length=200)] = "facegpt"
    stream: bool | None = False
    stream_options: dict[str, Any] | None = None
    seed: Seed | None = 0
    tools: Annotated[list[dict[str, Any]] | None, Field(max_length=100)] = None
    n: Annotated[int | None, Field(ge=1, le=1)] = 1
    ready: bool = Field(default=False, description="write GLB and picture of the answer's heads at once")
    links: bool = Field(default=True, description="end an answer's text with pictures and addresses of its heads")
