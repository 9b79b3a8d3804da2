/* Keys for those who work at a desk all day.

     <input type="search" data-key="/" data-key-label="Tìm">      focused
     <a href="…" data-key="c">Bài mới</a>, <button data-key="a">  pressed
     <ul data-keys-list> <li data-keys-item><a href="…">…</a></li> </ul>   j and k walk, Enter opens what has the focus
     <ol data-keys-also="Alt + ↑" data-keys-also-label="Chuyển lên">       keys of another script, which the list names too
     <button type="button" data-keys-open hidden>Phím tắt</button>         shows the list, as ? does
     <body data-keys-texts="{…}">   title, close, use, next, previous, open, help

   The list that ? shows is read from the page: data-key with data-key-label, else the words of the element. Nothing
   happens in fields, in the editor, while a word is composed, or with Ctrl, Alt or Meta. They can be switched off in that
   list, and stay off on this device (WCAG 2.2, 2.1.4). */
(() => {
  "use strict";
  const KEPT = "hub-keys";
  const holder = document.querySelector("[data-keys-texts]");
  const texts = JSON.parse(holder?.dataset.keysTexts || "{}");
  const text = (key) => texts[key] || key;
  let off = false;
  try {
    off = localStorage.getItem(KEPT) === "off";
  } catch {
    // not allowed: they are on
  }

  const shown = (element) => element.checkVisibility?.({ visibilityProperty: true }) ?? element.offsetParent !== null;

  function busy(event) {
    const target = event.composedPath()[0];
    if (event.isComposing || event.keyCode === 229) return true; // 229: an input method has the key
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return true;
    if (!(target instanceof Element)) return false;
    return target.isContentEditable || target.closest("input, textarea, select, [role=textbox]") !== null;
  }

  function walk(step) {
    const items = [...document.querySelectorAll("[data-keys-list] [data-keys-item]")].filter(shown);
    if (items.length === 0) return false;
    const at = items.findIndex((item) => item.contains(document.activeElement));
    const next = at < 0 ? (step > 0 ? 0 : items.length - 1) : Math.min(Math.max(at + step, 0), items.length - 1);
    const target = items[next].querySelector("a[href], button") ?? items[next];
    if (target === items[next] && !target.hasAttribute("tabindex")) target.tabIndex = -1;
    target.focus();
    target.scrollIntoView({ block: "nearest" });
    return true;
  }

  function press(key) {
    const found = [...document.querySelectorAll("[data-key]")].find(
      (element) => element.dataset.key === key && shown(element) && !element.disabled,
    );
    if (!found) return false;
    if (found.matches("input:not([type=submit], [type=button], [type=checkbox]), textarea, select")) {
      found.focus();
      found.select?.();
    } else {
      found.click();
    }
    return true;
  }

  document.addEventListener("keydown", (event) => {
    if (off || busy(event) || document.querySelector("dialog[open]")) return;
    const acts = { "?": help, j: () => walk(1), k: () => walk(-1) };
    const act = acts[event.key];
    const done = press(event.key) || (act ? act() : false);
    if (done) event.preventDefault();
  });

  // --- the list -----------------------------------------------------------------------------------------------

  function known() {
    const rows = [["?", text("help")]];
    if (document.querySelector("[data-keys-list]")) {
      rows.push(["j", text("next")], ["k", text("previous")], ["Enter", text("open")]);
    }
    for (const element of document.querySelectorAll("[data-key]")) {
      if (!shown(element) || rows.some(([key]) => key === element.dataset.key)) continue;
      const label = element.dataset.keyLabel || element.getAttribute("aria-label") || element.textContent;
      rows.push([element.dataset.key, label.trim().replace(/\s+/g, " ")]);
    }
    for (const element of document.querySelectorAll("[data-keys-also]")) {
      if (shown(element)) rows.push([element.dataset.keysAlso, element.dataset.keysAlsoLabel]);
    }
    return rows;
  }

  function element(tag, properties = {}, ...children) {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  }

  function help() {
    const list = element("dl", { className: "keys" });
    for (const [key, label] of known()) {
      list.append(element("div", {}, element("dt", {}, element("kbd", {}, key)), element("dd", {}, label)));
    }
    const use = element("input", { type: "checkbox", checked: !off });
    use.addEventListener("change", () => {
      off = !use.checked;
      try {
        localStorage.setItem(KEPT, off ? "off" : "on");
      } catch {
        // not allowed: off until the page goes
      }
    });
    const title = element("h2", { id: "keys-title" }, text("title"));
    const close = element("button", { type: "button", className: "button-quiet" }, text("close"));
    const dialog = element(
      "dialog",
      { className: "keys-dialog" },
      title,
      list,
      element("label", { className: "check" }, use, element("span", {}, text("use"))),
      close,
    );
    dialog.setAttribute("aria-labelledby", "keys-title");
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
    return true;
  }

  for (const button of document.querySelectorAll("[data-keys-open]")) {
    button.hidden = false;
    button.addEventListener("click", help);
  }
})();
