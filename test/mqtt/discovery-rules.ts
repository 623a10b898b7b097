import * as z from "zod";

/**
 * The rules of Home Assistant for what we publish, as its documentation of MQTT discovery, sensors and binary sensors has
 * them (https://www.home-assistant.io/integrations/mqtt/, …/sensor.mqtt/, …/binary_sensor.mqtt/): an unknown key or a
 * state class that doesn't go with a device class makes it refuse the entity.
 */

const id = z.string().regex(/^[a-zA-Z0-9_-]+$/);
const topic = z.string().regex(/^[^+#\0]+$/);
const template = z.string().regex(/^\{\{ .+ \}\}$/);
const entity = {
  name: z.string().min(1),
  unique_id: id,
  icon: z.string().startsWith("mdi:").optional(),
  value_template: template,
  json_attributes_topic: topic.optional(),
  json_attributes_template: template.optional(),
};

/** By device class: units, and the state classes that go with it. */
const CLASSES = {
  data_size: { units: ["B"], states: ["total", "total_increasing", "measurement"] },
  duration: { units: ["d"], states: ["total", "total_increasing", "measurement"] },
  timestamp: { units: [undefined], states: [] as string[] },
} as const;

const sensor = z
  .strictObject({
    ...entity,
    platform: z.literal("sensor"),
    device_class: z.enum(["data_size", "duration", "timestamp"]).optional(),
    state_class: z.enum(["measurement", "total", "total_increasing"]).optional(),
    unit_of_measurement: z.string().optional(),
    suggested_display_precision: z.int().min(0).optional(),
  })
  .refine(({ device_class: name, state_class: state, unit_of_measurement: unit }) => {
    if (name === undefined) return true;
    const { units, states } = CLASSES[name];
    const rightState = state === undefined || (states as readonly string[]).includes(state);
    return rightState && (units as readonly unknown[]).includes(unit);
  }, "unit or state class doesn't go with the device class");

const binarySensor = z.strictObject({
  ...entity,
  platform: z.literal("binary_sensor"),
  device_class: z.literal("problem").optional(),
});

/** https://www.home-assistant.io/integrations/event.mqtt/ */
const event = z.strictObject({
  platform: z.literal("event"),
  name: z.string().min(1),
  unique_id: id,
  icon: z.string().startsWith("mdi:"),
  event_types: z.array(z.string().min(1)).min(1),
  state_topic: topic,
});

/** How a component is told to go: by its platform alone. */
const leaving = z.strictObject({ platform: z.enum(["sensor", "binary_sensor", "event"]) });

export const discoveryRules = z.strictObject({
  device: z.strictObject({
    identifiers: z.array(id).length(1),
    name: z.string().min(1),
    manufacturer: z.string().optional(),
    model: z.string().optional(),
    sw_version: z.string().optional(),
    via_device: id.optional(),
  }),
  origin: z.strictObject({ name: z.string(), sw_version: z.string().optional(), support_url: z.url().optional() }),
  components: z.record(id, z.union([sensor, binarySensor, event, leaving])),
  state_topic: topic,
  availability_topic: topic,
  qos: z.int().min(0).max(2),
});
