/* The rich-text editor over a plain textarea.

     <textarea name="body" data-editor data-allowed="{{ editor_schema()|tojson }}" data-texts="{…}"
               data-pictures='[{"id": "med_…", "preview": "/desk/…", "alt": "…"}]'></textarea>

   Needs before it, all deferred: vendor/tiptap.min.js, editor-schema.js, editor-acts.js, and editor.css.
   Without scripts the textarea stays, holding HTML.
   The schema is built from data-allowed (hub/intake/editor_schema.py), which the sanitizer's table rules: what it does
   not allow cannot be in the document, whether typed, pasted or loaded. data-texts names the buttons; its keys are the
   names in BUTTONS and: toolbar, link_address, link_bad, apply, remove, cancel, picture_alt, picture_none.
   Every change is written into the textarea and told by an `input` event, so that forms, drafts and counters go on as
   without an editor. A script that writes the textarea itself sends `hub:restored` to it; a new upload is told to the
   document by `hub:uploaded` ({id, preview, alt}).
   Input methods are left alone: no input rules, nothing appended to what is typed, and the document is only read while
   a composition runs. */
(() => {
  "use strict";
  const { Editor, Gapcursor, UndoRedo } = window.Tiptap;
  const { judge, schemaExtensions, htmlOf, tidyPasted, begin, inside, Keys, BUTTONS } = window.hubEditor;

  const SVG = "http://www.w3.org/2000/svg";

  function drawing(path) {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    const line = document.createElementNS(SVG, "path");
    line.setAttribute("d", path);
    svg.append(line);
    return svg;
  }

  function element(tag, properties = {}, ...children) {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  }

  class Frame {
    constructor(area) {
      this.area = area;
      this.texts = JSON.parse(area.dataset.texts || "{}");
      this.pictures = JSON.parse(area.dataset.pictures || "[]");
      this.allowed = JSON.parse(area.dataset.allowed);
      this.label = area.labels?.[0];
      if (this.label && !this.label.id) this.label.id = `${area.id || area.name}-label`;
      this.box = element("div", { className: "editor" });
      this.toolbar = this.makeToolbar();
      this.panel = element("div", { className: "editor-panel", hidden: true });
      this.panel.addEventListener("input", (event) => event.stopPropagation()); // these are not fields of the form
      this.surface = element("div", { className: "editor-surface" });
      const head = element("div", { className: "editor-head" }, this.toolbar, this.panel);
      this.box.append(head, this.surface);
      // not within a label: a click on its text would press the first button of the toolbar
      const label = area.closest("label");
      if (label) label.after(this.box);
      else area.before(this.box);
      this.editor = this.makeEditor();
      this.hideArea();
      this.listen();
      this.show();
    }

    text(key) {
      return this.texts[key] || key;
    }

    makeEditor() {
      const area = this.area;
      const known = {
        class: "editor-text prose",
        role: "textbox",
        "aria-multiline": "true",
        ...(this.label
          ? { "aria-labelledby": this.label.id }
          : { "aria-label": area.getAttribute("aria-label") || "" }),
        ...(area.lang ? { lang: area.lang } : {}),
        ...(area.required ? { "aria-required": "true" } : {}),
      };
      for (const name of ["aria-describedby", "aria-invalid"]) {
        if (area.hasAttribute(name)) known[name] = area.getAttribute(name);
      }
      const keys = Keys.configure({ link: () => this.openLink(), toolbar: () => this.focusToolbar() });
      return new Editor({
        element: this.surface,
        extensions: [...schemaExtensions(this.allowed, this.pictures), keys, UndoRedo, Gapcursor],
        content: area.value,
        injectCSS: false,
        enableInputRules: false,
        enablePasteRules: false,
        editorProps: {
          attributes: known,
          transformPastedHTML: (html) => tidyPasted(html, this.allowed.dropped),
        },
        onUpdate: () => this.write(),
        onTransaction: () => this.show(),
      });
    }

    hideArea() {
      this.area.required = false; // a hidden field cannot be told of; the server asks for it
      this.area.hidden = true;
      this.area.editor = this.editor;
      this.label?.addEventListener("click", () => this.editor.view.focus());
    }

    listen() {
      this.area.addEventListener("hub:restored", () => {
        this.editor.commands.setContent(this.area.value, { emitUpdate: false });
      });
      this.area.form?.addEventListener("reset", () =>
        setTimeout(() => {
          this.editor.commands.setContent(this.area.value, { emitUpdate: false });
        }),
      );
      document.addEventListener("hub:uploaded", (event) => {
        if ((event.detail.media_type ?? "image/").startsWith("image/")) this.pictures.push(event.detail);
      });
    }

    write() {
      this.area.value = htmlOf(this.editor);
      this.area.dispatchEvent(new Event("input", { bubbles: true }));
    }

    // the toolbar: one stop for Tab, arrows within (ARIA APG, "Toolbar")

    makeToolbar() {
      const bar = element("div", { className: "editor-toolbar" });
      bar.setAttribute("role", "toolbar");
      bar.setAttribute("aria-label", this.text("toolbar"));
      const tags = new Set([...this.allowed.nodes, ...this.allowed.marks].map((known) => known.tag));
      this.buttons = Object.entries(BUTTONS)
        .filter(([, [tag]]) => tag === null || tags.has(tag))
        .map(([name, [, path, , pressed, place]]) => {
          const button = element("button", { type: "button", title: this.text(name), tabIndex: -1 }, drawing(path));
          button.setAttribute("aria-label", this.text(name));
          button.dataset.act = name;
          if (pressed) button.setAttribute("aria-pressed", "false");
          if (place) button.hidden = true;
          return button;
        });
      this.buttons[0].tabIndex = 0;
      bar.append(...this.buttons);
      bar.addEventListener("mousedown", (event) => event.preventDefault()); // the selection stays in the text
      bar.addEventListener("click", (event) => this.press(event.target.closest("button")));
      bar.addEventListener("keydown", (event) => this.walk(event));
      return bar;
    }

    press(button) {
      if (!button) return;
      const name = button.dataset.act;
      this.stop(button);
      if (name === "link") this.openLink();
      else if (name === "picture") this.openPictures();
      else BUTTONS[name][2](this.editor);
    }

    walk(event) {
      const shown = this.buttons.filter((button) => !button.hidden);
      const at = shown.indexOf(document.activeElement);
      const places = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: shown.length - 1 };
      if (event.key === "Escape") this.editor.view.focus();
      if (!(event.key in places)) return;
      event.preventDefault();
      const next = shown[(places[event.key] + shown.length) % shown.length];
      this.stop(next);
      next.focus();
    }

    stop(button) {
      for (const each of this.buttons) each.tabIndex = each === button ? 0 : -1;
    }

    focusToolbar() {
      this.buttons.find((button) => button.tabIndex === 0 && !button.hidden)?.focus();
      return true;
    }

    show() {
      if (!this.editor) return; // its first transaction comes while it is made
      const within = inside(this.editor, "table") > 0;
      for (const button of this.buttons) {
        const [, , , pressed, place] = BUTTONS[button.dataset.act];
        if (pressed) button.setAttribute("aria-pressed", String(pressed(this.editor)));
        if (place) button.hidden = !within;
      }
      if (!this.buttons.some((button) => button.tabIndex === 0 && !button.hidden)) this.stop(this.buttons[0]);
    }

    // small panels under the toolbar

    openPanel(label, ...children) {
      this.panel.replaceChildren(...children);
      for (const input of this.panel.querySelectorAll("input")) input.setAttribute("form", ""); // never sent
      this.panel.setAttribute("role", "group");
      this.panel.setAttribute("aria-label", label);
      this.panel.hidden = false;
      this.panel.onkeydown = (event) => {
        if (event.key === "Escape") {
          event.stopPropagation();
          this.closePanel();
        }
        if (event.key === "Enter" && event.target.tagName === "INPUT" && !event.isComposing) {
          event.preventDefault(); // the form around it is not meant
          this.panel.querySelector("[data-apply]")?.click();
        }
      };
      return true;
    }

    closePanel() {
      this.panel.hidden = true;
      this.panel.replaceChildren();
      this.editor.view.focus();
    }

    button(key, act, primary = false) {
      const made = element(
        "button",
        { type: "button", className: primary ? "button" : "button-quiet" },
        this.text(key),
      );
      if (primary) made.dataset.apply = "";
      made.addEventListener("click", act);
      return made;
    }

    openLink() {
      if (!this.editor.schema.marks.a) return false;
      const rule = this.allowed.marks.find((known) => known.tag === "a").attributes.href;
      const current = this.editor.getAttributes("a").href ?? "";
      const input = element("input", { type: "text", inputMode: "url", value: current, autocomplete: "off" });
      const fault = element("p", { className: "fault", hidden: true }, this.text("link_bad"));
      fault.setAttribute("role", "alert");
      const apply = () => {
        const said = input.value.trim();
        const guess = /^[a-z][a-z0-9+.-]*:/i.test(said)
          ? said
          : said.includes("@")
            ? `mailto:${said}`
            : `https://${said}`;
        const href = judge(rule, guess);
        fault.hidden = href !== null && said !== "";
        if (!fault.hidden) return input.focus();
        this.closePanel();
        const chain = begin(this.editor).extendMarkRange("a");
        if (this.editor.state.selection.empty && !current) {
          return chain.insertContent({ type: "text", text: said, marks: [{ type: "a", attrs: { href } }] }).run();
        }
        return chain.setMark("a", { href }).run();
      };
      const remove = () => {
        this.closePanel();
        begin(this.editor).extendMarkRange("a").unsetMark("a").run();
      };
      this.openPanel(
        this.text("link"),
        element("label", {}, this.text("link_address"), input),
        fault,
        this.button("apply", apply, true),
        ...(current ? [this.button("remove", remove)] : []),
        this.button("cancel", () => this.closePanel()),
      );
      input.focus();
      input.select();
      return true;
    }

    openPictures() {
      if (this.pictures.length === 0) {
        this.openPanel(
          this.text("picture"),
          element("p", {}, this.text("picture_none")),
          this.button("cancel", () => this.closePanel()),
        );
        return this.panel.querySelector("button").focus();
      }
      let chosen = this.pictures[0];
      const alt = element("input", { type: "text", value: chosen.alt ?? "" });
      const choices = this.pictures.map((picture) => {
        const shown = element("img", { src: picture.preview, alt: picture.alt || picture.id });
        const radio = element("input", { type: "radio", name: "editor-choice", checked: picture === chosen });
        radio.addEventListener("change", () => {
          chosen = picture;
          alt.value = picture.alt ?? "";
        });
        return element("label", { className: "editor-choice" }, radio, shown);
      });
      const insert = () => {
        if (!alt.value.trim()) return alt.focus(); // who cannot see it has nothing else
        this.closePanel();
        const attrs = { src: `media:${chosen.id}`, alt: alt.value.trim() };
        return begin(this.editor).insertContent({ type: "img", attrs }).run();
      };
      this.openPanel(
        this.text("picture"),
        element("div", { className: "editor-choices" }, ...choices),
        element("label", {}, this.text("picture_alt"), alt),
        this.button("apply", insert, true),
        this.button("cancel", () => this.closePanel()),
      );
      return this.panel.querySelector("input").focus();
    }
  }

  /* Also what htmx brings later. */
  function wire(part) {
    for (const area of part.querySelectorAll("textarea[data-editor]")) if (!area.editor) new Frame(area);
  }

  wire(document);
  document.addEventListener("htmx:load", (event) => wire(event.target));
})();
