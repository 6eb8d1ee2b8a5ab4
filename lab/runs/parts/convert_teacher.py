"""Convert MediaPipe's hair segmenter from TFLite to ONNX, with its weights in float16.

    python -m lab.runs.parts.convert_teacher hair_segmentation.tflite src/facegpt/assets

See README.md beside this script. The graph takes (N, 4, H, W), sRGB in 0..1 and an empty mask of a frame before, for
any H and W that 32 divides, and gives (N, 2, H, W) logits of "no hair" and "hair".
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import numpy as np
import onnx
from flatbuffers import number_types
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from lab.runs.parts.tflite_file import Operator, TfliteFile

SHA256 = "d2c940c4fd80edeaf38f5d7387d1b4235ee320ed120080df67c663e749e77633"
TARGET = "hair_mask.onnx"
#: Weight arrays with fewer numbers than this stay in float32.
SMALL = 256
#: TFLite's padding that keeps sizes; the odd pixel comes at the end.
SAME = 0


class Converter:
    """Walks the graph once and collects ONNX nodes; tensors are named after their TFLite number."""

    def __init__(self, file: TfliteFile) -> None:
        self.file = file
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def model(self) -> onnx.ModelProto:
        """The whole ONNX model."""
        for step in self.file.operators:
            getattr(self, step.kind.lower())(step)
        self.nodes.append(helper.make_node("Identity", [f"t{self.file.outputs[0]}"], ["logits"]))
        sizes = ["N", 4, "H", "W"], ["N", 2, "H", "W"]
        names = f"t{self.file.inputs[0]}", "logits"
        ends = [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in zip(names, sizes, strict=True)]
        graph = helper.make_graph(self.nodes, "hair", ends[:1], ends[1:], self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], producer_name="facegpt")
        model.ir_version = 8
        onnx.checker.check_model(model)
        return model

    def emit(self, kind: str, inputs: list[str], outputs: list[str], **settings: object) -> None:
        """Append a node."""
        self.nodes.append(helper.make_node(kind, inputs, outputs, **settings))

    def weight(self, name: str, values: NDArray[np.float32]) -> str:
        """Store numbers, many of them as float16 with a cast that the runtime does once."""
        values = np.ascontiguousarray(values)
        if values.size < SMALL:
            self.weights.append(numpy_helper.from_array(values, name))
            return name
        self.weights.append(numpy_helper.from_array(values.astype(np.float16), f"{name}_half"))
        self.emit("Cast", [f"{name}_half"], [name], to=TensorProto.FLOAT)
        return name

    def conv_2d(self, step: Operator) -> None:
        """Convolution."""
        self._convolve(step, self.file.values(step.inputs[1]).transpose(0, 3, 1, 2), 1)

    def depthwise_conv_2d(self, step: Operator) -> None:
        """One kernel for each channel."""
        kernel = self.file.values(step.inputs[1]).transpose(3, 0, 1, 2)
        self._convolve(step, kernel, len(kernel))

    def _convolve(self, step: Operator, kernel: NDArray[np.float32], groups: int) -> None:
        options = step.record.record(4)
        strides = [options.number(2), options.number(1)]
        dilation = 5 if groups > 1 else 4
        spread = [options.number(dilation + 1, default=1), options.number(dilation, default=1)]
        if options.number(3 + (groups > 1), number_types.Int8Flags):
            raise SystemExit("this is another version of the file: a convolution has an activation")
        extent = [(size - 1) * wide + 1 for size, wide in zip(kernel.shape[2:], spread, strict=True)]
        total = [max(size - stride, 0) for size, stride in zip(extent, strides, strict=True)]  # strides divide sides
        if options.number(0, number_types.Int8Flags) != SAME:
            total = [0, 0]
        pads = [each // 2 for each in total] + [each - each // 2 for each in total]
        out = step.outputs[0]
        names = [f"t{step.inputs[0]}", self.weight(f"w{out}", kernel)]
        names.append(self.weight(f"b{out}", self.file.values(step.inputs[2])))
        self.emit("Conv", names, [f"t{out}"], group=groups, pads=pads, strides=strides, dilations=spread)

    def prelu(self, step: Operator) -> None:
        """Write slope · x + (1 - slope) · relu(x) as 1×1 depthwise convolutions: faster here than PRelu."""
        slope = self.file.values(step.inputs[1]).reshape(-1, 1, 1, 1)
        source, out = f"t{step.inputs[0]}", step.outputs[0]
        self.emit("Relu", [source], [f"relu{out}"])
        self.emit("Conv", [f"relu{out}", self.weight(f"rest{out}", 1 - slope)], [f"bent{out}"], group=len(slope))
        self.emit("Conv", [source, self.weight(f"slope{out}", slope)], [f"line{out}"], group=len(slope))
        self.emit("Add", [f"bent{out}", f"line{out}"], [f"t{out}"])

    def add(self, step: Operator) -> None:
        """Sum of two maps."""
        self.emit("Add", [f"t{i}" for i in step.inputs], [f"t{step.outputs[0]}"])

    def concatenation(self, step: Operator) -> None:
        """Channels of two maps."""
        self.emit("Concat", [f"t{i}" for i in step.inputs], [f"t{step.outputs[0]}"], axis=1)

    def maxpoolingwithargmax2d(self, step: Operator) -> None:
        """Maximum over 2×2 pixels, and where it was."""
        names = [f"t{i}" for i in step.outputs]
        self.emit("MaxPool", [f"t{step.inputs[0]}"], names, kernel_shape=[2, 2], strides=[2, 2])

    def maxunpooling2d(self, step: Operator) -> None:
        """Put values back where the maxima were, zeros elsewhere."""
        names = [f"t{i}" for i in step.inputs]
        self.emit("MaxUnpool", names, [f"t{step.outputs[0]}"], kernel_shape=[2, 2], strides=[2, 2])

    def convolution2dtransposebias(self, step: Operator) -> None:
        """Transposed convolution of stride 2 with a bias."""
        kernel = self.file.values(step.inputs[1]).transpose(3, 0, 1, 2)
        rest = max(kernel.shape[2] - 2, 0)
        out = step.outputs[0]
        names = [f"t{step.inputs[0]}", self.weight(f"w{out}", kernel)]
        names.append(self.weight(f"b{out}", self.file.values(step.inputs[2])))
        pads = [rest // 2, rest // 2, rest - rest // 2, rest - rest // 2]
        self.emit("ConvTranspose", names, [f"t{out}"], strides=[2, 2], pads=pads)


def main() -> None:
    """Check the file, convert it and write the network."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path, help="hair_segmentation.tflite")
    parser.add_argument("output", type=Path, help=f"folder for {TARGET}")
    options = parser.parse_args()
    data = options.source.read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != SHA256:
        raise SystemExit(f"{options.source} has sha256 {found}, expected {SHA256}")
    content = Converter(TfliteFile(data)).model().SerializeToString(deterministic=True)
    (options.output / TARGET).write_bytes(content)
    print(f"{TARGET}: {len(content):,} bytes, sha256 {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main()
