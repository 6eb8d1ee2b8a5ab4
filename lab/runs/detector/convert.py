"""Convert the three networks of MediaPipe's face_landmarker.task from TFLite to ONNX, keeping the float16 weights.

Needs `pip install tflite onnx numpy` and the file itself (Apache-2.0, Google). See README.md beside this script.

    python -m lab.runs.detector.convert face_landmarker.task src/facegpt/assets

Convention: the two convolutional networks take and pass (N, C, H, W); the expression network, a mixer of 1×1
convolutions, keeps TFLite's channels-last order and its convolutions become matrix products.
"""

from __future__ import annotations

import argparse
import hashlib
import zipfile
from pathlib import Path

import numpy as np
import onnx
import tflite
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

SHA256 = "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff"
NETWORKS = {  # file inside the .task -> file written, names of the inputs and outputs, channels first?
    "face_detector.tflite": ("face_detector.onnx", ["image"], ["boxes", "logits"], True),
    "face_landmarks_detector.tflite": ("face_landmarks.onnx", ["image"], ["points", "presence", "tongue"], True),
    "face_blendshapes.tflite": ("face_expression.onnx", ["points"], ["scores"], False),
}
OPCODES = {value: name for name, value in vars(tflite.BuiltinOperator).items() if isinstance(value, int)}
DTYPES = {
    tflite.TensorType.FLOAT16: np.float16,
    tflite.TensorType.FLOAT32: np.float32,
    tflite.TensorType.INT32: np.int32,
}
SAME_NAME = {"ADD": "Add", "SUB": "Sub", "MUL": "Mul", "DIV": "Div", "SQRT": "Sqrt", "NEG": "Neg", "RELU": "Relu"}
SAME_NAME |= {"LOGISTIC": "Sigmoid"}
FIRST_TO_LAST, LAST_TO_FIRST = [0, 2, 3, 1], [0, 3, 1, 2]


class Converter:
    """Walks one TFLite graph and collects ONNX nodes; tensors are named after their TFLite index."""

    def __init__(self, content: bytes, channels_first: bool) -> None:
        self.model = tflite.Model.GetRootAs(content, 0)
        self.graph = self.model.Subgraphs(0)
        self.channels_first = channels_first
        self.nodes: list[onnx.NodeProto] = []
        self.weights: dict[str, onnx.TensorProto] = {}
        self.float16: dict[int, int] = {}  # output of a DEQUANTIZE -> its float16 source
        self.fresh = 0

    def shape(self, index: int) -> list[int]:
        """Shape of a tensor."""
        tensor = self.graph.Tensors(index)
        return [int(n) for n in tensor.ShapeAsNumpy()] if tensor.ShapeLength() else []

    def constant(self, index: int) -> NDArray | None:
        """The stored values of a tensor, or None if it is computed."""
        tensor = self.graph.Tensors(self.float16.get(index, index))
        buffer = self.model.Buffers(tensor.Buffer())
        if not buffer.DataLength():
            return None
        return np.frombuffer(buffer.DataAsNumpy().tobytes(), DTYPES[tensor.Type()]).reshape(self.shape(index))

    def emit(self, kind: str, inputs: list[str], output: str | None = None, **attributes: object) -> str:
        """Append a node and give the name of its output."""
        self.fresh += 1
        name = output or f"{kind}_{self.fresh}"
        self.nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def weight(self, name: str, values: NDArray) -> str:
        """Store values; float16 stays float16 in the file and is cast once, when the session is made."""
        if name not in self.weights:
            self.weights[name] = numpy_helper.from_array(np.ascontiguousarray(values), name)
            if values.dtype == np.float16:
                self.emit("Cast", [name], f"{name}_float32", to=TensorProto.FLOAT)
        return f"{name}_float32" if values.dtype == np.float16 else name

    def operand(self, index: int) -> str:
        """Name of an input of an elementwise node, which may be a constant."""
        values = self.constant(index)
        if values is None:
            return f"t{index}"
        if self.channels_first and values.ndim >= 3:
            values = np.moveaxis(values, -1, -3)  # (..., H, W, C) or (1, 1, C)
        return self.weight(f"w{index}", values)

    def convert(self, inputs: list[str], outputs: list[str]) -> onnx.ModelProto:
        """Walk the operators in order and give the ONNX model; inputs and outputs get these names."""
        for k in range(self.graph.OperatorsLength()):
            operator = self.graph.Operators(k)
            code = self.model.OperatorCodes(operator.OpcodeIndex())
            name = OPCODES[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
            arguments = [int(i) for i in operator.InputsAsNumpy()]
            result = int(operator.OutputsAsNumpy()[0])
            if name == "DEQUANTIZE":
                self.float16[result] = arguments[0]
            elif name in SAME_NAME:
                self.emit(SAME_NAME[name], [self.operand(i) for i in arguments], f"t{result}")
            else:
                getattr(self, name.lower())(operator, arguments, result)
        return self.model_of(inputs, outputs)

    def model_of(self, inputs: list[str], outputs: list[str]) -> onnx.ModelProto:
        """Wrap the nodes: signatures, one output row per crop, and ONNX's own checks."""
        signature_in, signature_out = [], []
        batch = "N" if self.channels_first else 1
        for name, index in zip(inputs, self.graph.InputsAsNumpy(), strict=True):
            self.rename(f"t{int(index)}", name)
            shape = self.shape(int(index))
            order = LAST_TO_FIRST if self.channels_first and len(shape) == 4 else range(len(shape))
            sizes = [batch, *[shape[axis] for axis in list(order)[1:]]]
            signature_in.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, sizes))
        for name, index in zip(outputs, self.graph.OutputsAsNumpy(), strict=True):
            shape = self.shape(int(index))
            if len(shape) == 4:  # (1, 1, 1, D): no pixels are left
                self.emit("Flatten", [f"t{int(index)}"], name)
                shape = [1, shape[-1]]
            else:
                self.rename(f"t{int(index)}", name)
            sizes = [batch, *shape[1:]] if len(shape) > 1 else shape
            signature_out.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, sizes))
        graph = helper.make_graph(self.nodes, "mediapipe", signature_in, signature_out, list(self.weights.values()))
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], producer_name="facegpt")
        model.ir_version = 8
        onnx.checker.check_model(model)
        return model

    def rename(self, old: str, new: str) -> None:
        """Readable name of a tensor."""
        for node in self.nodes:
            for names in (node.input, node.output):
                for position, name in enumerate(names):
                    if name == old:
                        names[position] = new

    # One method for each TFLite operator, named after it.

    def conv_2d(self, operator: tflite.Operator, arguments: list[int], result: int) -> None:
        """Convolution, or a matrix product where there is nothing but channels."""
        options = tflite.Conv2DOptions()
        options.Init(operator.BuiltinOptions().Bytes, operator.BuiltinOptions().Pos)
        kernel, bias = self.constant(arguments[1]), self.constant(arguments[2])
        assert kernel is not None and bias is not None
        if not self.channels_first:
            assert kernel.shape[1:3] == (1, 1)
            matrix = self.weight(f"w{arguments[1]}", kernel[:, 0, 0].T)
            product = self.emit("MatMul", [f"t{arguments[0]}", matrix])
            linear = self.emit("Add", [product, self.weight(f"w{arguments[2]}", bias)])
            self.activate(options.FusedActivationFunction(), linear, result)
            return
        self.convolve(options, arguments, kernel.transpose(0, 3, 1, 2), bias, 1, result)

    def depthwise_conv_2d(self, operator: tflite.Operator, arguments: list[int], result: int) -> None:
        """One kernel for each channel."""
        options = tflite.DepthwiseConv2DOptions()
        options.Init(operator.BuiltinOptions().Bytes, operator.BuiltinOptions().Pos)
        kernel, bias = self.constant(arguments[1]), self.constant(arguments[2])
        assert kernel is not None and bias is not None
        self.convolve(options, arguments, kernel.transpose(3, 0, 1, 2), bias, kernel.shape[-1], result)

    def convolve(
        self, options: object, arguments: list[int], kernel: NDArray, bias: NDArray, groups: int, result: int
    ) -> None:
        """Write a Conv node with explicit padding, and the fused activation."""
        assert options.DilationHFactor() == options.DilationWFactor() == 1  # type: ignore[attr-defined]
        pads, strides = self.window(options, arguments[0], kernel.shape[2:])
        names = [f"t{arguments[0]}", self.weight(f"w{arguments[1]}", kernel), self.weight(f"w{arguments[2]}", bias)]
        size = list(kernel.shape[2:])
        linear = self.emit("Conv", names, group=groups, kernel_shape=size, pads=pads, strides=strides)
        self.activate(options.FusedActivationFunction(), linear, result)  # type: ignore[attr-defined]

    def window(self, options: object, index: int, kernel: tuple[int, ...]) -> tuple[list[int], list[int]]:
        """(pads, strides); TFLite's SAME puts the odd pixel of padding at the end."""
        strides = [options.StrideH(), options.StrideW()]  # type: ignore[attr-defined]
        if options.Padding() == tflite.Padding.VALID:  # type: ignore[attr-defined]
            return [0, 0, 0, 0], strides
        begin, end = [], []
        for size, width, stride in zip(self.shape(index)[1:3], kernel, strides, strict=True):
            total = max((-(-size // stride) - 1) * stride + width - size, 0)
            begin.append(total // 2)
            end.append(total - total // 2)
        return begin + end, strides

    def activate(self, function: int, name: str, result: int) -> None:
        """Write the activation that TFLite fuses into an operator."""
        kinds = {tflite.ActivationFunctionType.NONE: "Identity", tflite.ActivationFunctionType.RELU: "Relu"}
        self.emit(kinds[function], [name], f"t{result}")

    def max_pool_2d(self, operator: tflite.Operator, arguments: list[int], result: int) -> None:
        """Maximum over windows."""
        options = tflite.Pool2DOptions()
        options.Init(operator.BuiltinOptions().Bytes, operator.BuiltinOptions().Pos)
        size = (options.FilterHeight(), options.FilterWidth())
        pads, strides = self.window(options, arguments[0], size)
        source = f"t{arguments[0]}"
        self.emit("MaxPool", [source], f"t{result}", kernel_shape=list(size), pads=pads, strides=strides)

    def prelu(self, operator: tflite.Operator, arguments: list[int], result: int) -> None:
        """Write slope · x + (1 - slope) · relu(x) with two 1×1 depthwise convolutions.

        onnxruntime's own PRelu takes 12 ms of a 20 ms forward pass here, most of it changing layouts; this takes 3.
        """
        slope = self.constant(arguments[1])
        assert slope is not None and self.channels_first
        slope = slope.reshape(-1, 1, 1, 1)
        count, source = len(slope), f"t{arguments[0]}"
        rest = self.weight(f"rest{result}", 1.0 - slope.astype(np.float32))
        bent = self.emit("Conv", [self.emit("Relu", [source]), rest], group=count, kernel_shape=[1, 1])
        names = [source, self.weight(f"w{arguments[1]}", slope)]
        self.emit("Add", [bent, self.emit("Conv", names, group=count, kernel_shape=[1, 1])], f"t{result}")

    def pad(self, operator: tflite.Operator, arguments: list[int], result: int) -> None:
        """Zeros at the ends of the axes."""
        amounts = self.constant(arguments[1])
        assert amounts is not None
        order = LAST_TO_FIRST if self.channels_first else [0, 1, 2, 3]
        pads = self.weight(f"pads{result}", amounts[order].T.ravel().astype(np.int64))
        self.emit("Pad", [f"t{arguments[0]}", pads], f"t{result}")

    def reshape(self, operator: tflite.Operator, arguments: list[int], result: int) -> None:
        """Reshape in TFLite's order, channels last."""
        source = f"t{arguments[0]}"
        shape = self.shape(result)
        if self.channels_first:
            source = self.emit("Transpose", [source], perm=FIRST_TO_LAST)
            shape = [-1, *shape[1:]]
        self.emit("Reshape", [source, self.weight(f"shape{result}", np.array(shape, np.int64))], f"t{result}")

    def concatenation(self, operator: tflite.Operator, arguments: list[int], result: int) -> None:
        """Join along an axis (no channels-first tensor is joined)."""
        options = tflite.ConcatenationOptions()
        options.Init(operator.BuiltinOptions().Bytes, operator.BuiltinOptions().Pos)
        self.emit("Concat", [self.operand(i) for i in arguments], f"t{result}", axis=options.Axis())

    def transpose(self, operator: tflite.Operator, arguments: list[int], result: int) -> None:
        """Swap axes."""
        order = self.constant(arguments[1])
        assert order is not None
        self.emit("Transpose", [f"t{arguments[0]}"], f"t{result}", perm=order.tolist())

    def mean(self, operator: tflite.Operator, arguments: list[int], result: int) -> None:
        """Mean over axes."""
        axes = self.constant(arguments[1])
        assert axes is not None
        axes_list = np.atleast_1d(axes).tolist()
        self.emit("ReduceMean", [f"t{arguments[0]}"], f"t{result}", axes=axes_list, keepdims=self.keeps(operator))

    def sum(self, operator: tflite.Operator, arguments: list[int], result: int) -> None:
        """Sum over axes."""
        axes = self.constant(arguments[1])
        assert axes is not None
        name = self.weight(f"axes{result}", np.atleast_1d(axes).astype(np.int64))
        self.emit("ReduceSum", [f"t{arguments[0]}", name], f"t{result}", keepdims=self.keeps(operator))

    @staticmethod
    def keeps(operator: tflite.Operator) -> int:
        """Whether a reduction keeps its axes."""
        options = tflite.ReducerOptions()
        options.Init(operator.BuiltinOptions().Bytes, operator.BuiltinOptions().Pos)
        return int(options.KeepDims())

    def squared_difference(self, operator: tflite.Operator, arguments: list[int], result: int) -> None:
        """(a - b)²."""
        difference = self.emit("Sub", [self.operand(i) for i in arguments])
        self.emit("Mul", [difference, difference], f"t{result}")

    def rsqrt(self, operator: tflite.Operator, arguments: list[int], result: int) -> None:
        """1 / √a."""
        self.emit("Reciprocal", [self.emit("Sqrt", [f"t{arguments[0]}"])], f"t{result}")

    def strided_slice(self, operator: tflite.Operator, arguments: list[int], result: int) -> None:
        """A slice of stride 1; TFLite's masks say which ends are open and which axes go."""
        begin, _, strides = (self.constant(i) for i in arguments[1:])
        options = tflite.StridedSliceOptions()
        options.Init(operator.BuiltinOptions().Bytes, operator.BuiltinOptions().Pos)
        assert begin is not None and strides is not None and not strides[strides != 1].size
        source, wanted, dropped = self.shape(arguments[0]), self.shape(result), options.ShrinkAxisMask()
        axes = range(len(source))
        starts = [0 if options.BeginMask() >> axis & 1 else int(begin[axis]) for axis in axes]
        ends = self.slice_ends(arguments[2], source, starts, options)
        parameters = [("starts", starts), ("ends", ends), ("axes", list(axes))]
        names = [self.weight(f"{key}{result}", np.array(value, np.int64)) for key, value in parameters]
        cut = self.emit("Slice", [f"t{arguments[0]}", *names])
        shape = self.weight(f"shape{result}", np.array(wanted, np.int64))
        self.emit("Reshape" if dropped else "Identity", [cut, shape] if dropped else [cut], f"t{result}")

    def slice_ends(
        self, index: int, source: list[int], starts: list[int], options: tflite.StridedSliceOptions
    ) -> list[int]:
        """End of the slice on each axis."""
        end = self.constant(index)
        assert end is not None
        ends = [size if options.EndMask() >> axis & 1 else int(end[axis]) for axis, size in enumerate(source)]
        return [starts[a] + 1 if options.ShrinkAxisMask() >> a & 1 else ends[a] for a in range(len(source))]


def main() -> None:
    """Check the archive, convert its networks and write them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("task", type=Path, help="face_landmarker.task")
    parser.add_argument("output", type=Path, help="folder for the .onnx files")
    options = parser.parse_args()
    found = hashlib.sha256(options.task.read_bytes()).hexdigest()
    if found != SHA256:
        raise SystemExit(f"{options.task} has sha256 {found}, expected {SHA256}")
    with zipfile.ZipFile(options.task) as archive:
        for name, (target, inputs, outputs, channels_first) in NETWORKS.items():
            model = Converter(archive.read(name), channels_first).convert(inputs, outputs)
            content = model.SerializeToString(deterministic=True)
            (options.output / target).write_bytes(content)
            print(f"{target}: {len(content):,} bytes, sha256 {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main()
