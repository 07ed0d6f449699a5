/** Objects of the state, which only ChatState gives out to be edited. Nobody else's type lets them be written to. */

/** As the state machine edits it: a view of it has no edition, and so cannot pass for one. */
export type Editable<View> = { -readonly [Field in keyof View]: View[Field] } & {
  /** Counts the state's batches: the last one that edited this object. */
  edition: number;
};
