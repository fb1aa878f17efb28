// A value that components watch, and settings that survive a reload.
//
// SPDX-License-Identifier: GPL-3.0-or-later
import { useEffect, useState } from 'preact/hooks';

type Listener = () => void;

export class Store<T extends object> {
  private readonly listeners = new Set<Listener>();

  constructor(private value: T) {}

  get now(): T { return this.value; }

  set(patch: Partial<T>): void {
    const next = { ...this.value, ...patch };
    if ((Object.keys(patch) as (keyof T)[]).every((k) => Object.is(next[k], this.value[k])))
      return;
    this.value = next;
    for (const listener of [...this.listeners]) listener();
  }

  watch(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => { this.listeners.delete(listener); };
  }
}

/** What `select` makes of the store; the component is drawn anew when that
 * differs. Give single values or objects that stay the same. */
export function useStore<T extends object, S>(store: Store<T>, select: (value: T) => S): S {
  const [, again] = useState(0);
  const selected = select(store.now);
  useEffect(() => {
    let before = selected;
    const check = (): void => {
      const after = select(store.now);
      if (Object.is(after, before)) return;
      before = after;
      again((n) => n + 1);
    };
    check();
    return store.watch(check);
  });
  return selected;
}

/** A store kept in localStorage under `key`; unknown or broken entries are left
 * out, so that an older page's settings never stop a newer one. */
export function keptStore<T extends object>(key: string, defaults: T): Store<T> {
  const start = { ...defaults };
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? '{}') as Record<string, unknown>;
    for (const name of Object.keys(defaults) as (keyof T & string)[])
      if (name in kept && typeof kept[name] === typeof defaults[name])
        start[name] = kept[name] as T[typeof name];
  } catch {
    // Not allowed or not JSON: the defaults serve.
  }
  const store = new Store<T>(start);
  store.watch(() => {
    try {
      localStorage.setItem(key, JSON.stringify(store.now));
    } catch {
      // Private windows have no room: then nothing is remembered.
    }
  });
  return store;
}
