"""The picture of an evaluation's worst faces, and the shares that `eval synthetic` gives by yaw."""

import numpy as np
import pytest

from facegpt.face import Face
from facegpt_lab.evaluate.judges import made_up_points
from facegpt_lab.evaluate.protocols import synthetic
from facegpt_lab.evaluate.sheets import truth_sheet


def studied(yaw_deg: float, error: float, deviation: float, clear: bool = True) -> synthetic.Studied:
    return synthetic.Studied(0.0, 0.0, 1.0, 1.0, yaw_deg, clear, (error, deviation), {}, {})


def test_shares_are_one_minus_error_over_deviation_of_the_faces_at_that_yaw():
    own = [studied(5, 1.0, 4.0), studied(-29, 2.0, 2.0, clear=False), studied(-45, 1.0, 2.0), studied(80, 9.0, 1.0)]
    rows = {row.metric.split(", ", 1)[1]: row for row in synthetic.share_rows(own, "studio", 0.4)}
    assert rows["|yaw| < 30°"].value == pytest.approx(1 - 3 / 6)
    assert rows["|yaw| < 30°"].met is True
    assert rows["|yaw| < 30°, nothing before the face"].value == pytest.approx(0.75)
    assert rows["|yaw| 30-60°"].value == pytest.approx(0.5)


def test_a_sheet_has_a_row_of_tiles_for_each_face_and_shows_the_true_head_beside_the_found_one(head):
    params = made_up_points.random_params(head, 3)
    face = Face(head, params)
    photo = np.full((params.camera.height, params.camera.width, 3), 90, np.uint8)
    one = truth_sheet.Known("a face", photo, face, face.mesh, params.pose, params.camera, face.landmarks("ibug68"))
    sheet = np.asarray(truth_sheet.draw_truth_sheet([one, one]))
    tile = truth_sheet.TILE_PX
    assert sheet.shape[1] == 6 * tile and sheet.shape[0] % 2 == 0 and sheet.shape[0] >= 2 * tile
    tiles = [sheet[:tile, k * tile : (k + 1) * tile].astype(int) for k in range(6)]
    assert np.array_equal(tiles[2], tiles[4]) and np.array_equal(tiles[3], tiles[5])  # the truth is what was found
    assert np.abs(tiles[2] - tiles[3]).mean() > 2  # turned
    assert np.abs(tiles[0] - tiles[1]).mean() > 2
