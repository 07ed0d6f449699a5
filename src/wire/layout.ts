/** How one type of message travels: its fields in order, behind the head of the payload. */
export interface Layout<Message> {
  readonly fields: number;
  write(message: Message): readonly unknown[];
  /** Never called with another number of fields. @throws ShapeError */
  read(fields: readonly unknown[]): Message;
}
