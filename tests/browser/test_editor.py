"""The rich-text editor as people use it: what it holds, what it writes back, and that it leaves input methods alone."""

from __future__ import annotations

import html
import json
from typing import Any

import pytest
from playwright.sync_api import Page

from hub.intake.editor_schema import editor_schema
from hub.intake.html import ALLOWED, clean_html
from tests.browser.site import Reply, Site
from tests.browser.visits import PHONE, Visit, Visits, accessibility_faults, sideways_scroll

pytestmark = pytest.mark.browser

SCRIPTS = ("vendor/tiptap.min.js", "editor-schema.js", "editor-acts.js", "editor.js")
PICTURE = "med_0123456789abcdef"
TEXTS = {
    "toolbar": "Định dạng", "bold": "Đậm", "italic": "Nghiêng", "heading2": "Đề mục 2", "heading3": "Đề mục 3",
    "heading4": "Đề mục 4", "bullets": "Gạch đầu dòng", "numbers": "Đánh số", "quote": "Trích dẫn", "link": "Liên kết",
    "picture": "Ảnh", "table": "Bảng", "row_add": "Thêm hàng", "row_remove": "Bỏ hàng", "column_add": "Thêm cột",
    "column_remove": "Bỏ cột", "undo": "Hoàn tác", "redo": "Làm lại", "link_address": "Địa chỉ",
    "link_bad": "Địa chỉ không dùng được", "apply": "Xong", "remove": "Bỏ liên kết", "cancel": "Thôi",
    "picture_alt": "Mô tả ảnh", "picture_none": "Chưa có ảnh",
}  # fmt: skip
WHOLE = (  # every tag that is allowed, as the sanitizer writes it
    '<h2>Giữ bến</h2><h3>Cách làm</h3><h4>Tốp</h4><p>Chữ <a href="https://bien.example/" title="B">nối</a> '
    '<abbr title="Ủy ban">UB</abbr> <q>q</q> <cite>c</cite> <ins>i</ins> <del>d</del> <mark>m</mark> <small>s</small> '
    "<strong>đ</strong> <b>b</b> <em>n</em> <i>i</i> <u>g</u> <s>s</s> H<sub>2</sub>O m<sup>2</sup> <code>x</code>"
    "<br>dòng hai</p><ul><li>một<ul><li>trong</li></ul></li><li>hai</li></ul>"
    '<ol start="3"><li>ba</li></ol><blockquote cite="https://bien.example/a"><p>lời</p></blockquote>'
    "<pre>hai  cách\n  thụt</pre><div><p>khối</p></div><dl><dt>từ</dt><dd>nghĩa</dd></dl>"
    f'<figure><img src="media:{PICTURE}" alt="Bến" title="T"><figcaption>Ảnh bến</figcaption></figure>'
    '<table><caption>Số</caption><thead><tr><th scope="col">Xã</th><th colspan="2">Tủ</th></tr></thead>'
    '<tbody><tr><td rowspan="2">Đá</td><td>1</td><td>2</td></tr><tr><td>3</td><td>4</td></tr></tbody>'
    "<tfoot><tr><td>Cả</td><td>5</td><td>6</td></tr></tfoot></table><hr>"
)
WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style>p.MsoNormal {color: red}</style></head>
<body><p class=MsoNormal style='mso-line:1'><b><span style='font-size:14.0pt'>Giữ bến</span></b><o:p></o:p></p>
<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><![if !supportLists]><span style='mso-list:Ignore'>·
</span><![endif]>một</p><p class=MsoListParagraph style='mso-list:l0 level1 lfo1'>hai</p>
<h1>Đầu đề</h1><p onclick="x()">a<script>document.title="run"</script><a href="javascript:x()">x</a>
<img src="https://foreign.example/p.png"><font color=red>đỏ</font></p></body></html>"""


def open_editor(site: Site, visits: Visits, content: str = "", *, path: str = "/", **visit: Any) -> Visit:
    allowed = html.escape(json.dumps(editor_schema()))
    texts = html.escape(json.dumps(TEXTS))
    pictures = html.escape(json.dumps([{"id": PICTURE, "preview": "/picture", "alt": "Bến"}]))
    pixel = b'<svg xmlns="http://www.w3.org/2000/svg" width="4" height="3"/>'
    site.answers["GET", "/picture"] = lambda _: Reply(200, pixel, {"Content-Type": "image/svg+xml"})
    site.answers["POST", "/save"] = lambda asked: Reply(200, asked.body, {"Content-Type": "text/plain"})
    site.page(
        path,
        f'<form method="post" action="/save" enctype="text/plain"><label for="b">Nội dung</label>'
        f'<textarea id="b" name="body" required data-editor data-allowed="{allowed}" data-texts="{texts}" '
        f'data-pictures="{pictures}">{html.escape(content)}</textarea><button id="save">Lưu</button></form>',
        scripts=SCRIPTS,
        head="".join(f'<link rel="stylesheet" href="/static/{sheet}">' for sheet in ("editor.css",)),
    )
    made = visits(site.base, **visit)
    made.go(path)
    return made


def written(page: Page) -> str:
    value: str = page.input_value("textarea")
    return value


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=TEXTS[name], exact=True).click()


def test_the_editor_holds_what_the_sanitizer_allows_and_nothing_else(site: Site, visits: Visits) -> None:
    page = open_editor(site, visits).page
    held = page.evaluate("(() => { const s = document.querySelector('textarea').editor.schema;"
                         " return {nodes: Object.fromEntries(Object.entries(s.nodes).map(([n, t]) =>"
                         " [n, Object.keys(t.spec.attrs || {})])), marks: Object.fromEntries(Object.entries(s.marks)"
                         ".map(([n, t]) => [n, Object.keys(t.spec.attrs || {})]))}; })()")  # fmt: skip
    held = {**held["nodes"], **held["marks"]}
    assert set(held) - {"doc", "text"} == set(ALLOWED)
    assert all(set(held[tag]) == set(rules) for tag, rules in ALLOWED.items())


def test_what_is_loaded_is_written_back_whole_once_something_is_typed(site: Site, visits: Visits) -> None:
    assert clean_html(WHOLE, own_media=[PICTURE]).html == WHOLE
    page = open_editor(site, visits, WHOLE).page
    assert written(page) == WHOLE  # nothing is rewritten by looking
    page.locator(".editor-text h2").click()
    page.keyboard.press("End")
    page.keyboard.type("!")
    assert written(page) == WHOLE.replace("Giữ bến", "Giữ bến!", 1)
    assert clean_html(written(page), own_media=[PICTURE]).html == written(page)


def test_typing_and_buttons_write_what_a_form_sends(site: Site, visits: Visits) -> None:
    page = open_editor(site, visits).page
    page.get_by_text("Nội dung").click()  # the label leads into the editor
    page.keyboard.type("Tựa")
    press(page, "heading2")
    assert page.get_by_role("button", name="Đề mục 2").get_attribute("aria-pressed") == "true"
    page.keyboard.press("Enter")
    page.keyboard.press("Control+b")
    page.keyboard.type("đậm")
    page.keyboard.press("Control+b")
    page.keyboard.press("Enter")
    press(page, "bullets")
    page.keyboard.type("một")
    page.keyboard.press("Enter")
    page.keyboard.type("* hai")  # no shortcut of Markdown fires
    assert written(page) == "<h2>Tựa</h2><p><strong>đậm</strong></p><ul><li>một</li><li>* hai</li></ul>"
    press(page, "undo")
    press(page, "redo")
    page.click("#save")
    assert "<li>* hai</li>" in site.asked[-1].body.decode()


def test_an_emptied_editor_leaves_an_empty_field(site: Site, visits: Visits) -> None:
    page = open_editor(site, visits, "<h2>một</h2><p>hai</p>").page
    page.locator(".editor-text p").click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    assert written(page) == ""


def test_an_input_method_is_left_alone(site: Site, visits: Visits) -> None:
    """Composed as Vietnamese input methods do; the node under the composition must stay the very same."""
    visit = open_editor(site, visits, "<p>Bến </p>")
    page = visit.page
    page.locator(".editor-text p").click()
    page.keyboard.press("End")
    page.keyboard.type(" x")
    page.keyboard.press("Backspace")
    page.evaluate("window.node = getSelection().anchorNode; window.seen = [];"
                  "new MutationObserver(all => all.forEach(one => seen.push(one.type)))"
                  ".observe(document.querySelector('.editor-text'), {childList: true, subtree: true})")  # fmt: skip
    devtools = visit.context.new_cdp_session(page)
    for composed in ("d", "dd", "đ", "đa", "đá", "đá*", "đá"):
        devtools.send("Input.imeSetComposition", {"text": composed, "selectionStart": len(composed),
                                                  "selectionEnd": len(composed)})  # fmt: skip
        assert page.inner_text(".editor-text").strip().endswith(composed)
    assert page.evaluate("getSelection().anchorNode === node && seen.every(type => type !== 'childList')")
    devtools.send("Input.insertText", {"text": "đá "})
    devtools.send("Input.insertText", {"text": "**lau** "})
    page.keyboard.type("# ")
    assert page.inner_text(".editor-text p").replace("\u00a0", " ").endswith("đá **lau** # ")
    assert "đá **lau** #" in written(page)
    assert page.locator(".editor-text strong, .editor-text h2").count() == 0


def test_a_composition_in_marked_text_stays_in_its_mark(site: Site, visits: Visits) -> None:
    visit = open_editor(site, visits)
    page = visit.page
    page.locator(".editor-text").click()
    page.keyboard.press("Control+b")
    devtools = visit.context.new_cdp_session(page)
    for composed in ("t", "tu", "tủ"):
        devtools.send("Input.imeSetComposition", {"text": composed, "selectionStart": 1, "selectionEnd": 1})
    devtools.send("Input.insertText", {"text": "tủ"})
    assert written(page) == "<p><strong>tủ</strong></p>"


def test_pasting_from_word_brings_only_what_may_be(site: Site, visits: Visits) -> None:
    page = open_editor(site, visits).page
    page.locator(".editor-text").click()
    page.evaluate(
        "word => { const data = new DataTransfer(); data.setData('text/html', word);"
        " document.querySelector('.editor-text').dispatchEvent(new ClipboardEvent('paste',"
        " {clipboardData: data, bubbles: true, cancelable: true})); }",
        WORD,
    )
    pasted = written(page)
    assert pasted == ("<p><b>Giữ bến</b></p><ul><li>một</li><li>hai</li></ul><h2>Đầu đề</h2><p>ax đỏ</p>")
    assert clean_html(pasted).html == pasted
    assert page.title() == "Thử"


def test_a_link_is_made_in_a_panel_by_keys_alone(site: Site, visits: Visits) -> None:
    page = open_editor(site, visits, "<p>Bến</p>").page
    page.locator(".editor-text").click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+k")
    page.keyboard.type("javascript:alert(1)")
    page.keyboard.press("Enter")
    assert page.get_by_role("alert").inner_text() == TEXTS["link_bad"]
    assert accessibility_faults(page) == []
    page.keyboard.press("Control+a")
    page.keyboard.type("bien.example/bến")
    page.keyboard.press("Enter")
    assert written(page) == '<p><a href="https://bien.example/bến">Bến</a></p>'
    assert [asked.method for asked in site.asked if asked.path == "/save"] == []
    page.keyboard.press("Control+k")
    press(page, "remove")
    assert written(page) == "<p>Bến</p>"


def test_an_own_picture_goes_in_with_words_for_those_who_do_not_see_it(site: Site, visits: Visits) -> None:
    page = open_editor(site, visits).page
    page.locator(".editor-text").click()
    press(page, "picture")
    alt = page.get_by_label(TEXTS["picture_alt"])
    alt.fill("")
    press(page, "apply")
    assert alt.is_visible()  # it stays until it is described
    alt.fill("Bến lúc rạng đông")
    press(page, "apply")
    assert written(page) == f'<p><img src="media:{PICTURE}" alt="Bến lúc rạng đông"></p>'
    assert page.locator(".editor-picture img").get_attribute("src") == "/picture"


def test_tables_grow_and_shrink_and_tab_walks_through_them_and_out(site: Site, visits: Visits) -> None:
    page = open_editor(site, visits).page
    page.locator(".editor-text").click()
    press(page, "table")
    page.locator(".editor-text th").first.click()
    page.keyboard.type("a")
    page.keyboard.press("Tab")
    page.keyboard.type("b")
    press(page, "column_add")
    press(page, "row_add")
    rows = page.locator(".editor-text tr")
    assert (rows.count(), rows.first.locator("th").count()) == (4, 3)
    press(page, "row_remove")
    press(page, "column_remove")
    head = page.locator(".editor-text table")
    assert head.locator("tr").count() == 3
    into(page, "td", last=True)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "save"  # no trap
    assert clean_html(written(page)).html == written(page)
    for _ in range(3):
        into(page, "td", last=True)
        press(page, "row_remove")
    assert written(page) == ""


def into(page: Page, tag: str, *, last: bool = False) -> None:
    """Click into such an element, and wait until the editor knows."""
    found = page.locator(f".editor-text {tag}")
    (found.last if last else found.first).click()
    page.wait_for_function(
        "([tag, last]) => { const view = document.querySelector('textarea').editor.view;"
        " const all = view.dom.querySelectorAll(tag); const one = all[last ? all.length - 1 : 0];"
        " return one.contains(view.domAtPos(view.state.selection.head).node); }",
        arg=[tag, last],
    )


def test_the_toolbar_is_one_stop_and_arrows_walk_in_it(site: Site, visits: Visits) -> None:
    page = open_editor(site, visits).page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.act") == "bold"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.dataset.act") == "redo"
    page.keyboard.press("Tab")
    assert "editor-text" in page.evaluate("document.activeElement.className")
    page.keyboard.press("Alt+F10")
    assert page.evaluate("document.activeElement.dataset.act") == "redo"
    assert page.locator(".editor-text").get_attribute("aria-labelledby") == "b-label"
    assert accessibility_faults(page) == []


def test_on_a_phone_the_editor_stays_in_the_page(site: Site, visits: Visits) -> None:
    page = open_editor(site, visits, "<p>" + "Nghiệpđoànnghềcá" * 20 + "</p>", size=PHONE).page
    assert sideways_scroll(page) == 0
    small = page.evaluate("[...document.querySelectorAll('.editor-toolbar button:not([hidden])')]"
                          ".filter(b => b.getBoundingClientRect().width < 24).length")  # fmt: skip
    assert small == 0


def test_without_scripts_the_textarea_stays(site: Site, visits: Visits) -> None:
    page = open_editor(site, visits, "<p>Bến</p>", java_script_enabled=False).page
    assert page.get_by_label("Nội dung").input_value() == "<p>Bến</p>"
    page.get_by_label("Nội dung").fill("<p>mới</p>")
    page.click("#save")
    assert "<p>mới</p>" in site.asked[-1].body.decode()
