"""Learn how curly hair is, and of which family of styles, from labelled photos and drawn heads.

    python -m lab.runs.hair.learn_traits --photos FOLDER --out run

FOLDER has the subfolders portraits and photos of photo_split.csv: only the training half is read. Features are kept in
`run/features.npz`, so that a second start goes on; the weights are written to hair/from_photo/traits.csv. Of the
training half, six parts are left out in turn to tell how well the rest agrees with them.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from facegpt.hair.from_photo import traits
from facegpt.hair.from_photo.traits import FEATURES, KINDS, MOST_SD, kind_of
from facegpt.hair.presets import FAMILIES, PRESETS
from facegpt.runtime.atomic_files import write_text
from facegpt.types import Array
from facegpt_lab.evaluate.hair.photo_labels import COVERED, HairLabel, photo_labels
from lab.runs.hair.trait_examples import DRAWN, drawn_examples, photo_examples

#: Weight of the squares of the weights; of a drawn head beside a photo; of the likeliest family beside others right.
RIDGE, DRAWN_WEIGHT, LIKELIEST = 0.5, 0.15, 3.0
#: The same of the curl, and what a spoilt picture counts beside the photo as it is.
CURL_RIDGE, SPOILT_WEIGHT = 5.0, 0.34
FOLDS = 6


def targets(label: HairLabel) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Shares of KINDS (4,), all 0 where none is told, and of FAMILIES (10,)."""
    kinds = np.array([float(kind in label.kinds) for kind in KINDS])
    families = np.array([float(family in label.families) for family in FAMILIES])
    families[FAMILIES.index(label.families[0])] = LIKELIEST
    return kinds / max(kinds.sum(), 1.0), families / families.sum()


def drawn_targets(style: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The same of a drawn style."""
    preset = PRESETS[style]
    kinds = np.array([float(kind == kind_of(preset.groom)) for kind in KINDS])
    return kinds * (preset.family not in ("bald", "shaved")), np.array([float(f == preset.family) for f in FAMILIES])


def regression(features: Array, target: Array, weight: Array) -> NDArray[np.float64]:
    """Weights (D + 1, C) of a multinomial logistic regression of shares (N, C) on features (N, D)."""
    wanted = target * weight[:, None]
    total = wanted.sum(1, keepdims=True)
    size = (features.shape[1], target.shape[1])

    def loss(flat: Array) -> tuple[float, Array]:
        table = flat.reshape(size[0] + 1, size[1])
        logits = features @ table[:-1] + table[-1]
        logits -= logits.max(1, keepdims=True)
        logs = logits - np.log(np.exp(logits).sum(1, keepdims=True))
        off = np.exp(logs) * total - wanted
        slope = np.vstack([features.T @ off + RIDGE * table[:-1], off.sum(0)])
        return float(-(wanted * logs).sum() + 0.5 * RIDGE * (table[:-1] ** 2).sum()), slope.ravel()

    start = np.zeros((size[0] + 1) * size[1])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 500})
    return found.x.reshape(size[0] + 1, size[1])


def learnt(photos: Array, shares: Array, drawn: Array, drawn_shares: Array) -> tuple[Array, Array, Array]:
    """Mean and SD (D,) of photos' features (N, D), and the weights by them and by drawn heads."""
    mean, sd = np.nanmean(photos, 0), np.nanstd(photos, 0) + 1e-6
    both = np.vstack([photos, drawn])
    scaled = np.nan_to_num(np.clip((both - mean) / sd, -MOST_SD, MOST_SD))
    weight = np.r_[np.ones(len(photos)), np.full(len(drawn), DRAWN_WEIGHT)]
    return mean, sd, regression(scaled, np.vstack([shares, drawn_shares]), weight)


def left_out(photos: Array, shares: Array, drawn: Array, drawn_shares: Array) -> float:
    """Share of photos whose likeliest answer is right when they were left out."""
    told = np.flatnonzero(shares.sum(1) > 0)
    part = np.random.default_rng(0).permutation(len(told)) % FOLDS
    right = []
    for fold in range(FOLDS):
        rest, asked = told[part != fold], told[part == fold]
        mean, sd, table = learnt(photos[rest], shares[rest], drawn, drawn_shares)
        scaled = np.nan_to_num(np.clip((photos[asked] - mean) / sd, -MOST_SD, MOST_SD))
        answer = (scaled @ table[:-1] + table[-1]).argmax(1)
        right += list(shares[asked, answer] > 0)
    return float(np.mean(right))


def curl_of(label: HairLabel) -> float:
    """How much a photo's hair curls, 0 straight … 2 curly, the mean of what is right; nan where it is not told."""
    told = [KINDS.index(kind) for kind in label.kinds if kind in KINDS]
    return float(np.mean(told)) if told and label.shows_kind and max(told) < KINDS.index("coily") else float("nan")


def curl_regression(scaled: Array, curl: Array) -> NDArray[np.float64]:
    """Weights (D + 1,) of the curl (N,) of photos by scaled features (N, PICTURES, D): ridge regression."""
    count = scaled.shape[1]
    weight = np.tile(np.r_[1.0, np.full(count - 1, SPOILT_WEIGHT)], len(scaled))
    told = np.column_stack([scaled.reshape(-1, scaled.shape[2]), np.ones(len(weight))])
    ridge = CURL_RIDGE * np.eye(told.shape[1])
    ridge[-1, -1] = 0
    weighted = told * weight[:, None]
    return np.asarray(np.linalg.solve(weighted.T @ told + ridge, weighted.T @ np.repeat(curl, count)))


def curl_left_out(scaled: Array, curl: Array) -> NDArray[np.float64]:
    """The curl (N,) told of photos that were left out, as they are."""
    part = np.random.default_rng(0).permutation(len(curl)) % FOLDS
    found = np.zeros(len(curl))
    for fold in range(FOLDS):
        rest = part != fold
        table = curl_regression(scaled[rest], curl[rest])
        found[~rest] = scaled[~rest, 0] @ table[:-1] + table[-1]
    return np.clip(found, 0, KINDS.index("curly"))


def learnt_curl(seen: dict[str, Array], labels: dict[str, HairLabel], mean: Array, sd: Array) -> NDArray[np.float64]:
    """Weights (D + 1,) of the curl by photos' features, by name (PICTURES, D); tells how well they do."""
    told = {name: rows for name, rows in seen.items() if np.isfinite(curl_of(labels[name]))}
    curl = np.array([curl_of(labels[name]) for name in told])
    scaled = np.nan_to_num(np.clip((np.array(list(told.values())) - mean) / sd, -MOST_SD, MOST_SD))
    found = curl_left_out(scaled, curl)
    slope, start = np.polyfit(curl, found, 1)
    usual = ", ".join(f"{start + slope * kind:.2f}" for kind in range(3))
    error, correlation = np.abs(found - curl).mean(), np.corrcoef(found, curl)[0, 1]
    print(f"curl: off by {error:.2f}, r {correlation:.2f}, {len(curl)} photos left out in turn")
    print(f"traits.USUALLY_TOLD {usual}, TOLD_SD {np.std(found - start - slope * curl):.2f}")
    return curl_regression(scaled, curl)


def main() -> None:
    """Look, learn, tell how well, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--drawn", type=int, default=DRAWN)
    parser.add_argument("--only-curl", action="store_true", help="keep the weights of kinds and families")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    labels = {name: label for name, label in photo_labels().items() if label.families != (COVERED,)}
    seen = photo_examples(options.photos, options.out, sorted(labels))
    if options.only_curl:
        kept = traits._weights()
        mean, sd, tables = kept.mean, kept.sd, [kept.kinds, kept.families]
    else:
        mean, sd, tables = _learnt_classes(seen, labels, drawn_examples(options.out, options.drawn))
    tables.append(learnt_curl(seen, labels, mean, sd)[:, None])
    rows = [("feature", "mean", "sd", *KINDS, *FAMILIES, "curl")]
    for number, name in enumerate((*FEATURES, "added")):
        scale = (mean[number], sd[number]) if name != "added" else (0.0, 1.0)
        rows.append((name, *(f"{v:.4g}" for v in (*scale, *(v for table in tables for v in table[number])))))
    write_text(Path(traits.__file__).with_name("traits.csv"), "\n".join(",".join(row) for row in rows) + "\n")


def _learnt_classes(
    seen: dict[str, Array], labels: dict[str, HairLabel], drawn: dict[str, tuple[Array, str]]
) -> tuple[Array, Array, list[Array]]:
    """Mean and SD (D,), and the weights of kinds and of families, by photos as they are and drawn heads."""
    photos = np.array([rows[0] for rows in seen.values()])
    others = np.array([features for features, _ in drawn.values()]).reshape(-1, len(FEATURES))
    tables = []
    for number, what in enumerate(("kind", "family")):
        shares = np.array([targets(labels[name])[number] for name in seen])
        drawn_shares = np.array([drawn_targets(style)[number] for _, style in drawn.values()])
        told = (photos, shares, others, drawn_shares.reshape(-1, shares.shape[1]))
        print(f"{what}: {left_out(*told):.3f} of {int((shares.sum(1) > 0).sum())} photos right, left out in turn")
        mean, sd, table = learnt(*told)
        tables.append(table)
    return mean, sd, tables


if __name__ == "__main__":
    main()
