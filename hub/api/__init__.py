"""The door for machines: ``/api/v1``, for organizations that push, editors that act and outlets that pull."""

from flask import Blueprint

bp = Blueprint("api", __name__, url_prefix="/api/v1")
