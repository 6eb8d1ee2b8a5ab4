"""Networks in ONNX files, run by onnxruntime on the processor or on a GPU."""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path
from typing import Any

from facegpt.runtime.device import gpu_number

log = logging.getLogger("facegpt")

_CPU, _CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"


def open_session(network: Path | bytes, threads: int = 1, device: str = "cpu") -> Any:
    """An onnxruntime.InferenceSession of a network; its inputs and outputs are numpy arrays on any device.

    Args:
        network: its file, or what is in one.
        threads: how many cores one call may use.
        device: "cpu", or "cuda:N" (choose_device): what onnxruntime cannot run there runs on the processor, and the
            log says so once.
    """
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = threads
    settings.inter_op_num_threads = 1
    settings.log_severity_level = 3  # errors only
    whole = network if isinstance(network, bytes) else str(network)
    session = onnxruntime.InferenceSession(whole, settings, providers=_providers(device))
    if device != "cpu" and _CUDA not in session.get_providers():
        _say_that_it_runs_on_the_processor()
    return session


def _providers(device: str) -> list[Any]:
    """What may run a network, the first choice first."""
    if device == "cpu":
        return [_CPU]
    import onnxruntime
    import torch  # noqa: F401  (loads the CUDA libraries that onnxruntime needs)

    if _CUDA not in onnxruntime.get_available_providers():
        return [_CPU]
    # The number of crops differs from call to call: a search for the fastest algorithm would start anew each time.
    return [(_CUDA, {"device_id": str(gpu_number(device)), "cudnn_conv_algo_search": "HEURISTIC"}), _CPU]


@cache
def _say_that_it_runs_on_the_processor() -> None:
    log.warning(
        "onnxruntime has no CUDA here, so the networks that look at faces run on the processor; to have them on the "
        "GPU: pip uninstall onnxruntime; pip install onnxruntime-gpu"
    )
