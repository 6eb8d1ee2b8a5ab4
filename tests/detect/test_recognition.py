"""The face-recognition descriptor: does it tell people apart, and is the chip cut where it should be?"""

import numpy as np
import pytest
import torch

from facegpt.encode.face_chips import CHIP_PX, chip_square, face_chip
from facegpt.encode.face_describer import face_describer
from facegpt.encode.recognition import FaceRecognition, chips_to_tensor, descriptor_distance

RIGHT_EYE, LEFT_EYE = [33, 160, 158, 133, 153, 144], [362, 385, 387, 263, 373, 380]


def made_up_points(eye_right, eye_left, mouth) -> np.ndarray:
    points = np.zeros((68, 2))
    points[36:42], points[42:48], points[48:68] = eye_right, eye_left, mouth
    return points


def test_the_chip_is_upright_whatever_the_roll_of_the_face():
    image = np.zeros((400, 400, 3), np.uint8)
    eye_right, eye_left, mouth = np.array([200.0, 160.0]), np.array([200.0, 240.0]), np.array([130.0, 200.0])
    for point, colour in ((eye_right, (255, 0, 0)), (eye_left, (0, 255, 0)), (mouth, (0, 0, 255))):
        x, y = point.astype(int)
        image[y - 6 : y + 7, x - 6 : x + 7] = colour
    chip = face_chip(image, made_up_points(eye_right, eye_left, mouth)).astype(float)
    at = [np.argwhere(chip[..., k] > 128).mean(0) for k in range(3)]  # (row, column) of each blob
    assert at[0][1] < at[1][1] and at[0][0] == pytest.approx(at[1][0], abs=1.5), "right eye left of the left eye, level"
    assert at[2][0] > at[0][0] + 40 and at[2][1] == pytest.approx(74.5, abs=2), "the mouth is below, in the middle"


def test_gradients_reach_the_chip():
    chip = torch.full((1, 3, 150, 150), 100.0, requires_grad=True)
    FaceRecognition()(chip).square().sum().backward()
    assert chip.grad is not None and bool(chip.grad.abs().sum() > 0)


@pytest.mark.parametrize("count", [1, 3])
def test_the_written_network_describes_chips_as_the_plain_one_does(count):
    chips = np.random.default_rng(count).integers(0, 256, (count, 150, 150, 3), np.uint8)
    plain = FaceRecognition()(chips_to_tensor(chips)).numpy()
    assert np.abs(face_describer()(chips) - plain).max() < 1e-5


@pytest.mark.slow
def test_photos_of_other_people_are_further_apart_than_one_photo_and_its_mirror_image(shared_data):
    from PIL import Image

    arrays = np.load(shared_data / "photos" / "landmarks.npz")
    chips = []
    for name, points in list(zip(arrays["names"], arrays["mediapipe_xyz"], strict=True))[:20]:
        image = np.asarray(Image.open(shared_data / "photos" / str(name)).convert("RGB"))
        right, left, mouth = points[RIGHT_EYE, :2], points[LEFT_EYE, :2], points[[61, 291, 0, 17], :2].mean(0)
        chips.append(face_chip(image, made_up_points(right, left, mouth)))
        edge = np.array([image.shape[1] - 1, 0])
        flipped = [edge + p * [-1, 1] for p in (left, right, mouth)]
        chips.append(face_chip(image[:, ::-1], made_up_points(*flipped)))
    with torch.no_grad():
        found = FaceRecognition()(chips_to_tensor(np.stack(chips)))
    same = descriptor_distance(found[::2], found[1::2])
    others = torch.cdist(found[::2], found[::2]) + 10 * torch.eye(20)
    assert float(same.max()) < float(others.min(1).values.median()), "descriptor distance"
    assert float(same.median()) < 0.4, "descriptor distance"


@pytest.mark.parametrize(("middle", "wide"), [((300, 260), 60), ((300, 260), 200), ((20, 30), 150), ((590, 470), 330)])
def test_the_chip_of_a_part_of_a_photo_is_that_of_the_whole(middle, wide):
    from PIL import Image

    image = np.random.default_rng(wide).integers(0, 256, (480, 600, 3), np.uint8)
    right, left, mouth = (np.add(middle, away) for away in ([-wide / 2, 4], [wide / 2, -9], [3, 0.9 * wide]))
    points = made_up_points(right, left, mouth)
    corner, side, roll = chip_square(points)
    along = np.array([np.cos(roll), np.sin(roll)]) * side / CHIP_PX
    shrink = max(1, int(side / CHIP_PX))
    rows = np.array([along[0], -along[1], corner[0] + 0.5, along[1], along[0], corner[1] + 0.5]) / shrink
    whole = Image.fromarray(image).reduce(shrink) if shrink > 1 else Image.fromarray(image)
    plain = whole.transform((CHIP_PX, CHIP_PX), Image.Transform.AFFINE, tuple(rows), Image.Resampling.BICUBIC)
    assert np.abs(face_chip(image, points).astype(int) - np.asarray(plain)).max() <= 1
