// What the page does in the browser by itself: ways between views, keys, the theme, copying, the rows of the feed.
(() => {
  const find = (selector) => document.querySelector(selector);
  const here = () => location.pathname + location.search;
  const seen = (element) => element && element.getClientRects().length > 0;

  // Ways: every view has an address, and a message of the feed too, so that links and the browser's back work.
  function go(address, { push = true } = {}) {
    if (push && address !== here()) history.pushState({ pointsman: true }, "", address);
    emitEvent("pm-go", here());
  }
  function soon(selector, act, tries = 120) {
    const element = find(selector);
    if (seen(element)) act(element);
    else if (tries) requestAnimationFrame(() => soon(selector, act, tries - 1));
  }
  addEventListener("popstate", () => go(here(), { push: false }));
  document.addEventListener("visibilitychange", () => emitEvent("pm-seen", document.visibilityState === "visible"));

  // A panel is closed by Escape, its button, or a click beside it; then the address is that of its view again.
  function closed(panel) {
    if (!new URLSearchParams(location.search).size) return;
    if (history.state?.pointsman) history.back();
    else { history.replaceState({}, "", location.pathname); emitEvent("pm-go", here()); }
  }
  function panel(id, open) {
    const element = document.getElementById(id);
    if (!element) return;
    if (!element.dataset.known) {
      element.dataset.known = "yes";
      element.addEventListener("close", () => closed(element));
      element.addEventListener("click", (event) => {
        const box = element.getBoundingClientRect();
        if (event.target === element && event.clientX < box.left) element.close();
      });
    }
    if (open && !element.open) { element.showModal(); element.scrollTop = 0; }
    if (!open && element.open) element.close();
  }

  // The theme: that of the system, unless somebody chose another here.
  const THEMES = ["auto", "light", "dark"];
  const chosen = () => { try { return localStorage.getItem("pointsman-theme") || "auto"; } catch { return "auto"; } };
  function wear(theme) {
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    const button = find("[data-theme-button]");
    if (button) {
      const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
      button.title = `Theme: ${theme}; click for ${next}`;
      button.setAttribute("aria-label", button.title);
    }
  }
  function turn() {
    const theme = THEMES[(THEMES.indexOf(chosen()) + 1) % THEMES.length];
    try { localStorage.setItem("pointsman-theme", theme); } catch { /* it holds until the page is closed */ }
    wear(theme);
  }
  wear(chosen());

  // Copying and saving; without a secure address there is no clipboard, so the old way stands behind.
  async function copy(button) {
    const text = button.dataset.copy;
    try { await navigator.clipboard.writeText(text); } catch {
      const box = document.createElement("textarea");
      box.value = text;
      button.after(box);
      box.select();
      document.execCommand("copy");
      box.remove();
    }
    const said = button.textContent;
    button.textContent = "copied";
    setTimeout(() => { button.textContent = said; }, 1200);
  }
  function save(button) {
    const picture = button.closest("figure")?.querySelector("img");
    if (!picture) return;
    const link = document.createElement("a");
    link.href = picture.src;
    link.download = button.dataset.save;
    link.click();
  }

  document.addEventListener("click", (event) => {
    const at = event.target.closest?.("a[data-go], [data-copy], [data-save], [data-theme-button], [data-help], [data-close]");
    if (!at) return;
    if (at.matches("a[data-go]")) {
      if (event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      go(at.getAttribute("href"));
    } else if (at.dataset.copy) copy(at);
    else if (at.dataset.save) save(at);
    else if ("themeButton" in at.dataset) turn();
    else if ("help" in at.dataset) find("dialog.pm-help")?.showModal();
    else at.closest("dialog")?.close();
  });

  // Keys: 1 to 7, or g and a letter, lead to a view; / to the box; ? tells them. None counts while somebody types.
  let led = 0;
  const TYPING = "input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]";
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest?.(TYPING)) {
      if (event.key === "Escape" && !event.target.closest("form")) event.target.blur();
      return;
    }
    if (find("dialog[open]")) return;
    const places = [...document.querySelectorAll("a.pm-place")];
    const after = Date.now() - led < 1500;
    led = 0;
    const place = after ? places.find((it) => it.dataset.key === event.key) : places[Number(event.key) - 1];
    if (place) go(place.getAttribute("href"));
    else if (event.key === "g" && !after) led = Date.now();
    else if (event.key === "/") { go("/"); soon("form.pm-composer textarea", (it) => it.focus()); }
    else if (event.key === "?") find("dialog.pm-help")?.showModal();
    else if (event.key === "f" && seen(find(".pm-feed-search"))) find(".pm-feed-search").focus();
    else if (event.key === "p" && seen(find(".pm-feed-pause"))) find(".pm-feed-pause").click();
    else if (event.key === "ArrowDown" && !event.target.closest(".pm-feed-rows") && seen(find(".pm-feed-rows"))) {
      find(".pm-feed-rows [tabindex='0']")?.focus();
    } else return;
    event.preventDefault();
  });

  // Times are the reader's own.
  const clock = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
  const day = new Intl.DateTimeFormat([], { month: "short", day: "numeric" });
  function tell(root) {
    for (const it of root.querySelectorAll("time[data-at]:empty")) {
      const at = new Date(Number(it.dataset.at) * 1000);
      const today = at.toDateString() === new Date().toDateString();
      it.textContent = today ? clock.format(at) : `${day.format(at)} ${clock.format(at).slice(0, 5)}`;
      it.title = at.toLocaleString();
    }
  }
  addEventListener("DOMContentLoaded", () => {
    wear(chosen());
    new MutationObserver(() => tell(document)).observe(document.body, { childList: true, subtree: true });
  });

  // The rows of the feed: those that changed are filled again, and none that stays is moved, so that the focus stays.
  function rows(id, order, changed) {
    const box = document.getElementById(id);
    if (!box) return;
    const have = new Map([...box.children].map((row) => [row.dataset.id, row]));
    for (const [name, html] of Object.entries(changed)) {
      const made = document.createElement("template");
      made.innerHTML = html;
      const row = made.content.firstElementChild, old = have.get(name);
      if (!old) { have.set(name, row); continue; }
      old.className = row.className;
      old.innerHTML = row.innerHTML;
    }
    const kept = new Set(order);
    for (const [name, row] of have) if (!kept.has(name)) row.remove();
    let below = null;
    for (const name of [...order].reverse()) {
      const row = have.get(name);
      if (!row) continue;
      if (row.parentNode !== box || row.nextSibling !== below) box.insertBefore(row, below);
      below = row;
    }
    if (!box.querySelector("[tabindex='0']")) box.firstElementChild?.setAttribute("tabindex", "0");
    if (!box.dataset.known) { box.dataset.known = "yes"; follow(box); }
  }
  function follow(box) {
    const open = (row) => go(`/feed?id=${encodeURIComponent(row.dataset.id)}`);
    box.addEventListener("click", (event) => {
      const row = event.target.closest("[role=row]");
      if (row && !event.target.closest("a") && !String(getSelection())) open(row);
    });
    box.addEventListener("keydown", (event) => {
      const row = event.target.closest("[role=row]");
      if (!row) return;
      const to = { ArrowDown: row.nextElementSibling, ArrowUp: row.previousElementSibling,
        Home: box.firstElementChild, End: box.lastElementChild }[event.key];
      if (event.key === "Enter" || event.key === " ") open(row);
      else if (to) {
        box.querySelector("[tabindex='0']")?.setAttribute("tabindex", "-1");
        to.setAttribute("tabindex", "0");
        to.focus();
      } else return;
      event.preventDefault();
    });
  }
  window.pointsman = { go, panel, rows };
})();
