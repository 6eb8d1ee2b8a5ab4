"""A clip on a server: followed, or made by animating somebody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from facegpt.client.face import RemoteFace
from facegpt.client.kept import Remote


@dataclass(frozen=True)
class RemoteFrame:
    """One face of one frame.

    Attributes:
        track_id: whose. time_s: seconds from the first frame. blendshapes: weights 0..1 by ARKit name.
        yaw_deg, pitch_deg, roll_deg: of the head, as in conventions.py.
    """

    track_id: int
    time_s: float
    blendshapes: dict[str, float] = field(repr=False)
    yaw_deg: float
    pitch_deg: float
    roll_deg: float


@dataclass(frozen=True, eq=False, repr=False)
class RemoteTake(Remote):
    """A followed or animated clip (docs/server.md). Iterating gives the faces of its frames, in their order."""

    place = "clips"

    @property
    def fps(self) -> float:
        """Frames a second."""
        return float(self.told["fps"])

    @property
    def remarks(self) -> tuple[str, ...]:
        """Sentences on what was changed or left out of an animated one."""
        return tuple(self.told.get("remarks", ()))

    def __len__(self) -> int:
        """Frames of the person who has the most."""
        return max(int(person["frames"]) for person in self.told["people"])

    @property
    def heads(self) -> dict[int, RemoteFace]:
        """The head of each person at rest, by track_id."""
        return {person["track_id"]: RemoteFace(self.wire, person["head"]) for person in self.told["people"]}

    def __iter__(self) -> Iterator[RemoteFrame]:
        frames = [frame for person in self.told["people"] for frame in self._frames(person)]
        return iter(sorted(frames, key=lambda frame: (frame.time_s, frame.track_id)))

    def _frames(self, person: dict[str, Any]) -> Iterator[RemoteFrame]:
        curves = self.wire.json("GET", person["curves_url"])
        turns = [curves["head"][name] for name in ("yaw_deg", "pitch_deg", "roll_deg")]
        for k, time_s in enumerate(curves["time_s"]):
            weights = {name: values[k] for name, values in curves["weights"].items()}
            yaw, pitch, roll = (turn[k] for turn in turns)
            yield RemoteFrame(person["track_id"], time_s, weights, yaw, pitch, roll)

    def save(self, folder: str | Path) -> tuple[Path, ...]:
        """Write all files of the clip: animations, curves, overlay."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        return tuple(
            self.wire.fetch(f"{self.address}/files/{name}", folder / Path(name).name) for name in self.told["files"]
        )
