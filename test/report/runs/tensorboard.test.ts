import { expect, test } from "@jest/globals";
import protobuf from "protobufjs/light.js";
import {
  crc32c,
  eventsHead,
  imageEvent,
  scalarEvent,
  tagOf,
} from "../../../src/report/runs/tensorboard.js";

test.each([
  // RFC 3720, appendix B.4
  ["32 bytes of zeroes", new Uint8Array(32), 0x8a9136aa],
  ["32 bytes of ones", new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ["32 bytes going up", Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
  ["32 bytes going down", Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
])("the checksum of %s is the standard's", (_, bytes, checksum) => {
  expect(crc32c(bytes)).toBe(checksum);
});

test("a record is its length, the data and their masked checksums", () => {
  const head = Buffer.from(eventsHead(2));
  const data = head.subarray(12, -4);
  expect(Number(head.readBigUInt64LE(0))).toBe(data.length);
  const unmasked = (at: number): number => {
    const turned = (head.readUInt32LE(at) - 0xa282ead8) >>> 0;
    return ((turned >>> 17) | (turned << 15)) >>> 0;
  };
  expect(unmasked(8)).toBe(crc32c(head.subarray(0, 8)));
  expect(unmasked(head.length - 4)).toBe(crc32c(data));
  const reader = protobuf.Reader.create(data);
  expect([reader.uint32() >>> 3, reader.double()]).toEqual([1, 2]);
  expect([reader.uint32() >>> 3, reader.string()]).toEqual([3, "brain.Event:2"]);
});

test("events of one moment hold all of it, steps beyond 32 bits too", () => {
  const values = [["losses/cycle(G, F)", 0.5] as const, ["players/min[G]", -3] as const];
  const event = Buffer.from(scalarEvent({ time: 7, step: 2 ** 40 }, values)).subarray(12, -4);
  const reader = protobuf.Reader.create(event);
  reader.uint32();
  reader.double();
  expect([reader.uint32() >>> 3, Number(reader.int64())]).toEqual([2, 2 ** 40]);
  expect(event.toString("latin1")).toContain("losses/cycle(G, F)");
  const image = { bytes: Buffer.from("PNG"), width: 3, height: 2 };
  expect(imageEvent({ time: 1, step: 1 }, "samples", image).length).toBeGreaterThan(20);
});

test("players stand apart from losses", () => {
  expect(["min[G, F]", "max[D]_2", "cycle(G, F)"].map(tagOf)).toEqual([
    "players/min[G, F]",
    "players/max[D]_2",
    "losses/cycle(G, F)",
  ]);
});
