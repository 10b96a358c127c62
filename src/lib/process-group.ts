/**
 * Kills a detached program, and everything it has started, when `stop` aborts: killing the program alone
 * leaves its children, and whoever reads its output, waiting.
 * @returns to be called once the program has ended
 */
export function killWith(stop: AbortSignal, program: { readonly pid?: number }): () => void {
  const kill = () => program.pid !== undefined && killGroup(program.pid);
  stop.addEventListener("abort", kill);
  return () => stop.removeEventListener("abort", kill);
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (thrown) {
    // It has just ended by itself.
    if ((thrown as NodeJS.ErrnoException).code !== "ESRCH") throw thrown;
  }
}
