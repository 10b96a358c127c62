/**
 * Orders version tags: 0.14.10 after 0.14.9, 0.13 same as 0.13.0. semver wants exactly three parts,
 * and BiomAid's tags have two to four.
 */
export function compareVersions(one: string, other: string): number {
  const [left, right] = [partsOf(one), partsOf(other)];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function partsOf(version: string): number[] {
  return version.replace(/^v/, "").split(".").map(Number);
}
