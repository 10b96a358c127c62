/**
 * Runs in users' browsers, behind page.js, while there is something new: called with a version, until when and the
 * box in each language (`News` in news.ts). It shows the box to a user who has signed in and has not closed it yet, as far
 * as it concerns them. When anything is not as expected nothing is shown.
 */
// oxlint-disable-next-line max-lines-per-function -- its text is what browsers are sent: nothing outside it comes along
export async function showNews({ version, until, box }) {
  // The clock of the proxy, in milliseconds.
  const now = Number(document.currentScript.dataset.now) * 1000;
  const place = `/biomaid-updater-user?version=${encodeURIComponent(version)}`;
  const memory = "biomaid-updater:news";
  // Frames are parts of a page, and a window that a page has opened is there for something else.
  if (!(now < until) || window.top !== window || window.opener !== null || settled()) return;

  const user = await fetch(place, { cache: "no-store", redirect: "error" })
    .then((answer) => (answer.ok ? answer.json() : undefined))
    .catch(() => undefined);
  if (!user?.signedIn) return;
  const { title, html } = navigator.language.startsWith("fr") ? box.fr : box.en;
  if (user.seen || !show(title, html)) settle();

  /** Whether there is nothing to show to whom this window belongs: not even asked for again, until they change. */
  function settled() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(memory));
      return kept.version === version && kept.mark === markOf(kept.cookie);
    } catch {
      return false;
    }
  }

  function settle() {
    try {
      const { cookie } = user;
      const mark = markOf(cookie);
      if (mark === undefined) return;
      sessionStorage.setItem(memory, JSON.stringify({ version, cookie, mark }));
    } catch {
      // It is asked for again with the next page.
    }
  }

  /** Tells one value of a cookie from another, without keeping it. */
  function markOf(cookie) {
    const value = document.cookie.split("; ").find((one) => one.startsWith(`${cookie}=`));
    if (value === undefined) return undefined;
    let mark = 0;
    for (const sign of value) mark = (mark * 31 + sign.charCodeAt(0)) | 0;
    return mark;
  }

  /** Whether anything was left to show. */
  function show(title, html) {
    // A place of its own: no style reaches in or out. Before the body, whose children some pages lay out in a grid.
    const host = document.createElement("biomaid-news");
    host.style.cssText = "all:initial";
    const inside = host.attachShadow({ mode: "open" });
    inside.innerHTML = html;
    for (const section of inside.querySelectorAll("[data-roles]")) {
      const concerned = JSON.parse(section.dataset.roles);
      if (!concerned.some((role) => user.roles.includes(role))) section.remove();
    }
    for (const release of inside.querySelectorAll("article")) {
      if (!release.querySelector("section")) release.remove();
    }
    if (!inside.querySelector("article")) return false;

    const close = () => {
      document.removeEventListener("keydown", onKey);
      host.remove();
      settle();
      fetch(place, {
        method: "POST",
        headers: { "X-BiomAid-Updater": "1" },
        keepalive: true,
      }).catch(() => undefined);
    };
    // The key belongs to whatever else has the focus.
    const onKey = ({ key }) => {
      const focused = document.activeElement;
      if (key === "Escape" && [host, document.body, null].includes(focused)) close();
    };
    for (const button of inside.querySelectorAll("[data-close]")) {
      button.addEventListener("click", close);
    }
    document.addEventListener("keydown", onKey);
    const status = document.createElement("div");
    status.setAttribute("role", "status");
    status.style.cssText =
      "position:fixed;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)";
    inside.append(status);
    document.documentElement.insertBefore(host, document.body);
    // Later: a screen reader tells what comes into a region that is there. The focus stays where the user types.
    setTimeout(() => (status.textContent = title), 100);
    return true;
  }
}
