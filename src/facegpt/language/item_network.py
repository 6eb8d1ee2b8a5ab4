"""A small network that says the same things of each of many items: what a turn does to every attribute.

Each item has its own query over the language model's states of the turn's tokens, made of what it is and of what is
known of it beside the words. Learnt by lab/runs/language/changes/item_network.py. Torch is not needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from facegpt.language.states_network import gelu, normal
from facegpt.types import Array

#: Queries of each item.
QUERIES = 2


@dataclass(frozen=True)
class ItemNetwork:
    """Some networks for I items whose outputs are averaged.

    Each token is seen through one layer. An item looks at the tokens by its queries; what they give, what it is, its
    cues, the mean token and the last one go through a hidden layer. Each token votes for items, too: the soft maximum
    of its votes is added to the first output.

    Attributes:
        weights: by name, (N, …) for N networks: project (W, S), names (I, E), cues (K, C), query (QUERIES W, E + K),
            gathered (G, W), hidden (H, QUERIES W + E + K + 2 G), out (O, H), votes (E, W); a bias of each but names
            and votes.
    """

    weights: Mapping[str, Array]

    def fits(self, states: Array | None) -> bool:
        """Whether states (tokens, layers, D) are there and of the size learnt from."""
        return states is not None and len(states) > 0 and states[0].size == self.weights["project"].shape[2]

    def read(self, states: Array, cues: Array) -> Array:
        """(I, O) of states (tokens, layers, D) of a turn and cues (I, C)."""
        return np.mean([self._outputs(k, states, cues) for k in range(len(self.weights["project"]))], 0)

    def _outputs(self, k: int, states: Array, cues: Array) -> Array:
        w = {name: value[k] for name, value in self.weights.items()}
        tokens = normal(states.astype(np.float32)).reshape(len(states), -1)
        seen = gelu(tokens @ w["project"].T + w["project_bias"])
        item = np.concatenate([w["names"], gelu(cues @ w["cues"].T + w["cues_bias"])], 1)
        odds = (item @ w["query"].T + w["query_bias"]).reshape(len(item), QUERIES, -1) @ seen.T
        share = np.exp(odds - odds.max(-1, keepdims=True))
        looked = (share / share.sum(-1, keepdims=True) @ seen).reshape(len(item), -1)
        whole = np.concatenate([part @ w["gathered"].T + w["gathered_bias"] for part in (seen.mean(0), seen[-1])])
        given = np.concatenate([looked, item, np.broadcast_to(whole, (len(item), len(whole)))], 1)
        found = gelu(given @ w["hidden"].T + w["hidden_bias"]) @ w["out"].T + w["out_bias"]
        votes = w["names"] @ (w["votes"] @ seen.T)
        most = votes.max(1)
        found[:, 0] += most + np.log(np.exp(votes - most[:, None]).mean(1))
        return np.asarray(found)


@lru_cache(maxsize=4)
def load_item_network(asset: str) -> ItemNetwork:
    """Shipped weights."""
    from facegpt.assets import load_arrays

    return ItemNetwork({name: value.astype(np.float32) for name, value in load_arrays(asset).items()})
