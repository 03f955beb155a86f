// bad
engine.escapeMarkup = false;
// bad
Mustache.escape = (text) => text;
