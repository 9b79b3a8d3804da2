"""Signing in with a real browser: a second step from picture to code, and a form that outlives its session."""

from __future__ import annotations

from base64 import b32decode
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from hub.accounts import credentials, invitations, passwords, sessions, totp, users
from hub.accounts.users import Seat
from hub.clock import SystemClock
from hub.config import Settings
from hub.db import Database, make_engine
from hub.models import User
from tests.browser.visits import DESK, PHONE, Visit, Visits, accessibility_faults, sideways_scroll
from tests.builders import FOUNDED
from tests.serving import Served, a_served_world, serving
from tests.web.desks import seat_user

GOOD, OTHER = "ghe ra khơi lúc bốn giờ", "lưới về bến trước bão"
EMAIL = "editor-ldld@hub.example"

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]


@pytest.fixture
def served(settings: Settings) -> Iterator[Served]:
    with serving(settings) as found:
        a_served_world(found.settings)
        yield found


@pytest.fixture
def own(served: Served) -> Iterator[Database]:
    engine = make_engine(served.settings.database)
    yield Database(engine)
    engine.dispose()


@pytest.fixture
def user_id(own: Database) -> int:
    now = SystemClock().now()
    user_id = seat_user(own, "editor", organization="ldld", now=now, name="Nguyễn Hoàng Thị Thanh Nguyệt Minh")
    hashed = passwords.hash_of(GOOD)
    with own.writing() as session:
        second = Seat(role="contributor", organization="ldld")  # whoever has two desks chooses
        users.seat(session, session.get_one(User, user_id), second, on=FOUNDED)
        credentials.set_password(session, user_id, hashed, by="operator", actor="system", now=now)
    return user_id


def sign_in(page: Page, password: str = GOOD) -> None:
    page.get_by_label("Địa chỉ thư điện tử").fill(EMAIL)
    page.get_by_label("Mật khẩu", exact=True).fill(password)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()


def held_well(page: Page) -> None:
    """Nothing that axe finds, nothing that is wider than the window."""
    page.wait_for_load_state("load")
    assert accessibility_faults(page) == []
    assert sideways_scroll(page) <= 0


@pytest.mark.parametrize(("size", "dark"), [(PHONE, True), (DESK, False)])
def test_a_second_step_is_set_up_and_asked_for(
    served: Served, user_id: int, visits: Visits, size: tuple[int, int], dark: bool
) -> None:
    visit = visits(served.settings.base, size=size, dark=dark)
    page = visit.go("/desk/account")
    held_well(page)
    sign_in(page)
    page.wait_for_url("**/desk/account")
    held_well(page)
    page.get_by_role("link", name="Bật").click()
    page.get_by_label("Mật khẩu hiện nay").fill(GOOD)
    page.get_by_role("button", name="Bắt đầu cài đặt").click()
    secret = b32decode(page.locator(".typed-key").inner_text().replace(" ", ""))
    held_well(page)
    page.get_by_label("Nhập sáu chữ số").fill(totp.code_at(secret, SystemClock().now()))
    page.get_by_role("button", name="Bật").click()
    expect(page.locator(".codes li")).to_have_count(10)
    codes = page.locator(".codes li").all_inner_texts()
    held_well(page)

    elsewhere = visits(served.settings.base, size=size, dark=dark)
    page = elsewhere.go("/sign-in?next=/desk/account")
    sign_in(page)
    page.wait_for_url("**/sign-in/code")
    held_well(page)
    page.get_by_label("Mã", exact=True).fill(codes[0])
    page.get_by_role("button", name="Tiếp tục").click()
    page.wait_for_url("**/desk/account")


def test_a_form_outlives_its_session_in_a_browser(served: Served, own: Database, user_id: int, visits: Visits) -> None:
    visit = visits(served.settings.base, size=PHONE)
    page = visit.go("/sign-in?next=/desk/account")
    sign_in(page)
    page.get_by_label("Họ tên của bạn").fill("Lê Thị Tâm")
    with own.writing() as session:
        sessions.end_all(session, user_id)
    visit.expect("status of 403")
    page.get_by_role("button", name="Lưu họ tên và ngôn ngữ").click()
    page.get_by_text("Phiên làm việc đã hết").wait_for()
    held_well(page)
    sign_in(page)
    page.get_by_text("Không mất gì cả").wait_for()
    held_well(page)
    page.get_by_role("button", name="Gửi ngay").click()
    page.wait_for_url("**/desk/account?done=name")
    with own.reading() as session:
        assert session.get_one(User, user_id).name == "Lê Thị Tâm"


def test_a_letters_address_leads_to_a_password_and_in(
    served: Served, own: Database, user_id: int, visits: Visits
) -> None:
    with own.writing() as session:
        row = invitations.prepare(session, session.get_one(User, user_id), "invitation", now=SystemClock().now())
        token = invitations.mint(session, row.id, now=SystemClock().now() - timedelta(seconds=1))
    visit = visits(served.settings.base, size=PHONE)
    page = visit.go(f"/welcome/{token}")
    assert page.url.endswith("/welcome")
    held_well(page)
    field = page.get_by_label("Mật khẩu", exact=True)
    field.fill("matkhau123")
    visit.expect("status of 422")
    page.get_by_role("button", name="Đặt mật khẩu và đăng nhập").click()
    page.locator("#f-new_password-fault").wait_for()
    held_well(page)
    field.fill(OTHER)
    page.get_by_role("button", name="Hiện").click()
    assert field.get_attribute("type") == "text"
    page.get_by_role("button", name="Đặt mật khẩu và đăng nhập").click()
    page.wait_for_url("**/desk/")
    held_well(page)


def test_pages_about_signing_in_hold_in_every_look(served: Served, visits: Visits) -> None:
    for size, language, dark in ((PHONE, "vi-VN", False), (DESK, "en-GB", True)):
        visit: Visit = visits(served.settings.base, size=size, language=language, dark=dark)
        for path in ("/sign-in", "/forgotten", "/forgotten/sent"):
            held_well(visit.go(path))


def test_signing_in_works_without_scripts(served: Served, user_id: int, visits: Visits) -> None:
    visit = visits(served.settings.base, size=PHONE, java_script_enabled=False)
    page = visit.go("/sign-in?next=/desk/account")
    assert page.get_by_role("button", name="Hiện").count() == 0
    sign_in(page)
    page.wait_for_url("**/desk/account")
