/* What lies on the device, and forms that are sent once. On every page of a desk.

   Drafts that were typed and not yet sent lie under the user's id, so that nobody else's pages see them. Nothing is put
   down where <html data-shared-device> says that others use the device too, nor without <html data-user>.
   form[data-sign-out] clears all that desks put down, of every user. What a reader saved or chose on the public pages is
   theirs and stays, except where others use the device too. The page /sign-in clears all but drafts that never got to
   the server: a session may have ended under somebody who typed, and who comes back; after a week those go, too.
   A form that was sent leaves its copy until the next page of the window shows that it arrived.
   form[data-once] is sent once: its buttons wait until the page is shown again ([data-stays-disabled] apart). */
(() => {
  "use strict";
  const PREFIX = "hub-draft:";
  const WEEK = 7 * 24 * 3600 * 1_000;
  const LOOKS = new Set(["hub-theme", "hub-text-size", "hub-keys"]); // how the pages look says nothing of anybody
  const SAVED = "hub-saved"; // public stories, kept without an account; see copy.js
  const user = document.documentElement.dataset.user;
  const shared = document.documentElement.hasAttribute("data-shared-device");
  const keyOf = (form) => `${PREFIX}${user}:${form.dataset.draft}`;

  /* A shelf on the device: IndexedDB, or localStorage where a private window has none. A write to localStorage is over
     at once and so survives a page that is closed within the same moment; IndexedDB takes what is too large for it. */
  const shelf = {
    database: null,
    closed: false, // after signing out nothing is put down any more
    open() {
      this.database ??= new Promise((resolve) => {
        let asked;
        try {
          asked = indexedDB.open("hub-drafts", 1);
        } catch {
          resolve(null);
          return;
        }
        asked.onupgradeneeded = () => asked.result.createObjectStore("drafts");
        asked.onsuccess = () => resolve(asked.result);
        asked.onerror = () => resolve(null);
        asked.onblocked = () => resolve(null);
      });
      return this.database;
    },
    async within(mode, act) {
      const database = await this.open();
      if (!database) return undefined;
      return new Promise((resolve) => {
        const run = database.transaction("drafts", mode);
        const asked = act(run.objectStore("drafts"));
        run.oncomplete = () => resolve(asked?.result);
        run.onabort = run.onerror = () => resolve(undefined);
      });
    },
    async put(key, copy) {
      if (this.closed) return false;
      try {
        localStorage.setItem(key, JSON.stringify(copy));
        return true;
      } catch {
        localStorage.removeItem(key); // full, or not allowed: an old copy must not pass for the newest
      }
      await this.within("readwrite", (store) => store.put(copy, key));
      const there = await this.within("readonly", (store) => store.get(key));
      return there?.at >= copy.at; // a later one may have come meanwhile
    },
    async get(key) {
      try {
        const kept = localStorage.getItem(key);
        if (kept !== null) return JSON.parse(kept);
      } catch {
        // not allowed, or not ours
      }
      return (await this.within("readonly", (store) => store.get(key))) ?? null;
    },
    async remove(key) {
      try {
        localStorage.removeItem(key);
      } catch {
        // not allowed
      }
      await this.within("readwrite", (store) => store.delete(key));
    },
    /* All that is ours but LOOKS and, on a device of one's own, SAVED; with `keepUnsent`, also but fresh copies that
       the server has not got. */
    async clear({ keepUnsent = false } = {}) {
      const fresh = (copy) => keepUnsent && copy?.unsent && Date.now() - Date.parse(copy.at) < WEEK;
      try {
        for (const key of Object.keys(localStorage)) {
          if (!key.startsWith("hub-") || LOOKS.has(key) || (key === SAVED && !shared)) continue;
          const draft = keepUnsent && key.startsWith(PREFIX);
          if (!draft || !fresh(JSON.parse(localStorage.getItem(key)))) localStorage.removeItem(key);
        }
        for (const key of Object.keys(sessionStorage)) if (key.startsWith("hub-")) sessionStorage.removeItem(key);
      } catch {
        // not allowed, or not readable
      }
      const keys = (await this.within("readonly", (store) => store.getAllKeys())) ?? [];
      for (const key of keys) {
        if (!fresh(await this.within("readonly", (store) => store.get(key)))) await this.remove(key);
      }
    },
  };

  /* Forms that went out from this window: where another page came well, they arrived. */
  function tidyLeft() {
    const [here] = performance.getEntriesByType("navigation");
    const keys = Object.keys(sessionStorage).filter((key) => key.startsWith("hub-left:"));
    const open = new Set([...document.querySelectorAll("form[data-draft]")].map(keyOf));
    for (const left of keys) {
      const key = left.slice("hub-left:".length);
      sessionStorage.removeItem(left);
      const arrived = here?.responseStatus === 200 && location.pathname !== "/sign-in" && !open.has(key);
      if (!arrived) continue;
      shelf.remove(key);
      shelf.remove(`${key}~found`);
    }
  }

  try {
    tidyLeft();
  } catch {
    // storage is not allowed
  }
  if (shared) shelf.clear();
  else if (location.pathname === "/sign-in") shelf.clear({ keepUnsent: true });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("[data-sign-out]") && !form.cleared) {
      event.preventDefault();
      form.cleared = true;
      const button = event.submitter;
      // whatever the device answers, signing out must not wait for it long
      const cleared = shelf.clear();
      shelf.closed = true;
      const enough = new Promise((resolve) => setTimeout(resolve, 1_000));
      Promise.race([cleared, enough]).then(() => form.requestSubmit(button));
    }
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-once]") || event.defaultPrevented) return;
    if (form.sent) {
      event.preventDefault();
      return;
    }
    form.sent = true;
    // after the browser has read the form: a disabled button's name would be missing
    setTimeout(() => {
      for (const button of buttonsOf(form)) button.disabled = true;
    });
  });

  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-once]")) {
      form.sent = false;
      for (const button of buttonsOf(form)) button.disabled = false;
    }
  });

  function buttonsOf(form) {
    return [...form.elements].filter(
      (control) => control.type === "submit" && !control.hasAttribute("data-stays-disabled"),
    );
  }

  window.hubDevice = { shelf, keyOf, keeps: Boolean(user) && !shared };
})();
