"""The training loop of all stages: steps, a log, checkpoints, and the same curve after a kill as without one.

Several processes each take a step of their own texts or pictures; then all go on with the mean of their gradients.
"""

from __future__ import annotations

import json
import math
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from facegpt.types import FaceGPTError
from facegpt_lab.train.log import Log
from facegpt_lab.train.processes import ALONE, Processes

_CHECKPOINT = "checkpoint"
_AVERAGE_RATE = 0.01
Losses = Mapping[str, Tensor]


@dataclass(frozen=True)
class LoopSettings:
    """How a stage is run.

    Attributes:
        steps: in all. warmup: steps of rising learning rate; after it falls as a cosine to a tenth.
        learning_rate: the highest. weight_decay: of matrices. clip: norm of the gradient at most.
        every: steps between lines of the log. save_every: between checkpoints.
        minutes: stop after these, with the learning rate falling by time rather than by steps; 0: no limit.
        precision: "float32" or "bfloat16" (autocast).
        average_from: share of the run after which parameters are averaged (each step's counts 1 %); the mean is the
            result. 1: none.
        seed: of dropout; batches have their own.
    """

    steps: int
    learning_rate: float = 3e-4
    warmup: int = 50
    weight_decay: float = 0.01
    clip: float = 1.0
    every: int = 20
    save_every: int = 200
    minutes: float = 0.0
    precision: str = "float32"
    average_from: float = 1.0
    seed: int = 0


class Loop:
    """Trains the parameters of a model that require gradients.

    Args:
        model: its trainable parameters are saved and learnt; the rest is left alone.
        compute: (step) → losses by name; the one called "total" is followed downhill. Must depend on the step, the
            process and torch's generator alone, so that a resumed run goes the same way.
        folder: for the log (log.jsonl) and the checkpoint.
        rates: factors of the learning rate by the start of a parameter's name.
        processes: who trains together, each with a replica of all that is learnt.
    """

    def __init__(
        self,
        model: nn.Module,
        compute: Callable[[int], Losses],
        folder: Path,
        settings: LoopSettings,
        rates: Mapping[str, float] | None = None,
        processes: Processes = ALONE,
    ) -> None:
        self.model, self.compute, self.folder, self.settings = model, compute, folder, settings
        self.processes = processes
        self.trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
        if not self.trained:
            raise FaceGPTError("there is nothing to train: no parameter requires a gradient")
        self.optimizer = torch.optim.AdamW(self._groups(rates or {}), lr=settings.learning_rate, betas=(0.9, 0.98))
        self.average: dict[str, Tensor] = {}
        self.step, self.seconds = 0, 0.0
        folder.mkdir(parents=True, exist_ok=True)
        self.log = Log(folder / "log.jsonl")

    def _groups(self, rates: Mapping[str, float]) -> list[dict[str, Any]]:
        """One group for each factor and for whether weights decay (matrices do, biases and norms don't)."""
        groups: dict[tuple[float, bool], list[Tensor]] = {}
        for name, parameter in self.trained.items():
            factor = next((rate for start, rate in rates.items() if name.startswith(start)), 1.0)
            groups.setdefault((factor, parameter.ndim > 1), []).append(parameter)
        decay = self.settings.weight_decay
        return [
            {"params": parameters, "weight_decay": decay if matrix else 0.0, "factor": factor}
            for (factor, matrix), parameters in groups.items()
        ]

    def run(self, on_save: Callable[[int], dict[str, float]] | None = None) -> None:
        """Train to the end, from the checkpoint in the folder if there is one.

        Args:
            on_save: called at each checkpoint, in every process; what it gives in the first one (scores on validation
                texts, say) is logged.
        """
        if not self.resume():
            _seed(self.settings.seed)
        started = time.monotonic() - self.seconds
        while not self._finished():
            losses = self._one_step()
            self.step += 1
            self.seconds = self.processes.of_first(time.monotonic() - started)  # the rate, and the end, hang on it
            self._average()
            if self.step % self.settings.every == 0 or self._finished():
                self._write(losses)
            if self.step % self.settings.save_every == 0 or self._finished():
                scores = on_save(self.step) if on_save else {}
                if scores and self.processes.is_first:
                    self.log.write({"step": self.step, "validation": scores})
                self.save()

        self._take_average()

    @torch.no_grad()
    def _average(self) -> None:
        """Move the mean of the parameters a hundredth towards what they are now."""
        if self._done() >= self.settings.average_from:
            for name, parameter in self.trained.items():
                mean = self.average.setdefault(name, parameter.detach().clone())
                mean.lerp_(parameter.detach(), _AVERAGE_RATE)

    @torch.no_grad()
    def _take_average(self) -> None:
        for name, mean in self.average.items():
            self.trained[name].copy_(mean)

    def _finished(self) -> bool:
        s = self.settings
        return self.step >= s.steps or bool(s.minutes and self.seconds > 60 * s.minutes)

    def _one_step(self) -> dict[str, float]:
        rate = self._rate()
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["factor"]
        self.model.train()
        kind = next(iter(self.trained.values())).device.type
        self._draw_anew(kind)
        with torch.autocast(kind, torch.bfloat16, enabled=self.settings.precision == "bfloat16"):
            losses = self.compute(self.step)
        total = losses["total"]
        if not torch.isfinite(total):
            raise FaceGPTError(f"the loss is {float(total.detach())} at step {self.step}; lower the learning rate")
        self.optimizer.zero_grad(set_to_none=True)
        total.backward()
        if self.processes.count > 1:
            self._average_gradients()
        norm = nn.utils.clip_grad_norm_(self.trained.values(), self.settings.clip)
        self.optimizer.step()
        return {**{name: float(value.detach()) for name, value in losses.items()}, "norm": float(norm), "lr": rate}

    def _average_gradients(self) -> None:
        """Every process the mean gradient: the model runs in parts here, which DDP's own hooks don't fit."""
        parameters = list(self.trained.values())
        own = [torch.zeros_like(p) if p.grad is None else p.grad for p in parameters]
        mean = self.processes.mean(torch.cat([g.flatten() for g in own]))
        for parameter, piece in zip(parameters, mean.split([g.numel() for g in own]), strict=True):
            # in the parameter's own order of memory: fused optimizers go through both side by side
            parameter.grad = torch.empty_like(parameter).copy_(piece.view_as(parameter))

    def _draw_anew(self, device: str) -> None:
        """Let what is drawn follow from step and process where the checkpoint's generator, the first's, is not all."""
        if self.processes.count > 1 or device != "cpu":
            numbers = np.random.default_rng([self.settings.seed, self.step, self.processes.rank])
            torch.manual_seed(int(numbers.integers(2**63)))

    def _rate(self) -> float:
        s = self.settings
        cosine = 0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * self._done()))
        return s.learning_rate * min((self.step + 1) / max(s.warmup, 1), 1.0) * cosine

    def _done(self) -> float:
        """Which share of the run is done, 0..1."""
        s = self.settings
        by_time = self.seconds / (60 * s.minutes) if s.minutes else 0.0
        return min(max(self.step / s.steps, by_time), 1.0)

    def _write(self, losses: Mapping[str, float]) -> None:
        if self.processes.is_first:
            rounded = {name: float(f"{value:.6g}") for name, value in losses.items()}
            self.log.write({"step": self.step, "seconds": round(self.seconds, 1), **rounded})

    def save(self) -> None:
        """Keep everything that a resumed run needs; the file appears only whole."""
        if not self.processes.is_first:
            return
        from safetensors.torch import save_file

        folder = self.folder / _CHECKPOINT
        part = self.folder / f"{_CHECKPOINT}.part"
        part.mkdir(exist_ok=True)
        tensors = {f"model/{name}": p.detach().contiguous() for name, p in self.trained.items()}
        tensors |= {f"average/{name}": mean.contiguous() for name, mean in self.average.items()}
        names = list(self.trained)
        place = {id(p): name for name, p in self.trained.items()}
        for group in self.optimizer.param_groups:
            for parameter in group["params"]:
                for key, value in self.optimizer.state.get(parameter, {}).items():
                    tensors[f"optimizer/{place[id(parameter)]}/{key}"] = torch.as_tensor(value).clone().contiguous()
        tensors["random"] = torch.get_rng_state()
        save_file(tensors, part / "state.safetensors")
        state = {"step": self.step, "seconds": self.seconds, "parameters": names, "settings": asdict(self.settings)}
        (part / "state.json").write_text(json.dumps(state), encoding="utf-8")
        old = self.folder / f"{_CHECKPOINT}.old"
        if folder.exists():
            folder.rename(old)
        part.rename(folder)
        if old.exists():
            for file in old.iterdir():
                file.unlink()
            old.rmdir()

    def resume(self) -> bool:
        """Go on from the folder's checkpoint. Gives whether there is one.

        Raises:
            FaceGPTError: if it is of another model or other settings, or damaged.
        """
        folder = self.folder / _CHECKPOINT
        if not folder.exists():
            folder = self.folder / f"{_CHECKPOINT}.old"  # killed between the two renames
        if not folder.exists():
            return False
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        try:
            state = json.loads((folder / "state.json").read_text(encoding="utf-8"))
            tensors = load_file(folder / "state.safetensors")
        except (OSError, ValueError, SafetensorError) as error:
            raise FaceGPTError(f"the checkpoint in {folder} is damaged ({error}); remove it to start again") from None
        if state["parameters"] != list(self.trained) or state["settings"] != asdict(self.settings):
            raise FaceGPTError(f"the checkpoint in {folder} is of another model or other settings; use another folder")
        with torch.no_grad():
            for name, parameter in self.trained.items():
                parameter.copy_(tensors[f"model/{name}"])
        for name, parameter in self.trained.items():
            start = f"optimizer/{name}/"
            own = {key[len(start) :]: value for key, value in tensors.items() if key.startswith(start)}
            if own:
                where = parameter.device
                self.optimizer.state[parameter] = {k: v if k == "step" else v.to(where) for k, v in own.items()}
        start = "average/"
        kept = {key[len(start) :]: value for key, value in tensors.items() if key.startswith(start)}
        self.average = {name: mean.to(self.trained[name].device) for name, mean in kept.items()}
        torch.set_rng_state(tensors["random"])
        self.step, self.seconds = state["step"], state["seconds"]
        if self.processes.is_first:
            self.log.cut_after(self.step)
        return True


def _seed(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)  # libraries below us may use it
    torch.manual_seed(seed)
