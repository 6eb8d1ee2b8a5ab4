"""From clips of a person to their avatar: look, adjust to points, refine by colours, fuse the skin.

Every stage leaves something whole behind, so that the work may be ended at any time.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from facegpt.appearance.seen_irises import EyePhoto, irises_from_photos
from facegpt.appearance.texture import tone_from_photo
from facegpt.detail.relief import Detail
from facegpt.export.images import png_bytes
from facegpt.fitting.photo_samples import photo_samples
from facegpt.fitting.several_photos import fuse
from facegpt.hair.accessories import NOTHING, Accessories
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.parallax.moving import ClipAgreement
from facegpt.personal.avatar import GROWING, PREVIEW_PX, ROOM_BYTES, Avatar, SourceClip
from facegpt.personal.bundle import Person, View, bundle, started
from facegpt.personal.clip_by_clip import in_common, parted, refine_parts, rounds_by_colours, with_matches
from facegpt.personal.colours import ColourFit, Picture
from facegpt.personal.ears import ear_photo, own_ears, with_ears
from facegpt.personal.head import PersonalHead
from facegpt.personal.looking import (
    LEAST_A_CLIP,
    LOOKED_AT,
    MOST_A_CLIP,
    Keyframe,
    SeenClip,
    choose_keyframes,
    common_person,
    look_through,
    mean_descriptor,
    open_eyed,
    share_of,
    sharpness_of,
)
from facegpt.personal.relief import own_detail, relief_light, with_form
from facegpt.personal.settings import PersonalizeSettings
from facegpt.personal.shape_space import ShapeSpace, shape_space
from facegpt.personal.skin import SIZE, Shot, fuse_skin, own_accessories, plain_skin
from facegpt.personal.units import own_units
from facegpt.personal.views import habits_of, keyframe_params, settled, view_of
from facegpt.runtime.atomic_files import check_room, make_folder, write_bytes
from facegpt.runtime.progress import Progress
from facegpt.runtime.threads import one_thread
from facegpt.types import FaceGPTError, FaceParams
from facegpt.video.clip import ClipSource
from facegpt.video.look import FaceLook
from facegpt.video.people import fused_log_focal, keyframe_of
from facegpt.video.survey import Sighting

log = logging.getLogger("facegpt")
#: Rounds of adjustment to points; blurs (mm at the head) of the rounds by colours.
POINT_ROUNDS = 3
BLURS_MM = (3.0, 2.0, 1.5, 1.2, 1.0, 0.8)
#: Keyframes of each clip whose skin tone is estimated, and of all clips whose irises are looked at.
TONES, EYES = 3, 12
#: Keyframes that the skin is taken from; sum of the weights of a face that is not calm.
SKIN_FRAMES, CALM = 24, 1.5
#: Side of the roughness map, texels.
ROUGHNESS_PX = 1024


class PersonalModel(Protocol):
    """What makes avatars: `facegpt.api.FaceGPT`."""

    @property
    def head(self) -> MorphableModel:
        """The head model."""

    def face_look(self, quick: bool = False) -> FaceLook:
        """The networks that look at frames."""
        ...


def build_avatar(
    model: PersonalModel, clips: Sequence[ClipSource], settings: PersonalizeSettings | None = None
) -> Avatar:
    """Make an avatar. Ctrl-C ends it early (state "stopped"), `minutes` too, with the head as it is by then.

    Raises:
        FaceGPTError: if a clip cannot be read or shows no face, the clips show different people, the head model is not
            the default one, or the folder's disk has no room for an avatar.
        KeyboardInterrupt: if it comes before any face was seen.
    """
    settings = settings or PersonalizeSettings()
    clips = [clips] if isinstance(clips, (str, Path)) else list(clips)
    if not clips:
        raise FaceGPTError("there is no clip of the person; give one or more")
    if not isinstance(model.head, MakeHumanHead) or isinstance(model.head, PersonalHead):
        raise FaceGPTError("personal heads are made on the default head model")
    if settings.folder is not None:
        check_room(make_folder(settings.folder), ROOM_BYTES)
    with one_thread():
        return _Making(model.head, model.face_look(), clips, settings).run()


class _TimeIsUpError(Exception):
    """The minutes are over."""


@dataclass
class _Making:
    """The work on one avatar, and where it stands."""

    head: MakeHumanHead
    look: FaceLook
    sources: Sequence[ClipSource]
    settings: PersonalizeSettings
    begun: float = field(default_factory=time.monotonic)
    sightings: list[list[Sighting]] = field(default_factory=list)
    seen: list[SeenClip] = field(default_factory=list)
    keyframes: list[Keyframe] = field(default_factory=list)
    person: Person | None = None
    colours: ColourFit | None = None
    tone: NDArray[np.float32] | None = None
    irises: NDArray[np.float32] | None = None
    state: str = "done"
    own_units_seen: int = 0
    matched: list[ClipAgreement] = field(default_factory=list)
    relief: Detail | None = None
    accessories: Accessories = NOTHING
    _kept: dict[str, tuple[Person, Any]] = field(default_factory=dict)

    def run(self) -> Avatar:
        """All stages."""
        try:
            self._look()
        except KeyboardInterrupt:
            if not self.seen:
                raise
            self.state = "stopped"
        self._start()
        if self.state == "done":
            try:
                self._refine()
            except KeyboardInterrupt:
                self.state = "stopped"
            except _TimeIsUpError:
                pass
        return self._avatar()

    # Stages

    def _look(self) -> None:
        """Look through all clips."""
        most = int(np.clip(LOOKED_AT / len(self.sources), LEAST_A_CLIP, MOST_A_CLIP))
        with Progress("looking through the clips", 100 * len(self.sources)) as progress:
            for number, source in enumerate(self.sources):
                told = share_of(progress, number)
                self.seen.append(look_through(self.head, self.look, source, most, told))
            progress(100 * len(self.sources))

    def _start(self) -> None:
        """Who it is, the keyframes, and the first head: by points."""
        sightings, left_out = common_person(self.seen)
        if left_out:
            print(f"facegpt: {left_out}", file=sys.stderr)
        self.sightings = sightings
        self.keyframes = choose_keyframes(sightings)
        count = self.head.sizes.identity
        keys = [keyframe_of(one.sighting.solution, count) for one in self.keyframes]
        identity = fuse([key.information for key in keys], [key.identity for key in keys])
        focals = [
            fused_log_focal([k for k, one in zip(keys, self.keyframes, strict=True) if one.clip == clip])
            for clip in range(len(self.seen))
        ]
        habits = habits_of([one for clip in sightings for one in clip])
        views = [view_of(one.sighting.solution, one.clip, count, habits) for one in self.keyframes]
        self.person = started(self.space, views, identity, np.array(focals))

    def _refine(self) -> None:
        """The head by points and colours, with a picture of it now and then."""
        assert self.person is not None
        parts = parted(self.person)
        total = POINT_ROUNDS + 1 + (rounds_by_colours(parts, BLURS_MM) if self.settings.colours else 0)
        with Progress("adjusting the head", total) as progress:
            for done in range(1, POINT_ROUNDS + 1):
                parts = [bundle(self.space, part, 1) for part in parts]
                self.person = in_common(self.space, parts)
                progress(done)
                self._on_time()
            names = [clip.name for clip in self.seen]
            self.person, self.matched, unmatched = with_matches(self.space, self.person, self.keyframes, names)
            for sentence in unmatched:
                log.warning("%s", sentence)
            parts = parted(self.person) if self.matched else parts
            progress(POINT_ROUNDS + 1)
            self._on_time()
            if not self.settings.colours:
                return
            self._tone()
            self._draw()
            pictures = [Picture(one.sighting.frame.pixels, one.sighting.seen.dense) for one in self.keyframes]
            rounds = refine_parts(self.space, parts, pictures, self._expected(), BLURS_MM)
            for done, (self.person, self.colours) in enumerate(rounds, start=POINT_ROUNDS + 2):
                progress(done)
                self._draw()
                self._on_time()

    def _tone(self) -> None:
        """The nearest skin of the albedo model, from the best keyframes of each clip."""
        albedos = []
        for clip in range(len(self.seen)):
            for k in open_eyed(self.keyframes, clip)[:TONES]:
                params = self._looking(k, self._params(k, self._personal()))
                pixels = self.keyframes[k].sighting.frame.pixels
                albedos.append(tone_from_photo(pixels, self._personal(), params)[0])
        self.tone = np.median(albedos, axis=0).astype(np.float32)

    def _see_irises(self, head: PersonalHead) -> None:
        """The tone with the irises that keyframes show on the head as it stands."""
        assert self.tone is not None
        photos, share = [], max(1, EYES // len(self.seen))
        for k in [k for clip in range(len(self.seen)) for k in open_eyed(self.keyframes, clip)[:share]]:
            one, params = self.keyframes[k].sighting, self._looking(k, self._params(k, head))
            photos.append(EyePhoto(one.frame.pixels, params, one.seen.dense, one.parts))
        self.tone, self.irises = irises_from_photos(head, photos, self.tone)

    # What there is

    @property
    def space(self) -> ShapeSpace:
        """The shapes that heads may have."""
        return shape_space(self.head)

    def _expected(self) -> NDArray[np.float64]:
        """(N, 3) log albedo of the samples that the colours are expected at."""
        samples = photo_samples(self.head)
        return samples.albedo_mean + samples.albedo_basis @ np.asarray(self.tone, np.float64)

    def _once(self, name: str, make: Callable[[Person], Any]) -> Any:
        """What `make` gives of the person as it stands, kept until that changes."""
        assert self.person is not None
        if name not in self._kept or self._kept[name][0] is not self.person:
            self._kept[name] = self.person, make(self.person)
        return self._kept[name][1]

    def _personal(self) -> PersonalHead:
        """The head as it stands."""

        def made(person: Person) -> PersonalHead:
            offset = self.space.offset(person.shape).astype(np.float32)
            return PersonalHead(self.head, self._name(), person.shape[: self.space.identity], offset)

        head: PersonalHead = self._once("head", made)
        return head

    def _views(self) -> list[View]:
        """All keyframes with lids and lips as they are seen on the head as it stands."""
        views: list[View] = self._once("views", lambda person: settled(self.space, person.shape, person.views))
        return views

    def _params(self, number: int, head: PersonalHead) -> FaceParams:
        """The parameters of a keyframe, with its own light where it is known."""
        one, view = self.keyframes[number].sighting, self._views()[number]
        light = None if self.colours is None else self.colours.lights[number]
        return keyframe_params(head, view, one.frame.pixels, self.tone, light)

    def _looking(self, number: int, params: FaceParams) -> FaceParams:
        """A keyframe's parameters with the eyes turned to where they look."""
        return params.replace(joints=self.keyframes[number].sighting.solution.as_fit().params.joints)

    def _name(self) -> str:
        return self.settings.name or Path(str(self.sources[0])).stem

    def _avatar(self) -> Avatar:
        head, skin = self._finished()
        assert self.tone is not None
        sightings = [one.sighting for one in self.keyframes]
        rough = self.head.albedo.roughness(ROUGHNESS_PX)
        return Avatar(
            name=self._name(),
            head=head,
            texture=skin,
            roughness=np.round(255 * rough).astype(np.uint8),
            descriptor=mean_descriptor([one for clip in self.sightings for one in clip]).astype(np.float32),
            albedo=self.tone,
            sources=self._sources(),
            made=datetime.now(timezone.utc).isoformat(timespec="seconds"),
            state=self.state,
            figures=self._figures(sightings, head),
            detail=self.relief,
            accessories=self.accessories,
        )

    def _finished(self) -> tuple[PersonalHead, NDArray[np.uint8]]:
        """The head with its own expressions, and the skin (S, S, 4); stopped here, a skin of the right tone."""
        head = self._personal()
        try:
            if self.tone is None:
                self._tone()
            assert self.tone is not None
            self._see_irises(head)
            head = self._with_own_units(self._with_own_ears(head))
            shots = [self._shot(k, head) for k in self._clearest(SKIN_FRAMES)]
            if self.settings.detail and self.state == "done":
                rest = np.zeros(head.sizes.identity)
                self.relief = own_detail(head, shots, head.attributes(rest, self.tone)["age_years"])
            light = None if self.relief is None else partial(relief_light, head, self.relief, SIZE)
            skin = with_form(head, self.relief, shots, fuse_skin(head, shots, self.tone, light, self.irises))
            self.accessories = own_accessories(head, shots, skin, self.settings.wishes)
            return head, skin
        except KeyboardInterrupt:
            self.state = "stopped"
            if self.tone is None:
                self.tone = np.zeros(self.head.sizes.albedo, np.float32)
            return head, plain_skin(head, self.tone)

    def _with_own_ears(self, head: PersonalHead) -> PersonalHead:
        """The head with ears that stand off as the keyframes show."""
        told = ((self._params(k, head), one.sighting) for k, one in enumerate(self.keyframes))
        return with_ears(head, own_ears(head, (ear_photo(p, t.frame.pixels, t.seen.detection.points) for p, t in told)))

    def _with_own_units(self, head: PersonalHead) -> PersonalHead:
        """The head with the person's own expressions, unless the work was stopped."""
        if self.person is None or self.state != "done":
            return head
        units = own_units(self.space, self.person)
        self.own_units_seen = int(np.abs(units).max((1, 2)).astype(bool).sum())
        return PersonalHead(self.head, head.name, head.own_identity, head.offset, units)

    def _shot(self, number: int, head: PersonalHead) -> Shot:
        """A keyframe as the skin is taken from it."""
        one, params = self.keyframes[number].sighting, self._looking(number, self._params(number, head))
        if self.colours is None:
            params = params.replace(lighting=tone_from_photo(one.frame.pixels, head, params)[1])
        sharpest = max(sharpness_of(other.sighting) for other in self.keyframes)
        trust = self._calm(number) * sharpness_of(one) / max(sharpest, 1e-6)
        return Shot(one.frame.pixels, one.seen.dense, params, trust, one.parts)

    def _calm(self, number: int) -> float:
        """How little a keyframe's face is moved, 0..1."""
        assert self.person is not None
        return float(np.exp(-self.person.views[number].state.theta.sum() / CALM))

    def _clearest(self, most: int) -> list[int]:
        """Keyframes from which the skin is taken: the sharpest of each clip, calm faces before pulled ones."""
        share, chosen = max(1, most // len(self.seen)), []
        for clip in range(len(self.seen)):
            own = [k for k, one in enumerate(self.keyframes) if one.clip == clip]
            chosen += sorted(own, key=lambda k: -self._calm(k) * sharpness_of(self.keyframes[k].sighting))[:share]
        return chosen

    def _sources(self) -> tuple[SourceClip, ...]:
        assert self.person is not None
        everywhere = mean_descriptor([one for clip in self.sightings for one in clip])
        return tuple(
            SourceClip(
                clip.name,
                clip.fingerprint,
                clip.frames,
                sum(one.clip == number for one in self.keyframes),
                round(float(np.exp(self.person.log_focals[number])) / clip.scale, 1),
                round(float(np.linalg.norm(mean_descriptor(self.sightings[number]) - everywhere)), 4),
            )
            for number, clip in enumerate(self.seen)
        )

    def _figures(self, sightings: Sequence[Sighting], head: PersonalHead) -> dict[str, float]:
        offset = np.linalg.norm(head.offset, axis=1)
        return {
            "keyframes": float(len(sightings)),
            "mean offset of the skin from the default head's nearest person, mm": float(offset[offset > 0].mean()),
            "expressions of their own": float(self.own_units_seen),
            "clips whose matches were believed": float(len(self.matched)),
            "seconds": round(time.monotonic() - self.begun, 1),
        }

    def _draw(self) -> None:
        """A picture of the head as it stands."""
        if self.settings.folder is None:
            return
        from facegpt.language.dialogue.made_heads import mean_head

        face = mean_head(self._personal())
        face = replace(face, params=face.params.replace(albedo=self.tone))
        with suppress(FaceGPTError):  # a picture that finds no room costs no head
            write_bytes(self.settings.folder / GROWING, png_bytes(face.render(PREVIEW_PX, None, None, "grey")))

    def _on_time(self) -> None:
        if self.settings.minutes is not None and time.monotonic() - self.begun > 60 * self.settings.minutes:
            raise _TimeIsUpError
