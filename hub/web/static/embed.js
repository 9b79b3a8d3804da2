/* The frame on other sites loads itself again, so that what was corrected or withdrawn goes from there, too.

     <html data-reload="600">   after how many seconds

   Nobody loses the place where they are: it waits while somebody is in the frame with keys or the pointer. */
(() => {
  "use strict";

  const again = () => {
    if (document.hasFocus() || document.querySelector(":hover")) setTimeout(again, 5_000);
    else location.reload();
  };
  setTimeout(again, Number(document.documentElement.dataset.reload) * 1_000);
})();
