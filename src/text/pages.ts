interface Answer {
  readonly page: string;
  readonly status: number;
  readonly signedIn: boolean;
}

/** Pages that answered alike, together: the same words once instead of once a page. */
export function alike(answers: readonly Answer[]): (Omit<Answer, "page"> & { pages: string[] })[] {
  const groups = Map.groupBy(answers, ({ status, signedIn }) => `${status} ${signedIn}`);
  return [...groups.values()].map((group) => ({
    status: group[0]!.status,
    signedIn: group[0]!.signedIn,
    pages: group.map(({ page }) => page),
  }));
}
