"""A segment's rundown and name straps as files, for the outlet that plans it and nobody else."""

from __future__ import annotations

from functools import partial

from flask import Response

from hub.actors import Actor, Role
from hub.api import bp
from hub.api.segments import list_own_outlets
from hub.http import running_orders
from hub.http.asking import require
from hub.http.running_orders import Owned
from hub.http.services import services


@bp.get("/segments/<segment_code>/rundown.<any(docx, csv, json):form>")
def get_rundown(segment_code: str, form: str) -> Response:
    actor = require(Role.OUTLET)
    return running_orders.rundown_of(segment_code, form, actor=actor, owned=_owned(actor))


@bp.get("/segments/<segment_code>/straps.csv")
def get_straps(segment_code: str) -> Response:
    actor = require(Role.OUTLET)
    return running_orders.straps_of(segment_code, actor=actor, owned=_owned(actor))


def _owned(actor: Actor) -> Owned:
    return partial(list_own_outlets, actor=actor, now=services().clock.now())
