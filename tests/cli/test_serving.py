"""`hub serve` says where it serves once it answers there, not before."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from urllib.request import urlopen

from hub.cli.serving import answers, free_port

HOST = "127.0.0.1"


def test_a_port_answers_when_http_comes_back_and_not_when_it_only_listens() -> None:
    port = free_port(HOST)
    assert not answers(HOST, port)
    with socket.create_server((HOST, port)) as server:

        def reply(said: bytes) -> None:
            met, _ = server.accept()
            with met:
                met.recv(1000)
                met.sendall(said)

        for said, found in ((b"", False), (b"HTTP/1.1 200 OK\r\n\r\n", True)):
            thread = threading.Thread(target=reply, args=(said,))
            thread.start()
            assert answers(HOST, port) is found
            thread.join()


def test_the_line_that_names_the_address_comes_when_it_can_be_asked(tmp_path: Path) -> None:
    base = f"http://{HOST}:{free_port(HOST)}"
    words = ["serve", "--without-worker", "--host", HOST, "--port", base.rpartition(":")[2]]
    env = {**os.environ, "HUB_DATA": str(tmp_path), "LANG": "vi_VN.UTF-8", "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "hub", *words]
    with subprocess.Popen(command, env=env, stderr=subprocess.PIPE, encoding="utf-8") as served:
        assert served.stderr is not None
        try:
            assert f"đang phục vụ tại {base}\n" in iter(served.stderr.readline, "")
            with urlopen(f"{base}/healthz", timeout=10) as answer:
                assert answer.status == 200
        finally:
            served.terminate()
