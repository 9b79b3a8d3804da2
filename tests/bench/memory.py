"""What `hub serve` takes when nobody asks: the proportional set sizes of all its processes."""

from __future__ import annotations

import time

from tests.bench.measuring import Line
from tests.bench.processes import command_of, hub_serve, proportional_bytes, tree
from tests.bench.worlds import settings_of_new_hub

WANTED_MEGABYTES = 200
IDLE_SECONDS = 10
MEGABYTE = 1024 * 1024


def measure(*, quick: bool) -> list[Line]:
    with settings_of_new_hub() as settings, hub_serve(settings) as server:
        time.sleep(1 if quick else IDLE_SECONDS)
        sizes = [(command_of(pid), proportional_bytes(pid) / MEGABYTE) for pid in tree(server.pid)]
    total = Line(
        measure=f"hub serve idle, {len(sizes)} processes",
        ours=sum(size for _, size in sizes),
        unit="MB",
        beside="proportional set size",
        limit=WANTED_MEGABYTES,
    )
    return [total, *(Line(measure=f"  {name}", ours=size, unit="MB") for name, size in sizes)]
