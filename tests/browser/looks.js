// What a page looks like to somebody who cannot see well, or who points with a thumb: run inside the page by looks.py.
() => {
  const TARGETS = 'a[href], button, input:not([type="hidden"]), select, textarea, summary, [role="button"], [tabindex="0"]';
  const SMALLEST = 24;
  const CLIPPED = 2; // pixels to which what is only for screen readers is cut

  const isShown = (element) => {
    const box = element.getBoundingClientRect();
    return (
      element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
      box.width > CLIPPED && box.height > CLIPPED && box.bottom + scrollY > 0 && box.right + scrollX > 0
    );
  };
  const told = (element) => element.outerHTML.slice(0, 160).replace(/\s+/g, ' ');
  const labelsOf = (element) => [...(element.labels ?? [])].filter(isShown);

  // --- targets: WCAG 2.2, 2.5.8, with its exceptions of text, spacing, equivalent and the browser's own looks

  const boxOf = (element) => {
    const boxes = [element, ...labelsOf(element)].map((each) => each.getBoundingClientRect());
    return boxes.reduce((best, box) => (box.width * box.height > best.width * best.height ? box : best));
  };
  const isInText = (element) => {
    if (getComputedStyle(element).display !== 'inline') return false;
    const whole = element.parentElement.closest('p, li, dd, dt, td, th, figcaption, div, small, span, label, h1, h2, h3');
    return whole !== null && whole.textContent.trim().length > element.textContent.trim().length;
  };
  const isSmall = (box) => box.width < SMALLEST || box.height < SMALLEST;
  const distance = (x, y, box) =>
    Math.hypot(Math.max(box.left - x, 0, x - box.right), Math.max(box.top - y, 0, y - box.bottom));
  const isSpaced = (element, box, others) => {
    const x = box.left + box.width / 2, y = box.top + box.height / 2;
    return others.every(([other, its]) => {
      if (other === element || other.contains(element) || element.contains(other)) return true;
      const room = isSmall(its)
        ? Math.hypot(its.left + its.width / 2 - x, its.top + its.height / 2 - y) - SMALLEST / 2
        : distance(x, y, its);
      return room >= SMALLEST / 2 - 0.5;
    });
  };
  const smallTargets = () => {
    const all = [...document.querySelectorAll(TARGETS)].filter(isShown).map((each) => [each, boxOf(each)]);
    return all
      .filter(([element, box]) => isSmall(box) && !isInText(element) && !isSpaced(element, box, all))
      .map(([element, box]) => `${box.width.toFixed(1)} × ${box.height.toFixed(1)}: ${told(element)}`);
  };

  // --- focus: the element, its label or what is around it must look otherwise

  const looksOf = (element) => {
    const style = getComputedStyle(element);
    const outline = style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 1 ? 'none'
      : `${style.outlineStyle} ${style.outlineWidth} ${style.outlineColor}`;
    return [outline, style.boxShadow, style.borderColor, style.borderWidth, style.backgroundColor].join('|');
  };
  const unmarkedFocus = () => {
    const missed = [];
    for (const element of document.querySelectorAll(TARGETS)) {
      if (element.disabled || element.tabIndex < 0 || !element.checkVisibility({ visibilityProperty: true })) continue;
      const around = [element, ...labelsOf(element), element.parentElement, element.parentElement?.parentElement]
        .filter((each) => each && each !== document.body);
      document.activeElement?.blur();
      const before = around.map(looksOf).join();
      element.focus({ focusVisible: true });
      if (document.activeElement !== element) continue;
      const box = element.getBoundingClientRect();
      const isOut = box.bottom + scrollY <= 0 || box.right + scrollX <= 0;
      if (around.map(looksOf).join() === before || isOut) missed.push(told(element));
    }
    document.activeElement?.blur();
    window.scrollTo(0, 0);
    return missed;
  };

  const cost = () => {
    const [itself] = performance.getEntriesByType('navigation');
    const parts = performance.getEntriesByType('resource').map((each) => ({
      name: new URL(each.name).pathname, bytes: each.decodedBodySize, kind: each.initiatorType,
    }));
    return { html: itself.decodedBodySize, parts };
  };

  const shift = () => new Promise((done) => {
    let sum = 0;
    const add = (list) => { for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value; };
    const watch = new PerformanceObserver(add);
    watch.observe({ type: 'layout-shift', buffered: true });
    requestAnimationFrame(() => setTimeout(() => { add({ getEntries: () => watch.takeRecords() }); done(sum); }, 0));
  });

  // axe takes minutes over tables of a thousand rows; of many of a kind in one place the first tell of all
  const thinOut = (most) => {
    if (document.querySelectorAll('*').length < 3000) return;
    for (const parent of document.querySelectorAll('main, section, ul, ol, dl, tbody, table, nav')) {
      const seen = new Map();
      for (const child of [...parent.children]) {
        seen.set(child.tagName, (seen.get(child.tagName) ?? 0) + 1);
        if (seen.get(child.tagName) > most) child.remove();
      }
    }
  };

  window.looks = { thinOut, smallTargets, unmarkedFocus, cost, shift };
}
