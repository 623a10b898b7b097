import type { NameKind } from "../shared/name-kinds.ts";
import type { NameSources, NameSourcesInput } from "../shared/names-api.ts";
import type { Device, Store } from "../store/store.ts";

/** A name that came by itself, and where from. Untrusted text. */
export interface LearntName {
  readonly name: string;
  readonly kind: NameKind;
  readonly from: string;
}

/** Names of devices that came by themselves, from what runs beside us. */
export interface LearntNames {
  /** The best one of a device with these interfaces; null without one. */
  learntName(interfaces: readonly string[]): LearntName | null;
  /** All of an interface, the best first. */
  namesOf(interfaceKey: string): readonly LearntName[];
  /** Another number as soon as any name may be another one. */
  revision(): number;
  /** Where they are looked for, without passwords. */
  sources(): NameSources;
  /** Changes that. Durable when it resolves. @throws ValidationError, StoreError */
  change(change: NameSourcesInput): Promise<void>;
}

/** The store, but that a device's hostname is the learnt one where there is one. */
export function withLearntNames<Asked extends Pick<Store, "devices">>(
  store: Asked,
  { learntName }: Pick<LearntNames, "learntName">,
): Asked {
  const called = (device: Device): Device => {
    const learnt = learntName(device.interfaces);
    return learnt === null ? device : { ...device, hostname: learnt.name };
  };
  // All else is asked of the store itself, whatever it is made of.
  return Object.create(store, { devices: { value: async () => (await store.devices()).map(called) } });
}
