"""A lineup finds decoys that are alike, never the person, and counts what is nearest."""

import base64
import io
import json

import numpy as np
from PIL import Image

from facegpt_lab.evaluate.lineup import DECOYS, TILE_PX, Suspect, decoys, draw_sheet, lineups, nearest_is_own


def suspect(number, years=30.0, person=None, descriptor=None, head=None):
    """A person whose head lies where its photo does, unless said otherwise."""
    at = np.zeros(128, np.float32)
    at[number] = 1
    tile = Image.new("RGB", (2 * TILE_PX, TILE_PX), (number * 20, 0, 0))
    tile.paste((0, number * 20, 0), (TILE_PX, 0, 2 * TILE_PX, TILE_PX))
    file = io.BytesIO()
    tile.save(file, "JPEG", quality=95)
    return Suspect(
        f"{number}.jpg",
        number if person is None else person,
        at if descriptor is None else descriptor,
        np.stack([at, at]) if head is None else head,
        np.array([years, 0.5, 60, 20, 5, 8, 1]),
        years,
        base64.b64encode(file.getvalue()).decode(),
    )


def test_decoys_are_the_nearest_by_age_and_other_people():
    found = [suspect(0, 30), suspect(1, 31), suspect(2, 70), suspect(3, 28), suspect(4, 36), suspect(5, 30, person=0)]
    assert set(decoys(found, 0)) == {1, 3, 4}


def test_every_row_starts_with_the_own_head():
    rows = lineups([suspect(k, 20 + k) for k in range(9)], 4)
    assert [row[0] for row in rows] == [0, 2, 5, 8]
    assert all(len(set(row)) == 1 + DECOYS for row in rows)


def test_what_is_nearest_is_counted():
    found = [suspect(k, 20 + k) for k in range(6)]
    # The head of 0 lies where the photo of 1 is, and the other way round.
    found[0], found[1] = suspect(0, 20, head=found[1].head), suspect(1, 21, head=found[0].head)
    rows = lineups(found)
    np.testing.assert_array_equal(nearest_is_own(found, rows), [0, 0, 1, 1, 1, 1])


def test_the_sheets_answers_are_where_the_own_heads_are(tmp_path):
    found = [suspect(k, 20 + k) for k in range(6)]
    rows = lineups(found)
    draw_sheet(found, rows, tmp_path / "rows.png")
    answers = json.loads((tmp_path / "rows.json").read_text())
    sheet = np.asarray(Image.open(tmp_path / "rows.png")).astype(int)
    for number, row in enumerate(rows):
        block = sheet[number // 2 * TILE_PX :, number % 2 * 5 * TILE_PX :]
        middle = block[TILE_PX // 2, TILE_PX // 2 + answers[str(number)]["own"] * TILE_PX]
        assert abs(middle[1] - 20 * row[0]) < 8
