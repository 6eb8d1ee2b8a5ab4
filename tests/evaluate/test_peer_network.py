"""`facegpt bench stages --peer`: another program's ONNX network on a face crop, here one of a single layer."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.assets import asset_path
from facegpt.data.images import photo_of
from facegpt.errors import FaceGPTError
from facegpt_lab.evaluate.benchmarks.stages import crop_network

onnx = pytest.importorskip("onnx")


def network(path, shape):
    """The mean of each channel."""
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    node = helper.make_node("GlobalAveragePool", ["input"], ["output"])
    ends = [helper.make_tensor_value_info(name, kind, of) for name, of in (("input", shape), ("output", None))]
    graph = helper.make_graph([node], "mean", ends[:1], ends[1:])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), path)
    return path


def test_it_sees_the_face_and_not_the_whole_photo(tmp_path):
    run = crop_network(network(tmp_path / "mean.onnx", [1, 3, 120, 120]))
    photo = photo_of(asset_path("astronaut.png")).pixels
    (mean,) = run(photo)
    whole = (photo.reshape(-1, 3).mean(0) - 127.5) / 128
    assert mean.shape == (1, 3, 1, 1) and mean[0, 0, 0, 0] > whole[0] + 0.1  # skin is redder than the room
    assert np.array_equal(mean, run(photo)[0])


@pytest.mark.parametrize("shape", [[1, 1, 120, 120], [1, 3, 120, 64], None])
def test_what_is_no_network_on_crops_is_a_sentence(tmp_path, shape):
    if shape is None:
        (tmp_path / "x.onnx").write_bytes(b"no network")
    else:
        network(tmp_path / "x.onnx", shape)
    with pytest.raises(FaceGPTError, match=r"x\.onnx"):
        crop_network(tmp_path / "x.onnx")
    with pytest.raises(FaceGPTError, match="there is no file"):
        crop_network(tmp_path / "none.onnx")
