/* A list that is put in order: by dragging, by buttons, by Alt + arrow keys. And the clock that runs down beside it.

     <ol data-sortable data-order-url="/desk/…/order" data-revision="3" data-starts-at="2026-11-28T18:30:00+07:00"
         data-texts="{…}">
       <li data-item="seg_1" data-seconds="90" data-name="Bến Đá Lau">
         <span data-handle aria-hidden="true">⠿</span> … <time data-clock></time>
         <form method="post" action="…"> token <button name="move" value="up" data-move="up" aria-label="…">↑</button>
                                               <button name="move" value="down" data-move="down" …>↓</button></form>
       </li></ol>
     <p>… <output data-total="#id-of-the-list"></output></p>

   Without scripts the buttons post their forms. With them the new order is posted once, a moment after the last move:
   csrf_token, revision, and `order` for each item. Answers: 200 {"revision": 4}; 409: somebody else was quicker, the
   page is to be loaded again; anything else puts the list back as it was. data-texts: moved ("{name}: {place} / {total}"),
   saving, saved, conflict, reload, failed. The sum of data-seconds goes to every [data-total] as h:mm:ss; a changed
   data-seconds is counted when the list hears `hub:recount`. */
(() => {
  "use strict";
  const PAUSE = 700;
  const ZONE = "Asia/Ho_Chi_Minh";

  class Sortable {
    constructor(list) {
      this.list = list;
      this.texts = JSON.parse(list.dataset.texts || "{}");
      this.saved = this.order();
      this.status = document.createElement("p");
      this.status.className = "sortable-status";
      this.status.setAttribute("role", "status");
      list.after(this.status);
      list.addEventListener("click", (event) => this.click(event));
      list.addEventListener("keydown", (event) => this.key(event));
      list.addEventListener("pointerdown", (event) => this.grab(event));
      list.addEventListener("hub:recount", () => this.count());
      document.addEventListener("visibilitychange", () => document.hidden && this.send()); // the page may be leaving
      this.count();
    }

    items() {
      return [...this.list.children].filter((item) => item.dataset.item);
    }

    order() {
      return this.items().map((item) => item.dataset.item);
    }

    text(key, facts = {}) {
      return (this.texts[key] || key).replace(/\{(\w+)\}/g, (_, name) => facts[name] ?? "");
    }

    tell(key, facts) {
      this.status.dataset.state = key;
      this.status.textContent = this.text(key, facts);
    }

    // --- moving ---

    click(event) {
      const button = event.target.closest("[data-move]");
      if (!button) return;
      event.preventDefault();
      this.move(button.closest("[data-item]"), button.dataset.move === "up" ? -1 : 1);
    }

    key(event) {
      if (!event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
      const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      const item = event.target.closest("[data-item]");
      if (!step || !item) return;
      event.preventDefault();
      this.move(item, step);
    }

    move(item, step) {
      const items = this.items();
      const place = items.indexOf(item) + step;
      if (place < 0 || place >= items.length) {
        this.announce(item);
        return;
      }
      const focused = document.activeElement;
      if (step < 0) items[place].before(item);
      else items[place].after(item);
      if (item.contains(focused)) focused.focus(); // an element that is moved loses it
      this.moved(item);
    }

    moved(item) {
      this.announce(item);
      this.count();
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.send(), PAUSE);
    }

    announce(item) {
      const items = this.items();
      const name = item.dataset.name || item.textContent.trim();
      this.tell("moved", { name, place: items.indexOf(item) + 1, total: items.length });
    }

    /* Pointer events, so that fingers drag as mice do; the handle alone, so that fingers still scroll (touch-action). */
    grab(event) {
      const handle = event.target.closest("[data-handle]");
      if (!handle || event.button !== 0) return;
      event.preventDefault();
      const item = handle.closest("[data-item]");
      const before = this.items();
      const ended = new AbortController();
      const { signal } = ended;
      item.classList.add("is-dragged");
      // behind all others whose middle lies above the pointer
      const over = (at) => {
        const others = this.items().filter((other) => other !== item);
        const below = others.filter((other) => at >= middleOf(other)).length;
        // its neighbours go around it: a finger loses what is taken out of the page
        for (const other of others.slice(0, below).filter((each) => comesAfter(each, item))) item.before(other);
        for (const other of others
          .slice(below)
          .reverse()
          .filter((each) => comesAfter(item, each)))
          item.after(other);
      };
      const end = (back) => {
        ended.abort();
        item.classList.remove("is-dragged");
        if (back) this.list.append(...before);
        else if (before.some((each, place) => each !== this.items()[place])) this.moved(item);
      };
      document.addEventListener("pointermove", (move) => over(move.clientY), { signal });
      document.addEventListener("pointerup", () => end(false), { signal });
      document.addEventListener("pointercancel", () => end(true), { signal });
      document.addEventListener("keydown", (key) => key.key === "Escape" && end(true), { signal });
    }

    // --- sending ---

    async send() {
      clearTimeout(this.timer);
      if (this.sending) return void (this.again = true);
      const order = this.order();
      if (order.join() === this.saved.join()) return undefined;
      this.sending = true;
      const body = new FormData();
      body.set("csrf_token", document.querySelector('input[name="csrf_token"]')?.value ?? "");
      body.set("revision", this.list.dataset.revision || "0");
      for (const id of order) body.append("order", id);
      let answer = null;
      let said = null;
      try {
        answer = await fetch(this.list.dataset.orderUrl, {
          method: "POST",
          body,
          headers: { Accept: "application/json" },
          keepalive: true,
        });
        if (answer.ok) said = await answer.json();
      } catch {
        answer = null;
      }
      this.sending = false;
      this.heard(answer, said, order);
      if (this.again) {
        this.again = false;
        this.timer = setTimeout(() => this.send(), 0);
      }
      return undefined;
    }

    heard(answer, said, order) {
      if (said) {
        this.saved = order;
        this.list.dataset.revision = said.revision;
        for (const field of document.querySelectorAll('input[name="revision"]')) field.value = said.revision;
        this.tell("saved");
      } else if (answer?.status === 409) {
        this.tell("conflict");
        const again = document.createElement("a");
        again.href = location.href;
        again.textContent = this.text("reload");
        this.status.append(" ", again);
      } else {
        const byId = new Map(this.items().map((item) => [item.dataset.item, item]));
        this.list.append(...this.saved.map((id) => byId.get(id)).filter(Boolean));
        this.count();
        this.tell("failed");
      }
    }

    // --- the clock ---

    count() {
      const start = Date.parse(this.list.dataset.startsAt ?? "");
      const items = this.items();
      let seconds = 0;
      items.forEach((item, place) => {
        for (const button of item.querySelectorAll("[data-move]")) {
          const stuck = button.dataset.move === "up" ? place === 0 : place === items.length - 1;
          button.setAttribute("aria-disabled", String(stuck)); // disabled would lose the focus
        }
        const clock = item.querySelector("[data-clock]");
        if (clock && !Number.isNaN(start)) {
          const moment = new Date(start + seconds * 1_000);
          clock.dateTime = moment.toISOString();
          clock.textContent = moment.toLocaleTimeString("en-GB", { timeZone: this.list.dataset.zone || ZONE });
        }
        seconds += Number(item.dataset.seconds || 0);
      });
      for (const total of document.querySelectorAll("[data-total]")) {
        if (this.list.matches(total.dataset.total)) total.textContent = lengthOf(seconds);
      }
    }
  }

  const comesAfter = (one, other) => Boolean(other.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING);

  function middleOf(item) {
    const { top, height } = item.getBoundingClientRect();
    return top + height / 2;
  }

  function lengthOf(seconds) {
    const two = (number) => String(number).padStart(2, "0");
    const hours = Math.floor(seconds / 3600);
    const minutes = Math.floor(seconds / 60) % 60;
    return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
  }

  /* Also what htmx brings later, which may be the list itself. */
  function wire(part) {
    for (const list of [part, ...part.querySelectorAll("[data-sortable]")]) {
      if (list.matches?.("[data-sortable]")) list.sortable ??= new Sortable(list);
    }
  }

  wire(document);
  document.addEventListener("htmx:load", (event) => wire(event.target));
})();
