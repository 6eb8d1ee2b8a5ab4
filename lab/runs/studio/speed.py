"""Measure the studio: pictures per second of one process, and where the time goes.

    python -m lab.runs.studio.speed [COUNT]

Times are CPU time of one process after a warm-up; another busy process on the same core makes them longer.
"""

from __future__ import annotations

import cProfile
import pstats
import sys
import time

from facegpt_lab.synthesis.studio.sample import StudioSettings, make_photo

#: Function → the name of its share in the table.
SHARES = {
    "synthesis/studio/scene.py:draw_scene": "drawing the scene",
    "synthesis/studio/draw.py:build_stage": "person, hair, clothes, camera",
    "synthesis/studio/backdrop.py:paint_backdrop": "backdrop",
    "synthesis/studio/assembly.py:assemble": "joining the meshes",
    "synthesis/studio/draw.py:_rasterize": "depth of what is opaque",
    "synthesis/studio/raster.py:rasterize_holes": "hair and lashes, which have holes",
    "synthesis/studio/draw.py:_shade": "shadow map and shading",
    "synthesis/studio/shade.py:shade": "  of these the shading kernel",
    "synthesis/studio/camera.py:develop": "camera",
}


def main() -> None:
    """Print a table."""
    count, settings = int(sys.argv[1]) if len(sys.argv) > 1 else 200, StudioSettings()
    for number in range(60):
        make_photo(number, settings)
    start = time.process_time()
    for number in range(1000, 1000 + count):
        make_photo(number, settings)
    each = (time.process_time() - start) / count
    print(f"{1 / each:.0f} pictures a second, {1e3 * each:.1f} ms each")
    profile = cProfile.Profile(time.process_time)
    profile.enable()
    for number in range(1000, 1000 + count):
        make_photo(number, settings)
    profile.disable()
    stats = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    total = max(row[3] for row in stats.values())
    for key, name in SHARES.items():
        file, function = key.split(":")
        spent = sum(row[3] for (path, _, called), row in stats.items() if path.endswith(file) and called == function)
        print(f"{100 * spent / total:5.1f} %  {name}")


if __name__ == "__main__":
    main()
