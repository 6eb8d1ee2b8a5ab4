"""From a window to a face: what the careful way gives up, the quick one may still find."""

import numpy as np
import pytest

from facegpt.detect import geometry
from facegpt.detect.locate import CLEAR_DOUBT, Locator
from facegpt.detect.search import Candidate
from facegpt.detect.windows import Photo, Window

WINDOW = Window(200.0, 150.0, 120.0, 0.0)


class FullProfile(Locator):
    """A landmark network whose view of the mirrored face lies half a face beside that of the plain one."""

    looks_strange = 0.1

    def landmarks(self, window):
        canonical = geometry.canonical_face().points
        size = WINDOW.side / 1.5 / np.ptp(canonical[:, :2], axis=0).max()
        points = np.zeros((478, 3))
        points[: len(canonical)] = canonical * size * [1.0, -1.0, -1.0]
        points += [WINDOW.x + (40.0 if window.mirrored else 0.0), WINDOW.y, 0.0]
        return points, 0.95

    def strangeness(self, points):
        return self.looks_strange


class Texture(FullProfile):
    """What the landmark network takes for a face and the finder does not."""

    looks_strange = 3.0


def located(kind, flip):
    photo = Photo(np.zeros((300, 400, 3), np.uint8))
    return kind(photo, None, presence=0.5, most_doubt=1.0, refine=flip, flip=flip).place(WINDOW, "direct")


def test_a_profile_whose_mirrored_view_disagrees_is_found_as_the_quick_way_finds_it():
    quick, careful = located(FullProfile, flip=False), located(FullProfile, flip=True)
    np.testing.assert_allclose(careful.points, quick.points)
    assert careful.doubt < CLEAR_DOUBT


@pytest.mark.parametrize("flip", [False, True])
def test_what_looks_strange_and_disagrees_with_its_mirrored_view_stays_doubted(flip):
    assert located(Texture, flip).doubt > 1.0


class OneSided(FullProfile):
    """A landmark network that believes in the plain view alone, and a finder that takes it for upright."""

    belief_mirrored = 0.0

    def landmarks(self, window):
        return super().landmarks(window)[0], self.belief_mirrored if window.mirrored else 0.95

    def confirm(self, candidate):
        return WINDOW


class BothSided(OneSided):
    """The same, seen from both sides."""

    belief_mirrored = 0.9


@pytest.mark.parametrize(("kind", "beside", "found"), [(OneSided, True, 0), (OneSided, False, 1), (BothSided, True, 1)])
def test_beside_a_face_what_has_no_mirror_image_is_given_up(kind, beside, found):
    photo = Photo(np.zeros((300, 400, 3), np.uint8))
    locator = kind(photo, None, presence=0.5, most_doubt=1.0, refine=True, flip=True)
    assert (locator.locate(Candidate(WINDOW, 0.4, "tile"), beside=beside) is not None) == bool(found)
