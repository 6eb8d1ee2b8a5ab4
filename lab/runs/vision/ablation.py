"""Does learning from people's photos pay, and does the language model? On the validation half, over several seeds.

Goes on from a run of `facegpt train photos`: its faces, projector and states are kept, and heads are trained anew,

    ours                            by renders, then by renders and photos through the renderer
    ours without recognition        as ours, but the recognition network is not asked (no identity, no perceptual loss)
    ours without self-supervision   by renders, as many steps in all
    encoder without language model  as ours, but the head sees the embedded tokens alone (layer 0)

and judged beside the first look (no head) on photos that nothing was learnt from: by points, colours and likeness. The
likeness is the recognition network's, which "ours" has learnt from, though on other photos and never on heads drawn at
rest in studio light; so two judges that it has no part in stand beside it: truth on held-out renders, and whether two
photos of one person give heads that are more alike than those of two people.

    python -m lab.runs.vision.ablation run crops --photos data --seeds 3 -o ablation.json
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from facegpt.face import Face
from facegpt.fitting.mediapipe_points import MEDIAPIPE_68
from facegpt.language.model.photo_theta import NUMBERS, SLICES, CropTheta, params_of, theta_of
from facegpt.runtime.progress import Progress
from facegpt.types import Array, DensePoints, ImageError
from facegpt_lab.evaluate.judges.likeness import describe_head, describe_photo, distances, verification_auc
from facegpt_lab.evaluate.judges.paired import interval, mean_of_picks
from facegpt_lab.evaluate.registry import Row, figure, optional_data
from facegpt_lab.evaluate.validation_photos import read_photo, validation_photos
from facegpt_lab.train.landmarks.losses import squared_mm
from facegpt_lab.train.photo_tokens.faces import Faces, language_states
from facegpt_lab.train.photo_tokens.training import HeadStage, PhotosSettings, PhotosTraining
from facegpt_lab.train.photo_tokens.views import Encoder, PhotoExamples, joined, photo_examples

OURS, UNASKED = "ours", "ours without recognition"
WITHOUT, BLIND = "ours without self-supervision", "encoder without language model"
FIRST = "first look"


@dataclass(frozen=True)
class Variant:
    """Which layers the head sees, whether it learns from photos, and whether the recognition network is asked."""

    layers: tuple[bool, bool, bool] = (True, True, True)
    photos: bool = True
    asked: bool = True


VARIANTS = {
    OURS: Variant(),
    UNASKED: Variant(asked=False),
    WITHOUT: Variant(photos=False),
    BLIND: Variant(layers=(True, False, False)),
}


class Judge:
    """The validation photos, and what a θ of each is worth there."""

    def __init__(self, training: PhotosTraining, folder: Path, every: int = 1) -> None:
        self.training, self.losses, self.every = training, training.losses, every
        people, looks, examples = [], [], []
        path = folder / "validation.safetensors"
        encoder = Encoder(training.head_model)
        kept = folder / "validation.npz"
        if not (path.is_file() and kept.is_file()):
            with Progress("validation photos", len(validation_photos())) as show:
                for done, (name, person) in enumerate(validation_photos(), 1):
                    show(done)
                    try:
                        found = photo_examples(optional_data() / name, encoder, 1, np.random.default_rng(0))
                    except ImageError:
                        continue
                    detection = encoder.detector.detect(read_photo(name))[0]
                    examples.append(found.rows([0]))
                    looks.append(describe_photo(read_photo(name), detection.points[list(MEDIAPIPE_68), :2]))
                    people.append(person)
            np.savez(kept, looks=np.stack(looks), people=np.array(people))
            joined(examples).save(path)
        with np.load(kept, allow_pickle=False) as arrays:
            self.looks, self.people = arrays["looks"], arrays["people"]
        self.faces = Faces.of(PhotoExamples.load(path), 0, self.losses.geometry)
        settings = training.settings
        self.states = language_states(
            training.model, training.processor, self.faces, settings.seed, settings.precision
        ).float()

    @torch.no_grad()
    def __call__(self, mean: torch.Tensor) -> dict[str, Array]:
        """Give, for each photo: 68-point NME in % and photometric error; and descriptors (N, 2, 128) of the heads."""
        view = self.faces.examples.view
        theta = theta_of(mean, view, self.faces.first)
        drawn = self.losses.geometry.project(
            self.losses.geometry.points(theta.identity, theta.expression), theta.placing, theta.optical
        )
        found, seen = drawn[:, list(MEDIAPIPE_68)], view.detected[:, list(MEDIAPIPE_68)]
        box = (seen.amax(1) - seen.amin(1)).prod(1).sqrt()
        nme = 100 * (found - seen).norm(dim=2).mean(1) / box
        colours = []
        for k in range(len(mean)):
            one = _row(theta, k)
            colours.append(float(self.losses.photometric(one, *self._picture(k))))
        seen = {"nme": nme.numpy(), "colour": np.array(colours), "mean": mean.numpy()}
        return {**seen, "shape": self._shapes(theta.identity), "looks": self._heads(theta)}

    @torch.no_grad()
    def on_renders(self, head: Callable[[torch.Tensor], torch.Tensor]) -> dict[str, Array]:
        """The error of the identity on held-out renders: RMS over the surface, mm, of each; head: rows → mean."""
        rows = self.training.rows[1]
        examples = self.training.faces.examples.rows(rows)
        error = (head(rows) - examples.truth)[:, SLICES["identity"]]
        return {"render_mm": squared_mm(error, error * 0, self.losses.metrics.identity).sqrt().numpy()}

    def _shapes(self, identity: torch.Tensor) -> Array:
        """The distances of the photos' heads at rest from each other: RMS over the surface, mm (N, N)."""
        pairs = (identity[:, None] - identity[None]).flatten(0, 1)
        mm = squared_mm(pairs, pairs * 0, self.losses.metrics.identity).sqrt()
        return mm.reshape(len(identity), -1).numpy()

    def _picture(self, row: int) -> tuple[torch.Tensor, torch.Tensor]:
        examples = self.faces.examples
        return examples.picture[row : row + 1], examples.skin[row : row + 1]

    def _heads(self, theta: CropTheta) -> NDArray[np.float32]:
        model, geometry = self.training.head_model, self.losses.geometry
        none = np.zeros(1)
        nothing = DensePoints(none, none, none, none, none, none, none, crop=np.eye(2, 3))
        described = range(0, len(theta.identity), self.every)
        with Progress("heads described", len(described)) as show:
            looks = []
            for done, k in enumerate(described, 1):
                looks.append(describe_head(Face(model, params_of(theta, k, model, geometry, nothing, (128, 128)))))
                show(done)
        return np.stack(looks)


def _row(theta: CropTheta, k: int) -> CropTheta:
    placing = type(theta.placing)(*(value[k : k + 1] for value in vars(theta.placing).values()))
    own = {n: getattr(theta, n)[k : k + 1] for n in ("identity", "expression", "optical", "albedo", "lighting")}
    return replace(theta, placing=placing, **own)


def judge_all(
    training: PhotosTraining, folder: Path, seeds: int, blind_seeds: int, every: int = 1
) -> dict[str, list[dict[str, Array]]]:
    """Train every variant with every seed, and judge it; by likeness on every so many-th photo."""
    states, judge = training.states(), Judge(training, folder, every)

    def first_look() -> dict[str, Array]:
        none = judge.on_renders(lambda rows: torch.zeros(len(rows), NUMBERS))
        return {**judge(torch.zeros(len(judge.states), NUMBERS)), **none}

    found: dict[str, list[dict[str, Array]]] = {FIRST: [_once(folder / "first_look.npz", first_look)]}
    for name, variant in VARIANTS.items():
        for seed in range(blind_seeds if name == BLIND else seeds):
            place = folder / f"{name.replace(' ', '_')}_{seed}"
            head = training.fresh_head(states, seed, variant.layers)
            stage = training.stage(head, states)
            if not variant.asked:
                stage.settings = replace(stage.settings, asked_faces=0)
            first = folder / f"head_{'lm' if variant.layers[1] else 'alone'}_{seed}"
            training.train_head(stage, first, seed)
            training.train_photos(stage, place, seed, variant.photos)
            head.eval()
            found.setdefault(name, []).append(_once(place / "judged.npz", partial(_judged, judge, stage)))
    people = {"person": judge.people[::every], "looks": judge.looks[::every], "everybody": judge.people}
    return found | {"people": [people]}


@torch.no_grad()
def _judged(judge: Judge, stage: HeadStage) -> dict[str, Array]:
    mean = stage.head(judge.states[:, :-1], judge.states[:, -1]).mean
    return {**judge(mean), **judge.on_renders(lambda rows: stage.read(rows).mean)}


def _once(path: Path, judge: Callable[[], dict[str, Array]]) -> dict[str, Array]:
    """Judge, or read what was found before."""
    if not path.is_file():
        found: dict[str, Any] = judge()
        np.savez(path, **found)
    with np.load(path, allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def table(found: dict[str, Any]) -> list[Row]:
    """Each variant's figures, mean over the seeds, and the intervals of the differences over the photos."""
    people, looks = found["people"][0]["person"], found["people"][0]["looks"]
    rows: list[Row] = []
    for key, text, unit in (
        ("nme", "68-point NME to the detector's", "%"),
        ("colour", "|log ratio| of colours", "1"),
        ("render_mm", "identity of held-out renders, RMS", "mm"),
    ):
        photos = len(found[FIRST][0][key])
        means = {name: np.mean([one[key] for one in found[name]], 0) for name in (FIRST, *VARIANTS)}
        rows += [figure(f"{name}: {text}", float(own.mean()), unit) for name, own in means.items()]
        for name in (OURS, UNASKED, WITHOUT):
            rows += [figure(f"{name}: {text}, seed {k}", float(o[key].mean()), unit) for k, o in enumerate(found[name])]
        for other in (UNASKED, WITHOUT, BLIND, FIRST):
            rows += interval(f"{text}: {OURS} less {other}", mean_of_picks(means[OURS] - means[other]), photos, unit)
    gaps = {n: np.mean([distances(looks, one["looks"]) for one in found[n]], 0) for n in (FIRST, *VARIANTS)}
    rows += _aucs("likeness, AUC", gaps, people, verification_auc)
    shapes = {n: np.mean([one["shape"] for one in found[n]], 0) for n in (FIRST, *VARIANTS)}
    return rows + _aucs("heads of one person, AUC", shapes, found["people"][0]["everybody"], pair_auc)


def pair_auc(gaps: Array, person: NDArray[np.integer], picks: NDArray[np.intp] | None = None) -> float:
    """The chance that two photos' heads (N, N) of one person are nearer than those of two people."""
    if picks is not None:
        picks = np.unique(picks)  # a photo drawn twice is no pair
        gaps, person = gaps[np.ix_(picks, picks)], person[picks]
    upper = np.triu_indices(len(gaps), 1)
    one = (person[:, None] == person[None])[upper]
    own, others = np.sort(gaps[upper][one]), gaps[upper][~one]
    below, up_to = np.searchsorted(own, others, "left"), np.searchsorted(own, others, "right")
    return float((below + up_to).mean() / 2 / len(own))


def _aucs(text: str, gaps: dict[str, Array], people: Array, auc: Callable[..., float]) -> list[Row]:
    rows = [figure(f"{name}: {text}", auc(own, people), "share") for name, own in gaps.items()]
    for other in (UNASKED, WITHOUT, BLIND, FIRST):

        def gain(k: NDArray[np.intp], other: str = other) -> float:
            return auc(gaps[OURS], people, k) - auc(gaps[other], people, k)

        rows += interval(f"{text}: {OURS} less {other}", gain, len(people), "share")
    return rows


def main() -> None:
    """Train, judge, print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("crops", type=Path)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--blind-seeds", type=int, help="of the head without language model (default: as many)")
    parser.add_argument("--head-steps", type=int, help="by renders (default: as in the run)")
    parser.add_argument("--photo-steps", type=int, help="then by renders and photos (default: as in the run)")
    parser.add_argument("--likeness-every", type=int, default=1, help="judge likeness on every so many-th photo")
    parser.add_argument("-o", "--output", type=Path, default=Path("ablation.json"))
    options = parser.parse_args()
    card = json.loads((options.run / "card.json").read_text(encoding="utf-8"))
    asked = {"head_steps": options.head_steps, "photo_steps": options.photo_steps}
    settings = {**card["settings"], **{name: steps for name, steps in asked.items() if steps}}
    training = PhotosTraining(options.run, options.crops, options.photos, PhotosSettings(**settings))
    training.train_tokens()
    folder = options.run / "ablation"
    folder.mkdir(exist_ok=True)
    rows = table(
        judge_all(training, folder, options.seeds, options.blind_seeds or options.seeds, options.likeness_every)
    )
    for row in rows:
        print(f"{row.metric}  {row.value:.4g} {row.unit}")
    options.output.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
