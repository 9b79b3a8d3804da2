"""`hub org`, `user`, `key`: each says in one line what it did, in one language, and refuses with what to do next."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hub.cli import main
from hub.clock import SystemClock, local_day
from hub.config import Settings

TODAY = local_day(SystemClock().now())
ON = ("--decision", "9-QĐ", "--on", str(TODAY))


class Hub:
    """Runs commands on one data directory."""

    def __init__(self, settings: Settings) -> None:
        self.env = {"HUB_DATA": str(settings.data), "HUB_DATABASE_URL": settings.database_url}

    def __call__(self, *words: str | Path, **env: str) -> Result:
        return CliRunner().invoke(main, [str(word) for word in words], env={**self.env, **env})

    def add(self, code: str, *words: str) -> None:
        done = self("org", "add", code, f"Hội {code}", "--kind", "hoi_nong_dan", *words)
        assert (done.exit_code, done.stdout) == (0, f"{code}\n"), done.output


@pytest.fixture
def hub(settings: Settings) -> Hub:
    found = Hub(settings)
    for code in ("tinh", "xa", "thon", "cu"):
        found.add(code)
    return found


def test_what_happens_to_an_organization_is_told_in_one_line(hub: Hub) -> None:
    assert hub("org", "rename", "xa", "Hội phường", *ON).stdout == f"{TODAY}\trename\txa\tHội phường\t9-QĐ\n"
    assert hub("org", "move", "xa", "tinh", *ON).stdout == f"{TODAY}\tmove\txa\ttinh\t9-QĐ\n"
    assert hub("org", "merge", "thon", "--into", "xa", *ON).stdout == f"{TODAY}\tmerge\tthon\txa\t9-QĐ\n"
    assert hub("org", "split", "xa", "tinh", "--goes-on", *ON).stdout == f"{TODAY}\tsplit\txa\ttinh\t9-QĐ\n"
    assert hub("org", "close", "cu", *ON).stdout == f"{TODAY}\tclose\tcu\t-\t9-QĐ\n"
    assert hub("org", "history", "xa").stdout.splitlines()[0] == f"{TODAY}\t-\tHội phường\ttinh"


@pytest.mark.parametrize("number", ["", "  "])
def test_nothing_happens_by_a_decision_without_a_number(hub: Hub, number: str) -> None:
    on = ("--decision", number, "--on", str(TODAY))
    for words in (("rename", "xa", "Hội"), ("move", "xa", "tinh"), ("merge", "thon", "--into", "xa"), ("close", "cu")):
        done = hub("org", *words, *on, LANG="en")
        assert (done.exit_code, done.stdout) == (1, "")
        assert "/decision: “Decision” holds nothing but white space" in done.stderr
    assert len(hub("org", "list").stdout.splitlines()) == 4
    assert len(hub("org", "history", "xa").stdout.splitlines()) == 1


def test_what_users_get_is_told_in_one_line(hub: Hub) -> None:
    for name in ("lan", "minh"):
        hub("user", "add", f"{name}@example.org", name)
    seat = hub("user", "seat", "lan@example.org", "--role", "confirmer", "--organization", "xa")
    assert seat.stdout == f"lan@example.org\tconfirmer\txa\t{TODAY}\t-\n"
    until = TODAY + timedelta(days=3)
    deputy = hub("user", "delegate", "lan@example.org", "minh@example.org", "--until", str(until))
    assert deputy.stdout == f"lan@example.org\tminh@example.org\t{TODAY}\t{until}\n"
    assert hub("user", "close", "lan@example.org").stdout == "lan@example.org\n"


def test_a_key_of_whoever_is_closed_is_listed_as_closed_with_the_reason(hub: Hub) -> None:
    hub("user", "add", "lan@example.org", "Lan")
    hub("user", "add", "minh@example.org", "Minh")
    hub("user", "seat", "lan@example.org", "--role", "confirmer", "--organization", "xa")
    for code in ("cu", "thon", "xa"):
        hub("key", "new", "--organization", code)
    hub("key", "new", "--editor", "Tâm", "--expires", "2020-01-01")

    def listed() -> list[tuple[str, ...]]:
        rows = [line.split("\t") for line in hub("key", "list", LANG="en").stdout.splitlines()]
        return [(row[2], *row[-2:]) for row in rows]

    no_role = ("minh@example.org", "closed", "the user has no role today")
    expired = ("-", "expired", "2020-01-01")
    others = [("cu", "live", "-"), ("thon", "live", "-"), ("xa", "live", "-")]
    assert listed() == [("lan@example.org", "live", "-"), no_role, *others, expired]
    hub("user", "close", "lan@example.org")
    hub("org", "close", "cu", *ON)
    hub("org", "merge", "thon", "--into", "xa", *ON)  # whose key goes on
    lan = ("lan@example.org", "closed", f"user closed on {TODAY}")
    others[0] = ("cu", "closed", f"organization closed on {TODAY}")
    assert listed() == [lan, no_role, *others, expired]


@pytest.mark.parametrize("answer", ["\n", "k\n", "n\n", ""])
def test_a_question_is_asked_in_the_language_of_the_run_and_only_a_yes_is_one(
    hub: Hub, tmp_path: Path, answer: str
) -> None:
    table = tmp_path / "to-chuc.csv"
    table.write_text("code,name,kind\nmoi,Hội mới,hoi_nong_dan\n", encoding="utf-8")
    words = ["org", "import", str(table)]
    asked = CliRunner().invoke(main, words, env={**hub.env, "LANG": "vi"}, input=answer)
    assert asked.exit_code == 1
    assert "[c/K]" in asked.stderr
    assert asked.stderr.endswith("hub: Chưa thay đổi gì.\n")
    done = CliRunner().invoke(main, words, env={**hub.env, "LANG": "vi"}, input="c\n")
    assert (done.exit_code, "moi" in hub("org", "list").stdout) == (0, True)


def test_a_merger_and_a_closing_are_final_on_their_own_day_too(hub: Hub) -> None:
    hub("org", "merge", "thon", "--into", "xa", *ON)
    hub("org", "close", "cu", *ON)
    for words in (
        ("merge", "thon", "--into", "tinh"),
        ("move", "thon", "tinh"),
        ("rename", "cu", "Hội"),
        ("close", "cu"),
    ):
        assert hub("org", *words, *ON).exit_code == 1
    assert "It is final" in hub("org", "merge", "--help").stdout


def test_a_code_that_cannot_be_one_is_refused_with_one_that_can(hub: Hub) -> None:
    done = hub("org", "add", "Hội Nông dân Bến Đá", "Hội", "--kind", "hoi_nong_dan")
    assert (done.exit_code, "“hoi-nong-dan-ben-da”" in done.stderr) == (1, True)


def test_a_preview_foresees_what_the_real_run_refuses(hub: Hub, tmp_path: Path) -> None:
    table = tmp_path / "to-chuc.csv"
    yesterday = TODAY - timedelta(days=1)
    table.write_text(
        f"code,name,kind,valid_from\nxa,Hội phường,hoi_nong_dan,{yesterday}\ncu,Hội mới,hoi_nong_dan,{yesterday}\n",
        encoding="utf-8",
    )
    told = [hub("org", "import", table, flag) for flag in ("--dry-run", "--yes")]
    assert [(done.exit_code, done.stderr) for done in told] == [(1, told[0].stderr)] * 2
    assert [line.split(":")[0].strip() for line in told[0].stderr.splitlines()[1:]] == [
        "/2/valid_from",
        "/3/valid_from",
    ]


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("vi_VN.UTF-8", "hãy chạy `hub init`, hoặc đặt HUB_DATA."), ("C", "Không có hệ thống tại")],
)
def test_commands_speak_vietnamese_first(tmp_path: Path, language: str, sentence: str) -> None:
    done = CliRunner().invoke(main, ["org", "list"], env={"HUB_DATA": str(tmp_path), "LANG": language})
    assert (done.exit_code, sentence in done.stderr) == (1, True), done.output


def test_a_setting_that_cannot_be_used_is_told_in_the_language_of_the_run(tmp_path: Path) -> None:
    for language, told in (("vi", "phải là số nguyên"), ("en", "must be a whole number")):
        done = CliRunner().invoke(main, ["init"], env={"HUB_DATA": str(tmp_path), "HUB_PORT": "x", "LANG": language})
        assert (done.exit_code, told in done.stderr) == (2, True)


@pytest.mark.parametrize("name", ["READS_PER_MINUTE", "PUSHES_PER_MINUTE", "THREADS", "TRUSTED_PROXIES", "PORT"])
def test_a_setting_below_its_least_is_refused(tmp_path: Path, name: str) -> None:
    env = {"HUB_DATA": str(tmp_path), f"HUB_{name}": "-1", "LANG": "en"}
    done = CliRunner().invoke(main, ["init"], env=env)
    assert (done.exit_code, f"HUB_{name} must be " in done.stderr) == (2, True)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("words", [["org", "list"], ["check"], ["verify"], ["worker", "--once"], ["backup", "x.tar"]])
@pytest.mark.parametrize("made", [True, False])
def test_without_a_hub_every_command_says_where_none_is(tmp_path: Path, words: list[str], made: bool) -> None:
    folder = tmp_path if made else tmp_path / "nowhere"
    done = CliRunner().invoke(main, words, env={"HUB_DATA": str(folder), "LANG": "en"})
    assert (done.exit_code, f"There is no hub at {folder}: run `hub init`" in done.stderr) == (1, True), done.output
    assert not list(tmp_path.iterdir())


def test_a_key_is_listed_with_whose_it_is(hub: Hub) -> None:
    outlets = Path(__file__).parents[2] / "hub" / "deploy" / "outlets.json"
    assert hub("outlet", "load", outlets).exit_code == 0
    assert hub("key", "new", "--outlet", "newspaper", "--label", "máy chủ").exit_code == 0
    assert hub("key", "new", "--editor", "Lan").exit_code == 0
    told = [line.split("\t")[1:4] for line in hub("key", "list").stdout.splitlines()]
    assert told == [["outlet", "newspaper", "máy chủ"], ["editor", "-", "Lan"]]


def test_a_feed_address_is_under_the_base_that_the_hub_is_served_under(hub: Hub) -> None:
    outlets = Path(__file__).parents[2] / "hub" / "deploy" / "outlets.json"
    assert hub("outlet", "load", outlets).exit_code == 0
    assumed = hub("key", "new", "--address", "newspaper")
    assert "HUB_BASE_URL is not set; http://127.0.0.1:8480 is assumed" in assumed.stderr
    hub("init", HUB_BASE_URL="http://127.0.0.1:9999")
    served = hub("key", "new", "--address", "newspaper")
    assert "http://127.0.0.1:9999/feeds/k/adr_" in served.stderr
    assert "where this hub was served last" in served.stderr
    told = hub("key", "new", "--address", "newspaper", HUB_BASE_URL="https://tin.example").stderr
    assert told.startswith("https://tin.example/feeds/k/adr_")
    television = hub("key", "new", "--address", "tv", HUB_BASE_URL="https://tin.example").stderr
    assert television.rstrip().endswith("/tv/segment.rss  .atom  .json  .ninjs  .ics")
    first, second = (hub("key", "new", "--calendar", "tinh", HUB_BASE_URL="https://tin.example") for _ in range(2))
    assert first.stderr == f"https://tin.example/calendars/{first.stdout.strip()}.ics\n"
    states = {line.split("\t")[0]: line.split("\t")[6] for line in hub("key", "list").stdout.splitlines()}
    assert [states[made.stdout[:9]] for made in (first, second)] == ["revoked", "live"]


def test_a_closed_organization_takes_nothing_more_and_the_refusal_names_day_and_decision(hub: Hub) -> None:
    assert hub("org", "close", "tinh", *ON).exit_code == 0
    hub("user", "add", "lan@example.org", "Lan")
    for words in (
        ("user", "seat", "lan@example.org", "--role", "confirmer", "--organization", "tinh"),
        ("org", "move", "xa", "tinh", *ON),
        ("org", "add", "xa2", "Hội xa2", "--kind", "hoi_nong_dan", "--parent", "tinh"),
        ("key", "new", "--organization", "tinh"),
    ):
        done = hub(*words, LANG="vi")
        told = f"“tinh” đã kết thúc từ ngày {TODAY:%d/%m/%Y} theo quyết định 9-QĐ"
        assert (done.exit_code, told in done.stderr) == (1, True), done.output


def test_an_organization_needs_a_name_and_one_above_it_from_its_first_day(hub: Hub) -> None:
    assert hub("org", "add", "a2", "", "--kind", "hoi_nong_dan").exit_code == 1
    yesterday = ("--from", str(TODAY - timedelta(days=1)))
    early = hub("org", "add", "a2", "Hội a2", "--kind", "hoi_nong_dan", "--parent", "xa", *yesterday, LANG="vi")
    assert (early.exit_code, f"“xa” chỉ bắt đầu từ ngày {TODAY:%d/%m/%Y}" in early.stderr) == (1, True), early.output


def test_an_organization_with_others_below_it_is_closed_only_when_they_go_up(hub: Hub) -> None:
    hub("org", "move", "xa", "tinh", *ON)
    refused = hub("org", "close", "tinh", *ON, LANG="vi")
    assert (refused.exit_code, "còn các tổ chức: xa." in refused.stderr) == (1, True), refused.output
    assert hub("org", "close", "tinh", "--children-up", *ON).stdout == f"{TODAY}\tclose\ttinh\t-\t9-QĐ\n"
    assert hub("org", "history", "xa").stdout.splitlines()[0] == f"{TODAY}\t-\tHội xa\t-"


@pytest.mark.parametrize(
    ("words", "told"),
    [(("merge", "xa", "--into", "xa"), "không thể sáp nhập vào chính mình"), (("split", "xa", "xa"), "tách ra từ")],
)
def test_nobody_comes_after_oneself(hub: Hub, words: tuple[str, ...], told: str) -> None:
    done = hub("org", *words, *ON, LANG="vi")
    assert (done.exit_code, told in done.stderr) == (1, True), done.output


def test_what_cannot_be_said_of_a_user_is_refused_in_a_sentence(hub: Hub) -> None:
    assert "không phải địa chỉ thư" in hub("user", "add", "khong-phai-email", "Lan", LANG="vi").stderr
    hub("user", "add", "lan@example.org", "Lan")
    seat = ("user", "seat", "lan@example.org", "--role", "confirmer", "--organization")
    early = hub(*seat, "xa", "--until", str(TODAY), LANG="vi")
    assert (early.exit_code, "Ngày kết thúc phải sau ngày bắt đầu." in early.stderr) == (1, True), early.output
    assert [hub(*seat, code).exit_code for code in ("xa", "xa", "thon")] == [0, 1, 0]
    unseat = ("user", "unseat", "lan@example.org", "--role", "confirmer")
    assert "ở nhiều nơi: thon, xa." in hub(*unseat, LANG="vi").stderr
    assert hub(*unseat, "--organization", "xa").stdout == "1\n"
