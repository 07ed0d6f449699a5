/** Structural bounds of what travels: beyond them nothing is decoded. What the chat allows is narrower (chat/limits.ts). */

import type { ChatLimits } from '../chat/limits';

/** Bytes of one payload: a page of a log whose batches are as large as a configuration may make them. */
export const MAX_PAYLOAD_BYTES = 8 * 1024 * 1024;
/** Bytes of a payload from a client: a group of commands or the longest text, and room to spare. */
export const MAX_REQUEST_BYTES = 128 * 1024;
/** How deep arrays may nest. */
export const MAX_DEPTH = 8;
/** Values in one payload, counting what is in its arrays. */
export const MAX_VALUES = 1024 * 1024;
/** Values in the payload of a request, without those of the group that it may carry. */
export const MAX_REQUEST_VALUES = 16;
/** Values in one entry of a batch: a group of as many commands as it may have, of seven values each with their array. */
export const MAX_ENTRY_VALUES = 32 * 1024;
/** Bytes of one string in UTF-8: a text, a name, a reason. */
export const MAX_STRING_BYTES = 64 * 1024;
/** UTF-16 units of a name, before it is composed. */
export const MAX_NAME_UNITS = 512;
/** Bytes of the cluster's name. */
export const MAX_CLUSTER_BYTES = 64;
/** Keys in one list of those who may do something. */
export const MAX_KEYS = 2000;
/** The longest pause between two posts of one person in a slow room, milliseconds. */
export const MAX_PAUSE_MS = 24 * 3600 * 1000;
/** Commands in one group. */
export const MAX_GROUP_COMMANDS = 4096;
/** Sessions in one Touch. */
export const MAX_TOUCH_SESSIONS = 4096;
/** Entries in one list of a message: accepted values, runs of events, lengths of texts, acknowledgements, ranges. */
export const MAX_LIST = 256 * 1024;
/** Clients that one payload is for. */
export const MAX_FAN_OUT = 256 * 1024;
/** Servers in a cluster: in a crash vector, in what a balancer tells of itself. */
export const MAX_SERVERS = 16;
/** A server's id. */
export const MAX_SERVER_ID = 65_535;
/** A ballot's counter and an incarnation: far beyond what can be reached, far below where doubles lose integers. */
export const MAX_BALLOT_COUNTER = 2 ** 48;
/**
 * What the limits of a chat may be, from and to: a log that says anything else is not heeded. Below the least ones
 * a client may wait for an outcome that is dropped, or be taken for gone before its server vouches for it again.
 */
export const CHAT_BOUNDS: { readonly [Name in keyof ChatLimits]: readonly [number, number] } = {
  textBytes: [64, MAX_STRING_BYTES],
  topicBytes: [64, MAX_STRING_BYTES],
  nameChars: [16, 128],
  roomsPerSession: [1, 4096],
  rooms: [1, 10_000_000],
  sessions: [1, 10_000_000],
  sessionsPerKey: [1, 10_000_000],
  nicksPerKey: [1, 10_000_000],
  nicks: [1, 10_000_000],
  nickTtlMs: [60_000, 100 * 365 * 24 * 3600 * 1000],
  rulings: [1, 100_000],
  sessionWindow: [2048, 65_536],
  offlineAfterMs: [20_000, 24 * 3600 * 1000],
  sessionTtlMs: [60_000, 10 * 365 * 24 * 3600 * 1000],
};
