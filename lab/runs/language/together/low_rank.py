"""Adapters that learn at a high rank and are kept at a low one."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from facegpt.language.model.lora import Adapters


def begin_as(adapters: Adapters, learnt: Mapping[str, Tensor]) -> None:
    """Let the first rows of adapters be those of a file of lower rank, so that they do the same."""
    with torch.no_grad():
        for name, own in adapters.state_dict().items():
            if (given := learnt.get(f"adapters.{name}")) is not None:
                own[: given.shape[0], : given.shape[1]] = given.float()


def of_rank(learnt: Mapping[str, Tensor], rank: int) -> dict[str, Tensor]:
    """Adapters with the largest directions of each alone: those of the singular values of their product."""
    found = {}
    for name in sorted({key.rsplit(".", 1)[0] for key in learnt}):
        down, up = learnt[f"{name}.down"], learnt[f"{name}.up"]
        (q, r), (p, s) = torch.linalg.qr(down.T), torch.linalg.qr(up)
        u, size, v = torch.linalg.svd(s @ r.T)
        root = size[:rank].sqrt()
        found |= {f"{name}.down": (v[:rank] * root[:, None]) @ q.T, f"{name}.up": p @ (u[:, :rank] * root)}
    return found
