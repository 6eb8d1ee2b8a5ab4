"""Scores of the dense landmark network on crops with known truth."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from facegpt.encode.landmark_network import CROP, DETECTED, NetworkOutput
from facegpt_lab.train.landmarks.crops import Labels
from facegpt_lab.train.landmarks.losses import squared_mm


def crop_scores(
    out: NetworkOutput, seen: Labels, truth: Mapping[str, np.ndarray], identity: Tensor, expression: Tensor
) -> dict[str, np.ndarray]:
    """Scores of each crop: mean point errors in mm, whitened squares, squared mm of coefficients, hits."""
    to_mm = (CROP / 2 / truth["px_per_mm"])[:, None]
    off = np.linalg.norm(out.points.numpy() - truth["points"], axis=2)
    alone = np.linalg.norm(out.first_points.numpy() - truth["points"], axis=2)
    inside = np.abs(truth["points"]).max(2) < 1.0
    detector = np.linalg.norm(seen["detected"] - truth["points"][:, :DETECTED], axis=2) * to_mm
    z, e = torch.from_numpy(truth["identity"]), torch.from_numpy(truth["expression"])
    inside_one = off**2 < 2.28 * np.exp(2 * out.log_sigma.numpy())  # 68 % of a round Gaussian
    return {
        "detected_mm": (off[:, :468] * to_mm).mean(1),
        "detector_mm": detector[:, :468].mean(1),
        "picture_alone_mm": (alone[:, :468] * to_mm).mean(1),
        "ibug68_mm": (off[:, 478:546] * to_mm).mean(1),
        "more_mm": np.where(inside, off * to_mm, 0)[:, 546:].sum(1) / np.maximum(inside[:, 546:].sum(1), 1),
        "inside_one_sigma": inside_one[:, :546].mean(1),
        "identity_mm2": squared_mm(out.identity, z, identity).numpy(),
        "mean_head_mm2": squared_mm(torch.zeros_like(z), z, identity).numpy(),
        "expression_mm2": squared_mm(out.expression, e, expression).numpy(),
        "rest_mm2": squared_mm(torch.zeros_like(e), e, expression).numpy(),
        "identity_within_sd": ((out.identity - z).abs() < out.identity_log_sd.exp()).float().mean(1).numpy(),
        "visible": ((out.visible.numpy() > 0) == (truth["visible"] > 0))[:, :546].mean(1),
        "parts": (out.parts.numpy().argmax(1) == truth["parts"]).mean((1, 2)),
        "frontal": (np.abs(truth["yaw_deg"]) < 30).astype(np.float32),
    }


def summary(scores: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Sum up: medians of errors, means of shares, and the share of the deviation from the mean head recovered."""
    frontal = scores["frontal"] > 0
    found = {name: float(np.median(scores[name])) for name in scores if name.endswith("_mm")}
    found |= {
        name: float(scores[name].mean()) for name in ("inside_one_sigma", "identity_within_sd", "visible", "parts")
    }
    for name, rows in (("", np.ones(len(frontal), bool)), ("_frontal", frontal)):
        if rows.any():
            ratio = np.sqrt(scores["identity_mm2"][rows]).mean() / np.sqrt(scores["mean_head_mm2"][rows]).mean()
            found[f"identity_recovered{name}"] = float(1 - ratio)
    ratio = np.sqrt(scores["expression_mm2"]).mean() / np.sqrt(scores["rest_mm2"]).mean()
    found["expression_recovered"] = float(1 - ratio)
    return {name: round(value, 4) for name, value in found.items()}
