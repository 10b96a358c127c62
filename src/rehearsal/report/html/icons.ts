import type { Verdict } from "../model.ts";
import { html, type Markup } from "../../../lib/html.ts";

// The words beside them say the same: they are not read out.
const drawn = (path: Markup) =>
  html`<svg class="icon" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
    ${path}
  </svg>`;

const tick = drawn(html`<circle cx="12" cy="12" r="11" /><path d="M7 12.5l3.4 3.5L17 8.8" />`);
const remark = drawn(
  html`<path class="shape" d="M12 1.5L23.2 22H.8z" /><path d="M12 9v6M12 18.2v.6" />`,
);
const cross = drawn(
  html`<path class="shape" d="M7.4 1h9.2L23 7.4v9.2L16.6 23H7.4L1 16.6V7.4z" /><path
      d="M8 8l8 8M16 8l-8 8"
    />`,
);

export const verdictIcons: Record<Verdict, Markup> = {
  ready: tick,
  remarks: remark,
  "not-ready": cross,
};

export const severityIcons = { blocking: cross, remark };
