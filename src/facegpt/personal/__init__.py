"""Heads of one's own, from clips of a person; and the methods of a model that follow clips: track and personalize."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from facegpt.errors import FaceGPTError

if TYPE_CHECKING:
    from facegpt.face import Face
    from facegpt.personal.avatar import Avatar
    from facegpt.personal.known import AvatarSource
    from facegpt.video.clip import ClipSource
    from facegpt.video.look import FaceLook
    from facegpt.video.pipeline import Smooth


class FollowsClips:
    """Gives a model `track` and `personalize`."""

    def track(
        self: Any, video: ClipSource, avatar: AvatarSource | None = None, smooth: Smooth = "file",
        quality: str = "balanced", hair: str = "auto", glasses: str = "auto",
    ) -> Iterator[Face]:  # fmt: skip
        """Follow the faces of a video: a Face for each frame and person, with track_id and time_s, in their order.

        Args:
            video: a file, a folder of pictures, "-" (stdin) or the number of a camera.
            avatar: of a person whose own head follows them; the others are followed as without it.
            smooth: "file" calms the motion by what comes after, ten to twenty frames late; "live" at once; "none".
            quality: "fast" takes heads from landmarks, "balanced" from colours too, and skin and hair from the clip.
            hair: as in `reconstruct`; "auto" is what the clip shows, of an avatar its own.
            glasses: as in `reconstruct`; "auto" is the same.

        Raises:
            FaceGPTError: if it cannot be read (VideoError), the avatar cannot be or is not in it, or for another style.
        """
        if smooth not in ("file", "live", "none") or quality not in ("fast", "balanced"):
            raise FaceGPTError("smooth is 'file', 'live' or 'none', and quality 'fast' or 'balanced'")
        from facegpt.face import Face
        from facegpt.hair.accessories import Wishes
        from facegpt.personal.known import known_from
        from facegpt.video.pipeline import track_faces

        known = known_from(self, avatar, wishes := Wishes(hair, glasses))
        for one in track_faces(self.head, self.face_look(), video, smooth, quality == "balanced", None, known, wishes):
            face = Face(one.model, one.params, one.frame.pixels, one.texture, detail=one.detail, renderer=self.renderer)
            yield replace(face, confidence=one.confidence, track_id=one.track_id, time_s=one.time_s, rooted=True)

    def face_look(self: Any, quick: bool = False) -> FaceLook:
        """The networks that look at the frames of videos; `quick` halves the work of the dense one."""
        from facegpt.video.look import look_by

        return look_by(self.landmarker, quick)

    def personalize(
        self: Any, videos: Sequence[ClipSource], name: str | None = None, tune: bool = True, **how: Any
    ) -> Avatar:
        """Make a head of one's own from clips of a person: `Avatar.save` keeps it.

        Args:
            videos: clips, each as in `track`, from a file or a folder; light, hair and day may differ.
            name: of the person; by default that of the first clip.
            tune: tune the dense landmark network to them too; kept only where it follows them better.
            how: of PersonalizeSettings: minutes (at most), folder (previews), detail (relief), wishes (hair, glasses).

        Raises:
            FaceGPTError: if a clip cannot be read or shows no face, or the clips show different people.
        """
        from facegpt.personal.settings import PersonalizeSettings
        from facegpt.personal.tune import personalized

        return personalized(self, videos, PersonalizeSettings(name=name, **how), tune)
