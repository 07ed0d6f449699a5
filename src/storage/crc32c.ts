/**
 * CRC-32C (Castagnoli), the checksum of LevelDB's blocks. Node has the other CRC-32 only. Eight bytes at a time
 * ("slicing by 8"): 1.1 GB/s, where byte by byte is 0.35; what is checked is hundreds of megabytes.
 */
const BYTES = 8;

/** At 256 n + b: what byte b does to the remainder when n more bytes follow it. */
const TABLE = new Int32Array(256 * BYTES);
for (let byte = 0; byte < 256; byte++) {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? 0x82f63b78 : 0);
  TABLE[byte] = remainder;
}
for (let at = 256; at < TABLE.length; at++) {
  const before = TABLE[at - 256] as number;
  TABLE[at] = (before >>> 8) ^ (TABLE[before & 0xff] as number);
}

export function crc32c(bytes: Buffer): number {
  const sliced = bytes.length - (bytes.length % BYTES);
  let remainder = -1;
  for (let at = 0; at < sliced; at += BYTES) {
    const low = remainder ^ word(bytes, at);
    const high = word(bytes, at + 4);
    remainder =
      (TABLE[1792 + (low & 0xff)] as number) ^
      (TABLE[1536 + ((low >>> 8) & 0xff)] as number) ^
      (TABLE[1280 + ((low >>> 16) & 0xff)] as number) ^
      (TABLE[1024 + (low >>> 24)] as number) ^
      (TABLE[768 + (high & 0xff)] as number) ^
      (TABLE[512 + ((high >>> 8) & 0xff)] as number) ^
      (TABLE[256 + ((high >>> 16) & 0xff)] as number) ^
      (TABLE[high >>> 24] as number);
  }
  for (let at = sliced; at < bytes.length; at++) {
    remainder = (remainder >>> 8) ^ (TABLE[(remainder ^ (bytes[at] as number)) & 0xff] as number);
  }
  return ~remainder >>> 0;
}

/** Four bytes, little-endian. `readInt32LE` is slower by half. */
function word(bytes: Buffer, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}
