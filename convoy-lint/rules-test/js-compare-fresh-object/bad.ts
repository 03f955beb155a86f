// bad
if (list === []) work();
// bad
if (options !== {}) work();
