/** The box and the page that tell users what is new. */
export const news = {
  title: (version: string) => `What is new in BiomAid ${version}`,
  everything: "Everything that is new",
  close: "Close",
};
