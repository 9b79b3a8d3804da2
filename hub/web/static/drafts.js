/* Saved as you type, on the device too: a lost connection loses nothing.

     <form data-draft="story-7" data-draft-url="/desk/…/draft" data-revision="3" data-texts="{…}">
       <p data-draft-status aria-live="polite"></p>
       <div data-draft-offer hidden></div>

   Every change is kept on the device at once, and posted to data-draft-url as the form itself would be (multipart, its
   csrf_token among the fields, `revision` beside them) a second after typing stops. Answers:
     200 {"saved": "2026-11-27T…Z", "revision": 4}
     401  signed out: a link in a new window (data-sign-in), after which sending goes on
     403  the token is stale: the same
     429  too much for now: sent again after Retry-After seconds
     409 {"revision": 5, "fields": {…}, "saved": …}  a newer one from another device: both are offered
   When the page opens, a copy on the device that was not sent is offered. data-texts: saving, saved ("… {time}"),
   kept (on the device, when the server is out of reach), wait (there, when it takes no more for now), offline, signed_out, sign_in, conflict, take_theirs,
   keep_mine, found ("… {time}"), restore, discard, refused, unkept (shared device and no connection).

   Before a form gets a copy back it hears `hub:restoring` with the fields, so that those which scripts have made are
   there to be filled. Needs device.js before it, which says what may lie on the device. Passwords, files and fields marked data-no-draft
   are never kept. */
(() => {
  "use strict";
  const PAUSE = 1_000;
  const RETRY = [1_000, 5_000, 15_000, 30_000];
  const LONGEST = 120_000; // that a server may let us wait
  const NEVER = new Set(["csrf_token", "revision"]);
  const { shelf, keyOf, keeps } = window.hubDevice;
  const root = document.documentElement;
  const user = root.dataset.user;

  function fieldsOf(form) {
    const fields = {};
    for (const control of form.elements) {
      const unfit = !control.name || NEVER.has(control.name) || control.hasAttribute("data-no-draft");
      if (unfit || ["password", "file", "submit", "button", "image", "reset"].includes(control.type)) continue;
      if (["FIELDSET", "OUTPUT", "OBJECT"].includes(control.tagName)) continue;
      const many = (fields[control.name] ??= []);
      if (["checkbox", "radio"].includes(control.type)) {
        if (control.checked) many.push(control.value);
      } else if (control.tagName === "SELECT") {
        many.push(...[...control.selectedOptions].map((option) => option.value));
      } else {
        many.push(control.value);
      }
    }
    return fields;
  }

  function fill(form, fields) {
    const places = {};
    for (const control of form.elements) {
      const said = fields[control.name];
      if (said === undefined || NEVER.has(control.name) || control.type === "file" || control.type === "password")
        continue;
      if (["checkbox", "radio"].includes(control.type)) {
        control.checked = said.includes(control.value);
      } else if (control.tagName === "SELECT") {
        for (const option of control.options) option.selected = said.includes(option.value);
      } else {
        const place = (places[control.name] ??= 0);
        if (said[place] !== undefined) control.value = said[place];
        places[control.name] += 1;
      }
      control.dispatchEvent(new Event("hub:restored"));
    }
  }

  class Draft {
    constructor(form) {
      this.form = form;
      this.texts = JSON.parse(form.dataset.texts || "{}");
      this.key = keyOf(form);
      this.keeps = keeps;
      this.revision = Number(form.dataset.revision || 0);
      this.status = form.querySelector("[data-draft-status]") ?? form.appendChild(document.createElement("p"));
      this.status.setAttribute("aria-live", "polite");
      this.offer =
        form.querySelector("[data-draft-offer]") ??
        this.status.insertAdjacentElement("afterend", document.createElement("div"));
      this.found = `${this.key}~found`;
      this.loaded = fieldsOf(form);
      this.version = 0; // of what is typed
      this.unsent = false;
      this.looked = false; // at what lies on the device
      this.asking = false; // a conflict: the person has to choose first
      this.onDevice = false; // whether the newest words lie there
      this.renewed = false; // the token, since the server last took a draft
      this.tries = 0;
      this.notBefore = 0; // the server asked us to wait so long
      form.addEventListener("input", () => this.changed());
      form.addEventListener("change", () => this.changed());
      form.addEventListener("submit", (event) => this.leave(event));
      window.addEventListener("online", () => this.soon(0));
      window.addEventListener("offline", () => this.unreachable("offline"));
      window.addEventListener("focus", () => {
        this.renewed = false; // back from signing in, perhaps
        if (this.unsent) this.soon(0);
      });
      document.addEventListener("visibilitychange", () => document.hidden && this.unsent && this.send());
      this.look();
    }

    text(key, facts = {}) {
      return (this.texts[key] || key).replace(/\{(\w+)\}/g, (_, name) => facts[name] ?? "");
    }

    tell(key, facts) {
      const said = this.text(key, facts);
      this.status.dataset.state = key;
      if (this.status.textContent !== said) this.status.textContent = said;
    }

    /* Without the server: says whether the device has it, which it may not have where it is shared or full. */
    unreachable(key) {
      this.tell(this.onDevice || (this.keeps && !this.unsent) ? key : "unkept");
    }

    clock(iso) {
      const moment = new Date(iso);
      const today = moment.toDateString() === new Date().toDateString();
      return moment.toLocaleString(root.lang, {
        ...(today ? {} : { day: "numeric", month: "numeric" }),
        hour: "2-digit",
        minute: "2-digit",
      });
    }

    /* Offers what lies on the device and was never sent. It moves to a place of its own, so that whoever writes on
       without choosing does not write it over. */
    async look() {
      if (!this.keeps) return;
      const newest = await shelf.get(this.key);
      const copy = newest?.unsent ? newest : await shelf.get(this.found);
      const same = copy && JSON.stringify(copy.fields) === JSON.stringify(this.loaded);
      if (copy && !same) {
        await shelf.put(this.found, copy);
        this.ask(this.text("found", { time: this.clock(copy.at) }), [
          ["restore", () => this.take(copy.fields).then(() => shelf.remove(this.found))],
          ["discard", () => shelf.remove(this.found)],
        ]);
      }
      this.looked = true;
      if (this.unsent) await this.changed();
      else await shelf.remove(this.key);
    }

    ask(sentence, choices) {
      const words = document.createElement("p");
      words.textContent = sentence;
      this.offer.replaceChildren(
        words,
        ...choices.map(([key, act]) => {
          const button = document.createElement("button");
          button.type = "button";
          button.className = "button-quiet";
          button.textContent = this.text(key);
          button.addEventListener("click", () => {
            this.offer.hidden = true;
            this.asking = false;
            act();
          });
          return button;
        }),
      );
      this.offer.setAttribute("role", "alert");
      this.offer.hidden = false;
    }

    take(fields) {
      this.form.dispatchEvent(new CustomEvent("hub:restoring", { detail: fields })); // whoever makes fields makes them
      fill(this.form, fields);
      return this.changed();
    }

    async changed() {
      if (this.left) return;
      this.unsent = true;
      this.version += 1;
      if (!this.asking) this.soon(Math.max(PAUSE, this.notBefore - Date.now()));
      if (!this.keeps || !this.looked) return;
      const at = new Date().toISOString();
      const copy = { at, revision: this.revision, fields: fieldsOf(this.form), unsent: true };
      this.onDevice = await shelf.put(this.key, copy);
      // a slow device may have it only after we said that nobody has
      if (this.onDevice && this.status.dataset.state === "unkept") this.tell(navigator.onLine ? "kept" : "offline");
    }

    soon(delay) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.send(), delay);
    }

    async send() {
      clearTimeout(this.timer);
      if (!this.unsent || this.asking || this.left) return;
      if (this.sending) return void (this.again = true);
      if (!navigator.onLine) return this.unreachable("offline");
      this.sending = true;
      const version = this.version;
      this.tell("saving");
      const body = new FormData(this.form);
      for (const [name, value] of [...body]) if (value instanceof File) body.delete(name);
      body.set("revision", String(this.revision));
      let answer;
      let said = null;
      try {
        answer = await fetch(this.form.dataset.draftUrl, {
          method: "POST",
          body,
          headers: { Accept: "application/json" },
          keepalive: document.hidden,
          redirect: "manual",
        });
        said = (answer.headers.get("Content-Type") ?? "").includes("json") ? await answer.json() : null;
      } catch {
        answer = null;
      }
      this.sending = false;
      if (!this.left) await this.heard(answer, said, version);
      if (this.again) {
        this.again = false;
        this.soon(0);
      }
    }

    async heard(answer, said, version) {
      if (!answer || answer.status >= 500 || answer.status === 429) {
        this.unreachable(answer?.status === 429 && this.texts.wait ? "wait" : "kept");
        const asked = Number(answer?.headers.get("Retry-After") ?? 0) * 1_000 || 0; // a date, or nothing: as before
        this.notBefore = Date.now() + Math.min(asked, LONGEST);
        this.soon(Math.min(Math.max(asked, RETRY[Math.min(this.tries++, RETRY.length - 1)]), LONGEST));
      } else if (answer.ok && said) {
        this.tries = 0;
        this.renewed = false;
        this.revision = said.revision;
        this.form.dataset.revision = said.revision;
        const field = this.form.elements.namedItem("revision");
        if (field) field.value = said.revision;
        if (version !== this.version) return this.soon(PAUSE); // more was typed meanwhile
        this.unsent = false;
        this.tell("saved", { time: this.clock(said.saved) });
        await shelf.remove(this.key);
      } else if ([401, 403].includes(answer.status) || answer.type === "opaqueredirect") {
        await this.signedOut();
      } else if (answer.status === 409) {
        this.conflict(said);
      } else {
        this.tell("refused");
      }
    }

    /* Nothing is lost: the form stays, and its token is fetched anew when the person has signed in elsewhere. */
    async signedOut() {
      if (!this.renewed && (await this.renew())) return; // signed in anew elsewhere: only the token was old
      this.tell("signed_out");
      const link = document.createElement("a");
      link.href = this.form.dataset.signIn || "/sign-in";
      link.target = "_blank";
      link.rel = "opener";
      link.textContent = this.text("sign_in");
      this.status.append(" ", link);
    }

    /* This page again, for the token that belongs to the new session. */
    async renew() {
      if (!this.unsent) return false;
      try {
        const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        if (page.documentElement.dataset.user !== user) return false; // nobody yet, or somebody else
        const token = page.querySelector('input[name="csrf_token"]')?.value;
        if (!token) return false;
        for (const field of document.querySelectorAll('input[name="csrf_token"]')) field.value = token;
        this.renewed = true;
        this.soon(0);
        return true;
      } catch {
        return false;
      }
    }

    conflict(theirs) {
      this.tell("conflict");
      this.asking = true;
      this.ask(this.text("conflict"), [
        [
          "keep_mine",
          () => {
            this.revision = theirs?.revision ?? this.revision;
            this.changed();
            this.soon(0);
          },
        ],
        ...(theirs?.fields
          ? [
              [
                "take_theirs",
                async () => {
                  fill(
                    this.form,
                    Object.fromEntries(Object.entries(theirs.fields).map(([name, said]) => [name, [said].flat()])),
                  );
                  this.revision = theirs.revision;
                  this.unsent = false;
                  await shelf.remove(this.key);
                  this.tell("saved", { time: this.clock(theirs.saved ?? new Date().toISOString()) });
                },
              ],
            ]
          : []),
      ]);
    }

    /* The form goes out itself; what lies on the device is kept until the next page shows that it arrived. */
    leave(event) {
      if (event.defaultPrevented) return;
      if (!navigator.onLine) {
        event.preventDefault(); // else the browser would put its own page in the place of the form
        this.unreachable("offline");
        return;
      }
      clearTimeout(this.timer);
      this.left = true;
      if (this.keeps) sessionStorage.setItem(`hub-left:${this.key}`, "yes");
    }

    back() {
      this.left = false;
      if (this.unsent) this.soon(PAUSE);
    }
  }

  const drafts = [...document.querySelectorAll("form[data-draft]")].map((form) => (form.draft = new Draft(form)));
  window.addEventListener("pageshow", () => drafts.forEach((draft) => draft.back()));
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-sign-out]")) for (const draft of drafts) draft.left = true;
  });
})();
