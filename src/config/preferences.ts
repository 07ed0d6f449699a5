/** What a person prefers, whatever the cluster: how the window looks, what it keeps, who is not heard. */

export type ThemeName = 'dark' | 'light' | '16' | 'none';

export interface Preferences {
  readonly theme: ThemeName;
  /** What stands before a line. */
  readonly timestamps: 'off' | 'time' | 'seconds' | 'position';
  /** What happens when one is named where one is not looking. */
  readonly notify: 'off' | 'bell' | 'desktop';
  /** The folder that all rooms are logged to, absolute or below `~/`; or `off`. */
  readonly logs: string;
  /** Nicks whose lines are not shown. */
  readonly ignored: readonly string[];
  /** Those of these that are not there are as the flags have it, or as they are without any. */
  readonly nick?: string;
  /** The room that is joined first. */
  readonly room?: string;
  /** Earlier lines that are shown on joining. */
  readonly history?: number;
}

export type PreferenceName = keyof Preferences;

/** In the order in which they are listed. */
export const PREFERENCE_NAMES: readonly PreferenceName[] = [
  ...(['theme', 'timestamps', 'notify', 'logs', 'ignored'] as const),
  ...(['nick', 'room', 'history'] as const),
];

/** Of those that are one of a few words, all of them. */
export const PREFERENCE_CHOICES = {
  theme: ['dark', 'light', '16', 'none'],
  timestamps: ['off', 'time', 'seconds', 'position'],
  notify: ['off', 'bell', 'desktop'],
} as const satisfies { readonly [Name in PreferenceName]?: readonly Preferences[Name][] };

export const DEFAULT_PREFERENCES: Preferences = {
  theme: 'dark',
  timestamps: 'time',
  notify: 'bell',
  logs: 'off',
  ignored: [],
};
