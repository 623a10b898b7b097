import { readdirSync, readFileSync } from "node:fs";

/** Ticks of `/proc/PID/stat` a second: USER_HZ, 100 on every Linux that runs Node. */
const TICKS_PER_SECOND = 100;

/** Processor time that a process has used so far, in its own code and for it in the kernel, in ms. Steps of 10 ms. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name of the program, in parentheses, may hold anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
}

/** Resident memory in MB (of 1,000,000 bytes): what is its own, and what it maps from files (the program itself too). */
export interface Memory {
  readonly anonymous: number;
  readonly file: number;
  readonly total: number;
  /** The most it ever was. */
  readonly peak: number;
}

export function memoryOf(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const megabytes = (name: string) =>
    (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? Number.NaN) * 1024) / 1e6;
  const anonymous = megabytes("RssAnon");
  const file = megabytes("RssFile");
  return { anonymous, file, total: anonymous + file, peak: megabytes("VmHWM") };
}

/** Bytes that a process caused to be written to a disk: whole pages of 4 kB, as the system sends them. */
export function writtenBytes(pid: number): number {
  const io = readFileSync(`/proc/${pid}/io`, "utf8");
  return Number(/^write_bytes: (\d+)$/m.exec(io)?.[1] ?? Number.NaN);
}

export function descriptorsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}
