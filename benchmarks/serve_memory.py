"""Memory of `facegpt serve`: a photo, talk, a clip, and both beside a clip's process, by all its processes together.

    python benchmarks/serve_memory.py --clip clip.mp4

Sampled from /proc (Linux): `resident` counts pages that processes share once in each, `proportional` once in all. The
figure is the highest sum at any moment; which step it fell into is told beside it. Without --clip the bundled photo
moves to and fro in a film that is made for the purpose.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from serve_load import served

#: Aim of the sum of resident memory, MB, and how often it is looked at.
MOST_MB, EVERY_S = 2500.0, 0.2
#: What is said in the talk.
TURNS = ("an old man with a beard and glasses", "make him smile and give him a hat", "how old does he look?")
#: The film that is made: frames, its side in pixels, how far the photo moves in it.
FRAMES, SIDE_PX, SWING_PX = 150, 480, 12


def processes_of(parent: int) -> list[int]:
    """A process and all below it."""
    found = [parent]
    for task in Path(f"/proc/{parent}/task").glob("*/children"):
        for child in task.read_text().split():
            found += processes_of(int(child))
    return found


def memory_mb(process: int) -> tuple[float, float]:
    """Resident and proportional memory of a process."""
    told = dict(line.split(":", 1) for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:])
    return int(told["Rss"].split()[0]) / 1000, int(told["Pss"].split()[0]) / 1000


class Watch(threading.Thread):
    """Looks at the memory of a process and its children until it is stopped; the highest sums of each step."""

    def __init__(self, process: int) -> None:
        super().__init__(daemon=True)
        self._process, self._stopped = process, threading.Event()
        self.step = "start"
        self.most: dict[str, tuple[float, float, list[float]]] = defaultdict(lambda: (0.0, 0.0, []))

    def run(self) -> None:
        """Sample."""
        while not self._stopped.wait(EVERY_S):
            try:
                each = np.array([memory_mb(process) for process in processes_of(self._process)])
            except (OSError, KeyError):  # one ended meanwhile
                continue
            resident, proportional = map(float, each.sum(0))
            most, shared, parts = self.most[self.step]
            parts = each[:, 0].round().tolist() if resident > most else parts
            self.most[self.step] = max(most, resident), max(shared, proportional), parts

    def stop(self) -> None:
        """End the sampling."""
        self._stopped.set()
        self.join()


def film(path: Path) -> Path:
    """Write a clip of the bundled photo that moves to and fro."""
    import av
    from PIL import Image

    from facegpt.assets import asset_path

    photo = np.asarray(Image.open(asset_path("astronaut.png")).convert("RGB"))
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=25)
        stream.width = stream.height = SIDE_PX
        stream.pix_fmt = "yuv420p"
        for k in range(FRAMES):
            x = round(SWING_PX * (1 + np.sin(k / 8)))
            picture = np.ascontiguousarray(photo[:SIDE_PX, x : x + SIDE_PX])
            file.mux(stream.encode(av.VideoFrame.from_ndarray(picture)))
        file.mux(stream.encode(None))
    return path


def run(clip: Path | None) -> dict[str, Any]:
    """Do the three things and give the highest sums of each step."""
    import facegpt
    from facegpt.assets import asset_path

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shown = clip or film(folder / "clip.mp4")
        for url, process in served(str(folder / "heads"), 1):
            watch = Watch(process)
            watch.start()
            model = facegpt.connect(url)
            time.sleep(2.0)
            watch.step = "photo"
            model.reconstruct(asset_path("astronaut.png"))[0]
            watch.step = "talk"
            said: list[dict[str, Any]] = []
            for words in TURNS:
                said.append({"role": "user", "content": words})
                said.append(model.chat(said).message)
            watch.step = "clip"
            model.track(shown)
            watch.step = "photo beside a clip's process"
            model.reconstruct(asset_path("astronaut.png"), "best")
            watch.step = "talk after it"  # loads the language model again, which went when the clip began
            model.chat([*said, {"role": "user", "content": TURNS[1]}])
            watch.stop()
            steps = dict(watch.most)
    return {"rows": rows(steps), "processes_mb": {step: parts for step, (_, _, parts) in steps.items()}}


def rows(steps: dict[str, tuple[float, float, list[float]]]) -> list[dict[str, Any]]:
    """The figures as rows."""
    told = [row(f"most resident memory, {step}", most, aimed=step == "clip") for step, (most, _, _) in steps.items()]
    shared = max(shared for _, shared, _ in steps.values())
    most = max(most for most, _, _ in steps.values())
    told.append(row("most resident memory of all processes together", most, aimed=True))
    told.append({"metric": "the same, shared pages counted once", "value": round(shared), "unit": "MB"})
    return told


def row(metric: str, most: float, aimed: bool) -> dict[str, Any]:
    """One figure, with the aim where there is one."""
    aim = {"target": MOST_MB, "met": most <= MOST_MB, "side": "at most"} if aimed else {"target": None, "met": None}
    return {"metric": metric, "value": round(most), "unit": "MB", **aim}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clip", type=Path)
    print(json.dumps(run(parser.parse_args().clip), indent=2))


if __name__ == "__main__":
    main()
