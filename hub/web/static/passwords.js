/* A button beside each password field shows what was typed; the field works as well without it.

     <button type="button" data-shows="ID OF THE FIELD" hidden>…   shown when scripts run

   The field is a password again when its form is sent, so that no browser remembers it as a word. */
(() => {
  "use strict";

  for (const button of document.querySelectorAll("[data-shows]")) {
    const field = document.getElementById(button.dataset.shows);
    button.hidden = false;
    button.addEventListener("click", () => {
      const shown = field.type === "text";
      field.type = shown ? "password" : "text";
      button.setAttribute("aria-pressed", String(!shown));
      field.focus();
    });
    field.form.addEventListener("submit", () => { field.type = "password"; });
  }
})();
