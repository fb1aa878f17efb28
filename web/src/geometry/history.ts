// Undo and redo: a line of states and a place in it.
//
// SPDX-License-Identifier: GPL-3.0-or-later

export class History<T> {
  private states: T[];
  private at = 0;

  constructor(first: T, private readonly limit = 200) {
    this.states = [first];
  }

  get now(): T { return this.states[this.at]; }
  get canUndo(): boolean { return this.at > 0; }
  get canRedo(): boolean { return this.at + 1 < this.states.length; }
  /** Whether anything differs from the first state. */
  get changed(): boolean { return this.at > 0; }

  /** A new state; what was undone before it is gone. */
  push(state: T): void {
    this.states.length = this.at + 1;
    this.states.push(state);
    if (this.states.length > this.limit) this.states.shift();
    this.at = this.states.length - 1;
  }

  undo(): T {
    if (this.canUndo) this.at--;
    return this.now;
  }

  redo(): T {
    if (this.canRedo) this.at++;
    return this.now;
  }
}
