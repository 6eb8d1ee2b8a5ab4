"""Networks in ONNX files, run by onnxruntime on the processor or on a GPU."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from facegpt.runtime.device import gpu_number

log = logging.getLogger("facegpt")

_CPU, _CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"
#: From 1.29 on onnxruntime reports to its makers on all systems and keeps a number of the machine in a file for that,
#: unless one of these is set before it starts; `disable_telemetry_events` comes too late and stops a part only.
_NO_REPORTS = ("ORT_DISABLE_TELEMETRY", "ORT_TELEMETRY_DISABLED")


def open_session(
    network: Path | bytes,
    threads: int = 1,
    device: str = "cpu",
    *,
    optimised: bool = False,
    written_to: Path | None = None,
) -> Any:
    """An onnxruntime.InferenceSession of a network; its inputs and outputs are numpy arrays on any device.

    Args:
        network: its file, or what is in one.
        threads: how many cores one call may use.
        device: "cpu", or "cuda:N" (choose_device): what onnxruntime cannot run there runs on the processor, and the
            log says so once.
        optimised: whether the network is one that was written so before, which is then taken as it is.
        written_to: file that the network is written to as it is optimised for this processor.
    """
    onnxruntime = _onnxruntime()
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = threads
    settings.inter_op_num_threads = 1
    settings.log_severity_level = 3  # errors only
    if _one_arena():
        settings.add_session_config_entry("session.use_env_allocators", "1")
    if optimised:
        settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    if written_to is not None:
        settings.optimized_model_filepath = str(written_to)
    whole = network if isinstance(network, bytes) else str(network)
    session = onnxruntime.InferenceSession(whole, settings, providers=_providers(device))
    if isinstance(network, bytes) and device == "cpu":  # kept for a change to another provider, which there is not
        session.disable_fallback()
        session._model_bytes = b""
    if device != "cpu" and _CUDA not in session.get_providers():
        _say_that_it_runs_on_the_processor()
    return session


def version() -> str:
    """The version of onnxruntime."""
    return str(_onnxruntime().__version__)


def _onnxruntime() -> Any:
    """The package, silent: nothing of what it runs leaves the machine."""
    for name in _NO_REPORTS:
        os.environ.setdefault(name, "1")
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    return onnxruntime


@cache
def _one_arena() -> bool:
    """Let the sessions of this process take their memory from one place, which they use in turns: whether they may.

    Each has its own otherwise, and keeps what its largest run took.
    """
    runtime = _onnxruntime()
    kind = runtime.OrtAllocatorType.ORT_ARENA_ALLOCATOR
    place = runtime.OrtMemoryInfo("Cpu", kind, 0, runtime.OrtMemType.DEFAULT)
    try:
        runtime.create_and_register_allocator(place, runtime.OrtArenaCfg(0, -1, -1, -1))
    except RuntimeError:  # the program that this is part of has made one
        return False
    return True


def with_outputs(network: bytes, names: Sequence[str]) -> bytes:
    """What is in a network's file, with values inside it told as outputs too, after its own.

    In the file's format (protobuf) a message that comes twice is the two merged: to the model (field 7, the graph) is
    added a graph that has outputs only (field 12), each of which has a name only (field 1).
    """
    graph = b"".join(_record(12, _record(1, name.encode())) for name in names)
    return network + _record(7, graph)


def _record(field: int, value: bytes) -> bytes:
    """A field of bytes: its number and kind, its length in sevens of bits, the bytes."""
    length, left = bytearray(), len(value)
    while left > 127:
        length.append(left & 127 | 128)
        left >>= 7
    return bytes([field << 3 | 2, *length, left]) + value


def _providers(device: str) -> list[Any]:
    """What may run a network, the first choice first."""
    if device == "cpu":
        return [_CPU]
    import torch  # noqa: F401  (loads the CUDA libraries that onnxruntime needs)

    if _CUDA not in _onnxruntime().get_available_providers():
        return [_CPU]
    # The number of crops differs from call to call: a search for the fastest algorithm would start anew each time.
    return [(_CUDA, {"device_id": str(gpu_number(device)), "cudnn_conv_algo_search": "HEURISTIC"}), _CPU]


@cache
def _say_that_it_runs_on_the_processor() -> None:
    log.warning(
        "onnxruntime has no CUDA here, so the networks that look at faces run on the processor; to have them on the "
        "GPU: pip uninstall onnxruntime; pip install onnxruntime-gpu"
    )
