"""Pictures of the demo stories, drawn by code: no fonts, no files shipped. Equal names give equal bytes."""

from __future__ import annotations

from collections.abc import Callable

from hub.demo import scenes_by_the_sea, scenes_on_land
from hub.demo.canvas import Canvas

SCENES: dict[str, Callable[[Canvas], None]] = {
    "ben-da-lau": scenes_by_the_sea.harbour_before_dawn,
    "dao-hon-may": scenes_by_the_sea.island_veranda,
    "ban-do-mieng-cong": scenes_on_land.map_of_drains,
    "xe-cuu-ho": scenes_on_land.rescue_truck,
    "lop-hoc-xom-ghe": scenes_on_land.night_class,
    "banh-xe-xanh": scenes_on_land.bicycle_yard,
    "cho-go-man": scenes_on_land.market_gate,
    "gieng-doi-cat": scenes_on_land.well_in_the_orchard,
    "phi-lao": scenes_by_the_sea.sea_pines,
    "mot-cua-tren-ghe": scenes_by_the_sea.office_on_a_boat,
    "ca-dem": scenes_on_land.street_at_night,
    "coi-bao-trieu": scenes_by_the_sea.tide_whistle,
}


def draw(name: str) -> bytes:
    """The picture `name` as JPEG, 1600 × 1067. Raises KeyError for a name that is not in SCENES."""
    canvas = Canvas(name)
    SCENES[name](canvas)
    return canvas.jpeg()
