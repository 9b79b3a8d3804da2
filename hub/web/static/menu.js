/* Where one is in the row of sections: on a phone, which shows a part of the row, it begins there.

   desk.css says the same by scroll-initial-target, which not every browser knows yet. */
(() => {
  "use strict";
  const here = document.querySelector(".sections [aria-current]");
  const row = here?.parentElement;
  if (!row || row.scrollWidth <= row.clientWidth) return;
  const place = here.getBoundingClientRect();
  const seen = row.getBoundingClientRect();
  row.scrollLeft += place.left + place.width / 2 - (seen.left + seen.width / 2); // with what stands on either side
})();
