/* How htmx works at the desks: nothing evaluated, no styles of its own, no other host, no scripts from answers.

   Load it after vendor/htmx.min.js, both deferred: htmx reads its settings when the document is ready.
   Requests carry the token of the page's first form in the header that the server accepts instead of the field. */
(() => {
  "use strict";
  Object.assign(window.htmx.config, {
    allowEval: false,
    allowScriptTags: false,
    includeIndicatorStyles: false,
    selfRequestsOnly: true,
    historyCacheSize: 0, // pages of a desk are not kept on the device
    scrollBehavior: "auto",
    timeout: 30_000,
  });
  document.addEventListener("htmx:configRequest", (event) => {
    const token = document.querySelector('input[name="csrf_token"]');
    if (token && event.detail.verb !== "get") event.detail.headers["X-CSRF-Token"] = token.value;
  });
  // signed out (401), or its subject is gone (404): the page itself says so, where nothing typed is lost by asking it
  document.addEventListener("htmx:responseError", (event) => {
    const { elt, xhr } = event.detail;
    if (elt.hasAttribute("data-reload") && (xhr.status === 401 || xhr.status === 404)) window.location.reload();
  });
})();
