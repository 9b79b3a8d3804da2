"""Coverage that an outlet asks for at its desk, and what organizations say to it."""

from __future__ import annotations

from tests.builders import World
from tests.web.desks import Person

LIST = "/desk/outlet/newspaper/requests/"
NEW = LIST + "new"


def ask(paper: Person, **fields: object) -> str:
    """Ask for coverage; the page of the request."""
    answer = paper.post(LIST, {"title": "Bến cá mùa gió", "reach": "all", **fields}, form=NEW)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def test_an_outlet_asks_for_a_place_and_a_theme_and_reads_the_answers(paper: Person, world: World) -> None:
    wanted = {"place": "xã Bến Lau", "topics": ["bao_ve_moi_truong", "khoi_nghiep"], "needed_by": "2026-12-24"}
    page = ask(paper, **wanted, once="a")
    assert ask(paper, **wanted, once="a") == page  # a double click asks once
    told = world.fishers.get("/api/v1/requests").json["items"]
    assert [(each["title"], each["place"], each["to"]) for each in told] == [("Bến cá mùa gió", "xã Bến Lau", None)]
    answers = f"/api/v1/requests/{told[0]['id']}/answers"
    story = world.release()
    said = {"answer": "accepted", "story": story, "due_on": "2026-12-01", "text": "Chúng tôi gửi bài."}
    assert world.fishers.ask("POST", answers, body=said).status_code == 201
    assert world.women.ask("POST", answers, body={"answer": "question", "text": "Cần ảnh không?"}).status_code == 201
    text = paper.get(page).text
    assert "Chúng tôi gửi bài." in text
    assert "Người giữ bến Đá Lau" in text
    assert "Cần ảnh không?" in text
    asked = world.women.get(f"/api/v1/requests/{told[0]['id']}").json["answers"][-1]["id"]
    reply = {"answer": "reply", "question": str(asked), "text": "Có, hai ảnh."}
    assert paper.post(page + "/answers", reply, form=page).status_code == 303
    assert world.women.get(f"/api/v1/requests/{told[0]['id']}").json["answers"][-1]["text"] == "Có, hai ảnh."
    assert "Có, hai ảnh." not in str(world.fishers.get(f"/api/v1/requests/{told[0]['id']}").json)


def test_an_organization_is_found_by_its_name_without_marks(paper: Person, world: World) -> None:
    ask(paper, reach="one", to="nghiep doan nghe ca")
    several = paper.post(LIST, {"title": "Bến cá", "reach": "below", "to": "doan"}, form=NEW)
    assert several.status_code == 422
    assert 'name="code" value="ldld"' in several.text
    assert 'value="Bến cá"' in several.text
    ask(paper, reach="below", to="doan", code="ldld")
    told = world.newspaper.get("/api/v1/requests").json["items"]
    assert [(each["reach"], each["to"]) for each in told] == [("below", "ldld"), ("organization", "nghe-ca")]
    assert paper.post(LIST, {"title": "Bến", "reach": "one", "to": "khong co"}, form=NEW).status_code == 422
    assert len(world.newspaper.get("/api/v1/requests").json["items"]) == 2


def test_what_cannot_be_asked_is_said_beside_its_field(paper: Person, world: World) -> None:
    refused = paper.post(LIST, {"title": " ", "reach": "all", "text": "Giữ lại chữ này"}, form=NEW)
    assert refused.status_code == 422
    assert 'id="f-title-fault"' in refused.text
    assert "Giữ lại chữ này" in refused.text
    gone = paper.post(LIST, {"title": "Bến", "reach": "all", "needed_by": "2026-01-01"}, form=NEW)
    assert 'id="f-needed_by-fault"' in gone.text


def test_a_request_that_was_withdrawn_takes_no_more_answers(paper: Person, producer: Person, world: World) -> None:
    page = ask(paper)
    assert producer.get(page.replace("newspaper", "tv")).status_code == 404
    assert paper.post(page + "/answers", {"answer": "closed", "once": "x"}, form=page).status_code == 303
    assert paper.post(page + "/answers", {"answer": "closed", "once": "x"}, form=page).status_code == 303
    assert paper.post(page + "/answers", {"answer": "reply", "text": "Còn nữa"}, form=LIST).status_code == 409
    assert "Đã khép lại" in paper.get(LIST + "?state=closed").text
    assert "Bến cá mùa gió" not in paper.get(LIST + "?state=open").text
