/* The clock of a broadcast that is on, second by second.

     <section data-on-air="#rundown" data-now="…" data-starts-at="…" data-available="1800" data-now-url="…"
              data-revision="4" data-texts="{…}"> [data-air-head], [data-air-body], [data-air-item], … </section>
     <ol id="rundown"><li data-item="…" data-seconds="90" data-timed data-name="…">

   The same reckoning as hub/outlets/planning/on_air.py, from the list as it stands. The time is the server's: data-now,
   moved on by the browser's own stopwatch and set anew by what data-now-url answers; the device's clock is never asked.
   Only the change of an item is told to screen readers. data-texts: on, begins, item, none, over, long, short, fits,
   changed, reload. */
(() => {
  "use strict";
  const ASK_EVERY = 30_000;
  const HOUR = 3_600_000;
  const AHEAD = 12 * HOUR;

  class OnAir {
    constructor(panel) {
      this.panel = panel;
      this.list = document.querySelector(panel.dataset.onAir);
      this.texts = JSON.parse(panel.dataset.texts || "{}");
      this.start = Date.parse(panel.dataset.startsAt);
      this.end = this.start + Number(panel.dataset.available) * 1000;
      const answered = performance.getEntriesByType("navigation")[0]?.responseStart ?? performance.now();
      this.set(Date.parse(panel.dataset.now), answered);
      this.was = null;
      this.part("still").hidden = true;
      document.addEventListener("visibilitychange", () => document.hidden || this.ask());
      window.addEventListener("pageshow", (event) => event.persisted && this.ask());
      this.asking = setInterval(() => document.hidden || this.ask(), ASK_EVERY);
      this.tick();
    }

    part(name) {
      return this.panel.querySelector(`[data-air-${name}]`);
    }

    text(key, facts = {}) {
      return (this.texts[key] || key).replace(/\{(\w+)\}/g, (_, name) => facts[name] ?? "");
    }

    /* The server's time at an instant of the browser's stopwatch. */
    set(now, at) {
      this.offset = now - at;
    }

    now() {
      return performance.now() + this.offset;
    }

    async ask() {
      const sent = performance.now();
      let said = null;
      try {
        const answer = await fetch(this.panel.dataset.nowUrl, { headers: { Accept: "application/json" } });
        if (answer.ok) said = await answer.json();
      } catch {
        said = null; // without a connection the stopwatch goes on
      }
      if (!said) return;
      this.set(Date.parse(said.now), (sent + performance.now()) / 2);
      const known = Number(this.list?.dataset.revision ?? this.panel.dataset.revision);
      if (said.revision > known) this.tellChanged();
      this.show();
    }

    tellChanged() {
      if (this.panel.querySelector("[data-air-changed]")) return;
      const line = document.createElement("p");
      line.dataset.airChanged = "";
      line.className = "due due-soon";
      const again = document.createElement("a");
      again.href = location.href;
      again.textContent = this.text("reload");
      line.append(this.text("changed"), " ", again);
      this.part("told").before(line);
    }

    tick() {
      this.show();
      const now = this.now();
      if (now >= this.end + HOUR) {
        clearInterval(this.asking);
        return;
      }
      setTimeout(() => this.tick(), 1000 - (Math.max(now, 0) % 1000) + 5);
    }

    items() {
      return this.list ? [...this.list.children].filter((item) => item.dataset.item) : [];
    }

    /* Where each item begins and ends, and the place of the one that is on; see on_air.py. */
    reckon(now) {
      const items = this.items();
      let at = this.start;
      const ends = items.map((item) => (at += Number(item.dataset.seconds || 0) * 1000));
      const timed = items.findLastIndex((item) => "timed" in item.dataset);
      let place = -1;
      if (now >= this.start) place = timed < 0 ? ends.findIndex((end) => now < end) : timed + 1;
      if (place >= items.length) place = -1;
      const itemEnds = place < 0 ? now : ends[place];
      const late = Math.max(now - itemEnds, 0);
      return { item: items[place], itemLeft: itemEnds - now, left: this.end - now, over: at + late - this.end };
    }

    show() {
      const now = this.now();
      const is = this.reckon(now);
      const on = now >= this.start;
      this.panel.hidden = now < this.start - AHEAD || now >= this.end + HOUR;
      this.panel.classList.toggle("is-live", on);
      this.part("body").hidden = !on;
      say(this.part("head"), on ? this.text("on") : this.text("begins", { length: lengthOf(seconds(this.start - now)) }));
      if (!on) return;
      say(this.part("item"), is.item ? this.text("item", { title: is.item.dataset.name }) : this.text("none"));
      this.part("item-box").hidden = !is.item;
      this.left("item-left", seconds(is.itemLeft));
      this.left("left", seconds(is.left));
      const over = seconds(is.over);
      const pace = over > 0 ? "long" : over < 0 ? "short" : "fits";
      say(this.part("over"), this.text(pace, { length: lengthOf(Math.abs(over)) }));
      this.part("over").classList.toggle("is-over", over > 0);
      this.mark(is.item);
    }

    left(name, length) {
      const place = this.part(name);
      say(place, length >= 0 ? lengthOf(length) : this.text("over", { length: lengthOf(-length) }));
      place.classList.toggle("is-over", length < 0);
    }

    mark(current) {
      for (const item of this.items()) {
        const is = item === current;
        item.classList.toggle("is-on", is);
        if (is) item.setAttribute("aria-current", "true");
        else item.removeAttribute("aria-current");
      }
      const form = this.part("form");
      if (form) {
        form.hidden = !current;
        if (current) form.elements.namedItem("item").value = current.dataset.item;
      }
      const named = current?.dataset.item ?? "";
      if (this.was !== null && this.was !== named) this.part("told").textContent = this.part("item").textContent;
      this.was = named;
    }
  }

  const seconds = (milliseconds) => Math.floor(milliseconds / 1000);

  function say(place, text) {
    if (place.textContent !== text) place.textContent = text;
  }

  function lengthOf(length) {
    const two = (number) => String(number).padStart(2, "0");
    const hours = Math.floor(length / 3600);
    const minutes = Math.floor(length / 60) % 60;
    return hours ? `${hours}:${two(minutes)}:${two(length % 60)}` : `${minutes}:${two(length % 60)}`;
  }

  for (const panel of document.querySelectorAll("[data-on-air]")) new OnAir(panel);
})();
