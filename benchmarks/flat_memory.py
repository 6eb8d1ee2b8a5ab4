"""Does a long batch keep its memory? Thousands of pictures through `facegpt reconstruct`, its memory sampled.

    python benchmarks/flat_memory.py PHOTOS -n 10000 --samples samples.csv
    python benchmarks/flat_memory.py PHOTOS -n 10000 --samples samples.csv --in-memory

Each picture is a photo of the folder in other bounds, mirrored or not, so that no two are alike. One process works, at
the lowest priority; the files of a finished picture are removed. Printed as JSON: the line through memory over
pictures, in MB a thousand, with the 95 % interval of a fit to the means of blocks (samples next to each other are not
independent), and how many pictures failed. With `--in-memory` one process reads the pictures one after the other by
`facegpt.load().reconstruct`, at its own priority, and saves nothing. Linux only.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps
from scipy import stats

#: Side of a picture, pixels; the least share of a photo's width and height that is kept.
SIDE, LEAST_SHARE = 320, 0.85
#: Pictures before the line begins: caches fill up. Blocks of the fit; seconds between samples.
WARM_UP, BLOCKS, EVERY_S = 100, 20, 2.0
#: Pictures between samples of a run in memory.
IN_MEMORY_EVERY = 100
ENDINGS = (".jpg", ".jpeg", ".png")


@dataclass(frozen=True)
class Line:
    """A line through samples of memory. start_mb, end_mb: on the line, at the first and the last picture that count."""

    pictures: int
    mb_per_thousand: float
    low: float
    high: float
    start_mb: float
    end_mb: float
    most_mb: float


def variant(photo: Path, number: int) -> Image.Image:
    """Picture `number`: a part of a photo, mirrored every other time."""
    rng = np.random.default_rng(number)
    with Image.open(photo) as image:
        image = ImageOps.exif_transpose(image).convert("RGB")
    share = rng.uniform(LEAST_SHARE, 1.0)
    width, height = (round(share * side) for side in image.size)
    left, top = int(rng.integers(image.width - width + 1)), int(rng.integers(image.height - height + 1))
    image = image.crop((left, top, left + width, top + height))
    image.thumbnail((SIDE, SIDE))
    return ImageOps.mirror(image) if rng.random() < 0.5 else image


def make_pictures(photos: Path, folder: Path, count: int) -> None:
    """Write `count` pictures, made of the photos in turn."""
    found = _photos_of(photos)
    folder.mkdir()
    for number in range(count):
        variant(found[number % len(found)], number).save(folder / f"picture_{number:06d}.jpg", quality=90)


def _photos_of(folder: Path) -> list[Path]:
    found = sorted(file for file in folder.iterdir() if file.suffix.lower() in ENDINGS)
    if not found:
        raise SystemExit(f"there are no photos in '{folder}'")
    return found


def resident_mb(process: int) -> float:
    """Memory that a process holds, MB; 0 where it has ended."""
    try:
        text = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("VmRSS:")) / 1024


def processor_s(process: int) -> float:
    """Seconds of the processor that a process has taken; 0 where it has ended."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Samples:
    """How many pictures were done, and the memory then; the folders of pictures that are done are emptied."""

    def __init__(self, output: Path, kept: Path | None = None) -> None:
        self._output, self._kept, self._done = output, kept, 0
        self.rows: list[tuple[int, float]] = []
        self.processor: list[tuple[int, float]] = []

    def take(self, process: int) -> None:
        """One sample."""
        self._done += self._empty_finished()
        memory = resident_mb(process)
        if memory:
            self.rows.append((self._done, memory))
            self.processor.append((self._done, processor_s(process)))
            if self._kept is not None:
                with self._kept.open("a") as file:
                    file.write(f"{self._done},{memory:.2f},{self.processor[-1][1]:.2f}\n")

    def seconds_a_picture(self, warm_up: int = WARM_UP) -> float:
        """Processor time a picture after the warm-up."""
        counted = [row for row in self.processor if row[0] >= warm_up]
        (first, begun), (last, ended) = counted[0], counted[-1]
        return round((ended - begun) / max(last - first, 1), 3)

    def _empty_finished(self) -> int:
        finished = list(self._output.glob("*/source.json")) if self._output.is_dir() else []
        for record in finished:
            shutil.rmtree(record.parent)
        return len(finished)


def line_through(rows: list[tuple[int, float]], warm_up: int = WARM_UP) -> Line:
    """Fit a line to the means of blocks of equally many samples after the warm-up."""
    done, memory = np.array([row for row in rows if row[0] >= warm_up]).T
    blocks = [(done[part].mean(), memory[part].mean()) for part in np.array_split(np.arange(len(done)), BLOCKS)]
    at, mean = np.array(blocks).T
    fit = stats.linregress(at, mean)
    half = stats.t.ppf(0.975, BLOCKS - 2) * fit.stderr
    slope = 1000 * np.array([fit.slope, fit.slope - half, fit.slope + half])
    ends = fit.intercept + fit.slope * done[[0, -1]]
    return Line(int(done[-1] - done[0]), *slope.round(2).tolist(), *ends.round(1).tolist(), float(memory.max()))


def run(photos: Path, count: int, quality: str, kept: Path | None = None) -> dict[str, object]:
    """Make the pictures and their heads: what is printed. Samples go to the file `kept` as they are taken."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_pictures(photos, folder / "pictures", count)
        command = [sys.executable, "-m", "facegpt", "reconstruct", str(folder / "pictures")]
        command += ["-o", str(folder / "heads"), "--quality", quality, "--workers", "1", "--json"]
        samples, begun = Samples(folder / "heads", kept), time.monotonic()
        with (folder / "told.json").open("w") as told:
            batch = subprocess.Popen(
                command, stdout=told, stderr=subprocess.DEVNULL, env={**os.environ, "OMP_NUM_THREADS": "1"},
                preexec_fn=lambda: os.nice(19),
            )  # fmt: skip
            while batch.poll() is None:
                time.sleep(EVERY_S)
                samples.take(batch.pid)
        answer = json.loads((folder / "told.json").read_text())
    told = {key: answer[key] for key in ("done", "failed")}
    told |= {"quality": quality, "seconds": round(time.monotonic() - begun)}
    told |= {"processor_s_a_picture": samples.seconds_a_picture()}
    return {**told, **asdict(line_through(samples.rows))}


def run_in_memory(photos: Path, count: int, quality: str, kept: Path | None = None) -> dict[str, object]:
    """Read the pictures one after the other in this process and save nothing: what is printed."""
    import facegpt

    found, model, rows, faces = _photos_of(photos), facegpt.load(), list[tuple[int, float]](), 0
    begun = time.process_time()
    for number in range(count):
        faces += bool(model.reconstruct(np.asarray(variant(found[number % len(found)], number)), quality=quality))
        if (number + 1) % IN_MEMORY_EVERY:
            continue
        rows.append((number + 1, resident_mb(os.getpid())))
        if kept is not None:
            with kept.open("a") as file:
                file.write(f"{number + 1},{rows[-1][1]:.2f},{time.process_time() - begun:.2f}\n")
    told = {"quality": quality, "pictures_with_a_face": faces}
    return {**told, **asdict(line_through(rows))}


def main() -> None:
    """Read the command line, run, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("-n", type=int, default=2000)
    parser.add_argument("--quality", default="fast")
    parser.add_argument("--samples", type=Path, help="file that samples go to: done, MB, processor s")
    parser.add_argument("--in-memory", action="store_true", help="read in one process, save nothing")
    options = parser.parse_args()
    measure = run_in_memory if options.in_memory else run
    print(json.dumps(measure(options.photos, options.n, options.quality, options.samples), indent=2))


if __name__ == "__main__":
    main()
