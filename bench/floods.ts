/** What one client may do to the others, by the name that it has in a result. */
export const FLOODS = {
  nothing: 'a process that only computes: what it costs that it shares the processors',
  posts: 'valid posts, as fast as they can be sent',
  unread: 'pages asked for from the beginning, as fast as it can be, and none read',
  pages: 'the same, and all are read',
  frames: 'pings, hellos, questions to the balancer and unknown frames',
  garbage: 'noise for the server, in frames as large as the port takes',
} as const;

export type FloodKind = keyof typeof FLOODS;
