const milliseconds = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

export const durationPattern = /^(\d{1,9})(ms|s|m|h|d)$/;

/** "30s", "2m", "7d" in milliseconds; undefined when it is no duration. */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit] = durationPattern.exec(text) ?? [];
  if (amount === undefined || unit === undefined) return undefined;
  return Number(amount) * milliseconds[unit as keyof typeof milliseconds];
}
