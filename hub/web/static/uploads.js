/* Pictures and films in pieces: they go on after a lost connection, after a pause, and after the page was closed.

     <input type="file" name="file" data-upload data-upload-url="/desk/uploads" data-texts="{…}" accept="image/*" multiple
            data-preview-url="/desk/uploads/{id}/preview" data-fields="media,caption,alt">

   In a form with csrf_token. Without scripts the form sends the files themselves (multipart). With them every file
   becomes a line with a progress bar, and, once it has arrived, a hidden field with its id and fields for caption and
   alternative text, named as data-fields says. The fields of one file stand in order, so the server may zip them.

   POST url {length, media_type, name} → 201 with Location. PATCH Location with Upload-Offset and a piece → Upload-Offset,
   and with the last piece JSON {"media": id, "preview": address} or {"upload": {"id": …}}. HEAD Location →
   Upload-Offset; 404 or 410 there: begin anew. 409: the server knows better, ask HEAD. 401, or 403 without a JSON
   `detail`: signed out, or in anew elsewhere; it waits, fetches the token of this page anew, and goes on.
   data-texts: progress ("{name}: {percent} %"), pause, resume, waiting, signed_out, failed ("{reason}"), done, remove, caption, alt,
   alt_hint, restored. When a form gets back what it held (`hub:restoring` of drafts.js) the files that had arrived get
   their lines again, with the picture of data-preview-url. Tells the document `hub:uploaded` with {id, preview, alt, media_type}. */
(() => {
  "use strict";
  const PIECE = 4 * 1024 * 1024;
  const RETRY = [1_000, 3_000, 10_000, 30_000];
  const root = document.documentElement;
  const mayKeep = root.dataset.user && !root.hasAttribute("data-shared-device");

  /* Where a file that was begun went on: by who it is, for the same user. Only an address, never its bytes. */
  const begun = {
    key: (file) => `hub-upload:${root.dataset.user}:${file.name}:${file.size}:${file.lastModified}`,
    get(file) {
      try {
        return mayKeep ? localStorage.getItem(this.key(file)) : null;
      } catch {
        return null;
      }
    },
    put(file, address) {
      try {
        if (mayKeep) localStorage.setItem(this.key(file), address);
      } catch {
        // full or not allowed: it begins anew after a reload
      }
    },
    remove(file) {
      try {
        localStorage.removeItem(this.key(file));
      } catch {
        // not allowed
      }
    },
  };

  function element(tag, properties = {}, ...children) {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  }

  class Refused extends Error {}
  class SignedOut extends Error {}

  class Upload {
    constructor(input, list, file) {
      this.input = input;
      this.file = file;
      this.names = namesOf(input);
      this.texts = JSON.parse(input.dataset.texts || "{}");
      this.paused = false;
      this.tries = 0;
      this.bar = element("progress", { max: file.size || 1, value: 0 });
      this.words = element("p", { className: "upload-words" });
      this.words.setAttribute("aria-live", "polite");
      this.toggle = element("button", { type: "button", className: "button-quiet" }, this.text("pause"));
      this.toggle.addEventListener("click", () => this.turn());
      this.gone = element("button", { type: "button", className: "button-plain" }, this.text("remove"));
      this.gone.addEventListener("click", () => this.remove());
      this.line = element("li", { className: "upload" }, this.words, this.bar, this.toggle, this.gone);
      this.bar.setAttribute("aria-label", file.name);
      for (const button of [this.toggle, this.gone])
        button.setAttribute("aria-label", `${button.textContent}: ${file.name}`);
      list.append(this.line);
      this.back = () => this.waiting && this.run();
      window.addEventListener("online", this.back);
      window.addEventListener("focus", this.back); // from signing in, perhaps
      this.run();
    }

    text(key, facts = {}) {
      return (this.texts[key] || key).replace(/\{(\w+)\}/g, (_, name) => facts[name] ?? "");
    }

    tell(key, facts) {
      this.line.dataset.state = key;
      const said = this.text(key, { name: this.file.name, ...facts });
      if (this.words.textContent !== said) this.words.textContent = said;
    }

    token() {
      return this.input.form?.elements.namedItem("csrf_token")?.value ?? "";
    }

    async ask(method, address, { headers = {}, body } = {}) {
      this.stop = new AbortController();
      const answer = await fetch(address, {
        method,
        body,
        headers: { Accept: "application/json", "X-CSRF-Token": this.token(), ...headers },
        signal: this.stop.signal,
      });
      if (answer.redirected || answer.status === 401) throw new SignedOut();
      if (answer.ok || [404, 409, 410].includes(answer.status)) return answer;
      if (answer.status === 403 && !(await detailOf(answer.clone()))) throw new SignedOut(); // a stale token
      if ([400, 403, 413, 415, 422].includes(answer.status)) throw new Refused(await reasonOf(answer));
      throw new Error(`status ${answer.status}`); // 429, 5xx: later perhaps
    }

    /* Until it has arrived, was paused, or is refused. */
    async run() {
      if (this.running || this.done) return;
      clearTimeout(this.timer);
      this.running = true;
      this.waiting = false;
      try {
        const said = await this.sendAll();
        if (said) this.arrived(said);
      } catch (fault) {
        if (fault instanceof Refused) this.fail(fault.message);
        else if (!this.paused && !this.removed) {
          this.wait(fault instanceof SignedOut ? "signed_out" : "waiting");
          if (fault instanceof SignedOut) await this.renew();
        }
      } finally {
        this.running = false;
      }
    }

    async sendAll() {
      let offset = await this.begin();
      while (!this.paused && !this.removed) {
        const piece = this.file.slice(offset, offset + Number(this.input.dataset.piece || PIECE));
        const answer = await this.ask("PATCH", this.address, {
          body: piece,
          headers: { "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream" },
        });
        if (!answer.ok) {
          offset = await this.begin(); // somebody else went on with it, or the server lost it
          continue;
        }
        const type = answer.headers.get("Content-Type") ?? "";
        const said = type.includes("json") ? await answer.json() : {};
        const id = said.media ?? said.upload?.id;
        if (id) return { id, preview: said.preview ?? this.input.dataset.previewUrl?.replace("{id}", id) ?? "" };
        const next = Number(answer.headers.get("Upload-Offset") ?? NaN);
        if (!(next > offset) && piece.size > 0) throw new Error("no progress");
        offset = next;
        this.tries = 0;
        this.show(offset);
      }
      return null;
    }

    /* From where to go on: by the address that is known, or by a new one. */
    async begin() {
      this.address ??= begun.get(this.file);
      if (this.address) {
        const answer = await this.ask("HEAD", this.address);
        const offset = Number(answer.headers.get("Upload-Offset") ?? NaN);
        if (answer.ok && offset >= 0 && offset <= this.file.size) {
          this.show(offset);
          return offset;
        }
      }
      const { name, size, type } = this.file;
      const answer = await this.ask("POST", this.input.dataset.uploadUrl, {
        body: JSON.stringify({ length: size, media_type: type, name }),
        headers: { "Content-Type": "application/json" },
      });
      if (answer.status !== 201) throw new Refused(await reasonOf(answer));
      const given = new URL(answer.headers.get("Location"), location.href);
      this.address = given.pathname + given.search; // this host, by whatever name the page was asked
      begun.put(this.file, this.address);
      this.show(0);
      return 0;
    }

    show(offset) {
      this.bar.value = offset;
      // whole steps of ten, so that a screen reader is not flooded
      const percent = Math.floor((offset / (this.file.size || 1)) * 10) * 10;
      this.tell("progress", { percent });
    }

    /* This page again, for the token of a session that was begun elsewhere by the same user. */
    async renew() {
      try {
        const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const token = page.querySelector('input[name="csrf_token"]')?.value;
        const field = this.input.form?.elements.namedItem("csrf_token");
        if (token && field && page.documentElement.dataset.user === root.dataset.user) field.value = token;
      } catch {
        // no connection: the next try asks again
      }
    }

    wait(why) {
      this.waiting = true;
      this.tell(why);
      this.timer = setTimeout(() => this.run(), RETRY[Math.min(this.tries++, RETRY.length - 1)]);
    }

    fail(reason) {
      this.done = true;
      this.toggle.hidden = true;
      this.bar.hidden = true;
      begun.remove(this.file);
      this.tell("failed", { reason });
    }

    turn() {
      this.paused = !this.paused;
      this.toggle.textContent = this.text(this.paused ? "resume" : "pause");
      this.toggle.setAttribute("aria-label", `${this.toggle.textContent}: ${this.file.name}`);
      if (this.paused) {
        clearTimeout(this.timer);
        this.waiting = false;
        this.stop?.abort();
      } else if (this.running) {
        setTimeout(() => this.run(), 50); // what was stopped has yet to end
      } else {
        this.run();
      }
    }

    remove() {
      this.removed = true;
      clearTimeout(this.timer);
      this.stop?.abort();
      window.removeEventListener("online", this.back);
      window.removeEventListener("focus", this.back);
      begun.remove(this.file);
      this.line.remove();
      this.input.dispatchEvent(new Event("change", { bubbles: true }));
      this.input.focus();
    }

    arrived({ id, preview }) {
      this.done = true;
      begun.remove(this.file);
      this.bar.value = this.bar.max;
      this.bar.hidden = true;
      this.toggle.hidden = true;
      this.tell("done");
      const told = { id, preview, alt: "", media_type: this.file.type };
      const described = describe(this, { ...told, preview: this.file.type.startsWith("image/") ? preview : "" });
      described.addEventListener("change", () => (told.alt = described.value));
      document.dispatchEvent(new CustomEvent("hub:uploaded", { detail: told }));
      this.input.dispatchEvent(new Event("change", { bubbles: true })); // the form has new fields
    }
  }

  /* A file that arrived before this page was opened, and stands in a copy of the form that was not sent. */
  class Arrived {
    constructor(input, list, { id, caption, alt }) {
      this.input = input;
      this.names = namesOf(input);
      this.texts = JSON.parse(input.dataset.texts || "{}");
      this.done = true;
      const words = element("p", { className: "upload-words" }, this.texts.restored || this.texts.done || "done");
      const gone = element("button", { type: "button", className: "button-plain" }, this.texts.remove || "remove");
      gone.addEventListener("click", () => {
        this.removed = true;
        this.line.remove();
        input.dispatchEvent(new Event("change", { bubbles: true }));
        input.focus();
      });
      this.line = element("li", { className: "upload" }, words, gone);
      this.line.dataset.state = "done";
      list.append(this.line);
      const preview = input.dataset.previewUrl?.replace("{id}", encodeURIComponent(id)) ?? "";
      describe(this, { id, preview, caption, alt });
    }

    text(key) {
      return this.texts[key] || key;
    }
  }

  function namesOf(input) {
    return (input.dataset.fields || "media,caption,alt").split(",");
  }

  /* The fields of a file that has arrived, at the end of its line; returns the one for who cannot see it. */
  function describe(upload, { id, preview, caption = "", alt = "" }) {
    const [media, captions, alts] = upload.names;
    if (preview) {
      const picture = element("img", { src: preview, alt: "", className: "upload-preview" });
      picture.addEventListener("error", () => picture.remove()); // a film, or one that is gone
      upload.line.append(picture);
    }
    const described = element("input", { type: "text", name: alts, value: alt });
    const hint = element("span", { className: "hint" }, upload.text("alt_hint"));
    const titled = element("input", { type: "text", name: captions, value: caption });
    upload.line.append(
      element("input", { type: "hidden", name: media, value: id }),
      element("label", {}, upload.text("caption"), titled),
      element("label", {}, upload.text("alt"), hint, described),
    );
    return described;
  }

  async function detailOf(answer) {
    const type = answer.headers.get("Content-Type") ?? "";
    const said = type.includes("json") ? await answer.json().catch(() => ({})) : {};
    return said.detail ?? said.title;
  }

  async function reasonOf(answer) {
    return (await detailOf(answer)) ?? String(answer.status);
  }

  function wire(input) {
    if (input.uploads) return;
    const list = element("ul", { className: "uploads" });
    (input.closest("label") ?? input).after(list);
    const uploads = (input.uploads = []);
    const take = () => {
      const files = [...input.files];
      input.value = ""; // the form must not send them a second time
      for (const file of files) uploads.push(new Upload(input, list, file));
    };
    input.addEventListener("change", () => input.files.length && take());
    if (input.files.length) take(); // chosen before this script came
    input.form?.addEventListener("hub:restoring", ({ detail }) => {
      const [media, captions, alts] = namesOf(input).map((name) => detail[name] ?? []);
      const held = new Set([...input.form.querySelectorAll("input[type=hidden]")].map((field) => field.value));
      media.forEach((id, place) => {
        if (!id || held.has(id)) return; // the page shows it already
        uploads.push(new Arrived(input, list, { id, caption: captions[place] ?? "", alt: alts[place] ?? "" }));
      });
    });
    window.addEventListener("beforeunload", (event) => {
      if (uploads.some((upload) => !upload.done && !upload.removed)) event.preventDefault();
    });
  }

  const INPUTS = "input[type=file][data-upload]";
  document.querySelectorAll(INPUTS).forEach(wire);
  document.addEventListener("htmx:load", (event) => event.target.querySelectorAll(INPUTS).forEach(wire));
})();
