"""Heads from words, measured as somebody from outside would: plain distances between landmarks, no reading of ours.

    python benchmarks/words_by_landmarks.py

Each sentence names one trait; the neutral heads of four seeds are measured on the 68 iBUG and the 478 MediaPipe
landmarks and set against 40 heads of "a man", "a woman" or "a person". Right: at least half a standard deviation to the
named side. Prints each sentence with its mean shift, and the share of right measures.
"""

from __future__ import annotations

import numpy as np

import facegpt
from facegpt.face import Face

PEOPLE, SEEDS = 40, range(100, 104)
#: Sentence, side, measures that should show it ("-": to the other side).
CASES = (
    ("a person with a wide face", 1, "face_width aspect- mesh_width"),
    ("someone with a very narrow face", -1, "face_width aspect- mesh_width"),
    ("a man with a long face", 1, "face_length aspect mesh_length"),
    ("a woman with a short face", -1, "face_length aspect mesh_length"),
    ("a woman with a round face", 1, "aspect- face_width"),
    ("a guy with a thin face", -1, "face_width jaw_width"),
    ("a man with a wide jaw", 1, "jaw_width jaw_share"),
    ("a woman with a narrow jaw", -1, "jaw_width jaw_share"),
    ("a man with a square jaw", 1, "low_jaw_share jaw_width chin_width"),
    ("a man with a long chin", 1, "chin_height chin_distance"),
    ("a person with a short chin", -1, "chin_height chin_distance"),
    ("a pointy chin", -1, "chin_width low_jaw_share"),
    ("a broad chin", 1, "chin_width"),
    ("a man with a receding chin", -1, "chin_to_nose chin_to_lip"),
    ("a woman with a prominent chin", 1, "chin_to_nose chin_to_lip"),
    ("a man with a big nose", 1, "nose_width nose_length nose_depth tip_depth"),
    ("a woman with a small nose", -1, "nose_width nose_length nose_depth tip_depth"),
    ("a person with a broad nose", 1, "nose_width nose_share"),
    ("a woman with a narrow nose", -1, "nose_width nose_share"),
    ("a man with a long nose", 1, "nose_length bridge_length"),
    ("a short nose", -1, "nose_length bridge_length"),
    ("a man with an upturned nose", 1, "tip_rise"),
    ("a drooping nose", -1, "tip_rise"),
    ("a flat nose", -1, "nose_depth tip_depth bridge_depth"),
    ("a girl with big eyes", 1, "eye_width eye_height"),
    ("a man with small eyes", -1, "eye_width eye_height"),
    ("a woman with wide-set eyes", 1, "eye_gap eye_gap_share"),
    ("a man with close-set eyes", -1, "eye_gap eye_gap_share"),
    ("upturned cat eyes", 1, "eye_tilt"),
    ("downturned eyes", -1, "eye_tilt"),
    ("a man with narrow eyes", -1, "eye_height eye_aspect"),
    ("a woman with high eyebrows", 1, "brow_height brow_gap"),
    ("a man with low eyebrows", -1, "brow_height brow_gap"),
    ("a woman with a wide mouth", 1, "mouth_width mouth_share"),
    ("a man with a small mouth", -1, "mouth_width mouth_share"),
    ("a woman with full lips", 1, "upper_lip lower_lip lips"),
    ("a man with thin lips", -1, "upper_lip lower_lip lips"),
    ("a long philtrum", 1, "philtrum"),
    ("a short philtrum", -1, "philtrum"),
    ("downturned mouth at rest", -1, "corners"),
    ("a man with a high forehead", 1, "forehead_height"),
    ("a woman with a low forehead", -1, "forehead_height"),
    ("a broad forehead", 1, "forehead_width"),
    ("a narrow forehead", -1, "forehead_width"),
    ("a fat man", 1, "face_width jaw_width"),
    ("a skinny woman", -1, "face_width jaw_width"),
)
_MEN, _WOMEN = {"man", "guy"}, {"woman", "girl"}


def measures(face: Face) -> dict[str, float]:
    """Measure a head at rest: mm, and shares of the width of the face."""
    p = face.neutral().landmarks("ibug68", space="head")
    q = face.neutral().landmarks("mediapipe478", space="head")

    def apart(one: int, other: int, of: np.ndarray = p) -> float:
        return float(np.linalg.norm(of[one] - of[other]))

    width, openings = apart(1, 15), [apart(*pair) for pair in ((37, 41), (38, 40), (43, 47), (44, 46))]
    eyes = (apart(36, 39) + apart(42, 45)) / 2
    tilt = (p[36, 1] - p[39, 1]) / apart(36, 39) + (p[45, 1] - p[42, 1]) / apart(42, 45)
    return {
        "face_width": width,
        "face_length": apart(27, 8),
        "aspect": apart(27, 8) / width,
        "mesh_width": apart(234, 454, q),
        "mesh_length": apart(10, 152, q),
        "jaw_width": apart(4, 12),
        "jaw_share": apart(4, 12) / width,
        "low_jaw_share": apart(5, 11) / width,
        "chin_height": p[57, 1] - p[8, 1],
        "chin_distance": apart(57, 8),
        "chin_width": apart(7, 9),
        "chin_to_nose": p[8, 2] - p[33, 2],
        "chin_to_lip": p[8, 2] - p[57, 2],
        "nose_width": apart(31, 35),
        "nose_share": apart(31, 35) / width,
        "nose_length": apart(27, 33),
        "bridge_length": apart(27, 30),
        "nose_depth": p[30, 2] - p[33, 2],
        "tip_depth": p[30, 2] - (p[31, 2] + p[35, 2]) / 2,
        "bridge_depth": p[27, 2] - (p[39, 2] + p[42, 2]) / 2,
        "tip_rise": p[30, 1] - p[33, 1],
        "eye_width": eyes,
        "eye_height": float(np.mean(openings)),
        "eye_aspect": float(np.mean(openings)) / eyes,
        "eye_gap": apart(39, 42),
        "eye_gap_share": apart(39, 42) / width,
        "eye_tilt": tilt / 2,
        "brow_height": ((p[19, 1] - p[37, 1]) + (p[24, 1] - p[44, 1])) / 2,
        "brow_gap": p[17:27, 1].mean() - p[36:48, 1].mean(),
        "mouth_width": apart(48, 54),
        "mouth_share": apart(48, 54) / width,
        "upper_lip": apart(51, 62),
        "lower_lip": apart(66, 57),
        "lips": apart(51, 57),
        "philtrum": apart(33, 51),
        "corners": (p[48, 1] + p[54, 1]) / 2 - p[62, 1],
        "forehead_height": apart(10, 9, q),
        "forehead_width": apart(54, 284, q),
    }


def shifts(model: facegpt.FaceGPT, usual: dict[str, list[dict[str, float]]], text: str, name: str) -> np.ndarray:
    """Give where heads of a text stand among others of their sex, SDs, one for each seed."""
    words = set(text.split())
    people = usual["man" if words & _MEN else "woman" if words & _WOMEN else "person"]
    values = np.array([person[name] for person in people])
    found = np.array([measures(model.imagine(text, seed=seed))[name] for seed in SEEDS])
    return (found - values.mean()) / values.std()


def main() -> None:
    """Print a line for each sentence, and the share that is right."""
    model = facegpt.load()
    usual = {
        who: [measures(model.imagine(f"a {who}", seed=k)) for k in range(PEOPLE)] for who in ("man", "woman", "person")
    }
    right = []
    for text, side, names in CASES:
        shown = []
        for name in names.split():
            sign = -side if name.endswith("-") else side
            z = sign * shifts(model, usual, text, name.rstrip("-"))
            right.append(float(np.mean(z >= 0.5)))
            shown.append(f"{name.rstrip('-')} {z.mean():+.1f}")
        print(f"{text:34s} {', '.join(shown)}", flush=True)
    print(f"right: {np.mean(right):.3f} of {len(right)} measures")


if __name__ == "__main__":
    main()
