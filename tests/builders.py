"""Builders: a story, a small province, and clients that speak for its people. Each shows only what matters."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Flask
from PIL import Image
from werkzeug.test import TestResponse

from hub.accounts import keys, organizations
from hub.accounts.organizations import NewOrganization
from hub.db import Database
from hub.outlets import catalog

FOUNDED = date(2025, 1, 1)  # the organizations
ALL_SCOPES = ["name", "image", "voice", "work_story"]
INTERVIEW = {
    "title": "Người giữ bến",
    "guests": [
        {
            "name": "Nguyễn Văn Biển",
            "role": "nhân vật chính",
            "contact": {"phone": "0200 000 0999", "email": "bien@example.org"},
            "availability": [{"starts_at": "2026-12-01T08:00:00+07:00", "ends_at": "2026-12-01T11:00:00+07:00"}],
        }
    ],
    "suggested_questions": ["Ông bắt đầu từ đâu?"],
    "visuals": [{"description": "Bến lúc bình minh", "seconds": 20}],
}


def a_channel(code: str, title: str, **changes: Any) -> dict[str, Any]:
    """A channel as `schemas/outlet.v1.json` describes it; public and open to every story unless changed."""
    return {"code": code, "title": title, "profile": "public", "audience": "public", "selection": {}, **changes}


OUTLETS = {
    "agency": {"code": "bao-hai-son", "name": "Báo Hải Sơn"},
    "outlets": [
        {
            "code": "newspaper",
            "kind": "newspaper",
            "name": "Báo Hải Sơn",
            "channels": [a_channel("column", "Cách làm hay", profile="column", audience="outlet")],
        },
        {
            "code": "tv",
            "kind": "television",
            "name": "Truyền hình Hải Sơn",
            "channels": [a_channel("segment", "Giao lưu", profile="segment", audience="outlet")],
        },
        {
            "code": "public",
            "kind": "public",
            "name": "Cổng nêu gương",
            "channels": [
                a_channel("all", "Tất cả"),
                a_channel("green", "Môi trường", selection={"topics": ["bao_ve_moi_truong"]}),
            ],
        },
    ],
}


def a_story(**changes: Any) -> dict[str, Any]:
    """A story that every channel can take; a change of None leaves the field out."""
    story = {
        "kind": "guong_nguoi_tot_viec_tot",
        "stage": "proven",
        "title": "Người giữ bến Đá Lau",
        "summary": "Ông Biển lập trạm cứu hộ không thu tiền ở bến Đá Lau.",
        "body": {
            "html": "<p>Bốn giờ sáng, bến Đá Lau còn đẫm hơi sương.</p><h2>Cách làm</h2><p>Ghi sổ giờ rời bến.</p>"
        },
        "subject": {"type": "individual", "name": "Nguyễn Văn Biển", "birth_year": 1970, "role": "thợ máy"},
        "unit": {"name": "Nghiệp đoàn nghề cá Bến Lau", "kind": "cong_doan"},
        "place": {"commune": "xã Bến Lau", "province": "tỉnh Hải Sơn"},
        "topics": ["tuong_than_tuong_ai"],
        "deed": "Lập và trực trạm cứu hộ.",
        "method": "Ghi sổ giờ rời bến; trực bộ đàm theo ca.",
        "result": "137 lượt tàu được giúp.",
        "metrics": [{"label": "Lượt tàu", "value": 137, "unit": "lượt", "before": 0}],
        "lesson": "Phải có người trực trên bờ.",
        "byline": {"name": "Phan Thị Hòa", "role": "Chủ tịch"},
        "consent": {"scopes": ALL_SCOPES, "obtained_on": "2026-11-01"},
        "interview": INTERVIEW,
        **changes,
    }
    return {name: value for name, value in story.items() if value is not None}


def a_picture(width: int = 1200, height: int = 800, *, form: str = "JPEG") -> bytes:
    """A picture's bytes."""
    file = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(file, form)
    return file.getvalue()


@dataclass
class Client:
    """Somebody with a key, speaking HTTP to the application."""

    app: Flask
    secret: str | None = None

    def ask(
        self, method: str, path: str, *, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> TestResponse:
        sent = dict(headers or {})
        if self.secret:
            sent.setdefault("Authorization", f"Bearer {self.secret}")
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        if isinstance(body, dict | list):
            sent.setdefault("Content-Type", "application/json")
        return self.app.test_client().open(path, method=method, data=data, headers=sent)

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.ask("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def put(self, external_id: str, story: Any, **headers: str) -> TestResponse:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask("PUT", f"/api/v1/stories/{external_id}", body=story, headers=names)

    def act(self, story_id: str, act: str, **order: Any) -> TestResponse:
        return self.ask("POST", f"/api/v1/stories/{story_id}/acts", body={"act": act, **order})

    def upload(self, data: bytes, media_type: str = "image/jpeg") -> TestResponse:
        return self.ask("POST", "/api/v1/media", body=data, headers={"Content-Type": media_type})


@dataclass
class World:
    """Everybody of the small province."""

    fishers: Client
    women: Client
    editor: Client
    newspaper: Client
    tv: Client
    reader: Client
    newspaper_address: str
    tv_address: str

    def push(self, story: Mapping[str, Any] | None = None, *, external_id: str = "one") -> str:
        """Push a story for the fishers; returns its id."""
        answer = self.fishers.put(external_id, story or a_story())
        assert answer.status_code in (200, 201), answer.text
        found: str = json.loads(answer.data)["id"]
        return found

    def release(self, story: Mapping[str, Any] | None = None, *, external_id: str = "one", **order: Any) -> str:
        """Push, approve and release a story; returns its id."""
        story_id = self.push(story, external_id=external_id)
        assert self.editor.act(story_id, "approve").status_code == 201
        answer = self.editor.act(story_id, "release", **order)
        assert answer.status_code == 201, answer.text
        return story_id


def build_world(app: Flask, database: Database, *, now: datetime) -> World:
    """Make the small province and its clients."""
    with database.writing() as session:
        union = NewOrganization(
            code="ldld", name="Liên đoàn Lao động tỉnh", kind="lien_doan_lao_dong", valid_from=FOUNDED
        )
        organizations.add(session, union, now=now)
        fishers = NewOrganization(
            code="nghe-ca", name="Nghiệp đoàn nghề cá Bến Lau", kind="cong_doan", parent="ldld", valid_from=FOUNDED
        )
        women = NewOrganization(code="phu-nu", name="Hội Phụ nữ Gò Mận", kind="hoi_phu_nu", valid_from=FOUNDED)
        holders = [organizations.add(session, fishers, now=now), organizations.add(session, women, now=now)]
        catalog.load(session, OUTLETS, now=now)
        secrets = [keys.mint(session, "organization", organization=row, now=now).secret for row in holders]
        outlets = [catalog.get_outlet(session, code) for code in ("newspaper", "tv")]
        secrets += [keys.mint(session, "outlet", outlet=row, now=now).secret for row in outlets]
        addresses = [keys.mint(session, "address", outlet=row, now=now).secret for row in outlets]
        editor = keys.mint(session, "editor", label="Biên tập viên", now=now).secret
    return World(
        fishers=Client(app, secrets[0]),
        women=Client(app, secrets[1]),
        editor=Client(app, editor),
        newspaper=Client(app, secrets[2]),
        tv=Client(app, secrets[3]),
        reader=Client(app),
        newspaper_address=addresses[0],
        tv_address=addresses[1],
    )
