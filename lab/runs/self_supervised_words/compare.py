"""Do words learn from photos without labels? `python -m lab.runs.self_supervised_words.compare FOLDER`.

A stopped run goes on with the same command. `--dry-run` takes two minutes of a processor: a few photos and steps.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import torch

from facegpt.runtime import registry
from facegpt.runtime.atomic_files import write_text
from facegpt.runtime.progress import Progress
from facegpt.types import Array, ImageError
from facegpt_lab.evaluate.protocols.words.caption_retrieval import (
    AMONG,
    Found,
    alike,
    candidates,
    centred,
    find,
    interval,
)
from facegpt_lab.evaluate.registry import optional_data
from facegpt_lab.evaluate.shared_networks import head, model
from facegpt_lab.evaluate.validation_photos import photos_of
from facegpt_lab.train.captions.captioned_photos import CaptionedPhotos, Captioner
from facegpt_lab.train.captions.residual import (
    CaptionResidual,
    ResidualSettings,
    ResidualTraining,
    fitted_to_heads,
    heads_described,
    supervised,
)
from facegpt_lab.train.photo_tokens.losses import PhotoLosses
from facegpt_lab.train.photo_tokens.views import Encoder

SEEDS = (0, 1, 2)
SUPERVISED, OWN_HEAD = "supervised sentences alone", "the photo's own head by `fast`"
ONE_CHANGE = "with one change for all captions"
#: What is learnt, by name: each with every seed.
WAYS = {
    "with self-supervision": ResidualSettings(),
    ONE_CHANGE: ResidualSettings(rank=0),
    "with self-supervision and contrast": ResidualSettings(contrast=1.0),
}
RIDGE = "with a map fitted to the heads of `fast`"
Heads = tuple[torch.Tensor, torch.Tensor]


def captioned(folder: Path, count: int) -> dict[str, CaptionedPhotos]:
    """Caption up to `count` photos of each half, in an order drawn once; what FOLDER/photos holds is kept."""
    kept = folder / "photos"
    kept.mkdir(parents=True, exist_ok=True)
    halves = {split: _shuffled([name for name, _ in photos_of(split)])[:count] for split in ("training", "validation")}
    found: dict[str, list[CaptionedPhotos]] = {split: [] for split in halves}
    captioner: Captioner | None = None
    jobs = [(split, names[k]) for k in range(count) for split, names in halves.items() if k < len(names)]
    with Progress("captioned photos", len(jobs)) as show:
        for done, (split, name) in enumerate(jobs):
            path = kept / (name.replace("/", "_") + ".safetensors")
            if not path.is_file():
                captioner = captioner or Captioner(model(), Encoder(model().head))
                try:
                    captioner.look(optional_data() / name).save(path)
                except ImageError:
                    continue  # no face that is large enough
            found[split].append(CaptionedPhotos.load(path))
            show(done + 1)
    return {split: CaptionedPhotos.joined(photos) for split, photos in found.items()}


def _shuffled(names: list[str]) -> list[str]:
    order = np.random.default_rng(52).permutation(len(names))
    return [names[k] for k in order]


def learnt(folder: Path, photos: CaptionedPhotos, losses: PhotoLosses, quick: bool) -> dict[str, list[CaptionResidual]]:
    """Learn every way with every seed; the map fitted to heads has none."""
    maps = {}
    for name, way in WAYS.items():
        seeds = SEEDS[:1] if quick or not way.rank else SEEDS
        how = [replace(way, seed=seed, **({"steps": 4, "batch": 4, "asked": 1} if quick else {})) for seed in seeds]
        place = folder / name.replace(" ", "_")
        maps[name] = [ResidualTraining(photos, losses, each).run(place / str(each.seed)) for each in how]
    return maps | {RIDGE: [fitted_to_heads(photos, ResidualSettings().rank)]}


@torch.no_grad()
def described(losses: PhotoLosses, photos: CaptionedPhotos, told: CaptionResidual | None) -> Array:
    """Describe the heads that captions make, with what a map adds to them: (N, 128)."""
    heads: Heads = supervised(photos)
    if told is not None:
        heads = tuple(start + change for start, change in zip(heads, told(photos.state), strict=True))  # type: ignore[assignment]
    return _in_parts(losses, *heads)


@torch.no_grad()
def _in_parts(losses: PhotoLosses, identity: torch.Tensor, albedo: torch.Tensor) -> Array:
    parts = [heads_described(losses, i, a) for i, a in zip(identity.split(16), albedo.split(16), strict=True)]
    return torch.cat(parts).numpy()


def compared(
    folder: Path, halves: Mapping[str, CaptionedPhotos], losses: PhotoLosses, quick: bool
) -> list[dict[str, object]]:
    """Learn, let held-out captions look for their photos, and sum up as rows of lab/figures."""
    training, held = halves["training"], halves["validation"]
    maps: dict[str, list[CaptionResidual | None]] = {SUPERVISED: [None], **learnt(folder, training, losses, quick)}
    heads = {name: [described(losses, held, each) for each in own] for name, own in maps.items()}
    usual = {name: [described(losses, training, each).mean(0) for each in own] for name, own in maps.items()}
    for half, target in ((held, heads), (training, usual)):
        target[OWN_HEAD] = [_in_parts(losses, half.theta.identity, half.theta.albedo)]
    usual[OWN_HEAD] = [usual[OWN_HEAD][0].mean(0)]
    photos, usual_photo = held.descriptor.numpy(), training.descriptor.numpy().mean(0)
    tables = {f"among {AMONG}": candidates(len(held), 0, min(AMONG, len(held)))}
    same = alike(held.looks.numpy())
    tables[f"among {same.shape[2]} of the same sex and nearly the same age"] = same
    rows = []
    for start, tried in tables.items():
        rows += _rows(start, {name: [find(one, photos, tried) for one in own] for name, own in heads.items()})
    less = {
        name: [centred(one, photos, mean, usual_photo) for one, mean in zip(own, usual[name], strict=True)]
        for name, own in heads.items()
    }
    for start, tried in tables.items():
        found = {name: [find(*one, tried) for one in own] for name, own in less.items()}
        rows += _rows(f"{start}, less what heads and photos have in common", found, ("R@1",))
    return rows


def _rows(
    start: str, found: Mapping[str, list[Found]], figures: Sequence[str] = ("R@1", "R@5", "mean rank")
) -> list[dict[str, object]]:
    """One row for each figure of each way: the mean over its seeds; and what it gains, caption by caption."""
    rows = []
    for figure in figures:
        each = {name: np.mean([one.figures()[figure] for one in own], 0) for name, own in found.items()}
        unit = "rank" if figure == "mean rank" else "share"
        for name, values in each.items():
            rows.append(_row(f"{start}, {figure}: {name}", values, unit))
            if len(found[name]) > 1:
                seeds = ", ".join(f"{one.figures()[figure].mean():.3g}" for one in found[name])
                gain = f"{start}, {figure}: {name} (seeds {seeds}), gain over"
                rows.append(_row(f"{gain} {SUPERVISED}", values - each[SUPERVISED], unit))
                rows.append(_row(f"{gain} one change for all captions", values - each[ONE_CHANGE], unit))
    return rows


def _row(metric: str, values: Array, unit: str) -> dict[str, object]:
    ends = [round(end, 4) for end in interval(values)]
    value = round(float(np.mean(values)), 4)
    return {"metric": metric, "value": value, "unit": unit, "target": None, "met": None, "interval": ends}


def report(halves: Mapping[str, CaptionedPhotos], rows: list[dict[str, object]]) -> dict[str, object]:
    """Say it as a file of lab/figures."""
    learnt_from, held = len(halves["training"]), len(halves["validation"])
    data = (
        f"{held} held-out captions by our own describer look for their photos; {learnt_from} captions and photos "
        f"taught, without labels. Of {AMONG} photos, chance finds {1 / AMONG} first, and the mean rank is "
        f"{(AMONG + 1) / 2}. The recognition network taught, judges, and began `fast`"
    )
    command = "python -m lab.runs.self_supervised_words.compare FOLDER --photos 107"
    about = {"name": "self_supervised_words", "title": "Captions that find their photos", "date": str(date.today())}
    return {**about, "data": data, "command": command, "rows": rows}


def main() -> None:
    """Caption, learn, compare, and write FOLDER/report.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--photos", type=int, default=150, help="of each half at most")
    parser.add_argument("--dry-run", action="store_true")
    options = parser.parse_args()
    halves = captioned(options.folder, 4 if options.dry_run else options.photos)
    losses = PhotoLosses.of(head(), registry.load("render"))
    rows = compared(options.folder, halves, losses, options.dry_run)
    write_text(options.folder / "report.json", json.dumps(report(halves, rows), indent=1, ensure_ascii=False) + "\n")
    for row in rows:
        print(f"{row['metric']}: {row['value']} {row['interval']}")


if __name__ == "__main__":
    main()
