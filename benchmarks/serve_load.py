"""Load on `facegpt serve`: many clients with mixed work from another process, against the library called directly.

    python benchmarks/serve_load.py --clients 50 --seconds 60

Work: 60 % fast photos, 20 % heads from words, 10 % edits, 10 % descriptions. What is right is what the library gives
for the same photo, seed or edit: an answer that differs was mixed up. Direct calls are timed before and after the load,
one after the other in a process of their own, so that a machine that is busy is busy for both.
"""

from __future__ import annotations

import argparse
import io
import itertools
import json
import multiprocessing
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

KINDS = ("photo",) * 6 + ("words",) * 2 + ("edit", "describe")
WORDS = "an elderly woman with a narrow nose, smiling"
QUESTION = "how wide is the nose?"
VARIANTS = 6


def photos() -> list[bytes]:
    """Photos of one face in different places, so that answers cannot be taken for each other."""
    from PIL import Image

    from facegpt.assets import asset_path

    image = Image.open(asset_path("astronaut.png")).convert("RGB")
    found = []
    for k in range(VARIANTS):
        data = io.BytesIO()
        image.crop((12 * k, 0, 440 + 12 * k, 400)).save(data, format="PNG")
        found.append(data.getvalue())
    return found


#: An answer is that of another request if it is farther off than this: pixels of a face's box, or mm.
OFF = {"photo": 4.0, "words": 0.3, "edit": 0.3, "describe": 0.3}


def edit_words(k: int) -> str:
    """Edits that differ from each other by a millimetre."""
    return f"make the nose {k + 1} mm wider"


def measures_of(face: Any) -> list[float]:
    """What a head is recognised by: eight of its measures, mm."""
    measures = face.measure()
    return [measures[name].value_mm for name in (*sorted(measures)[:7], "nose_breadth")]


def number_in(text: str) -> list[float]:
    """The first number of an answer: the millimetres that were asked for."""
    return [float(re.search(r"\d+\.\d+", text).group())]  # type: ignore[union-attr]


def direct(seconds: float, pipe: Any) -> None:
    """Do the work with the library alone; send (how much a second and a CPU second, what each answer is)."""
    import facegpt

    model, given = facegpt.load(), photos()
    bases = [model.imagine(WORDS, seed=k) for k in range(VARIANTS)]

    def do(kind: str, k: int) -> list[float]:
        if kind == "photo":
            return [float(value) for value in model.reconstruct(given[k], "fast")[0].box]
        if kind == "words":
            return measures_of(model.imagine(WORDS, seed=k))
        if kind == "edit":
            return measures_of(model.edit(bases[0], edit_words(k)))
        return number_in(model.describe(bases[k], QUESTION))

    truth = {(kind, k): do(kind, k) for kind in sorted(set(KINDS)) for k in range(VARIANTS)}
    begun, cpu_s, count = time.monotonic(), time.process_time(), 0
    while time.monotonic() - begun < seconds:
        do(KINDS[count % len(KINDS)], count % VARIANTS)
        count += 1
    rates = count / (time.monotonic() - begun), count / (time.process_time() - cpu_s)
    pipe.send((np.array(rates), truth))


def directly(seconds: float) -> tuple[Any, dict[tuple[str, int], Any]]:
    """`direct` in a process of its own."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=direct, args=(seconds, theirs))
    process.start()
    result: tuple[Any, dict[tuple[str, int], Any]] = ours.recv()
    process.join()
    return result


@dataclass
class Load:
    """What the clients saw."""

    url: str
    truth: dict[tuple[str, int], Any]
    given: list[bytes]
    bases: list[Any]
    end: float
    spent: dict[str, list[float]] = field(default_factory=lambda: {kind: [] for kind in set(KINDS)})
    wrong: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)

    def client(self, number: int) -> None:
        """Ask one thing after the other until the end."""
        import facegpt

        model = facegpt.connect(self.url)
        for turn in itertools.count(number):
            if time.monotonic() > self.end:
                return
            kind, k = KINDS[(7 * turn) % len(KINDS)], turn % VARIANTS
            begun = time.monotonic()
            try:
                answer = self.ask(model, kind, k)
            except Exception as error:
                self.lost.append(f"{kind}: {error}")
                continue
            if time.monotonic() <= self.end + 60:
                self.spent[kind].append(time.monotonic() - begun)
            off = np.abs(np.subtract(answer, self.truth[kind, k])).max()
            self.wrong[kind] += bool(off > OFF[kind])

    def ask(self, model: Any, kind: str, k: int) -> list[float]:
        """One request, as what it is recognised by."""
        if kind == "photo":
            return list(model.reconstruct(self.given[k], "fast")[0].box)
        if kind == "words":
            return measures_of(model.imagine(WORDS, seed=k))
        head = self.bases[0] if kind == "edit" else self.bases[k]
        if kind == "edit":
            return measures_of(model.edit(head, edit_words(k)))
        return number_in(model.describe(head, QUESTION))


def figures(url: str) -> dict[str, float]:
    """The server's own figures, by name."""
    import urllib.request

    lines = urllib.request.urlopen(f"{url}/metrics").read().decode().splitlines()
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in lines}


def used(url: str) -> Any:
    """Jobs that are over, and CPU seconds of the server's processes."""
    told = figures(url)
    jobs = sum(value for name, value in told.items() if name.startswith("facegpt_jobs_total"))
    cpu_s = told["facegpt_web_cpu_seconds"] + told['facegpt_worker_cpu_seconds{lane="heads"}']
    return np.array([jobs, cpu_s])


def memory_mb(url: str) -> float:
    """Memory of the web process and the model process."""
    told = figures(url)
    return (told["facegpt_web_memory_bytes"] + told['facegpt_worker_memory_bytes{lane="heads"}']) / 1e6


def served(folder: str, clients: int) -> Iterator[tuple[str, int]]:
    """A server in a process of its own: its address and its process, once it is ready."""
    import urllib.error
    import urllib.request

    command = [sys.executable, "-m", "facegpt", "serve", "--port", "0", "--data", folder, "--rate", "1000000"]
    process = subprocess.Popen([*command, "--queue", str(clients + 8)], stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        url = next(line.split()[1].rstrip("/") for line in process.stderr if line.startswith("FaceGPT: "))
        threading.Thread(target=lambda: [None for _ in process.stderr or ()], daemon=True).start()
        while True:
            try:
                urllib.request.urlopen(f"{url}/api/ready")
                break
            except urllib.error.URLError:
                time.sleep(0.2)
        yield url, process.pid
    finally:
        process.terminate()
        process.wait(20)


def run(clients: int, seconds: float) -> dict[str, Any]:
    """The whole measurement."""
    import facegpt

    before, truth = directly(seconds / 4)
    with tempfile.TemporaryDirectory() as folder:
        for url, _ in served(folder, clients):
            bases = [face.keep("base") for face in facegpt.connect(url).imagine_many(WORDS, VARIANTS)]
            load = Load(url, truth, photos(), bases, time.monotonic() + seconds)
            before_load = used(url)
            begun, memory = time.monotonic(), []
            threads = [threading.Thread(target=load.client, args=(n,)) for n in range(clients)]
            for thread in threads:
                thread.start()
            while time.monotonic() < load.end:
                memory.append((time.monotonic() - begun, memory_mb(url)))
                time.sleep(1.0)
            done, cpu_s = used(url) - before_load
            rates = np.array([done / (time.monotonic() - begun), done / cpu_s])
            for thread in threads:
                thread.join()
    after, _ = directly(seconds / 4)
    return told(load, rates, (before + after) / 2, memory)


def told(load: Load, rates: Any, direct_rates: Any, memory: list[tuple[float, float]]) -> dict[str, Any]:
    """The figures as rows."""
    photo_s = np.sort(load.spent["photo"])
    half = [mb for at, mb in memory if at > memory[-1][0] / 2]
    rows = [
        ("answers", sum(map(len, load.spent.values())), ""),
        ("lost", len(load.lost), ""),
        ("mixed up", sum(load.wrong.values()), ""),
        ("throughput of the server", rates[0], "1/s"),
        ("throughput of direct calls", direct_rates[0], "1/s"),
        ("ratio", rates[0] / direct_rates[0], ""),
        ("ratio of work a CPU second, all processes of the server", rates[1] / direct_rates[1], ""),
        ("fast photo, median", float(np.median(photo_s)), "s"),
        ("fast photo, 95 %", float(np.quantile(photo_s, 0.95)), "s"),
        ("memory at the end", memory[-1][1], "MB"),
        ("growth of memory in the second half", float(np.mean(half[-5:]) - np.mean(half[:5])), "MB"),
    ]
    for one in [
        *sorted(set(load.lost))[:5],
        *(f"{n} answers to {kind} were wrong" for kind, n in load.wrong.items() if n),
    ]:
        print(one, file=sys.stderr)
    return {"rows": [{"metric": name, "value": round(value, 3), "unit": unit} for name, value, unit in rows]}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args()
    print(json.dumps(run(options.clients, options.seconds), indent=2))


if __name__ == "__main__":
    main()
