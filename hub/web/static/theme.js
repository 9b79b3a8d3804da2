/* Light, dark or as the device has it; and the size of text. Kept on this device, which says nothing of anybody.

     <button type="button" data-theme-choice="light|dark|auto" hidden>…   shown and wired when scripts run
     <button type="button" data-text-size="normal|large|larger" hidden>…

   Load it in the head without defer, so that a dark page never flashes white. <html> gets data-theme="light" or "dark"
   (tokens.css) and data-text-size (widgets.css). */
(() => {
  "use strict";
  const root = document.documentElement;
  const KINDS = [
    { kept: "hub-theme", mark: "theme", choice: "themeChoice", usual: "auto", known: ["light", "dark", "auto"] },
    {
      kept: "hub-text-size",
      mark: "textSize",
      choice: "textSize",
      usual: "normal",
      known: ["normal", "large", "larger"],
    },
  ];

  function read(kind) {
    try {
      const kept = localStorage.getItem(kind.kept);
      return kind.known.includes(kept) ? kept : kind.usual;
    } catch {
      return kind.usual;
    }
  }

  function apply(kind, value) {
    if (value === kind.usual) delete root.dataset[kind.mark];
    else root.dataset[kind.mark] = value;
  }

  for (const kind of KINDS) apply(kind, read(kind));

  document.addEventListener("DOMContentLoaded", () => {
    for (const kind of KINDS) {
      const name = kind.choice.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      const buttons = [...document.querySelectorAll(`button[data-${name}]`)];
      const press = (value) => {
        for (const button of buttons)
          button.setAttribute("aria-pressed", String(button.dataset[kind.choice] === value));
      };
      press(read(kind));
      for (const button of buttons) {
        button.hidden = false;
        button.addEventListener("click", () => {
          const value = button.dataset[kind.choice];
          if (!kind.known.includes(value)) return;
          apply(kind, value);
          press(value);
          try {
            if (value === kind.usual) localStorage.removeItem(kind.kept);
            else localStorage.setItem(kind.kept, value);
          } catch {
            // not allowed: until the page goes
          }
        });
      }
    }
  });
})();
