import type { Log } from "./log.ts";

/** Logs changes, not repetitions: an outage is one line when it begins and one when it ends. */
export interface StateLog {
  /**
   * Says `line` if the topic was last in another state, or in none. `state` is a short stable word such as
   * "reachable"; what varies from time to time (a count, a duration) belongs into the line only.
   * @returns whether the line was logged
   */
  change(topic: string, state: string, line: string, level?: "info" | "warn" | "error"): boolean;
}

export function createStateLog(log: Pick<Log, "info" | "warn" | "error" | "trace">): StateLog {
  const states = new Map<string, string>();
  return {
    change(topic, state, line, level = "info") {
      if (states.get(topic) === state) {
        log.trace(`${topic} is still ${state}: ${line}`);
        return false;
      }
      states.set(topic, state);
      log[level](line);
      return true;
    },
  };
}
