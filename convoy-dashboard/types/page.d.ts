// What the modules of the page tell each other by events, and leave on elements for the tests.

interface WindowEventMap {
  /** A key was pressed that something else than the frame acts on: what it is to do. */
  'convoy-key': CustomEvent<string>;
  /** The colours have changed. */
  'convoy-theme': Event;
}

interface Element {
  /** The terminal in a box. */
  terminal?: unknown;
}
