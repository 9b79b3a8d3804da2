/* What people do in the rich-text editor: marks, lists, tables, their keys and their buttons. The second of its three
   parts; see editor.js. */
(() => {
  "use strict";
  const { Extension } = window.Tiptap;

  const inside = (editor, tag) => {
    const { $from } = editor.state.selection;
    for (let depth = $from.depth; depth > 0; depth -= 1) if ($from.node(depth).type.name === tag) return depth;
    return 0;
  };

  /* Tiptap's own focus waits for the next frame, and a quick typist's letters would be lost meanwhile. */
  const begin = (editor) => {
    editor.view.focus();
    return editor.chain();
  };
  const done = (editor) => {
    editor.view.focus();
    return true;
  };

  const toggleMark = (tag, twin) => (editor) => {
    if (twin && editor.isActive(twin)) return begin(editor).unsetMark(twin).unsetMark(tag).run();
    return begin(editor).toggleMark(tag).run();
  };
  const toggleHeading = (tag) => (editor) => begin(editor).toggleNode(tag, "p").run();
  const toggleList = (tag) => (editor) => begin(editor).toggleList(tag, "li").run();

  function insertTable(editor) {
    const cell = (type) => ({ type, content: [{ type: "p" }] });
    const row = (type) => ({ type: "tr", content: [cell(type), cell(type)] });
    const table = {
      type: "table",
      content: [
        { type: "thead", content: [row("th")] },
        { type: "tbody", content: [row("td"), row("td")] },
      ],
    };
    return begin(editor).insertContent(table).run();
  }

  /* The rows of the table around the selection with their places, and where the selection is in it. */
  function tableAt(editor) {
    const { $from } = editor.state.selection;
    const depth = inside(editor, "table");
    const row = inside(editor, "tr");
    if (!depth || !row) return null;
    const rows = [];
    let even = true;
    $from.node(depth).descendants((node, at) => {
      if (node.type.name !== "tr") return true;
      rows.push({ node, at: $from.start(depth) + at });
      node.forEach((cell) => {
        if (cell.attrs.colspan || cell.attrs.rowspan) even = false;
      });
      return false;
    });
    return { rows, even, row, section: $from.node(row - 1), column: $from.index(row), depth, $from };
  }

  function addRow(editor) {
    const here = tableAt(editor);
    if (!here) return false;
    const { tr, schema } = editor.state;
    const cells = Array.from({ length: here.$from.node(here.row).childCount }, () => schema.nodes.td.createAndFill());
    // a row below the head is the first of the body
    const place = here.section.type.name === "thead" ? here.$from.after(here.row - 1) + 1 : here.$from.after(here.row);
    tr.insert(Math.min(place, here.$from.end(here.depth)), schema.nodes.tr.create(null, cells));
    editor.view.dispatch(tr);
    return done(editor);
  }

  function removeRow(editor) {
    const here = tableAt(editor);
    if (!here) return false;
    const last = here.rows.length === 1 ? here.depth : here.section.childCount === 1 ? here.row - 1 : here.row;
    editor.view.dispatch(editor.state.tr.delete(here.$from.before(last), here.$from.after(last)));
    return done(editor);
  }

  /* Columns can be counted only where no cell spans others; elsewhere these two do nothing. */
  function addColumn(editor) {
    const here = tableAt(editor);
    if (!here?.even) return false;
    const { tr } = editor.state;
    for (const { node, at } of here.rows.reverse()) {
      let place = at + 1;
      for (let cell = 0; cell <= here.column && cell < node.childCount; cell += 1) place += node.child(cell).nodeSize;
      tr.insert(place, node.child(Math.min(here.column, node.childCount - 1)).type.createAndFill());
    }
    editor.view.dispatch(tr);
    return done(editor);
  }

  function removeColumn(editor) {
    const here = tableAt(editor);
    if (!here?.even) return false;
    const { tr } = editor.state;
    if (here.rows.every(({ node }) => node.childCount === 1)) {
      tr.delete(here.$from.before(here.depth), here.$from.after(here.depth));
    } else {
      for (const { node, at } of here.rows.reverse()) {
        if (node.childCount <= here.column || node.childCount === 1) continue;
        let place = at + 1;
        for (let cell = 0; cell < here.column; cell += 1) place += node.child(cell).nodeSize;
        tr.delete(place, place + node.child(here.column).nodeSize);
      }
    }
    editor.view.dispatch(tr);
    return done(editor);
  }

  /* To the next or previous cell; false past the last, so that Tab leaves the editor as it leaves any field. */
  function moveCell(editor, step) {
    const here = tableAt(editor);
    if (!here) return false;
    const cells = [];
    for (const { node, at } of here.rows) node.forEach((cell, offset) => cells.push(at + 1 + offset));
    const current = here.$from.before(here.row + 1);
    const next = cells[cells.indexOf(current) + step];
    return next === undefined || cells.indexOf(current) < 0
      ? false
      : begin(editor)
          .setTextSelection(next + 2)
          .scrollIntoView()
          .run();
  }

  const Keys = Extension.create({
    name: "keys",
    priority: 200, // before Tiptap's own, which would split a list item's paragraph
    addKeyboardShortcuts() {
      const run = (act) => () => act(this.editor);
      const has = (tag) => tag in this.editor.schema.nodes;
      return {
        "Mod-b": run(toggleMark("strong", "b")),
        "Mod-i": run(toggleMark("em", "i")),
        "Mod-u": () => "u" in this.editor.schema.marks && this.editor.commands.toggleMark("u"),
        "Mod-Alt-2": () => has("h2") && toggleHeading("h2")(this.editor),
        "Mod-Alt-3": () => has("h3") && toggleHeading("h3")(this.editor),
        "Mod-Alt-4": () => has("h4") && toggleHeading("h4")(this.editor),
        "Mod-Alt-0": () => this.editor.commands.setNode("p"),
        "Mod-Shift-7": run(toggleList("ol")),
        "Mod-Shift-8": run(toggleList("ul")),
        "Mod-Shift-b": () => this.editor.commands.toggleWrap("blockquote"),
        "Shift-Enter": () => this.editor.commands.insertContent({ type: "br" }),
        Enter: () => inside(this.editor, "li") > 0 && this.editor.commands.splitListItem("li"),
        "Mod-]": () => this.editor.commands.sinkListItem("li"),
        "Mod-[": () => this.editor.commands.liftListItem("li"),
        Tab: () => moveCell(this.editor, 1),
        "Shift-Tab": () => moveCell(this.editor, -1),
        "Mod-k": () => this.options.link(),
        "Alt-F10": () => this.options.toolbar(),
      };
    },
    addOptions: () => ({ link: () => false, toolbar: () => false }),
  });

  // name: [tag it needs, drawing, act, is it pressed?, where it shows]; drawings are of 24 × 24
  const on =
    (...tags) =>
    (editor) =>
      tags.some((tag) => editor.isActive(tag));
  const BUTTONS = {
    bold: ["strong", "M7 4h6a4 4 0 0 1 0 8H7zM7 12h7a4 4 0 0 1 0 8H7z", toggleMark("strong", "b"), on("strong", "b")],
    italic: ["em", "M10 4h8M6 20h8M14.5 4l-5 16", toggleMark("em", "i"), on("em", "i")],
    heading2: ["h2", "M3 5v14M11 5v14M3 12h8M15 10a3 3 0 1 1 5 2.2L15 19h6", toggleHeading("h2"), on("h2")],
    heading3: ["h3", "M3 5v14M11 5v14M3 12h8M15 7h6l-3.5 5a3.5 3.5 0 1 1-2.5 6", toggleHeading("h3"), on("h3")],
    heading4: ["h4", "M3 5v14M11 5v14M3 12h8M19.5 19V7L15 15h6.5", toggleHeading("h4"), on("h4")],
    bullets: ["ul", "M9 6h12M9 12h12M9 18h12M4 6h.01M4 12h.01M4 18h.01", toggleList("ul"), on("ul")],
    numbers: ["ol", "M10 6h11M10 12h11M10 18h11M3 5l2-1v5M3 15a1.5 1.5 0 1 1 2.6 1L3 20h3", toggleList("ol"), on("ol")],
    quote: [
      "blockquote",
      "M4 12h6v6H4zM4 12c0-4 2-6 5-6M14 12h6v6h-6zM14 12c0-4 2-6 5-6",
      (editor) => begin(editor).toggleWrap("blockquote").run(),
      on("blockquote"),
    ],
    link: [
      "a",
      "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
      null,
      on("a"),
    ],
    picture: ["img", "M3 5h18v14H3zM3 16l5-5 5 5M13 14l3-3 5 5M15.5 8.5h.01", null, null],
    table: ["table", "M3 5h18v14H3zM3 10h18M3 14.5h18M12 5v14", insertTable, on("table")],
    row_add: ["tr", "M3 4h18v7H3zM12 14v7M8.5 17.5h7", addRow, null, "table"],
    row_remove: ["tr", "M3 4h18v7H3zM8.5 17.5h7", removeRow, null, "table"],
    column_add: ["td", "M4 3v18h7V3zM14 12h7M17.5 8.5v7", addColumn, null, "table"],
    column_remove: ["td", "M4 3v18h7V3zM14 12h7", removeColumn, null, "table"],
    undo: [null, "M9 14 4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3", (editor) => begin(editor).undo().run(), null],
    redo: [null, "m15 14 5-5-5-5M20 9H10a6 6 0 0 0 0 12h3", (editor) => begin(editor).redo().run(), null],
  };

  Object.assign(window.hubEditor, { begin, inside, Keys, BUTTONS });
})();
