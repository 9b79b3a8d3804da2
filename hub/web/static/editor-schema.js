/* What the rich-text editor may hold, and how text goes in and out. The first of its three parts; see editor.js. */
(() => {
  "use strict";
  const { Mark, Node, DOMSerializer } = window.Tiptap;

  /* The value to keep of an attribute, or null: the sanitizer's `judge`, as far as a browser needs it. */
  function judge(rule, value) {
    if (value === null || value === undefined || value === "") return null;
    if (rule.kind === "text") return value;
    if (rule.kind === "pattern") {
      const pattern = new RegExp(`^(?:${rule.pattern})$`);
      return [value, value.trim().toLowerCase()].find((said) => pattern.test(said)) ?? null;
    }
    try {
      const address = new URL(value.trim());
      const known = rule.protocols.includes(address.protocol.slice(0, -1));
      return known && !address.username && !address.password && value.length <= rule.most ? value.trim() : null;
    } catch {
      return null;
    }
  }

  function attributesOf(rules) {
    return Object.fromEntries(
      Object.entries(rules).map(([name, rule]) => [
        name,
        {
          default: null,
          parseHTML: (element) => judge(rule, element.getAttribute(name)),
          renderHTML: (all) => (all[name] === null ? {} : { [name]: all[name] }),
        },
      ]),
    );
  }

  /* How a tag is read: itself, and the tags that the sanitizer renames to it. */
  function parseRules(known, renamed) {
    const needed = Object.entries(known.attributes).filter(([, rule]) => rule.needed);
    const tags = [known.tag, ...Object.keys(renamed).filter((other) => renamed[other] === known.tag)];
    return tags.map((tag) => ({
      tag,
      preserveWhitespace: known.traits?.includes("code") ? "full" : undefined,
      getAttrs: (element) => {
        const fits = needed.every(([name, rule]) => judge(rule, element.getAttribute(name)) !== null);
        return fits ? null : false;
      },
    }));
  }

  function nodeOf(known, allowed, pictures) {
    const leaf = known.content === "";
    return Node.create({
      name: known.tag,
      group: known.group || undefined,
      content: known.content || undefined,
      marks: known.content.includes("inline") ? "_" : undefined,
      inline: known.traits.includes("inline"),
      code: known.traits.includes("code"),
      defining: known.traits.includes("defining"),
      isolating: known.traits.includes("isolating"),
      atom: leaf,
      draggable: known.tag === "img",
      addAttributes: () => attributesOf(known.attributes),
      parseHTML: () => parseRules(known, allowed.renamed),
      renderHTML: ({ HTMLAttributes }) => (leaf ? [known.tag, HTMLAttributes] : [known.tag, HTMLAttributes, 0]),
      renderText: () => (known.tag === "br" ? "\n" : ""),
      ...(known.tag === "img" ? { addNodeView: () => (it) => pictureView(it.node, pictures) } : {}),
    });
  }

  function markOf(known, allowed) {
    return Mark.create({
      name: known.tag,
      inclusive: known.tag !== "a",
      addAttributes: () => attributesOf(known.attributes),
      parseHTML: () => parseRules(known, allowed.renamed),
      renderHTML: ({ HTMLAttributes }) => [known.tag, HTMLAttributes, 0],
    });
  }

  function schemaExtensions(allowed, pictures) {
    return [
      Node.create({
        name: "doc",
        topNode: true,
        content: "block+",
      }),
      Node.create({ name: "text", group: "inline" }),
      ...allowed.nodes.map((known) => nodeOf(known, allowed, pictures)),
      ...allowed.marks.map((known) => markOf(known, allowed)),
    ];
  }

  /* The document knows `media:med_…`; people see the picture, or its description where we have no preview. */
  function pictureView(node, pictures) {
    const dom = document.createElement("span");
    dom.className = "editor-picture";
    const known = pictures.find((each) => `media:${each.id}` === node.attrs.src);
    if (known) {
      const shown = document.createElement("img");
      shown.src = known.preview;
      shown.alt = node.attrs.alt ?? "";
      dom.append(shown);
    } else {
      dom.textContent = node.attrs.alt || node.attrs.src;
    }
    return { dom };
  }

  // --- what goes in and out ----------------------------------------------------------------------------------

  const LOOSE = new Set(["LI", "TD", "TH", "DD"]); // their only paragraph is not worth a <p>

  /* The document as HTML; "" when nothing is in it. An inert document keeps browsers from loading `media:` pictures. */
  function htmlOf(editor) {
    const doc = editor.state.doc;
    if (doc.childCount === 1 && doc.firstChild.isTextblock && doc.firstChild.content.size === 0) return "";
    const inert = document.implementation.createHTMLDocument("");
    const body = inert.createElement("div");
    DOMSerializer.fromSchema(editor.schema).serializeFragment(doc.content, { document: inert }, body);
    for (const paragraph of body.querySelectorAll("li > p, td > p, th > p, dd > p, figure > p")) {
      const parent = paragraph.parentElement;
      const alone = [...parent.children].filter((each) => each.tagName === "P").length === 1;
      const loose = LOOSE.has(parent.tagName) || (paragraph.children.length === 1 && !paragraph.textContent);
      if (alone && loose) paragraph.replaceWith(...paragraph.childNodes);
    }
    return body.innerHTML;
  }

  /* Pasted pages and Word files are full of wrappers: a <div> of words is a paragraph, a <div> of blocks is nothing. */
  const WRAPPERS = "div, section, article, header, footer, main, aside, center, address, form, fieldset, nav";
  const BLOCKS = "p, div, ul, ol, dl, table, blockquote, pre, h1, h2, h3, h4, h5, h6, hr, figure, section, article";

  /* What our policy would forbid, and write to the console, already while it is read: styles and handlers. */
  function disarm(html) {
    return html
      .replace(/<style[\s\S]*?<\/style\s*>/gi, "")
      .replace(/<[a-z][^>]*>/gi, (tag) =>
        tag.replace(/([\s"'/])style\s*=/gi, "$1data-look=").replace(/([\s"'/])on[a-z]+\s*=/gi, "$1data-gone="),
      );
  }

  const lookOf = (element) => element.dataset.look ?? "";

  function tidyPasted(html, dropped) {
    const page = new window.DOMParser().parseFromString(disarm(html), "text/html");
    for (const element of page.querySelectorAll(dropped.join(","))) element.remove();
    for (const element of page.querySelectorAll("span")) {
      if (/mso-list:\s*ignore/i.test(lookOf(element))) element.remove();
    }
    for (const element of page.querySelectorAll("b, strong")) {
      // Google Docs wraps all that it gives in <b style="font-weight: normal">
      if (/font-weight:\s*(normal|400)/i.test(lookOf(element))) element.replaceWith(...element.childNodes);
    }
    listsOfWord(page);
    for (const wrapper of [...page.querySelectorAll(WRAPPERS)].reverse()) {
      if (wrapper.querySelector(BLOCKS)) {
        wrapper.replaceWith(...wrapper.childNodes);
      } else {
        const paragraph = page.createElement("p");
        paragraph.append(...wrapper.childNodes);
        wrapper.replaceWith(paragraph);
      }
    }
    return page.body.innerHTML;
  }

  /* Word sends a list as paragraphs in the style "mso-list:l0 level1 lfo1". */
  function listsOfWord(page) {
    let list = null;
    for (const paragraph of page.querySelectorAll("p")) {
      if (!/mso-list:\s*l\d/i.test(lookOf(paragraph))) {
        list = null;
        continue;
      }
      if (!list || list.nextElementSibling !== paragraph) {
        list = page.createElement("ul");
        paragraph.before(list);
      }
      const item = page.createElement("li");
      item.append(...paragraph.childNodes);
      list.append(item);
      paragraph.remove();
    }
  }

  window.hubEditor = { judge, schemaExtensions, htmlOf, tidyPasted };
})();
