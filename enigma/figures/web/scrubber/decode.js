// Reads the payload that pack.py writes: header, compressed arrays, thumbnails.

/** @import { ArrayEntry, Arrays, Payload, Words } from "../types" */

/**
 * Splits what was handed over into one payload for each run.
 * @param {Uint8Array} bytes
 */
export function readPayloads(bytes) {
  /** @type {Payload[]} */
  const payloads = [];
  for (let start = 0; start < bytes.length;) {
    const payload = readPayload(bytes.subarray(start));
    payloads.push(payload);
    start += payload.length;
  }
  return payloads;
}

/**
 * Splits a payload without copying its parts.
 * @param {Uint8Array} bytes
 */
export function readPayload(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  const bodyStart = 4 + length;
  const thumbnailStart = bodyStart + header.bodyBytes;
  const pictureStart = thumbnailStart + header.thumbnails.bytes;
  return {
    header,
    length: pictureStart + (header.neighbors?.bytes ?? 0),
    body: bytes.subarray(bodyStart, thumbnailStart),
    thumbnails: bytes.subarray(thumbnailStart, pictureStart),
    neighborPictures: bytes.subarray(pictureStart, pictureStart + (header.neighbors?.bytes ?? 0)),
  };
}

/**
 * Decompresses a zlib stream with what the browser brings.
 * @param {Uint8Array} bytes
 */
export async function inflate(bytes) {
  const stream = new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (bytes)])
    .stream()
    .pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * Turns the decompressed bytes into one typed array for each name.
 * @param {ArrayEntry[]} entries
 * @param {Uint8Array} raw
 */
export function decodeArrays(entries, raw) {
  /** @type {Record<string, Words>} */
  const arrays = {};
  let offset = 0;
  for (const entry of entries) {
    const count = entry.shape.reduce((product, side) => product * side, 1);
    const planes = raw.subarray(offset, offset + count * entry.bytes);
    const values = joinPlanes(planes, count, entry.bytes);
    if (entry.moving) accumulate(values, count / Math.max(entry.shape[0], 1));
    arrays[entry.name] = values;
    offset += count * entry.bytes;
  }
  return /** @type {Arrays} */ (/** @type {unknown} */ (arrays));
}

/**
 * @param {Uint8Array} planes
 * @param {number} count
 * @param {number} bytes
 */
function joinPlanes(planes, count, bytes) {
  if (bytes === 1) return planes.slice();
  const values = new Uint16Array(count);
  for (let index = 0; index < count; index++) values[index] = planes[index] | (planes[count + index] << 8);
  return values;
}

/**
 * Undoes zigzag folding and differences between frames, in place; typed arrays wrap by themselves.
 * @param {Words} values
 * @param {number} stride
 */
function accumulate(values, stride) {
  for (let index = 0; index < values.length; index++) {
    const folded = values[index];
    const difference = (folded >>> 1) ^ -(folded & 1);
    values[index] = index < stride ? difference : values[index - stride] + difference;
  }
}
