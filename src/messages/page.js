/**
 * Runs in users' browsers, in each page of BiomAid while there is something to tell: called with what that is
 * (`PageMessages` in compose.ts). It changes nothing of the page, and sends nothing.
 */
export function tell(messages) {
  // The clock of the proxy, in milliseconds.
  const now = Number(document.currentScript.dataset.now) * 1000;
  const french = navigator.language.startsWith("fr");

  /** Kept for as long as the browser keeps its window; forgotten where nothing may be kept. */
  const dismissed = {
    has(id) {
      try {
        return sessionStorage.getItem(`biomaid-updater:${id}`) !== null;
      } catch {
        return false;
      }
    },
    add(id) {
      try {
        sessionStorage.setItem(`biomaid-updater:${id}`, "");
      } catch {
        // It comes back with the next page.
      }
    },
  };

  function element(name, style, text = "") {
    const made = document.createElement(name);
    // Nothing of the page's own style; sizes have a least one, as BiomAid makes its letters small.
    made.style.cssText = `all:revert;box-sizing:border-box;${style}`;
    made.textContent = text;
    return made;
  }

  function showBanner({ id, text, background, foreground }) {
    const colours = `background:${background};color:${foreground};`;
    const banner = element(
      "div",
      `${colours}display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:center;justify-content:space-between;padding:.5rem 1rem;font:max(1rem,16px)/1.4 system-ui,sans-serif;`,
    );
    const status = element("div", "flex:1 1 16rem;overflow-wrap:anywhere;");
    status.setAttribute("role", "status");
    const close = element(
      "button",
      `${colours}min-height:max(2.75rem,44px);padding:.25rem 1rem;border:1px solid;border-radius:.25rem;font:inherit;cursor:pointer;`,
      french ? "Fermer" : "Close",
    );
    close.type = "button";
    close.addEventListener("click", () => {
      dismissed.add(id);
      banner.remove();
    });
    banner.append(status, close);
    // Above the body: some pages lay out its children in a grid.
    document.documentElement.insertBefore(banner, document.body);
    // Later: a screen reader tells what comes into a region that is there.
    setTimeout(() => (status.textContent = text), 100);
  }

  const banner = messages.banners.find(
    ({ id, from, until }) => from <= now && (until === null || now < until) && !dismissed.has(id),
  );
  if (banner) showBanner(banner);
}
