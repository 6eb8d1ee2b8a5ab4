"""The network of parts: a face's window (B, 3, S, S) in, logits of its parts (B, PARTS, S / 2, S / 2) out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from facegpt.encode.landmark_network import Convolution, Residual
from facegpt.encode.parts import PARTS
from facegpt.runtime.extras import needed

#: Channels at strides 2, 4, 8, 16 and 32; residual blocks there; channels of the maps on the way back.
WIDTHS, BLOCKS, BACK = (16, 32, 64, 96, 128), (0, 1, 1, 2, 1), 32
#: What fills a layer with stored numbers before it runs for the first time.
Filler = Callable[[nn.Module, tuple[Tensor, ...]], None]


def trunk(widths: Sequence[int], residuals: Sequence[int]) -> nn.ModuleList:
    """Stages that each halve a picture (B, 3, H, W): their channels, and how many residual blocks follow in each."""
    stages, into = [], 3
    for width, blocks in zip(widths, residuals, strict=True):
        size = 5 if into == 3 else 3
        first = [nn.Conv2d(into, width, size, 2, size // 2, bias=False), nn.BatchNorm2d(width), nn.ReLU(True)]
        stages.append(nn.Sequential(*first, *(Residual(width) for _ in range(blocks))))
        into = width
    return nn.ModuleList(stages)


def scales(stages: nn.ModuleList, image: Tensor) -> list[Tensor]:
    """What each stage of a trunk makes of a picture (B, 3, H, W), the finest first."""
    maps = []
    for stage in stages:
        image = stage(image)
        maps.append(image)
    return maps


class PartsNetwork(nn.Module):
    """A trunk of five scales, and a pyramid back to the second finest pixels."""

    def __init__(self) -> None:
        super().__init__()
        self.stages = trunk(WIDTHS, BLOCKS)
        self.lateral = nn.ModuleList([nn.Conv2d(width, BACK, 1) for width in WIDTHS])
        self.smooth = nn.ModuleList([Convolution(BACK, BACK) for _ in WIDTHS[1:-1]])
        self.fine = nn.Sequential(
            nn.Conv2d(BACK, BACK, 3, padding=1, groups=BACK, bias=False), Convolution(BACK, BACK, 1)
        )
        self.tell = nn.Conv2d(BACK, len(PARTS), 1)

    def forward(self, image: Tensor) -> Tensor:
        """Look at windows, whitened colours."""
        maps = scales(self.stages, image)
        top = self.lateral[-1](maps[-1])
        for level in range(len(maps) - 2, -1, -1):
            top = functional.interpolate(top, scale_factor=2.0, mode="nearest") + self.lateral[level](maps[level])
            top = self.smooth[level - 1](top) if level else self.fine(top)
        return self.tell(torch.relu(top))


def stored_network(path: Path, pictures: Tensor) -> PartsNetwork:
    """The network of an ONNX file of `training.export`, to be trained on; pictures (B, 3, S, S), whitened colours.

    The file's convolutions hold what batch norms did. The norms here get the statistics of the pictures and undo them,
    so that the network says what the file's does.
    """
    onnx = needed("onnx", "reading the network")
    graph = onnx.load(path).graph
    numbers = {each.name: torch.tensor(onnx.numpy_helper.to_array(each).astype("f4")) for each in graph.initializer}
    numbers |= {node.output[0]: numbers[node.input[0]] for node in graph.node if node.op_type == "Cast"}
    layers = iter([[numbers[name] for name in node.input[1:]] for node in graph.node if node.op_type == "Conv"])
    biases: list[Tensor] = []

    def fill_convolution(module: nn.Module, _: tuple[Tensor, ...]) -> None:
        assert isinstance(module, nn.Conv2d)
        weight, *bias = next(layers)
        module.weight.copy_(weight)
        if module.bias is not None:
            module.bias.copy_(bias[0])
        biases[:] = bias

    def fill_norm(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        assert isinstance(module, nn.BatchNorm2d)
        assert module.running_mean is not None
        assert module.running_var is not None
        mean, var = inputs[0].mean((0, 2, 3)), inputs[0].var((0, 2, 3))
        module.running_mean.copy_(mean)
        module.running_var.copy_(var)
        module.weight.copy_((var + module.eps).sqrt())
        module.bias.copy_(mean + biases[0])

    network = PartsNetwork().eval()
    fillers: dict[type[nn.Module], Filler] = {nn.Conv2d: fill_convolution, nn.BatchNorm2d: fill_norm}
    hooks = [m.register_forward_pre_hook(fillers[type(m)]) for m in network.modules() if type(m) in fillers]
    with torch.no_grad():
        network(pictures)
    for hook in hooks:
        hook.remove()
    return network
