/** Structural bounds of what travels: beyond them nothing is decoded. What the chat allows is narrower (chat/limits.ts). */

/** Bytes of one payload. */
export const MAX_PAYLOAD_BYTES = 8 * 1024 * 1024;
/** How deep arrays may nest. */
export const MAX_DEPTH = 8;
/** Bytes of one string: a text, a name, a reason. */
export const MAX_STRING_BYTES = 64 * 1024;
/** Commands in one group. */
export const MAX_GROUP_COMMANDS = 4096;
/** Sessions in one Touch. */
export const MAX_TOUCH_SESSIONS = 4096;
/** Entries in one list of a message: accepted values, events, acknowledgements, ranges, commands of a Forward. */
export const MAX_LIST = 65_536;
/** Servers in a crash vector. */
export const MAX_SERVERS = 16;
/** A ballot's counter: far beyond what elections can reach, far below where doubles lose integers. */
export const MAX_BALLOT_COUNTER = 2 ** 48;
