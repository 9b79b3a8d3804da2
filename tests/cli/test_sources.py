"""`hub source` and `hub pull`: an operator adds feeds, reads them now, and sees what came of each."""

from __future__ import annotations

from hub.config import Settings
from tests.builders import World
from tests.cli.test_operating import run
from tests.delivery.sinks import Reply, a_sink
from tests.intake.pulling.sites import a_reply, an_item

MISSING = "/consent /kind /place /subject /topics"
NAMED = (
    "Sự đồng ý (/consent); Loại bài (/kind); Địa bàn (/place); Nhân vật, tập thể được nêu (/subject); Chủ đề (/topics)"
)


def test_a_source_is_added_read_and_looked_after(world: World, settings: Settings) -> None:
    with a_sink(a_reply(an_item()), Reply(body=b"<html>")) as sink:

        def hub(*words: str, status: int = 0) -> str:
            done = run(settings, *words, HUB_ALLOW_NETWORKS=sink.allowed)
            assert done.exit_code == status, done.output
            return done.stderr if status == 1 and not done.stdout else done.stdout

        assert hub("source", "add", sink.url, "--organization", "nghe-ca") == "1\n"
        assert "is read for that owner already" in hub("source", "add", sink.url, "--organization", "nghe-ca", status=1)
        first, second = hub("pull").splitlines()
        host = f"127.0.0.1:{sink.port}"
        assert first == f"1\tlive\t{host}\tdrafted: 1\t-"
        story_id = second.split("\t")[2]
        assert second.startswith(f"\tdrafted\t{story_id}\tChuyện số 1\tmissing: Consent (/consent); ")
        drafts = run(settings, "source", "drafts", LANG="vi_VN.UTF-8").stdout
        assert drafts == f"1\t{story_id}\tChuyện số 1\t{NAMED}\n"
        assert world.fishers.get(f"/api/v1/stories/{story_id}").json["missing"] == MISSING.split()
        assert hub("pull", "1", status=1) == f"1\tflagged\t{host}\t-\ta web page, not a feed\n"
        listed = hub("source", "list").rstrip().split("\t")
        assert listed[:6] == ["1", "flagged", "nghe-ca", "pull", f"{host}/hook", "60"]
        assert (listed[6][-6:], listed[7][-6:]) == ("+07:00", "+07:00")
        assert listed[8] == "a web page, not a feed"
        assert hub("source", "pause", "1") == "1\tpaused\n"
        assert hub("pull") == ""
        assert hub("source", "resume", "1") == "1\tlive\n"
        hub("verify")
        assert hub("source", "remove", "1") == "1\tremoved\n"
        assert hub("source", "list") == ""
        assert hub("source", "add", sink.url, "--organization", "nghe-ca") == "2\n"  # no number is given twice


def test_what_cannot_be_a_source_is_refused(world: World, settings: Settings) -> None:
    def refused(*words: str, status: int = 1) -> str:
        done = run(settings, *words)
        assert (done.exit_code, done.stdout) == (status, "")
        return done.stderr

    owner = ("--organization", "nghe-ca")
    for address in ("http://127.0.0.1/rss", "http://169.254.169.254/", "file:///etc/passwd", "https://u:p@a.example/"):
        assert "HUB_ALLOW_NETWORKS" in refused("source", "add", address, *owner)
    url = "https://site.example/rss"
    assert "exactly one" in refused("source", "add", url, status=2)
    assert "every 15 to 1440 minutes" in refused("source", "add", url, *owner, "--every", "5")
    assert "outlet “nobody”" in refused("source", "add", url, "--outlet", "nobody")
    assert "7" in refused("pull", "7")
