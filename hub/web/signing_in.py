"""Signing in and out."""

from __future__ import annotations

from flask import Blueprint, redirect
from werkzeug.wrappers import Response

from hub.http.wording import local
from hub.web import protection, visitors
from hub.web.desks import page, unkept

bp = Blueprint("signing_in", __name__, template_folder="templates")
bp.after_request(unkept)


@bp.get("/sign-in")
def sign_in_page() -> Response:
    return page("sign_in.html")


@bp.post("/sign-out")
def sign_out() -> Response:
    protection.check_form()
    visitors.end()
    return redirect(local("/sign-in"))
