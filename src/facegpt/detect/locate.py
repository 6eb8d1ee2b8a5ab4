"""From a candidate box to a face: confirm it upright, place the 478 points, refine them, and check that they agree.

What MediaPipe's landmark network takes for no face (it knows no full profiles) gets a second opinion, of whole_head.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from facegpt.detect import blazeface, geometry
from facegpt.detect.networks import LANDMARK_SIZE, FaceNetworks
from facegpt.detect.search import BOX_MARGIN, Candidate, views
from facegpt.detect.whole_head import FIRST_SIDE
from facegpt.detect.windows import Photo, Window

Array = NDArray[np.floating]

#: The window of the second pass is this much larger than the box around the points (MediaPipe's face_landmarks graph).
POINTS_MARGIN = 1.5
#: The finder looks again at a face through a window this much larger than its box, where it sees best.
CONFIRM_MARGIN = 2.0
#: An upright face scores at least 0.85 there (1 % of 287 photos lower), one that is half covered or cut less.
CONFIRM_SCORE = 0.35
#: A face that scores this, or so much more than in any window rolled more than a right angle from it, is upright. Under
#: veils and masks upside down 2 % of 147 scored this much.
UPRIGHT_SCORE, CLEAR_LEAD = 0.88, 0.18
#: The finder reports an upright face within this roll; a face upside down shows as an upright one less well placed.
CONFIRM_ROLL_RAD = np.radians(40.0)
#: A first window this good needs no look from other sides before the landmarks are tried.
SURE_SCORE = 0.8
#: Boxes with a lower score than this do not speak for a face that the landmark network believes in.
LOOK_AGAIN_SCORE = 0.2
#: A face with less doubt than this needs no second opinion.
CLEAR_DOUBT = 0.55
#: Beside a face that is found, what the landmark network believes in by less than this in the mirror is given up: of
#: 217 faces beside others in 80 composed groups the least was believed by 0.14 there.
BELIEF_MIRRORED = 0.05
#: A second opinion that believes in a face by so much less than wholly is as doubtful as a face may be.
LEAST_UNBELIEF = 0.12
#: The finder tells the roll by the eyes, which lie behind each other in profile: where it says more than this (radians)
#: the photo's own upright is tried too.
TOLD_ROLL_RAD = np.radians(10.0)
#: A second look is wanted if the first points turn or move their window by more than this.
MOVED_ROLL_RAD, MOVED_SHARE = np.radians(12.0), 0.08
#: Points of the landmark network that stand for the finder's eyes, nose and mouth.
KEY_POINTS = ([33, 133, 159, 145], [362, 263, 386, 374], [1], [13, 14])


@dataclass(frozen=True)
class Located:
    """One face.

    Attributes:
        points: (478, 3) pixels of the photo, depth in the same scale.
        presence: 0..1, the belief of the network that placed the points that this is a face.
        doubt: 0 is a clear face, above 1 is none. It weighs how strange the points look, how far apart those of the
            plain and of the mirrored view are, and the belief's lack. Over 470 faces, many covered or cut, it is 0.2
            (95 %: 0.6, 99.8 %: 0.9); over 58 sets of points on textures or of the wrong roll, which the landmark
            network took for faces, it is 2.4 (1 %: 1.2).
        source: which view it was found in.
    """

    points: Array
    presence: float
    doubt: float
    source: str


def window_of(points: Array) -> Window:
    """The upright window around the points (478, 3) of a face, POINTS_MARGIN larger than their box."""
    roll = geometry.eye_line_roll_rad(points)
    upright = geometry.derolled(points[: geometry.FACE_POINTS, :2], roll)
    low, high = upright.min(0), upright.max(0)
    x, y = geometry.derolled((low + high) / 2, -roll)
    return Window(float(x), float(y), float((high - low).max()) * POINTS_MARGIN, roll)


@dataclass(frozen=True)
class Locator:
    """Places points on the faces of one photo.

    Attributes:
        presence: least belief of the landmark network.
        most_doubt: faces with more are dropped.
        refine: look again in the window that the first points ask for.
        flip: average with the mirrored face; else that is done only in doubt.
    """

    photo: Photo
    networks: FaceNetworks
    presence: float
    most_doubt: float
    refine: bool
    flip: bool
    _looks: dict[Window, tuple[Array, float]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def locate(self, candidate: Candidate, beside: bool = False) -> Located | None:
        """The face of a candidate, or None if there is none: the short way first, then the careful one.

        `beside` tells that the photo has a face already: what is seen from one side alone is then given up early.
        """
        best = None
        if candidate.score >= SURE_SCORE and abs(candidate.window.roll_rad) < CONFIRM_ROLL_RAD:
            best = self.place(candidate.window, candidate.source)
        if best is None or best.doubt > CLEAR_DOUBT:
            window = self.confirm(candidate)
            again = None
            if window is not None and not (beside and self.one_sided(window)):
                again = self.place(window, candidate.source)
            best = clearer(best, again)
        return best if best is not None and best.doubt <= self.most_doubt else None

    def one_sided(self, window: Window) -> bool:
        """Whether the landmark network sees no face in the mirror image of a window; never so without `flip`."""
        if not self.flip or self.landmarks(window)[1] < self.presence / 2:
            return False
        return self.landmarks(replace(window, mirrored=True))[1] < BELIEF_MIRRORED

    def second_opinion(self, candidate: Candidate) -> Located | None:
        """The face of a candidate as the network of whole heads sees it, or None."""
        told = candidate.window.roll_rad
        rolls = (told, 0.0) if abs(told) > TOLD_ROLL_RAD else (told,)
        windows = [replace(candidate.window, side=candidate.size * FIRST_SIDE, roll_rad=roll) for roll in rolls]
        whole = self.networks.whole_head
        opinions = [whole.opinion(self.photo, window, candidate.size, candidate.score) for window in windows]
        seen = max(opinions, key=lambda opinion: opinion.belief)
        doubt = (1.0 - seen.belief) / LEAST_UNBELIEF
        return Located(seen.points, seen.belief, doubt, candidate.source) if doubt <= self.most_doubt else None

    def confirm(self, candidate: Candidate) -> Window | None:
        """Look at a candidate again, close and from four sides, and give the window in which it stands upright.

        The finder sees faces at any roll but often takes one that is upside down for upright. Its score tells where
        nothing hides the face; where cloth does, the belief of the landmark network tells better: of 385 faces under
        painted veils, masks and scarves the score gets 66 % upright, the belief 96 %.
        """
        start, upright = candidate.window, []
        side = start.side / BOX_MARGIN * CONFIRM_MARGIN
        for quarter in range(4):
            view = replace(start, side=side, roll_rad=start.roll_rad + quarter * np.pi / 2)
            for found in views(self.photo, [(candidate.source, view)], self.networks, CONFIRM_SCORE):
                near = np.hypot(found.window.x - start.x, found.window.y - start.y) < candidate.size / 2
                if near and abs(angle_rad(found.window.roll_rad - view.roll_rad)) < CONFIRM_ROLL_RAD:
                    upright.append(found)
                    break
        if not upright:
            return None
        best = max(upright, key=lambda found: found.score)
        roll = best.window.roll_rad
        rival = max((found.score for found in upright if opposed(found.window.roll_rad, roll)), default=0.0)
        if best.score < UPRIGHT_SCORE and best.score - rival < CLEAR_LEAD:
            best = max(upright, key=lambda found: self.landmarks(found.window)[1])
        return best.window

    def place(self, window: Window, source: str) -> Located | None:
        """Find the points in a window, then again in the window that they themselves ask for.

        The way of the quick detector (one plain look at the first window) is the last resort of the careful one: views
        of a full profile and its mirror image disagree, and small faces change with the window.
        """
        first, belief = self.landmarks(window)
        if belief < self.presence / 2:
            return None
        if not self.flip:
            plain = self._plain(first, belief, source)
            if plain is not None:
                return plain
        tight = window_of(self._either_way(window, first)) if self.refine else window
        if self.refine and moved(window, tight):
            tight = window_of(self._either_way(tight, self.landmarks(tight)[0]))
        best = None
        for chosen in (tight, window) if self.refine else (window,):
            points, presence = (first, belief) if chosen is window else self.landmarks(chosen)
            face = self._with_mirrored(chosen, points, presence, source)
            best = min((one for one in (best, face) if one is not None), key=lambda one: one.doubt, default=None)
            if best is not None and best.doubt <= self.most_doubt:
                return best
        plain = self._plain(first, belief, source) if self.flip else None
        return best if plain is None else plain

    def _plain(self, points: Array, presence: float, source: str) -> Located | None:
        """Points of one look as a face, where it is a clear one without the mirrored view."""
        if presence < self.presence:
            return None
        doubt = self.strangeness(points) / 1.6 + (1.0 - presence) / 2
        return Located(points, presence, doubt, source) if doubt < CLEAR_DOUBT else None

    def _with_mirrored(self, window: Window, points: Array, presence: float, source: str) -> Located | None:
        """The mean of the points and of those of the mirrored view, doubted the more they disagree."""
        mirrored, presence_mirrored = self.landmarks(replace(window, mirrored=True))
        disagreement = mean_distance(points, mirrored) / window.side * POINTS_MARGIN
        points, presence = (points + mirrored) / 2, (presence + presence_mirrored) / 2
        if presence < self.presence:
            return None
        doubt = (0.4 * self.strangeness(points) + 20.0 * disagreement) / 1.2 + (1.0 - presence) / 2
        return Located(points, presence, doubt, source)

    def _either_way(self, window: Window, points: Array) -> Array:
        """The points of a window; with `flip` the mean of both views: mirror images ask for mirrored windows."""
        return (points + self.landmarks(replace(window, mirrored=True))[0]) / 2 if self.flip else points

    def landmarks(self, window: Window) -> tuple[Array, float]:
        """Points (478, 3) in pixels of the photo, and presence, as seen through one window; it looks once."""
        if window not in self._looks:
            self._looks[window] = self._look(window)
        return self._looks[window]

    def _look(self, window: Window) -> tuple[Array, float]:
        inside, presence = self.networks.landmarks([self.photo.crop(window, LANDMARK_SIZE, repeat_border=True)])
        points = window.to_photo(inside[0])
        return points[geometry.canonical_face().mirror] if window.mirrored else points, float(presence[0])

    def strangeness(self, points: Array) -> float:
        """Measure how unlike a face the points (478, 3) are: faces 0.4 (99 %: 1.5), something else 3.3 (1 %: 1.8).

        How well the finder, looking at the face set upright by its points, agrees with them, and how far they are from
        the canonical face.
        """
        tight = window_of(points)
        size = tight.side / POINTS_MARGIN
        view = replace(tight, side=size * CONFIRM_MARGIN)
        (boxes,) = self.networks.find([self.photo.crop(view, blazeface.INPUT_SIZE) * 2.0 - 1.0], LOOK_AGAIN_SCORE)
        if not boxes.scores.size:
            return np.inf
        expected = np.array([points[list(group), :2].mean(0) for group in KEY_POINTS])
        seen = view.to_photo(boxes.points[:, 2 : 2 + len(KEY_POINTS)])
        distance = np.linalg.norm(seen - expected, axis=2).mean(1) / size
        nearest = int(distance.argmin())
        unlike = max(geometry.deviation_mm(points) - 8.0, 0.0) / 8.0
        return float(distance[nearest] / 0.08 + max(0.85 - boxes.scores[nearest], 0.0) / 0.3 + unlike)


def angle_rad(difference: float) -> float:
    """Bring an angle into -π…π."""
    return float((difference + np.pi) % (2 * np.pi) - np.pi)


def moved(before: Window, after: Window) -> bool:
    """Whether a window turned, shifted or changed its size enough that the points should be found again."""
    shift = np.hypot(after.x - before.x, after.y - before.y) / after.side
    grown = abs(np.log(after.side / before.side))
    turned = abs(angle_rad(after.roll_rad - before.roll_rad))
    return bool(turned > MOVED_ROLL_RAD or shift > MOVED_SHARE or grown > 0.25)


def clearer(first: Located | None, confirmed: Located | None) -> Located | None:
    """Of two looks at one face the one with less doubt; that confirmed from all sides if one is upside down."""
    if first is None or confirmed is None:
        return first or confirmed
    if opposed(*(geometry.upright_roll_rad(face.points) for face in (first, confirmed))):
        return confirmed
    return min(first, confirmed, key=lambda face: face.doubt)


def opposed(first_rad: float, second_rad: float) -> bool:
    """Whether two rolls are more than a right angle apart."""
    return abs(angle_rad(first_rad - second_rad)) > np.pi / 2


def mean_distance(first: Array, second: Array) -> float:
    """Mean distance in the image between two sets of points (478, 2 or 3), pixels."""
    return float(np.linalg.norm(first[:, :2] - second[:, :2], axis=1).mean())


def same_face(first: Array, second: Array) -> bool:
    """Whether two sets of points (478, 3) lie on one face: boxes of like size that share much of their area."""
    boxes = np.array([[points[:, :2].min(0), points[:, :2].max(0)] for points in (first, second)])
    return bool(blazeface.intersection_over_union(boxes[0], boxes[1:])[0] > 0.4)
