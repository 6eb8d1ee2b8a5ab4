"""A base's decoder layers shared out among processes, so that together they hold one that none of them could.

Only the frozen base is sharded (FSDP2): each process keeps a share of every decoder layer, and a layer is whole in all
of them while it runs, forwards and again backwards. Embedding, last norm and output layer stay whole, since the head
calls the output layer by itself; so does a tower that sees, which words never run. What is learnt – adapters, face
embedding, head – lies beside the base, is small and is whole in every process: train/loop.py averages its gradients.

The layers of such a base run through the base's own pass alone (`can_split` says no), which lets the next layer be
gathered while one computes. So no states are kept on disk, and all layers run in every step: a file of states would tie
texts to processes and, at 4,096 dimensions and five layers, take 41 kB a token, while what it saves, a pass forwards
over a million tokens by 8 billion parameters, is 1.6e16 operations: minutes of one GPU.
"""

from __future__ import annotations

import inspect
import warnings
from typing import Any

from torch import nn

from facegpt.language.model.facegpt_model import FaceGPTForConditionalGeneration
from facegpt.types import FaceGPTError
from facegpt_lab.train.processes import Processes


def mesh_of(processes: Processes) -> Any:
    """Torch's own view of several processes (a DeviceMesh of one dimension), or None of one. All must call it."""
    if processes.count == 1:
        return None
    from torch.distributed.device_mesh import init_device_mesh

    return init_device_mesh(processes.device.partition(":")[0], (processes.count,))


def place(model: FaceGPTForConditionalGeneration, device: str, mesh: Any = None) -> None:
    """Bring a model to a device; there this process keeps its share of the base's decoder layers, if there are several.

    Layer by layer, so that a GPU never holds more than what it keeps and one layer. Nothing is sent.

    Args:
        model: on the processor, whole, its base frozen.
        device: "cpu" or "cuda:N".
        mesh: of the processes (mesh_of).

    Raises:
        FaceGPTError: if torch is older than 2.7, or the base has no decoder layers that are known.
    """
    if mesh is not None:
        _shard(model.base, mesh)
    model.to(device)  # type: ignore[arg-type]


def _shard(base: nn.Module, mesh: Any) -> None:
    layers = decoder_layers(base)
    shared = {parameter for layer in layers for parameter in layer.parameters()}
    whole = {parameter for parameter in base.parameters() if parameter not in shared}
    fully_shard = _fully_shard()
    # States that are read are FSDP's views of a layer's input, of which it warns; nobody writes into them.
    warnings.filterwarnings("ignore", "FSDP2-wrapped module .* returned a view tensor", UserWarning)
    for layer in layers:
        fully_shard(layer, mesh=mesh)
    fully_shard(base, mesh=mesh, ignored_params=whole)


def decoder_layers(base: nn.Module) -> list[nn.Module]:
    """The blocks of a base's language model, first to last; those of a tower that sees are none.

    Raises:
        FaceGPTError: if there are none by the name that all known bases use, "layers".
    """
    found = [module for name, module in base.named_modules() if _is_block(name)]
    if not found:
        raise FaceGPTError("this base has no decoder layers named 'layers': it cannot be shared out; use one process")
    return found


def _is_block(name: str) -> bool:
    """Whether "model.layers.12" is a decoder block."""
    parts = name.split(".")
    sees = any("vision" in part or "visual" in part for part in parts)
    return not sees and parts[-1].isdigit() and parts[-2:-1] == ["layers"]


def _fully_shard() -> Any:
    """FSDP2, imported when it is needed: it takes a second or two."""
    import torch.distributed.fsdp as fsdp

    fully_shard = getattr(fsdp, "fully_shard", None)
    if fully_shard is None or "ignored_params" not in inspect.signature(fully_shard).parameters:
        raise FaceGPTError(
            "a base can be shared out among processes from torch 2.7 on; update torch, or use one process"
        )
    return fully_shard
