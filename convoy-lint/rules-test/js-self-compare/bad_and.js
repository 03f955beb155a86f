// bad
if (own.type && own.type) work();
