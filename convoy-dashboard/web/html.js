// Elements are only ever built from these templates: text stays text.
import { h } from 'preact';
import htm from 'htm';

export const html = htm.bind(h);
