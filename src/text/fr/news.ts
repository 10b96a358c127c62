import type { news as english } from "../en/news.ts";

export const news: typeof english = {
  title: (version) => `Les nouveautés de BiomAid ${version}`,
  everything: "Toutes les nouveautés",
  close: "Fermer",
};
