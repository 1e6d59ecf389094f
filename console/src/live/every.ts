/** Does something now and again while somebody looks; gives what stops it. For use in an `$effect`. */
export function every(ms: number, act: () => Promise<unknown>): () => void {
  let running = false;
  const run = async () => {
    if (running || document.visibilityState !== "visible") return;
    running = true;
    await act().catch(() => undefined);
    running = false;
  };
  void run();
  const timer = setInterval(run, ms);
  document.addEventListener("visibilitychange", run);
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", run);
  };
}
