/** Who wants to know when figures moved or a problem began or ended, and when there will be no more of either. */
export interface LiveListener {
  reading(at: number): void;
  problems(): void;
  end(): void;
}

/** Tells the open pages of each settled reading, and of what goes wrong between them. */
export interface LiveUpdates {
  /** To be called after each settled reading, with its instant (ms UTC). */
  announce(at: number): void;
  /** To be called when a problem began or ended. */
  announceProblems(): void;
  /** Returns the way to stop listening. A listener that comes after the end is told so at once. */
  listen(listener: LiveListener): () => void;
  /** To be called before the server is closed: streams that stay open would hold that up. */
  close(): void;
}

export function createLiveUpdates(): LiveUpdates {
  const listeners = new Set<LiveListener>();
  let closed = false;
  return {
    announce(at) {
      for (const listener of [...listeners]) listener.reading(at);
    },
    announceProblems() {
      for (const listener of [...listeners]) listener.problems();
    },
    listen(listener) {
      if (closed) listener.end();
      else listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      closed = true;
      for (const listener of [...listeners]) listener.end();
      listeners.clear();
    },
  };
}
