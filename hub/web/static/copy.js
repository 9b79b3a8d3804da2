/* Small comforts of reading: copy, share, print, and save without an account.

     <button type="button" data-copy="#id" data-copied="Đã chép" hidden>Chép</button>    the value or the words of #id
     <button type="button" data-share data-title="…" data-url="…" hidden>Chia sẻ</button>
     <button type="button" data-save="str_…" data-title="…" data-url="/stories/…" data-saved-text="Đã lưu" hidden>Lưu</button>
     <a href="?view=print" data-print>In bài</a>    prints at once; without scripts it leads to the page as it is printed
     <ul data-saved data-remove-text="Bỏ"></ul> <p data-saved-empty hidden>…</p>          on the page /saved

   All are hidden until scripts run and the browser can do it. Saved stories lie on this device alone, newest first, at
   most 200; not where <html data-shared-device>. The size of text is in theme.js, which runs before the page shows. */
(() => {
  "use strict";
  const KEPT = "hub-saved";
  const MOST = 200;
  const AT_ONCE = 4; // stories asked for
  const shared = document.documentElement.hasAttribute("data-shared-device");

  // --- copy ---------------------------------------------------------------------------------------------------

  const said = document.createElement("p");
  said.className = "unseen";
  said.setAttribute("role", "status");

  async function copy(button) {
    const source = document.querySelector(button.dataset.copy);
    if (!source) return;
    const words = source.value ?? source.textContent.trim();
    try {
      await navigator.clipboard.writeText(words);
    } catch {
      if (!copyBySelection(source)) return;
    }
    const done = button.dataset.copied || "✓";
    said.textContent = done;
    button.dataset.words ??= button.textContent;
    button.textContent = done;
    clearTimeout(button.timer);
    button.timer = setTimeout(() => {
      button.textContent = button.dataset.words;
      said.textContent = "";
    }, 2_000);
  }

  /* Where the page did not come by https, browsers give no clipboard: select it, so that Ctrl+C is left at least. */
  function copyBySelection(source) {
    if (source.select) {
      source.select();
    } else {
      getSelection().selectAllChildren(source);
    }
    return document.execCommand("copy");
  }

  document.body.append(said);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) copy(button);
  });
  const showCopies = (part) => part.querySelectorAll("[data-copy]").forEach((button) => (button.hidden = false));
  showCopies(document);
  document.addEventListener("htmx:load", (event) => showCopies(event.target)); // also what htmx brings later

  // --- share --------------------------------------------------------------------------------------------------

  for (const button of document.querySelectorAll("[data-share]")) {
    if (!navigator.share) continue;
    button.hidden = false;
    button.addEventListener("click", () => {
      const title = button.dataset.title || document.title;
      const url = new URL(button.dataset.url || location.href, location.href).href;
      navigator.share({ title, url }).catch(() => undefined); // thought better of it
    });
  }

  // --- print --------------------------------------------------------------------------------------------------

  for (const control of document.querySelectorAll("[data-print]")) {
    control.hidden = false;
    control.addEventListener("click", (event) => {
      event.preventDefault();
      print();
    });
  }

  // --- where one is in the menu -------------------------------------------------------------------------------

  const here = document.querySelector(".menu [aria-current]");
  if (here) here.parentElement.scrollLeft = here.offsetLeft - here.parentElement.offsetLeft - 20; // a phone shows a part

  // --- save ---------------------------------------------------------------------------------------------------

  function readSaved() {
    try {
      const kept = JSON.parse(localStorage.getItem(KEPT) || "[]");
      return Array.isArray(kept) ? kept.filter((each) => typeof each?.id === "string" && isOwn(each.url)) : [];
    } catch {
      return [];
    }
  }

  /* Only a path of this host: whatever else could write there must not make a link of it. */
  const isOwn = (url) => typeof url === "string" && /^\/(?![/\\])/.test(url);

  function writeSaved(saved) {
    try {
      localStorage.setItem(KEPT, JSON.stringify(saved.slice(0, MOST)));
      return true;
    } catch {
      return false;
    }
  }

  function showSaved(button) {
    const is = readSaved().some((each) => each.id === button.dataset.save);
    button.dataset.words ??= button.textContent;
    button.setAttribute("aria-pressed", String(is));
    button.textContent = (is && button.dataset.savedText) || button.dataset.words;
  }

  for (const button of document.querySelectorAll("[data-save]")) {
    if (shared) continue;
    button.hidden = false;
    showSaved(button);
    button.addEventListener("click", () => {
      const { save: id, title, url } = button.dataset;
      const others = readSaved().filter((each) => each.id !== id);
      const was = button.getAttribute("aria-pressed") === "true";
      writeSaved(was ? others : [{ id, title, url, at: new Date().toISOString() }, ...others]);
      showSaved(button);
    });
  }

  function listSaved(list) {
    const saved = readSaved();
    list.replaceChildren(
      ...saved.map((each) => {
        const link = document.createElement("a");
        link.href = each.url;
        link.textContent = each.title || each.url;
        const remove = document.createElement("button");
        remove.type = "button";
        remove.className = "button-plain";
        remove.textContent = list.dataset.removeText || "×";
        remove.setAttribute("aria-label", `${remove.textContent}: ${link.textContent}`);
        remove.addEventListener("click", () => {
          writeSaved(readSaved().filter((other) => other.id !== each.id));
          listSaved(list);
          (list.querySelector("a") ?? document.querySelector("main"))?.focus();
        });
        const item = document.createElement("li");
        item.append(link, " ", remove);
        item.hidden = !asked.has(each.id);
        return item;
      }),
    );
    list.hidden = saved.length === 0;
    for (const empty of document.querySelectorAll("[data-saved-empty]")) empty.hidden = saved.length > 0;
  }

  /* What was withdrawn (410) is forgotten before its title shows; what cannot be asked, offline say, shows as it was. */
  const asked = new Set();
  async function askFor(list) {
    const waiting = readSaved();
    async function next() {
      for (let each = waiting.shift(); each; each = waiting.shift()) {
        const answer = await fetch(each.url, { method: "HEAD" }).catch(() => undefined);
        if (answer?.status === 410) writeSaved(readSaved().filter((other) => other.id !== each.id));
        asked.add(each.id);
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, next));
    listSaved(list);
  }

  for (const list of document.querySelectorAll("[data-saved]")) {
    listSaved(list);
    askFor(list);
  }
})();
