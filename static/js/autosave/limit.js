// A counter from 80 KB on, and a clear message over 100 KB (W10). Bytes, as the server counts.
import { asStored } from "./sending.js";

const LIMIT = 100_000;
const COUNT_FROM = 80_000;

const sizeOf = (text) => new TextEncoder().encode(asStored(text)).length;

// How many bytes are left, or null while there is no need to say.
export function bytesLeft(text) {
  if (text.length * 3 < COUNT_FROM) return null;
  const size = sizeOf(text);
  return size < COUNT_FROM ? null : LIMIT - size;
}

// About the same in thousands of characters such as these: a character takes one to four bytes.
export function thousandsLeft(text) {
  let characters = 0;
  for (const _ of text) characters += 1; // by code points, as the server counts
  const size = sizeOf(text);
  return Math.floor(((LIMIT - size) * characters) / size / 1000);
}
