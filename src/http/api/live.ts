/** Who wants to know when figures moved, and when there will be no more of them. */
export interface LiveListener {
  reading(at: number): void;
  end(): void;
}

/** Tells the open pages of each settled reading. */
export interface Live {
  /** To be called after each settled reading, with its instant (ms UTC). */
  announce(at: number): void;
  /** Returns the way to stop listening. A listener that comes after the end is told so at once. */
  listen(listener: LiveListener): () => void;
  /** To be called before the server is closed: streams that stay open would hold that up. */
  close(): void;
}

export function createLive(): Live {
  const listeners = new Set<LiveListener>();
  let closed = false;
  return {
    announce(at) {
      for (const listener of [...listeners]) listener.reading(at);
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
