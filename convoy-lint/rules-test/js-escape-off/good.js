engine.escapeMarkup = true;
Mustache.escape = (text) => encode(text);
