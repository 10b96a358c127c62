import { type Browser, chromium } from "playwright-core";
import { browserIn } from "../../scripts/setup/browser.mjs";

/** Debian's Chromium; tests that need it are left out where there is none. */
export const executablePath = browserIn(process.env["PATH"] ?? "");
if (executablePath === undefined)
  process.stderr.write("! Nothing is tried in a browser: there is no chromium on the PATH.\n");

const quiet = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export async function openBrowser(): Promise<Browser> {
  return await chromium.launch({ executablePath: executablePath!, args: quiet });
}

/** Texts that reach past the side of the window, or of the box that cuts them off. `within` is what has the part. */
export const sticksOutOf = (
  part: string,
  within = "document",
): string => `[...${within}.querySelectorAll("${part} *:not(svg *)")]
  .filter((each) => each.checkVisibility() && getComputedStyle(each).position !== "absolute")
  .filter((each) => !each.closest(".stack thead"))
  .filter((each) => each.getBoundingClientRect().right > innerWidth + 0.5 || each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 0)
  .map((each) => each.outerHTML.slice(0, 120))`;

/** Texts whose contrast with what is behind them is less than 4.5, by WCAG's formula. */
export const paleIn = (part: string, within = "document"): string => `(() => {
  const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = parse(getComputedStyle(each).backgroundColor);
      if (colour[3] !== 0) return colour;
    }
    return [255, 255, 255];
  };
  const found = new Set();
  const walker = document.createTreeWalker(${within}.querySelector("${part}"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const ink = parse(element.closest("svg") ? style.fill : style.color);
    const [light, dark] = [luminance(ink), luminance(behind(element))].sort((a, b) => b - a);
    const contrast = (light + 0.05) / (dark + 0.05);
    if (contrast < 4.5) found.add(contrast.toFixed(2) + " " + element.outerHTML.slice(0, 100));
  }
  return [...found];
})()`;
