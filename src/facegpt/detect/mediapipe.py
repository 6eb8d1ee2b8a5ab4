"""Face finding with the networks of MediaPipe's face landmarker (Apache-2.0), with a search of our own around them.

And a network of our own that knows full profiles, for what those take for no face.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import ARKIT_NAMES, mirror_arkit_name
from facegpt.detect import geometry, light, search
from facegpt.detect.locate import Located, Locator, same_face
from facegpt.detect.networks import FaceNetworks
from facegpt.detect.windows import Photo, Window
from facegpt.types import Detection, ShapeError

#: Photos with a shorter edge hold no face that the networks could see.
LEAST_EDGE_PX = 16
#: How often candidates at one spot may fail before the others there are left out.
TRIES_PER_SPOT = 2
#: For each score the place of its mirror image.
MIRRORED_SCORES = [ARKIT_NAMES.index(mirror_arkit_name(name)) for name in ARKIT_NAMES]
#: Relit photos are searched for faces down to this share of their longer edge.
RELIT_LEAST_SHARE = 0.1
#: The coarse copy that the range of brightness is taken from has about this many pixels along an edge.
COARSE_EDGE_PX = 256
#: Beside a face larger than this share of the photo's longer edge the first look sees others of its size as well.
PEERS_SEEN_SHARE = 0.2


#: Beside a face that is found, a second opinion is asked of boxes with at least this score: profiles have mostly more.
SURE_BESIDE = 0.5


@dataclass(frozen=True)
class Effort:
    """How long and how credulously to look in one kind of view.

    Attributes:
        patience: boxes are tried best first until this many in a row were no faces.
        most_doubt: times the setting of that name: views of last resort must be surer.
    """

    patience: int
    most_doubt: float


FIRST, RETRY, RELIT = Effort(10, 1.0), Effort(4, 1.0), Effort(4, 0.75)


@dataclass(frozen=True)
class Settings:
    """How hard to look.

    Attributes:
        smallest_face_px: faces down to this height are looked for, by tiling the photo.
        smallest_share: … but not below this share of the photo's longer edge.
        portrait_share: a photo whose largest face covers more than this of its longer edge is a portrait …
        beside_portrait: … and beside it faces are looked for only down to this share of that largest face.
        finder_score: boxes with a lower score are not looked at.
        presence: least belief of the landmark network, 0..1.
        most_doubt: faces with more doubt (see locate.py) are dropped.
        refine: find the points a second time, in the window that the first ones ask for.
        flip: average points and scores with those of the mirrored face (one more run of each network).
        retry: if there is no face, look in padded, turned and relit views.
        beside_one: look for small faces even where the whole photo shows exactly one. Without it, faces of about its
            size are still looked for if it is so small that the first look may have missed them.
    """

    smallest_face_px: float = 40.0
    smallest_share: float = 0.01
    portrait_share: float = 0.3
    beside_portrait: float = 0.25
    finder_score: float = 0.35
    presence: float = 0.5
    most_doubt: float = 1.0
    refine: bool = True
    flip: bool = True
    retry: bool = True
    beside_one: bool = True


#: As little work as a photo of one person needs: no search for others. Points are refined and averaged with those of
#: the mirrored view all the same (14 ms): lids and irises of one plain look differ in the mirror image.
QUICK = Settings(beside_one=False)


class MediaPipeDetector:
    """Finds faces of any roll from 40 px up. Safe to use from several threads."""

    name = "mediapipe"

    def __init__(
        self,
        settings: Settings = Settings(),
        threads: int = 1,
        networks: FaceNetworks | None = None,
        device: str = "cpu",
    ) -> None:
        """Load the networks, or take loaded ones; `threads` is how many cores one call may use, `device` "cuda:N"."""
        self.settings = settings
        self._networks = networks or FaceNetworks(threads, device)

    @cached_property
    def quick(self) -> MediaPipeDetector:
        """The same networks with as little work as a photo of one person needs."""
        return MediaPipeDetector(QUICK, networks=self._networks)

    def detect(self, image: NDArray[np.uint8]) -> list[Detection]:
        """Find the faces in an sRGB image (H, W, 3) uint8; the largest comes first; [] when there is none.

        Raises:
            ShapeError: if the array is of another shape or type.
        """
        if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
            raise ShapeError(f"a detector wants an image (H, W, 3) of uint8, not {image.shape} of {image.dtype}")
        if min(image.shape[:2]) < LEAST_EDGE_PX:
            return []
        photo = Photo(image)
        least_px = max(self.settings.smallest_face_px, self.settings.smallest_share * max(photo.width, photo.height))
        faces = self._upright(photo, least_px, FIRST)
        if not faces and self.settings.retry:
            faces = self._retry(photo, least_px)
        found = [self._detection(face) for face in faces]
        return sorted(found, key=lambda face: -float(np.prod(face.box[2:] - face.box[:2])))

    def detect_batch(self, images: Sequence[NDArray[np.uint8]]) -> list[list[Detection]]:
        """Find the faces of several images; the same result as one call each."""
        return [self.detect(image) for image in images]

    def _upright(self, photo: Photo, least_px: float, effort: Effort) -> list[Located]:
        """Look at the whole photo, then at tiles of it, as small as faces of `least_px` need."""
        failed: list[search.Candidate] = []
        faces = self._by_points(photo, least_px, effort, failed)
        locator, least = self._locator(photo, effort), SURE_BESIDE if faces else 0.0
        for candidate in failed:
            if candidate.score >= least and not any(candidate.covers(face.points) for face in faces):
                face = locator.second_opinion(candidate)
                faces = faces if face is None else with_face(faces, face)
        return faces

    def _by_points(
        self, photo: Photo, least_px: float, effort: Effort, failed: list[search.Candidate]
    ) -> list[Located]:
        """The same by MediaPipe's networks alone; boxes in which they see no face are added to `failed`."""
        width, height = photo.width, photo.height
        faces = self._faces(photo, [("direct", Window.around(width, height))], [], effort, failed)
        largest = max((np.ptp(face.points[:, :2], axis=0).max() for face in faces), default=0.0)
        if len(faces) == 1 and not self.settings.beside_one:
            if largest > PEERS_SEEN_SHARE * max(width, height):
                return faces
            least_px = max(least_px, largest / 2)  # the finder may have missed others as large as this one
        if largest > self.settings.portrait_share * max(width, height):
            least_px = max(least_px, largest * self.settings.beside_portrait)
        for side in search.tile_sides(width, height, least_px):
            faces = self._faces(photo, search.tiles(width, height, side), faces, effort, failed)
        return faces

    def _retry(self, photo: Photo, least_px: float) -> list[Located]:
        """Look again in padded, turned and relit views, until one shows a face."""
        width, height = photo.width, photo.height
        for group in (search.padded(width, height), search.turned(width, height)):
            faces = self._faces(photo, group, [], RETRY, [])
            if faces:
                return faces
        least_px = max(least_px, RELIT_LEAST_SHARE * max(width, height))
        number = max(0, int(np.log2(max(width, height) / COARSE_EDGE_PX)))
        for name, image in light.variants(photo.level(0), photo.level(number)):
            relit = Photo(image)
            faces = self._upright(relit, least_px, RELIT)
            faces = faces or self._faces(relit, search.padded(width, height), [], RELIT, [])
            if faces:
                return [replace(face, source=f"{face.source}, {name}") for face in faces]
        return []

    def _locator(self, photo: Photo, effort: Effort) -> Locator:
        settings = self.settings
        most_doubt, passes = settings.most_doubt * effort.most_doubt, (settings.refine, settings.flip)
        return Locator(photo, self._networks, settings.presence, most_doubt, *passes)

    def _faces(
        self,
        photo: Photo,
        windows: Iterable[tuple[str, Window]],
        known: list[Located],
        effort: Effort,
        failed: list[search.Candidate],
    ) -> list[Located]:
        """Locate the candidates seen in some views; add those that are faces to the known ones, others to `failed`."""
        locator, faces, in_a_row, here = self._locator(photo, effort), list(known), 0, len(failed)
        for candidate in search.views(photo, windows, self._networks, self.settings.finder_score):
            if any(candidate.covers(face.points) for face in faces):
                continue
            if sum(candidate.overlaps(other) for other in failed[here:]) >= TRIES_PER_SPOT:
                continue
            face = locator.locate(candidate, beside=bool(faces))
            if face is not None:
                faces, in_a_row = with_face(faces, face), 0
                continue
            failed.append(candidate)
            in_a_row += 1
            if in_a_row == effort.patience:
                break
        return faces

    def _detection(self, face: Located) -> Detection:
        return Detection(
            points=face.points,
            scores=self._scores(face.points),
            confidence=face.presence * (1.0 - 0.5 * min(face.doubt, 1.0) ** 2),
            rotation=geometry.head_rotation(face.points),
            source=face.source,
        )

    def _scores(self, points: NDArray[np.floating]) -> NDArray[np.floating]:
        """Score the expression (52,) of points (478, 3), set upright first: the network knows upright faces best."""
        upright = geometry.derolled(points, geometry.eye_line_roll_rad(points))
        scores = self._networks.expression(upright)
        if not self.settings.flip:
            return scores
        mirrored = upright[geometry.canonical_face().mirror] * np.array([-1.0, 1.0, 1.0])
        return (scores + self._networks.expression(mirrored)[MIRRORED_SCORES]) / 2


def with_face(faces: list[Located], face: Located) -> list[Located]:
    """Add a face to those known; of several on one place the one with the least doubt stays."""
    rivals = [other for other in faces if same_face(face.points, other.points)]
    if any(other.doubt <= face.doubt for other in rivals):
        return faces
    return [*(other for other in faces if not any(other is rival for rival in rivals)), face]
