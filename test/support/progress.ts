/** One line for each thing that is begun, with the time since the start. */
export function asProgress(stream: NodeJS.WritableStream): (doing: string) => void {
  const started = performance.now();
  return (doing) => {
    const seconds = ((performance.now() - started) / 1000).toFixed(0).padStart(4);
    stream.write(`${seconds} s  ${doing}\n`);
  };
}
