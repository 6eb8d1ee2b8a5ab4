"""Attributes of one row: what has words and points is read, changed, measured and told; no network knows of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from facegpt.describe.shape.point_formula import measured
from facegpt.language.targets import ATTRIBUTES, NETWORK_ATTRIBUTES
from facegpt.types import FaceGPTError

HEADER = "name,group,tier,carrier,measure,low_pole_words,high_pole_words,definition,points,read_by"
ROW = (
    "cheekbone_height,cheeks,extra,shape,,low-set cheekbones; cheekbones further down,"
    'high-set cheekbones; cheekbones further up,zygion over subnasale,"height(zygion, subnasale)",words'
)
EARS = (
    "ear_height,ears,extra,shape,,low-set ears; low ears; lowered ears; lower the ears; ears further down"
    "; move ears down,high-set ears; high ears; raised ears; raise the ears; ears further up; move ears u"
    'p,"height of the hindmost point of the ear (postaurale) over the mastoid, where the ear ends below; '
    'mean of both sides","height(postaurale, mastoid)",words'
)
#: What is said of ears beside the degree that the row reads in it.
SAID = {
    "low-set ears": -1.0,
    "a man with low ears and a big nose": -1.0,
    "her ears are set very low": -2.0,
    "make the ears slightly higher": 0.5,
    "the ears are too low": 1.0,
    "less high ears": -1.0,
    "small ears and high cheekbones": 0.0,
    "a low forehead with big ears": 0.0,
    "ears": 0.0,
}
#: Reads, changes, measures and tells the row of OWN in a process that has it, and prints what came out.
OWN = """
import json
import sys
import numpy as np
from facegpt.describe.attribute_readings import gauge_of, read_attributes
from facegpt.describe.sentences import Facts, trait_words
from facegpt.generate.request_to_head import edit_params, imagine_params
from facegpt.generate.understood import understood
from facegpt.generate.told.words import phrases
from facegpt.language.changed_request import no_change, with_traits
from facegpt.language.head_request import HeadRequest
from facegpt.language.reading.beyond.table_words import asked_with_table, table_traits, with_table_words
from facegpt.language.targets import ATTRIBUTES
from facegpt.morphable.makehuman import head as makehuman

head = makehuman.load()
request = with_table_words(no_change(), "move her cheekbones further up")
before = imagine_params(head, HeadRequest(np.zeros(len(ATTRIBUTES)), np.ones(len(ATTRIBUTES))), 1)
after = edit_params(head, before, request, 0)
readings = [dict(zip(ATTRIBUTES, map(float, read_attributes(head, p)))) for p in (before, after)]
ups = []
for params in (before, after):
    points = head.landmarks.points(head.neutral_vertices(np.asarray(params.identity, float)[None]))[0]
    row = head.landmarks.row
    way = (points[row["zygion_left"]] + points[row["zygion_right"]]) / 2 - points[row["subnasale"]]
    ups.append(float(way[1]))
gauge = gauge_of(head)
people = head.sample(20, 5).astype(np.float64)
ears = [list(map(float, gauge.shape.of_table(people)["ear_height"])),
        list(map(float, gauge.raw(people)[:, gauge.index("ear_height")]))]
heard = with_traits(no_change(), {"ear_size": 1.0, "nose_width": 1.0}, 0.3)
both = [understood(with_table_words(heard, text + "low-set ears, a wide nose")) for text in ("", "big ")]
asked = [asked_with_table(("ear_size", "nose_width"), "are the ears low?"), asked_with_table((), "low ears")]
said = {text: table_traits(text).get("ear_height", 0.0) for text in json.loads(sys.argv[1])}
told = trait_words(Facts({}, attributes={"cheekbone_height": 2.0}), "cheekbone_height")
print(json.dumps({"labels": understood(request), "words": phrases(understood(request)), "readings": readings,
                  "mm": ups, "told": told, "ears": ears, "heard": both, "asked": asked, "said": said,
                  "r2": float(gauge.r_squared[gauge.index("cheekbone_height")])}))
"""


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """What a process with a table of its own makes of a made-up row."""
    table = tmp_path_factory.mktemp("table") / "mine.csv"
    table.write_text(f"{HEADER}\n{ROW}\n{EARS}\n", encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-c", OWN, json.dumps(list(SAID))],
        env={**os.environ, "FACEGPT_ATTRIBUTES": str(table)},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout.splitlines()[-1])


def test_a_row_in_a_table_of_ones_own_is_read(own):
    assert own["labels"] == ["cheekbone_height +1 SD"]


def test_the_head_changes_by_it(own):
    assert own["mm"][1] - own["mm"][0] > 2.0  # by its landmarks, mm
    assert own["r2"] > 0.9


def test_it_is_measured_and_little_else_moves(own):
    before, after = own["readings"]
    assert after["cheekbone_height"] - before["cheekbone_height"] > 1.0
    assert abs(after["nose_width"] - before["nose_width"]) < 0.3
    assert abs(after["mouth_width"] - before["mouth_width"]) < 0.3


def test_it_is_told_in_the_words_of_the_row(own):
    assert own["words"] == ["higher cheekbones, clearly"] and "high-set cheekbones" in own["told"]


def test_the_words_of_a_row_are_read_near_its_part_alone(own):
    assert own["said"] == SAID


def test_what_the_network_heard_of_the_same_part_gives_way_to_what_is_said(own):
    assert own["heard"] == [
        ["nose_width +1 SD", "ear_height -1 SD"],
        ["nose_width +1 SD", "ear_size +1 SD", "ear_height -1 SD"],
    ]


def test_a_question_asks_for_what_it_names(own):
    assert own["asked"] == [["ear_height", "nose_width"], []]


def test_the_quick_calibration_measures_as_the_whole_mesh_does(own):
    np.testing.assert_allclose(*own["ears"], atol=1e-3)


def test_the_networks_keep_their_order():
    assert ATTRIBUTES[: len(NETWORK_ATTRIBUTES)] == NETWORK_ATTRIBUTES


_PLACES = {
    "sellion": (0, 5, 0),
    "menton": (0, 1, 0),
    "top": (0, 3, 0),
    "near_left": (1, 0, 4),
    "near_right": (-1, 0, 4),
}


class _Cube:
    """Some points."""

    def __getitem__(self, name):
        return np.array([_PLACES[name]], float)


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("height(top, near)", 3.0),
        ("depth(near, top)", 4.0),
        ("width(top, near_left)", 1.0),
        ("distance(near_left, near_right)", 2.0),
        ("rise(top, near)", np.degrees(np.arctan2(3, 1))),
    ],
)
def test_formulas_measure_what_they_say(formula, value):
    assert measured(formula, _Cube())[0] == pytest.approx(value)


@pytest.mark.parametrize("formula", ["", "height(top)", "area(top, near)", "height(top, tail)"])
def test_a_formula_that_is_none_is_told(formula):
    with pytest.raises(FaceGPTError, match="height"):
        measured(formula, _Cube())
