"""A consent paper as an answer: pictures show in the browser, a PDF is saved."""

from __future__ import annotations

from flask import Response

from hub.models import Proof

ENDINGS = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}


def paper_answer(proof: Proof, data: bytes) -> Response:
    """The paper, under its id, since its own name may tell whose it is."""
    answer = Response(data, mimetype=proof.media_type)
    how = "inline" if proof.media_type.startswith("image/") else "attachment"
    answer.headers["Content-Disposition"] = f'{how}; filename="{proof.id}{ENDINGS[proof.media_type]}"'
    return answer
