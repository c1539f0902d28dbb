/** What the algorithms of limits have in common: each counts requests by key, in the memory of one process. */

export interface Counter {
  /**
   * Takes one request from what the key has left.
   *
   * @param nowMs - A clock that never goes back.
   * @returns what is left, at least 0; or, refused, the milliseconds until one is there again, as a negative number.
   */
  take(key: string, nowMs: number): number;
  /** Undoes a `take` of this moment that was granted: another limit refused the request. */
  giveBack(key: string): void;
  /** Milliseconds until all is back when so much is left. */
  fullInMs(left: number): number;
  /** Keys remembered now. */
  readonly size: number;
}
