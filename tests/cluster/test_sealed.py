"""A report to a real server: what was said is in no file that server, worker or log ever wrote."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import pytest

from hub.clock import SystemClock
from hub.config import Settings
from hub.db import Database
from tests.auditors import an_auditor, opened
from tests.serving import Remote, serving

SAID = "Giám đốc ép chị Lụa ký giấy đồng ý."
MARK = b"NobodyReadsThisButTheAuditors"
pytestmark = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)


def test_a_large_report_leaves_no_readable_byte_behind(
    settings: Settings, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = an_auditor(database, now=SystemClock().now())
    picture = MARK * 50_000
    passing = tmp_path / "passing"
    passing.mkdir()
    monkeypatch.setenv("TMPDIR", str(passing))
    before = passing.stat().st_mtime_ns
    with serving(settings) as served:
        anyone = Remote(served.base)
        body = {"text": SAID, "attachments": [{"name": "a.jpg", "data": b64encode(picture).decode()}]}
        assert anyone.ask("POST", "/api/v1/reports", body=body).status_code == 201
        form = (
            f'--edge\r\nContent-Disposition: form-data; name="text"\r\n\r\n{SAID}\r\n'
            '--edge\r\nContent-Disposition: form-data; name="files"; filename="a.jpg"\r\n\r\n'
        ).encode()
        sent = {"Content-Type": "multipart/form-data; boundary=edge"}
        answer = anyone.ask("POST", "/report", body=form + picture + b"\r\n--edge--\r\n", headers=sent)
        assert answer.status_code == 200
        anyone.ask("POST", "/api/v1/reports", body=f'{{"text": "{SAID}", "x": 1}}'.encode())
        anyone.get("/feeds/")
        assert "rule=/feeds/" in served.told()
        assert "/report" not in served.told()
    assert passing.stat().st_mtime_ns == before  # nothing with a name; tests/api/test_reports.py sees those without
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert served.log in files
    for path in files:
        data = path.read_bytes()
        for secret in (SAID.encode(), MARK, b64encode(MARK * 3)[:30]):
            assert secret not in data, path
    assert [report.text for report in opened(database, key)] == [SAID] * 2
