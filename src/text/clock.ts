/** " UTC" where this machine's clock goes by it: whoever reads 22:30 takes it for the time of the place. */
export function zoneHere(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone === "UTC" ? " UTC" : "";
}

/** What names a time zone that is not this machine's. */
export function zoneNamed(timeZone: string): string {
  return timeZone === "UTC" ? " UTC" : ` (${timeZone})`;
}
