"""The processes of one training run: who is who, and what they tell each other. `torchrun` starts several."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import torch
from torch import Tensor

from facegpt.runtime.device import choose_device
from facegpt.types import FaceGPTError

#: How long one waits for the others: the first may prepare files for hours. One that dies ends all, through torchrun.
_PATIENCE = timedelta(hours=12)


@dataclass(frozen=True)
class Processes:
    """What one process knows of all; alone, nothing is sent and nobody waits.

    Every method but `in_turns` must be called by all processes, in the same order.

    Attributes:
        rank: number of this process, 0 for the first. count: how many there are.
        device: where this one computes: "cpu" or "cuda:N".
    """

    rank: int = 0
    count: int = 1
    device: str = "cpu"

    @property
    def is_first(self) -> bool:
        """Whether this process writes what all have in common."""
        return self.rank == 0

    def mean(self, own: Tensor) -> Tensor:
        """The mean over all processes of tensors of one shape, on the device. `own` may be overwritten."""
        if self.count == 1:
            return own
        import torch.distributed as dist

        dist.all_reduce(own)  # a sum: gloo has no mean
        return own.div_(self.count)

    def of_first(self, number: float) -> float:
        """The first process's number, exact to 53 bits."""
        if self.count == 1:
            return number
        told = torch.tensor([number], dtype=torch.float64, device=self.device)
        self.take_of_first([told])
        return float(told)

    def take_of_first(self, tensors: Iterable[Tensor]) -> None:
        """Overwrite tensors by the first process's, in place."""
        if self.count == 1:
            return
        import torch.distributed as dist

        for each in tensors:
            dist.broadcast(each.detach(), src=0)

    @contextmanager
    def in_turns(self) -> Iterator[None]:
        """Inside, one process after the other, the first first; nothing may be sent there."""
        for turn in range(self.count):
            if turn == self.rank:
                yield
            self._wait()

    def end(self) -> None:
        """Wait for all; from then on nothing can be sent."""
        if self.count == 1:
            return
        import torch.distributed as dist

        dist.barrier()
        dist.destroy_process_group()

    def _wait(self) -> None:
        if self.count > 1:
            import torch.distributed as dist

            dist.barrier()


ALONE = Processes()


def join_processes(device: str = "cpu") -> Processes:
    """Meet the other processes that `torchrun` started (it sets WORLD_SIZE), or be alone.

    Args:
        device: "cpu", "cuda" or "auto"; with several processes each takes a GPU of its own, by nccl, else gloo.

    Raises:
        FaceGPTError: if the device, or what processes speak by, is missing here.
    """
    count = int(os.environ.get("WORLD_SIZE", "1"))
    if count < 2:
        return Processes(device=choose_device(device))
    import torch.distributed as dist

    own = _own_device(device)
    backend = "nccl" if own.startswith("cuda") else "gloo"
    if not dist.is_available() or not getattr(dist, f"is_{backend}_available")():
        raise FaceGPTError(f"several processes cannot train here: torch was built without {backend}; use one")
    if not dist.is_initialized():
        gpu = torch.device(own) if backend == "nccl" else None
        dist.init_process_group(backend, timeout=_PATIENCE, device_id=gpu)
    return Processes(dist.get_rank(), count, own)


def _own_device(device: str) -> str:
    """The device of this process among several: GPUs by its number on its machine (LOCAL_RANK)."""
    if ":" in device:
        raise FaceGPTError(f"with several processes each takes a GPU of its own: device 'cuda', not '{device}'")
    if choose_device(device) == "cpu":
        return "cpu"
    own = choose_device(f"cuda:{os.environ.get('LOCAL_RANK', '0')}")
    torch.cuda.set_device(own)
    return own
